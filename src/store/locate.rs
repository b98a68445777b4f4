//! Finding the phases and steps of records in tables that have no index on run_id and phase_id.

use rusqlite::types::ValueRef;

use super::{
    Store,
    index::{Kind, NOBODY, Strip, VERIFIED, push},
};
use crate::{
    error::Result,
    pulse::{Progress, Pulse},
};

/// Where the phases and steps of some records stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Located {
    /// By id.
    pub phases: Vec<PhaseSpan>,
    /// The highest phase id and step id looked at: rows behind them came later.
    pub last_phase: i64,
    pub last_step: i64,
    /// Only the neighbourhood was looked at, as the index is not complete yet: rows elsewhere may be missing.
    pub provisional: bool,
}

/// A phase and the id ranges of its steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhaseSpan {
    pub id: i64,
    pub run: i64,
    /// Inclusive ranges of ids; all rows in them are this phase's, or gone.
    pub ranges: Vec<(i64, i64)>,
    pub steps: u64,
    /// Steps with `run_error`.
    pub failed: u64,
}

/// Pieces that are waited for when the index is to be brought up to date before an answer at once.
const PATIENCE: usize = 4;

impl Store {
    /// Finds the phases and steps of these records: all of them, which may have to wait for the index.
    pub fn locate(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        self.complete(pulse)?;
        self.find(runs, pulse)
    }

    /// The same at once: while the index is not complete yet, rows far from the others of their record may be missing.
    pub fn locate_soon(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        self.notice()?;
        for _ in 0..PATIENCE {
            if !self.is_behind() {
                break;
            }
            self.advance()?;
        }
        self.find(runs, pulse)
    }

    fn find(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        let runs = sorted(runs.iter().copied());
        let mut found = Located { provisional: !self.is_whole(), ..Located::default() };
        if self.columns.has_phases {
            let (strips, _) = self.strips(Kind::Phases, &runs, pulse)?;
            for strip in strips {
                let span = |id| PhaseSpan { id, run: strip.owner, ..PhaseSpan::default() };
                found.phases.extend((strip.first..=strip.last).map(span));
            }
            let phases = sorted(found.phases.iter().map(|p| p.id));
            let (steps, failed) = self.strips(Kind::Steps, &phases, pulse)?;
            self.give_steps(&steps, &failed, &mut found.phases);
        } else {
            let (strips, _) = self.strips(Kind::Steps, &runs, pulse)?;
            self.phases_of_steps(&strips, &mut found)?;
        }
        let index = self.index.borrow();
        found.last_phase = index.table(Kind::Phases).high;
        found.last_step = index.table(Kind::Steps).high;
        Ok(found)
    }

    /// All are by id, and so are the strips of each phase. `failed` are those that the index does not know.
    fn give_steps(&self, strips: &[Strip], failed: &[i64], phases: &mut [PhaseSpan]) {
        let index = self.index.borrow();
        let steps = index.table(Kind::Steps);
        let mut at = 0;
        for strip in strips {
            // Nearly always the same phase as before, or the next.
            while phases.get(at).is_some_and(|p| p.id < strip.owner) {
                at += 1;
            }
            if phases.get(at).is_none_or(|p| p.id != strip.owner) {
                at = phases.partition_point(|p| p.id < strip.owner);
            }
            if let Some(span) = phases.get_mut(at).filter(|p| p.id == strip.owner) {
                span.ranges.push((strip.first, strip.last));
                span.steps += strip.rows();
                let from = failed.partition_point(|id| *id < strip.first);
                let to = failed.partition_point(|id| *id <= strip.last);
                span.failed += steps.failed_in(strip.first, strip.last) + (to - from) as u64;
            }
        }
    }

    /// The strips of some owners, by id, and failed rows that the index does not cover yet. They are read again
    /// before they are given, where they are not too many.
    fn strips(&self, kind: Kind, owners: &[i64], pulse: &mut dyn Pulse) -> Result<(Vec<Strip>, Vec<i64>)> {
        let owned = || self.index.borrow().table(kind).strips.owned(owners);
        let mut strips = owned();
        let few = strips.iter().map(Strip::rows).fold(0, u64::saturating_add) <= VERIFIED;
        if few || kind == Kind::Phases {
            self.verify(kind, &strips)?;
            strips = owned();
        }
        let below = self.index.borrow().table(kind).uncovered();
        let Some(below) = below else { return Ok((strips, Vec::new())) };
        let (mut near, failed) = self.neighbourhood(kind, owners, below, pulse)?;
        near.extend(strips);
        let mut all = Vec::with_capacity(near.len());
        near.into_iter().for_each(|s| push(&mut all, s));
        Ok((all, failed))
    }

    /// Strips that the index does not cover yet, found by bisecting: ids of one owner are neighbours nearly always,
    /// and owners grow with the ids. `below` is the lowest id that is covered.
    fn neighbourhood(
        &self,
        kind: Kind,
        owners: &[i64],
        below: i64,
        pulse: &mut dyn Pulse,
    ) -> Result<(Vec<Strip>, Vec<i64>)> {
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        for group in owners.chunk_by(|a, b| b.saturating_sub(*a) <= 16) {
            let Some(lowest) = group.first() else { continue };
            let mut from = self.bisect(kind, *lowest, below)?;
            let mut rows = 64;
            while from < below {
                let piece = self.read_piece(kind, (from, below.saturating_sub(1)), true, rows)?;
                let wanted = piece.strips.iter().filter(|s| group.binary_search(&s.owner).is_ok());
                let before = found.len();
                found.extend(wanted);
                failed.extend(&piece.failed);
                let Some(last) = piece.last().filter(|_| piece.rows == rows && found.len() > before) else {
                    break;
                };
                from = last.saturating_add(1);
                rows = (rows * 4).min(20_000);
                pulse.beat(Progress::default())?;
            }
        }
        found.sort_unstable_by_key(|s: &Strip| s.first);
        found.dedup();
        failed.sort_unstable();
        failed.dedup();
        Ok((found, failed))
    }

    /// The lowest id whose owner is not below this one, as far as owners grow with the ids.
    fn bisect(&self, kind: Kind, owner: i64, below: i64) -> Result<i64> {
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

    /// The first walk over the tables is through, and what came later was read.
    pub fn is_whole(&self) -> bool {
        let index = self.index.borrow();
        self.kinds().iter().all(|kind| index.table(*kind).is_whole())
    }

    /// There is work to do before an answer, apart from the first walk.
    fn is_behind(&self) -> bool {
        let index = self.index.borrow();
        let behind = |t: &super::index::Table| !t.begun || t.tail || (t.is_whole() && t.probe.is_some());
        self.kinds().iter().any(|kind| behind(index.table(*kind)))
    }
}

fn sorted(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.filter(|id| *id != NOBODY).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A BOOLEAN column as SQLAlchemy reads it.
pub(super) fn truth(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(i) => Some(i != 0),
        ValueRef::Real(f) => Some(f != 0.0),
        ValueRef::Text(t) | ValueRef::Blob(t) => Some(!t.is_empty() && t != b"0"),
    }
}
