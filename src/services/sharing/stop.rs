//! Ends that a lab's marks and trash are shared: all goes into the file of who ends it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{MovedOver, again, may_write, move_all, shareable};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    services::{lab::Lab, trash},
    store::own::{MovedBatches, OwnFile, OwnPlace, OwnUse, TrashLock},
};

/// What the end of sharing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unshared {
    pub folder: PathBuf,
    /// The file in which all is now.
    pub file: PathBuf,
    pub moved: MovedOver,
    /// Other files are in the folder, so it stays.
    pub stays: bool,
}

/// Takes all that is shared back into the user's own file, and removes the folder. What a kill ended goes on.
///
/// # Errors
/// [`Error::Refused`] where nobody shares; as [`super::share`].
pub fn stop(lab: &Lab, cx: &mut Cx<'_>) -> Result<Unshared> {
    let (places, shared) = shareable(lab)?;
    if !shared.folder().symlink_metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Error::Refused("nobody shares the marks and the trash of this lab".to_owned()));
    }
    may_write(shared)?;
    let first = lab.first_record(cx)?;
    again(|| {
        OwnFile::make_folder(&places.own, OwnUse::Moving)?;
        let _own_lock = TrashLock::take(&places.own, cx)?;
        let lock = TrashLock::take(shared, cx)?;
        let mut moved = MovedOver::default();
        // A kill may have come when the file was gone and the folder was not.
        while shared.file.symlink_metadata().is_ok() {
            let own = OwnFile::open(&places.own, &first, OwnUse::Moving)?;
            let from = OwnFile::open(shared, &first, OwnUse::Moving)?;
            let some = move_all(&from, &own, MovedBatches::Newer, cx)?;
            moved.add(some);
            // False where somebody marked in between.
            from.remove_if_empty()?;
        }
        let stays = !remove_rest(shared, lock)?;
        let (folder, file) = (shared.folder().to_path_buf(), places.own.file.clone());
        Ok(Unshared { folder, file, moved, stays })
    })
}

/// Removes what is beside an own file that is gone, its lock too, and its folder; false where other files are in that.
pub(super) fn remove_rest(place: &OwnPlace, held: TrashLock) -> Result<bool> {
    let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) };
    let files = trash::all_files(&place.file);
    fs::remove_dir_all(&files).or_else(gone).map_err(Error::io(&files))?;
    // Whoever waits for it sees then that it is not the lock any more.
    let lock = place.file.with_file_name("trash.lock");
    fs::remove_file(&lock).or_else(gone).map_err(Error::io(&lock))?;
    // Some systems have a removed file in its folder until it is closed.
    drop(held);
    remove_if_empty(place.folder()).map_err(Error::io(place.folder()))
}

impl MovedOver {
    /// What moved afterwards.
    fn add(&mut self, more: MovedOver) {
        self.marks = self.marks.max(more.marks);
        self.entries.extend(more.entries);
        self.notices.extend(more.notices);
    }
}

/// Removes the folder if nothing is left in it; gives whether it is gone.
fn remove_if_empty(folder: &Path) -> io::Result<bool> {
    match fs::remove_dir(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(error) => Err(error),
    }
}
