//! All SQL: opening an IvoryOS file safely and the small set of questions that can be asked of it.
//!
//! Reads are short: a question over many rows fetches a piece, resets its statement, calls the checkpoint and goes
//! on by key, so that no lock outlives a few tens of milliseconds and the lab's own writes never wait for us.

mod columns;
mod copy;
mod delete;
mod disk_state;
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
mod read_connection;
mod rows;
mod runs;
mod source;
mod time_slice;

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use crate::error::{Error, Result};

pub use copy::private_copy;
pub use index::lookup::Located;
pub use open::Options;

use super::{Beginning, DeleteTarget, Gone, Limits, Stopped};
use lock_wait::Current;

/// An open IvoryOS file, read-only.
pub struct Store {
    connection: read_connection::ReadConnection,
    path: PathBuf,
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
}

impl Store {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bounds that this file was opened with.
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// `PRAGMA data_version`, a number that another process's commit changes.
    pub fn data_version(&self) -> Result<i64> {
        self.lent()?.pragma_query_value(None, "data_version", |r| r.get(0)).map_err(|e| self.error(e))
    }

    /// The connection, for one statement.
    fn lent(&self) -> Result<&Connection> {
        self.connection.get(&self.path)
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        if source.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) {
            self.is_damaged.set(true);
        }
        match sql_error(&self.path, self.options.patience, source) {
            // The wait for the lock was ended.
            Error::Busy { .. } if self.current.is_cancelled() => Error::Cancelled,
            error => error,
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.keep_index();
    }
}

/// What a SQLite error means to a user.
fn sql_error(path: &Path, patience: Duration, source: rusqlite::Error) -> Error {
    let open = |reason: &str, advice: &str| Error::open(path, reason, advice);
    let Some(code) = source.sqlite_error_code() else {
        return Error::Sql { path: path.to_path_buf(), source: source.into() };
    };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::Busy { path: path.to_path_buf(), seconds: patience.as_secs() }
        }
        ErrorCode::OperationInterrupted => Error::Cancelled,
        ErrorCode::NotADatabase => open(open::NOT_SQLITE, open::NAME_THE_DATABASE),
        ErrorCode::DatabaseCorrupt => open(
            "the database is damaged",
            "stop IvoryOS and restore a backup, or rescue it with sqlite3's .recover",
        ),
        ErrorCode::ReadOnly => open(
            "a commit was cut short (hot journal) and must be rolled back first",
            "start IvoryOS once, or give --copy to look at a repaired private copy",
        ),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => open(
            "the database can't be opened",
            "check the permissions of the file, its folder and its -wal and -shm files, or give --copy",
        ),
        ErrorCode::DiskFull => open("the disk is full", "make room and try again; nothing was changed"),
        ErrorCode::SystemIoFailure => {
            open("the disk or network share failed to read it", "check the disk, then try again")
        }
        _ => Error::Sql { path: path.to_path_buf(), source: source.into() },
    }
}
