//! Finding the phases and steps of records in tables that have no index on run_id and phase_id.

use rusqlite::types::ValueRef;

use super::{IdRange, Kind, NOBODY, push};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    model::phase_summary::PhaseRef,
    store::sqlite::Store,
};

/// Where the phases and steps of some records stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Located {
    /// By id.
    pub phases: Vec<PhaseRef>,
    /// The highest phase id and step id looked at: rows behind them came later.
    pub last_phase: i64,
    pub last_step: i64,
    /// Only the neighbourhood was looked at, as the index is not complete yet: rows elsewhere may be missing.
    pub provisional: bool,
}

/// A lab that deletes the same record contradicts, too: then the rows of the last attempt count.
const ATTEMPTS: usize = 4;

/// Ranges that are read again between two checkpoints.
const RANGES: usize = 64;

/// Pieces that are waited for when the index is to be brought up to date before an answer at once.
const PATIENCE: usize = 4;

impl Store {
    /// Finds all phases and steps of these records; waits until the index is complete.
    pub fn locate(&self, runs: &[i64], checkpoint: &mut dyn Checkpoint) -> Result<Located> {
        self.uncontradicted(checkpoint, |store, checkpoint| {
            store.complete(checkpoint)?;
            store.find(runs, checkpoint)
        })
    }

    /// As [`Store::locate`], for a delete: each of the rows and those beside them are read again, whatever their number,
    /// and all of both tables where they ever contradicted what was known.
    pub fn locate_surely(&self, runs: &[i64], checkpoint: &mut dyn Checkpoint) -> Result<Located> {
        self.uncontradicted(checkpoint, |store, checkpoint| {
            store.make_sure(checkpoint)?;
            let located = store.find(runs, checkpoint)?;
            let owner = |phase: &PhaseRef| if store.columns.has_phases { phase.id } else { phase.run };
            let owners = sorted(located.phases.iter().map(owner));
            let ranges = store.index.borrow().table(Kind::Steps).ranges.owned(&owners);
            for some in ranges.chunks(RANGES) {
                store.verify(Kind::Steps, some)?;
                checkpoint.check(Progress::default())?;
            }
            Ok(located)
        })
    }

    /// Asks again while the tables turn out to have other rows than was known.
    pub(in crate::store::sqlite) fn uncontradicted<T>(
        &self,
        checkpoint: &mut dyn Checkpoint,
        mut ask: impl FnMut(&Self, &mut dyn Checkpoint) -> Result<T>,
    ) -> Result<T> {
        for _ in 1..ATTEMPTS {
            let before = self.contradictions();
            let answer = ask(self, checkpoint)?;
            if self.contradictions() == before {
                return Ok(answer);
            }
        }
        ask(self, checkpoint)
    }

    /// Waits until the index is complete; for an answer that is wanted `soon`, only brings it up to date.
    pub(in crate::store::sqlite) fn prepare(
        &self,
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        if soon { self.catch_up() } else { self.complete(checkpoint) }
    }

    /// Brings the index up to date, if that takes a few milliseconds only.
    pub(in crate::store::sqlite) fn catch_up(&self) -> Result<()> {
        self.notice()?;
        for _ in 0..PATIENCE {
            if !self.is_behind() {
                break;
            }
            self.advance()?;
        }
        Ok(())
    }

