//! What a record without an end does, and why that is thought.

use super::{events::LazyEvents, lab::Lab, records};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{format, outcome::Outcome},
};

/// What a record without an end does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    Running,
    Waits,
    Died,
}

impl RunState {
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Waits => "waits",
            RunState::Died => "died",
        }
    }
}

/// What a record without an end does.
pub fn state(lab: &Lab, events: &LazyEvents<'_>, outcome: Outcome, cx: &Cx<'_>) -> Result<Option<RunState>> {
    if !matches!(outcome, Outcome::Running | Outcome::Unfinished) {
        return Ok(None);
    }
    let is_newest = lab.newest_run(cx)?.is_some_and(|newest| newest.id == events.run.id);
    let last = events.all().last().map(|event| event.kind.as_str());
    Ok(Some(match (last, outcome) {
        (Some("paused" | "intervention" | "error"), _) if is_newest => RunState::Waits,
        (_, Outcome::Running) => RunState::Running,
        _ => RunState::Died,
    }))
}

/// Why this outcome, where it is a guess from signs of life.
pub fn evidence(lab: &Lab, events: &LazyEvents<'_>, outcome: Outcome, cx: &Cx<'_>) -> Result<Option<String>> {
    if !matches!(outcome, Outcome::Running | Outcome::Unfinished) {
        return Ok(None);
    }
    Ok(Some(match records::sign_of_life(lab, events, cx)? {
        Some(at) => format!("no end time, last sign of life {}", format::clock(at, lab.now())),
        None => "no end time, no sign of life".to_owned(),
    }))
}
