//! The texts of failed steps: which of a run's error events belongs to which step, and what a phase says of its own.

use std::collections::HashMap;

use super::{
    events::{self, RunEvent},
    why::pairing::{self, Mark},
};
use crate::model::{
    run::{Phase, Step},
    value::{Cell, Value},
};

/// The error texts of a record's failed steps.
#[derive(Debug, Default)]
pub struct ErrorTexts {
    texts: HashMap<i64, String>,
}

impl ErrorTexts {
    pub fn of_step(&self, step: i64) -> Option<&str> {
        self.texts.get(&step).map(String::as_str)
    }

    /// Gives the failed steps of a record the error events that are theirs.
    pub fn match_up<'a>(failed: impl IntoIterator<Item = &'a Step>, events: &[RunEvent]) -> Self {
        let mut steps: Vec<&Step> = failed.into_iter().collect();
        steps.sort_by(|a, b| (&a.start, a.id).cmp(&(&b.start, b.id)));
        let errors: Vec<&RunEvent> = events.iter().filter(|event| event.kind == events::ERROR).collect();
        let step_marks: Vec<Mark<'_>> = steps.iter().map(|step| Mark::of_step(step)).collect();
        let event_marks: Vec<Mark<'_>> = errors.iter().map(|event| Mark::of_event(event)).collect();
        let found = pairing::pair(&step_marks, &event_marks, true);
        let text = |error: Option<usize>| errors.get(error?)?.detail.clone();
        let told = steps.iter().zip(found).filter_map(|(step, error)| Some((step.id, text(error)?)));
        Self { texts: told.collect() }
    }
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

/// What a phase's error says of its single fields.
pub fn phase_fields(phase: &Phase) -> Vec<(String, String)> {
    let Cell::Json(Value::Dict(error)) = phase.error.read() else { return Vec::new() };
    let Some(Value::Dict(fields)) = error.get("fields") else { return Vec::new() };
    let text = |name: &str| events::text(fields, name).unwrap_or_default();
    fields.iter().map(|(name, _)| (name.lossy().into_owned(), text(&name.lossy()))).collect()
}
