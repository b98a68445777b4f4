//! The phases of a record without their cells: all of them, or the beginning of a long record at once.

use rusqlite::{Row, types::Value as SqlValue};

use super::{
    Located, Store,
    index::lookup::sorted,
    index::{Kind, Strip},
    rows::{near_ids, number},
    runs::{stamp, text},
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    model::phase_summary::{PhaseRef, PhaseSummary, SharedTexts},
};

/// All phases of a record.
#[derive(Debug, Default)]
pub struct ReadSummaries {
    /// By id.
    pub summaries: Vec<PhaseSummary>,
    /// Rows may be missing, as the index is not complete yet.
    pub provisional: bool,
}

/// What is seen of a long record before all of it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beginning {
    /// By id, from the first.
    pub first: Vec<PhaseSummary>,
    /// Phases behind those in which steps failed, as far as the index knows, and the last one; by id.
    pub notable: Vec<PhaseSummary>,
    pub phases: u64,
    /// Steps, and those that failed; `None` without sums, and before the index has come to them.
    pub steps: Option<(u64, u64)>,
}

/// More phases than this are not read before something is shown.
const LONG: u64 = 1_000;
/// Of these the first are shown at once, and so many of those that failed.
const FIRST: usize = 128;
const FAILED: usize = 6;

/// Rows read by one statement.
const ROWS: usize = 1_000;

impl Store {
    /// The phases of a record, all of them, which may have to wait for the index.
    pub fn phase_summaries(&self, run: i64, checkpoint: &mut dyn Checkpoint) -> Result<ReadSummaries> {
        self.complete(checkpoint)?;
        self.find_phase_summaries(run, checkpoint)
    }

    /// The same at once: while the index is not complete yet, rows far from the others of their record may be missing.
    pub fn phase_summaries_soon(&self, run: i64, checkpoint: &mut dyn Checkpoint) -> Result<ReadSummaries> {
        self.catch_up()?;
        self.find_phase_summaries(run, checkpoint)
    }

    fn find_phase_summaries(&self, run: i64, checkpoint: &mut dyn Checkpoint) -> Result<ReadSummaries> {
        let provisional = !self.is_whole();
        if !self.columns.has_phases {
            let located = self.find(&[run], checkpoint)?;
            let phase_refs: Vec<&PhaseRef> = located.phases.iter().collect();
            return Ok(ReadSummaries { summaries: self.phase_summaries_of(&phase_refs)?, provisional });
        }
        let known = self.index.borrow().table(Kind::Phases).strips.owned(&[run]);
        let all = self.with_neighbours(Kind::Phases, &[run], known.clone(), checkpoint)?.0;
        let total = rows(&all);
        let (mut summaries, mut words) = (Vec::new(), SharedTexts::default());
        for strip in &all {
            let mut from = strip.first;
            loop {
                let before = summaries.len();
                self.read_heads((run, from, strip.last), false, ROWS, &mut words, &mut summaries)?;
                match summaries.last() {
                    Some(last) if summaries.len() - before == ROWS && last.id() < strip.last => {
                        from = last.id().saturating_add(1);
                    }
                    _ => break,
                }
                checkpoint.check(Progress { done: summaries.len() as u64, total: Some(total) })?;
            }
        }
        if summaries.len() as u64 != total {
            // Some are gone, or another record's by now.
            self.verify(Kind::Phases, &known)?;
        }
        self.give_steps(&mut summaries, checkpoint)?;
        Ok(ReadSummaries { summaries, provisional })
    }

