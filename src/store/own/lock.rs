//! Who deletes, restores or empties does it alone: an entry that another process is about to rely on would else be taken
//! away from it.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
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
    /// [`Error::Advised`] where the lock can't be made, [`Error::OwnBusy`] after the patience, [`Error::Cancelled`].
    pub fn take_told(place: &OwnPlace, news: &LockNews, told_wait: Duration, cx: &Cx<'_>) -> Result<Self> {
        let path = place.file.with_file_name("trash.lock");
        let open = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open.map_err(|error| no_file(&path, &error, OwnUse::Trash))?;
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
            Ok(()) => return Ok(()),
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
