//! Names, users and outcomes of all records in memory, for the screens: searched, sorted and counted without a read.
//!
//! A record takes twelve bytes, its id and the number of its kind; each kind is kept once. How it is kept right:
//!
//! * The first walk reads all records in pieces of a few milliseconds.
//! * When the file changed, the last [`super::Limits::name_end`] records and what came behind them are read before an
//!   answer is given, and more while the first of them is another one than before. IvoryOS appends records and deletes
//!   them, so most answers are right by that.
//! * All else (records deleted in the middle, renamed, merged, a restored backup) is found by another walk while nobody
//!   asks; what it finds makes the list be asked for anew. The walk rests for [`super::Limits::name_rest`] times as long
//!   as it took, so that it costs a hundredth of a processor while a lab commits without end.

mod kinds;
mod like;
mod listing;
mod read;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::RunCounts;
use crate::model::query::ListQuery;
use kinds::Kinds;
pub use listing::Listing;

/// When the next piece of a walk over the names is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Now,
    In(Duration),
    Never,
}

/// The names of all records, as far as they are known.
#[derive(Debug, Default)]
pub struct Names {
    kinds: Kinds,
    /// The records' ids, ascending.
    ids: Vec<i64>,
    /// The number of each record's kind.
    numbers: Vec<u32>,
    failed: usize,
    /// Counts the pieces of records that differed from what was known.
    changes: u64,
    /// The first walk has read all records.
    whole: bool,
    /// This file's names can't be kept: SQL answers.
    useless: bool,
    /// `PRAGMA data_version` when the end was read last.
    seen: Option<i64>,
    /// `PRAGMA data_version` that all names are known to be of; `None` when a commit came during the last walk.
    exact: Option<i64>,
    /// The file changed since the last walk began: the names are provisional until another walk has read them.
    provisional: bool,
    walk: Option<Walk>,
    rests_until: Option<Instant>,
    /// Rows that the next piece reads.
    rows: usize,
    /// The list that was asked for last, and the changes when it was made.
    listing: Option<(ListQuery, u64, Arc<Listing>)>,
}

/// A walk over all records.
#[derive(Debug, Clone, Copy)]
struct Walk {
    /// The lowest id that was not read yet.
    from: i64,
    /// `PRAGMA data_version` when the walk began.
    version: i64,
    took: Duration,
    /// A record differed from what was known of it.
    news: bool,
}

impl Names {
    fn due(&self) -> Due {
        if self.useless || (self.whole && self.walk.is_none() && !self.provisional) {
            return Due::Never;
        }
        let rest = self.rests_until.map(|at| at.saturating_duration_since(Instant::now()));
        match rest.filter(|rest| self.walk.is_none() && !rest.is_zero()) {
            Some(rest) => Due::In(rest),
            None => Due::Now,
        }
    }

    fn counts(&self) -> RunCounts {
        RunCounts { all: self.ids.len() as u64, failed: self.failed as u64 }
    }

    /// Takes `ids` as all records from `from` to `to`, each with the number of its kind. False when that was known.
    fn replace(&mut self, (from, to): (i64, i64), ids: &[i64], numbers: &[u32]) -> bool {
        let first = self.ids.partition_point(|id| *id < from);
        let known = first..self.ids.partition_point(|id| *id <= to).max(first);
        let old = self.numbers.get(known.clone()).unwrap_or_default();
        if self.ids.get(known.clone()) == Some(ids) && old == numbers {
            return false;
        }
        let failed = |numbers: &[u32]| numbers.iter().filter(|number| self.kinds.is_failed(**number)).count();
        self.failed = (self.failed + failed(numbers)).saturating_sub(failed(old));
        self.ids.splice(known.clone(), ids.iter().copied());
        self.numbers.splice(known, numbers.iter().copied());
        self.changes += 1;
        true
    }

    /// The id and kind of a record at a place in the memory, for comparing.
    fn at(&self, row: usize) -> Option<(i64, u32)> {
        Some((*self.ids.get(row)?, *self.numbers.get(row)?))
    }
}
