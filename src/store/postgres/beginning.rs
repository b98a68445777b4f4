//! The beginning of a long record, and phases spread over it, before all of its phases are read.

use tokio_postgres::types::Type;

use super::{PgStore, cells::id, columns::PHASES, owners::StepsOfPhase, phases::summary};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::phase_summary::{PhaseRef, PhaseSummary, SharedTexts},
    store::Beginning,
};

/// A long record's phases by id, each with its steps; `None` for these before they are known.
struct LongRecord {
    phases: Vec<(i64, Option<StepsOfPhase>)>,
}

impl PgStore {
    /// `None` for a record of usual length.
    fn long(&self, run: i64, cx: &Cx<'_>) -> Result<Option<LongRecord>> {
        let phases: Vec<_> = match self.owned(&[run], cx)?.and_then(|mut owned| owned.remove(&run)) {
            Some(known) => known.into_iter().map(|(phase, steps)| (phase, Some(steps))).collect(),
            None => {
                let sql = format!("select id::int8 from {PHASES} where run_id = $1 order by {PHASES}.id");
                let ids = self.rows(&sql, &[(&run, Type::INT8)], cx, |row| id(row, 0))?;
                ids.into_iter().map(|phase| (phase, None)).collect()
            }
        };
        Ok((phases.len() as u64 > Beginning::LONG).then_some(LongRecord { phases }))
    }

    pub(super) fn beginning_of(&self, run: i64, sums: bool, cx: &Cx<'_>) -> Result<Option<Beginning>> {
        let Some(LongRecord { phases }) = self.long(run, cx)? else { return Ok(None) };
        let known: Option<Vec<StepsOfPhase>> = phases.iter().map(|(_, steps)| *steps).collect();
        let sum = |all: Vec<StepsOfPhase>| all.iter().fold((0, 0), |(n, f), s| (n + s.steps, f + s.failed));
        let steps = known.filter(|_| sums).map(sum);
        let count = phases.len() as u64;
        let (first, behind) = phases.split_at_checked(Beginning::FIRST).unwrap_or((&phases, &[]));
        let end = first.last().map_or(i64::MAX, |(phase, _)| *phase);
        let failed = phases.iter().filter(|(_, steps)| sums && steps.is_some_and(|steps| steps.failed > 0));
        let failed = failed.take(Beginning::FAILED).filter(|(phase, _)| *phase > end);
        let mut shown: Vec<i64> =
            first.iter().chain(failed).chain(behind.last()).map(|(phase, _)| *phase).collect();
        shown.dedup();
        let all = self.summaries_by_id(run, &shown, cx)?;
        let (first, notable) = all.into_iter().partition(|summary| summary.id() <= end);
        Ok(Some(Beginning { first, notable, phases: count, steps }))
    }

    pub(super) fn spread_of(
        &self,
        run: i64,
        phases: usize,
        cx: &Cx<'_>,
    ) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        let Some(LongRecord { phases: all }) = self.long(run, cx)? else { return Ok(None) };
        let every = all.len().div_ceil(phases.max(1)).max(1);
        let ids: Vec<i64> = all.iter().rev().step_by(every).map(|(phase, _)| *phase).collect();
        Ok(Some((self.refs(run, &ids, true, cx)?, every as u64)))
    }

    /// The summaries of these phases of a record, by id.
    fn summaries_by_id(&self, run: i64, phases: &[i64], cx: &Cx<'_>) -> Result<Vec<PhaseSummary>> {
        if phases.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select {} from {PHASES} join unnest($1) as w(own) on {PHASES}.id = own where run_id = $2 \
             order by {PHASES}.id",
            self.columns.phases.summaries
        );
        let mut words = SharedTexts::default();
        let values = [(&phases as _, Type::INT8_ARRAY), (&run as _, Type::INT8)];
        let mut summaries = self.rows(&sql, &values, cx, |row| summary(row, &mut words))?;
        self.give_steps(&mut summaries, cx)?;
        Ok(summaries)
    }
}
