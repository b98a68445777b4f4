//! Folders that go away when they are not used any more: private copies and made-up labs, also of a process that was killed.

use std::{env, path::Path};

use crate::{
    error::{Error, Result},
    platform::held_folder::HeldFolder,
};

/// What a folder is for, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderUse {
    Copy,
    Demo,
}

impl FolderUse {
    fn prefix(self) -> &'static str {
        match self {
            FolderUse::Copy => "ivorylens-copy-",
            FolderUse::Demo => "ivorylens-demo-",
        }
    }
}

/// A folder that only this user can look into. It goes with this value.
#[derive(Debug)]
pub struct TemporaryFolder(HeldFolder);

impl TemporaryFolder {
    /// Makes a folder among the system's temporary ones, and removes those that were left there.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn make(of: FolderUse) -> Result<Self> {
        let parent = env::temp_dir();
        let all = [FolderUse::Copy, FolderUse::Demo].map(FolderUse::prefix);
        HeldFolder::make_in(&parent, of.prefix(), &all).map(Self).map_err(Error::io(&parent))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
