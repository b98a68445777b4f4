//! Unix: Linux first, as the lab PCs that people reach by SSH; what only Linux tells says so in its place.

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
