//! All SQL: opening an IvoryOS file safely and the small set of questions that can be asked of it.
//!
//! Reads are short: a question over many rows fetches a piece, resets its statement, calls the checkpoint and goes
//! on by key, so that no lock outlives a few tens of milliseconds and the lab's own writes never wait for us.

mod columns;
mod copy;
mod delete;
mod file_identity;
mod index;
mod legacy;
mod limits;
mod lock_wait;
mod names;
mod open;
mod phase_summaries;
mod rows;
mod runs;
mod time_slice;

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use crate::error::{Error, Result};

pub use copy::private_copy;
pub use delete::{DeleteTarget, Gone, Stopped};
pub use index::Work;
pub use index::lookup::Located;
pub use limits::Limits;
pub use names::{Due, Listing};
pub use open::{Cache, Options, find};
pub use phase_summaries::{Beginning, ReadSummaries};
pub use runs::RunCounts;

/// An open IvoryOS file, read-only.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    columns: columns::KnownColumns,
    options: Options,
    /// `PRAGMA data_version` at the last [`Store::changed`].
    version: Cell<i64>,
    index: RefCell<index::Index>,
    names: RefCell<names::Names>,
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

    /// Stops a running statement from another thread; the question then ends with [`Error::Cancelled`].
    pub fn interrupt_handle(&self) -> rusqlite::InterruptHandle {
        self.connection.get_interrupt_handle()
    }

    /// Whether another process committed since this was last asked; false while one holds the lock for its commit.
    pub fn changed(&self) -> Result<bool> {
        match self.data_version() {
            Ok(now) => Ok(self.version.replace(now) != now),
            Err(Error::Busy { .. }) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// `PRAGMA data_version`, a number that another process's commit changes.
    pub fn data_version(&self) -> Result<i64> {
        self.connection.pragma_query_value(None, "data_version", |r| r.get(0)).map_err(|e| self.error(e))
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        sql_error(&self.path, self.options.patience, source)
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
        return Error::Sql { path: path.to_path_buf(), source };
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
        _ => Error::Sql { path: path.to_path_buf(), source },
    }
}
