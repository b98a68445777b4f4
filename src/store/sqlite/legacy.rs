//! Files from before phases existed (1.2.5 and older): phases are made from the steps.

use std::collections::HashMap;

use rusqlite::types::Value as SqlValue;

use super::{
    Located, Store,
    index::IdRange,
    index::lookup::truth,
    runs::{stamp, text},
};
use crate::{
    error::Result,
    model::{phase_summary::PhaseRef, run::Phase, timestamp::Timestamp, value::RawCell},
};

impl Store {
    /// One phase for each phase name and repeat_index of the runs' steps; its id is that of its first step.
    pub(super) fn phases_of_steps(&self, ranges: &[IdRange], found: &mut Located) -> Result<()> {
        let mut place: HashMap<(i64, String, Option<i64>), usize> = HashMap::new();
        let sql = "SELECT id, workflow_id, phase, repeat_index, run_error FROM workflow_steps \
                   WHERE id BETWEEN ? AND ? AND workflow_id = ? ORDER BY id";
        for range in ranges {
            self.collect_by_id(sql, (range.first, range.last), &[range.owner], |row| {
                let (id, run) = (row.get(0)?, row.get(1)?);
                let key =
                    (run, text(row, 2)?.unwrap_or_default(), text(row, 3)?.and_then(|t| t.parse().ok()));
                let n = *place.entry(key).or_insert_with(|| {
                    found.phases.push(PhaseRef { id, run, ..PhaseRef::default() });
                    found.phases.len() - 1
                });
                if let Some(phase_ref) = found.phases.get_mut(n) {
                    // A range of its own for each step: their owner column names the run, not the phase.
                    phase_ref.ranges.push(id, id);
                    phase_ref.steps += 1;
                    phase_ref.failed += u64::from(truth(row.get_ref(4)?) == Some(true));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    pub(super) fn legacy_phase(&self, phase_ref: &PhaseRef) -> Result<Option<Phase>> {
        let sql = "SELECT phase, repeat_index FROM workflow_steps WHERE id = ? AND workflow_id = ?";
        let values = vec![SqlValue::Integer(phase_ref.id), SqlValue::Integer(phase_ref.run)];
        let found = self.collect(sql, values, |r| Ok((text(r, 0)?.unwrap_or_default(), text(r, 1)?)))?.pop();
        let Some((name, repeat_index)) = found else {
            return Ok(None);
        };
        let (mut start, mut end) = (Timestamp::None, Timestamp::None);
        for &(first, last) in phase_ref.ranges.iter() {
            let sql = "SELECT min(start_time), CASE WHEN count(end_time) = count(*) THEN max(end_time) END \
                       FROM workflow_steps WHERE id BETWEEN ? AND ? AND workflow_id = ?";
            let values =
                vec![SqlValue::Integer(first), SqlValue::Integer(last), SqlValue::Integer(phase_ref.run)];
            for (from, to) in self.collect(sql, values, |r| Ok((stamp(r, 0)?, stamp(r, 1)?)))? {
                if start.is_none() {
                    start = from;
                }
                end = to;
            }
        }
        Ok(Some(Phase {
            id: phase_ref.id,
            run_id: phase_ref.run,
            name: if name == "script" { "main".to_owned() } else { name },
            repeat_index: repeat_index.and_then(|t| t.parse().ok()),
            parameters: RawCell(None),
            outputs: RawCell(None),
            status: None,
            error: RawCell(None),
            start,
            end,
        }))
    }
}
