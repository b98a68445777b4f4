//! The map of a record: what became of each step in each iteration. Of a long record first some iterations, then all.

mod at;
pub mod axis;
mod build;
pub mod types;

use std::{collections::HashSet, sync::Arc};

use super::{
    events::{self, LazyEvents},
    lab::Lab,
    run_row::{self, RunRow},
    run_state::RunState,
    slow_steps,
    step_scan::scan,
    why,
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        outcome::Outcome,
        partial::{Lacks, Partial},
        phase_summary::{PhaseRef, PhaseSummary},
        run::Phase,
    },
};
pub use at::{CellDetail, CellPlace, MapPart, cell_detail};
use build::Build;
use types::{LeftOpen, RecordMap};

/// So many iterations of a long record are read for its first map: that takes some milliseconds.
const FIRST_LOOK: usize = 96;
/// A record with more steps is read whole only behind.
const QUICK: u64 = 10_000;

/// The map at once: without the slow steps, unless they are known, and of a long record from iterations that are spread
/// over it; those with failures are among them, as far as they are known.
///
/// # Errors
/// As any read.
pub fn first_look(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Arc<RecordMap>>> {
    let record = lab.run(run, cx)?;
    let events = LazyEvents::of(&record);
    let open = left_open(&run_row::with_outcome(lab, &events, cx)?);
    if let Some(known) = known(lab, run, open, cx) {
        return Ok(known);
    }
    let mut lacks = Lacks::default();
    if let Some((phases, every)) = spread(lab, run, cx)? {
        let phases = phases.into(&mut lacks);
        let phases: Vec<&PhaseSummary> = phases.iter().collect();
        let tried_again = if has_tries(&events) { None } else { Some(HashSet::new()) };
        let steps = scan(lab, &phases, cx)?;
        let map = Build { lab, open, tried_again, slow: None }.map(run, &phases, &steps, cx)?;
        return Ok(Partial::lacking(Arc::new(RecordMap { every, ..map }), lacks));
    }
    let summaries = lab.phase_summaries(run, cx)?.into(&mut lacks);
    if summaries.iter().map(PhaseSummary::steps).sum::<u64>() > QUICK {
        // Its phases are few, and too long: nothing of them can be told at once.
        return Ok(Partial::lacking(Arc::new(RecordMap { run, ..RecordMap::default() }), lacks));
    }
    let phases = in_order(&summaries);
    let slow = slow_steps::known(lab, run, cx).map(|slow| slow.into(&mut lacks));
    let tried_again = why::tried_again(lab, &events, &summaries, cx)?;
    let steps = scan(lab, &phases, cx)?;
    let map = Build { lab, open, tried_again, slow: slow.as_deref() }.map(run, &phases, &steps, cx)?;
    Ok(Partial::lacking(Arc::new(map), lacks))
}

/// The whole map, with the slow steps; kept until the file changes.
///
/// # Errors
/// As any read.
pub fn whole(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Arc<RecordMap>>> {
    let record = lab.run(run, cx)?;
    let events = LazyEvents::of(&record);
    let open = left_open(&run_row::with_outcome(lab, &events, cx)?);
    if let Some(known) = known(lab, run, open, cx) {
        return Ok(known);
    }
    let (version, mut lacks) = (lab.version(cx), Lacks::default());
    let summaries = lab.phase_summaries(run, cx)?.into(&mut lacks);
    let phases = in_order(&summaries);
    let steps = scan(lab, &phases, cx)?;
    let slow = slow_steps::among(lab, run, &phases, &steps, cx)?.into(&mut lacks);
    let tried_again = why::tried_again(lab, &events, &summaries, cx)?;
    let map = Build { lab, open, tried_again, slow: Some(&slow) }.map(run, &phases, &steps, cx)?;
    let map = Partial::lacking(Arc::new(map), lacks);
    lab.memo.maps.keep(version, run, &map);
    Ok(map)
}

/// The whole map, if nothing has to be read for it.
fn known(lab: &Lab, run: i64, open: LeftOpen, cx: &Cx<'_>) -> Option<Partial<Arc<RecordMap>>> {
    let known = lab.memo.maps.get(lab.version(cx)?, run)?;
    (known.value.open == open && (known.lacks.nothing() || cx.is_at_once())).then_some(known)
}

/// What a step without an end is in a record that ended, or not, like this one.
fn left_open(row: &RunRow) -> LeftOpen {
    match row.state() {
        Some(RunState::Running | RunState::Waits) => LeftOpen::Running,
        Some(RunState::Died) => LeftOpen::Failed,
        // A server that refused its outputs (NaN) left it open, and that ended the record.
        None if row.outcome == Outcome::Error => LeftOpen::Failed,
        None => LeftOpen::Left,
    }
}

fn has_tries(events: &LazyEvents<'_>) -> bool {
    events.all().iter().any(|event| event.kind == events::RETRIED)
}

/// Phases as the map wants them: by iteration, then id.
fn in_order(summaries: &[PhaseSummary]) -> Vec<&PhaseSummary> {
    let mut phases: Vec<&PhaseSummary> = summaries.iter().collect();
    phases.sort_by_key(|phase| (phase.repeat_index, phase.id()));
    phases
}

/// Of a long record phases that are spread over it, with the ends and the first failures, in the map's order, and every
/// how many-th iteration they are; `None` where all can be read at once.
fn spread(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Option<(Partial<Vec<PhaseSummary>>, u64)>> {
    let Some((spread, every)) = lab.spread(run, FIRST_LOOK, cx)? else { return Ok(None) };
    let Some(beginning) = lab.beginning(run, true, cx)? else { return Ok(None) };
    let mut phases = beginning.notable;
    let telling = |phase: &PhaseSummary| !phase.is_main() || phase.has_failed() || phase.failed_steps() > 0;
    phases.extend(beginning.first.into_iter().filter(telling));
    let ids: Vec<i64> = spread.iter().map(|phase| phase.id).collect();
    let refs = lab.phase_refs(run, &ids, true, cx)?;
    let lacks = refs.lacks;
    let rows = lab.source().phases(&refs.value.iter().collect::<Vec<_>>(), cx)?;
    let summary = |(phase_ref, row): (PhaseRef, Option<Phase>)| row.map(|row| row.summary(phase_ref));
    phases.extend(refs.value.into_iter().zip(rows).filter_map(summary));
    phases.sort_by_key(|phase| (phase.repeat_index, phase.id()));
    phases.dedup_by_key(|phase| phase.id());
    Ok(Some((Partial::lacking(phases, lacks), every)))
}
