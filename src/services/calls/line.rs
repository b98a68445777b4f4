//! A call by hand as a line of a list.

use crate::{
    formats::call::{arguments_line, result_line},
    model::{
        call::Call,
        timestamp::{Timestamp, seconds_between},
    },
};

/// Characters of a text that a line has room for at most.
const SHORT: usize = 400;

/// A call by hand as a line of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallLine {
    pub id: i64,
    pub method: String,
    pub arguments: String,
    /// What it returned.
    pub result: String,
    /// The text of what went wrong.
    pub error: Option<String>,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl CallLine {
    /// The beginnings of its texts.
    pub fn of(call: &Call) -> Self {
        let short = |text: String| match text.char_indices().nth(SHORT) {
            Some((at, _)) => text.get(..at).unwrap_or_default().to_owned() + "…",
            None => text,
        };
        let whole = Self::whole(call);
        Self {
            method: short(whole.method),
            arguments: short(whole.arguments),
            result: short(whole.result),
            error: whole.error.map(short),
            ..whole
        }
    }

    /// All of its texts.
    pub fn whole(call: &Call) -> Self {
        Self {
            id: call.id,
            method: call.method_name.clone(),
            arguments: arguments_line(&call.kwargs.read()),
            result: result_line(&call.output.read()),
            error: call.run_error.clone().filter(|text| !text.is_empty()),
            start: call.start.clone(),
            end: call.end.clone(),
        }
    }

    /// Seconds; `None` without both times.
    pub fn took(&self) -> Option<f64> {
        Some(seconds_between(self.start.at()?, self.end.at()?))
    }
}
