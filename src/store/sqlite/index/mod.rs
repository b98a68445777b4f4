//! An index of our own over the lab's tables, which have none on `run_id` and `phase_id`: which ids belong to whom.
//!
//! It is built newest first, or, where nothing can be answered before it is complete, in the order in which the file
//! was written; and brought up to date. All in pieces of a few milliseconds. How it is kept right:
//!
//! * SQLite gives a new row the highest id there is plus one. While one covered row is still the same (its
//!   fingerprint of owner, start and name), every row that came since has a higher id: only those are read. If the
//!   row is gone or another (a delete, a restored backup), the next lower fingerprint that still holds counts.
//! * Rows that a merge put between others, with ids of their own: known gaps are looked into after each change.
//! * Rows that are gone or were changed: whoever reads rows checks their owner, and a record's own phases, and its
//!   steps up to [`super::Limits::verified_steps`], are read again with their neighbours before they are given. For a
//!   delete all are.
//! * What remains is put right by the audit, a second walk: ids of rows that others deleted, filled again by a merge
//!   with rows of another owner; and in larger records steps that were deleted or changed one by one by hand. It is slow
//!   where nobody waits. Who waits for an answer after nobody watched the file waits for so much of it as takes a tenth
//!   of a second; a delete waits for all of it where the file has contradicted what was known.
//! * What is kept belongs to one file: it is of no use for another one, for an earlier state of the file, and for one
//!   that something else than SQLite wrote into. Of a damaged file nothing is kept.

mod build;
mod codec;
mod file;
mod first_walk;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod id_ranges;
mod id_set;
pub mod lookup;
mod marks;
mod table;
#[cfg(test)]
mod tests;

use super::disk_state::DiskState;
pub use table::IndexTable;

pub use file::Keep;
pub use id_ranges::{IdRange, NOBODY, push};

/// The two tables whose rows have an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Owned by runs.
    Phases,
    /// Owned by phases; by runs in files from before phases existed.
    Steps,
}

/// The index of an open file: whose phases and steps are whose.
#[derive(Debug, Default)]
pub struct Index {
    phases: IndexTable,
    steps: IndexTable,
    /// `PRAGMA data_version` when both were last brought up to date; `None` before, and after a look that failed.
    version: Option<i64>,
    /// The file's state then.
    state: Option<DiskState>,
    /// The version at which who deletes last waited for an audit, or all was read.
    compared: Option<i64>,
    /// Rows of an audit that who waits for an answer still waits for.
    awaited_audit: usize,
    /// How often the tables were found to have other rows than was known.
    contradictions: u64,
    /// When another process's commit was last noticed.
    change: Option<std::time::Instant>,
    /// Rows that the next piece reads: as many as take a few milliseconds.
    rows: usize,
    /// Rows were found that earlier answers missed.
    news: bool,
    /// The cache file, and how much changed since it was written.
    pub(super) keep: Keep,
}

impl Index {
    pub fn table(&self, kind: Kind) -> &IndexTable {
        match kind {
            Kind::Phases => &self.phases,
            Kind::Steps => &self.steps,
        }
    }

    /// As many ids as lie between the ends of the tables.
    fn ids(&self) -> u64 {
        self.phases.ids().saturating_add(self.steps.ids())
    }

    /// The tables have other rows than was known: there may be more of that.
    fn contradicted(&mut self, kind: Kind, awaited_audit: usize) {
        let table = self.table_mut(kind);
        table.is_in_doubt = true;
        table.audit_from_start();
        self.awaited_audit = awaited_audit;
        self.contradictions += 1;
        self.keep.is_wrong();
    }

    pub fn table_mut(&mut self, kind: Kind) -> &mut IndexTable {
        match kind {
            Kind::Phases => &mut self.phases,
            Kind::Steps => &mut self.steps,
        }
    }
}
