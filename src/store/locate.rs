//! Finding the phases and steps of records in tables that have no index on run_id and phase_id.

use std::collections::{HashMap, HashSet};

use rusqlite::types::{Value as SqlValue, ValueRef};

use super::{PIECE, Store};
use crate::{
    error::Result,
    pulse::{Progress, Pulse},
};

/// Where the phases and steps of some records stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Located {
    /// By id.
    pub phases: Vec<PhaseSpan>,
    /// The highest phase id and step id looked at: rows behind them came later.
    pub last_phase: i64,
    pub last_step: i64,
}

/// A phase and the id ranges of its steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhaseSpan {
    pub id: i64,
    pub run: i64,
    /// Inclusive ranges of ids; rows of other phases may stand between a range's ends.
    pub ranges: Vec<(i64, i64)>,
    pub steps: u64,
    /// Steps with `run_error`.
    pub failed: u64,
}

impl PhaseSpan {
    fn add(&mut self, id: i64, failed: bool, follows: bool) {
        match self.ranges.last_mut() {
            Some((_, last)) if follows => *last = id,
            _ => self.ranges.push((id, id)),
        }
        self.steps += 1;
        self.failed += u64::from(failed);
    }
}

impl Store {
    /// Finds the phases and steps of these records by one walk over both tables, in pieces.
    pub fn locate(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        if !self.columns.has_phases {
            return self.locate_legacy(runs, pulse);
        }
        let wanted: HashSet<i64> = runs.iter().copied().collect();
        let mut found = Located::default();
        found.last_phase = self.walk(
            "SELECT id, run_id, 0 FROM workflow_phases WHERE id > ? ORDER BY id LIMIT ?",
            pulse,
            |id, run, _| {
                if wanted.contains(&run) {
                    found.phases.push(PhaseSpan { id, run, ..PhaseSpan::default() });
                }
            },
        )?;
        let place: HashMap<i64, usize> = found.phases.iter().enumerate().map(|(n, p)| (p.id, n)).collect();
        let mut before = None;
        let phases = &mut found.phases;
        found.last_step = self.walk(
            "SELECT id, phase_id, run_error FROM workflow_steps WHERE id > ? ORDER BY id LIMIT ?",
            pulse,
            |id, phase, failed| {
                if let Some(span) = place.get(&phase).and_then(|n| phases.get_mut(*n)) {
                    span.add(id, failed, before == Some(phase));
                }
                before = Some(phase);
            },
        )?;
        Ok(found)
    }

    /// Walks a table by id in pieces; `see` gets id, owner and flag of each row. Returns the last id.
    pub(super) fn walk(
        &self,
        sql: &str,
        pulse: &mut dyn Pulse,
        mut see: impl FnMut(i64, i64, bool),
    ) -> Result<i64> {
        let mut last = i64::MIN;
        let mut done = 0;
        loop {
            let limit = i64::try_from(PIECE).unwrap_or(i64::MAX);
            let mut rows = 0;
            self.collect(sql, vec![SqlValue::Integer(last), SqlValue::Integer(limit)], |row| {
                last = row.get(0)?;
                rows += 1;
                if let ValueRef::Integer(owner) = row.get_ref(1)? {
                    see(last, owner, truth(row.get_ref(2)?) == Some(true));
                }
                Ok(())
            })?;
            done += rows;
            if rows < PIECE {
                return Ok(last);
            }
            pulse.beat(Progress { done: u64::try_from(done).unwrap_or(u64::MAX), total: None })?;
        }
    }
}

/// A BOOLEAN column as SQLAlchemy reads it.
pub(super) fn truth(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(i) => Some(i != 0),
        ValueRef::Real(f) => Some(f != 0.0),
        ValueRef::Text(t) | ValueRef::Blob(t) => Some(!t.is_empty() && t != b"0"),
    }
}
