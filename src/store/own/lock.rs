//! Who deletes, restores or empties does it alone: an entry that another process is about to rely on would else be taken
//! away from it.

use std::{
    fs::{File, Metadata, TryLockError},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::fs::OFlags;

use super::{
    OwnPlace,
    own_words::{OwnUse, no_file},
    shared_folder::make_shared_file,
};
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
    /// [`Error::Advised`] where the lock can't be made, [`Error::OwnBusy`] after the patience, [`Error::Cancelled`];
    /// [`Error::OwnMoved`] where nobody shares any more.
    pub fn take(place: &OwnPlace, cx: &Cx<'_>) -> Result<Self> {
        let path = place.file.with_file_name("trash.lock");
        let file = opened(&path, place).map_err(|error| no_file(&path, &error, OwnUse::Trash))?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) if is(&file, &path) => return Ok(Self { _file: file }),
                // Whoever had it took the folder away.
                Ok(()) => return Err(Error::OwnMoved { path }),
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

fn opened(path: &Path, place: &OwnPlace) -> std::io::Result<File> {
    if place.is_shared && path.symlink_metadata().is_err() {
        make_shared_file(path)?;
    }
    // A pipe that somebody put there would be waited for.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let create = !place.is_shared;
    File::options().write(true).create(create).truncate(false).mode(0o600).custom_flags(flags).open(path)
}

/// Is it still the file of this name?
fn is(file: &File, path: &Path) -> bool {
    let place = |about: &Metadata| (about.dev(), about.ino());
    let there = path.symlink_metadata().ok();
    file.metadata().is_ok_and(|ours| there.is_some_and(|there| place(&there) == place(&ours)))
}
