//! Draws the map: numbers and marks above, names at the left, prep, iterations and cleanup, and below the cursor's cell.

use std::ops::Range;

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use strum::VariantArray;

use super::{
    cursor::{MapCursor, MapWindow, Side},
    layout::{MapLayout, name},
};
use crate::{
    checkpoint::Progress,
    model::{
        format::{count, duration},
        map_cell::MapCell,
        outcome::Outcome,
        sanitize::sanitize,
    },
    services::map::{
        CellDetail, MapPart,
        axis::{columns, numbers},
        types::{EdgeCell, RecordMap},
    },
    style::{Role, Theme, cell_role},
    tui::{
        screens::words::attempt_words,
        widgets::text::{Span, cut, put, put_spans, spans_width, width},
    },
};

/// The map as it is looked at.
pub(super) struct Drawing<'a> {
    pub cursor: MapCursor,
    pub window: MapWindow,
    /// The first row that is seen.
    pub top: usize,
    /// What stands behind the cursor's cell, where that is known.
    pub detail: Option<&'a CellDetail>,
    /// How far the reading of all has come.
    pub progress: Option<Progress>,
    pub map: &'a RecordMap,
    pub layout: MapLayout,
    pub theme: &'a Theme,
}

fn small(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

impl Drawing<'_> {
    /// ```text
    ///             1         11        21
    ///                   ▾
    ///    1 dose   ▪ ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪ ▪
    /// ▌  2 stir   ▪ ▪▪▪▪▪◆▪▪▪▪✖╌╌╌╌╌╌╌╌╌╌
    ///
    ///  iteration 7 · 2 stir · ◆ slow · 48 s, usually 12 s
    ///  temp = 61.5
    ///  ✖ failed  ▶ running  ↻ retried  ◆ slow  ▪ ok  ╌ not reached
    /// ```
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        let (layout, map, window) = (self.layout, self.map, self.window);
        let each = window.each(map.iterations.len());
        let shown = columns(window.first, each, map.iterations.len(), layout.columns);
        let cells = small(layout.cells);
        if layout.numbers {
            let numbers = numbers(&map.iterations, &shown);
            put(buf, area, cells, 0, &numbers, self.theme.style(Role::Dim));
        }
        if layout.marks {
            self.marks(&shown, cells, area, buf);
        }
        for n in 0..layout.rows {
            let (row, y) = (self.top + n, small(layout.first_row() + n));
            self.row((row, y), &shown, area, buf);
        }
        let y = small(layout.below());
        let wide = area.width;
        put_spans(buf, area, (0, y, wide), &place_words(self.cursor, self.detail, map), self.theme);
        if layout.value {
            put_spans(buf, area, (0, y.saturating_add(1), wide), &self.value(), self.theme);
        }
        if layout.legend {
            self.legend(&shown, y.saturating_add(2), area, buf);
        }
    }

    /// Above the columns: where the cursor is, and which iterations failed before any of their steps did.
    fn marks(&self, shown: &[Range<usize>], x: u16, area: Rect, buf: &mut Buffer) {
        let cursor = self.cursor;
        for (n, column) in shown.iter().enumerate() {
            let here = cursor.side == Side::Main && column.contains(&cursor.at);
            let (mark, role) = match (self.map.failed_alone(column), here) {
                (true, _) => (Outcome::Error.glyph(self.theme.ascii), Role::Failed),
                (false, true) => (self.theme.sorted(false), Role::Selected),
                (false, false) => continue,
            };
            let style = self.theme.style(role);
            let style =
                if here && role == Role::Failed { style.add_modifier(Modifier::REVERSED) } else { style };
            put(buf, area, x.saturating_add(small(n)), 1, mark, style);
        }
    }

    fn row(&self, (row, y): (usize, u16), shown: &[Range<usize>], area: Rect, buf: &mut Buffer) {
        let layout = self.layout;
        let cursor = self.cursor;
        let here = row == cursor.row;
        if here && cursor.side == Side::Main {
            put(buf, area, 0, y, self.theme.bar(), self.theme.style(Role::Selected));
        }
        if let Some(step) = self.map.rows.get(row) {
            let role = if here && cursor.side == Side::Main { Role::Heading } else { Role::Normal };
            let name = cut(&name(step), layout.name, self.theme.ellipsis());
            put(buf, area, 1, y, &name, self.theme.style(role));
        }
        let mut sign = |x: usize, cell: MapCell, here: bool| {
            let style = self.theme.style(cell_role(cell));
            let style = if here { style.add_modifier(Modifier::REVERSED) } else { style };
            put(buf, area, small(x), y, cell.glyph(self.theme.ascii), style);
        };
        let edge = |edges: &[EdgeCell]| edges.get(row).map(|edge| edge.cell);
        if let Some(cell) = edge(&self.map.prep) {
            sign(layout.prep, cell, here && cursor.side == Side::Prep);
        }
        for (n, column) in shown.iter().enumerate() {
            if let Some((cell, _)) = self.map.first_of(row, column) {
                let here = here && cursor.side == Side::Main && column.contains(&cursor.at);
                sign(layout.cells + n, cell, here);
            }
        }
        if let Some(cell) = edge(&self.map.cleanup) {
            sign(layout.cells + shown.len() + 1, cell, here && cursor.side == Side::Cleanup);
        }
    }

    /// What the cell's step added, or why it failed.
    fn value(&self) -> Vec<Span<'static>> {
        let mut spans = vec![Span::plain(" ")];
        let cell = self.cursor.cell(self.map);
        let Some(detail) = self.detail else {
            spans.push(Span::pending(self.theme));
            return spans;
        };
        if let Some(error) = &detail.error {
            let line = error.trim().lines().next().unwrap_or_default();
            spans.push(Span::new(sanitize(line).into_owned(), Role::Failed));
        } else if cell == MapCell::Unreached {
            spans.push(Span::dim("the iteration ended early, or is not so far"));
        } else if cell == MapCell::None {
            spans.push(Span::dim("the iteration ended well without this step"));
        } else {
            for (n, (name, value)) in detail.values.iter().enumerate() {
                let comma = if n == 0 { "" } else { ", " };
                spans.push(Span::plain(format!("{comma}{} = ", sanitize(name))));
                spans.push(Span::plain(sanitize(value).into_owned()));
            }
        }
        spans
    }

    /// The signs, and what is not known yet or shares a column.
    fn legend(&self, shown: &[Range<usize>], y: u16, area: Rect, buf: &mut Buffer) {
        let note = self.note(shown);
        let mut spans = Vec::new();
        for cell in MapCell::VARIANTS.iter().filter(|cell| **cell != MapCell::None) {
            let word = if *cell == MapCell::Unreached { "not reached" } else { cell.word() };
            spans.push(Span::new(format!(" {}", cell.glyph(self.theme.ascii)), cell_role(*cell)));
            spans.push(Span::dim(format!(" {word} ")));
        }
        let room = usize::from(area.width);
        let wide = width(&note);
        let at = room.saturating_sub(wide + 1);
        // The signs stand in the help too: what is not known goes first.
        while spans_width(&spans) + 2 > at && !spans.is_empty() && wide > 0 {
            spans.truncate(spans.len().saturating_sub(2));
        }
        put_spans(buf, area, (0, y, area.width), &spans, self.theme);
        let style = self.theme.style(Role::Dim);
        put(buf, area, small(at), y, &note, style);
    }

    fn note(&self, shown: &[Range<usize>]) -> String {
        let each = shown.first().map_or(1, Range::len);
        if self.map.every > 1 {
            let percent = self.progress.and_then(|at| Some(at.done * 100 / at.total?.max(1)));
            let so_far = percent.map(|percent| format!(", {percent} % read")).unwrap_or_default();
            return format!("1 of {} iterations so far{so_far}", count(self.map.every));
        }
        if each > 1 { format!("{} share a column, + zooms", count(each as u64)) } else { String::new() }
    }
}

