//! Who deletes, restores or empties does it alone: an entry that another process is about to rely on would else be taken
//! away from it.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    OwnPlace,
    own_words::{OwnUse, no_file},
};
use crate::{
    checkpoint::{Cx, LockNews},
    error::{Error, Result},
    platform::{
        files::{identity, identity_of_link, open_lock},
        shared_folder::make_shared_file,
    },
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
    open_lock(path, !place.is_shared)
}

/// Is it still the file of this name?
fn is(file: &File, path: &Path) -> bool {
    identity(file).is_ok_and(|ours| identity_of_link(path).is_ok_and(|there| there == ours))
}
