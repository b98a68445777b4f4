//! The phases of a record without their cells: all of them, or the beginning of a long record at once.

use rusqlite::{Row, types::Value as SqlValue};

use super::{
    Beginning, Located, Store,
    id_order::IdOrder,
    index::lookup::sorted,
    index::{IdRange, Kind},
    rows::{near_ids, number},
    runs::{stamp, text},
    source::lacking_rows,
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    model::{
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary, SharedTexts},
    },
};

/// Rows read by one statement.
const ROWS: usize = 1_000;

impl Store {
    /// The summaries of all phases of a record. With `soon` they do not wait for the index: while it is not complete,
    /// phases and steps that lie far from the others of their record may be missing, and the answer is provisional.
    pub fn phase_summaries(
        &self,
        run: i64,
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Partial<Vec<PhaseSummary>>> {
        self.prepare(soon, checkpoint)?;
        let lacks = lacking_rows(!self.is_whole());
        if !self.columns.has_phases {
            let located = self.find(&[run], checkpoint)?;
            let phase_refs: Vec<&PhaseRef> = located.phases.iter().collect();
            return Ok(Partial::lacking(self.phase_summaries_of(&phase_refs)?, lacks));
        }
        let known = self.index.borrow().table(Kind::Phases).ranges.owned(&[run]);
        let all = self.with_neighbours(Kind::Phases, &[run], known.clone(), checkpoint)?.0;
        let total = rows(&all);
        let (mut summaries, mut words) = (Vec::new(), SharedTexts::default());
        for range in &all {
            let mut from = range.first;
            loop {
                let before = summaries.len();
                self.read_summaries((run, from, range.last), false, ROWS, &mut words, &mut summaries)?;
                match summaries.last() {
                    Some(last) if summaries.len() - before == ROWS && last.id() < range.last => {
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
        Ok(Partial::lacking(summaries, lacks))
    }

    /// The first phases of a long record without waiting for the index, with sums over its steps or without; `None` for
    /// a record of usual length.
    pub fn beginning(
        &self,
        run: i64,
        sums: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<Beginning>> {
        let Some((ranges, uncovered)) = self.long(run)? else { return Ok(None) };
        let (Some(start), Some(end)) = (ranges.first().copied(), ranges.last().copied()) else {
            return Ok(None);
        };
        let phases = rows(&ranges);
        let mut words = SharedTexts::default();
        let (mut first, mut notable) = (Vec::new(), Vec::new());
        self.read_summaries((run, start.first, start.last), false, Beginning::FIRST, &mut words, &mut first)?;
        let (steps, failed) =
            if sums && !uncovered { self.sum_of_steps(&ranges) } else { (None, Vec::new()) };
        let behind = first.last().map_or(start.first, PhaseSummary::id);
        for id in failed.into_iter().filter(|id| *id > behind) {
            self.read_summaries((run, id, id), false, 1, &mut words, &mut notable)?;
        }
        let behind = notable.last().map_or(behind, |summary: &PhaseSummary| summary.id().max(behind));
        if end.last > behind {
            self.read_summaries(
                (run, behind.saturating_add(1), end.last),
                true,
                1,
                &mut words,
                &mut notable,
            )?;
        }
        self.give_steps(&mut first, checkpoint)?;
        self.give_steps(&mut notable, checkpoint)?;
        Ok(Some(Beginning { first, notable, phases, steps }))
    }

    /// The id ranges of a long record's phases, and whether one of them was found by bisecting and not read yet; `None`
    /// for a record of usual length.
    fn long(&self, run: i64) -> Result<Option<(Vec<IdRange>, bool)>> {
        if !self.columns.has_phases {
            return Ok(None);
        }
        self.catch_up()?;
        let mut ranges = self.index.borrow().table(Kind::Phases).ranges.owned(&[run]);
        let uncovered = self.index.borrow().table(Kind::Phases).uncovered();
        if let Some(below) = uncovered {
            // Phases between the record's first one and the next record's are taken to be its own until they are read.
            let first = self.bisect(Kind::Phases, run, below)?;
            let end = self.bisect(Kind::Phases, run.saturating_add(1), below)?;
            if first < end {
                ranges.insert(0, IdRange { first, last: end.saturating_sub(1), owner: run });
            }
        }
        Ok((rows(&ranges) > Beginning::LONG).then_some((ranges, uncovered.is_some())))
    }

    /// About so many phases that are spread over a long record, the last one among them, and how far they lie apart.
    pub fn spread(&self, run: i64, phases: usize) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        let Some((ranges, _)) = self.long(run)? else { return Ok(None) };
        let every = rows(&ranges).div_ceil(phases.max(1) as u64).max(1);
        let ids = ranges.iter().rev().flat_map(|range| (range.first..=range.last).rev());
        let phase_ref = |id| PhaseRef { id, run, ..PhaseRef::default() };
        let mut phase_refs: Vec<_> =
            ids.step_by(usize::try_from(every).unwrap_or(usize::MAX)).map(phase_ref).collect();
        phase_refs.reverse();
        Ok(Some((phase_refs, every)))
    }

    /// How many steps the phases have and how many failed, and the first phases with failed ones.
    fn sum_of_steps(&self, phases: &[IdRange]) -> (Option<(u64, u64)>, Vec<i64>) {
        let owners: Vec<i64> = phases.iter().flat_map(|r| r.first..=r.last).collect();
        let index = self.index.borrow();
        let table = index.table(Kind::Steps);
        if !table.is_whole() {
            return (None, Vec::new());
        }
        let (mut steps, mut failed, mut places) = (0, 0, Vec::new());
        let ranges = table.ranges.owned(&owners);
        let known = table.failed_among(&ranges);
        for range in ranges {
            steps += range.rows();
            let here = count_within(&known, &range);
            failed += here;
            if here > 0 && places.len() < Beginning::FAILED && !places.contains(&range.owner) {
                places.push(range.owner);
            }
        }
        places.sort_unstable();
        (Some((steps, failed)), places)
    }

    /// References to some phases of a record by their ids, with the id ranges of their steps. With `soon` they do not
    /// wait for the index, and the answer says whether they are provisional.
    pub fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<PhaseRef>, bool)> {
        self.prepare(soon, checkpoint)?;
        let mut ids = phases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut phase_refs: Vec<PhaseRef> =
            ids.into_iter().map(|id| PhaseRef { id, run, ..PhaseRef::default() }).collect();
        self.give_steps(&mut phase_refs, checkpoint)?;
        Ok((phase_refs, soon && !self.is_whole()))
    }

    /// Puts the id ranges of their steps into phases that are sorted by id.
    pub(super) fn give_steps<T: AsMut<PhaseRef>>(
        &self,
        phases: &mut [T],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let owners: Vec<i64> = phases.iter_mut().map(|p| p.as_mut().id).collect();
        let (ranges, failed) = self.id_ranges(Kind::Steps, &sorted(owners.iter().copied()), checkpoint)?;
        let index = self.index.borrow();
        let known = index.table(Kind::Steps).failed_among(&ranges);
        let mut at = 0;
        for range in ranges {
            // Nearly always the same phase as before, or the next.
            while owners.get(at).is_some_and(|id| *id < range.owner) {
                at += 1;
            }
            if owners.get(at) != Some(&range.owner) {
                at = owners.partition_point(|id| *id < range.owner);
            }
            if let Some(phase_ref) = phases.get_mut(at).map(AsMut::as_mut).filter(|p| p.id == range.owner) {
                phase_ref.ranges.push(range.first, range.last);
                phase_ref.steps += range.rows();
                phase_ref.failed += count_within(&known, &range) + count_within(&failed, &range);
            }
        }
        Ok(())
    }

    /// The summaries of these phases, by id; a phase that is gone is left out.
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
            self.columns.phase_summaries
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

    fn read_summaries(
        &self,
        (run, first, last): (i64, i64, i64),
        from_last: bool,
        rows: usize,
        words: &mut SharedTexts,
        summaries: &mut Vec<PhaseSummary>,
    ) -> Result<()> {
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id {} LIMIT ?",
            self.columns.phase_summaries,
            if from_last { "DESC" } else { "ASC" }
        );
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let values = [first, last, run, rows].map(SqlValue::Integer);
        let mut places = if from_last { IdOrder::falling(first, last) } else { IdOrder::rising(first, last) };
        self.collect(&sql, values.into(), |row| {
            places.next(row.get(0)?)?;
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

/// How many of these ids, which are sorted, a range has.
pub(super) fn count_within(ids: &[i64], range: &IdRange) -> u64 {
    let from = ids.partition_point(|id| *id < range.first);
    (ids.partition_point(|id| *id <= range.last) - from) as u64
}

fn rows(ranges: &[IdRange]) -> u64 {
    ranges.iter().map(IdRange::rows).fold(0, u64::saturating_add)
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
