//! What is done while nobody asks, for names and the index: pieces of a few milliseconds with pauses, longer ones while
//! the lab writes.

use std::time::{Duration, Instant};

use super::lab::Lab;
use crate::{
    checkpoint::Progress,
    error::Error,
    store::{Due, Work},
};

/// What came of work that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// When to go on, if nobody asks before.
    pub pause: Duration,
    /// How far work has come that takes long enough to tell.
    pub progress: Option<Progress>,
    /// Earlier answers are to be asked for anew.
    pub news: bool,
}

/// Between two pieces while nobody else uses the file: SQLite's locks are free half of the time.
const PAUSE: Duration = Duration::from_millis(4);
/// While the lab commits: a tenth of the time at most, in shorter pieces.
const POLITE: Duration = Duration::from_millis(10);
/// Between two pieces of the audit, which nobody waits for.
const SLOW: Duration = Duration::from_millis(100);
/// After a lock that could not be had.
const LATER: Duration = Duration::from_secs(1);
/// Building for longer than this is told.
const LONG: Duration = Duration::from_secs(1);

/// Does a piece of the work; `None` when nothing is left until the file changes.
pub fn idle(lab: &Lab) -> Option<Idle> {
    let due = lab.store.names_due();
    let done =
        if due == Due::Now { lab.names_piece().map(|news| (Work::Build, news)) } else { lab.index_piece() };
    let (work, news) = match done {
        Ok(done) => done,
        Err(Error::Busy { .. }) => return Some(Idle { pause: LATER, progress: None, news: false }),
        Err(_) => return None,
    };
    let pause = match (work, due) {
        (Work::Build, _) if lab.store.is_written() => POLITE,
        (Work::Build, _) => PAUSE,
        (Work::Audit, _) => SLOW,
        (Work::Done, Due::In(rest)) => rest,
        (Work::Done, _) if news => Duration::ZERO,
        (Work::Done, _) => return None,
    };
    Some(Idle { pause, progress: progress(lab), news })
}

/// Parts that are told one by one.
const PARTS: u64 = 50;

fn progress(lab: &Lab) -> Option<Progress> {
    let Some(progress) = lab.store.index_progress() else {
        lab.building.set(None);
        return None;
    };
    let since = lab.building.get().unwrap_or_else(Instant::now);
    lab.building.set(Some(since));
    let total = progress.total.filter(|_| since.elapsed() >= LONG)?;
    let part = (total / PARTS).max(1);
    Some(Progress { done: progress.done / part * part, total: Some(total) })
}
