//! Whether a record may still be at work: its last phases and steps, and how long steps of a method take. What is read has
//! bounds, in pieces that hold no lock for long.

use rusqlite::types::Value as SqlValue;

use super::{
    Store,
    runs::{stamp, text},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::activity::{Activity, LONGEST_STEP, StepBegun},
};

/// Phases and steps of the file, from the newest, among which those of a record are looked for.
const LAST: usize = 1_000;
/// Steps of the file, from the newest, among which the longest of a method is looked for, and how many at once.
const COMPARED: usize = 100_000;
const PIECE: usize = 5_000;

impl Store {
    /// The last phases and steps of a record. Older rows than the last thousand are not looked at.
    pub(super) fn activity_of(&self, run: i64) -> Result<Activity> {
        let (phases, steps) = (&self.columns.phase_times, &self.columns.step_times);
        let mut activity = Activity::default();
        let last = |table: &str, columns: &str| {
            format!("SELECT {columns} FROM workflow_{table} ORDER BY id DESC LIMIT {LAST}")
        };
        let owner = if self.columns.has_phases {
            let sql = format!("SELECT began, ended FROM ({}) WHERE owner = ?1", last("phases", phases));
            let read = |row: &rusqlite::Row<'_>| Ok((stamp(row, 0)?, stamp(row, 1)?));
            for (start, end) in self.collect(&sql, vec![SqlValue::Integer(run)], read)? {
                activity.see(&start, &end);
            }
            format!("owner IN (SELECT id FROM ({}) WHERE owner = ?1)", last("phases", phases))
        } else {
            "owner = ?1".to_owned()
        };
        let sql = format!(
            "SELECT method, began, ended FROM ({}) WHERE {owner} ORDER BY id DESC",
            last("steps", steps)
        );
        let read =
            |row: &rusqlite::Row<'_>| Ok((text(row, 0)?.unwrap_or_default(), stamp(row, 1)?, stamp(row, 2)?));
        for (method_name, start, end) in self.collect(&sql, vec![SqlValue::Integer(run)], read)? {
            activity.see(&start, &end);
            if end.is_none() && activity.open.is_none() && start.at().is_some() {
                activity.open = Some(StepBegun { method_name, start });
            }
        }
        Ok(activity)
    }

    /// The seconds of the longest ended step of a method, among the newest of the file.
    pub(super) fn longest_step_of(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        let sql = format!(
            "SELECT min(id), count(*), max(CASE WHEN method = ?2 AND ended IS NOT NULL \
             AND julianday(ended) - julianday(began) <= {LONGEST_STEP} / 86400.0 \
             THEN (julianday(ended) - julianday(began)) * 86400.0 END) \
             FROM (SELECT {} FROM workflow_steps WHERE id < ?1 ORDER BY id DESC LIMIT {PIECE})",
            self.columns.step_times
        );
        let (mut before, mut longest) = (i64::MAX, None);
        for _ in 0..COMPARED / PIECE {
            cx.still_wanted()?;
            let values = vec![SqlValue::Integer(before), SqlValue::Text(method.to_owned())];
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<f64>>(2)?))
            };
            let Some((Some(first), rows, most)) = self.collect(&sql, values, read)?.pop() else { break };
            longest = most.into_iter().chain(longest).reduce(f64::max);
            if rows < PIECE as i64 || first >= before {
                break;
            }
            before = first;
        }
        Ok(longest)
    }
}
