//! Lines of text, wrapped or scrolled sideways, with the words that a search found.

use std::{borrow::Cow, ops::Range};

use ratatui::{buffer::Buffer, layout::Rect};

use super::text::{pieces, put};
use crate::style::{Role, Theme};

/// One line; its text is cleaned, tabs included (`model::sanitize::sanitize_lines`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaneLine<'a> {
    pub text: Cow<'a, str>,
    /// So many bytes at its beginning are a mark of ours.
    pub mark: usize,
    pub kind: Role,
    /// Bytes of the text that a search found.
    pub hits: Vec<Range<usize>>,
    /// Which of them the search stands at.
    pub current: Option<usize>,
}

/// The rows that a line takes in this many columns, as bytes of it: broken at spaces where that leaves the row at
/// least half full. An empty line takes one row. Each is found when it is asked for: the first rows of a line of
/// megabytes cost no more than those of a short one.
pub fn wrap_rows(text: &str, columns: usize) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = text.get(start..).unwrap_or_default();
        let end = plain_row_end(rest, columns).or_else(|| row_end(rest, columns)).map(|end| start + end);
        next = end;
        Some(start..end.unwrap_or(text.len()))
    })
}

/// All rows of [`wrap_rows`].
pub fn wrap(text: &str, columns: usize) -> Vec<Range<usize>> {
    wrap_rows(text, columns).collect()
}

/// Where the first row ends; `None` where the text ends with it.
fn row_end(text: &str, columns: usize) -> Option<usize> {
    let mut used = 0;
    // Behind the last space of this row: where, and how many columns up to there.
    let mut space = None;
    for piece in pieces(text) {
        if used + piece.width > columns && piece.at > 0 {
            let kept = space.filter(|(_, kept)| *kept * 2 >= columns);
            return Some(kept.map_or(piece.at, |(end, _)| end));
        }
        used += piece.width;
        if piece.shown == " " {
            space = Some((piece.at + 1, used));
        }
    }
    None
}

/// The same where each byte of the row, and the one behind it, stands in a column of its own: most rows, told at a
/// fraction of the cost.
fn plain_row_end(text: &str, columns: usize) -> Option<usize> {
    let row = text.as_bytes().get(..=columns).filter(|_| columns > 0)?;
    if !row.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return None;
    }
    let space = row.get(..columns)?.iter().rposition(|byte| *byte == b' ').map(|at| at + 1);
    Some(space.filter(|kept| kept * 2 >= columns).unwrap_or(columns))
}

/// The rows that a text of several lines takes in this many columns, as bytes of it, without the line breaks.
pub fn wrapped_rows(text: &str, columns: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        (at, line.strip_suffix('\r').unwrap_or(line))
    });
    lines.flat_map(move |(at, line)| wrap_rows(line, columns).map(move |row| at + row.start..at + row.end))
}

/// The rows that a text of several lines takes in this many columns.
pub fn wrapped(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    wrapped_rows(text, columns).filter_map(|row| text.get(row))
}

/// A pane, ready to be drawn. The bar has the first column, the text the others.
pub struct PaneView<'a, F> {
    /// The line with this number, `None` behind the last.
    pub line: F,
    /// The line at the top.
    pub first: usize,
    /// Rows of that line that are above the top, when wrapped.
    pub skip: usize,
    /// Columns that are left of the pane, when not wrapped.
    pub left: usize,
    pub wrap: bool,
    /// The line with the bar.
    pub selected: Option<usize>,
    pub theme: &'a Theme,
}

impl<F> PaneView<'_, F> {
    pub fn draw<'r>(&self, area: Rect, buf: &mut Buffer)
    where
        F: Fn(usize) -> Option<PaneLine<'r>>,
    {
        let columns = usize::from(area.width.saturating_sub(1));
        let (mut y, mut number) = (0, self.first);
        while y < area.height {
            let Some(line) = (self.line)(number) else { break };
            let rows: Vec<_> = if self.wrap {
                wrap(&line.text, columns)
            } else {
                std::iter::once(0..line.text.len()).collect()
            };
            let skip = if number == self.first && self.wrap { self.skip.min(rows.len() - 1) } else { 0 };
            for row in rows.into_iter().skip(skip).take(usize::from(area.height - y)) {
                if self.selected == Some(number) {
                    put(buf, area, 0, y, self.theme.bar(), self.theme.style(Role::Selected));
                }
                self.row(area, buf, y, &line, row);
                y += 1;
            }
            number += 1;
        }
    }

    fn row(&self, area: Rect, buf: &mut Buffer, y: u16, line: &PaneLine<'_>, row: Range<usize>) {
        let start = row.start;
        let (mut at, left) = (0, if self.wrap { 0 } else { self.left });
        let end = left + usize::from(area.width.saturating_sub(1));
        for piece in pieces(line.text.get(row).unwrap_or_default()) {
            let next = at + piece.width;
            if next > end {
                self.more(area, buf, y);
                break;
            }
            if at >= left {
                let x = u16::try_from(at - left + 1).unwrap_or(u16::MAX);
                put(buf, area, x, y, &piece.shown, self.theme.style(kind_at(line, start + piece.at)));
            }
            at = next;
        }
    }

    /// Says at the right edge that a line goes on.
    fn more(&self, area: Rect, buf: &mut Buffer, y: u16) {
        if !self.wrap && area.width > 1 {
            let sign = if self.theme.ascii { ">" } else { "…" };
            // A wide character whose second half stood here must go as a whole.
            if let Some(before) = area.width.checked_sub(2).filter(|x| *x > 0) {
                let cell = buf.cell((area.x.saturating_add(before), area.y.saturating_add(y)));
                if cell.is_some_and(|c| unicode_width::UnicodeWidthStr::width(c.symbol()) > 1) {
                    put(buf, area, before, y, " ", self.theme.style(Role::Normal));
                }
            }
            put(buf, area, area.width - 1, y, sign, self.theme.style(Role::Dim));
        }
    }
}

