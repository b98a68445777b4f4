//! A record as the file has it: the run, its phases and their steps.

use super::{timestamp::Timestamp, value::RawCell};

/// A row of `workflow_runs`; columns that the file's version lacks are `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    pub id: i64,
    pub name: String,
    pub platform: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub data_path: Option<String>,
    pub repeat_mode: Option<String>,
    pub status: Option<String>,
    pub events: RawCell,
    pub submitted_by: Option<String>,
}

/// A name of a record for people: a blank one would be a blank row. Clean only once it is shown.
pub fn shown(name: &str) -> &str {
    if name.trim().is_empty() { NAMELESS } else { name }
}

impl Run {
    /// Its name for people, as [`shown`].
    pub fn shown_name(&self) -> &str {
        shown(&self.name)
    }

    pub fn is_nameless(&self) -> bool {
        self.name.trim().is_empty()
    }
}

/// In the place of a name.
const NAMELESS: &str = "(no name)";

/// A row of `workflow_phases`: prep, one iteration of main, or cleanup.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Phase {
    pub id: i64,
    pub run_id: i64,
    /// `prep`, `main` or `cleanup`.
    pub name: String,
    /// The iteration, from 1 (0 in old data).
    pub repeat_index: Option<i64>,
    pub parameters: RawCell,
    pub outputs: RawCell,
    pub status: Option<String>,
    pub error: RawCell,
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A row of `workflow_steps`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    pub id: i64,
    pub phase_id: i64,
    pub step_index: Option<i64>,
    pub method_name: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub run_error: Option<bool>,
    /// The whole context after the step: parameters, variables and results together.
    pub output: RawCell,
}
