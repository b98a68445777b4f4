//! What is told, and where it comes from.

use crate::model::timestamp::Timestamp;

/// Where a part of what is told comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Step,
    Event,
    Phase,
    Log,
    /// The folder's log of all records, from before each had its own.
    DefaultLog,
}

/// Something, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<T> {
    pub value: T,
    pub origin: Origin,
}

/// Failures of all records that read alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Same {
    /// Method and message with what changes from one to the next left blank.
    pub signature: String,
    /// This one counted.
    pub failures: u64,
    pub records: u64,
    /// When the first was.
    pub since: Timestamp,
    /// The last three records, newest first.
    pub ids: Vec<i64>,
    pub origin: Origin,
}

impl Origin {
    pub fn word(self) -> &'static str {
        match self {
            Origin::Step => "step",
            Origin::Event => "event",
            Origin::Phase => "phase",
            Origin::Log => "log",
            Origin::DefaultLog => "default.log",
        }
    }

    /// The same beside what is told.
    pub fn words(self) -> &'static str {
        match self {
            Origin::Log => "from the log",
            Origin::DefaultLog => "from default.log",
            Origin::Step | Origin::Event | Origin::Phase => self.word(),
        }
    }
}

impl<T> Told<T> {
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
