//! What a cell of the map stands for: the step behind it, how long it took, what it added or why it failed.

use std::sync::Arc;

use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        step_time::StepTime,
    },
    services::{
        lab::Lab,
        next_failure::Spot,
        overview, slow_steps,
        step_errors::phase_error,
        steps::{Attempt, in_short},
    },
};

/// A part of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapPart {
    Prep,
    /// By its repeat_index.
    Iteration(i64),
    Cleanup,
}

/// A cell, by what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellPlace {
    pub part: MapPart,
    pub step_index: Option<i64>,
    pub method: Arc<str>,
}

/// What a cell stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct CellDetail {
    pub place: CellPlace,
    /// The step, or the phase where it did not run; `None` where that is gone.
    pub spot: Option<Spot>,
    /// Of several steps in the cell, which one it is.
    pub attempt: Attempt,
    /// Seconds.
    pub took: Option<f64>,
    /// Of a slow step, seconds.
    pub usual: Option<f64>,
    /// Names and values, short: what the step added, else what it was called with.
    pub values: Vec<(String, String)>,
    pub error: Option<String>,
}

/// What stands behind a cell. Of several steps the first that failed, else one that has not ended, else a slow one, else
/// the first.
///
/// # Errors
/// As any read.
pub fn cell_detail(lab: &Lab, run: i64, place: &CellPlace, cx: &mut Cx<'_>) -> Result<Partial<CellDetail>> {
    let mut lacks = Lacks::default();
    let summaries = lab.phase_summaries(run, cx)?.into(&mut lacks);
    let slow = slow_steps::known(lab, run, cx).map(|slow| slow.value).unwrap_or_default();
    let nothing = CellDetail {
        place: place.clone(),
        spot: None,
        attempt: Attempt::Only,
        took: None,
        usual: None,
        values: Vec::new(),
        error: None,
    };
    let is_slow = |id: i64| slow.step(id).is_some();
    let (mut best, mut alone): (Option<Found>, Option<&PhaseSummary>) = (None, None);
    for summary in summaries.iter().filter(|summary| place.part.has(summary)) {
        alone = Some(summary);
        let found = step_in(lab, summary, place, &is_slow, cx)?;
        best = [best, found].into_iter().flatten().min_by_key(|found| found.order);
    }
    let Some(found) = best else {
        let phase = alone.map(|summary| lab.phase(&summary.phase_ref, cx)).transpose()?.flatten();
        let error = phase.as_ref().and_then(phase_error);
        let spot = alone.map(|summary| Spot::Phase(summary.id()));
        return Ok(Partial::lacking(CellDetail { spot, error, ..nothing }, lacks));
    };
    let detail = overview::step_detail(lab, run, found.step, cx)?.into(&mut lacks);
    let mut values = in_short(&detail.added);
    if values.is_empty() {
        values = detail.arguments.as_ref().map(in_short).unwrap_or_default();
    }
    let told = CellDetail {
        spot: Some(Spot::Step { phase: found.phase, step: found.step }),
        attempt: detail.place.attempt,
        took: found.took,
        usual: slow.step(found.step).map(|slow| slow.usual),
        values,
        error: detail.error,
        ..nothing
    };
    Ok(Partial::lacking(told, lacks))
}

/// A step of a cell, and how telling it is: small first.
#[derive(Debug, Clone, Copy)]
struct Found {
    order: (u8, i64),
    phase: i64,
    step: i64,
    took: Option<f64>,
}

fn step_in(
    lab: &Lab,
    summary: &PhaseSummary,
    place: &CellPlace,
    is_slow: &dyn Fn(i64) -> bool,
    cx: &Cx<'_>,
) -> Result<Option<Found>> {
    let mut best: Option<Found> = None;
    let mut see = |_: usize, step: &StepTime<'_>| {
        if step.step_index != place.step_index || step.method != &*place.method {
            return;
        }
        let rank = match step {
            StepTime { failed: true, .. } => 0,
            StepTime { has_end: false, .. } => 1,
            step if is_slow(step.id) => 2,
            _ => 3,
        };
        let order = (rank, step.id);
        if best.is_none_or(|best| order < best.order) {
            best = Some(Found { order, phase: summary.id(), step: step.id, took: step.took });
        }
    };
    if summary.steps() > 0 {
        lab.source().step_times(&[&summary.phase_ref], &mut see, cx)?;
    }
    Ok(best)
}

impl MapPart {
    fn has(self, phase: &PhaseSummary) -> bool {
        match self {
            MapPart::Prep => &*phase.name == "prep",
            MapPart::Cleanup => &*phase.name == "cleanup",
            MapPart::Iteration(n) => phase.is_main() && phase.repeat_index == Some(n),
        }
    }
}
