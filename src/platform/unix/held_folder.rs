//! Folders that go away when they are not used any more, also of a process that was killed.
//!
//! Whoever uses such a folder holds a lock on it, which ends with the process however that ends; so one that nobody
//! holds was left behind. It is removed when the next one is made.

use std::{
    ffi::{CStr, OsStr},
    fs::{self, File, Permissions},
    io,
    os::{
        fd::AsFd,
        unix::fs::{MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat, unlinkat},
    io::Errno,
    process::geteuid,
};

/// Letters and digits behind the prefix of a name.
const RANDOM: usize = 8;

/// The empty file that tells a folder of ours from one that somebody named like one: the first in it, and the last to go.
const MARK: &CStr = c".ivorylens-temporary";

/// How often a new folder that was taken for one left behind is made again.
const ATTEMPTS: usize = 5;

/// A folder that only this user can look into. It goes with this value.
#[derive(Debug)]
pub struct HeldFolder {
    path: PathBuf,
    /// Open while the folder is used: the lock hangs on it.
    folder: File,
}

impl HeldFolder {
    /// Makes a folder in another one, with a name that begins so, and removes those of ours that were left there: folders
    /// with one of these beginnings.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn make_in(parent: &Path, prefix: &str, prefixes: &[&str]) -> io::Result<Self> {
        remove_left(parent, prefixes);
        for _ in 0..ATTEMPTS {
            let made = tempfile::Builder::new()
                .prefix(prefix)
                .rand_bytes(RANDOM)
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(parent)?;
            let Ok(folder) = File::open(made.path()) else { continue };
            let locked = folder.lock().is_ok();
            // Between those two it was empty and not locked: another process may have removed it.
            if !leads_to(made.path(), &folder)? {
                continue;
            }
            let folder = Self { path: made.keep(), folder };
            // Where nothing can be locked nobody could tell that it is used: then it is never taken for one left behind.
            if locked {
                File::create_new(folder.path.join(OsStr::new(MARK.to_str().unwrap_or_default())))?;
            }
            return Ok(folder);
        }
        Err(io::Error::other("no temporary folder stays there; set TMPDIR to another place"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn remove(&self) -> io::Result<()> {
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(()) };
        remove(&File::open(parent)?, name, &self.folder)
    }
}

impl Drop for HeldFolder {
    fn drop(&mut self) {
        // What stays is removed the next time.
        let _ = self.remove();
    }
}

fn leads_to(path: &Path, folder: &File) -> io::Result<bool> {
    let opened = folder.metadata()?;
    Ok(fs::symlink_metadata(path)
        .is_ok_and(|there| (there.dev(), there.ino()) == (opened.dev(), opened.ino())))
}

/// Removes what processes left behind that were killed. What can't be removed stays.
fn remove_left(parent: &Path, prefixes: &[&str]) {
    let Ok(place) = File::open(parent) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if has_name_of_ours(&name, prefixes) {
            let _ = remove_if_left(&place, &name);
        }
    }
}

fn has_name_of_ours(name: &OsStr, prefixes: &[&str]) -> bool {
    let is_random = |rest: &str| rest.len() == RANDOM && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let name = name.to_str().unwrap_or_default();
    prefixes.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_random))
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Only a folder of this user, private, with our mark, that nobody holds; or an empty one, whose maker was killed before
/// it could mark it.
fn remove_if_left(parent: &File, name: &OsStr) -> io::Result<()> {
    let folder = File::from(openat(parent, name, FOLDER, Mode::empty())?);
    let about = folder.metadata()?;
    let is_mine = about.uid() == geteuid().as_raw() && about.mode() & 0o077 == 0;
    if !is_mine || folder.try_lock().is_err() {
        return Ok(());
    }
    match statat(&folder, MARK, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(mark) if FileType::from_raw_mode(mark.st_mode) == FileType::RegularFile => {
            remove(parent, name, &folder)
        }
        Ok(_) => Ok(()),
        // Nothing happens to one that is not empty.
        Err(Errno::NOENT) => Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?),
        Err(e) => Err(e.into()),
    }
}

/// Removes a folder, the mark last: what is left of one that is interrupted here is known again.
fn remove(parent: &File, name: &OsStr, folder: &File) -> io::Result<()> {
    empty(folder, Some(MARK))?;
    match unlinkat(folder, MARK, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(e) => return Err(e.into()),
    }
    Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Removes what is in a folder: links themselves, never what they lead to.
fn empty(folder: &impl AsFd, but: Option<&CStr>) -> io::Result<()> {
    let entries: Vec<_> = Dir::read_from(folder)?.collect::<rustix::io::Result<_>>()?;
    for entry in entries {
        let name = entry.file_name();
        if name == c"." || name == c".." || Some(name) == but {
            continue;
        }
        match unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            // The second is how systems other than Linux say that it is a folder.
            Err(Errno::ISDIR | Errno::PERM) => {
                empty(&openat(folder, name, FOLDER, Mode::empty())?, None)?;
                unlinkat(folder, name, AtFlags::REMOVEDIR)?;
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
