//! How long steps took in the records of the same name before a record.

use std::collections::HashMap;

use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::PhaseRef,
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
    let mut steps = 0;
    for earlier in before(lab, run, cx)? {
        if steps >= ENOUGH {
            break;
        }
        let summaries = lab.source().summaries_of_many(&[earlier], cx)?.into(&mut lacks).pop();
        let mut phases = summaries.unwrap_or_default();
        phases.retain(|phase| phase.steps() > 0);
        for some in phases.chunks(TOGETHER) {
            let phase_refs: Vec<&PhaseRef> = some.iter().map(|phase| &phase.phase_ref).collect();
            let mut see = |n: usize, step: &StepTime<'_>| {
                let Some(phase) = some.get(n) else { return };
                let number = numbers.get(&(step.step_index, step.method, &*phase.name));
                if let (Some(n), Some(took)) = (number, step.took.filter(|took| *took >= 0.0)) {
                    found.entry(*n).or_insert_with(Vec::new).push(took);
                }
            };
            lab.source().step_times(&phase_refs, &mut see, cx)?;
            steps += some.iter().map(|phase| phase.steps()).sum::<u64>();
            cx.check(Progress::default())?;
        }
    }
    Ok(Partial::lacking(found, lacks))
}

/// The last records of the same name before this one, newest first.
fn before(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Vec<i64>> {
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
