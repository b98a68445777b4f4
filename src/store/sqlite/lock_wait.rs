//! Waiting for a lock of the lab's: no longer than the patience, nor than somebody wants the answer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::checkpoint::Cancel;

/// What ends the work that a connection is used for: asked by SQLite while it waits and between steps of a statement.
#[derive(Debug, Clone, Default)]
pub struct Current(Arc<Mutex<Cancel>>);

impl Current {
    /// Sets the work that begins or goes on; gives the one before.
    pub fn set(&self, cancel: Cancel) -> Cancel {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), cancel)
    }

    pub fn is_cancelled(&self) -> bool {
        self.get().is_cancelled()
    }

    fn get(&self) -> Cancel {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    connection.progress_handler(STEPS, Some(move || current.get().is_cancelled()))
}

/// Pauses between two tries, SQLite's own at first; the last one goes on, short enough for a key that ends the wait.
const PAUSES: [u64; 7] = [1, 2, 5, 10, 15, 20, 25];

/// Beside a lab that commits without a rest the write lock is free for a millisecond at a time.
const KEEN: [u64; 1] = [1];

/// Makes a connection wait for locks.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_for_locks(
    connection: &mut Connection,
    patience: Duration,
    current: &Current,
) -> rusqlite::Result<()> {
    wait(connection, patience, current, &PAUSES)
}

/// Makes a connection wait for the write lock, which it tries to get more often.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_to_write(
    connection: &mut Connection,
    patience: Duration,
    current: &Current,
) -> rusqlite::Result<()> {
    wait(connection, patience, current, &KEEN)
}

fn wait(
    connection: &mut Connection,
    patience: Duration,
    current: &Current,
    pauses: &'static [u64],
) -> rusqlite::Result<()> {
    let current = current.clone();
    let mut since = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            since = Instant::now();
        }
        let left = patience.saturating_sub(since.elapsed());
        let cancel = current.get();
        if left.is_zero() {
            cancel.waited_in_vain();
        }
        if left.is_zero() || cancel.ends_waits() {
            return false;
        }
        let at = usize::try_from(tries).unwrap_or_default().min(pauses.len() - 1);
        let pause = Duration::from_millis(pauses.get(at).copied().unwrap_or_default());
        thread::sleep(pause.min(left));
        true
    }))
}

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::*;

    /// A file under somebody's exclusive lock, and a connection to it that waits for this work.
    fn locked(folder: &std::path::Path, patience: Duration) -> (Connection, Connection, Current) {
        let file = folder.join("a.db");
        let holder = Connection::open(&file).unwrap();
        holder.execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE").unwrap();
        let mut waiting = Connection::open(&file).unwrap();
        let current = Current::default();
        wait_for_locks(&mut waiting, patience, &current).unwrap();
        (holder, waiting, current)
    }

    fn read(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row("SELECT count(*) FROM t", [], |r| r.get(0))
    }

    /// Without an end to the wait this would take until tomorrow.
    #[test]
    fn a_wait_ends_when_nobody_wants_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, waiting, current) = locked(folder.path(), Duration::from_secs(86_400));
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
        wait_for_locks(&mut waiting, Duration::from_secs(86_400), &current).unwrap();
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
