//! Why steps failed: their errors' texts, put together from the run's events and the phases' errors.

use std::{collections::HashMap, sync::Arc};

use super::{events, lab::Lab, steps};
use crate::{
    checkpoint::Checkpoint,
    error::Result,
    model::{
        phase_summary::PhaseSummary,
        run::{Phase, Run, Step},
        timestamp::{Timestamp, seconds_between},
        value::{Cell, Value},
    },
    services::{events::RunEvent, steps::StepPlace},
};

/// Where a record first failed.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorSite {
    pub place: Option<StepPlace>,
    /// The error's text, one or more lines.
    pub message: String,
    pub time: Timestamp,
}

/// The error texts of a record's failed steps.
#[derive(Debug, Default)]
pub struct Failures {
    texts: HashMap<i64, String>,
}

/// An event is stored in whole seconds, and a little after the step ended.
const BEFORE: f64 = 1.5;
const AFTER: f64 = 5.0;

impl Failures {
    pub fn of_step(&self, step: i64) -> Option<&str> {
        self.texts.get(&step).map(String::as_str)
    }

    /// Gives each failed step the first `error` event at its end that no step before it has: one that names its
    /// method rather than any other. `failed` are the failed steps in the order they ended.
    pub fn match_up<'a>(failed: impl IntoIterator<Item = &'a Step>, events: &[RunEvent]) -> Self {
        let mut free: Vec<Option<&RunEvent>> =
            events.iter().filter(|e| e.kind == "error").map(Some).collect();
        let mut texts = HashMap::new();
        for step in failed {
            let near = |event: &RunEvent| match (step.end.at(), event.time.at()) {
                (Some(end), Some(time)) => (-BEFORE..=AFTER).contains(&seconds_between(end, time)),
                _ => false,
            };
            let named =
                |event: &RunEvent| event.detail.as_deref().is_some_and(|d| names(d, &step.method_name));
            let fits = |slot: &Option<&RunEvent>, strict: bool| {
                slot.is_some_and(|e| near(e) && e.detail.is_some() && (!strict || named(e)))
            };
            let at =
                free.iter().position(|e| fits(e, true)).or_else(|| free.iter().position(|e| fits(e, false)));
            if let Some(event) = at.and_then(|n| free.get_mut(n)).and_then(Option::take) {
                texts.insert(step.id, event.detail.clone().unwrap_or_default());
            }
        }
        Self { texts }
    }
}

/// Does an error's text begin with this method: `deck.reactor.flaky: ...` for `flaky`?
fn names(detail: &str, method: &str) -> bool {
    let Some((called, _)) = detail.split_once(": ") else {
        return false;
    };
    called == method || called.strip_suffix(method).is_some_and(|rest| rest.ends_with('.'))
}

/// The failed steps of a record with their phases, in the order they ran.
pub fn failed_steps(lab: &Lab, run: i64, checkpoint: &mut dyn Checkpoint) -> Result<Vec<(StepPlace, Step)>> {
    let mut failed = Vec::new();
    for summary in lab.phase_summaries(run, checkpoint)?.iter().filter(|h| h.failed_steps() > 0) {
        failed.extend(failed_in(lab, summary)?);
    }
    Ok(failed)
}

fn failed_in(lab: &Lab, summary: &PhaseSummary) -> Result<Vec<(StepPlace, Step)>> {
    let Some(phase) = lab.store.phase(&summary.phase_ref)? else {
        return Ok(Vec::new());
    };
    let all = lab.store.steps(&summary.phase_ref)?;
    let attempts = steps::attempts(&all, steps::Parameters::of(&phase).samples());
    let failed = all.into_iter().zip(attempts).filter(|(s, _)| s.run_error == Some(true));
    Ok(failed.map(|(s, attempt)| (steps::place(&phase, &s, attempt), s)).collect())
}

/// The errors of a record's failed steps.
pub fn of_record(lab: &Lab, run: &Run, checkpoint: &mut dyn Checkpoint) -> Result<Arc<Failures>> {
    let events = events::of(run);
    if !events.iter().any(|e| e.kind == "error") {
        return Ok(Arc::default());
    }
    let summaries = lab.phase_summaries(run.id, checkpoint)?;
    if let Some(failures) = lab.failures(&summaries) {
        return Ok(failures);
    }
    let failed = failed_steps(lab, run.id, checkpoint)?;
    let failures = Arc::new(Failures::match_up(failed.iter().map(|(_, s)| s), &events));
    lab.remember_failures(&summaries, &failures);
    Ok(failures)
}

/// A phase's error message (IvoryOS stores one where an input was invalid or a condition failed).
pub fn phase_error(phase: &Phase) -> Option<String> {
    match phase.error.read() {
        Cell::Null => None,
        Cell::Json(Value::Dict(d)) => {
            events::text(&d, "message").or_else(|| Some("error without a message".to_owned()))
        }
        Cell::Json(Value::Str(t)) | Cell::Odd(t) => Some(t.lossy().into_owned()),
        Cell::Json(_) => Some("error without a message".to_owned()),
    }
}

/// Where a record first failed: its first failed step, its first phase with an error, or its first error event.
pub fn first(lab: &Lab, run: &Run, summaries: &[PhaseSummary]) -> Result<Option<ErrorSite>> {
    let events = events::of(run);
    for summary in summaries {
        if let Some(site) = first_in(lab, summary, &events)? {
            return Ok(Some(site));
        }
    }
    let event = events.into_iter().find(|e| e.kind == "error");
    Ok(event.map(|e| ErrorSite { place: None, message: e.detail.unwrap_or_default(), time: e.time }))
}

fn first_in(lab: &Lab, summary: &PhaseSummary, events: &[RunEvent]) -> Result<Option<ErrorSite>> {
    if summary.failed_steps() == 0 && !summary.has_error {
        return Ok(None);
    }
    let Some(phase) = lab.store.phase(&summary.phase_ref)? else { return Ok(None) };
    if summary.failed_steps() > 0 {
        let failed = failed_in(lab, summary)?;
        let failures = Failures::match_up(failed.iter().map(|(_, s)| s), events);
        if let Some((place, step)) = failed.into_iter().next() {
            let text = failures.of_step(step.id).map(str::to_owned).or_else(|| phase_error(&phase));
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
