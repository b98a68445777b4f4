//! The records that a command acts on: named by their ids, or meant by filter words.

use std::collections::HashSet;

use super::{chosen_args::ChosenRecords, index_wait};
use crate::{
    error::Result,
    model::filter::words::Filter,
    services::{filter::ids, lab::Lab},
};

/// Said once where looking for records takes long.
pub const LOOKING: &str = "looking through all records for the filter words; this takes a while ...";

/// Their ids: as typed, each once, or newest first; `None` where the words mean none.
///
/// # Errors
/// As any read.
pub fn ids(lab: &Lab, records: &ChosenRecords) -> Result<Option<Vec<i64>>> {
    if let Some(filter) = &records.filter {
        let found = index_wait::told(LOOKING, |cx| ids::ids(lab, filter, cx))?;
        return Ok(Some(found).filter(|found| !found.is_empty()));
    }
    let (mut once, mut seen) = (Vec::with_capacity(records.ids.len()), HashSet::new());
    once.extend(records.ids.iter().copied().filter(|id| seen.insert(*id)));
    Ok(Some(once))
}

/// That the words mean no record.
pub fn nobody(records: &ChosenRecords) -> String {
    format!("no record matches {}", records.filter.as_ref().map_or("", Filter::text))
}
