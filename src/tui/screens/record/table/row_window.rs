//! The rows of the table that are in memory: those around the ones on screen.

use std::ops::Range;

use crate::services::table::types::TableRow;

#[derive(Debug, Default)]
pub(super) struct RowWindow {
    from: usize,
    rows: Vec<TableRow>,
}

impl RowWindow {
    pub fn new(from: u64, rows: Vec<TableRow>) -> RowWindow {
        RowWindow { from: usize::try_from(from).unwrap_or(usize::MAX), rows }
    }

    pub fn get(&self, place: usize) -> Option<&TableRow> {
        self.rows.get(place.checked_sub(self.from)?)
    }

    pub fn rows(&mut self) -> &mut [TableRow] {
        &mut self.rows
    }

    /// Rows to ask for, now, so that a screen above and below the visible ones is there; `coming` are on their way.
    pub fn wants(
        &self,
        visible: Range<usize>,
        len: usize,
        coming: Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        let around = |screens: usize| {
            let more = visible.len().saturating_mul(screens);
            visible.start.saturating_sub(more)..visible.end.saturating_add(more).min(len)
        };
        let needed = around(1);
        let covers = |range: &Range<usize>| range.start <= needed.start && needed.end <= range.end;
        let known = self.from..self.from.saturating_add(self.rows.len());
        let there = visible.is_empty() || covers(&known) || coming.as_ref().is_some_and(covers);
        (!there).then(|| around(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_once_for_what_will_be_needed() {
        let known = RowWindow::default();
        assert_eq!(known.wants(0..0, 0, None), None);
        assert_eq!(known.wants(100..110, 1_000, None), Some(80..130));
        assert_eq!(known.wants(105..115, 1_000, Some(80..130)), None, "it is on its way");
        assert_eq!(known.wants(115..125, 1_000, Some(80..130)), Some(95..145));
        assert_eq!(known.wants(995..1_000, 1_000, None), Some(985..1_000));
    }
}
