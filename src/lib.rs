//! ivorylens: IvoryOS's run records in a terminal.
//!
//! Arrows go one way: [`model`] <- [`store`] <- [`services`] <- [`cli`], [`tui`].
//! [`export`] holds the byte formats (pure functions over model types); [`demo`] makes data folders.

pub mod cli;
pub mod demo;
pub mod error;
pub mod export;
pub mod model;
pub mod pulse;
pub mod services;
pub mod store;
pub mod tui;
