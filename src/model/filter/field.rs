//! THE table of the fields that filter words know: their names, what their values are, and what they are about.

use strum::VariantArray as _;

/// A field that every record has, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum FilterField {
    Status,
    User,
    Name,
    Started,
    Ended,
    Took,
    Id,
    Mode,
    Deck,
    Step,
    Error,
    Event,
    Input,
    Output,
    Iterations,
    Steps,
    Failed,
    Tries,
    Slow,
    Has,
    Tag,
    Note,
    Star,
    Verdict,
    Unread,
}

/// What the values of a field are, which says what can be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Texts: contained, the same, or by a regular expression.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Numbers.
    Number,
    /// Seconds, written as `1h30min`.
    Duration,
    /// Moments and stretches of time.
    Time,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldFacts {
    pub word: &'static str,
    pub kind: FieldKind,
    pub about: &'static str,
}

impl FilterField {
    /// THE table.
    pub fn facts(self) -> FieldFacts {
        use FieldKind::{Choice, Duration, Number, Text, Time};
        let (word, kind, about) = match self {
            FilterField::Status => (
                "status",
                Choice(&[
                    "completed",
                    "stopped",
                    "error",
                    "ended",
                    "running",
                    "waiting",
                    "died",
                    "unfinished",
                ]),
                "how it ended, or what it does",
            ),
            FilterField::User => ("user", Text, "who started it"),
            FilterField::Name => ("name", Text, "the workflow's name"),
            FilterField::Started => ("started", Time, "when it began"),
            FilterField::Ended => ("ended", Time, "when it ended"),
            FilterField::Took => ("took", Duration, "from start to end"),
            FilterField::Id => ("id", Number, "its number"),
            FilterField::Mode => {
                ("mode", Choice(&["repeat", "batch", "none", "optimizer"]), "how it was repeated")
            }
            FilterField::Deck => ("deck", Text, "the deck's name"),
            FilterField::Step => ("step", Text, "the method of one of its steps"),
            FilterField::Error => ("error", Text, "the text of one of its failures, as the database has it"),
            FilterField::Event => ("event", Text, "kind or detail of one of its events"),
            FilterField::Input => ("input", Text, "the name of a parameter"),
            FilterField::Output => ("output", Text, "the name of an output"),
            FilterField::Iterations => ("iter", Number, "different iterations"),
            FilterField::Steps => ("steps", Number, "steps"),
            FilterField::Failed => ("failed", Number, "failed steps"),
            FilterField::Tries => ("tries", Number, "failed steps that were tried again"),
            FilterField::Slow => ("slow", Number, "steps that took much longer than usual"),
            FilterField::Has => (
                "has",
                Choice(&["log", "result", "plots", "error", "note", "tag", "end"]),
                "what there is of it",
            ),
            FilterField::Tag => ("tag", Text, "one of its tags"),
            FilterField::Note => ("note", Text, "its note"),
            FilterField::Star => ("star", Choice(&["yes", "no"]), "starred"),
            FilterField::Verdict => {
                ("verdict", Choice(&["good", "bad", "check", "none"]), "what was found of it")
            }
            FilterField::Unread => ("unread", Choice(&["yes", "no"]), "not looked at yet"),
        };
        FieldFacts { word, kind, about }
    }

    /// The field of this name.
    pub fn named(word: &str) -> Option<FilterField> {
        Self::all().find(|field| field.facts().word == word)
    }

    /// All of them, in the order in which they are told.
    pub fn all() -> impl Iterator<Item = FilterField> {
        Self::VARIANTS.iter().copied()
    }
}

/// What all fields are called that are written as a word, with those of values.
pub fn names() -> String {
    let words: Vec<&str> = FilterField::all().map(|field| field.facts().word).collect();
    format!("{}, in.NAME, out.NAME, max(out.NAME)", words.join(" "))
}
