//! Where a record failed: its failed steps with the texts of their errors, and the first of them.

use std::sync::Arc;

use super::{
    events::{LazyEvents, RunEvent},
    lab::Lab,
    sample_steps::Parameters,
    step_errors::{ErrorTexts, phase_error},
    steps::{self, StepPlace},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        partial::Partial,
        phase_summary::PhaseSummary,
        run::{Run, Step},
        timestamp::Timestamp,
    },
};

/// Where a record first failed.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorSite {
    pub place: Option<StepPlace>,
    /// The error's text, one or more lines.
    pub message: String,
    pub time: Timestamp,
}

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

/// Where a record first failed: its first failed step, its first phase with an error, or its first error event.
pub fn first(
    lab: &Lab,
    events: &[RunEvent],
    summaries: &[PhaseSummary],
    cx: &Cx<'_>,
) -> Result<Option<ErrorSite>> {
    for summary in summaries {
        if let Some(site) = first_in(lab, summary, events, cx)? {
            return Ok(Some(site));
        }
    }
    let event = events.iter().find(|e| e.kind == "error");
    Ok(event.map(|e| ErrorSite {
        place: None,
        message: e.detail.clone().unwrap_or_default(),
        time: e.time.clone(),
    }))
}

fn first_in(
    lab: &Lab,
    summary: &PhaseSummary,
    events: &[RunEvent],
    cx: &Cx<'_>,
) -> Result<Option<ErrorSite>> {
    if summary.failed_steps() == 0 && !summary.has_error {
        return Ok(None);
    }
    let Some(phase) = lab.phase(&summary.phase_ref, cx)? else { return Ok(None) };
    if summary.failed_steps() > 0 {
        let failed = failed_in(lab, summary, cx)?;
        let texts = ErrorTexts::match_up(failed.iter().map(|(_, s)| s), events);
        if let Some((place, step)) = failed.into_iter().next() {
            let text = texts.of_step(step.id).map(str::to_owned).or_else(|| phase_error(&phase));
            let text = text.unwrap_or_else(|| "the step failed; the file has no text for it".to_owned());
            return Ok(Some(ErrorSite { place: Some(place), message: text, time: step.end }));
        }
    }
    Ok(phase_error(&phase).map(|message| {
        let place = StepPlace {
            step: 0,
            phase: phase.id,
            phase_name: phase.name.clone(),
            repeat_index: phase.repeat_index,
            step_index: None,
            method_name: String::new(),
            attempt: steps::Attempt::Only,
        };
        ErrorSite { place: Some(place), message, time: phase.end.clone() }
    }))
}
