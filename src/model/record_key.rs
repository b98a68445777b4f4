//! What a record is known by where something is kept of it: ids are used again.

use super::run::Run;

/// A record by its id, start and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RecordKey {
    pub run: i64,
    /// As Python writes it; empty for none.
    pub start: String,
    pub name: String,
}

impl RecordKey {
    pub fn of(run: &Run) -> Self {
        Self { run: run.id, start: run.start.python(), name: run.name.clone() }
    }

    /// Is it this record?
    pub fn is(&self, run: &Run) -> bool {
        self.run == run.id && self.name == run.name && self.start == run.start.python()
    }
}
