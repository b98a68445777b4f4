//! What is known of whose phases and steps are whose, of all records.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use crate::{model::phase_summary::PhaseRef, store::Version};

/// How many steps a phase has, and between which ids they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepsOfPhase {
    pub steps: u64,
    pub failed: u64,
    pub first: i64,
    pub last: i64,
}

impl StepsOfPhase {
    pub const NONE: Self = Self { steps: 0, failed: 0, first: i64::MAX, last: i64::MIN };

    /// Puts them into a phase.
    pub fn put_into(self, phase_ref: &mut PhaseRef) {
        (phase_ref.steps, phase_ref.failed) = (self.steps, self.failed);
        phase_ref.ranges.push(self.first, self.last);
    }
}

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowOwners {
    /// By run, rising.
    pub phases: HashMap<i64, Vec<i64>>,
    pub steps: HashMap<i64, StepsOfPhase>,
    pub last_phase: i64,
    pub last_step: i64,
}

/// A walk under way.
#[derive(Debug, Clone)]
pub struct OwnerWalk {
    pub found: RowOwners,
    /// All phases were seen.
    pub at_steps: bool,
    /// When it began.
    pub version: Version,
}

/// Of each run its phases, each with its steps.
pub type OwnedRows = HashMap<i64, Vec<(i64, StepsOfPhase)>>;

/// What is known.
#[derive(Debug, Default)]
pub struct Owners {
    /// The last walk's, brought up to date to this version.
    pub known: RefCell<Option<(RowOwners, Version)>>,
    pub walk: RefCell<Option<OwnerWalk>>,
    /// Something was committed since the last walk began.
    pub doubted: Cell<bool>,
}

impl Owners {
    /// Nothing is known any more: rows came back under old ids.
    pub fn forget(&self) {
        *self.known.borrow_mut() = None;
        *self.walk.borrow_mut() = None;
    }

    /// No walk was through yet.
    pub fn are_unknown(&self) -> bool {
        self.known.borrow().is_none()
    }

    pub fn has_work(&self) -> bool {
        self.known.borrow().is_none() || self.walk.borrow().is_some() || self.doubted.get()
    }
}

impl RowOwners {
    /// Takes a phase of a run.
    pub fn own(&mut self, run: i64, phase: i64) {
        self.last_phase = self.last_phase.max(phase);
        let phases = self.phases.entry(run).or_default();
        if let Err(at) = phases.binary_search(&phase) {
            phases.insert(at, phase);
        }
    }

    /// Takes steps of a phase.
    pub fn add(&mut self, phase: i64, steps: StepsOfPhase) {
        self.last_step = self.last_step.max(steps.last);
        let known = self.steps.entry(phase).or_insert(StepsOfPhase { steps: 0, failed: 0, ..steps });
        known.steps += steps.steps;
        known.failed += steps.failed;
        (known.first, known.last) = (known.first.min(steps.first), known.last.max(steps.last));
    }
}
