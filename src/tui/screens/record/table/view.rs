//! Draws the table: titles, rows, and at the bottom the cell under the cursor in full.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{NARROW, TableTab, cells, columns::TableColumn};
use crate::{
    style::{Role, Theme},
    tui::{
        screens::loadable::paragraph,
        widgets::{
            table::{Hidden, TableView},
            text::{Span, put, put_spans, width},
        },
    },
};

impl TableTab {
    pub(super) fn frozen(&self) -> usize {
        if self.size.width < NARROW { self.first_ones.min(1) } else { self.first_ones }
    }

    /// Lines at the bottom: why the row failed, and the cell under the cursor in full.
    fn foot(&self) -> u16 {
        match self.size.height {
            0..=4 => 0,
            5..=8 => 1,
            _ => 2,
        }
    }

    pub(super) fn lay_out(&mut self) {
        let rows = self.size.height.saturating_sub(1 + self.foot());
        self.scroll.set_height(usize::from(rows));
        self.bring_active_in();
    }

    fn foot_lines(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let Some(row) = self.selected_row() else { return };
        let line = |up: u16, spans: &[Span<'_>], buf: &mut Buffer| {
            let y = area.height.saturating_sub(up);
            put_spans(buf, area, (0, y, area.width), spans, theme);
        };
        if self.foot() > 0
            && let Some(col) = self.cols.get(self.active)
        {
            line(1, &cells::told(row, col), buf);
        }
        if self.foot() > 1
            && let Some(reason) = &row.reason
        {
            // In one line, so that one sees where there is more than has room.
            let reason: Vec<&str> = reason.lines().map(str::trim).collect();
            line(2, &[Span::plain(" "), Span::new(reason.join(" "), Role::Failed)], buf);
        }
    }

    pub(super) fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.shape.placeholder(theme, area, buf) {
            return;
        }
        if self.scroll.is_empty() {
            paragraph("No iterations: nothing to put into a table.", Role::Dim, theme, area, buf);
            return;
        }
        let mut columns: Vec<_> = self.cols.iter().map(TableColumn::column).collect();
        let placed = self.placed();
        // The mark of a title that fills its column stands in the gap before it.
        let mut before = None;
        if let Some((what, rising)) = &self.shown
            && let Some(n) = self.cols.iter().position(|col| col.what == *what)
            && let Some(column) = columns.get_mut(n)
            && let Some(place) = placed.iter().find(|place| place.column == n)
        {
            if width(&column.title) < usize::from(place.width) {
                column.title = format!("{}{}", theme.sorted(*rising), column.title).into();
            } else {
                before = place.x.checked_sub(1).map(|x| (x, theme.sorted(*rising)));
            }
        }
        let body = Rect { height: area.height.saturating_sub(self.foot()), ..area };
        let row = |n: usize| {
            let active = (self.scroll.selected() == Some(n)).then_some(self.active);
            Some(cells::row(self.row(n)?, &self.cols, &placed, active, theme))
        };
        let (scroll, active) = (&self.scroll, Some(self.active));
        let counts = |n: usize| self.cols.get(n).is_some_and(TableColumn::can_be_active);
        let hidden = Hidden::of(columns.len(), &placed, self.frozen(), counts);
        TableView { columns: &columns, placed: &placed, scroll, row, active, hidden, theme }.draw(body, buf);
        if let Some((x, mark)) = before {
            put(buf, body, x, 0, mark, theme.style(Role::Dim));
        }
        self.foot_lines(theme, area, buf);
    }
}
