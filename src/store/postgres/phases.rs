//! Phases and steps, and whose they are: IvoryOS has no index on that, so it is asked in one statement for all that are
//! wanted together; their rows are then read by their ids.

use std::collections::HashMap;

use tokio_postgres::{Row, types::Type};

use super::{
    PgStore,
    cells::{ReadCell, id, number, phase, stamp, step, step_time, text},
    columns::{PHASES, STEPS},
    owners::StepsOfPhase,
    session::Values,
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        phase_summary::{PhaseRef, PhaseSummary, SharedTexts},
        run::{Phase, Step},
        step_time::StepTime,
    },
};

/// Steps that are read by one statement.
const STEPS_TOGETHER: i64 = 2_000;

impl PgStore {
    /// The summaries of the phases of these records, by id, with their steps.
    pub(super) fn summaries_of(&self, runs: &[i64], cx: &Cx<'_>) -> Result<Vec<PhaseSummary>> {
        let owned = self.owned(runs, cx)?;
        let (column, ids) = match &owned {
            Some(owned) => ("id", owned.values().flatten().map(|(phase, _)| *phase).collect()),
            None => ("run_id", runs.to_vec()),
        };
        let sql = format!(
            "select {} from {PHASES} join unnest($1) as w(own) on {PHASES}.{column} = own order by {PHASES}.id",
            self.columns.phases.summaries
        );
        let mut words = SharedTexts::default();
        let values = [(&ids as _, Type::INT8_ARRAY)];
        let mut summaries = self.rows(&sql, &values, cx, |row| summary(row, &mut words))?;
        let Some(owned) = owned else {
            self.give_steps(&mut summaries, cx)?;
            return Ok(summaries);
        };
        summaries.retain(|summary| owned.contains_key(&summary.phase_ref.run));
        let steps: HashMap<i64, StepsOfPhase> = owned.into_values().flatten().collect();
        for phase_ref in summaries.iter_mut().map(AsMut::as_mut) {
            if let Some(steps) = steps.get(&phase_ref.id).filter(|steps| steps.steps > 0) {
                steps.put_into(phase_ref);
            }
        }
        Ok(summaries)
    }

    /// The same for each of these records.
    pub(super) fn summaries_by_run(&self, runs: &[i64], cx: &Cx<'_>) -> Result<Vec<Vec<PhaseSummary>>> {
        let mut of_run: HashMap<i64, Vec<PhaseSummary>> = HashMap::with_capacity(runs.len());
        for summary in self.summaries_of(&distinct(runs), cx)? {
            of_run.entry(summary.phase_ref.run).or_default().push(summary);
        }
        Ok(runs.iter().map(|run| of_run.get(run).cloned().unwrap_or_default()).collect())
    }

    /// The phases of each of these records by id, each with its steps: what there is. One reading of both tables for all.
    pub(super) fn phases_of_runs(&self, runs: &[i64], cx: &Cx<'_>) -> Result<Vec<Vec<(i64, StepsOfPhase)>>> {
        let sql = format!(
            "select {PHASES}.id::int8, run_id::int8 from {PHASES} join unnest($1) as w(own) on run_id = own \
             order by {PHASES}.id"
        );
        let values = [(&distinct(runs) as _, Type::INT8_ARRAY)];
        let phases = self.rows(&sql, &values, cx, |row| Ok((id(row, 0)?, id(row, 1)?)))?;
        let ids: Vec<i64> = phases.iter().map(|(phase, _)| *phase).collect();
        let steps = self.steps_of_phases(&ids, cx)?;
        let mut of_run: HashMap<i64, Vec<(i64, StepsOfPhase)>> = HashMap::new();
        for (phase, run) in phases {
            let steps = steps.get(&phase).copied().unwrap_or(StepsOfPhase::NONE);
            of_run.entry(run).or_default().push((phase, steps));
        }
        Ok(runs.iter().map(|run| of_run.get(run).cloned().unwrap_or_default()).collect())
    }

    /// The steps of these phases, those of phases without any left out.
    pub(super) fn steps_of_phases(&self, phases: &[i64], cx: &Cx<'_>) -> Result<HashMap<i64, StepsOfPhase>> {
        if phases.is_empty() {
            return Ok(HashMap::new());
        }
        let values = [(&phases as _, Type::INT8_ARRAY)];
        Ok(self
            .count_steps("join unnest($1) as w(own) on phase_id = own", &values, cx)?
            .into_iter()
            .collect())
    }

    /// The steps of each phase among those that a part of a statement names.
    pub(super) fn count_steps(
        &self,
        which: &str,
        values: Values<'_>,
        cx: &Cx<'_>,
    ) -> Result<Vec<(i64, StepsOfPhase)>> {
        let sql = format!(
            "select phase_id::int8, count(*), count(*) filter (where {}), min(id)::int8, max(id)::int8 \
             from {STEPS} {which} group by phase_id",
            self.columns.steps.run_error
        );
        self.rows(&sql, values, cx, |row| {
            let count = |at: usize| id(row, at).map(i64::unsigned_abs);
            let steps =
                StepsOfPhase { steps: count(1)?, failed: count(2)?, first: id(row, 3)?, last: id(row, 4)? };
            Ok((id(row, 0)?, steps))
        })
    }

    /// Puts into phases where their steps stand.
    pub(super) fn give_steps<T: AsMut<PhaseRef>>(&self, phases: &mut [T], cx: &Cx<'_>) -> Result<()> {
        let ids: Vec<i64> = phases.iter_mut().map(|phase| phase.as_mut().id).collect();
        let found = match self.known_steps(&ids, cx)? {
            Some(known) => known,
            None => self.steps_of_phases(&ids, cx)?,
        };
        for phase_ref in phases.iter_mut().map(AsMut::as_mut) {
            if let Some(steps) = found.get(&phase_ref.id) {
                steps.put_into(phase_ref);
            }
        }
        Ok(())
    }

