//! Windows, by what the standard library and safe crates tell; this program has no unsafe code.

pub mod closed;
pub mod faults;
pub mod files;
pub mod folders;
pub mod held_folder;
pub mod input;
pub mod names;
pub mod shared_folder;
pub mod signals;
pub mod streams;
pub mod terminal;
pub mod users;
