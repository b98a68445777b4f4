//! What keeps exports away from the lab's database and its folder.

use std::path::{Component, Path, PathBuf};

use super::lab::Lab;
use crate::{
    error::{Error, Result},
    output::elsewhere,
    platform::files::{identity_at, real_path},
};

impl Lab {
    /// Exports keep away from the lab's database and the files that SQLite keeps beside it: a journal of ours would
    /// be played back into it.
    ///
    /// # Errors
    /// [`Error::File`] for a path that is, or would be, one of them.
    pub fn refuse_database(&self, path: &Path) -> Result<()> {
        let real = |path: &Path| {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let place = || Some(real_path(folder).ok()?.join(path.file_name()?));
            real_path(path).ok().or_else(place)
        };
        let (Some(written), Some(file)) = (real(path), real(self.file())) else { return Ok(()) };
        let taken = ["", "-journal", "-wal", "-shm"].iter().any(|ending| {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            written.as_os_str() == name
        });
        if !taken {
            return Ok(());
        }
        let reason = "belongs to the lab's database, which is never written to; name another file".to_owned();
        Err(Error::File { path: path.to_path_buf(), reason })
    }

    /// Exports keep away from the lab's folder and all that is in it, also through links and where the place is yet to
    /// be made.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Advised`] for such a path.
    pub fn refuse_own_folder(&self, path: &Path) -> Result<()> {
        self.refuse_database(path)?;
        let (Ok(own), Some(place)) = (real_path(self.folder()), real_place(path)) else { return Ok(()) };
        if self.has_data_folder() && place.starts_with(&own) {
            return Err(elsewhere(path, "this is in the lab's own folder, where nothing is written"));
        }
        Ok(())
    }

    /// Whether a file is the lab's database, or one that SQLite keeps beside it: opening and closing it would give up
    /// SQLite's locks on it.
    pub fn is_database(&self, path: &Path) -> bool {
        let Ok(place) = identity_at(path) else { return false };
        ["", "-journal", "-wal", "-shm"].iter().any(|ending| {
            let mut name = real_path(self.file()).unwrap_or_default().into_os_string();
            name.push(ending);
            identity_at(Path::new(&name)).is_ok_and(|ours| ours == place)
        })
    }
}

/// Where a path leads, with links followed as far as it exists; what is behind that is taken by its names.
fn real_place(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find_map(|there| {
        let mut real = real_path(there).ok()?;
        for part in path.strip_prefix(there).ok()?.components() {
            match part {
                Component::ParentDir => drop(real.pop()),
                part => real.push(part),
            }
        }
        Some(real)
    })
}
