//! Which records of the catalogue have some marks: what filter words ask.

use std::sync::Arc;

use super::{MarkTable, known::MarkedRow};
use crate::{
    checkpoint::{Cx, Freshness},
    error::Result,
    model::{
        mark::RecordMark,
        record_key::RecordKey,
        row_set::RowSet,
        run_facts::{ODD, RunFacts, StoredTime},
        timestamp::Timestamp,
    },
    services::lab::Lab,
    store::catalogue::select::FactTime,
};

/// Records that are read in one go.
const TOGETHER: usize = 1_000;

/// The number of the marks that a search was made with.
pub(in crate::services) fn number(lab: &Lab) -> u64 {
    super::all(lab).number
}

/// The records with wanted marks.
///
/// # Errors
/// As any read.
pub(in crate::services) fn with(
    lab: &Lab,
    wanted: impl Fn(&RecordMark) -> bool,
    cx: &Cx<'_>,
) -> Result<RowSet> {
    let mut found = RowSet::none(len(lab));
    for (row, _) in marked(lab, cx)?.iter().filter(|(_, mark)| wanted(mark)) {
        found.insert(*row);
    }
    Ok(found)
}

/// The records that were not opened yet.
///
/// # Errors
/// As any read.
pub(in crate::services) fn unread(lab: &Lab, cx: &Cx<'_>) -> Result<RowSet> {
    let (table, catalogue) = (table(lab, cx)?, lab.database().catalogue());
    let Some((up_to, opened)) = table.read() else { return Ok(RowSet::none(len(lab))) };
    let mut found = catalogue.with_id(|id| id > up_to.run);
    if let Timestamp::At(at) = Timestamp::read(Some(&up_to.start)) {
        // The bound itself is read.
        let from = at.checked_add(jiff::SignedDuration::from_micros(1)).ok();
        found.add(&catalogue.with_time(FactTime::Start, Some(&[(from, None)])));
    }
    let mut were_opened = RowSet::none(len(lab));
    places(lab, opened.iter(), cx)?.into_iter().flatten().for_each(|row| were_opened.insert(row));
    found.keep(&were_opened.others());
    Ok(found)
}

/// What is acted upon rests on marks that were read.
fn table(lab: &Lab, cx: &Cx<'_>) -> Result<Arc<MarkTable>> {
    match cx.freshness {
        Freshness::Whole => super::for_sure(lab),
        Freshness::AtOnce => Ok(super::all(lab)),
    }
}

fn len(lab: &Lab) -> usize {
    usize::try_from(lab.database().catalogue().counts().all).unwrap_or(usize::MAX)
}

/// The places of all marked records that are there.
///
/// # Errors
/// As any read.
pub(in crate::services) fn marked(lab: &Lab, cx: &Cx<'_>) -> Result<Arc<Vec<MarkedRow>>> {
    let (table, state) = (table(lab, cx)?, lab.database().catalogue().state());
    if let Some(rows) = lab.memo.marked_rows.get((table.number, state)) {
        return Ok(rows);
    }
    let rows = Arc::new(places_of_all(lab, &table, cx)?);
    lab.memo.marked_rows.keep((table.number, state), &rows);
    Ok(rows)
}

fn places_of_all(lab: &Lab, table: &MarkTable, cx: &Cx<'_>) -> Result<Vec<MarkedRow>> {
    let found = places(lab, table.each().map(|(key, _)| key), cx)?;
    let marks = table.each().map(|(_, mark)| Arc::clone(mark));
    Ok(found.into_iter().zip(marks).filter_map(|(row, mark)| Some((row?, mark))).collect())
}

/// The place of each of these records; `None` for those that are gone, or another one by now.
fn places<'a>(
    lab: &Lab,
    keys: impl Iterator<Item = &'a RecordKey>,
    cx: &Cx<'_>,
) -> Result<Vec<Option<usize>>> {
    let catalogue = lab.database().catalogue();
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for (at, key) in keys.enumerate() {
        let is_it = catalogue.facts(key.run, |facts| is(facts, key));
        found.push(catalogue.place(key.run).filter(|_| is_it == Some(Some(true))));
        if is_it == Some(None) {
            open.push((at, key));
        }
        if at.is_multiple_of(TOGETHER) {
            cx.still_wanted()?;
        }
    }
    // Of cells that are no texts or times the record itself tells.
    for some in open.chunks(TOGETHER) {
        let ids: Vec<i64> = some.iter().map(|(_, key)| key.run).collect();
        let runs = lab.source().runs(&ids, cx)?;
        for (at, key) in some {
            if runs.iter().any(|run| key.is(run))
                && let Some(place) = found.get_mut(*at)
            {
                *place = catalogue.place(key.run);
            }
        }
        cx.still_wanted()?;
    }
    Ok(found)
}

/// Is it this record? `None` where that is not to be told from what is known of all.
fn is(facts: &RunFacts<'_>, key: &RecordKey) -> Option<bool> {
    let name = facts.name.unwrap_or_default();
    if name.first() == Some(&ODD) {
        return None;
    }
    let start = match facts.start {
        StoredTime::Null => String::new(),
        StoredTime::At(at) => Timestamp::At(at.at()?).python(),
        StoredTime::Odd { .. } => return None,
    };
    Some(name == key.name.as_bytes() && start == key.start)
}
