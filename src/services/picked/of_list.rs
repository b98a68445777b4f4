//! Picked records and lists: which records of a list are picked, how many of the picked ones a list has, and in which
//! order they stand.

use super::{PickWhich, Picked, PickedCount, PickedRuns, identity_of_facts};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{filter::words::Filter, query::ListQuery},
    services::{
        filter::{self, Reading},
        lab::Lab,
    },
    store::catalogue::Listing,
};

/// Records that are looked at between two checkpoints.
const TOGETHER: usize = 1 << 14;

/// Rows that are read between two checkpoints.
const ROWS: usize = 1_000;

/// The picked records with those of the list that are to be picked too, as of the last commit.
///
/// # Errors
/// As any read; [`Error::Refused`] where an end of a range is gone.
pub fn pick(
    lab: &Lab,
    query: &ListQuery,
    which: PickWhich,
    before: &Picked,
    cx: &mut Cx<'_>,
) -> Result<Picked> {
    let list = filter::list(lab, query, Reading::Whole, cx)?.value.list;
    let ids = ids_of(lab, &list, which)?;
    let (mut found, mut unread) = (Vec::with_capacity(ids.len()), Vec::new());
    let total = Some(ids.len() as u64);
    for some in ids.chunks(TOGETHER) {
        for id in some {
            match lab.database().catalogue().facts(*id, identity_of_facts) {
                Some(Some(known)) => found.push((*id, known)),
                Some(None) => unread.push(*id),
                // Gone meanwhile.
                None => {}
            }
        }
        cx.check(Progress { done: found.len() as u64, total })?;
    }
    for some in unread.chunks(ROWS) {
        let runs = lab.source().runs(some, cx)?;
        found.extend(runs.iter().map(|run| (run.id, super::identity(&run.name, &run.start))));
        cx.check(Progress { done: found.len() as u64, total })?;
    }
    let is_picked = |(id, known): &(i64, u64)| before.known.get(id) == Some(known);
    let mut after = before.clone();
    if which == PickWhich::All && found.iter().all(is_picked) {
        for (id, _) in &found {
            after.known.remove(id);
        }
    } else {
        after.known.extend(found);
    }
    Ok(after)
}

fn ids_of(lab: &Lab, list: &Listing, which: PickWhich) -> Result<Vec<i64>> {
    let catalogue = lab.database().catalogue();
    let PickWhich::Between(one, other) = which else { return Ok(catalogue.part(list, 0, u64::MAX)) };
    let place = |id: i64| {
        let at =
            Some(id).filter(|id| catalogue.is_listed(list, *id)).and_then(|id| catalogue.position(list, id));
        at.ok_or_else(|| {
            Error::Refused(format!("record {id}, at an end of the range, is not in the list any more"))
        })
    };
    let (one, other) = (place(one)?, place(other)?);
    Ok(catalogue.part(list, one.min(other), one.abs_diff(other) + 1))
}

/// How many picked records are in a list, and which of all are gone.
///
/// # Errors
/// As any read.
pub fn count_listed(lab: &Lab, query: &ListQuery, picked: &Picked, cx: &mut Cx<'_>) -> Result<PickedCount> {
    let catalogue = lab.database().catalogue();
    let ids: Vec<i64> = picked.ids().collect();
    'again: loop {
        let list = filter::list(lab, query, Reading::Soon, cx)?.value.list;
        let (state, mut count) = (catalogue.state(), PickedCount::default());
        // Of the two the shorter one is gone through.
        let is_short = catalogue.len(&list) < ids.len() as u64;
        if is_short {
            let listed = catalogue.part(&list, 0, u64::MAX);
            count.listed = listed.iter().filter(|id| picked.known.contains_key(id)).count() as u64;
        }
        for some in ids.chunks(TOGETHER) {
            for id in some {
                count.listed += u64::from(!is_short && catalogue.is_listed(&list, *id));
                if catalogue.is_whole() && catalogue.place(*id).is_none() {
                    count.gone.push(*id);
                }
            }
            cx.check(Progress { done: count.listed, total: Some(ids.len() as u64) })?;
            // A list's places mean nothing after a change.
            if catalogue.state() != state {
                continue 'again;
            }
        }
        return Ok(count);
    }
}

/// The picked records that are there, and still those, as they stand in the file now; in the order of the list, also those
/// that its words leave out.
///
/// # Errors
/// As any read.
pub fn in_order(lab: &Lab, query: &ListQuery, picked: &Picked, cx: &mut Cx<'_>) -> Result<PickedRuns> {
    let all = ListQuery { keyword: String::new(), filter: Filter::default(), ..query.clone() };
    let mut found = PickedRuns::default();
    let mut ids: Vec<i64> = picked.ids().collect();
    ids.sort_unstable();
    let total = Some(ids.len() as u64);
    for some in ids.chunks(ROWS) {
        let runs = lab.source().runs(some, cx)?;
        found.runs.extend(runs.iter().filter(|run| picked.has(run)).map(|run| run.id));
        cx.check(Progress { done: found.runs.len() as u64, total })?;
    }
    let there: &[i64] = &found.runs;
    found.gone = ids.into_iter().filter(|id| there.binary_search(id).is_err()).collect();
    let list = filter::list(lab, &all, Reading::Soon, cx)?.value.list;
    let catalogue = lab.database().catalogue();
    // What the catalogue does not know yet stands last.
    found.runs.sort_by_cached_key(|id| catalogue.position(&list, *id).unwrap_or(u64::MAX));
    Ok(found)
}
