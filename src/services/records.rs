//! Records as rows of a list: how each ended, the details that need phases and steps, and neighbours in the list.

use jiff::civil::DateTime;

use super::{
    chart,
    events::LazyEvents,
    lab::{Lab, local_time},
    paths,
};
use crate::{
    checkpoint::Checkpoint,
    error::Result,
    model::{
        outcome::{ALIVE_FOR, Outcome},
        phase_summary::PhaseSummary,
        query::ListQuery,
        run::Run,
        series::Series,
        timestamp::{Timestamp, seconds_between},
    },
};

/// A record of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub run: Run,
    pub outcome: Outcome,
    /// Seconds from start to end; `None` without both.
    pub took: Option<f64>,
}

/// What a row of the list shows that needs phases and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct RowDetail {
    pub run: i64,
    /// Phases of main.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failed_steps: u64,
    /// Its first numeric output.
    pub first_output: Option<Series>,
}

/// Rows up to this offset are found by SQLite's OFFSET; for those behind, the list of ids is read.
pub(super) const NEAR: u64 = 1_000;

pub(super) fn part(ids: &[i64], offset: u64, rows: u64) -> &[i64] {
    let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(ids.len());
    ids.get(at(offset)..at(offset.saturating_add(rows))).unwrap_or_default()
}

/// Records for a command: all of a list, or a page of it.
pub fn rows(lab: &Lab, query: &ListQuery, offset: u64, limit: u64) -> Result<Vec<RunRow>> {
    let moment = Moment::of(lab)?;
    let runs = if offset < NEAR {
        lab.store.runs(query, offset, limit)?
    } else {
        lab.store.runs_of(part(&lab.listed(query)?, offset, limit))?
    };
    Ok(runs.into_iter().map(|run| moment.row(run)).collect())
}

/// One record of the list; `None` where there is none with this id.
pub fn record(lab: &Lab, id: i64) -> Result<Option<RunRow>> {
    lab.store.run(id)?.map(|run| with_outcome(lab, &LazyEvents::of(&run))).transpose()
}

/// A record with how it ended.
pub fn with_outcome(lab: &Lab, events: &LazyEvents<'_>) -> Result<RunRow> {
    let run = events.run;
    let newest = || -> Result<bool> { Ok(lab.store.newest_run()?.is_some_and(|newest| newest.id == run.id)) };
    let alive = if is_open(run) && newest()? { alive(lab, events)? } else { None };
    Ok(Moment { now: lab.now(), alive }.row(run.clone()))
}

fn is_open(run: &Run) -> bool {
    run.end.is_none() && run.status.is_none()
}

/// What outcomes are derived from: the time now, and which record is running.
pub(super) struct Moment {
    now: DateTime,
    /// The newest record with its sign of life, when that is recent enough to call it running.
    alive: Option<(i64, DateTime)>,
}

impl Moment {
    pub fn of(lab: &Lab) -> Result<Self> {
        let newest = lab.store.newest_run()?.filter(is_open);
        let alive = newest.map(|run| alive(lab, &LazyEvents::of(&run))).transpose()?.flatten();
        Ok(Self { now: lab.now(), alive })
    }

    pub fn row(&self, run: Run) -> RunRow {
        let sign = self.alive.filter(|(id, _)| *id == run.id).map(|(_, at)| at);
        let took = took(&run.start, &run.end);
        RunRow { outcome: Outcome::of(&run, sign, self.now), took, run }
    }

    pub fn running(&self) -> u64 {
        u64::from(self.alive.is_some())
    }
}

fn alive(lab: &Lab, newest: &LazyEvents<'_>) -> Result<Option<(i64, DateTime)>> {
    let sign = sign_of_life(lab, newest)?;
    let recent = sign.filter(|_| Outcome::of(newest.run, sign, lab.now()) == Outcome::Running);
    Ok(recent.map(|at| (newest.run.id, at)))
}

/// When a record was last seen to do something: its start, its latest step, its latest event, its log. A sign that
/// lies well ahead of the clock (a log that was copied, a clock that was set) counts only when there is no other.
pub fn sign_of_life(lab: &Lab, events: &LazyEvents<'_>) -> Result<Option<DateTime>> {
    let run = events.run;
    let events = events.all().iter().filter_map(|event| event.time.at());
    let log = paths::log_path(lab, run).and_then(|p| p.metadata().ok()?.modified().ok());
    let signs = [run.start.at(), lab.store.last_activity(run.id)?, log.and_then(local_time)];
    let signs: Vec<DateTime> = signs.into_iter().flatten().chain(events).collect();
    let ahead = |at: &DateTime| seconds_between(lab.now(), *at) > ALIVE_FOR;
    Ok(signs.iter().copied().filter(|at| !ahead(at)).max().or_else(|| signs.into_iter().max()))
}

/// The details of list rows that need phases and steps, located in one go for all of them.
pub fn row_details(lab: &Lab, runs: &[i64], checkpoint: &mut dyn Checkpoint) -> Result<Vec<RowDetail>> {
    let located = lab.locate_all(runs, checkpoint)?;
    let mut fills = Vec::with_capacity(runs.len());
    for &run in runs {
        let summaries = lab.store.phase_summaries_of(&located.of(run))?;
        let failed_phases = summaries.iter().filter(|h| h.failed_without_step()).count();
        fills.push(RowDetail {
            run,
            iterations: summaries.iter().filter(|h| h.is_main()).count() as u64,
            failed_steps: summaries.iter().map(PhaseSummary::failed_steps).sum::<u64>()
                + failed_phases as u64,
            first_output: chart::first_output(lab, &summaries, checkpoint)?,
        });
        checkpoint.check(crate::checkpoint::Progress::default())?;
    }
    Ok(fills)
}

/// The record next to another in a list; with `failed_only` the next that ended with an error. In files from
/// before outcomes were kept, that is the next with a failed step.
pub fn neighbour(
    lab: &Lab,
    query: &ListQuery,
    from: i64,
    forward: bool,
    failed_only: bool,
    checkpoint: &mut dyn Checkpoint,
) -> Result<Option<i64>> {
    let mut at = from;
    while let Some(next) = match lab.store.names_neighbour(query, at, forward, failed_only)? {
        Some(known) => known,
        None => lab.store.neighbour(query, at, forward, failed_only)?,
    } {
        if !failed_only || lab.store.keeps_outcomes() {
            return Ok(Some(next));
        }
        if lab.store.locate(&[next], checkpoint)?.phases.iter().any(|p| p.failed > 0) {
            return Ok(Some(next));
        }
        checkpoint.check(crate::checkpoint::Progress::default())?;
        at = next;
    }
    Ok(None)
}

/// Seconds from start to end; `None` without both.
pub fn took(start: &Timestamp, end: &Timestamp) -> Option<f64> {
    Some(seconds_between(start.at()?, end.at()?))
}
