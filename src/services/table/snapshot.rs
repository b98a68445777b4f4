//! A snapshot of a long table: which rows each phase gives, so that any of them is found and read at once.

use std::sync::Weak;

use super::types::TableShape;
use crate::model::phase_summary::PhaseSummary;

/// In the place of an iteration for phases that have none.
pub(super) const NONE: i64 = i64::MIN;

/// A table without its rows.
pub struct TableSnapshot {
    pub run: i64,
    /// The phase summaries that it was made of.
    pub of: Weak<Vec<PhaseSummary>>,
    pub shape: TableShape,
    /// The phases in the table's order. The rows that did not run stand behind them.
    pub ids: Vec<i64>,
    /// For each phase, how many rows stand in front of it; then how many all phases give.
    pub before: Vec<u32>,
    /// The iteration of each phase.
    pub iterations: Vec<i64>,
}

impl TableSnapshot {
    /// The phase of a row, both counted from 0; the number of phases for a row that did not run.
    pub fn phase_of(&self, row: u64) -> usize {
        self.before.partition_point(|before| u64::from(*before) <= row).saturating_sub(1)
    }

    pub fn before(&self, phase: usize) -> u64 {
        self.before.get(phase).copied().map_or(0, u64::from)
    }

    pub fn iteration(&self, row: u64) -> Option<i64> {
        self.iterations.get(self.phase_of(row)).copied().filter(|n| *n != NONE)
    }
}
