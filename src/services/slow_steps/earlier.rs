//! How long steps took in the records of the same name before a record.

use std::{collections::HashMap, sync::Arc};

use super::types::RecordTimes;
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::{PhaseRef, PhaseSummary},
        query::Order,
        run_facts::RunFacts,
        step_time::{StepKey, StepTime},
    },
    services::lab::Lab,
    store::{FactColumns, IdPlace},
};

/// Records before it that count.
const RECORDS: usize = 20;
/// When so many of their steps are read, no further record is.
const ENOUGH: u64 = 200_000;
/// Records that are looked at for their names in one go, and in all.
const PIECE: usize = 1_000;
const LOOKED_AT: usize = 200_000;
/// The steps of a record with more are not kept.
const KEPT: u64 = 2_000;
/// Phases whose steps are read in one go.
const TOGETHER: usize = 256;

/// By the number of each of these keys how long the step took, seconds.
pub fn times(
    lab: &Lab,
    run: i64,
    keys: &[(u32, &StepKey)],
    cx: &mut Cx<'_>,
) -> Result<Partial<HashMap<u32, Vec<f64>>>> {
    let mut found = HashMap::new();
    let mut lacks = Lacks::default();
    if keys.is_empty() {
        return Ok(Partial::whole(found));
    }
    let numbers: HashMap<(Option<i64>, &str, &str), u32> =
        keys.iter().map(|(n, key)| ((key.step_index, &*key.method, &*key.phase), *n)).collect();
    let mut see = |step_index, method: &str, phase: &str, took| {
        if let Some(n) = numbers.get(&(step_index, method, phase)) {
            found.entry(*n).or_insert_with(Vec::new).push(took);
        }
    };
    let (mut steps, mut left) = (0, before(lab, run, cx)?);
    let mut together = 1;
    while steps < ENOUGH && !left.is_empty() {
        let some: Vec<i64> = left.drain(..together.min(left.len())).collect();
        let given = see_times(lab, &some, ENOUGH - steps, &mut see, cx)?.into(&mut lacks);
        steps += given;
        // Whose the rows are may take long to find out, and no longer for many records than for one.
        together = usize::try_from((ENOUGH - steps.min(ENOUGH)) / given.max(1)).unwrap_or(RECORDS).max(1);
    }
    Ok(Partial::lacking(found, lacks))
}

/// What is given of a step: its index, method and phase, and the seconds that it took.
type SeeTime<'a> = dyn FnMut(Option<i64>, &str, &str, f64) + 'a;

/// Gives how long each step of records took, and says how many they have; no further record when those are enough. Those of
/// ordinary records are kept: the records behind them ask for them again.
fn see_times(
    lab: &Lab,
    runs: &[i64],
    enough: u64,
    see: &mut SeeTime<'_>,
    cx: &mut Cx<'_>,
) -> Result<Partial<u64>> {
    let version = lab.version(cx);
    // What is kept now may be forgotten when others are.
    let known: Vec<Option<Arc<RecordTimes>>> =
        runs.iter().map(|run| version.and_then(|version| lab.memo.step_times.get(version, *run))).collect();
    let unknown: Vec<i64> =
        runs.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(run, _)| *run).collect();
    let mut lacks = Lacks::default();
    let mut summaries = HashMap::new();
    if !unknown.is_empty() {
        let found = lab.source().summaries_of_many(&unknown, cx)?.into(&mut lacks);
        summaries = unknown.into_iter().zip(found).collect();
    }
    let mut steps = 0;
    for (run, known) in runs.iter().zip(known) {
        if steps >= enough {
            break;
        }
        if let Some(known) = known {
            for (key, took) in &known.times {
                see(key.step_index, &key.method, &key.phase, *took);
            }
            steps += known.steps;
            continue;
        }
        let times = read_times(lab, summaries.remove(run).unwrap_or_default(), see, cx)?;
        steps += times.steps;
        if let Some(version) = version.filter(|_| times.steps <= KEPT && lacks.nothing()) {
            lab.memo.step_times.keep(version, *run, times);
        }
    }
    Ok(Partial::lacking(steps, lacks))
}

/// Reads how long each step of these phases took, of a record that is not long all of them to be kept.
fn read_times(
    lab: &Lab,
    mut phases: Vec<PhaseSummary>,
    see: &mut SeeTime<'_>,
    cx: &mut Cx<'_>,
) -> Result<RecordTimes> {
    phases.retain(|phase| phase.steps() > 0);
    let steps = phases.iter().map(|phase| phase.steps()).sum();
    let mut times = Vec::new();
    for some in phases.chunks(TOGETHER) {
        let phase_refs: Vec<&PhaseRef> = some.iter().map(|phase| &phase.phase_ref).collect();
        let mut give = |n: usize, step: &StepTime<'_>| {
            let Some(phase) = some.get(n) else { return };
            let Some(took) = step.took.filter(|took| *took >= 0.0) else { return };
            see(step.step_index, step.method, &phase.name, took);
            if steps <= KEPT {
                times.push((StepKey::of(&phase.name, step), took));
            }
        };
        lab.source().step_times(&phase_refs, &mut give, cx)?;
        cx.check(Progress::default())?;
    }
    Ok(RecordTimes { steps, times })
}

/// The last records of the same name before this one, newest first.
fn before(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Vec<i64>> {
    let catalogue = lab.database().catalogue();
    if catalogue.is_whole() {
        return Ok(catalogue.namesakes_before(run, RECORDS));
    }
    let name = lab.run(run, cx)?.name;
    let (mut found, mut from, mut looked_at) = (Vec::new(), run, 0);
    while found.len() < RECORDS && looked_at < LOOKED_AT {
        let ids = lab.source().run_ids(IdPlace::Behind(from), Order::Descending, PIECE, cx)?;
        let (Some(newest), Some(oldest)) = (ids.first().copied(), ids.last().copied()) else { break };
        let mut some = Vec::new();
        let names = FactColumns { names: true, ..FactColumns::default() };
        let mut see = |facts: &RunFacts<'_>| {
            if facts.id <= newest && facts.name.unwrap_or_default() == name.as_bytes() {
                some.push(facts.id);
            }
        };
        lab.source().run_facts(oldest, ids.len(), names, &mut see, cx)?;
        found.extend(some.into_iter().rev());
        looked_at += ids.len();
        from = oldest;
        cx.check(Progress::default())?;
    }
    found.truncate(RECORDS);
    Ok(found)
}
