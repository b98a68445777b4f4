//! How a record ended, and the words and glyphs for it.

use super::run::Run;

/// How a record ended, in IvoryOS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum Outcome {
    Completed,
    Stopped,
    Error,
    Running,
    /// No status and no end: it waits for a person, or died.
    Unfinished,
    /// An end but no status: from before outcomes were kept.
    Ended,
}

/// A record without a sign of life for this long, in seconds, is not called running any more.
pub const ALIVE_FOR: f64 = 600.0;

impl Outcome {
    /// `running` says whether it counts as running, where it has no end.
    pub fn of(run: &Run, running: bool) -> Self {
        match run.status.as_deref() {
            Some("completed") => Outcome::Completed,
            Some("stopped") => Outcome::Stopped,
            Some("error") => Outcome::Error,
            _ if !run.end.is_none() => Outcome::Ended,
            _ if running => Outcome::Running,
            _ => Outcome::Unfinished,
        }
    }

    /// Neither running nor without an end.
    pub fn has_ended(self) -> bool {
        !matches!(self, Outcome::Running | Outcome::Unfinished)
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
