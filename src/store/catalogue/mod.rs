//! All records in columns in memory, some forty bytes each: the one way in which lists are searched, sorted, counted and
//! walked through, by screens and commands.
//!
//! Names are kept once, and so is what many records have in common (user, deck, mode, status). How it is kept right:
//!
//! * The first walk reads all records in pieces of a few milliseconds.
//! * When the file changed, the last [`Limits::catalogue_end`] records and what came behind them are read before an answer is
//!   given, and more while the first of them is another one than before. IvoryOS appends records and deletes them, so
//!   most answers are right by that.
//! * All else (records deleted in the middle, renamed, merged, a restored backup) is found by another walk while nobody
//!   asks; what it finds makes the list be asked for anew. The walk rests for [`Limits::catalogue_rest`] times as long as it
//!   took, so that it costs a hundredth of a processor while a lab commits without end.

mod chosen;
mod columns;
mod ids;
mod kept;
mod listing;
mod order;
mod read;
pub mod select;
mod standing;
mod tallies;
#[cfg(test)]
mod tests;
mod texts;

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use super::{FactColumns, KeptPlace, Limits, Version};
use crate::model::run_facts::RunFacts;
use columns::{Columns, Rows};
use listing::LastList;

pub use chosen::Chosen;
pub use listing::{Listing, StandingCounts};
pub use standing::Suspect;
pub use tallies::Counting;

/// Numbers of the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    pub all: u64,
    /// With status `error`.
    pub failed: u64,
}

/// When the next piece of a walk over the records is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Now,
    In(Duration),
    Never,
}

/// All records of a database, as far as they are known. No borrow of it outlives a call.
#[derive(Debug)]
pub struct Catalogue {
    limits: Limits,
    inner: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    columns: Columns,
    /// Counts the pieces of records that differed from what was known.
    changes: u64,
    /// Counts the pieces of records whose iterations, steps and failures were counted.
    counted: u64,
    /// With so many changes, all records were found to be counted.
    all_counted: Option<u64>,
    /// The file when the last records were counted.
    end_counted: Option<Version>,
    /// Records that the next piece counts.
    counts: usize,
    /// The last look at the file before all records were counted; `None` for counts that may be wrong.
    recounted: Option<Version>,
    recount: Option<Recount>,
    recount_rests_until: Option<Instant>,
    /// The first walk has read all records.
    whole: bool,
    /// When the end was read last.
    seen: Option<Version>,
    /// The file changed since the last walk began: what is known is provisional until another walk has read it.
    provisional: bool,
    walk: Option<Walk>,
    rests_until: Option<Instant>,
    /// Rows that the next piece reads.
    rows: usize,
    /// What was made for the list that was asked for last.
    last_list: LastList,
    /// A cache file was looked for.
    recalled: bool,
    /// Where this can be kept: known while nothing changed since all records were read.
    exact: Option<KeptPlace>,
    /// Not kept again before.
    kept_until: Option<Instant>,
}

/// A walk over all records.
#[derive(Debug, Clone, Copy)]
struct Walk {
    /// The lowest id that was not read yet.
    from: i64,
    /// The file when the walk began.
    version: Version,
    took: Duration,
    /// A record differed from what was known of it.
    news: bool,
}

/// A walk that counts all records again, the newest first.
#[derive(Debug, Clone, Copy)]
struct Recount {
    /// The lowest id that was counted again.
    from: i64,
    /// The last look at the file before the walk began.
    seen: Option<Version>,
    took: Duration,
    /// A record had other counts than were known.
    news: bool,
}

impl Due {
    /// When the first of both is due.
    #[must_use]
    pub fn or(self, other: Due) -> Due {
        match (self, other) {
            (Due::Never, due) | (due, Due::Never) => due,
            (Due::In(a), Due::In(b)) => Due::In(a.min(b)),
            _ => Due::Now,
        }
    }
}

/// What rests until then is due afterwards.
fn rest(until: Option<Instant>) -> Due {
    let rest = until.map(|at| at.saturating_duration_since(Instant::now()));
    rest.filter(|rest| !rest.is_zero()).map_or(Due::Now, Due::In)
}

impl Catalogue {
    pub fn new(limits: Limits) -> Self {
        Self { limits, inner: RefCell::default() }
    }

    /// Whether all records are in memory, with all columns.
    pub fn is_whole(&self) -> bool {
        self.has(FactColumns::ALL)
    }

    /// Whether all records are in memory, with these columns.
    fn has(&self, columns: FactColumns) -> bool {
        let known = self.inner.borrow();
        known.whole && known.columns.has.has(columns)
    }

    /// How many records there are and how many failed, as of the last look at the file.
    pub fn counts(&self) -> RunCounts {
        let known = self.inner.borrow();
        RunCounts { all: known.columns.len() as u64, failed: known.columns.failed() }
    }

    /// When [`Catalogue::piece`] has something to do.
    pub fn due(&self) -> Due {
        let known = self.inner.borrow();
        if known.whole && known.walk.is_none() && !known.provisional {
            return Due::Never;
        }
        if known.walk.is_some() { Due::Now } else { rest(known.rests_until) }
    }

    /// What is known of a record; `None` where there is none with this id.
    pub fn facts<T>(&self, id: i64, see: impl FnOnce(&RunFacts<'_>) -> T) -> Option<T> {
        let known = self.inner.borrow();
        let place = known.columns.rows.ids.find(id)?;
        known.columns.facts(place).map(|facts| see(&facts))
    }

    /// Drops records that were deleted.
    pub fn forget(&self, ids: &[i64]) {
        let mut known = self.inner.borrow_mut();
        known.exact = None;
        for &id in ids {
            if known.columns.replace((id, id), &Rows::default()) {
                known.changes += 1;
            }
        }
    }
}
