//! The files that SQLite keeps beside a database: its journal, and those of WAL mode.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{platform::files::real_path, regular_file};

pub const JOURNAL: &str = "-journal";
pub const WAL: &str = "-wal";
pub const SHM: &str = "-shm";

/// The file with this ending behind the database's whole name: `ivoryos.db-journal`. Of a database that a link leads to,
/// SQLite keeps them where it really is.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = real_path(path).unwrap_or_else(|_| path.to_path_buf()).into_os_string();
    name.push(ending);
    name.into()
}

/// Refuses what SQLite would open without looking: a pipe in a journal's place would be waited for without end.
///
/// # Errors
/// With the path that is meant.
pub fn refuse_odd(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    for beside in [JOURNAL, WAL, SHM].map(|ending| beside(path, ending)) {
        let looked = beside.metadata().and_then(|about| regular_file::refuse_others(&about));
        match looked {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err((beside, error)),
            _ => {}
        }
    }
    Ok(())
}