    /// What can be shown of a long record at once, with sums or without; `None` for one of usual length.
    pub fn beginning(
        &self,
        run: i64,
        sums: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<Beginning>> {
        let Some((strips, uncovered)) = self.long(run)? else { return Ok(None) };
        let (Some(start), Some(end)) = (strips.first().copied(), strips.last().copied()) else {
            return Ok(None);
        };
        let phases = rows(&strips);
        let mut words = SharedTexts::default();
        let (mut first, mut notable) = (Vec::new(), Vec::new());
        self.read_heads((run, start.first, start.last), false, FIRST, &mut words, &mut first)?;
        let (steps, failed) =
            if sums && !uncovered { self.sum_of_steps(&strips) } else { (None, Vec::new()) };
        let behind = first.last().map_or(start.first, PhaseSummary::id);
        for id in failed.into_iter().filter(|id| *id > behind) {
            self.read_heads((run, id, id), false, 1, &mut words, &mut notable)?;
        }
        let behind = notable.last().map_or(behind, |summary: &PhaseSummary| summary.id().max(behind));
        if end.last > behind {
            self.read_heads((run, behind.saturating_add(1), end.last), true, 1, &mut words, &mut notable)?;
        }
        self.give_steps(&mut first, checkpoint)?;
        self.give_steps(&mut notable, checkpoint)?;
        Ok(Some(Beginning { first, notable, phases, steps }))
    }

    /// Where the phases of a long record stand, and whether a part of that is taken for granted; `None` for one of
    /// usual length.
    fn long(&self, run: i64) -> Result<Option<(Vec<Strip>, bool)>> {
        if !self.columns.has_phases {
            return Ok(None);
        }
        self.catch_up()?;
        let mut strips = self.index.borrow().table(Kind::Phases).strips.owned(&[run]);
        let uncovered = self.index.borrow().table(Kind::Phases).uncovered();
        if let Some(below) = uncovered {
            // What lies between it and the next record is taken to be its own until it is read.
            let first = self.bisect(Kind::Phases, run, below)?;
            let end = self.bisect(Kind::Phases, run.saturating_add(1), below)?;
            if first < end {
                strips.insert(0, Strip { first, last: end.saturating_sub(1), owner: run });
            }
        }
        Ok((rows(&strips) > LONG).then_some((strips, uncovered.is_some())))
    }

    /// About so many phases that are spread over a long record, the last one among them, and how far they lie apart.
    pub fn spread(&self, run: i64, phases: usize) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        let Some((strips, _)) = self.long(run)? else { return Ok(None) };
        let every = rows(&strips).div_ceil(phases.max(1) as u64).max(1);
        let ids = strips.iter().rev().flat_map(|strip| (strip.first..=strip.last).rev());
        let phase_ref = |id| PhaseRef { id, run, ..PhaseRef::default() };
        let mut phase_refs: Vec<_> =
            ids.step_by(usize::try_from(every).unwrap_or(usize::MAX)).map(phase_ref).collect();
        phase_refs.reverse();
        Ok(Some((phase_refs, every)))
    }

    /// How many steps the phases have and how many failed, and the first phases with failed ones.
    fn sum_of_steps(&self, phases: &[Strip]) -> (Option<(u64, u64)>, Vec<i64>) {
        let owners: Vec<i64> = phases.iter().flat_map(|s| s.first..=s.last).collect();
        let index = self.index.borrow();
        let table = index.table(Kind::Steps);
        if !table.is_whole() {
            return (None, Vec::new());
        }
        let (mut steps, mut failed, mut places) = (0, 0, Vec::new());
        for strip in table.strips.owned(&owners) {
            steps += strip.rows();
            let here = table.failed_in(strip.first, strip.last);
            failed += here;
            if here > 0 && places.len() < FAILED && !places.contains(&strip.owner) {
                places.push(strip.owner);
            }
        }
        places.sort_unstable();
        (Some((steps, failed)), places)
    }

    /// Some phases of a record by their ids, with where their steps stand.
    pub fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Vec<PhaseRef>> {
        self.complete(checkpoint)?;
        self.find_spans(run, phases, checkpoint)
    }

    /// The same at once, as far as the index has come.
    pub fn phase_refs_soon(
        &self,
        run: i64,
        phases: &[i64],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<PhaseRef>, bool)> {
        self.catch_up()?;
        Ok((self.find_spans(run, phases, checkpoint)?, !self.is_whole()))
    }

    fn find_spans(&self, run: i64, phases: &[i64], checkpoint: &mut dyn Checkpoint) -> Result<Vec<PhaseRef>> {
        let mut ids = phases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut phase_refs: Vec<PhaseRef> =
            ids.into_iter().map(|id| PhaseRef { id, run, ..PhaseRef::default() }).collect();
        self.give_steps(&mut phase_refs, checkpoint)?;
        Ok(phase_refs)
    }

