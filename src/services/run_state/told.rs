//! What a record without an end does, as plain values: its state, what it waits for, the step that it is in.

use jiff::civil::DateTime;

use crate::model::outcome::Outcome;

/// What a record without an end does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    Running,
    /// For a person.
    Waits,
    Died,
}

impl RunState {
    /// The word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Waits => "waits",
            RunState::Died => "died",
        }
    }

    pub fn glyph(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (RunState::Running, _) => Outcome::Running.glyph(ascii),
            (RunState::Waits, false) => "‖",
            (RunState::Waits, true) => "=",
            (RunState::Died, _) => Outcome::Unfinished.glyph(ascii),
        }
    }

    /// The label for people.
    pub fn label(self) -> &'static str {
        match self {
            RunState::Running => "Running",
            RunState::Waits => "Waits",
            RunState::Died => "Died",
        }
    }
}

/// A record waits: for what, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    pub kind: WaitKind,
    /// `Please refill`, `Which lot? (str)`, the error's text.
    pub text: Option<String>,
    pub since: Option<DateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitKind {
    Paused,
    Intervention,
    Error,
    Input,
}

/// A step without an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepInHand {
    /// The method as it is stored.
    pub method: String,
    /// `reactor.hold`: with its instrument where the log tells it.
    pub shown: String,
    pub since: DateTime,
}
