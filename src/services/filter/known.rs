//! The records that were looked for last, kept until something may have changed.

use std::sync::Arc;

use jiff::civil::DateTime;

use crate::{
    model::filter::words::Filter,
    store::{Version, catalogue::Chosen},
};

/// The records that were found by some words, and how far that has come.
#[derive(Debug, Clone)]
pub struct KnownSearch {
    pub filter: Filter,
    /// Words of time and state mean others later.
    pub at: DateTime,
    pub version: Option<Version>,
    /// The marks that it was made with.
    pub marks: u64,
    pub chosen: Arc<Chosen>,
}
