//! What the rows show of phases and steps: kept for each record, asked for only while its row is on screen.

use std::collections::HashMap;

use crate::{
    model::{outcome::Outcome, timestamp::Timestamp},
    services::{records::RowDetail, run_row::RunRow},
};

#[derive(Debug)]
struct Known {
    /// Of the record that this was read for: a deleted record's id is used again.
    start: Timestamp,
    end: Timestamp,
    detail: RowDetail,
    /// Still shown, but to be read again.
    old: bool,
}

/// The details that are known.
#[derive(Debug, Default)]
pub struct RowDetails {
    known: HashMap<i64, Known>,
}

impl RowDetails {
    pub fn of(&self, row: &RunRow) -> Option<&RowDetail> {
        self.known(row).map(|known| &known.detail)
    }

    fn known(&self, row: &RunRow) -> Option<&Known> {
        let same = |known: &&Known| known.start == row.run.start && known.end == row.run.end;
        self.known.get(&row.run.id).filter(same)
    }

    /// The file has changed, or the user wants all of it read again.
    pub fn grow_old(&mut self) {
        for known in self.known.values_mut() {
            known.old = true;
        }
    }

    /// What has not ended may have gone on.
    pub fn open_grow_old<'a>(&mut self, rows: impl Iterator<Item = &'a RunRow>) {
        for row in rows.filter(|row| is_open(row)) {
            if let Some(known) = self.known.get_mut(&row.run.id) {
                known.old = true;
            }
        }
    }

    /// The records whose details are not known, or grew old.
    pub fn missing<'a>(&self, rows: impl Iterator<Item = &'a RunRow>) -> Vec<i64> {
        rows.filter(|row| self.known(row).is_none_or(|f| f.old)).map(|row| row.run.id).collect()
    }

    pub fn take<'a>(&mut self, details: Vec<RowDetail>, row: impl Fn(i64) -> Option<&'a RunRow>) {
        for detail in details {
            if let Some(row) = row(detail.run) {
                let (start, end) = (row.run.start.clone(), row.run.end.clone());
                self.known.insert(detail.run, Known { start, end, detail, old: false });
            }
        }
    }
}

/// The lab may still be at work on it.
pub fn is_open(row: &RunRow) -> bool {
    matches!(row.outcome, Outcome::Running | Outcome::Unfinished)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Run;

    fn row(id: i64, start: &str, outcome: Outcome) -> RunRow {
        let run = Run { id, start: Timestamp::read(Some(start)), ..Run::default() };
        RunRow {
            run,
            outcome,
            took: None,
            stopped_in_error: false,
            standing: None,
            mark: None,
            unread: false,
        }
    }

    fn detail(run: i64) -> RowDetail {
        RowDetail { run, iterations: 1, failures: 0, steps: 1, failed_steps: 0, first_output: None }
    }

    #[test]
    fn a_record_is_asked_for_once_until_it_grows_old() {
        let rows = [row(1, "2026-01-01", Outcome::Completed), row(2, "2026-01-02", Outcome::Running)];
        let mut details = RowDetails::default();
        assert_eq!(details.missing(rows.iter()), [1, 2]);
        let of = |id: i64| rows.iter().find(|row| row.run.id == id);
        details.take(vec![detail(1), detail(2)], of);
        assert!(details.missing(rows.iter()).is_empty(), "known");
        details.open_grow_old(rows.iter());
        assert_eq!(details.missing(rows.iter()), [2]);
        details.grow_old();
        assert_eq!(details.missing(rows.iter()), [1, 2]);
        assert!(details.of(&rows[0]).is_some(), "shown until the new one comes");
        assert!(
            details.of(&row(1, "2026-02-02", Outcome::Completed)).is_none(),
            "another record with the id"
        );
    }
}
