//! Reading phases and steps whose place is known.

use rusqlite::{
    Row,
    types::{Value as SqlValue, ValueRef},
};

use super::{
    Store,
    index::lookup::truth,
    runs::{cell, stamp, text},
};
use crate::{
    error::Result,
    model::{
        phase_summary::PhaseRef,
        run::{Phase, Step},
        step_time::StepTime,
        timestamp::seconds_between,
    },
};

/// Rows read by one statement: with long outputs still a few milliseconds.
const ROWS: usize = 2_000;

impl Store {
    /// A phase with all its columns; `None` when it is gone or belongs to another record by now.
    pub fn phase(&self, phase_ref: &PhaseRef) -> Result<Option<Phase>> {
        if !self.columns.has_phases {
            return self.legacy_phase(phase_ref);
        }
        let sql = format!("SELECT {} FROM workflow_phases WHERE id = ? AND run_id = ?", self.columns.phases);
        let values = vec![SqlValue::Integer(phase_ref.id), SqlValue::Integer(phase_ref.run)];
        Ok(self.collect(&sql, values, phase)?.pop())
    }

    /// Phases of one record with all their columns, in the order of `phase_refs`, `None` for one that is gone. Phases
    /// whose ids are neighbours are read by one statement.
    pub fn phase_rows(&self, phase_refs: &[&PhaseRef]) -> Result<Vec<Option<Phase>>> {
        if !self.columns.has_phases {
            return phase_refs.iter().map(|phase_ref| self.legacy_phase(phase_ref)).collect();
        }
        let mut order: Vec<usize> = (0..phase_refs.len()).collect();
        order.sort_by_key(|n| phase_refs.get(*n).map(|s| s.id));
        let by_id: Vec<&PhaseRef> = order.iter().filter_map(|n| phase_refs.get(*n).copied()).collect();
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? AND run_id = ? ORDER BY id",
            self.columns.phases
        );
        let mut rows = vec![None; phase_refs.len()];
        let mut places = order.into_iter();
        for piece in near_ids(&by_id) {
            let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
            let read = self.collect_by_id(&sql, (first.id, last.id), &[first.run], phase)?;
            let mut read = read.into_iter().peekable();
            for phase_ref in piece {
                while read.next_if(|p| p.id < phase_ref.id).is_some() {}
                let row = read.next_if(|p| p.id == phase_ref.id);
                if let Some(slot) = places.next().and_then(|n| rows.get_mut(n)) {
                    *slot = row;
                }
            }
        }
        Ok(rows)
    }

    /// The steps of several phases of one record, each by id, in the order of `phase_refs`. Steps whose ids are
    /// neighbours are read by one statement.
    pub fn step_rows(&self, phase_refs: &[&PhaseRef]) -> Result<Vec<Vec<Step>>> {
        let Some(range) = self.steps_together(phase_refs) else {
            return phase_refs.iter().map(|phase_ref| self.steps(phase_ref)).collect();
        };
        let sql =
            format!("SELECT {} FROM workflow_steps WHERE id BETWEEN ? AND ? ORDER BY id", self.columns.steps);
        let mut read = self.collect_by_id(&sql, range, &[], step)?.into_iter().peekable();
        let mut all = Vec::with_capacity(phase_refs.len());
        for phase_ref in phase_refs {
            let end = phase_ref.ranges.first().map_or(i64::MIN, |r| r.1);
            let mut own = Vec::new();
            while let Some(step) = read.next_if(|s| s.id <= end) {
                if step.phase_id == phase_ref.id {
                    own.push(step);
                }
            }
            all.push(own);
        }
        Ok(all)
    }

    /// The ids from the first step of these phases to the last, where their steps follow each other: then one statement
    /// reads them all.
    fn steps_together(&self, phase_refs: &[&PhaseRef]) -> Option<(i64, i64)> {
        let mut ends = Vec::with_capacity(phase_refs.len());
        for phase_ref in phase_refs {
            let [range] = &*phase_ref.ranges else { return None };
            ends.push(*range);
        }
        let few = phase_refs.iter().all(|phase_ref| phase_ref.steps <= ROWS as u64);
        let close = ends.iter().zip(ends.iter().skip(1)).all(|(a, b)| b.0 > a.1 && b.0 - a.1 <= 16);
        let range = (ends.first()?.0, ends.last()?.1);
        (self.columns.has_phases && few && close).then_some(range)
    }

    /// The steps of several phases of one record without their outputs, each with its phase's place among them; those of
    /// a phase by id.
    pub fn step_times(
        &self,
        phase_refs: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
    ) -> Result<()> {
        let columns = &self.columns.steps_without_output;
        if let Some(range) = self.steps_together(phase_refs) {
            let sql = format!("SELECT {columns} FROM workflow_steps WHERE id BETWEEN ? AND ? ORDER BY id");
            let mut place = 0;
            self.collect_by_id(&sql, range, &[], |row| {
                let id: i64 = row.get(0)?;
                let end = |phase_ref: &&PhaseRef| phase_ref.ranges.last().map_or(i64::MIN, |range| range.1);
                while phase_refs.get(place).is_some_and(|phase_ref| end(phase_ref) < id) {
                    place += 1;
                }
                let owner = number(row, 1)?;
                if phase_refs.get(place).is_some_and(|phase_ref| owner == Some(phase_ref.id)) {
                    step_time(row, |step| see(place, step))?;
                }
                Ok(())
            })?;
            return Ok(());
        }
        for (place, phase_ref) in phase_refs.iter().enumerate() {
            let (column, owner) = self.owner_of_steps(phase_ref);
            let sql = format!(
                "SELECT {columns} FROM workflow_steps WHERE id BETWEEN ? AND ? AND {column} = ? ORDER BY id"
            );
            for &range in phase_ref.ranges.iter() {
                self.collect_by_id(&sql, range, &[owner], |row| step_time(row, |step| see(place, step)))?;
            }
        }
        Ok(())
    }

    /// The column that says whose a step is, and what it says.
    fn owner_of_steps(&self, phase_ref: &PhaseRef) -> (&'static str, i64) {
        if self.columns.has_phases { ("phase_id", phase_ref.id) } else { ("workflow_id", phase_ref.run) }
    }

    /// All steps of a phase by id.
    pub fn steps(&self, phase_ref: &PhaseRef) -> Result<Vec<Step>> {
        let columns = &self.columns.steps;
        let (column, owner) = self.owner_of_steps(phase_ref);
        let sql = format!(
            "SELECT {columns} FROM workflow_steps WHERE id BETWEEN ? AND ? AND {column} = ? ORDER BY id"
        );
        let mut all = Vec::new();
        for &range in phase_ref.ranges.iter() {
            all.extend(self.collect_by_id(&sql, range, &[owner], step)?);
        }
        if !self.columns.has_phases {
            all.iter_mut().for_each(|s| s.phase_id = phase_ref.id);
        }
        Ok(all)
    }

    /// A step by its id.
    pub fn step(&self, id: i64) -> Result<Option<Step>> {
        let sql = format!("SELECT {} FROM workflow_steps WHERE id = ?", self.columns.steps);
        Ok(self.collect(&sql, vec![SqlValue::Integer(id)], step)?.pop())
    }
}

