//! The phases of a record without their cells: all of them, or the beginning of a long record at once.

use rusqlite::{Row, types::Value as SqlValue};

use super::{
    Located, Store,
    index::{Kind, Strip},
    locate::sorted,
    rows::{near_ids, number},
    runs::{stamp, text},
};
use crate::{
    error::Result,
    model::heads::{PhaseHead, PhaseSpan, Words},
    pulse::{Progress, Pulse},
};

/// All phases of a record.
#[derive(Debug, Default)]
pub struct Heads {
    /// By id.
    pub heads: Vec<PhaseHead>,
    /// Rows may be missing, as the index is not complete yet.
    pub provisional: bool,
}

/// What is seen of a long record before all of it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beginning {
    /// By id, from the first.
    pub first: Vec<PhaseHead>,
    /// Phases behind those in which steps failed, as far as the index knows, and the last one; by id.
    pub notable: Vec<PhaseHead>,
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
    pub fn heads(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Heads> {
        self.complete(pulse)?;
        self.find_heads(run, pulse)
    }

    /// The same at once: while the index is not complete yet, rows far from the others of their record may be missing.
    pub fn heads_soon(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Heads> {
        self.catch_up()?;
        self.find_heads(run, pulse)
    }

    fn find_heads(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Heads> {
        let provisional = !self.is_whole();
        if !self.columns.has_phases {
            let located = self.find(&[run], pulse)?;
            let spans: Vec<&PhaseSpan> = located.phases.iter().collect();
            return Ok(Heads { heads: self.heads_of(&spans)?, provisional });
        }
        let known = self.index.borrow().table(Kind::Phases).strips.owned(&[run]);
        let all = self.with_neighbours(Kind::Phases, &[run], known.clone(), pulse)?.0;
        let total = rows(&all);
        let (mut heads, mut words) = (Vec::new(), Words::default());
        for strip in &all {
            let mut from = strip.first;
            loop {
                let before = heads.len();
                self.read_heads((run, from, strip.last), false, ROWS, &mut words, &mut heads)?;
                match heads.last() {
                    Some(last) if heads.len() - before == ROWS && last.id() < strip.last => {
                        from = last.id().saturating_add(1);
                    }
                    _ => break,
                }
                pulse.beat(Progress { done: heads.len() as u64, total: Some(total) })?;
            }
        }
        if heads.len() as u64 != total {
            // Some are gone, or another record's by now.
            self.verify(Kind::Phases, &known)?;
        }
        self.give_steps(&mut heads, pulse)?;
        Ok(Heads { heads, provisional })
    }

    /// What can be shown of a long record at once, with sums or without; `None` for one of usual length.
    pub fn beginning(&self, run: i64, sums: bool, pulse: &mut dyn Pulse) -> Result<Option<Beginning>> {
        let Some((strips, uncovered)) = self.long(run)? else { return Ok(None) };
        let (Some(start), Some(end)) = (strips.first().copied(), strips.last().copied()) else {
            return Ok(None);
        };
        let phases = rows(&strips);
        let mut words = Words::default();
        let (mut first, mut notable) = (Vec::new(), Vec::new());
        self.read_heads((run, start.first, start.last), false, FIRST, &mut words, &mut first)?;
        let (steps, failed) =
            if sums && !uncovered { self.sum_of_steps(&strips) } else { (None, Vec::new()) };
        let behind = first.last().map_or(start.first, PhaseHead::id);
        for id in failed.into_iter().filter(|id| *id > behind) {
            self.read_heads((run, id, id), false, 1, &mut words, &mut notable)?;
        }
        let behind = notable.last().map_or(behind, |head: &PhaseHead| head.id().max(behind));
        if end.last > behind {
            self.read_heads((run, behind.saturating_add(1), end.last), true, 1, &mut words, &mut notable)?;
        }
        self.give_steps(&mut first, pulse)?;
        self.give_steps(&mut notable, pulse)?;
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
    pub fn spread(&self, run: i64, phases: usize) -> Result<Option<(Vec<PhaseSpan>, u64)>> {
        let Some((strips, _)) = self.long(run)? else { return Ok(None) };
        let every = rows(&strips).div_ceil(phases.max(1) as u64).max(1);
        let ids = strips.iter().rev().flat_map(|strip| (strip.first..=strip.last).rev());
        let span = |id| PhaseSpan { id, run, ..PhaseSpan::default() };
        let mut spans: Vec<_> = ids.step_by(usize::try_from(every).unwrap_or(usize::MAX)).map(span).collect();
        spans.reverse();
        Ok(Some((spans, every)))
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
    pub fn spans(&self, run: i64, phases: &[i64], pulse: &mut dyn Pulse) -> Result<Vec<PhaseSpan>> {
        self.complete(pulse)?;
        self.find_spans(run, phases, pulse)
    }

    /// The same at once, as far as the index has come.
    pub fn spans_soon(
        &self,
        run: i64,
        phases: &[i64],
        pulse: &mut dyn Pulse,
    ) -> Result<(Vec<PhaseSpan>, bool)> {
        self.catch_up()?;
        Ok((self.find_spans(run, phases, pulse)?, !self.is_whole()))
    }

    fn find_spans(&self, run: i64, phases: &[i64], pulse: &mut dyn Pulse) -> Result<Vec<PhaseSpan>> {
        let mut ids = phases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut spans: Vec<PhaseSpan> =
            ids.into_iter().map(|id| PhaseSpan { id, run, ..PhaseSpan::default() }).collect();
        self.give_steps(&mut spans, pulse)?;
        Ok(spans)
    }

    /// Where the steps of phases stand, which come by id.
    pub(super) fn give_steps<T: AsMut<PhaseSpan>>(
        &self,
        phases: &mut [T],
        pulse: &mut dyn Pulse,
    ) -> Result<()> {
        let owners: Vec<i64> = phases.iter_mut().map(|p| p.as_mut().id).collect();
        let (strips, failed) = self.strips(Kind::Steps, &sorted(owners.iter().copied()), pulse)?;
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
            if let Some(span) = phases.get_mut(at).map(AsMut::as_mut).filter(|p| p.id == strip.owner) {
                span.ranges.push(strip.first, strip.last);
                span.steps += strip.rows();
                let from = failed.partition_point(|id| *id < strip.first);
                let to = failed.partition_point(|id| *id <= strip.last);
                span.failed += steps.failed_in(strip.first, strip.last) + (to - from) as u64;
            }
        }
        Ok(())
    }

    /// The phases of a record with these places, without their cells: those that are still there, by id.
    pub fn heads_of(&self, spans: &[&PhaseSpan]) -> Result<Vec<PhaseHead>> {
        let (mut heads, mut words) = (Vec::with_capacity(spans.len()), Words::default());
        if !self.columns.has_phases {
            for span in spans {
                heads.extend(self.legacy_phase(span)?.map(|phase| PhaseHead {
                    span: (*span).clone(),
                    name: words.word(&phase.name),
                    repeat_index: phase.repeat_index,
                    status: None,
                    has_error: false,
                    start: phase.start,
                    end: phase.end,
                }));
            }
            return Ok(heads);
        }
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id",
            self.columns.phase_heads
        );
        for piece in near_ids(spans) {
            let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
            let range = (first.id, last.id);
            let read = self.collect_by_id(&sql, range, &[first.run], |row| head(row, &mut words))?;
            let mut known = piece.iter().peekable();
            for mut head in read {
                while known.next_if(|s| s.id < head.id()).is_some() {}
                if let Some(span) = known.next_if(|s| s.id == head.id()) {
                    head.span = (*span).clone();
                    heads.push(head);
                }
            }
        }
        Ok(heads)
    }

    fn read_heads(
        &self,
        (run, first, last): (i64, i64, i64),
        from_last: bool,
        rows: usize,
        words: &mut Words,
        heads: &mut Vec<PhaseHead>,
    ) -> Result<()> {
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id {} LIMIT ?",
            self.columns.phase_heads,
            if from_last { "DESC" } else { "ASC" }
        );
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let values = [first, last, run, rows].map(SqlValue::Integer);
        self.collect(&sql, values.into(), |row| {
            heads.push(head(row, words)?);
            Ok(())
        })?;
        Ok(())
    }
}

impl Located {
    /// The phases of one of the records.
    pub fn of(&self, run: i64) -> Vec<&PhaseSpan> {
        self.phases.iter().filter(|p| p.run == run).collect()
    }
}

fn rows(strips: &[Strip]) -> u64 {
    strips.iter().map(Strip::rows).fold(0, u64::saturating_add)
}

fn head(row: &Row<'_>, words: &mut Words) -> rusqlite::Result<PhaseHead> {
    let mut word = |at: usize| -> rusqlite::Result<Option<_>> {
        if let rusqlite::types::ValueRef::Text(bytes) = row.get_ref(at)?
            && let Ok(plain) = std::str::from_utf8(bytes)
        {
            return Ok(Some(words.word(plain)));
        }
        Ok(text(row, at)?.map(|odd| words.word(&odd)))
    };
    Ok(PhaseHead {
        name: word(2)?.unwrap_or_default(),
        status: word(6)?,
        span: PhaseSpan { id: row.get(0)?, run: row.get(1)?, ..PhaseSpan::default() },
        repeat_index: number(row, 3)?,
        has_error: row.get_ref(7)? != rusqlite::types::ValueRef::Null,
        start: stamp(row, 8)?,
        end: stamp(row, 9)?,
    })
}
