//! Looking through many rows: what records still do, calls by hand, counts and chosen cells of many records, failed phases.

use std::{collections::HashMap, ops::ControlFlow};

use tokio_postgres::types::Type;

use super::{
    PgStore,
    cells::{bytes, call, cell, id, number, stamp, text},
    columns::{CALLS, PHASES, RUNS, STEPS},
    phases::distinct,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        activity::{Activity, LONGEST_STEP, StepBegun},
        call::{Call, CallColumns},
        event_end::EventEnd,
        run::Phase,
        run_tally::RunTally,
        scanned::{CellColumns, ScannedCell},
    },
    store::PhaseWalk,
};

/// Phases and steps of the lab, from the newest, among which those of a record are looked for.
const LAST: i64 = 1_000;
/// Steps among which the longest of a method is looked for.
const COMPARED: i64 = 100_000;
/// Rows read by one statement.
const ROWS: i64 = 2_000;
/// Rows looked at by one statement that gives few of them.
const LOOKED_AT: i64 = 20_000;
/// Ids that are read over, so that rows which are neighbours are read together.
const APART: i64 = 1_000;

impl PgStore {
    /// The last phases and steps of a record. Older rows than the last thousand of the lab are not looked at.
    pub(super) fn activity_of(&self, run: i64, cx: &Cx<'_>) -> Result<Activity> {
        let mut activity = Activity::default();
        let last = |table: &str| format!("(select * from {table} order by id desc limit {LAST}) as {table}");
        let (phases, steps) = (last(PHASES), last(STEPS));
        let sql = format!("select {} from {phases} where run_id = $1", self.columns.phases.times);
        self.each(&sql, &[(&run, Type::INT8)], cx, |row| {
            activity.see(&stamp(row, 0)?, &stamp(row, 1)?);
            Ok(())
        })?;
        let sql = format!(
            "select {} from {steps} where phase_id in (select id from {phases} where run_id = $1) order by {STEPS}.id desc",
            self.columns.steps.activity
        );
        self.each(&sql, &[(&run, Type::INT8)], cx, |row| {
            let (start, end) = (stamp(row, 1)?, stamp(row, 2)?);
            activity.see(&start, &end);
            if end.is_none() && activity.open.is_none() && start.at().is_some() {
                let method_name = text(row, 0)?.unwrap_or_default().to_owned();
                activity.open = Some(StepBegun { method_name, start });
            }
            Ok(())
        })?;
        Ok(activity)
    }

    /// The seconds of the longest ended step of a method, among the newest of the lab.
    pub(super) fn longest_of(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        let sql = format!(
            "select max(took)::float8 from (select method_name, extract(epoch from end_time - start_time) as took \
             from {STEPS} order by id desc limit {COMPARED}) as s where method_name = $1 and took <= {LONGEST_STEP}"
        );
        let longest =
            self.rows(&sql, &[(&method, Type::TEXT)], cx, |row| row.try_get::<_, Option<f64>>(0))?;
        Ok(longest.into_iter().next().flatten())
    }

