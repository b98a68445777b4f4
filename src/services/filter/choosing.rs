//! Judges the records that the catalogue leaves open: newest first they are read, in growing pieces, until all are decided
//! or it was enough for now.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::{
    plan::Node,
    read,
    stored::{ColumnKey, ReadColumns, RecordAt},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{partial::Lacks, row_set::RowSet},
    services::lab::Lab,
};

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

/// How long an answer that is wanted soon may read.
const SOON: Duration = Duration::from_millis(20);
/// Records that are read together: at first few, so that the first answer is quick.
const FIRST: usize = 64;
const MOST: usize = 8_192;
/// A search while records are read for it.
pub struct Choosing<'a> {
    lab: &'a Lab,
    node: Node,
    state: u64,
    /// The records that are meant, as far as they are decided.
    pub found: RowSet,
    /// Records that are not decided, newest first, and how many of them were read.
    open: Vec<usize>,
    read: usize,
    keys: Vec<ColumnKey>,
    counts: bool,
}

impl<'a> Choosing<'a> {
    /// Of all records, or of one alone.
    pub fn of(lab: &'a Lab, node: Node, state: u64, only: Option<usize>, cx: &mut Cx<'_>) -> Result<Self> {
        let terms = node.read_terms();
        let mut keys: Vec<ColumnKey> = terms.iter().filter_map(|term| term.column().cloned()).collect();
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        // Only failed steps are tried again.
        let counts = terms.iter().any(|term| term.column().is_none()) || keys.contains(&ColumnKey::Tries);
        if counts {
            lab.database().catalogue().count_end(lab.source(), cx)?;
        }
        let mut read = lab.memo.read_columns.borrow_mut();
        let own = counts.then_some(ColumnKey::Counts);
        read.want(&keys.iter().cloned().chain(own).collect::<Vec<_>>());
        if !cx.is_at_once() {
            read.forget_doubted();
        }
        drop(read);
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

    /// How many of the undecided records were read; `None` when all were.
    pub fn progress(&self) -> Option<Progress> {
        let (done, total) = (self.read as u64, self.open.len() as u64);
        (done < total).then_some(Progress { done, total: Some(total) })
    }

    /// Reads as much as is wanted.
    pub fn go_on(&mut self, reading: Reading, cx: &mut Cx<'_>) -> Result<Lacks> {
        let costly = self.keys.iter().any(read::is_costly);
        let (begun, most) = (Instant::now(), if costly { FIRST } else { MOST });
        let mut together = if costly { 1 } else { FIRST };
        let mut lacks = Lacks::default();
        while self.read < self.open.len() {
            let some = self.read..self.open.len().min(self.read + together);
            let rows: Vec<usize> = self.open.get(some.clone()).unwrap_or_default().to_vec();
            lacks = lacks.and(self.read_some(&rows, cx)?);
            if self.lab.database().catalogue().state() != self.state {
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
        Ok(lacks)
    }

    /// Reads what is missing of some records, and decides them: first what costs little.
    fn read_some(&mut self, rows: &[usize], cx: &mut Cx<'_>) -> Result<Lacks> {
        let catalogue = self.lab.database().catalogue();
        let mut open: Vec<usize> = rows.to_vec();
        let at = |row: &usize| catalogue.record_at(*row).map(|(id, print)| RecordAt { row: *row, id, print });
        let mut lacks = Lacks::default();
        if self.counts {
            let records: Vec<RecordAt> = open.iter().filter_map(at).collect();
            lacks = read::count(self.lab, &records, cx)?;
            self.decide(&mut open);
        }
        let (cheap, costly): (Vec<ColumnKey>, Vec<ColumnKey>) =
            self.keys.iter().cloned().partition(|key| !read::is_costly(key));
        for keys in [cheap, costly].into_iter().filter(|keys| !keys.is_empty()) {
            let records: Vec<RecordAt> = open.iter().filter_map(at).collect();
            lacks = lacks.and(read::read(self.lab, &keys, &records, cx)?);
            self.decide(&mut open);
        }
        Ok(lacks)
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
