//! A tree as the lines of it that are open: indent, fold mark, label, a time at the right of it, a note.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    scroll::Scroll,
    text::{Align, Span, fit, put, put_spans},
};
use crate::style::{Role, Theme};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreeLine<'a> {
    pub depth: usize,
    /// `None` where there is nothing below.
    pub open: Option<bool>,
    /// One column at the left, before the tree: what happened here.
    pub mark: Option<Span<'a>>,
    pub label: Vec<Span<'a>>,
    /// Right-aligned, for example a duration.
    pub right: Cow<'a, str>,
    pub note: Vec<Span<'a>>,
}

/// Columns of a tree: label from `label.0` on, `label.1` wide; likewise the right-aligned text and the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeLayout {
    pub label: (u16, u16),
    pub right: (u16, u16),
    pub note: (u16, u16),
}

/// Where labels begin: behind the bar, the mark and a space.
const LEFT: u16 = 3;
/// The fold mark and a space.
const FOLD: u16 = 2;
/// `59 min 59 s`.
const RIGHT: u16 = 11;
const NOTE: u16 = 16;

/// The same for every line of a tree, so that times and notes stand in columns. Narrow trees have no notes,
/// very narrow ones no times.
pub fn layout(width: u16) -> TreeLayout {
    let room = width.saturating_sub(LEFT);
    let none = (width, 0);
    if room < 12 + 2 + RIGHT {
        return TreeLayout { label: (LEFT, room), right: none, note: none };
    }
    if room < 24 + 2 + RIGHT + 3 + NOTE {
        let label = room - 2 - RIGHT;
        return TreeLayout { label: (LEFT, label), right: (LEFT + label + 2, RIGHT), note: none };
    }
    let label = (room * 2 / 5).clamp(24, 48);
    let right = LEFT + label + 2;
    let note = right + RIGHT + 3;
    TreeLayout { label: (LEFT, label), right: (right, RIGHT), note: (note, width - note) }
}

/// Columns in front of a line so deep: deep trees keep a third of the room for their text.
fn indent(columns: TreeLayout, depth: usize) -> u16 {
    let width = columns.label.1;
    let deepest = usize::from(width) * 2 / 3;
    u16::try_from(depth.saturating_mul(2).min(deepest)).unwrap_or(width)
}

/// Columns for the label of a line so deep, beside its time and its note.
pub fn label_columns_beside(columns: TreeLayout, depth: usize) -> usize {
    usize::from(columns.label.1.saturating_sub(indent(columns, depth)).saturating_sub(FOLD))
}

/// Columns for the label of a line so deep that has neither a time nor a note; never 0.
pub fn label_columns(width: u16, depth: usize) -> usize {
    let columns = layout(width);
    let before = columns.label.0.saturating_add(indent(columns, depth)).saturating_add(FOLD);
    usize::from(width.saturating_sub(before)).max(1)
}

/// A tree, ready to be drawn.
pub struct TreeView<'a, F> {
    pub scroll: &'a Scroll,
    /// The line at this place among the visible ones; `None` for what is not there yet.
    pub line: F,
    pub theme: &'a Theme,
}

