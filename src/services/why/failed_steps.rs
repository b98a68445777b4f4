//! The failed steps and phases of a record, with what stands beside them in their phase.

use super::{
    attempts, pairing, signature,
    types::{Failure, FailureKind, Origin, Told},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        phase_summary::PhaseSummary,
        run::{Phase, Step},
        value::{Dict, RawCell},
    },
    services::{
        events::{self, RunEvent},
        lab::Lab,
        sample_steps::Parameters,
        step_errors,
    },
};

/// A phase in which something failed, and its steps without their outputs.
#[derive(Debug)]
pub struct FailedPhase {
    pub phase: Phase,
    pub steps: Vec<Step>,
}

/// The phases in which something failed, in the order they ran, with so many failed steps at most; and whether these are
/// all.
pub fn gather(
    lab: &Lab,
    summaries: &[PhaseSummary],
    most: usize,
    cx: &mut Cx<'_>,
) -> Result<(Vec<FailedPhase>, bool)> {
    let mut found = Vec::new();
    let mut steps = 0;
    for summary in summaries {
        if summary.failed_steps() == 0 && !summary.has_failed() {
            continue;
        }
        if steps >= most {
            return Ok((found, false));
        }
        if let Some(phase) = with_steps(lab, summary, cx)? {
            steps += phase.failed().count().max(1);
            found.push(phase);
        }
        cx.check(crate::checkpoint::Progress::default())?;
    }
    Ok((found, true))
}

/// A phase with its steps.
pub fn with_steps(lab: &Lab, summary: &PhaseSummary, cx: &Cx<'_>) -> Result<Option<FailedPhase>> {
    let Some(phase) = lab.phase(&summary.phase_ref, cx)? else { return Ok(None) };
    let mut steps = if summary.steps() > 0 { lab.steps(&summary.phase_ref, cx)? } else { Vec::new() };
    for step in &mut steps {
        step.output = RawCell(None);
    }
    let phase = Phase { outputs: RawCell(None), ..phase };
    Ok(Some(FailedPhase { phase, steps }))
}

impl FailedPhase {
    pub fn failed(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.run_error == Some(true))
    }

    /// The failures of its steps, or its own where none failed; texts, log and the rest come later.
    pub fn failures(&self, retried: Option<&std::collections::HashSet<i64>>) -> Vec<Failure> {
        let parameters = Parameters::of(&self.phase);
        let shares = attempts::shares(&self.steps, parameters.samples(), retried);
        let failed: Vec<Failure> = self
            .steps
            .iter()
            .zip(shares)
            .filter(|(step, _)| step.run_error == Some(true))
            .map(|(step, (sample, attempt))| {
                let inputs = parameters.sample(sample.map_or(0, |share| share.n as usize - 1)).cloned();
                Failure { sample, attempt, inputs: of_phase(inputs), ..self.of_step(step, FailureKind::Step) }
            })
            .collect();
        // The phase of a single failed step may say why that failed.
        let own = (failed.len() == 1).then(|| self.text()).flatten();
        if !failed.is_empty() {
            return failed.into_iter().map(|failure| Failure { text: own.clone(), ..failure }).collect();
        }
        let phase = Failure {
            kind: FailureKind::Phase,
            start: self.phase.start.clone(),
            end: self.phase.end.clone(),
            inputs: of_phase(parameters.sample(0).cloned()),
            signature: self.text().map(|told| Told::new(signature::of_message(&told.value), Origin::Phase)),
            text: self.text(),
            ..self.nothing()
        };
        vec![phase]
    }

    fn text(&self) -> Option<Told<String>> {
        phase_text(&self.phase).map(|text| Told::new(text, Origin::Phase))
    }

    /// A failure at a step of the phase.
    pub fn of_step(&self, step: &Step, kind: FailureKind) -> Failure {
        Failure {
            kind,
            step: Some(step.id),
            step_index: step.step_index,
            method: Some(step.method_name.clone()),
            start: step.start.clone(),
            end: step.end.clone(),
            ..self.nothing()
        }
    }

    /// The step at which its record died, with the parameters that it had.
    pub fn unfinished(&self, step: &Step) -> Failure {
        let parameters = Parameters::of(&self.phase);
        let shares = attempts::shares(&self.steps, parameters.samples(), None);
        let place = self.steps.iter().position(|other| other.id == step.id);
        let sample = place.and_then(|place| shares.get(place)).and_then(|(sample, _)| *sample);
        let inputs = parameters.sample(sample.map_or(0, |share| share.n as usize - 1)).cloned();
        Failure { sample, inputs: of_phase(inputs), ..self.of_step(step, FailureKind::Unfinished) }
    }

    /// A failure in the phase of which no more is known.
    pub fn nothing(&self) -> Failure {
        Failure {
            phase_id: Some(self.phase.id),
            phase: Some(self.phase.name.clone()),
            iteration: self.phase.repeat_index,
            ..Failure::unknown()
        }
    }
}

impl Failure {
    /// A failure of a record of which nothing is known.
    pub fn unknown() -> Self {
        Self {
            kind: FailureKind::Run,
            phase_id: None,
            phase: None,
            iteration: None,
            step: None,
            step_index: None,
            method: None,
            called: None,
            sample: None,
            attempt: None,
            start: Default::default(),
            end: Default::default(),
            inputs: None,
            text: None,
            exception: None,
            traceback: None,
            log: None,
            last_good: None,
            signature: None,
            same: None,
            slow_before: Vec::new(),
        }
    }
}

fn of_phase(inputs: Option<Dict>) -> Option<Told<Dict>> {
    inputs.map(|inputs| Told::new(inputs, Origin::Phase))
}

/// A phase's error message, and what it says of single fields where that is more.
pub fn phase_text(phase: &Phase) -> Option<String> {
    let mut text = step_errors::phase_error(phase)?;
    let fields = step_errors::phase_fields(phase);
    for (name, said) in fields.iter().filter(|(_, said)| !text.contains(said.as_str())).collect::<Vec<_>>() {
        text.push_str(&format!("\n{name}: {said}"));
    }
    Some(text)
}

/// The text of a step's error event without the method in front: `deck.reactor.flaky: too hot` is `too hot`.
pub fn event_text(event: &RunEvent, method: &str) -> Option<String> {
    let detail = event.detail.as_deref()?;
    let empty = || detail.trim_end().strip_suffix(':').map(|called| (called, ""));
    let call = detail.split_once(": ").or_else(empty);
    let is_call = |called: &str| pairing::is_method(called, method) && !called.contains(char::is_whitespace);
    Some(call.filter(|(called, _)| is_call(called)).map_or(detail, |(_, text)| text).to_owned())
}

/// The error events, and of each whether the step was tried again behind it.
pub fn error_events(events: &[RunEvent]) -> Vec<(&RunEvent, bool)> {
    let errors = events.iter().enumerate().filter(|(_, event)| event.kind == events::ERROR);
    errors
        .map(|(n, event)| (event, events.get(n + 1).is_some_and(|next| next.kind == events::RETRIED)))
        .collect()
}
