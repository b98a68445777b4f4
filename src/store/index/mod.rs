//! An index of our own over the lab's tables, which have none on `run_id` and `phase_id`: which ids belong to whom.
//!
//! It is built newest first and brought up to date in pieces of a few milliseconds. What rests on what:
//!
//! * SQLite gives a new row the highest id there is plus one. While one covered row is still the same (its
//!   fingerprint of owner, start and name), every row that came since has a higher id: only those are read. If the
//!   row is gone or another (a delete, a restored backup), the next lower fingerprint that still holds counts.
//! * Rows that a merge put between others, with ids of their own: known gaps are looked into after each change.
//! * Rows that are gone: whoever reads rows checks their owner, and a record's own strips are read again before they
//!   are given (up to [`VERIFIED`] rows of a table).
//! * What remains, ids that were deleted unseen and then filled with rows of another owner by hand, and counts of
//!   failed steps in larger records that were changed by hand, is put right by the audit, a second slow walk.

mod build;
mod file;
mod strips;
mod table;

pub use table::Table;

pub use build::Work;
pub use file::Keep;
pub use strips::{NOBODY, Strip, push};

/// Rows of a record's strips that are read again before they are given.
pub const VERIFIED: u64 = 5_000;

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
    phases: Table,
    steps: Table,
    /// `PRAGMA data_version` when both were last brought up to date; `None` before, and after a look that failed.
    version: Option<i64>,
    /// Rows that the next piece reads: as many as take a few milliseconds.
    rows: usize,
    /// Earlier answers missed something.
    news: bool,
    /// Where it is kept between two starts, and the rows that changed since it was.
    pub(super) keep: Keep,
}

impl Index {
    pub fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Phases => &self.phases,
            Kind::Steps => &self.steps,
        }
    }

    pub fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Phases => &mut self.phases,
            Kind::Steps => &mut self.steps,
        }
    }
}
