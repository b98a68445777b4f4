//! All SQL: opening an IvoryOS file safely and the small set of questions that can be asked of it.
//!
//! Reads are short: a question over many rows fetches a piece, resets its statement, calls the checkpoint and goes
//! on by key, so that no lock outlives a few tens of milliseconds and the lab's own writes never wait for us.

mod activity;
mod calls;
mod cells;
mod columns;
mod copy;
mod delete;
mod disk_state;
mod failed_phases;
mod file_identity;
mod id_order;
mod index;
mod kept;
mod legacy;
mod like;
mod list;
mod lock_wait;
pub(super) mod open;
mod phase_summaries;
mod probe;
mod read_connection;
mod rest;
mod restore;
mod rows;
mod runs;
mod saved_tables;
mod side_files;
mod source;
mod tallies;
mod time_slice;
mod turns;

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, ffi};

use crate::error::{Error, Result};

pub use super::Options;
pub use copy::private_copy;
#[cfg(any(test, fuzzing))]
pub use index::fuzz::kept_index;
pub use index::lookup::Located;
pub use restore::write_database;

use super::{Beginning, DeleteTarget, Gone, Limits, Stopped};
use lock_wait::Current;
use probe::{Found, Probe};

/// An open IvoryOS file, read-only.
pub struct Store {
    connection: read_connection::ReadConnection,
    path: PathBuf,
    /// The user's file, where this is a private copy of it: all that is said is about that one.
    copy_of: Option<PathBuf>,
    columns: columns::KnownColumns,
    options: Options,
    /// `PRAGMA data_version` when it was last told.
    seen: Cell<i64>,
    /// Damage was met: nothing that was read is kept.
    is_damaged: Cell<bool>,
    index: RefCell<index::Index>,
    /// What ends the work that is under way.
    current: Current,
    identity: file_identity::Identity,
    /// Behind the connection, as it may only be closed after it.
    probe: Probe,
}

impl Store {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bounds that this file was opened with.
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// The connection, for one statement.
    fn lent(&self) -> Result<&Connection> {
        match self.connection.get(&self.path)? {
            Some(connection) => Ok(connection),
            None => self.wake(),
        }
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        if source.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) {
            self.is_damaged.set(true);
        }
        match sql_error(&self.path, self.options.patience, &self.probe, source) {
            // The wait for the lock was ended, or the look at what failed.
            Error::Busy { .. } | Error::Open { .. } if self.current.is_cancelled() => Error::Cancelled,
            error => self.told(error),
        }
    }

    /// The error as it is said.
    fn told(&self, error: Error) -> Error {
        match &self.copy_of {
            Some(file) => error.about(&self.path, file),
            None => error,
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.keep_index();
    }
}

/// What a SQLite error means to a user.
fn sql_error(path: &Path, patience: Duration, probe: &Probe, source: rusqlite::Error) -> Error {
    let open = |reason: &str, advice: &str| Error::open(path, reason, advice);
    let Some(code) = source.sqlite_error_code() else { return odd(path, &source) };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::Busy { path: path.to_path_buf(), seconds: patience.as_secs() }
        }
        ErrorCode::OperationInterrupted => Error::Cancelled,
        ErrorCode::NotADatabase => open(open::NOT_SQLITE, columns::NAME_THE_DATABASE),
        ErrorCode::DatabaseCorrupt => match probe.look(path) {
            Found::Whole if id_order::is_wrong_order(&source) => {
                open("several rows of a table have the same id", "name IvoryOS's own ivoryos.db")
            }
            found => damaged(path, found),
        },
        ErrorCode::ReadOnly => open(
            "a commit was cut short (hot journal) and must be rolled back first",
            "start IvoryOS once, or give --copy to look at a repaired private copy",
        ),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => match probe.read(path, 1) {
            Err(error) => error,
            Ok(()) => open(
                "the database can't be opened",
                "check the permissions of the file, its folder and its -wal and -shm files, or give --copy",
            ),
        },
        ErrorCode::DiskFull => open("the disk is full", "make room and try again; nothing was changed"),
        ErrorCode::OutOfMemory => open("there is not enough memory", "close other programs, then try again"),
        ErrorCode::SystemIoFailure => match probe.read(path, u64::MAX) {
            Err(error) => error,
            Ok(()) => {
                let (reason, advice) = io_failure(source.sqlite_error().map_or(0, |e| e.extended_code));
                open(reason, advice)
            }
        },
        _ => odd(path, &source),
    }
}

/// SQLite calls a file damaged; what it is.
fn damaged(path: &Path, found: Found) -> Error {
    match found {
        Found::Unreadable(error) => error,
        Found::Damaged => Error::open(
            path,
            "the database is damaged",
            "stop IvoryOS and restore a backup, or rescue it with sqlite3's .recover",
        ),
        Found::Whole => Error::open(
            path,
            "the disk or network share failed to read it once; by now all of it can be read and is whole",
            "try again, and check the disk where this comes again",
        ),
    }
}

