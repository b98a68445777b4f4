//! The rows that the table holds: those around the ones on screen.

use std::ops::Range;

use crate::services::table::types::TableRow;

#[derive(Debug, Default)]
pub(super) struct RowWindow {
    from: usize,
    rows: Vec<TableRow>,
    /// On their way.
    asked: Option<Range<usize>>,
}

impl RowWindow {
    pub fn new(from: u64, rows: Vec<TableRow>) -> RowWindow {
        RowWindow { from: usize::try_from(from).unwrap_or(usize::MAX), rows, asked: None }
    }

    pub fn get(&self, place: usize) -> Option<&TableRow> {
        self.rows.get(place.checked_sub(self.from)?)
    }

    pub fn rows(&mut self) -> &mut [TableRow] {
        &mut self.rows
    }

    pub fn is_coming(&self) -> bool {
        self.asked.is_some()
    }

    /// What was asked for does not come.
    pub fn give_up(&mut self) -> bool {
        self.asked.take().is_some()
    }

    /// Rows to ask for, now, so that a screen above and below the visible ones is there.
    pub fn wants(&mut self, visible: Range<usize>, len: usize) -> Option<Range<usize>> {
        let around = |screens: usize| {
            let more = visible.len().saturating_mul(screens);
            visible.start.saturating_sub(more)..visible.end.saturating_add(more).min(len)
        };
        let needed = around(1);
        let covers = |range: &Range<usize>| range.start <= needed.start && needed.end <= range.end;
        let held = self.from..self.from.saturating_add(self.rows.len());
        if visible.is_empty() || covers(&held) || self.asked.as_ref().is_some_and(covers) {
            return None;
        }
        self.asked = Some(around(2));
        self.asked.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_once_for_what_will_be_needed() {
        let mut held = RowWindow::default();
        assert_eq!(held.wants(0..0, 0), None);
        assert_eq!(held.wants(100..110, 1_000), Some(80..130));
        assert_eq!(held.wants(105..115, 1_000), None, "it is on its way");
        assert_eq!(held.wants(115..125, 1_000), Some(95..145));
        assert!(held.give_up() && !held.is_coming());
        assert_eq!(held.wants(995..1_000, 1_000), Some(985..1_000));
    }
}
