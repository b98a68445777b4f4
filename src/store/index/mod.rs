//! An index of our own over the lab's tables, which have none on `run_id` and `phase_id`: which ids belong to whom.
//!
//! It is built newest first and brought up to date in pieces of a few milliseconds. What rests on what:
//!
//! * SQLite gives a new row the highest id there is plus one. While one covered row is still the same (its
//!   fingerprint of owner, start and name), every row that came since has a higher id: only those are read. If the
//!   row is gone or another (a delete, a restored backup), the next lower fingerprint that still holds counts.
//! * Rows that a merge put between others, with ids of their own: known gaps are looked into after each change.
//! * Rows that are gone or were changed: whoever reads rows checks their owner, and a record's own phases, and its
//!   steps up to [`super::Limits::verified_steps`], are read again before they are given.
//! * What remains is put right by the audit, a second slow walk: ids of rows that others deleted, filled again by a
//!   merge with rows of another owner; and in larger records steps that were deleted or changed one by one by hand.

mod build;
mod file;
mod id_ranges;
pub mod lookup;
mod table;
#[cfg(test)]
mod tests;

pub use table::IndexTable;

pub use build::Work;
pub use file::{Keep, hash};
pub use id_ranges::{NOBODY, Strip, push};

/// The two tables that are owned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By runs.
    Phases,
    /// By phases; by runs in files from before phases existed.
    Steps,
}

/// What is known of an open file.
#[derive(Debug, Default)]
pub struct Index {
    phases: IndexTable,
    steps: IndexTable,
    /// `PRAGMA data_version` when both were last brought up to date; `None` before, and after a look that failed.
    version: Option<i64>,
    /// When another process's commit was last noticed.
    change: Option<std::time::Instant>,
    /// Rows that the next piece reads: as many as take a few milliseconds.
    rows: usize,
    /// Earlier answers missed something.
    news: bool,
    /// Where it is kept between two starts, and the rows that changed since it was.
    pub(super) keep: Keep,
}

impl Index {
    pub fn table(&self, kind: Kind) -> &IndexTable {
        match kind {
            Kind::Phases => &self.phases,
            Kind::Steps => &self.steps,
        }
    }

    pub fn table_mut(&mut self, kind: Kind) -> &mut IndexTable {
        match kind {
            Kind::Phases => &mut self.phases,
            Kind::Steps => &mut self.steps,
        }
    }
}
