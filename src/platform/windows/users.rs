//! Who is logged in, who can write in a folder, and the machine's name.

use std::{io, path::Path};

use crate::platform::FolderWriters;

/// The login name, as the session has it.
pub fn login_name() -> String {
    let told = ["USERNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
    told.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// Who can write in a folder: lists say it, which a folder takes from the one above it.
///
/// # Errors
/// Where the folder can't be looked at.
pub fn writers(folder: &Path) -> io::Result<FolderWriters> {
    folder.metadata().map(|_| FolderWriters::AsAbove)
}

/// The machine's name.
pub fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}
