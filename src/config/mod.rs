//! What the user wants in every lab: config.toml, what of it means something, and what is in force beside options and
//! environment. What its keys mean is the screens' matter.

pub mod file;
pub mod open;
mod reader;
pub mod setting;
pub mod settings;
#[cfg(test)]
mod tests;
mod value;
