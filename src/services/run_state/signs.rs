//! The signs of life of a record: times in its steps, events and dated log lines.

use jiff::civil::DateTime;

use super::{
    log_end::{self, LogEnd},
    told::{StepInHand, Wait, WaitKind},
};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        outcome::ALIVE_FOR,
        timestamp::{seconds_between, whole_second},
    },
    services::{
        events::{LazyEvents, RunEvent},
        lab::{Lab, local_time},
        paths,
    },
};

/// What was seen of a record without an end.
#[derive(Debug, Default)]
pub struct Signs {
    /// The last sign of life that is believed.
    pub latest: Option<DateTime>,
    /// A sign so far ahead of the clock that it is not believed.
    pub unbelieved: Option<DateTime>,
    /// Some of its phases or steps are among the last ones of the file.
    pub seen: bool,
    pub open: Option<StepInHand>,
    pub wait: Option<Wait>,
}

/// A time that lies up to so many seconds ahead is believed: the clock of a lab's PC goes back by an hour in autumn, and is
/// set by hand. What lies further ahead comes from another clock or zone.
const AHEAD: f64 = 3.0 * 3600.0;
/// The last dated line of a log and the time of its file are of one writing when they are so many seconds apart at most.
const AGREE: f64 = 300.0;

impl Signs {
    /// # Errors
    /// As any read.
    pub fn of(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<Self> {
        let run = events.run;
        let activity = match lab.source().activity(run.id, cx) {
            Err(error @ (Error::Cancelled | Error::Replaced | Error::Busy { .. })) => return Err(error),
            // A table of phases that can't be read keeps no list from being shown.
            read => read.unwrap_or_default(),
        };
        let log = log_end::of(lab, run);
        let last_event = events.all().iter().filter_map(|event| event.time.at()).max();
        let file = log
            .file_time
            .filter(|file| log.last.is_some_and(|last| seconds_between(last, *file).abs() <= AGREE));
        let all = [run.start.at(), activity.last, last_event, log.last, file];
        let now = lab.now();
        let believed = |at: &DateTime| seconds_between(now, *at) <= AHEAD;
        let latest = all.into_iter().flatten().filter(believed).max();
        let unbelieved = all.into_iter().flatten().filter(|at| !believed(at)).max();
        let open = activity.open.and_then(|step| {
            let since = step.start.at().filter(believed)?;
            let called = log.called(&step.method_name, whole_second(since));
            let shown = called.unwrap_or_else(|| step.method_name.clone());
            Some(StepInHand { method: step.method_name, shown, since })
        });
        let wait = wait(events.all(), log, open.as_ref());
        Ok(Self { latest, unbelieved, seen: activity.last.is_some(), open, wait })
    }

    /// No sign of life for ten minutes.
    pub fn is_silent(&self, now: DateTime) -> bool {
        self.latest.is_none_or(|at| seconds_between(at, now) > ALIVE_FOR)
    }
}

/// Can be told while a record waits, and changes nothing of that.
fn is_beside(event: &RunEvent) -> bool {
    matches!(event.kind.as_str(), "table_edited" | "stop_after_iteration" | "rows_not_run")
}

/// What the record waits for: by the last of its events that can end a wait, else by what its log says behind that. A step
/// that began since says that it goes on.
fn wait(events: &[RunEvent], log: LogEnd, open: Option<&StepInHand>) -> Option<Wait> {
    let begun = |wait: &Wait| {
        let behind = |open: &StepInHand| wait.since.is_some_and(|since| since < whole_second(open.since));
        open.is_some_and(behind)
    };
    told_wait(events, log).filter(|wait| !begun(wait))
}

fn told_wait(events: &[RunEvent], log: LogEnd) -> Option<Wait> {
    let Some(last) = events.iter().rfind(|event| !is_beside(event)) else { return log.wait };
    let kind = match last.kind.as_str() {
        "paused" => WaitKind::Paused,
        "intervention" => WaitKind::Intervention,
        "error" => WaitKind::Error,
        _ => {
            let second = last.time.at().map(whole_second);
            // A request for an input has no event that could be late: it may come in the second of a resume.
            let behind =
                |wait: &Wait| wait.since > second || (wait.kind == WaitKind::Input && wait.since == second);
            return log.wait.filter(behind);
        }
    };
    let text = last.detail.clone().filter(|detail| !detail.trim().is_empty());
    Some(Wait { kind, text, since: last.time.at() })
}

/// The last sign of life in the widest sense, where a wrong guess would do harm: also the time of the log's file alone. One
/// that lies well ahead of the clock counts only where there is no other.
///
/// # Errors
/// As any read.
pub fn generous_sign(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<Option<DateTime>> {
    let run = events.run;
    let file = paths::about_log(lab, run).and_then(|about| about.modified().ok()).and_then(local_time);
    let last_event = events.all().iter().filter_map(|event| event.time.at()).max();
    let signs = [run.start.at(), lab.source().activity(run.id, cx)?.last, file, last_event];
    let ahead = |at: &DateTime| seconds_between(lab.now(), *at) > ALIVE_FOR;
    let signs = || signs.into_iter().flatten();
    Ok(signs().filter(|at| !ahead(at)).max().or_else(|| signs().max()))
}