/// What the disk failed to do, by SQLite's extended code, where reading the file again does not tell it.
fn io_failure(extended: i32) -> (&'static str, &'static str) {
    let again = "check the disk or network share, then try again";
    match extended {
        ffi::SQLITE_IOERR_DELETE | ffi::SQLITE_IOERR_DELETE_NOENT => (
            "its journal can't be removed",
            "SQLite may take the change back: check the permissions of its folder, then look at the list again",
        ),
        ffi::SQLITE_IOERR_WRITE
        | ffi::SQLITE_IOERR_FSYNC
        | ffi::SQLITE_IOERR_DIR_FSYNC
        | ffi::SQLITE_IOERR_TRUNCATE
        | ffi::SQLITE_IOERR_CLOSE
        | ffi::SQLITE_IOERR_DIR_CLOSE => (
            "the disk or network share failed to write it",
            "check the disk, the room and your quota on it, and ulimit -f, then try again",
        ),
        ffi::SQLITE_IOERR_LOCK
        | ffi::SQLITE_IOERR_UNLOCK
        | ffi::SQLITE_IOERR_RDLOCK
        | ffi::SQLITE_IOERR_CHECKRESERVEDLOCK => {
            ("the disk or network share can't lock it", "open it on the lab PC itself")
        }
        ffi::SQLITE_IOERR_SHMOPEN
        | ffi::SQLITE_IOERR_SHMSIZE
        | ffi::SQLITE_IOERR_SHMLOCK
        | ffi::SQLITE_IOERR_SHMMAP => ("its -shm file can't be used", "open it on the lab PC itself"),
        _ => ("the disk or network share failed to read it", again),
    }
}

/// What SQLite or a conversion says that nobody thought of: the file holds what no version of IvoryOS writes.
fn odd(path: &Path, source: &rusqlite::Error) -> Error {
    Error::open(
        path,
        format!("it holds something that IvoryOS does not write ({source})"),
        "look with a newer ivorylens, or check the file with sqlite3's .recover",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &Path, code: i32) -> String {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        sql_error(path, Duration::ZERO, &Probe::of(&Current::default()), error).to_string()
    }

    /// The memory of a process has no byte at 0: the system answers EIO, for which SQLite has the word "damaged".
    #[cfg(unix)]
    #[test]
    fn a_disk_that_cant_be_read_is_not_called_damaged() {
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_CORRUPTFS] {
            let said = said(Path::new("/proc/self/mem"), code);
            assert!(
                said.contains("the disk or network share can't be read or written (Input/output error)"),
                "{said}"
            );
            assert!(!said.contains("damaged") && !said.contains("backup"), "{said}");
        }
        let pipe = tempfile::tempdir().unwrap();
        let pipe = pipe.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(said(&pipe, ffi::SQLITE_CANTOPEN).contains("this is a pipe, not a file"));
    }

    /// As in a copy of the tables that lost their keys.
    #[test]
    fn rows_with_the_same_id_are_no_failing_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE workflow_runs(id INT, name TEXT, start_time TEXT, end_time TEXT);
                 CREATE TABLE workflow_steps(id INT, workflow_id INT);
                 INSERT INTO workflow_runs VALUES (1, 'a', NULL, NULL), (2, 'b', NULL, NULL), (2, 'c', NULL, NULL)",
            )
            .unwrap();
        let store = Store::open(&path, Options::without_cache()).unwrap();
        let said = store.runs_of(&[1, 2]).unwrap_err().to_string();
        assert!(said.contains("several rows of a table have the same id"), "{said}");
    }

    /// Something else is in the journal's place when it is to be removed at the end of a commit. An open journal can't be
    /// moved on Windows.
    #[cfg(unix)]
    #[test]
    fn a_journal_that_cant_be_removed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES (1)").unwrap();
        let journal = side_files::beside(&path, side_files::JOURNAL);
        std::fs::rename(&journal, folder.path().join("moved")).unwrap();
        std::fs::create_dir(&journal).unwrap();
        let error = connection.execute_batch("COMMIT").unwrap_err();
        let said = sql_error(&path, Duration::ZERO, &Probe::of(&Current::default()), error).to_string();
        assert!(said.contains("-journal: this is a folder, not a file"), "{said}");
        std::fs::remove_dir(&journal).unwrap();
        let code = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_DELETE), None);
        let said = sql_error(&path, Duration::ZERO, &Probe::of(&Current::default()), code).to_string();
        assert!(said.contains("its journal can't be removed; ") && !said.contains("read"), "{said}");
    }

    #[test]
    fn what_the_disk_failed_to_do_is_said() {
        let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2");
        let whole = set.join("ivoryos_data/ivoryos.db");
        for (code, words) in [
            (ffi::SQLITE_CORRUPT, "by now all of it can be read and is whole; try again, and check"),
            (ffi::SQLITE_IOERR_DELETE, "its journal can't be removed"),
            (ffi::SQLITE_IOERR_WRITE, "failed to write it; check the disk, the room and your quota"),
            (ffi::SQLITE_IOERR_FSYNC, "failed to write it"),
            (ffi::SQLITE_IOERR_LOCK, "can't lock it; open it on the lab PC"),
            (ffi::SQLITE_IOERR_READ, "failed to read it; check the disk"),
            (ffi::SQLITE_FULL, "the disk is full; make room"),
            (ffi::SQLITE_ERROR, "it holds something that IvoryOS does not write ("),
        ] {
            let said = said(&whole, code);
            assert!(said.contains(words), "{code}: {said}");
            assert!(said.starts_with(whole.to_str().unwrap()) && said.contains("; "), "{said}");
        }
        let utf8 = String::from_utf8(vec![0xff]).unwrap_err().utf8_error();
        let said = sql_error(
            &whole,
            Duration::ZERO,
            &Probe::of(&Current::default()),
            rusqlite::Error::Utf8Error(3, utf8),
        );
        let said = said.to_string();
        assert!(said.contains("ivoryos.db: it holds something") && said.contains("; look with"), "{said}");
    }
}
