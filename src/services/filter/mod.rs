//! Finds the records that filter words mean. What the catalogue knows decides first; of the records that it leaves open,
//! newest first, only what the words ask for is read, and kept for the next words. So a stroke that narrows reads nothing
//! twice, and hits are there before all is read.

mod choosing;
mod compare;
mod found_cells;
pub mod ids;
pub(super) mod known;
mod plan;
mod read;
pub(super) mod stored;
pub mod values;

use std::sync::Arc;

pub use choosing::Reading;

use super::{lab::Lab, marks::rows};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        filter::words::Filter,
        partial::{Lacks, Partial},
        query::ListQuery,
    },
    store::{
        FactColumns, Version,
        catalogue::{Chosen, Listing},
    },
};
use choosing::Choosing;
use known::KnownSearch;

/// A list of records that were looked for.
#[derive(Debug, Clone)]
pub struct FoundList {
    pub list: Arc<Listing>,
    /// Some records were not read yet: how many were, of all that must be.
    pub unread: Option<Progress>,
}

/// Found records are good for so long, in seconds, while nothing changes: what runs or is of today changes by time alone.
const GOOD_FOR: i64 = 10;
/// The last records may be written to: after a change of the file they are read again.
const LAST: usize = 256;

/// A list with the records that its words mean, as of the last commit.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when nobody wants it any more.
pub fn list(lab: &Lab, query: &ListQuery, reading: Reading, cx: &mut Cx<'_>) -> Result<Partial<FoundList>> {
    if query.filter.is_empty() {
        let list = lab.database().list(query, cx)?;
        return Ok(Partial::whole(FoundList { list, unread: None }));
    }
    chosen_list(lab, query, reading, cx)
}

/// The same for a single list, whole: what was read of the catalogue is kept for the next time.
///
/// # Errors
/// As [`list`].
pub fn list_once(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<Arc<Listing>> {
    if query.filter.is_empty() {
        return lab.database().list_once(query, cx);
    }
    let found = chosen_list(lab, query, Reading::Whole, cx)?;
    lab.database().catalogue().keep(false);
    Ok(found.value.list)
}

fn chosen_list(
    lab: &Lab,
    query: &ListQuery,
    reading: Reading,
    cx: &mut Cx<'_>,
) -> Result<Partial<FoundList>> {
    loop {
        lab.database().ready(query, FactColumns::ALL, cx)?;
        let found = choose(lab, &query.filter, reading, cx)?;
        // The catalogue may have changed while records were read: what was read is kept.
        if let Some(list) = lab.database().list_chosen(query, &found.value.0, cx)? {
            return Ok(found.map(|(_, unread)| FoundList { list, unread }));
        }
        cx.check(Progress::default())?;
    }
}

type Found = (Arc<Chosen>, Option<Progress>);

fn choose(lab: &Lab, filter: &Filter, reading: Reading, cx: &mut Cx<'_>) -> Result<Partial<Found>> {
    let catalogue = lab.database().catalogue();
    let version = lab.version(cx);
    let marks = rows::number(lab);
    if let Some(known) = lab.memo.search(|known| known.marks == marks && is_good(known, lab, filter, version))
    {
        return Ok(Partial::whole((known.chosen, None)));
    }
    notice_changes(lab, &[], cx);
    let state = catalogue.state();
    let Some(expr) = filter.expr() else {
        return Ok(Partial::whole((Arc::new(Chosen { rows: Default::default(), state }), None)));
    };
    let node = plan::of(lab, expr, cx)?;
    let mut choosing = Choosing::of(lab, node, state, None, cx)?;
    let lacks = choosing.go_on(reading, cx)?;
    let doubted = Lacks { rows: lab.memo.read_columns.borrow().is_doubted(), ..Lacks::default() };
    let (unread, lacks) = (choosing.progress(), lacks.and(doubted));
    let chosen = Arc::new(Chosen { rows: choosing.found, state });
    if unread.is_none() && lacks.nothing() && catalogue.state() == state {
        let (filter, at) = (filter.clone(), lab.now());
        lab.memo.keep_search(KnownSearch { filter, at, version, marks, chosen: Arc::clone(&chosen) });
    }
    Ok(Partial::lacking((chosen, unread), lacks))
}

/// After a change of the file the last records, and these, are read again.
fn notice_changes(lab: &Lab, also: &[i64], cx: &Cx<'_>) {
    let version = lab.version(cx);
    let mut read = lab.memo.read_columns.borrow_mut();
    if version.is_none() || read.version != version {
        read.forget(&lab.database().catalogue().last_ids(LAST));
        read.version = version;
    }
    read.forget(also);
}

fn is_good(known: &KnownSearch, lab: &Lab, filter: &Filter, version: Option<Version>) -> bool {
    let since = lab.now().duration_since(known.at).as_secs();
    known.filter == *filter
        && version.is_some()
        && known.version == version
        && known.chosen.state == lab.database().catalogue().state()
        && (0..GOOD_FOR).contains(&since)
}
