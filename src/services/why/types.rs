//! What is told of a record's failures: each part with where it comes from.

use jiff::civil::DateTime;

pub use super::told::{Origin, Same, Told};
use crate::{
    model::{
        call::Call,
        timestamp::Timestamp,
        value::{Dict, Text, Value},
    },
    services::{run_row::RunRow, slow_steps::types::SlowStep},
};

/// Why a record failed: its failures in the order in which they happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    pub row: RunRow,
    /// When it was read.
    pub as_of: DateTime,
    /// Where nothing failed, what the record has instead: who stopped it.
    pub instead: Option<String>,
    pub failures: Vec<Failure>,
    /// It was looked for what was slow before each.
    pub knows_slow: bool,
    /// Failures that are not among them: of a record with more than anybody reads.
    pub more: usize,
    /// Calls by hand within an hour before the first failure, the last five, newest first.
    pub calls_before: Vec<Call>,
    /// The record's log was read only around its failed steps and at its end.
    pub log_in_part: bool,
}

impl Why {
    /// Did the record end?
    pub fn has_ended(&self) -> bool {
        self.row.state().is_none()
    }
}

/// How much is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The first failures of a record that has more than anybody reads.
    Beginning,
    /// All of them, and what the failures of all records have in common.
    Whole,
    /// And all of a large log.
    WholeLog,
}

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A step; each try is one.
    Step,
    /// A phase without a failed step: an invalid row, a condition that can't be evaluated.
    Phase,
    /// An error of the log that belongs to no step and no phase, or an end with an error that nothing else explains.
    Run,
    /// The step at which a record died.
    Unfinished,
}

/// Which of how many, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub n: u32,
    pub of: u32,
}

/// One failure.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// The row of the phase; of files without rows for phases its number among them.
    pub phase_id: Option<i64>,
    /// `prep`, `main` or `cleanup`.
    pub phase: Option<String>,
    /// The stored repeat_index.
    pub iteration: Option<i64>,
    pub step: Option<i64>,
    pub step_index: Option<i64>,
    /// As stored.
    pub method: Option<String>,
    /// As the log has it, mostly with its instrument: `reactor.flaky`.
    pub called: Option<String>,
    /// Which sample of a batch.
    pub sample: Option<Share>,
    /// Which try, of a step that was tried again.
    pub attempt: Option<Share>,
    pub start: Timestamp,
    pub end: Timestamp,
    pub inputs: Option<Told<Dict>>,
    /// Empty where the message is; `None` where nothing has one.
    pub text: Option<Told<String>>,
    /// The class of the exception.
    pub exception: Option<String>,
    pub traceback: Option<String>,
    pub log: Option<LogPlace>,
    pub last_good: Option<LastGood>,
    /// What it has in common with failures that read alike: from the database, as logs are not looked through for it.
    pub signature: Option<Told<String>>,
    pub same: Option<Same>,
    /// The last steps of the record that took much longer than usual up to here, the failed one too.
    pub slow_before: Vec<SlowStep>,
}

/// Where the log speaks of a failure.
#[derive(Debug, Clone, PartialEq)]
pub struct LogPlace {
    pub origin: Origin,
    /// The file's name in the data folder: `logs/NAME.log`, `default.log`.
    pub file: String,
    /// In bytes.
    pub offset: u64,
    pub length: u64,
    /// Where the entry of the error itself begins, if there is one.
    pub error_at: Option<u64>,
    /// Line numbers from 1; `None` in a log that is too large to count them.
    pub lines: Option<(u64, u64)>,
    /// The lines themselves, the first ones of many.
    pub text: Vec<String>,
}

/// The same step when it last ended without an error.
#[derive(Debug, Clone, PartialEq)]
pub struct LastGood {
    pub run: i64,
    pub iteration: Option<i64>,
    pub step: i64,
    /// Parameters that differ: then, now.
    pub inputs: Vec<Difference>,
    /// Outputs without parameters that differ: then, now.
    pub outputs: Vec<Difference>,
    /// Seconds: then, now.
    pub took: (Option<f64>, Option<f64>),
}

/// A value that was another one then; `None` where there was none.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub name: Text,
    pub then: Option<Value>,
    pub now: Option<Value>,
}

impl Failure {
    /// Of what is told of it, where each comes from.
    pub fn origins(&self) -> Vec<(&'static str, Origin)> {
        let log = self.log.as_ref().map(|log| log.origin);
        let place = match self.kind {
            FailureKind::Step | FailureKind::Unfinished => Some(Origin::Step),
            FailureKind::Phase => Some(Origin::Phase),
            FailureKind::Run => log,
        };
        let parts = [
            ("place", place),
            ("inputs", self.inputs.as_ref().map(|told| told.origin)),
            ("text", self.text.as_ref().map(|told| told.origin)),
            ("exception", log.filter(|_| self.exception.is_some())),
            ("traceback", log.filter(|_| self.traceback.is_some())),
            ("log", log),
            ("last_good", self.last_good.as_ref().map(|_| Origin::Step)),
            ("same", self.same.as_ref().map(|same| same.origin)),
        ];
        parts.into_iter().filter_map(|(name, origin)| Some((name, origin?))).collect()
    }
}

impl FailureKind {
    pub fn word(self) -> &'static str {
        match self {
            FailureKind::Step => "step",
            FailureKind::Phase => "phase",
            FailureKind::Run => "run",
            FailureKind::Unfinished => "unfinished",
        }
    }
}
