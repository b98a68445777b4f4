//! What a user asks for, answered from the store and the data folder; both faces, commands and screens, ask here.

mod answer;
pub mod calls;
pub mod chart;
mod collector;
pub mod data_file;
pub mod delete;
pub mod events;
pub mod export;
pub mod export_kind;
pub mod failures;
pub mod file_preview;
pub mod files;
pub mod find_step;
pub mod find_value;
mod follow_throttle;
pub mod lab;
pub mod log;
mod memo;
pub mod next_failure;
pub mod optimizer;
pub mod overview;
pub mod page;
pub mod paths;
mod point_step;
pub mod records;
pub mod request;
pub mod run_progress;
pub mod run_state;
mod sample_steps;
mod step_errors;
pub mod steps;
pub mod table;
pub mod trouble;
pub mod why;

pub use crate::store::background::Idle;
pub use answer::answer;
