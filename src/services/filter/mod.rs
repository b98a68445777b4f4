//! Finds the records that filter words mean. What the catalogue knows decides first; of the records that it leaves open,
//! newest first, only what the words ask for is read, and kept for the next words. So a stroke that narrows reads nothing
//! twice, and hits are there before all is read.

mod compare;
pub mod ids;
pub(super) mod known;
mod plan;
mod read;
pub(super) mod stored;
pub mod values;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::lab::Lab;
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        filter::words::Filter,
        partial::{Lacks, Partial},
        query::ListQuery,
    },
    store::{
        FactColumns,
        catalogue::{Chosen, Listing, select::FactText},
        columns_of,
    },
};
use known::KnownSearch;
use plan::Node;
use stored::{ColumnKey, ReadColumns, RecordAt};

/// How much is read for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A moment: the hits so far.
    Soon,
    /// All.
    Whole,
}

impl Reading {
    /// As an answer is wanted.
    pub fn of(cx: &Cx<'_>) -> Self {
        if cx.is_at_once() { Reading::Soon } else { Reading::Whole }
    }
}

/// A list of records that were looked for.
#[derive(Debug, Clone)]
pub struct FoundList {
    pub list: Arc<Listing>,
    /// Some records were not read yet: how many were, of all that must be.
    pub unread: Option<Progress>,
}

/// Found records are good for so long, in seconds, while nothing changes: what runs or is of today changes by time alone.
const GOOD_FOR: i64 = 10;
/// How long an answer that is wanted soon may read.
const SOON: Duration = Duration::from_millis(20);
/// Records that are read together: at first few, so that the first answer is quick.
const FIRST: usize = 64;
const MOST: usize = 8_192;
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
    chosen_list(lab, query, FactColumns::ALL, reading, cx)
}

