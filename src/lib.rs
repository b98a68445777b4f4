//! ivorylens: IvoryOS's run records in a terminal.
//!
//! Arrows go one way: [`model`] <- [`store`] <- [`services`] <- [`cli`], [`tui`].
//! [`formats`] holds the byte formats (pure functions over model types); [`demo`] makes data folders.

// So that files which the unit tests share with the test programs name this crate by one name.
#[cfg(test)]
extern crate self as ivorylens;

pub mod checkpoint;
pub mod cli;
pub mod config;
pub mod demo;
pub mod error;
pub mod formats;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod model;
pub mod output;
pub mod platform;
pub mod regular_file;
pub mod services;
pub mod signals;
pub mod store;
pub mod style;
pub mod temporary;
pub mod tui;
