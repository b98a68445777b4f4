//! The config table of a batch run as IvoryOS shows it; for other runs iterations by parameters and outputs.

mod rows;
mod shape;
pub(super) mod snapshot;
mod sort;
#[cfg(test)]
mod tests;
pub mod types;
mod whole_table;
mod window;

pub use rows::is_batch;
pub use sort::plain_number;
pub use whole_table::of;
pub use window::{beginning, rows, whole};
