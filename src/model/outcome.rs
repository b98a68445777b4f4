//! How a record ended, and the words and glyphs for it.

use jiff::civil::DateTime;

use super::{run::Run, timestamp::seconds_between};

/// How a record ended, in IvoryOS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum Outcome {
    Completed,
    Stopped,
    Error,
    Running,
    /// No status and no end, without a recent sign of life.
    Unfinished,
    /// An end but no status: from before outcomes were kept.
    Ended,
}

/// A record without a sign of life for this long, in seconds, is not called running any more.
pub const ALIVE_FOR: f64 = 600.0;

impl Outcome {
    /// `sign` is the last sign of life, known only for the newest record without an end; `now` the clock.
    pub fn of(run: &Run, sign: Option<DateTime>, now: DateTime) -> Self {
        match run.status.as_deref() {
            Some("completed") => Outcome::Completed,
            Some("stopped") => Outcome::Stopped,
            Some("error") => Outcome::Error,
            _ if !run.end.is_none() => Outcome::Ended,
            _ if sign.is_some_and(|at| seconds_between(at, now).abs() <= ALIVE_FOR) => Outcome::Running,
            _ => Outcome::Unfinished,
        }
    }

    /// The word for scripts (`list --format jsonl`).
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Stopped => "stopped",
            Outcome::Error => "error",
            Outcome::Running => "running",
            Outcome::Unfinished => "unfinished",
            Outcome::Ended => "ended",
        }
    }

    /// The label for people, as IvoryOS's page has it.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Completed => "Completed",
            Outcome::Stopped => "Stopped early",
            Outcome::Error => "Ended with an error",
            Outcome::Running => "Running",
            Outcome::Unfinished => "Did not finish",
            Outcome::Ended => "Ended",
        }
    }

    pub fn glyph(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (Outcome::Completed, false) => "✔",
            (Outcome::Stopped, false) => "■",
            (Outcome::Error, false) => "✖",
            (Outcome::Running, false) => "▶",
            (Outcome::Unfinished, false) => "◌",
            (Outcome::Ended, false) => "·",
            (Outcome::Completed, true) => "+",
            (Outcome::Stopped, true) => "#",
            (Outcome::Error, true) => "x",
            (Outcome::Running, true) => "*",
            // Not the sign for a letter that ASCII can't show.
            (Outcome::Unfinished, true) => "o",
            (Outcome::Ended, true) => ".",
        }
    }
}
