//! Files from before phases existed (1.2.5 and older): phases are made from the steps.

use std::collections::HashMap;

use rusqlite::types::{Value as SqlValue, ValueRef};

use super::{
    Located, PIECE, PhaseSpan, Store,
    runs::{stamp, text},
};
use crate::{
    error::Result,
    model::{run::Phase, stamp::Stamp, value::RawCell},
    pulse::{Progress, Pulse},
};

impl Store {
    /// One phase for each phase name and repeat_index of a run's steps; its id is that of its first step.
    pub(super) fn locate_legacy(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        let mut found = Located::default();
        let mut place: HashMap<(i64, String, Option<i64>), usize> = HashMap::new();
        let mut last = i64::MIN;
        let limit = i64::try_from(PIECE).unwrap_or(i64::MAX);
        let sql = "SELECT id, workflow_id, phase, repeat_index, run_error FROM workflow_steps \
                   WHERE id > ? ORDER BY id LIMIT ?";
        let mut done = 0;
        loop {
            let mut rows = 0;
            self.collect(sql, vec![SqlValue::Integer(last), SqlValue::Integer(limit)], |row| {
                let id = row.get(0)?;
                last = id;
                rows += 1;
                let ValueRef::Integer(run) = row.get_ref(1)? else { return Ok(()) };
                if !runs.contains(&run) {
                    return Ok(());
                }
                let key =
                    (run, text(row, 2)?.unwrap_or_default(), text(row, 3)?.and_then(|t| t.parse().ok()));
                let n = *place.entry(key).or_insert_with(|| {
                    found.phases.push(PhaseSpan { id, run, ..PhaseSpan::default() });
                    found.phases.len() - 1
                });
                if let Some(span) = found.phases.get_mut(n) {
                    // A range of its own for each step: their owner column names the run, not the phase.
                    match span.ranges.last_mut() {
                        Some((_, end)) if *end == id - 1 => *end = id,
                        _ => span.ranges.push((id, id)),
                    }
                    span.steps += 1;
                    span.failed += u64::from(super::locate::truth(row.get_ref(4)?) == Some(true));
                }
                Ok(())
            })?;
            done += rows;
            if rows < PIECE {
                found.last_step = last;
                return Ok(found);
            }
            pulse.beat(Progress { done: u64::try_from(done).unwrap_or(u64::MAX), total: None })?;
        }
    }

    pub(super) fn legacy_phase(&self, span: &PhaseSpan) -> Result<Option<Phase>> {
        let sql = "SELECT phase, repeat_index FROM workflow_steps WHERE id = ? AND workflow_id = ?";
        let values = vec![SqlValue::Integer(span.id), SqlValue::Integer(span.run)];
        let head = self.collect(sql, values, |r| Ok((text(r, 0)?.unwrap_or_default(), text(r, 1)?)))?.pop();
        let Some((name, repeat_index)) = head else {
            return Ok(None);
        };
        let (mut start, mut end) = (Stamp::None, Stamp::None);
        for &(first, last) in &span.ranges {
            let sql = "SELECT min(start_time), CASE WHEN count(end_time) = count(*) THEN max(end_time) END \
                       FROM workflow_steps WHERE id BETWEEN ? AND ? AND workflow_id = ?";
            let values = vec![SqlValue::Integer(first), SqlValue::Integer(last), SqlValue::Integer(span.run)];
            for (from, to) in self.collect(sql, values, |r| Ok((stamp(r, 0)?, stamp(r, 1)?)))? {
                if start.is_none() {
                    start = from;
                }
                end = to;
            }
        }
        Ok(Some(Phase {
            id: span.id,
            run_id: span.run,
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
