//! Databases on network file systems, where SQLite's locks can fail.

use std::path::Path;

use crate::platform::folders::network_file_system;

/// A warning for a database on a network share, where SQLite's locks can fail.
pub fn share_warning(file: &Path) -> Option<String> {
    let kind = network_file_system(file)?;
    Some(format!(
        "{} lies on a network file system ({kind}), where SQLite's locks may not work: open it on the lab PC",
        file.display()
    ))
}