/// Phases in groups whose ids are close enough to be read as one range.
pub(super) fn near_ids<'a>(phase_refs: &'a [&'a PhaseRef]) -> impl Iterator<Item = &'a [&'a PhaseRef]> {
    let close = |a: &&PhaseRef, b: &&PhaseRef| b.id.saturating_sub(a.id) <= 16;
    phase_refs.chunk_by(close).flat_map(|group| group.chunks(ROWS))
}

fn phase(row: &Row<'_>) -> rusqlite::Result<Phase> {
    Ok(Phase {
        id: row.get(0)?,
        run_id: row.get(1)?,
        name: text(row, 2)?.unwrap_or_default(),
        repeat_index: number(row, 3)?,
        parameters: cell(row, 4)?,
        outputs: cell(row, 5)?,
        status: text(row, 6)?,
        error: cell(row, 7)?,
        start: stamp(row, 8)?,
        end: stamp(row, 9)?,
    })
}

fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step {
        id: row.get(0)?,
        phase_id: number(row, 1)?.unwrap_or_default(),
        step_index: number(row, 2)?,
        method_name: text(row, 3)?.unwrap_or_default(),
        start: stamp(row, 4)?,
        end: stamp(row, 5)?,
        run_error: truth(row.get_ref(6)?),
        output: cell(row, 7)?,
    })
}

/// Gives a step without its output.
fn step_time(row: &Row<'_>, mut see: impl FnMut(&StepTime<'_>)) -> rusqlite::Result<()> {
    let odd;
    let method = match row.get_ref(3)? {
        ValueRef::Text(bytes) if let Ok(plain) = std::str::from_utf8(bytes) => plain,
        _ => {
            odd = text(row, 3)?.unwrap_or_default();
            &odd
        }
    };
    let (start, end) = (stamp(row, 4)?, stamp(row, 5)?);
    let times = start.at().zip(end.at());
    see(&StepTime {
        id: row.get(0)?,
        step_index: number(row, 2)?,
        method,
        took: times.map(|(start, end)| seconds_between(start, end)),
        has_end: !end.is_none(),
        failed: truth(row.get_ref(6)?) == Some(true),
    });
    Ok(())
}

/// A cell holds exactly this word.
pub(super) fn is_word(row: &Row<'_>, at: usize, word: &[u8]) -> rusqlite::Result<bool> {
    Ok(matches!(row.get_ref(at)?, ValueRef::Text(text) | ValueRef::Blob(text) if text == word))
}

/// An integer column of a hand-edited file may hold anything; what is no integer reads as NULL.
pub(super) fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<i64>> {
    if let ValueRef::Integer(number) = row.get_ref(at)? {
        return Ok(Some(number));
    }
    Ok(text(row, at)?.and_then(|t| t.parse().ok()))
}
