//! When others were last seen to have committed.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// A lab that has committed within this time is at work.
const RECENT: Duration = Duration::from_secs(2);

/// The state that was last seen, and when it became another one.
#[derive(Debug, Default)]
pub struct Commits {
    seen: Cell<Option<i64>>,
    last: Cell<Option<Instant>>,
}

impl Commits {
    /// Takes the state that was just asked for.
    pub fn see(&self, state: i64) {
        if self.seen.replace(Some(state)).is_some_and(|before| before != state) {
            self.last.set(Some(Instant::now()));
        }
    }

    pub fn are_recent(&self) -> bool {
        self.last.get().is_some_and(|last| last.elapsed() < RECENT)
    }
}
