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
    checkpoint::{Cx, LockNews},
    error::{Error, Result},
};

/// How long between two tries.
const APART: Duration = Duration::from_millis(20);

/// Held while it lives; it ends with the process however that ends.
#[derive(Debug)]
pub struct TrashLock {
    _file: File,
}

impl TrashLock {
    /// The same, and tells nobody that it waits.
    ///
    /// # Errors
    /// As [`TrashLock::take_told`].
    pub fn take(place: &OwnPlace, cx: &Cx<'_>) -> Result<Self> {
        Self::take_told(place, &LockNews::default(), Duration::MAX, cx)
    }

    /// Waits until no other process deletes, restores or empties; a wait that is longer than this is told.
    ///
    /// # Errors
    /// [`Error::Advised`] where the lock can't be made, [`Error::OwnBusy`] after the patience, [`Error::Cancelled`];
    /// [`Error::OwnMoved`] where nobody shares any more.
    pub fn take_told(place: &OwnPlace, news: &LockNews, told_wait: Duration, cx: &Cx<'_>) -> Result<Self> {
        let path = place.file.with_file_name("trash.lock");
        let file = opened(&path, place).map_err(|error| no_file(&path, &error, OwnUse::Trash))?;
        let locked = locked(&file, &path, (place.patience, told_wait), news, cx);
        news.goes_on();
        locked.map(|()| Self { _file: file })
    }
}

fn locked(
    file: &File,
    path: &Path,
    (patience, told_wait): (Duration, Duration),
    news: &LockNews,
    cx: &Cx<'_>,
) -> Result<()> {
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) if is(file, path) => return Ok(()),
            // Whoever had it took the folder away.
            Ok(()) => return Err(Error::OwnMoved { path: path.to_path_buf() }),
            Err(TryLockError::Error(error)) => return Err(no_file(path, &error, OwnUse::Trash)),
            Err(TryLockError::WouldBlock) if since.elapsed() >= patience => {
                return Err(Error::OwnBusy { path: path.to_path_buf(), seconds: patience.as_secs() });
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if since.elapsed() >= told_wait {
            news.waits();
        }
        cx.still_wanted()?;
        thread::sleep(APART);
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
