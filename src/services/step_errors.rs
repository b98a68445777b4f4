//! The texts of failed steps: which of a run's error events belongs to which step, and what a phase says of its own.

use std::collections::HashMap;

use super::events::{self, RunEvent};
use crate::model::{
    run::{Phase, Step},
    timestamp::seconds_between,
    value::{Cell, Value},
};

/// The error texts of a record's failed steps.
#[derive(Debug, Default)]
pub struct ErrorTexts {
    texts: HashMap<i64, String>,
}

/// An event is stored in whole seconds, and a little after the step ended.
const BEFORE: f64 = 1.5;
const AFTER: f64 = 5.0;

impl ErrorTexts {
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