    pub(in crate::store::sqlite) fn find(
        &self,
        runs: &[i64],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Located> {
        let runs = sorted(runs.iter().copied());
        let mut found = Located { provisional: !self.is_whole(), ..Located::default() };
        if self.columns.has_phases {
            let (ranges, _) = self.id_ranges(Kind::Phases, &runs, checkpoint)?;
            for range in ranges {
                let phase_ref = |id| PhaseRef { id, run: range.owner, ..PhaseRef::default() };
                found.phases.extend((range.first..=range.last).map(phase_ref));
            }
            self.give_steps(&mut found.phases, checkpoint)?;
        } else {
            let (ranges, _) = self.id_ranges(Kind::Steps, &runs, checkpoint)?;
            self.phases_of_steps(&ranges, &mut found)?;
        }
        let index = self.index.borrow();
        found.last_phase = index.table(Kind::Phases).high;
        found.last_step = index.table(Kind::Steps).high;
        Ok(found)
    }

    /// The id ranges of some owners, by id, and failed rows that the index does not cover yet. Rows that are not too
    /// many are read again before they are given.
    pub(in crate::store::sqlite) fn id_ranges(
        &self,
        kind: Kind,
        owners: &[i64],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<IdRange>, Vec<i64>)> {
        let owned = || self.index.borrow().table(kind).ranges.owned(owners);
        let mut ranges = owned();
        let few =
            ranges.iter().map(IdRange::rows).fold(0, u64::saturating_add) <= self.limits().verified_steps;
        if few || kind == Kind::Phases {
            self.verify(kind, &ranges)?;
            ranges = owned();
        }
        self.with_neighbours(kind, owners, ranges, checkpoint)
    }

    /// Adds to the id ranges that the index covers those that it does not cover yet, and gives failed rows among them.
    pub(in crate::store::sqlite) fn with_neighbours(
        &self,
        kind: Kind,
        owners: &[i64],
        ranges: Vec<IdRange>,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<IdRange>, Vec<i64>)> {
        let below = self.index.borrow().table(kind).uncovered();
        let Some(below) = below else { return Ok((ranges, Vec::new())) };
        let (mut near, failed) = self.neighbourhood(kind, owners, below, checkpoint)?;
        near.extend(ranges);
        let mut all = Vec::with_capacity(near.len());
        near.into_iter().for_each(|s| push(&mut all, s));
        Ok((all, failed))
    }

    /// The id ranges that the index does not cover yet, found by bisecting: ids of one owner are neighbours nearly
    /// always, and owners grow with the ids. `below` is the lowest id that is covered.
    fn neighbourhood(
        &self,
        kind: Kind,
        owners: &[i64],
        below: i64,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<IdRange>, Vec<i64>)> {
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        for group in owners.chunk_by(|a, b| b.saturating_sub(*a) <= 16) {
            let Some(lowest) = group.first() else { continue };
            let mut from = self.bisect(kind, *lowest, below)?;
            // So many rows without one of the group's end the walk; more where there were many of them.
            let (mut rows, mut left, mut hit) = (64, 64, false);
            while from < below {
                let piece = self.read_piece(kind, (from, below.saturating_sub(1)), true, left)?;
                let wanted = piece.ranges.iter().filter(|s| group.binary_search(&s.owner).is_ok());
                let before = found.len();
                found.extend(wanted);
                failed.extend(&piece.failed);
                hit |= found.len() > before;
                left = left.saturating_sub(piece.rows);
                if left == 0 && std::mem::take(&mut hit) {
                    rows = (rows * 4).min(20_000);
                    left = rows;
                }
                let Some(last) = piece.last().filter(|_| left > 0 && (piece.cut || left == rows)) else {
                    break;
                };
                from = last.saturating_add(1);
                checkpoint.check(Progress::default())?;
            }
        }
        found.sort_unstable_by_key(|r: &IdRange| r.first);
        found.dedup();
        failed.sort_unstable();
        failed.dedup();
        Ok((found, failed))
    }

    /// The lowest id whose owner is not below this one, as far as owners grow with the ids.
    pub(in crate::store::sqlite) fn bisect(&self, kind: Kind, owner: i64, below: i64) -> Result<i64> {
        let Some((mut low, _)) = self.row_from(kind, i64::MIN)? else { return Ok(below) };
        let mut high = below;
        while low < high {
            let middle = low.midpoint(high);
            match self.row_from(kind, middle)? {
                Some((id, of)) if id < high && (of == NOBODY || of < owner) => low = id.saturating_add(1),
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// The first walk has read all rows of the tables, and rows that came later were read too.
    pub fn is_whole(&self) -> bool {
        let index = self.index.borrow();
        self.kinds().iter().all(|kind| index.table(*kind).is_whole())
    }

    /// There is work to do before an answer, apart from the first walk.
    fn is_behind(&self) -> bool {
        let index = self.index.borrow();
        let behind = |t: &super::IndexTable| !t.begun || t.tail || (t.is_whole() && t.probe.is_some());
        self.kinds().iter().any(|kind| behind(index.table(*kind)))
    }
}

pub(in crate::store::sqlite) fn sorted(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.filter(|id| *id != NOBODY).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A BOOLEAN column as SQLAlchemy reads it.
pub(in crate::store::sqlite) fn truth(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(i) => Some(i != 0),
        ValueRef::Real(f) => Some(f != 0.0),
        ValueRef::Text(t) | ValueRef::Blob(t) => Some(!t.is_empty() && t != b"0"),
    }
}
