//! Folders that go away when they are not used any more, also of a process that was killed.
//!
//! Whoever uses such a folder holds a lock on the file in it that marks it as ours; the lock ends with the process however
//! that ends. A marked folder that nobody holds is removed when the next one is made.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Letters and digits behind the prefix of a name.
const RANDOM: usize = 8;

/// The empty file that tells a folder of ours from one that somebody named like one, and that is locked.
const MARK: &str = ".ivorylens-temporary";

/// A folder among the user's temporary ones. It goes with this value.
#[derive(Debug)]
pub struct HeldFolder {
    path: PathBuf,
    /// Open while the folder is used: the lock hangs on it. `None` once it goes.
    mark: Option<File>,
}

impl HeldFolder {
    /// Makes a folder in another one, with a name that begins so, and removes those of ours that were left there: folders
    /// with one of these beginnings.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn make_in(parent: &Path, prefix: &str, prefixes: &[&str]) -> io::Result<Self> {
        remove_left(parent, prefixes);
        let made = tempfile::Builder::new().prefix(prefix).rand_bytes(RANDOM).tempdir_in(parent)?;
        // Where nothing can be locked nobody could tell that it is used: then it has no mark, and stays.
        let mark = File::create_new(made.path().join(MARK))?;
        let is_locked = mark.lock().is_ok();
        let path = made.keep();
        if !is_locked {
            drop(mark);
            fs::remove_file(path.join(MARK))?;
            return Ok(Self { path, mark: None });
        }
        Ok(Self { path, mark: Some(mark) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for HeldFolder {
    fn drop(&mut self) {
        // What stays is removed the next time.
        let _ = remove(&self.path, self.mark.take());
    }
}

/// Removes what processes left behind that were killed. What can't be removed stays.
fn remove_left(parent: &Path, prefixes: &[&str]) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && has_name_of_ours(&entry.file_name(), prefixes) {
            let _ = remove_if_left(&entry.path());
        }
    }
}

fn has_name_of_ours(name: &OsStr, prefixes: &[&str]) -> bool {
    let is_random = |rest: &str| rest.len() == RANDOM && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let name = name.to_str().unwrap_or_default();
    prefixes.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_random))
}

/// Only a folder with our mark that nobody holds.
fn remove_if_left(folder: &Path) -> io::Result<()> {
    let path = folder.join(MARK);
    if !path.symlink_metadata()?.is_file() {
        return Ok(());
    }
    let mark = File::options().write(true).open(path)?;
    match mark.try_lock() {
        Ok(()) => remove(folder, Some(mark)),
        Err(_) => Ok(()),
    }
}

/// Removes a folder, the mark last: what is left of one that is interrupted here is known again. Links themselves go, never
/// what they lead to.
fn remove(folder: &Path, mark: Option<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name() == MARK {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path())?,
            // A link to a folder is removed as one.
            _ => fs::remove_file(entry.path()).or_else(|_| fs::remove_dir(entry.path()))?,
        }
    }
    drop(mark);
    let _ = fs::remove_file(folder.join(MARK));
    fs::remove_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [&str; 2] = ["ivorylens-copy-", "ivorylens-demo-"];

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_goes_with_its_value_and_what_was_left_with_the_next_one() {
        let place = tempfile::tempdir().unwrap();
        let used = HeldFolder::make_in(place.path(), BOTH[0], &BOTH).unwrap();
        fs::create_dir(used.path().join("a")).unwrap();
        fs::write(used.path().join("a/b"), "x").unwrap();
        let mut left = HeldFolder::make_in(place.path(), BOTH[0], &BOTH).unwrap();
        fs::write(left.path().join("ivoryos.db"), "x").unwrap();
        // The lock goes, the folder stays.
        left.mark = None;
        let path = left.path.clone();
        std::mem::forget(left);
        let others = place.path().join("ivorylens-copy-abcdefgh");
        fs::create_dir(&others).unwrap();
        let next = HeldFolder::make_in(place.path(), BOTH[1], &BOTH).unwrap();
        assert!(!path.exists() && used.path().exists() && others.exists());
        drop((used, next));
        assert_eq!(names(place.path()), ["ivorylens-copy-abcdefgh"], "it has no mark");
    }
}
