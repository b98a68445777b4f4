//! The connection for reading, lent out only while a read leaves nothing in the lab's folder.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
    fs::File,
    path::Path,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    disk_state::DiskState,
    lock_wait::{Current, end_when_cancelled, wait_for_locks},
    side_files::{SHM, WAL, beside},
};
use crate::{
    error::{Error, Result},
    platform::files::read_exact_at,
};

/// A connection, and the file that it reads, opened beside it.
pub(super) struct ReadConnection {
    // It is closed first: closing the file gives up its locks.
    connection: OnceCell<Connection>,
    /// `None` for a private copy, in whose folder anything may be made.
    file: Option<File>,
    /// How far the version is ahead of the connection's own number, and what was known when one was closed.
    ahead: Cell<i64>,
    left_at: Cell<Option<LeftAt>>,
}

/// Damage is to be told where it is met, before rows of it are taken for others.
const SETTINGS: &str = "PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;";

/// Opens a connection; it waits for locks as `current` says.
pub(super) fn connect(path: &Path, access: OpenFlags, current: &Current) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(plain(path), access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    wait_for_locks(&mut connection, current)?;
    end_when_cancelled(&mut connection, current)?;
    // The bundled SQLite has foreign keys on by default, Python's has them off.
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

/// From here on it is only read.
pub(super) fn only_read(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA query_only=ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// What was known when the connection was closed.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeftAt {
    pub version: i64,
    pub state: Option<DiskState>,
}

impl ReadConnection {
    pub fn new(connection: Connection, file: Option<File>) -> Self {
        Self { connection: OnceCell::from(connection), file, ahead: Cell::new(0), left_at: Cell::new(None) }
    }

    /// The connection, for one statement; `None` where it was closed.
    ///
    /// # Errors
    /// Where the lab has set the file to WAL mode since and closed it: SQLite would then make the side files under this
    /// user's name, and the lab could not commit any more.
    pub fn get(&self, path: &Path) -> Result<Option<&Connection>> {
        if let Some(file) = &self.file {
            refuse_wal_alone(file, path)?;
        }
        Ok(self.connection.get())
    }

    /// The connection for what is set and reads nothing.
    pub fn settable(&mut self) -> Option<&mut Connection> {
        self.connection.get_mut()
    }

    pub fn is_open(&self) -> bool {
        self.connection.get().is_some()
    }

    /// Closes the connection; the file stays open.
    pub fn close(&mut self, left_at: LeftAt) {
        self.left_at.set(Some(left_at));
        self.connection.take();
    }

    /// What was known when it was closed; once.
    pub fn left_at(&self) -> Option<LeftAt> {
        self.left_at.take()
    }

    /// How far the version is ahead of the connection's own number.
    pub fn ahead(&self) -> i64 {
        self.ahead.get()
    }

    pub fn set_ahead(&self, ahead: i64) {
        self.ahead.set(ahead);
    }

    /// Goes on with this connection, where none is open.
    pub fn opened(&self, connection: Connection) -> &Connection {
        self.connection.get_or_init(|| connection)
    }

    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// The state of the opened file; `None` where it can't be read, and for a private copy.
    pub fn state(&self) -> Option<DiskState> {
        self.file.as_ref().and_then(|file| DiskState::of(file).ok())
    }
}

impl Drop for ReadConnection {
    fn drop(&mut self) {
        // Closing a file takes all locks on it from the whole process (POSIX). Other connections of ours have none between
        // two statements, but in WAL mode, where they hold one as long as they are open.
        if self.file.as_ref().is_some_and(is_wal) {
            std::mem::forget(self.file.take());
        }
    }
}

/// A path as SQLite takes it for one: `file:x` and `:memory:` are names of files too.
pub(super) fn plain(path: &Path) -> Cow<'_, Path> {
    if path.is_relative() { Cow::Owned(Path::new(".").join(path)) } else { Cow::Borrowed(path) }
}

/// Refuses a file in WAL mode whose side files are not there: opening or reading it would make them.
pub(super) fn refuse_wal_alone(file: &File, path: &Path) -> Result<()> {
    let is_there = |ending| {
        let beside = beside(path, ending);
        beside.try_exists().map_err(Error::io(&beside))
    };
    if !is_wal(file) || (is_there(WAL)? && is_there(SHM)?) {
        return Ok(());
    }
    Err(Error::open(
        path,
        "it is in WAL mode and its -wal and -shm files are not there; reading it in place would create them under \
         your name",
        "start IvoryOS, or give --copy to look at a private copy",
    ))
}

/// Byte 19 says how a file is to be read (sqlite.org/fileformat2.html).
pub(super) fn is_wal(file: &File) -> bool {
    let mut version = [0];
    read_exact_at(file, &mut version, 19).is_ok() && version == [2]
}
