//! Waiting for a lock of the lab's: no longer than the patience, nor than somebody wants the answer.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::checkpoint;

/// Pauses between two tries, SQLite's own at first; the last one goes on, short enough for a key that ends the wait.
const PAUSES: [u64; 7] = [1, 2, 5, 10, 15, 20, 25];

/// Beside a lab that commits without a rest the write lock is free for a millisecond at a time.
const KEEN: [u64; 1] = [1];

/// Makes a connection wait for locks.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_for_locks(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    wait(connection, patience, &PAUSES)
}

/// Makes a connection wait for the write lock, which it tries to get more often.
///
/// # Errors
/// When SQLite takes no handler.
pub fn wait_to_write(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    wait(connection, patience, &KEEN)
}

fn wait(connection: &mut Connection, patience: Duration, pauses: &'static [u64]) -> rusqlite::Result<()> {
    let mut since = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            since = Instant::now();
        }
        let left = patience.saturating_sub(since.elapsed());
        if left.is_zero() {
            checkpoint::give_up();
        }
        if left.is_zero() || checkpoint::is_cancelled() {
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
    use std::sync::{Arc, atomic::AtomicBool};

    use rusqlite::ErrorCode;

    use super::*;

    /// A file under somebody's exclusive lock, and a connection to it that waits.
    fn locked(folder: &std::path::Path, patience: Duration) -> (Connection, Connection) {
        let file = folder.join("a.db");
        let holder = Connection::open(&file).unwrap();
        holder.execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE").unwrap();
        let mut waiting = Connection::open(&file).unwrap();
        wait_for_locks(&mut waiting, patience).unwrap();
        (holder, waiting)
    }

    fn read(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row("SELECT count(*) FROM t", [], |r| r.get(0))
    }

    /// Without an end to the wait this would take until tomorrow.
    #[test]
    fn a_wait_ends_when_nobody_wants_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, waiting) = locked(folder.path(), Duration::from_secs(86_400));
        let flag = Arc::new(AtomicBool::new(true));
        let answer = checkpoint::cancellable(&flag, || read(&waiting));
        assert_eq!(answer.unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    }

    /// A question of many statements has the patience of one.
    #[test]
    fn who_waited_in_vain_does_not_wait_again() {
        let folder = tempfile::tempdir().unwrap();
        let (_holder, mut waiting) = locked(folder.path(), Duration::ZERO);
        let never = Arc::default();
        checkpoint::cancellable(&never, || {
            assert!(read(&waiting).is_err());
            wait_for_locks(&mut waiting, Duration::from_secs(86_400)).unwrap();
            assert_eq!(read(&waiting).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        });
    }

    #[test]
    fn a_wait_ends_with_the_patience_and_with_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (holder, waiting) = locked(folder.path(), Duration::from_millis(3));
        assert_eq!(read(&waiting).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        holder.execute_batch("COMMIT").unwrap();
        assert_eq!(read(&waiting), Ok(0));
    }
}