    /// The calls with ids of a range, from the highest down, until `see` has seen enough.
    pub(super) fn calls_between(
        &self,
        (from, mut to): (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
        cx: &Cx<'_>,
    ) -> Result<()> {
        let Some(columns) = self.columns.calls(columns) else { return Ok(()) };
        let sql = format!(
            "select {columns} from {CALLS} where id between $1 and $2 order by {CALLS}.id desc limit {ROWS}"
        );
        while from <= to {
            let values = [(&from as _, Type::INT8), (&to as _, Type::INT8)];
            let calls = self.rows(&sql, &values, cx, call)?;
            let is_end = (calls.len() as i64) < ROWS;
            let Some(last) = calls.last().map(|call| call.id) else { break };
            if calls.into_iter().try_for_each(&mut *see).is_break() || is_end {
                break;
            }
            to = last.saturating_sub(1);
        }
        Ok(())
    }

    /// The counts of these records, in this order.
    pub(super) fn tallies_of(&self, runs: &[i64], cx: &Cx<'_>) -> Result<Vec<RunTally>> {
        let summaries = self.summaries_by_run(runs, cx)?;
        let mut stopped = HashMap::new();
        if self.columns.has_status {
            let sql = format!(
                "select id::int8, {} from {RUNS} join unnest($1) as w(own) on id = own where status = 'stopped'",
                self.columns.events
            );
            self.each(&sql, &[(&distinct(runs), Type::INT8_ARRAY)], cx, |row| {
                stopped.insert(id(row, 0)?, EventEnd::of(&cell(row, 1)?).in_error);
                Ok(())
            })?;
        }
        let tally = |(run, phases): (&i64, &Vec<_>)| RunTally {
            stopped_in_error: stopped.get(run).copied().unwrap_or_default(),
            ..RunTally::of(phases)
        };
        Ok(runs.iter().zip(&summaries).map(tally).collect())
    }

    /// Chosen cells of the phases and steps of these records, by id.
    pub(super) fn cells_of(
        &self,
        runs: &[i64],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let sql = format!(
            "select {PHASES}.id::int8, run_id::int8 from {PHASES} join unnest($1) as w(own) on run_id = own \
             order by {PHASES}.id"
        );
        let runs = distinct(runs);
        let owners = match self.owned(&runs, cx)? {
            Some(owned) => {
                let of = |(run, phases): (i64, Vec<(i64, _)>)| {
                    phases.into_iter().map(move |(phase, _)| (phase, run)).collect::<Vec<_>>()
                };
                let mut owners: Vec<(i64, i64)> = owned.into_iter().flat_map(of).collect();
                owners.sort_unstable();
                owners
            }
            None => {
                let values = [(&runs as _, Type::INT8_ARRAY)];
                self.rows(&sql, &values, cx, |row| Ok((id(row, 0)?, id(row, 1)?)))?
            }
        };
        if columns.of_phases().contains(&true) {
            self.phase_cells(&owners, columns, see, cx)?;
        }
        if columns.methods {
            self.methods(&owners, see, cx)?;
        }
        Ok(())
    }

    fn phase_cells(
        &self,
        owners: &[(i64, i64)],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let sql = format!(
            "select {} from {PHASES} join unnest($1) as w(own) on {PHASES}.id = own order by {PHASES}.id",
            self.columns.phases.cells
        );
        let [parameters, outputs, error] = columns.of_phases();
        for some in owners.chunks(ROWS as usize) {
            let ids: Vec<i64> = some.iter().map(|(phase, _)| *phase).collect();
            self.each(&sql, &[(&ids, Type::INT8_ARRAY)], cx, |row| {
                let of = |at, wanted| if wanted { bytes(row, at) } else { Ok(None) };
                let phase = ScannedCell::Phase {
                    phase: id(row, 0)?,
                    is_main: text(row, 2)? == Some("main"),
                    has_failed: text(row, 3)? == Some("failed"),
                    parameters: of(4, parameters)?,
                    outputs: of(5, outputs)?,
                    error: of(6, error)?,
                };
                see(number(row, 1)?.unwrap_or_default(), &phase);
                Ok(())
            })?;
            cx.check(Progress::default())?;
        }
        Ok(())
    }

    fn methods(
        &self,
        owners: &[(i64, i64)],
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let phases: Vec<i64> = owners.iter().map(|(phase, _)| *phase).collect();
        let owners: HashMap<i64, i64> = owners.iter().copied().collect();
        let found = match self.known_steps(&phases, cx)? {
            Some(known) => known,
            None => self.steps_of_phases(&phases, cx)?,
        };
        let mut ranges: Vec<(i64, i64)> = found.values().map(|steps| (steps.first, steps.last)).collect();
        ranges.sort_unstable();
        let sql = format!(
            "select {} from {STEPS} where id between $1 and $2 order by {STEPS}.id limit {LOOKED_AT}",
            self.columns.steps.methods
        );
        for (mut from, to) in together(&ranges) {
            while from <= to {
                let (mut rows, mut last) = (0, from);
                self.each(&sql, &[(&from, Type::INT8), (&to, Type::INT8)], cx, |row| {
                    (rows, last) = (rows + 1, id(row, 0)?);
                    if let Some(run) = number(row, 1)?.and_then(|owner| owners.get(&owner)) {
                        see(*run, &ScannedCell::Step { method: bytes(row, 2)? });
                    }
                    Ok(())
                })?;
                cx.check(Progress::default())?;
                if rows < LOOKED_AT {
                    break;
                }
                from = last.saturating_add(1);
            }
        }
        Ok(())
    }

    /// The phases from an id on that failed and say why, among so many rows.
    pub(super) fn failed_from(
        &self,
        from: i64,
        see: &mut dyn FnMut(Phase),
        cx: &Cx<'_>,
    ) -> Result<PhaseWalk> {
        let sql = format!(
            "select count(*), max(id)::int8 from (select id from {PHASES} where id >= $1 order by id limit {LOOKED_AT}) as p"
        );
        let found = self.rows(&sql, &[(&from, Type::INT8)], cx, |row| Ok((id(row, 0)?, number(row, 1)?)))?;
        let Some((rows, Some(last))) = found.into_iter().next() else { return Ok(PhaseWalk::default()) };
        if !self.columns.phases.has_status {
            return Ok(PhaseWalk { next: None, last: Some(last) });
        }
        let sql = format!(
            "select {} from {PHASES} where id between $1 and $2 and status = 'failed' order by {PHASES}.id",
            self.columns.phases.failed
        );
        self.each(&sql, &[(&from, Type::INT8), (&last, Type::INT8)], cx, |row| {
            let error = cell(row, 3)?;
            if !error.is_null() {
                let (id, run_id) = (id(row, 0)?, number(row, 1)?.unwrap_or_default());
                see(Phase { id, run_id, start: stamp(row, 2)?, error, ..Phase::default() });
            }
            Ok(())
        })?;
        let next = last.checked_add(1).filter(|_| rows >= LOOKED_AT);
        Ok(PhaseWalk { next, last: Some(last) })
    }
}

/// Ranges that stand near each other, or in each other, as one; they come by their first id.
fn together(ranges: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if first.saturating_sub(*end) <= APART => *end = (*end).max(*last),
            _ => joined.push((*first, *last)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_near_each_other_are_read_together() {
        let ranges = [(1, 5), (3, 4), (6, 900), (1_800, 1_900), (9_000, 9_001)];
        assert_eq!(together(&ranges), [(1, 1_900), (9_000, 9_001)]);
    }
}
