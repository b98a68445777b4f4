//! Where a record failed: its failed steps with the texts of their errors.

use std::sync::Arc;

use super::{
    events::LazyEvents,
    lab::Lab,
    sample_steps::Parameters,
    step_errors::ErrorTexts,
    steps::{self, StepPlace},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        partial::Partial,
        phase_summary::PhaseSummary,
        run::{Run, Step},
    },
};

/// The failed steps of a record with their phases, in the order they ran.
pub fn failed_steps(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<(StepPlace, Step)>>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let mut failed = Vec::new();
        for summary in summaries.iter().filter(|h| h.failed_steps() > 0) {
            failed.extend(failed_in(lab, summary, cx)?);
        }
        Ok(failed)
    })
}

fn failed_in(lab: &Lab, summary: &PhaseSummary, cx: &Cx<'_>) -> Result<Vec<(StepPlace, Step)>> {
    let Some(phase) = lab.phase(&summary.phase_ref, cx)? else {
        return Ok(Vec::new());
    };
    let all = lab.steps(&summary.phase_ref, cx)?;
    let attempts = steps::attempts(&all, Parameters::of(&phase).samples());
    let failed = all.into_iter().zip(attempts).filter(|(s, _)| s.run_error == Some(true));
    Ok(failed.map(|(s, attempt)| (steps::place(&phase, &s, attempt), s)).collect())
}

/// The error texts of a record's failed steps, kept with its phase summaries until the file changes.
pub fn of_record(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Partial<Arc<ErrorTexts>>> {
    let events = LazyEvents::of(run);
    if !events.all().iter().any(|e| e.kind == "error") {
        return Ok(Partial::default());
    }
    let summaries = lab.phase_summaries(run.id, cx)?;
    if let Some(texts) = lab.memo.error_texts(&summaries.value) {
        return Ok(summaries.map(|_| texts));
    }
    let failed = failed_steps(lab, run.id, cx)?;
    Ok(failed.map(|failed| {
        let texts = Arc::new(ErrorTexts::match_up(failed.iter().map(|(_, s)| s), events.all()));
        lab.memo.keep_error_texts(&summaries.value, &texts);
        texts
    }))
}
