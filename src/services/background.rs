//! What is done while nobody asks, for names and the index: pieces of a few milliseconds with pauses, longer ones while
//! the lab writes.

use std::time::{Duration, Instant};

use super::lab::Lab;
use crate::{
    checkpoint::Progress,
    error::Error,
    store::{Due, Work},
};

/// What came of a piece of background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// How long to wait before the next piece, if no request comes before.
    pub pause: Duration,
    /// How far the building of the index has come, once it takes long enough to be worth showing.
    pub progress: Option<Progress>,
    /// Answers that were given before are out of date: the screens ask again.
    pub news: bool,
}

/// Pause between two pieces while nobody else uses the file: SQLite's lock is free half of the time.
const PAUSE: Duration = Duration::from_millis(4);
/// Pause while the lab commits: the work takes a tenth of the time at most, in shorter pieces.
const POLITE: Duration = Duration::from_millis(10);
/// Pause between two pieces of the index's audit, which nobody waits for.
const SLOW: Duration = Duration::from_millis(100);
/// Pause after SQLite's lock could not be had.
const LATER: Duration = Duration::from_secs(1);
/// When the index is built for longer than this, its progress is shown.
const LONG: Duration = Duration::from_secs(1);

/// Does a piece of background work, names before the index; `None` when nothing is left until the file changes.
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

/// Steps in which progress is shown, so that the screen is not drawn for each piece.
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