/// `iteration 7 · 2 stir · ◆ slow · 48 s, usually 12 s`
pub(super) fn place_words(
    cursor: MapCursor,
    detail: Option<&CellDetail>,
    map: &RecordMap,
) -> Vec<Span<'static>> {
    let Some(place) = cursor.place(map) else { return Vec::new() };
    let cell = cursor.cell(map);
    let part = match place.part {
        MapPart::Prep => "prep".to_owned(),
        MapPart::Cleanup => "cleanup".to_owned(),
        MapPart::Iteration(n) => format!("iteration {n}"),
    };
    let index = place.step_index.map(|n| format!("{n} ")).unwrap_or_default();
    let mut spans = vec![
        Span::plain(format!(" {part}")),
        Span::dim("  "),
        Span::new(format!("{index}{}", sanitize(&place.method)), Role::Heading),
        Span::dim("  "),
        Span::new(if cell == MapCell::Unreached { "not reached" } else { cell.word() }, cell_role(cell)),
    ];
    let Some(detail) = detail else { return spans };
    let took = detail.took.map(duration).unwrap_or_default();
    let usual = detail.usual.map(|usual| format!(", usually {}", duration(usual))).unwrap_or_default();
    if !took.is_empty() {
        spans.push(Span::plain(format!("  {took}{usual}")));
    }
    spans.extend(attempt_words(detail.attempt).map(|words| Span::dim(format!("  {words}"))));
    spans
}