/// The same for a single list: no other columns are read than it needs, and they are kept for the next time.
///
/// # Errors
/// As [`list`].
pub fn list_once(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<Arc<Listing>> {
    if query.filter.is_empty() {
        return lab.database().list_once(query, cx);
    }
    let found = chosen_list(lab, query, columns_of(query).and(FactColumns::ALL), Reading::Whole, cx)?;
    lab.database().catalogue().keep(false);
    Ok(found.value.list)
}

fn chosen_list(
    lab: &Lab,
    query: &ListQuery,
    columns: FactColumns,
    reading: Reading,
    cx: &mut Cx<'_>,
) -> Result<Partial<FoundList>> {
    loop {
        lab.database().ready(query, columns, cx)?;
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
    if let Some(known) = lab.memo.search(|known| is_good(known, lab, filter, version)) {
        return Ok(Partial::whole((known.chosen, None)));
    }
    notice_changes(lab, &[], cx);
    let state = catalogue.state();
    let Some(expr) = filter.expr() else {
        return Ok(Partial::whole((Arc::new(Chosen { rows: Default::default(), state }), None)));
    };
    let node = plan::of(lab, expr, cx)?;
    let mut run = Choosing::of(lab, node, state, None, cx)?;
    let lacks = run.go_on(reading, cx)?;
    let unread = run.progress();
    let chosen = Arc::new(Chosen { rows: run.found, state });
    if unread.is_none() && lacks.nothing() && catalogue.state() == state {
        let (filter, at) = (filter.clone(), lab.now());
        lab.memo.keep_search(KnownSearch { filter, at, version, chosen: Arc::clone(&chosen) });
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

fn is_good(known: &KnownSearch, lab: &Lab, filter: &Filter, version: Option<crate::store::Version>) -> bool {
    let since = lab.now().duration_since(known.at).as_secs();
    known.filter == *filter
        && version.is_some()
        && known.version == version
        && known.chosen.state == lab.database().catalogue().state()
        && (0..GOOD_FOR).contains(&since)
}

/// A search while records are read for it.
struct Choosing<'a> {
    lab: &'a Lab,
    node: Node,
    state: u64,
    found: crate::model::row_set::RowSet,
    /// Records that are not decided, newest first, and how many of them were read.
    open: Vec<usize>,
    read: usize,
    keys: Vec<ColumnKey>,
    counts: bool,
}

impl<'a> Choosing<'a> {
    /// Of all records, or of one alone.
    fn of(lab: &'a Lab, node: Node, state: u64, only: Option<usize>, cx: &mut Cx<'_>) -> Result<Self> {
        let terms = node.read_terms();
        let mut keys: Vec<ColumnKey> = terms.iter().filter_map(|term| term.column().cloned()).collect();
        keys.sort_by_key(read::is_costly);
        keys.dedup();
        // Only failed steps are tried again.
        let counts = terms.iter().any(|term| term.column().is_none()) || keys.contains(&ColumnKey::Tries);
        if counts {
            lab.database().catalogue().count_end(lab.source(), cx)?;
        }
        lab.memo.read_columns.borrow_mut().want(&keys);
        let len = usize::try_from(lab.database().catalogue().counts().all).unwrap_or(usize::MAX);
        let judged = node.judged(len);
        let mut found = judged.yes;
        let mut decided = found.clone();
        decided.add(&judged.no);
        let mut open: Vec<usize> = decided.others().iter().collect();
        open.reverse();
        open.retain(|row| only.is_none_or(|only| only == *row));
        let read = lab.memo.read_columns.borrow();
        open.retain(|row| match decide(lab, &node, *row, &read) {
            Some(is_meant) => {
                if is_meant {
                    found.insert(*row);
                }
                false
            }
            None => true,
        });
        drop(read);
        Ok(Self { lab, node, state, found, open, read: 0, keys, counts })
    }

    fn progress(&self) -> Option<Progress> {
        let (done, total) = (self.read as u64, self.open.len() as u64);
        (done < total).then_some(Progress { done, total: Some(total) })
    }

    /// Reads as much as is wanted.
    fn go_on(&mut self, reading: Reading, cx: &mut Cx<'_>) -> Result<Lacks> {
        let costly = self.keys.iter().any(read::is_costly);
        let (begun, most) = (Instant::now(), if costly { FIRST } else { MOST });
        let mut together = if costly { 1 } else { FIRST };
        while self.read < self.open.len() {
            let some = self.read..self.open.len().min(self.read + together);
            let rows: Vec<usize> = self.open.get(some.clone()).unwrap_or_default().to_vec();
            let lacks = self.read_some(&rows, cx)?;
            if !lacks.nothing() || self.lab.database().catalogue().state() != self.state {
                return Ok(lacks);
            }
            self.read = some.end;
            if reading == Reading::Soon && begun.elapsed() > SOON {
                break;
            }
            if let Some(progress) = self.progress() {
                cx.check(progress)?;
            }
            together = (together * 2).min(most);
        }
        Ok(Lacks::default())
    }

    /// Reads what is missing of some records, and decides them: first what costs little.
    fn read_some(&mut self, rows: &[usize], cx: &mut Cx<'_>) -> Result<Lacks> {
        let catalogue = self.lab.database().catalogue();
        let mut open: Vec<usize> = rows.to_vec();
        let at = |row: &usize| catalogue.record_at(*row).map(|(id, print)| RecordAt { row: *row, id, print });
        if self.counts {
            let ids: Vec<i64> = open.iter().filter_map(at).map(|at| at.id).collect();
            if !catalogue.count_these(self.lab.source(), &ids, cx)? {
                return Ok(Lacks { rows: true, ..Lacks::default() });
            }
            self.decide(&mut open);
        }
        let (cheap, costly): (Vec<ColumnKey>, Vec<ColumnKey>) =
            self.keys.iter().cloned().partition(|key| !read::is_costly(key));
        for keys in [cheap, costly].into_iter().filter(|keys| !keys.is_empty()) {
            let records: Vec<RecordAt> = open.iter().filter_map(at).collect();
            let lacks = read::read(self.lab, &keys, &records, cx)?;
            if !lacks.nothing() || catalogue.state() != self.state {
                return Ok(lacks);
            }
            self.decide(&mut open);
        }
        Ok(Lacks::default())
    }

    /// Leaves those that are not decided.
    fn decide(&mut self, open: &mut Vec<usize>) {
        if self.lab.database().catalogue().state() != self.state {
            return;
        }
        let read = self.lab.memo.read_columns.borrow();
        open.retain(|row| match decide(self.lab, &self.node, *row, &read) {
            Some(true) => {
                self.found.insert(*row);
                false
            }
            found => found.is_none(),
        });
    }
}

fn decide(lab: &Lab, node: &Node, row: usize, read: &ReadColumns) -> Option<bool> {
    let catalogue = lab.database().catalogue();
    let (id, print) = catalogue.record_at(row)?;
    node.of(RecordAt { row, id, print }, catalogue, read)
}

/// Names, users or decks that occur, for who completes words.
pub fn texts(lab: &Lab, column: FactText, cx: &mut Cx<'_>) -> Result<Vec<String>> {
    let catalogue = lab.database().catalogue();
    catalogue.ready(lab.source(), FactColumns::ALL, cx)?;
    Ok(catalogue.texts_of(&[column]))
}
