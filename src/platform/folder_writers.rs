//! Who can write in a folder, as a system tells it.

/// Who can write in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderWriters {
    /// Its owner alone: the login name, or the number.
    Owner(String),
    /// The owner and a group.
    Group { owner: String, group: String },
    /// Everybody on this computer.
    All,
    /// Whoever may write in the folder that it is in; the system's lists are not read.
    AsAbove,
}