    /// Where the steps of phases stand, which come by id.
    pub(super) fn give_steps<T: AsMut<PhaseRef>>(
        &self,
        phases: &mut [T],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let owners: Vec<i64> = phases.iter_mut().map(|p| p.as_mut().id).collect();
        let (strips, failed) = self.strips(Kind::Steps, &sorted(owners.iter().copied()), checkpoint)?;
        let index = self.index.borrow();
        let steps = index.table(Kind::Steps);
        let mut at = 0;
        for strip in strips {
            // Nearly always the same phase as before, or the next.
            while owners.get(at).is_some_and(|id| *id < strip.owner) {
                at += 1;
            }
            if owners.get(at) != Some(&strip.owner) {
                at = owners.partition_point(|id| *id < strip.owner);
            }
            if let Some(phase_ref) = phases.get_mut(at).map(AsMut::as_mut).filter(|p| p.id == strip.owner) {
                phase_ref.ranges.push(strip.first, strip.last);
                phase_ref.steps += strip.rows();
                let from = failed.partition_point(|id| *id < strip.first);
                let to = failed.partition_point(|id| *id <= strip.last);
                phase_ref.failed += steps.failed_in(strip.first, strip.last) + (to - from) as u64;
            }
        }
        Ok(())
    }

    /// The phases of a record with these places, without their cells: those that are still there, by id.
    pub fn phase_summaries_of(&self, phase_refs: &[&PhaseRef]) -> Result<Vec<PhaseSummary>> {
        let (mut summaries, mut words) = (Vec::with_capacity(phase_refs.len()), SharedTexts::default());
        if !self.columns.has_phases {
            for phase_ref in phase_refs {
                summaries.extend(self.legacy_phase(phase_ref)?.map(|phase| PhaseSummary {
                    phase_ref: (*phase_ref).clone(),
                    name: words.word(&phase.name),
                    repeat_index: phase.repeat_index,
                    status: None,
                    has_error: false,
                    start: phase.start,
                    end: phase.end,
                }));
            }
            return Ok(summaries);
        }
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id",
            self.columns.phase_heads
        );
        for piece in near_ids(phase_refs) {
            let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
            let range = (first.id, last.id);
            let read = self.collect_by_id(&sql, range, &[first.run], |row| summary(row, &mut words))?;
            let mut known = piece.iter().peekable();
            for mut summary in read {
                while known.next_if(|s| s.id < summary.id()).is_some() {}
                if let Some(phase_ref) = known.next_if(|s| s.id == summary.id()) {
                    summary.phase_ref = (*phase_ref).clone();
                    summaries.push(summary);
                }
            }
        }
        Ok(summaries)
    }

    fn read_heads(
        &self,
        (run, first, last): (i64, i64, i64),
        from_last: bool,
        rows: usize,
        words: &mut SharedTexts,
        summaries: &mut Vec<PhaseSummary>,
    ) -> Result<()> {
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id {} LIMIT ?",
            self.columns.phase_heads,
            if from_last { "DESC" } else { "ASC" }
        );
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let values = [first, last, run, rows].map(SqlValue::Integer);
        self.collect(&sql, values.into(), |row| {
            summaries.push(summary(row, words)?);
            Ok(())
        })?;
        Ok(())
    }
}

impl Located {
    /// The phases of one of the records.
    pub fn of(&self, run: i64) -> Vec<&PhaseRef> {
        self.phases.iter().filter(|p| p.run == run).collect()
    }
}

fn rows(strips: &[Strip]) -> u64 {
    strips.iter().map(Strip::rows).fold(0, u64::saturating_add)
}

fn summary(row: &Row<'_>, words: &mut SharedTexts) -> rusqlite::Result<PhaseSummary> {
    let mut word = |at: usize| -> rusqlite::Result<Option<_>> {
        if let rusqlite::types::ValueRef::Text(bytes) = row.get_ref(at)?
            && let Ok(plain) = std::str::from_utf8(bytes)
        {
            return Ok(Some(words.word(plain)));
        }
        Ok(text(row, at)?.map(|odd| words.word(&odd)))
    };
    Ok(PhaseSummary {
        name: word(2)?.unwrap_or_default(),
        status: word(6)?,
        phase_ref: PhaseRef { id: row.get(0)?, run: row.get(1)?, ..PhaseRef::default() },
        repeat_index: number(row, 3)?,
        has_error: row.get_ref(7)? != rusqlite::types::ValueRef::Null,
        start: stamp(row, 8)?,
        end: stamp(row, 9)?,
    })
}
