//! Everything on a record's first screen.

use std::sync::Arc;

use super::{
    chart,
    events::LazyEvents,
    failures, files,
    lab::{Lab, PhaseSummaries},
    record_head, run_row,
    step_errors::phase_error,
    steps, why,
};
use crate::{
    checkpoint::Cx,
    error::{Error, Missing, Result},
    model::{
        downsample::Downsampled,
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        run::Step,
        timestamp::whole_second,
    },
    services::{
        events::RunEvent,
        files::FileEntry,
        run_progress::RunProgress,
        run_row::RunRow,
        steps::{StepDetail, StepLine},
        why::types::Failure,
    },
};

/// Everything on a record's first screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    pub row: RunRow,
    /// How far it has come, of one that runs or waits.
    pub progress: Option<RunProgress>,
    pub phases: Arc<Vec<PhaseSummary>>,
    /// Set for a long record of which only some phases are given and no outputs.
    pub partial: Option<Totals>,
    pub events: Vec<RunEvent>,
    pub first_failure: Option<Failure>,
    /// Its numbers, results before parameters.
    pub outputs: Vec<Downsampled>,
    pub files: Vec<FileEntry>,
    /// Cells that are not as IvoryOS writes them, a line each.
    pub odd: Vec<String>,
}

/// What a record has in all, where only some of it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub phases: u64,
    /// Steps, and those that failed.
    pub steps: Option<(u64, u64)>,
}

/// The phases of a record in the order they ran.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseList {
    pub run: i64,
    pub phases: Arc<Vec<PhaseSummary>>,
    /// How many there are, where these are only the first ones.
    pub total: usize,
}

/// A phase's steps in the order they ran.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseSteps {
    pub phase: i64,
    pub steps: Vec<StepLine>,
    /// The phase's error message.
    pub error: Option<String>,
}

pub fn overview(lab: &Lab, id: i64, whole: bool, cx: &mut Cx<'_>) -> Result<Partial<Overview>> {
    let run = lab.run(id, cx)?;
    let events = LazyEvents::of(&run);
    let row = run_row::with_outcome(lab, &events, cx)?;
    let mut lacks = Lacks::default();
    let (phases, partial) = phases(lab, id, whole, cx)?.into(&mut lacks);
    let outputs =
        if partial.is_some() { Vec::new() } else { chart::all(lab, id, cx)?.into(&mut lacks).outputs };
    let overview = Overview {
        progress: record_head::progress(lab, &events, row.state(), cx)?.into(&mut lacks),
        first_failure: why::first::of_record(lab, &events, &row, &phases, cx)?,
        outputs,
        phases,
        partial,
        files: files::entries(lab, &run),
        odd: odd(&events),
        events: events.into_all(),
        row,
    };
    Ok(Partial::lacking(overview, lacks))
}

/// Of a record with more phases than this, the outputs are read only after the rest is on screen.
const LONG: usize = 1_000;

