//! The orders of a list: by columns of the file as the database sorts them, by numbers that are made of a record.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::{
    columns::{Columns, KnownTally, NO_TIME},
    texts::NULL,
};
use crate::{
    model::{run_facts::StoredTime, time_key::TimeKey, timestamp::Timestamp},
    store::TextColumn,
};

/// What a list is sorted by, before the id.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Id,
    /// A column, and the rank of each text in it, by its number.
    Text(TextColumn, Arc<Vec<u32>>),
    Time(TimeOrder),
    Number(NumberOrder),
}

/// By a number that is made of a record. Without a value it comes last in both directions; of equal ones the newest
/// comes first.
#[derive(Debug, PartialEq, Eq)]
pub struct NumberOrder {
    pub of: Measure,
    pub descending: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Measure {
    /// How it ended, as a number.
    Outcome,
    Took,
    Iterations,
    Failures,
    Steps,
    FailedSteps,
}

#[derive(Debug, PartialEq, Eq)]
pub struct TimeOrder {
    pub of_end: bool,
    pub descending: bool,
    pub null_is_lowest: bool,
    /// Of each time that is none its place among the keys, and its rank among others in that place.
    pub odd: Vec<(i64, u32)>,
}

impl By {
    /// What a record is sorted by; records with equal keys come by id.
    pub fn key(&self, columns: &Columns, row: u32) -> (i64, u32) {
        let row = row as usize;
        match self {
            By::Id => (0, 0),
            By::Text(column, ranks) => {
                (0, ranks.get(columns.text(*column, row) as usize).copied().unwrap_or_default())
            }
            By::Time(order) => order.key(columns, row),
            By::Number(order) => order.key(columns, row),
        }
    }
}

impl NumberOrder {
    fn key(&self, columns: &Columns, row: usize) -> (i64, u32) {
        let newest_first = u32::MAX - u32::try_from(row).unwrap_or(u32::MAX);
        let counted = |of: fn(KnownTally) -> u32| columns.counted(row).map(|tally| i64::from(of(tally)));
        let value = match self.of {
            Measure::Outcome => Some(columns.outcome(row)),
            Measure::Took => columns.took(row),
            Measure::Iterations => counted(|tally| tally.iterations),
            Measure::Failures => counted(|tally| tally.failures),
            Measure::Steps => counted(|tally| tally.steps),
            Measure::FailedSteps => counted(|tally| tally.failed_steps),
        };
        (value.map_or(i64::MAX, |value| if self.descending { -value } else { value }), newest_first)
    }
}

impl TimeOrder {
    fn key(&self, columns: &Columns, row: usize) -> (i64, u32) {
        let column = if self.of_end { &columns.rows.ends } else { &columns.rows.starts };
        let key = match column.get(row).copied().unwrap_or(NO_TIME) {
            NO_TIME if self.null_is_lowest => (i64::MIN, 0),
            NO_TIME => (i64::MAX, u32::MAX),
            at if at >= 0 => (at, u32::MAX),
            odd => self.odd.get((-1 - odd) as usize).copied().unwrap_or_default(),
        };
        if self.descending { (!key.0, !key.1) } else { key }
    }
}

impl Columns {
    /// Places in another order; those with equal keys stay as they are, which is by id.
    pub fn sorted(&self, mut rows: Vec<u32>, by: &By) -> Vec<u32> {
        match by {
            By::Id => rows,
            By::Text(_, ranks) => {
                sorted_by_rank(&rows, ranks.iter().max().copied().unwrap_or_default(), |row| {
                    by.key(self, row).1
                })
            }
            By::Time(_) => {
                rows.sort_by_key(|row| by.key(self, *row));
                rows
            }
            By::Number(order) => {
                let mut keyed: Vec<_> =
                    rows.iter().map(|row| (order.key(self, *row as usize), *row)).collect();
                keyed.sort_unstable();
                keyed.into_iter().map(|(_, row)| row).collect()
            }
        }
    }

    fn counted(&self, row: usize) -> Option<KnownTally> {
        Some(self.tally(row)).filter(|tally| *tally != KnownTally::UNKNOWN)
    }

    /// Microseconds from start to end; `None` without both.
    pub fn took(&self, row: usize) -> Option<i64> {
        let (start, end) = (*self.rows.starts.get(row)?, *self.rows.ends.get(row)?);
        if let (Some(start), Some(end)) = (TimeKey::of_number(start), TimeKey::of_number(end))
            && let Some(micros) = start.micros_within_day(end)
        {
            return Some(micros);
        }
        let took = self.moment(end)?.duration_since(self.moment(start)?);
        i64::try_from(took.as_micros()).ok()
    }

    fn moment(&self, number: i64) -> Option<DateTime> {
        match self.stored_time(number)? {
            StoredTime::Null => None,
            StoredTime::At(key) => key.at(),
            // Times that are not written as IvoryOS does sort as texts, and are times all the same.
            StoredTime::Odd { cell, .. } => Timestamp::read(std::str::from_utf8(cell).ok()).at(),
        }
    }

    /// The number of a record's text in a column.
    fn text(&self, column: TextColumn, row: usize) -> u32 {
        if column == TextColumn::Name {
            return self.rows.names.get(row).copied().unwrap_or(NULL);
        }
        let kind = self.rows.kinds.get(row).and_then(|kind| self.kinds.get(*kind as usize));
        kind.map_or(NULL, |kind| kind.text(column))
    }

    /// How a record ended, in the order of a list: what runs and what died are told apart by its rows alone.
    fn outcome(&self, row: usize) -> i64 {
        match self.texts.get(self.text(TextColumn::Status, row)) {
            Some(b"completed") => 0,
            Some(b"stopped") => 1,
            Some(b"error") => 2,
            _ if self.rows.ends.get(row) == Some(&NO_TIME) => 3,
            _ => 4,
        }
    }
}

/// Sorted by counting how many there are of each rank; what is equal keeps its order.
fn sorted_by_rank(rows: &[u32], highest: u32, rank: impl Fn(u32) -> u32) -> Vec<u32> {
    // Where the next record of each rank goes: behind all records of lower ranks.
    let mut next = vec![0_u32; highest as usize + 2];
    for row in rows {
        if let Some(count) = next.get_mut(rank(*row) as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut next {
        sum += *count;
        *count = sum;
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let Some(at) = next.get_mut(rank(*row) as usize) else { continue };
        if let Some(place) = sorted.get_mut(*at as usize) {
            *place = *row;
        }
        *at += 1;
    }
    sorted
}
