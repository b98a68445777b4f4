//! Opening the files of the user's cache folder: what was left there is not trusted to be of a reasonable size.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use crate::{
    platform::{folders::program_folders, names::path_of},
    regular_file,
};

/// The folder of all programs' cache files; `None` where nothing says where it is.
pub fn users_folder() -> Option<PathBuf> {
    program_folders(|name| std::env::var_os(name)).cache
}

/// What is kept of a database is smaller than the database, unless that has next to nothing in it.
const LEAST: u64 = 1 << 20;

/// Opens a cache file of the database at this path; `None` for none, and for one that is too large to be of it: whoever
/// reads it may hold all of it in memory.
pub fn open(path: &Path, database: &[u8]) -> Option<File> {
    let file = regular_file::open(path).ok()?;
    let database = path_of(database.to_vec()).metadata().ok()?.len();
    let fits = file.metadata().ok()?.len() <= LEAST.saturating_add(database.saturating_mul(2));
    fits.then_some(file)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;
    #[cfg(unix)]
    use crate::platform::names::bytes_of;

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_too_large_for_its_database_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (database, cache) = (folder.path().join("ivoryos.db"), folder.path().join("cache"));
        let long = |path: &Path, bytes| File::create(path).unwrap().set_len(bytes).unwrap();
        let is_opened = || open(&cache, &bytes_of(&database)).is_some();
        long(&cache, 3 << 30);
        assert!(!is_opened(), "there is no database");
        long(&database, 1 << 20);
        assert!(!is_opened());
        long(&cache, 3 << 20);
        assert!(is_opened());
        std::fs::remove_file(&cache).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&cache).status().unwrap().success());
        assert!(!is_opened());
    }
}