fn kind_at(line: &PaneLine<'_>, byte: usize) -> Role {
    match line.hits.iter().position(|hit| hit.contains(&byte)) {
        Some(hit) if line.current == Some(hit) => Role::CurrentHit,
        Some(_) => Role::Hit,
        None if byte < line.mark => Role::Dim,
        None => line.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::testing::{lines, stays_inside};
    use proptest::prelude::*;

    const TEXT: [&str; 4] = ["Executing 'reactor.flaky'", "", "温度計 sensor timed out", "Pause script"];

    fn draw(left: usize, wrap: bool, skip: usize, width: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 5));
        let line = |i: usize| {
            let text = *TEXT.get(i)?;
            let hits: Vec<_> = text.find("timed").map(|at| at..at + 5).into_iter().collect();
            (i < TEXT.len()).then(|| PaneLine {
                text: text.into(),
                hits,
                current: Some(0),
                ..PaneLine::default()
            })
        };
        let theme = Theme::default();
        PaneView { line, first: 0, skip, left, wrap, selected: Some(2), theme: &theme }
            .draw(buf.area, &mut buf);
        buf
    }

    #[test]
    fn sideways() {
        assert_eq!(
            lines(&draw(0, false, 0, 15)),
            [" Executing 're…", "               ", "▌温度計 sensor…", " Pause script  ", "               "]
        );
        assert_eq!(
            lines(&draw(3, false, 0, 15)),
            [" cuting 'react…", "               ", "▌ 計 sensor ti…", " se script     ", "               "]
        );
    }

    #[test]
    fn wrapped() {
        assert_eq!(
            lines(&draw(0, true, 0, 15)),
            [" Executing     ", " 'reactor.flaky", " '             ", "               ", "▌温度計 sensor "]
        );
        assert_eq!(
            lines(&draw(0, true, 1, 15)),
            [" 'reactor.flaky", " '             ", "               ", "▌温度計 sensor ", "▌timed out     "]
        );
    }

    #[test]
    fn a_hit_is_marked_cell_by_cell() {
        let buf = draw(0, false, 0, 40);
        let reversed = Theme::default().style(Role::CurrentHit);
        let marked: Vec<u16> = (0..40).filter(|x| buf[(*x, 2)].modifier == reversed.add_modifier).collect();
        assert_eq!(marked, [15, 16, 17, 18, 19]);
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_byte_and_the_width(text in "[a-c 温e\u{301}]{0,60}|.{0,40}", columns in 2usize..20) {
            let rows = wrap(&text, columns);
            prop_assert_eq!(rows.iter().map(|r| &text[r.clone()]).collect::<String>(), text.clone());
            for row in rows {
                let row = &text[row];
                prop_assert!(super::super::text::width(row) <= columns.max(4), "{row:?}");
            }
        }

        /// A sign of two bytes in one column leads the long way.
        #[test]
        fn plain_text_is_wrapped_as_any_other(text in "[a-c ]{0,60}", columns in 1usize..20) {
            let other = wrap(&text.replace('c', "é"), columns).len();
            prop_assert_eq!(wrap(&text, columns).len(), other);
        }

        #[test]
        fn any_size_and_text(
            w in 0u16..=60, h in 0u16..=20, text in ".{0,80}", left in 0usize..30, skip in 0usize..9, wrap: bool,
        ) {
            let theme = Theme::default();
            let line = |i| (i < 30).then(|| PaneLine {
                text: text.as_str().into(), mark: 2, kind: Role::Dim, hits: std::iter::once(1..3).collect(), current: None,
            });
            let view = PaneView { line, first: 2, skip, left, wrap, selected: Some(3), theme: &theme };
            stays_inside(w, h, |area, buf| view.draw(area, buf));
        }
    }
}
