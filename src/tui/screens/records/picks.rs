//! What is marked for an action on many at once, and the range that is being marked.

use std::sync::Arc;

use crate::{
    services::{picked::Picked, run_row::RunRow},
    tui::action::Action,
};

/// What is marked.
#[derive(Debug, Default)]
pub struct Picks {
    pub picked: Arc<Picked>,
    /// How many of it the list has, where that is known.
    pub listed: Option<u64>,
    pub range: Option<PickRange>,
    /// What is to be done with what is marked when that is known.
    pub then: Option<Action>,
}

/// A range from a record to the one under the cursor.
#[derive(Debug, Clone, Copy)]
pub struct PickRange {
    pub from: i64,
    /// Where that record stands, as far as is known.
    pub at: usize,
}

impl Picks {
    pub fn has(&self, row: &RunRow) -> bool {
        self.picked.has(&row.run)
    }

    /// Lets go of records that are gone.
    pub fn forget(&mut self, ids: &[i64]) {
        if !ids.is_empty() && !self.picked.is_empty() {
            Arc::make_mut(&mut self.picked).forget(ids);
            self.listed = None;
        }
    }
}
