//! Everything on a record's first screen.

use super::{
    ask::{Overview, PhaseHead, PhaseList, PhaseSteps, StepDetail},
    chart, events, failures, files,
    lab::Lab,
    pulse::Pulse,
    records, steps,
};
use crate::{
    error::{Error, Result},
    model::{
        outcome::Outcome,
        run::{Phase, Run},
        value::Cell,
    },
    store::PhaseSpan,
};

pub fn overview(lab: &Lab, id: i64, pulse: &mut dyn Pulse) -> Result<Overview> {
    let run = lab.run(id)?;
    let row = records::with_outcome(lab, run.clone())?;
    Ok(Overview {
        evidence: evidence(lab, &run, row.outcome)?,
        phases: heads(lab, id, pulse)?,
        events: events::of(&run),
        first_error: failures::first(lab, &run, pulse)?,
        series: chart::series(lab, id, pulse)?,
        files: files::entries(lab, &run),
        odd: odd(&run),
        row,
    })
}

/// Why an outcome is said that is only a guess.
fn evidence(lab: &Lab, run: &Run, outcome: Outcome) -> Result<Option<String>> {
    if !matches!(outcome, Outcome::Running | Outcome::Unfinished) {
        return Ok(None);
    }
    Ok(Some(match records::sign_of_life(lab, run)? {
        Some(at) => format!("no end time, last sign of life {}", crate::model::format::clock(at, lab.now())),
        None => "no end time, no sign of life".to_owned(),
    }))
}

fn odd(run: &Run) -> Vec<String> {
    match run.events.read() {
        Cell::Odd(_) => vec![format!("record {}: events is no JSON", run.id)],
        _ => Vec::new(),
    }
}

pub fn phase_list(lab: &Lab, run: i64, pulse: &mut dyn Pulse) -> Result<PhaseList> {
    lab.run(run)?;
    Ok(PhaseList { run, phases: heads(lab, run, pulse)? })
}

fn heads(lab: &Lab, run: i64, pulse: &mut dyn Pulse) -> Result<Vec<PhaseHead>> {
    Ok(lab.heads(run, pulse)?.iter().map(|(p, span)| head(p, span)).collect())
}

fn head(phase: &Phase, span: &PhaseSpan) -> PhaseHead {
    PhaseHead {
        id: phase.id,
        name: phase.name.clone(),
        repeat_index: phase.repeat_index,
        status: phase.status.clone(),
        start: phase.start.clone(),
        end: phase.end.clone(),
        steps: span.steps,
        failed_steps: span.failed,
    }
}

/// The steps of some phases of a record.
pub fn phase_steps(lab: &Lab, run: i64, phases: &[i64], pulse: &mut dyn Pulse) -> Result<Vec<PhaseSteps>> {
    let failures = failures::of_record(lab, &lab.run(run)?, pulse)?;
    let located = lab.locate(run, pulse)?;
    let mut all = Vec::with_capacity(phases.len());
    for span in located.phases.iter().filter(|p| phases.contains(&p.id)) {
        let Some(phase) = lab.store.phase(span)? else { continue };
        let steps = steps::lines(&phase, &lab.store.steps(span)?, &failures);
        all.push(PhaseSteps { phase: phase.id, steps, error: failures::phase_error(&phase) });
    }
    Ok(all)
}

/// One step of a record, whole.
pub fn step_detail(lab: &Lab, run: i64, step: i64, pulse: &mut dyn Pulse) -> Result<StepDetail> {
    let failures = failures::of_record(lab, &lab.run(run)?, pulse)?;
    let located = lab.locate(run, pulse)?;
    let holds = |p: &&PhaseSpan| p.ranges.iter().any(|(a, b)| (*a..=*b).contains(&step));
    for span in located.phases.iter().filter(holds) {
        let Some(phase) = lab.store.phase(span)? else { continue };
        if let Some(detail) = steps::detail(&phase, &lab.store.steps(span)?, step, &failures) {
            return Ok(detail);
        }
    }
    Err(Error::Missing(format!("step {step} of record {run} is gone")))
}
