//! Where what is kept of a lab is: in a file of its user's own, or in one that all who work with the lab share.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::platform::files::{FileIdentity, identity_at, may_write};

/// Where the file of a lab is, and what it says of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlace {
    /// The file.
    pub file: PathBuf,
    /// The lab's database, its real path.
    pub lab: Vec<u8>,
    /// It is in the lab's folder, for all who may write there.
    pub is_shared: bool,
    /// How long another process that has it is waited for.
    pub patience: Duration,
}

/// How what is kept of a lab is shared, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Nobody shares: all is in a file of the user's own.
    #[default]
    Alone,
    /// All is in the shared file.
    Shared,
    /// There is a shared file that this user can't write: it is read, and what is written goes into their own.
    ReadOnly,
}

/// Both places of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlaces {
    pub own: OwnPlace,
    /// `None` where there can be none: without a data folder.
    pub shared: Option<OwnPlace>,
}

impl OwnPlace {
    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }
}

impl OwnPlaces {
    /// How it is now: another process may share, or end that, at any time.
    pub fn sharing(&self) -> Sharing {
        let Some(shared) = &self.shared else { return Sharing::Alone };
        // Through a link something of another lab, or of nobody's, would be written.
        let is_file = shared.file.symlink_metadata().is_ok_and(|about| about.is_file());
        let is_folder = || shared.folder().symlink_metadata().is_ok_and(|about| about.is_dir());
        if !is_file || !is_folder() {
            return Sharing::Alone;
        }
        match may_write(&shared.file) && may_write(shared.folder()) {
            true => Sharing::Shared,
            false => Sharing::ReadOnly,
        }
    }

    /// Where it is written now.
    pub fn to_write(&self) -> &OwnPlace {
        match (&self.shared, self.sharing()) {
            (Some(shared), Sharing::Shared) => shared,
            _ => &self.own,
        }
    }
}

/// Which file it is that a path leads to.
pub(super) fn identity(path: &Path) -> Option<FileIdentity> {
    identity_at(path).ok()
}