impl<F> TreeView<'_, F> {
    pub fn draw<'r>(&self, area: Rect, buf: &mut Buffer)
    where
        F: Fn(usize) -> Option<TreeLine<'r>>,
    {
        let columns = layout(area.width);
        for (y, row) in (0..area.height).zip(self.scroll.visible()) {
            if self.scroll.selected() == Some(row) {
                put(buf, area, 0, y, self.theme.bar(), self.theme.style(Role::Selected));
            }
            let pending = || TreeLine { label: vec![Span::pending(self.theme)], ..TreeLine::default() };
            self.line(area, buf, y, &(self.line)(row).unwrap_or_else(pending), columns);
        }
    }

    fn line(&self, area: Rect, buf: &mut Buffer, y: u16, line: &TreeLine<'_>, columns: TreeLayout) {
        let theme = self.theme;
        if let Some(mark) = &line.mark {
            put_spans(buf, area, (1, y, 1), std::slice::from_ref(mark), theme);
        }
        let (x, width) = columns.label;
        let indent = indent(columns, line.depth);
        let (x, mut width) = (x.saturating_add(indent), width.saturating_sub(indent));
        if line.right.is_empty() && line.note.is_empty() {
            width = area.width.saturating_sub(x);
        }
        if let Some(open) = line.open.filter(|_| width > 0) {
            put(buf, area, x, y, theme.fold(open), theme.style(Role::Dim));
        }
        let label = (x.saturating_add(FOLD), y, width.saturating_sub(FOLD));
        put_spans(buf, area, label, &line.label, theme);
        if columns.right.1 > 0 {
            let text = fit(&line.right, usize::from(columns.right.1), Align::Right, theme.ellipsis());
            if !line.right.is_empty() {
                put(buf, area, columns.right.0, y, &text, theme.style(Role::Dim));
            }
        }
        put_spans(buf, area, (columns.note.0, y, columns.note.1), &line.note, theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::testing::{lines, stays_inside};
    use proptest::prelude::*;

    fn step(i: usize) -> Option<TreeLine<'static>> {
        let line = |depth, open, label: &'static str, right, note: &'static str| TreeLine {
            depth,
            open,
            mark: note.contains("timed").then(|| Span::new("✖", Role::Failed)),
            label: vec![Span::plain(label)],
            right: Cow::Borrowed(right),
            note: if note.is_empty() { Vec::new() } else { vec![Span::plain(note)] },
        };
        Some(match i {
            0 => line(0, Some(true), "main 1", "0.8 s", ""),
            1 => line(1, Some(false), "1 reactor.slow", "0.6 s", "slept = 0.6"),
            2 => line(1, None, "2 reactor.flaky  try 1 of 3", "0.0 s", "sensor 'probe' timed out (try 1)"),
            _ => return None,
        })
    }

    fn draw(width: u16, height: u16, theme: &Theme) -> Vec<String> {
        let mut scroll = Scroll::new(4, usize::from(height));
        scroll.to(2);
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        TreeView { scroll: &scroll, line: step, theme }.draw(buf.area, &mut buf);
        lines(&buf)
    }

    #[test]
    fn times_and_notes_stand_in_columns() {
        assert_eq!(
            draw(80, 4, &Theme::default()),
            [
                "   ▾ main 1                              0.8 s                                  ",
                "     ▸ 1 reactor.slow                    0.6 s   slept = 0.6                    ",
                "▌✖     2 reactor.flaky  try 1 of…        0.0 s   sensor 'probe' timed out (try …",
                "     …                                                                          ",
            ]
        );
    }

    #[test]
    fn narrow_trees_leave_out_notes_then_times() {
        let ascii = Theme { ascii: true, color: false };
        assert_eq!(
            draw(30, 3, &ascii),
            [
                "   - main 1              0.8 s",
                "     + 1 reacto..        0.6 s",
                ">✖     2 reacto..        0.0 s",
            ]
        );
        assert_eq!(draw(16, 3, &ascii), ["   - main 1     ", "     + 1 react..", ">✖     2 react.."]);
    }

    proptest! {
        #[test]
        fn any_size_and_text(w in 0u16..=60, h in 0u16..=20, depth in 0usize..2000, text in ".{0,20}") {
            let theme = Theme::default();
            let scroll = Scroll::new(30, usize::from(h));
            let line = |i| (i % 4 > 0).then(|| TreeLine {
                depth: depth % (i + 1),
                open: Some(i % 2 > 0),
                mark: Some(Span::plain(text.clone())),
                label: vec![Span::plain(text.clone()), Span::dim(text.clone())],
                right: text.clone().into(),
                note: vec![Span::plain(text.clone())],
            });
            stays_inside(w, h, |area, buf| TreeView { scroll: &scroll, line, theme: &theme }.draw(area, buf));
        }
    }
}
