//! What a watcher knows of a lab between two looks: plain values, which the lab keeps for its screens.

use std::time::Instant;

use jiff::civil::DateTime;

use crate::{
    model::{run::Run, timestamp::Timestamp},
    services::{follow_throttle::Effort, run_state::told::RunState},
    store::Version,
};

/// The watcher of the screens, and of which file it is.
#[derive(Debug, Default)]
pub struct Watched {
    pub watcher: Watcher,
    /// The number of that file (`Lab::opened`).
    pub opened: u32,
}

/// Watches a lab.
#[derive(Debug, Default)]
pub struct Watcher {
    /// By id.
    pub(super) newest: Vec<KnownRecord>,
    pub(super) followed: Vec<Followed>,
    /// A record that is watched however old it is.
    pub(super) also: Option<i64>,
    /// When the lab was looked at first, and last, on its clock.
    pub(super) looked: Option<(DateTime, DateTime)>,
    pub(super) seen: SeenFiles,
    pub(super) effort: Effort,
}

/// A record among the newest ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownRecord {
    pub(super) id: i64,
    pub(super) start: Timestamp,
}

/// What stood still since the last look.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SeenFiles {
    pub(super) version: Option<Version>,
    /// The sizes of the logs of watched records: a pause of old versions, and a request for an input, is only there.
    pub(super) logs: Vec<(i64, Option<u64>)>,
}

/// A record without an end.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub(super) run: Run,
    pub(super) state: RunState,
    /// When it counts as died if nothing more is seen of it.
    pub(super) until: Option<DateTime>,
    /// Since when it waits.
    pub(super) since: Option<DateTime>,
    /// How often somebody went on with it after a wait.
    pub(super) turns: usize,
    pub(super) failures: ToldFailures,
    /// The text of its last failure.
    pub(super) last_text: Option<String>,
}

/// What was told of the failures of a record.
#[derive(Debug, Clone, Default)]
pub(super) struct ToldFailures {
    /// The last phase that was seen: what comes is in it or behind it.
    pub(super) last_phase: Option<i64>,
    /// Of the phases from that one on: how many steps failed, and whether it failed itself.
    pub(super) counted: Vec<(i64, u64, bool)>,
    /// The failures in them that were told: phase and step.
    pub(super) told: Vec<(Option<i64>, Option<i64>)>,
    /// Since when failures wait for their text.
    pub(super) held: Option<Instant>,
    /// It was not known which rows are whose.
    pub(super) lacked: bool,
}
