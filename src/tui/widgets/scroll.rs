//! The scroll position of a list: the first row on screen and the selected one, kept valid however the list changes.

use std::ops::Range;

/// A selection in `len` rows of which `height` are on screen. The selected row is always on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    offset: usize,
    selected: usize,
    len: usize,
    height: usize,
}

impl Scroll {
    pub fn new(len: usize, height: usize) -> Self {
        Self { offset: 0, selected: 0, len, height }
    }

    /// The first row on screen.
    pub fn offset(&self) -> usize {
        self.offset
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn height(&self) -> usize {
        self.height
    }

    /// None in an empty list.
    pub fn selected(&self) -> Option<usize> {
        (self.len > 0).then_some(self.selected)
    }

    /// Is the last row selected?
    pub fn is_at_end(&self) -> bool {
        self.selected().is_some_and(|at| at + 1 == self.len)
    }

    /// The rows on screen.
    pub fn visible(&self) -> Range<usize> {
        self.offset..self.offset.saturating_add(self.height).min(self.len)
    }

    pub fn set_len(&mut self, len: usize) {
        self.len = len;
        self.settle();
    }

    pub fn set_height(&mut self, height: usize) {
        self.height = height;
        self.settle();
    }

    /// Selects a row; past the end is the last.
    pub fn to(&mut self, row: usize) {
        self.selected = row;
        self.settle();
    }

    /// Selects a row and keeps it at the same height on screen: for a list that changed above the selection.
    pub fn follow(&mut self, row: usize) {
        let above = self.selected.saturating_sub(self.offset);
        self.selected = row;
        self.offset = row.saturating_sub(above);
        self.settle();
    }

    /// Selects a row and puts it in the middle of the screen where it was not on screen: for jumps.
    pub fn jump(&mut self, row: usize) {
        if !self.visible().contains(&row) {
            self.offset = row.saturating_sub(self.height / 2);
        }
        self.to(row);
    }

    pub fn move_by(&mut self, rows: isize) {
        self.to(self.selected.saturating_add_signed(rows));
    }

    /// Screens down, or up where negative: the selection and the rows move together.
    pub fn page(&mut self, pages: isize) {
        self.turn(pages.saturating_mul(isize::try_from(self.height.max(1)).unwrap_or(isize::MAX)));
    }

    pub fn half_page(&mut self, halves: isize) {
        self.turn(halves.saturating_mul(isize::try_from((self.height / 2).max(1)).unwrap_or(isize::MAX)));
    }

    pub fn top(&mut self) {
        self.to(0);
    }

    pub fn bottom(&mut self) {
        self.to(usize::MAX);
    }

    fn turn(&mut self, rows: isize) {
        self.offset = self.offset.saturating_add_signed(rows);
        self.move_by(rows);
    }

    fn settle(&mut self) {
        self.selected = self.selected.min(self.len.saturating_sub(1));
        let shown = self.height.max(1);
        self.offset = self.offset.min(self.len.saturating_sub(shown)).min(self.selected);
        if self.selected - self.offset >= shown {
            self.offset = self.selected + 1 - shown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moves_like_a_pager() {
        let mut s = Scroll::new(100, 10);
        s.move_by(3);
        s.page(1);
        assert_eq!((s.offset(), s.selected()), (10, Some(13)));
        s.half_page(-1);
        assert_eq!((s.offset(), s.selected()), (5, Some(8)));
        s.bottom();
        assert_eq!((s.visible(), s.selected()), (90..100, Some(99)));
        s.page(1);
        assert_eq!((s.visible(), s.selected()), (90..100, Some(99)));
        s.page(-20);
        assert_eq!((s.offset(), s.selected()), (0, Some(0)));
    }

    #[test]
    fn survives_shrinking_and_emptiness() {
        let mut s = Scroll::new(100, 10);
        s.bottom();
        s.set_len(3);
        assert_eq!((s.visible(), s.selected()), (0..3, Some(2)));
        s.set_len(0);
        assert_eq!((s.visible(), s.selected()), (0..0, None));
        s.move_by(5);
        s.set_len(2);
        assert_eq!(s.selected(), Some(0));
    }

    #[test]
    fn follows_its_row_when_rows_come_in_above() {
        let mut s = Scroll::new(50, 10);
        s.to(20);
        s.set_len(53);
        s.follow(23);
        assert_eq!((s.offset(), s.selected()), (14, Some(23)));
        s.jump(45);
        assert_eq!((s.offset(), s.selected()), (40, Some(45)));
    }

    proptest! {
        #[test]
        fn the_selection_is_always_on_screen(ops in prop::collection::vec((0u8..8, -30isize..30), 0..40)) {
            let mut s = Scroll::default();
            for (op, n) in ops {
                let size = n.unsigned_abs();
                match op {
                    0 => s.set_len(size),
                    1 => s.set_height(size),
                    2 => s.move_by(n),
                    3 => s.page(n),
                    4 => s.half_page(n),
                    5 => s.follow(size),
                    6 => s.jump(size),
                    _ => s.bottom(),
                }
                if let Some(row) = s.selected() {
                    prop_assert!(row < s.len());
                    prop_assert!(s.height() == 0 || s.visible().contains(&row));
                }
                prop_assert!(s.visible().end <= s.len());
            }
        }
    }
}
