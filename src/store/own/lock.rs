//! Who deletes, restores or empties does it alone: an entry that another process is about to rely on would else be taken
//! away from it.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::own_words::{OwnUse, no_file};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
};

/// How long another process is waited for, and how long between two tries.
const PATIENCE: Duration = Duration::from_secs(5);
const APART: Duration = Duration::from_millis(20);

/// Held while it lives; it ends with the process however that ends.
#[derive(Debug)]
pub struct TrashLock {
    _file: File,
}

impl TrashLock {
    /// Waits until no other process deletes, restores or empties.
    ///
    /// # Errors
    /// [`Error::Advised`] where the lock can't be made, [`Error::OwnBusy`] after the patience, [`Error::Cancelled`].
    pub fn take(database: &Path, cx: &Cx<'_>) -> Result<Self> {
        let path = database.with_file_name("trash.lock");
        let open = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open.map_err(|error| no_file(&path, &error, OwnUse::Trash))?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(no_file(&path, &error, OwnUse::Trash)),
                Err(TryLockError::WouldBlock) if since.elapsed() >= PATIENCE => {
                    return Err(Error::OwnBusy { path });
                }
                Err(TryLockError::WouldBlock) => {}
            }
            cx.still_wanted().map_err(|_| Error::Cancelled)?;
            thread::sleep(APART);
        }
    }
}
