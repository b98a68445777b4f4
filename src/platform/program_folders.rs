//! The folders and files that a system has for programs, wherever it has them.

use std::path::PathBuf;

/// The folders of all programs of this user; `None` where nothing says where one is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProgramFolders {
    pub cache: Option<PathBuf>,
    pub config: Option<PathBuf>,
    pub state: Option<PathBuf>,
}

/// Where libpq looks when nothing says another place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LibpqFiles {
    pub passwords: Option<PathBuf>,
    pub services: Option<PathBuf>,
    /// A folder.
    pub certificates: Option<PathBuf>,
}
