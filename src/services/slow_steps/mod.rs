//! Which steps of a record took much longer than the same steps usually do: in its other iterations, and in the records of
//! its name before it.

mod earlier;
mod median;
pub mod types;

use std::sync::Arc;

use super::{
    lab::Lab,
    step_scan::{self, ScannedStep, StepScan},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        step_time::StepKey,
    },
};
use median::Sorted;
use types::{SlowStep, SlowSteps};

/// So many seconds longer than twice the usual time is no matter.
const MARGIN: f64 = 1.0;
const TIMES: f64 = 2.0;
/// Fewer others tell nothing.
const OTHERS: usize = 5;

/// Times are stored in microseconds: a smaller difference is how a computer rounds.
const ROUNDING: f64 = 5e-7;

/// Took it much longer than the others, of which this is the median?
fn is_slow(took: f64, usual: f64) -> bool {
    took > MARGIN + TIMES * usual + ROUNDING
}

/// The slow steps of a record; kept until the file changes.
///
/// # Errors
/// As any read.
pub fn of_record(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Arc<SlowSteps>>> {
    if let Some(known) = known(lab, run, cx) {
        return Ok(known);
    }
    let mut lacks = Lacks::default();
    let summaries = lab.phase_summaries(run, cx)?.into(&mut lacks);
    let phases: Vec<&PhaseSummary> = summaries.iter().collect();
    let scan = step_scan::scan(lab, &phases, cx)?;
    let slow = among(lab, run, &phases, &scan, cx)?.into(&mut lacks);
    Ok(Partial::lacking(slow, lacks))
}

/// How many slow steps a record has.
///
/// # Errors
/// As any read.
pub fn count(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<usize>> {
    Ok(of_record(lab, run, cx)?.map(|slow| slow.all.len()))
}

/// Those that were found before, if nothing has to be read for them.
pub(super) fn known(lab: &Lab, run: i64, cx: &Cx<'_>) -> Option<Partial<Arc<SlowSteps>>> {
    let known = lab.memo.slow_steps.get(lab.version(cx)?, run)?;
    (known.lacks.nothing() || cx.is_at_once()).then_some(known)
}

/// The slow ones among the scanned steps of all phases of a record.
///
/// # Errors
/// As any read.
pub(super) fn among(
    lab: &Lab,
    run: i64,
    phases: &[&PhaseSummary],
    scan: &StepScan,
    cx: &mut Cx<'_>,
) -> Result<Partial<Arc<SlowSteps>>> {
    let version = lab.version(cx);
    // Of each key all calls, where one of them took so long that it may be slow.
    let mut calls: Vec<Option<Vec<&ScannedStep>>> = vec![None; scan.keys.len()];
    for step in scan.steps.iter().filter(|step| took(step).is_some_and(|took| took > MARGIN)) {
        calls.get_mut(step.key as usize).into_iter().for_each(|calls| *calls = Some(Vec::new()));
    }
    for step in scan.steps.iter().filter(|step| took(step).is_some()) {
        if let Some(Some(calls)) = calls.get_mut(step.key as usize) {
            calls.push(step);
        }
    }
    let asked = (0..).zip(&scan.keys).zip(calls).filter_map(|(key, calls)| Some((key, calls?)));
    let (keys, calls): (Vec<(u32, &StepKey)>, Vec<_>) = asked.unzip();
    let mut found = earlier::times(lab, run, &keys, cx)?;
    let lacks = found.lacks;
    let mut all = Vec::new();
    for ((n, key), calls) in keys.into_iter().zip(calls) {
        let others = found.value.remove(&n).unwrap_or_default();
        all.extend(slow_calls(phases, key, &calls, others));
        cx.check(Progress::default())?;
    }
    let start = |at: u32| phases.get(at as usize).map(|phase| (&phase.start, phase.id()));
    all.sort_by(|(a, one), (b, other)| (start(*a), one.step).cmp(&(start(*b), other.step)));
    let slow = Arc::new(SlowSteps::of(all.into_iter().map(|(_, slow)| slow).collect()));
    let slow = Partial::lacking(slow, lacks);
    lab.memo.slow_steps.keep(version, run, &slow);
    Ok(slow)
}

/// Seconds that it took; `None` for a step that has not ended, and where the clock went back.
fn took(step: &ScannedStep) -> Option<f64> {
    step.took.filter(|took| *took >= 0.0)
}

/// Of all calls of one step those that were slow, with the places of their phases.
fn slow_calls(
    phases: &[&PhaseSummary],
    key: &StepKey,
    calls: &[&ScannedStep],
    earlier: Vec<f64>,
) -> Vec<(u32, SlowStep)> {
    // What is no iteration has no other ones.
    let iteration = |step: &ScannedStep| {
        phases.get(step.phase as usize).filter(|phase| phase.is_main()).and_then(|phase| phase.repeat_index)
    };
    let own = calls.iter().filter_map(|call| took(call));
    let sorted = Sorted::of(earlier.into_iter().chain(own).collect());
    let mut calls = calls.to_vec();
    calls.sort_by_key(|call| iteration(call));
    let mut slow = Vec::new();
    for calls in calls.chunk_by(|a, b| iteration(a) == iteration(b)) {
        let own: Vec<f64> = calls.iter().filter_map(|call| took(call)).collect();
        let longest = own.iter().copied().fold(0.0, f64::max);
        // Of nearly all iterations that is seen at a glance.
        if sorted.least_without(own.len()).is_none_or(|least| !is_slow(longest, least)) {
            continue;
        }
        let Some(usual) = sorted.median_without(&own, OTHERS) else { continue };
        for call in calls {
            let (Some(took), Some(phase)) = (took(call), phases.get(call.phase as usize)) else { continue };
            if is_slow(took, usual) {
                let (key, phase, step, iteration) = (key.clone(), phase.id(), call.id, iteration(call));
                slow.push((call.phase, SlowStep { phase, step, key, iteration, took, usual }));
            }
        }
    }
    slow
}
