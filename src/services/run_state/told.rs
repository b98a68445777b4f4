//! What a record tells of itself: that it waits, and the step that it is in.

use jiff::civil::DateTime;

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
