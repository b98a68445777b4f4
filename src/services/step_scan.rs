//! All steps of some phases without their outputs, small enough to hold those of the longest record.

use std::{collections::HashMap, sync::Arc};

use super::lab::Lab;
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        phase_summary::{PhaseRef, PhaseSummary},
        step_time::{StepKey, StepTime},
    },
};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepEnd {
    Well,
    Failed,
    /// It has no end.
    Open,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScannedStep {
    pub id: i64,
    /// Seconds; `None` without start or end.
    pub took: Option<f64>,
    /// Of its phase among those that were scanned.
    pub phase: u32,
    /// Of its key among the scan's.
    pub key: u32,
    pub end: StepEnd,
}

/// The steps of some phases, phase by phase, each by id.
#[derive(Debug, Default)]
pub struct StepScan {
    pub keys: Vec<StepKey>,
    pub steps: Vec<ScannedStep>,
}

/// How many phases are read in one go: with ten steps each some milliseconds.
const TOGETHER: usize = 256;

/// Reads the steps of these phases.
pub fn scan(lab: &Lab, phases: &[&PhaseSummary], cx: &mut Cx<'_>) -> Result<StepScan> {
    let mut keys = Keys::default();
    let mut steps = Vec::new();
    let total = phases.iter().map(|phase| phase.steps()).sum();
    let with_steps: Vec<(u32, &PhaseSummary)> =
        (0..).zip(phases.iter().copied()).filter(|(_, phase)| phase.steps() > 0).collect();
    for some in with_steps.chunks(TOGETHER) {
        let phase_refs: Vec<&PhaseRef> = some.iter().map(|(_, phase)| &phase.phase_ref).collect();
        let before = steps.len();
        let mut see = |n: usize, step: &StepTime<'_>| {
            let Some((phase, summary)) = some.get(n) else { return };
            let end = match step {
                StepTime { failed: true, .. } => StepEnd::Failed,
                StepTime { has_end: false, .. } => StepEnd::Open,
                _ => StepEnd::Well,
            };
            let key = keys.of(&summary.name, step);
            steps.push(ScannedStep { id: step.id, took: step.took, phase: *phase, key, end });
        };
        lab.source().step_times(&phase_refs, &mut see, cx)?;
        // A server gives them by id, and phases are asked for in the order of their iterations.
        steps.get_mut(before..).unwrap_or_default().sort_by_key(|step| step.phase);
        cx.check(Progress { done: steps.len() as u64, total: Some(total) })?;
    }
    Ok(StepScan { keys: keys.all, steps })
}

/// Keys and their numbers.
#[derive(Default)]
struct Keys {
    all: Vec<StepKey>,
    numbers: HashMap<StepKey, u32>,
    /// Of each key the one that came behind it last: nearly always it does again.
    next: Vec<u32>,
    last: usize,
}

impl Keys {
    fn of(&mut self, phase: &Arc<str>, step: &StepTime<'_>) -> u32 {
        let guess = self.next.get(self.last).copied().unwrap_or_default();
        let number = match self.all.get(guess as usize) {
            Some(key) if key.is(phase, step) => guess,
            _ => self.find(phase, step),
        };
        if let Some(next) = self.next.get_mut(self.last) {
            *next = number;
        }
        self.last = number as usize;
        number
    }

    fn find(&mut self, phase: &Arc<str>, step: &StepTime<'_>) -> u32 {
        let key = StepKey::of(phase, step);
        let new = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key.clone()).or_insert(new);
        if number == new {
            self.all.push(key);
            self.next.push(0);
        }
        number
    }
}
