//! What a record without an end does, and why that is thought: the rules, from what was seen of it.

mod log_end;
mod signs;
pub(super) mod told;
mod words;

use jiff::{SignedDuration, civil::DateTime};

use super::{events::LazyEvents, lab::Lab};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{outcome::ALIVE_FOR, query::Order, run::Run, timestamp::seconds_between},
    store::IdPlace,
};
use signs::Signs;
pub use signs::generous_sign;
pub use told::RunState;

/// The state of a record without an end, with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub state: RunState,
    /// Why, in words: `in reactor.hold since 20:12`.
    pub evidence: String,
    /// Since when it waits, or is in the step that is open.
    pub since: Option<DateTime>,
    /// When it counts as died if nothing more is seen of it; `None` where time alone changes nothing.
    pub until: Option<DateTime>,
}

/// How long a step may take of a method of which none has ended, in seconds.
const UNKNOWN_STEP: f64 = 24.0 * 3600.0;

/// Could the record be at work: neither a status nor an end?
pub fn is_open(run: &Run) -> bool {
    run.end.is_none() && !matches!(run.status.as_deref(), Some("completed" | "stopped" | "error"))
}

/// The state of a record without an end; `newest` is the lab's newest record.
///
/// # Errors
/// As any read.
pub fn standing(lab: &Lab, events: &LazyEvents<'_>, newest: i64, cx: &Cx<'_>) -> Result<Standing> {
    let signs = Signs::of(lab, events, cx)?;
    let now = lab.now();
    let later = match newest == events.run.id {
        true => None,
        false => lab.source().run_ids(IdPlace::Behind(events.run.id), Order::Ascending, 1, cx)?.pop(),
    };
    if later.is_some() && signs.is_silent(now) {
        let evidence = words::died(&signs, None, later, now);
        return Ok(Standing { state: RunState::Died, evidence, since: None, until: None });
    }
    if let Some(wait) = &signs.wait {
        // Another record's beginning ends the wait of an older one when it has been silent.
        let until = later.and(signs.latest).map(|at| behind(at, ALIVE_FOR));
        return Ok(Standing {
            state: RunState::Waits,
            evidence: words::waits(wait, &signs, now),
            since: wait.since,
            until,
        });
    }
    let rest = signs.latest.map(|at| behind(at, ALIVE_FOR));
    let Some(open) = &signs.open else {
        let running = !signs.is_silent(now);
        let evidence = if running {
            words::running(&signs, None, later, now)
        } else {
            words::died(&signs, None, None, now)
        };
        return Ok(ended_or(running, evidence, None, rest));
    };
    if seconds_between(open.since, now) <= ALIVE_FOR {
        let until = later.and(rest).or(Some(behind(open.since, ALIVE_FOR)));
        return Ok(ended_or(true, words::running(&signs, Some(None), later, now), Some(open.since), until));
    }
    let longest = lab.longest_step(&open.method, cx)?;
    let most = behind(open.since, longest.map_or(UNKNOWN_STEP, |longest| ALIVE_FOR + 2.0 * longest));
    // What still writes to its log is at work, however long its step takes.
    let until = rest.map_or(most, |rest| most.max(rest));
    let running = now <= until;
    let evidence = if running {
        words::running(&signs, Some(Some(longest)), later, now)
    } else {
        words::died(&signs, Some(longest), later, now)
    };
    let until = if later.is_some() { rest } else { Some(until) };
    Ok(ended_or(running, evidence, Some(open.since), until))
}

/// Of a record without an end that is far from the newest: nothing of it is read.
pub fn far_behind(newest: i64) -> Standing {
    Standing { state: RunState::Died, evidence: words::far_behind(newest), since: None, until: None }
}

fn ended_or(running: bool, evidence: String, since: Option<DateTime>, until: Option<DateTime>) -> Standing {
    if running {
        return Standing { state: RunState::Running, evidence, since, until };
    }
    Standing { state: RunState::Died, evidence, since, until: None }
}

fn behind(time: DateTime, seconds: f64) -> DateTime {
    SignedDuration::try_from_secs_f64(seconds).map_or(time, |length| time.saturating_add(length))
}
