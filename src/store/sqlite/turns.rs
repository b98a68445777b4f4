//! When our next transaction is due beside a lab that writes, too: right behind one of its commits, when its next one is
//! farthest away.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
};

/// A lab that has committed within this time is waited for.
const RECENT: Duration = Duration::from_secs(2);

/// The longest wait for its next commit.
const MOST: Duration = Duration::from_millis(250);

/// IvoryOS often commits twice, one right behind the other: that is one for us.
const TOGETHER: Duration = Duration::from_millis(5);

/// So many commits without a rest between them: no time is better than another.
const RESTLESS: u32 = 8;

/// So long behind a commit we begin.
const SETTLE: Duration = Duration::from_millis(3);

/// Until so long behind it, at least and at most, a third of what is between two commits.
const WINDOW: (Duration, Duration) = (Duration::from_millis(8), Duration::from_millis(60));

/// Between two of ours: a lab that waits for the lock tries it every few milliseconds.
const RESPITE: Duration = Duration::from_millis(5);

/// Times between commits that are remembered; the shortest counts, as ours may have made the others longer.
const REMEMBERED: usize = 4;

/// Between two looks while a commit is waited for.
const APART: Duration = Duration::from_millis(1);

/// Parts of a pause beside a lab that rests, between which other questions are answered.
const PARTS: u32 = 5;

/// The turns of one job.
#[derive(Debug)]
pub struct Turns {
    /// Between two transactions beside a lab that rests; none for tests.
    pause: Duration,
    is_first: bool,
    /// `PRAGMA data_version`: another one after each commit of another connection.
    version: Option<i64>,
    /// When the lab was last seen to have committed.
    committed: Option<Instant>,
    /// The last times between its commits, the newest at the end.
    apart: Vec<Duration>,
    /// Commits without a rest before them.
    restless: u32,
}

impl Turns {
    pub fn new(pause: Duration) -> Self {
        Self { pause, is_first: true, version: None, committed: None, apart: Vec::new(), restless: 0 }
    }

    /// Leaves the write lock to the lab until it is our turn, and tells the progress meanwhile; the first turn comes at once.
    ///
    /// # Errors
    /// The checkpoint's.
    pub fn wait(
        &mut self,
        connection: &Connection,
        progress: Progress,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let since = Instant::now();
        self.look(connection, since);
        if std::mem::take(&mut self.is_first) {
            return checkpoint.check(progress);
        }
        loop {
            checkpoint.check(progress)?;
            let now = Instant::now();
            self.look(connection, now);
            if self.is_due(now, now - since) {
                return checkpoint.check(progress);
            }
            thread::sleep(if self.is_written(now) { APART } else { self.pause / PARTS });
        }
    }

    fn look(&mut self, connection: &Connection, now: Instant) {
        // While it commits just now it can't be told: the next look does.
        let Ok(version) = connection.pragma_query_value(None, "data_version", |row| row.get(0)) else {
            return;
        };
        if self.version.is_some_and(|before| before != version) {
            match self.committed.map(|before| now - before) {
                Some(apart) if apart < TOGETHER => self.restless += 1,
                Some(apart) => {
                    self.restless = 0;
                    self.apart.push(apart);
                    let old = self.apart.len().saturating_sub(REMEMBERED);
                    self.apart.drain(..old);
                }
                None => {}
            }
            self.committed = Some(now);
        }
        self.version = Some(version);
    }

    fn is_written(&self, now: Instant) -> bool {
        self.committed.is_some_and(|committed| now - committed < RECENT)
    }

    fn is_due(&self, now: Instant, waited: Duration) -> bool {
        match self.committed.filter(|_| self.is_written(now)) {
            _ if self.pause.is_zero() => true,
            None => waited >= self.pause,
            Some(_) if self.restless >= RESTLESS => waited >= self.pause,
            Some(committed) => {
                let apart = self.apart.iter().min().copied().unwrap_or_default();
                let window = (apart / 3).clamp(WINDOW.0, WINDOW.1);
                let is_ours = (SETTLE..=window).contains(&(now - committed)) && waited >= RESPITE;
                is_ours || waited >= MOST
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A job that has seen commits so far apart, the last one so long ago.
    fn beside(apart: Duration, ago: Duration) -> (Turns, Instant) {
        let now = Instant::now();
        let committed = now.checked_sub(ago);
        (Turns { committed, apart: vec![apart, apart * 4], ..Turns::new(ms(25)) }, now)
    }

    #[test]
    fn beside_a_lab_that_rests_the_pause_is_short() {
        for (turns, now) in [(Turns::new(ms(25)), Instant::now()), beside(ms(20), ms(5_000))] {
            assert!(!turns.is_due(now, ms(24)) && turns.is_due(now, ms(25)));
        }
        assert!(Turns::new(Duration::ZERO).is_due(Instant::now(), Duration::ZERO), "tests wait for nothing");
    }

    #[test]
    fn behind_a_commit_it_is_our_turn_and_before_the_next_it_is_not() {
        for (apart, ago, is_due) in [
            (20, 1, false),
            (20, 4, true),
            (20, 12, false),
            (20, 240, false),
            (120, 30, true),
            (120, 50, false),
            (1_000, 59, true),
            (1_000, 500, false),
        ] {
            let (turns, now) = beside(ms(apart), ms(ago));
            assert_eq!(turns.is_due(now, ms(100)), is_due, "{apart} apart, {ago} ago");
            assert!(!turns.is_due(now, ms(4)), "it has just been ours");
            assert!(turns.is_due(now, MOST), "in the end it is our turn");
        }
    }

    #[test]
    fn commits_of_others_are_seen_and_our_own_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("lab.db")).unwrap();
        let (ours, lab) = (open(), open());
        lab.execute_batch("CREATE TABLE t(a)").unwrap();
        let (mut turns, now) = (Turns::new(ms(25)), Instant::now());
        turns.look(&ours, now);
        ours.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        turns.look(&ours, now);
        assert_eq!(turns.committed, None);
        let mut commit = |at: u64| {
            lab.execute_batch("INSERT INTO t VALUES (2)").unwrap();
            turns.look(&ours, now + ms(at));
        };
        // Two together, and then five.
        for at in [30, 32, 62, 100, 110, 150, 190] {
            commit(at);
        }
        assert_eq!(
            (turns.committed, turns.apart.as_slice()),
            (Some(now + ms(190)), &[38, 10, 40, 40].map(ms)[..])
        );
        assert!(!turns.is_due(now + ms(192), ms(30)));
        for at in 191..200 {
            lab.execute_batch("INSERT INTO t VALUES (2)").unwrap();
            turns.look(&ours, now + ms(at));
        }
        assert!(turns.is_due(now + ms(200), ms(30)), "a lab that does not rest");
    }
}