    /// References to phases of a record by their ids.
    pub(super) fn refs(
        &self,
        run: i64,
        phases: &[i64],
        with_steps: bool,
        cx: &Cx<'_>,
    ) -> Result<Vec<PhaseRef>> {
        let phase_ref = |id: i64| PhaseRef::of(run, id, 0, 0);
        let mut refs: Vec<PhaseRef> = distinct(phases).into_iter().map(phase_ref).collect();
        if with_steps {
            self.give_steps(&mut refs, cx)?;
        }
        Ok(refs)
    }

    /// The phase that a step says it belongs to.
    pub(super) fn owner_of_step(&self, step: i64, cx: &Cx<'_>) -> Result<Option<i64>> {
        let sql = format!("select phase_id::int8 from {STEPS} where id = $1");
        let found = self.rows(&sql, &[(&step, Type::INT8)], cx, |row| number(row, 0))?;
        Ok(found.into_iter().next().flatten())
    }

    /// Phases with all their columns in this order, `None` for one that is gone or another record's.
    pub(super) fn phase_rows(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Option<Phase>>> {
        let ids: Vec<i64> = phases.iter().map(|phase| phase.id).collect();
        let sql = format!(
            "select {} from {PHASES} join unnest($1) as w(own) on {PHASES}.id = own",
            self.columns.phases.all
        );
        let found = self.rows(&sql, &[(&distinct(&ids), Type::INT8_ARRAY)], cx, phase)?;
        let found: HashMap<i64, Phase> = found.into_iter().map(|phase| (phase.id, phase)).collect();
        let of = |one: &&PhaseRef| found.get(&one.id).filter(|phase| phase.run_id == one.run).cloned();
        Ok(phases.iter().map(of).collect())
    }

    /// The steps of phases, each by id, in this order.
    pub(super) fn step_rows(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Vec<Step>>> {
        let mut all = vec![Vec::new(); phases.len()];
        self.each_step(phases, &self.columns.steps.all, cx, |place, row| {
            if let Some(own) = all.get_mut(place) {
                own.push(step(row)?);
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// The same without their outputs.
    pub(super) fn times_of_steps(
        &self,
        phases: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        self.each_step(phases, &self.columns.steps.without_output, cx, |place, row| {
            see(place, &step_time(row)?);
            Ok(())
        })
    }

    /// Reads the steps of phases by id, each with its phase's place among these.
    fn each_step(
        &self,
        phases: &[&PhaseRef],
        columns: &str,
        cx: &Cx<'_>,
        mut see: impl FnMut(usize, &Row) -> ReadCell<()>,
    ) -> Result<()> {
        let mut places = HashMap::with_capacity(phases.len());
        let mut spans = Vec::with_capacity(phases.len());
        for (place, phase) in phases.iter().enumerate() {
            if places.contains_key(&phase.id) {
                continue;
            }
            places.insert(phase.id, place);
            let (firsts, lasts) = (phase.ranges.iter().map(|r| r.0), phase.ranges.iter().map(|r| r.1));
            spans.extend(firsts.min().zip(lasts.max()).map(|(first, last)| (first, last, phase)));
        }
        // A statement that names all phases of a long record would be sent for each piece of its steps.
        spans.sort_unstable_by_key(|(first, ..)| *first);
        let sql = format!(
            "select {columns} from {STEPS} join unnest($1) as w(own) on phase_id = own \
             where {STEPS}.id between $2 and $3 order by {STEPS}.id limit {STEPS_TOGETHER}"
        );
        let mut left = spans.as_slice();
        while let Some((mut from, _, _)) = left.first().copied() {
            let (mut steps, mut to, mut owners) = (0, from, Vec::new());
            while let Some(((_, last, phase), others)) = left.split_first() {
                steps += phase.steps;
                if steps > STEPS_TOGETHER.unsigned_abs() && !owners.is_empty() {
                    break;
                }
                (to, left) = (to.max(*last), others);
                owners.push(phase.id);
            }
            while from <= to {
                let values =
                    [(&owners as _, Type::INT8_ARRAY), (&from as _, Type::INT8), (&to as _, Type::INT8)];
                let (mut rows, mut last) = (0, from);
                self.each(&sql, &values, cx, |row| {
                    (rows, last) = (rows + 1, id(row, 0)?);
                    match number(row, 1)?.and_then(|owner| places.get(&owner)) {
                        Some(place) => see(*place, row),
                        None => Ok(()),
                    }
                })?;
                if rows < STEPS_TOGETHER {
                    break;
                }
                from = last.saturating_add(1);
            }
        }
        Ok(())
    }
}

pub(super) fn summary(row: &Row, words: &mut SharedTexts) -> ReadCell<PhaseSummary> {
    Ok(PhaseSummary {
        phase_ref: PhaseRef::of(number(row, 1)?.unwrap_or_default(), id(row, 0)?, 0, 0),
        name: words.word(text(row, 2)?.unwrap_or_default()),
        repeat_index: number(row, 3)?,
        status: text(row, 4)?.map(|status| words.word(status)),
        has_error: row.try_get(5)?,
        start: stamp(row, 6)?,
        end: stamp(row, 7)?,
    })
}

/// Sorted, each once.
pub(super) fn distinct(ids: &[i64]) -> Vec<i64> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
