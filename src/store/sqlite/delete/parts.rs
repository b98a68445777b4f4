//! What a delete is made of: its records, the pieces they go in, and what ends a piece.

use std::{collections::BTreeMap, time::Duration};

use crate::{model::phase_summary::PhaseRef, store::DeleteTarget};

/// How long the write lock is to be held, about; and how long a commit may wait for readers.
pub const AIM: Duration = Duration::from_millis(10);

/// A record to delete and where its rows stand.
pub struct Record<'a> {
    pub target: &'a DeleteTarget<'a>,
    /// By id.
    pub phases: Vec<&'a PhaseRef>,
    pub rows: u64,
}

/// What is left of a record: so many of its phases, and of the last of them the steps below an id.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    pub phases: usize,
    pub below: i64,
}

impl Left {
    pub fn of(phases: usize) -> Self {
        Self { phases, below: i64::MAX }
    }
}

/// The highest ids of both tables when a record's rows were looked for: rows with higher ids came later.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    pub phases: i64,
    pub steps: i64,
}

/// The rows and the time after which a transaction has taken enough.
#[derive(Debug, Clone, Copy)]
pub struct Enough {
    pub rows: u64,
    pub time: Duration,
}

/// Rows that a transaction deleted, as ranges of ids.
#[derive(Debug, Default)]
pub struct Taken {
    pub phases: Vec<(i64, i64)>,
    pub step_ranges: Vec<(i64, i64)>,
    pub steps: u64,
    /// Rows of tables that are not IvoryOS's, by the places of their tables.
    pub others: BTreeMap<usize, u64>,
}

/// What keeps a transaction from its end.
#[derive(Debug)]
pub enum DeleteHalt {
    Sql(rusqlite::Error),
    /// A row is not as it was kept: these have to be kept again first, or all where that can't be told.
    Differs(Option<RowRange>),
}

/// Rows of a record in one of its tables: those of one owner in a range of keys, or all.
#[derive(Debug, Clone, Copy)]
pub struct RowRange {
    pub run: i64,
    pub table: usize,
    pub from: i64,
    pub to: i64,
    pub owner: Option<i64>,
}

impl From<rusqlite::Error> for DeleteHalt {
    fn from(error: rusqlite::Error) -> Self {
        DeleteHalt::Sql(error)
    }
}
