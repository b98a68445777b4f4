//! Waiting for a lock of the lab's: no longer than the patience, nor than somebody wants the answer; told when it is long.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::checkpoint::{Cancel, LockNews};

/// What ends the work that a connection is used for: asked by SQLite while it waits and between steps of a statement;
/// and who hears of the wait.
#[derive(Debug, Clone, Default)]
pub struct Current {
    work: Arc<Mutex<Cancel>>,
    patience: Duration,
    /// How long a wait is by itself; then it is told.
    told_wait: Duration,
    news: LockNews,
}

impl Current {
    /// Waits for so long, for this work; there it is told when it takes longer than `told_wait`.
    pub fn new(cancel: Cancel, patience: Duration, told_wait: Duration, news: LockNews) -> Self {
        Self { work: Arc::new(Mutex::new(cancel)), patience, told_wait, news }
    }

    /// Sets the work that begins or goes on; gives the one before. Whatever waited does not any more.
    pub fn set(&self, cancel: Cancel) -> Cancel {
        self.news.goes_on();
        std::mem::replace(&mut *self.work.lock().unwrap_or_else(PoisonError::into_inner), cancel)
    }

    pub fn is_cancelled(&self) -> bool {
        self.get().is_cancelled()
    }

    fn get(&self) -> Cancel {
        self.work.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something is waited for since then, in whatever way.
    pub fn waits(&self, since: Instant) {
        if since.elapsed() >= self.told_wait {
            self.news.waits();
        }
    }

    /// The lock was free.
    pub fn goes_on(&self) {
        self.news.goes_on();
    }

    /// One more try failed: is it to be tried again, after this pause?
    fn tries_again(&self, since: Instant, pause: u64) -> Option<Duration> {
        let left = self.patience.saturating_sub(since.elapsed());
        let cancel = self.get();
        if left.is_zero() {
            cancel.end_waits();
        }
        if cancel.ends_waits() {
            return None;
        }
        self.waits(since);
        Some(Duration::from_millis(pause).min(left))
    }
}

/// Instructions of SQLite's machine between two looks: some tens of microseconds.
const STEPS: std::ffi::c_int = 2_000;

/// Makes a connection's statements end when their work is taken back.
///
/// # Errors
/// When SQLite takes no handler.
pub fn end_when_cancelled(connection: &mut Connection, current: &Current) -> rusqlite::Result<()> {
    let current = current.clone();
    let ends = move || {
        // Whatever a statement waited for, it runs now.
        current.goes_on();
        current.is_cancelled()
    };
    connection.progress_handler(STEPS, Some(ends))
}

/// Pauses between two tries, SQLite's own at first; the last one goes on, short enough for a key that ends the wait.
const PAUSES: [u64; 7] = [1, 2, 5, 10, 15, 20, 25];

/// Beside a lab that commits without a rest the write lock is free for a millisecond at a time.
const KEEN: [u64; 1] = [1];

/// Makes a connection wait for locks.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_for_locks(connection: &mut Connection, current: &Current) -> rusqlite::Result<()> {
    wait(connection, current, &PAUSES)
}

/// Makes a connection wait for the write lock, which it tries to get more often.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_to_write(connection: &mut Connection, current: &Current) -> rusqlite::Result<()> {
    wait(connection, current, &KEEN)
}

fn wait(connection: &mut Connection, current: &Current, pauses: &'static [u64]) -> rusqlite::Result<()> {
    let current = current.clone();
    let mut since = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            since = Instant::now();
        }
        let at = usize::try_from(tries).unwrap_or_default().min(pauses.len() - 1);
        let pause = current.tries_again(since, pauses.get(at).copied().unwrap_or_default());
        pause.map(thread::sleep).is_some()
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use rusqlite::ErrorCode;

    use super::*;

    const TOMORROW: Duration = Duration::from_secs(86_400);

    fn waiting(patience: Duration) -> Current {
        Current { patience, ..Current::default() }
    }

    /// A file under somebody's exclusive lock, and a connection to it that waits for this work.
    fn locked(folder: &std::path::Path, patience: Duration) -> (Connection, Connection, Current) {
        let file = folder.join("a.db");
        let holder = Connection::open(&file).unwrap();
        holder.execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE").unwrap();
        let mut waiting = Connection::open(&file).unwrap();
        let current = self::waiting(patience);
        wait_for_locks(&mut waiting, &current).unwrap();
        (holder, waiting, current)
    }

    fn read(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row("SELECT count(*) FROM t", [], |r| r.get(0))
    }

    /// Without an end to the wait this would take until tomorrow.
    #[test]
    fn a_wait_ends_when_nobody_wants_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, waiting, current) = locked(folder.path(), TOMORROW);
        let cancel = Cancel::default();
        cancel.cancel();
        current.set(cancel);
        assert_eq!(read(&waiting).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    }

    /// A question of many statements has the patience of one.
    #[test]
    fn who_waited_in_vain_does_not_wait_again() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, mut waiting, current) = locked(folder.path(), Duration::ZERO);
        assert!(read(&waiting).is_err());
        wait_for_locks(&mut waiting, &Current { patience: TOMORROW, ..current }).unwrap();
        assert_eq!(read(&waiting).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    }

    #[test]
    fn a_wait_ends_with_the_patience_and_with_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (holder, waiting, current) = locked(folder.path(), Duration::from_millis(3));
        assert_eq!(read(&waiting).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        holder.execute_batch("COMMIT").unwrap();
        current.set(Cancel::default());
        assert_eq!(read(&waiting), Ok(0));
    }

    /// The lock is let go by whoever hears of the wait: without a word this would take until tomorrow.
    #[test]
    fn a_wait_is_told_once_and_so_is_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let (holder, waiting, current) = locked(folder.path(), TOMORROW);
        let (hears, heard) = channel();
        let holder = Mutex::new(holder);
        current.news.hear(move |waits| {
            if waits {
                holder.lock().unwrap().execute_batch("COMMIT").unwrap();
            }
            hears.send(waits).unwrap();
        });
        assert_eq!(read(&waiting), Ok(0));
        current.set(Cancel::default());
        assert_eq!(read(&waiting), Ok(0));
        current.set(Cancel::default());
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_short_wait_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, mut waiting, current) = locked(folder.path(), Duration::from_millis(3));
        wait_for_locks(&mut waiting, &Current { told_wait: TOMORROW, ..current.clone() }).unwrap();
        current.news.hear(|_| panic!("told"));
        assert!(read(&waiting).is_err());
    }

    #[test]
    fn a_statement_that_runs_says_that_the_wait_is_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        let current = Current::default();
        end_when_cancelled(&mut connection, &current).unwrap();
        current.waits(Instant::now());
        let (hears, heard) = channel();
        current.news.hear(move |waits| hears.send(waits).unwrap());
        let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT count(*) FROM n";
        assert_eq!(connection.query_row(long, [], |row| row.get(0)), Ok(9999));
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [true, false]);
    }

    /// A statement that would go on for years.
    #[test]
    fn a_statement_ends_when_its_work_is_taken_back() {
        let mut connection = Connection::open_in_memory().unwrap();
        let current = Current::default();
        end_when_cancelled(&mut connection, &current).unwrap();
        let cancel = Cancel::default();
        cancel.cancel();
        let before = current.set(cancel);
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let ended = connection.query_row(endless, [], |row| row.get::<_, i64>(0));
        assert_eq!(ended.unwrap_err().sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
        current.set(before);
        assert_eq!(connection.query_row("SELECT 1", [], |row| row.get(0)), Ok(1));
    }
}
