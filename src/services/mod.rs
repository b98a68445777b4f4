//! What a user asks for, answered from the store and the data folder; both faces, commands and screens, ask here.

mod answer;
pub mod ask;
pub mod chart;
pub mod delete;
mod effort;
pub mod events;
pub mod export;
pub mod failures;
pub mod files;
mod idle;
pub mod lab;
pub mod log;
mod mounts;
pub mod optimizer;
pub mod overview;
mod page;
pub mod peek;
pub mod records;
pub mod spots;
pub mod steps;
pub mod table;

/// Every service that may take long beats it.
pub use crate::pulse;
pub use answer::answer;
pub use idle::{Idle, idle};