/// The phase summaries of a record; unless `whole`, of a long one only those that are read at once.
fn phases(
    lab: &Lab,
    id: i64,
    whole: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<(PhaseSummaries, Option<Totals>)>> {
    if !whole && let Some(mut some) = lab.beginning(id, true, cx)? {
        some.first.append(&mut some.notable);
        let totals = Totals { phases: some.phases, steps: some.steps };
        return Ok(Partial::whole((Arc::new(some.first), Some(totals))));
    }
    Ok(lab.phase_summaries(id, cx)?.map(|summaries| {
        let partial = (!whole && summaries.len() > LONG).then(|| {
            let steps = summaries.iter().map(PhaseSummary::steps).sum();
            let failed = summaries.iter().map(PhaseSummary::failed_steps).sum();
            Totals { phases: summaries.len() as u64, steps: Some((steps, failed)) }
        });
        (summaries, partial)
    }))
}

fn odd(events: &LazyEvents<'_>) -> Vec<String> {
    if events.are_odd() { vec![format!("record {}: events is no JSON", events.run.id)] } else { Vec::new() }
}

pub fn phase_list(lab: &Lab, run: i64, whole: bool, cx: &mut Cx<'_>) -> Result<Partial<PhaseList>> {
    lab.run(run, cx)?;
    if !whole && let Some(some) = lab.beginning(run, false, cx)? {
        let total = usize::try_from(some.phases).unwrap_or(usize::MAX);
        return Ok(Partial::whole(PhaseList { run, phases: Arc::new(some.first), total }));
    }
    Ok(lab.phase_summaries(run, cx)?.map(|phases| PhaseList { run, total: phases.len(), phases }))
}

/// The steps of some phases of a record.
pub fn phase_steps(lab: &Lab, run: i64, phases: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSteps>>> {
    let mut lacks = Lacks::default();
    let row = lab.run(run, cx)?;
    let texts = failures::of_record(lab, &row, cx)?.into(&mut lacks);
    let mut all = Vec::with_capacity(phases.len());
    for phase_ref in lab.phase_refs(run, phases, true, cx)?.into(&mut lacks) {
        let Some(phase) = lab.phase(&phase_ref, cx)? else { continue };
        let rows = lab.steps(&phase_ref, cx)?;
        let mut steps = steps::lines(&phase, &rows, &texts);
        if steps.iter().all(|step| step.added.is_empty()) {
            let arguments = why::arguments_of(lab, &row, &rows, cx)?;
            for (step, told) in steps.iter_mut().zip(arguments) {
                step.arguments = told.map(|told| steps::in_short(&told.value)).unwrap_or_default();
            }
        }
        all.push(PhaseSteps { phase: phase.id, steps, error: phase_error(&phase) });
    }
    Ok(Partial::lacking(all, lacks))
}

/// One step of a record, whole.
pub fn step_detail(lab: &Lab, run: i64, step: i64, cx: &mut Cx<'_>) -> Result<Partial<StepDetail>> {
    let mut lacks = Lacks::default();
    let row = lab.run(run, cx)?;
    let texts = failures::of_record(lab, &row, cx)?.into(&mut lacks);
    if let Some(phase_ref) = lab.source().phase_of_step(run, step, cx)?.into(&mut lacks)
        && let Some(phase) = lab.phase(&phase_ref, cx)?
    {
        let rows = lab.steps(&phase_ref, cx)?;
        if let Some(detail) = steps::detail(&phase, &rows, step, &texts) {
            // With those that began in the same second: logs have whole seconds.
            let second = |row: &Step| row.start.at().map(whole_second);
            let own = rows.iter().find(|row| row.id == step).and_then(second);
            let beside: Vec<Step> = rows.into_iter().filter(|row| second(row) == own).collect();
            let told = why::arguments_of(lab, &row, &beside, cx)?;
            let place = beside.iter().position(|row| row.id == step);
            let arguments = place.and_then(|n| told.into_iter().nth(n)).flatten().map(|told| told.value);
            return Ok(Partial::lacking(StepDetail { arguments, ..detail }, lacks));
        }
    }
    Err(Error::Missing(Missing::Step { run, step }))
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        checkpoint::Cx,
        services::{delete, events, optimizer},
        store::Options,
    };

    /// How often the events and the optimizer's file were read meanwhile.
    fn reads<T>(work: impl FnOnce() -> T) -> (u32, u32) {
        let now = || (events::READS.get(), optimizer::READS.get());
        let before = now();
        work();
        (now().0 - before.0, now().1 - before.1)
    }

    #[test]
    fn events_and_plots_are_read_once() {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2/ivoryos_data/ivoryos.db");
        let clock = Arc::new(|| jiff::civil::date(2026, 11, 24).at(3, 4, 31, 0));
        let lab = crate::tui::testing::lab_with(&file, Options::without_cache(), clock);
        // Optimizer plots, a failed step, no end.
        for id in [16, 21, 61] {
            assert_eq!(reads(|| overview(&lab, id, true, &mut Cx::quiet()).unwrap()), (1, 1), "{id}");
            let (events, plots) = reads(|| delete::bill(&lab, &[id], &mut Cx::quiet()).unwrap());
            assert!(events <= 1 && plots == 1, "{id}: {events} {plots}");
        }
    }
}
