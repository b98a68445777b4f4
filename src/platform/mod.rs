//! What differs between operating systems, chosen here alone: the rest of the program asks these functions.
//!
//! `unix/` and `windows/` hold the same files with the same functions. What one of them lacks says so in its place.

mod byte_source;
mod fault;
mod folder_writers;
mod heard;
mod program_folders;

#[cfg_attr(unix, path = "unix/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod system;

pub use byte_source::{ByteSource, NextBytes};
pub use fault::SystemFault;
pub use folder_writers::FolderWriters;
pub use heard::Heard;
pub use program_folders::{LibpqFiles, ProgramFolders};
pub use system::{
    closed, faults, files, folders, held_folder, input, names, shared_folder, signals, streams, terminal,
    users,
};
