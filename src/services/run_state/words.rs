//! The evidence for a record's state, in words.

use jiff::civil::DateTime;

use super::{
    signs::Signs,
    told::{StepInHand, Wait, WaitKind},
};
use crate::model::{
    format::{clock, duration},
    timestamp::seconds_between,
};

/// How long the longest ended step of a method took; the outer `None` where that was not asked.
type Longest = Option<Option<f64>>;

/// `in reactor.hold since 20:12, which took 4 h at most before`.
pub fn running(signs: &Signs, step: Option<Longest>, later: Option<i64>, now: DateTime) -> String {
    let mut said = match (&signs.open, step) {
        (Some(open), Some(longest)) => {
            let mut said = in_step(open, longest, now);
            if longest.is_some() && signs.latest > Some(open.since) {
                said.push_str(&format!(", {}", last_sign(signs, now)));
            }
            said
        }
        _ => format!("no end time, {}", last_sign(signs, now)),
    };
    if let Some(later) = later {
        said.push_str(&format!("; #{later} began after it"));
    }
    with_clock(said, signs, now)
}

/// `no end time, last sign of life 03:01, and #62 began after it`.
pub fn died(signs: &Signs, longest: Longest, later: Option<i64>, now: DateTime) -> String {
    let mut said = match (&signs.open, longest) {
        (Some(open), Some(_)) => format!("{}, {}", in_step(open, longest, now), last_sign(signs, now)),
        (Some(open), None) => {
            format!(
                "no end time, in {} since {}, {}",
                open.shown,
                clock(open.since, now),
                last_sign(signs, now)
            )
        }
        // Its last steps lie too far back to be looked at.
        _ if later.is_some() && !signs.seen => "no end time".to_owned(),
        _ => format!("no end time, {}", last_sign(signs, now)),
    };
    if let Some(later) = later {
        said.push_str(&format!(", and #{later} began after it"));
    }
    with_clock(said, signs, now)
}

pub fn far_behind(newest: i64) -> String {
    format!("no end time, and #{newest} began after it")
}

/// `waits since 20:12 for a person: Please refill`.
pub fn waits(wait: &Wait, signs: &Signs, now: DateTime) -> String {
    let since = wait.since.map(|at| format!(" since {}", clock(at, now))).unwrap_or_default();
    let (what, text) = match (wait.kind, &wait.text) {
        (WaitKind::Paused, text) => ("paused", text),
        (WaitKind::Intervention, text) => ("waits for a person", text),
        (WaitKind::Error, text) => ("waits for a decision after an error", text),
        (WaitKind::Input, text) => ("waits for an input", text),
    };
    let text = text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    with_clock(format!("{what}{since}{text}"), signs, now)
}

fn in_step(open: &StepInHand, longest: Longest, now: DateTime) -> String {
    let told = match longest {
        Some(Some(longest)) => format!(", which took {} at most before", duration(longest.max(0.0))),
        Some(None) => ", and none has ended here yet".to_owned(),
        None => String::new(),
    };
    format!("in {} since {}{told}", open.shown, clock(open.since, now))
}

fn last_sign(signs: &Signs, now: DateTime) -> String {
    match (signs.latest, signs.unbelieved) {
        (Some(at), _) => format!("last sign of life {}", clock(at, now)),
        (None, Some(at)) => format!("last sign of life {}", clock(at, now)),
        (None, None) => "no sign of life".to_owned(),
    }
}

/// Times that lie ahead of the clock are told of: they are of another clock, or it went back.
fn with_clock(said: String, signs: &Signs, now: DateTime) -> String {
    let ahead = |at: DateTime| seconds_between(now, at);
    match (signs.unbelieved, signs.latest) {
        (Some(at), _) => {
            format!("{said}; times up to {} lie ahead of this clock and are not believed", clock(at, now))
        }
        (None, Some(at)) if ahead(at) > 60.0 => {
            format!("{said}; that is {} ahead of this clock, which may have gone back", duration(ahead(at)))
        }
        _ => said,
    }
}
