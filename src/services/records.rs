//! The list of records: pages, what needs phases and steps, neighbours, and how each record ended.

use std::collections::HashMap;

use jiff::civil::DateTime;

use super::{
    ask::{Page, RowFill, RunRow},
    chart,
    lab::{Lab, local_time},
    pulse::Pulse,
};
use crate::{
    error::Result,
    model::{
        outcome::Outcome,
        query::{ListQuery, Order, Place, SortKey},
        run::Run,
        stamp::{Stamp, seconds_between},
    },
    store::PhaseSpan,
};

/// Part of the list with the numbers of the whole list.
pub fn page(lab: &Lab, query: &ListQuery, place: Place, rows: usize) -> Result<Page> {
    let counts = lab.store.counts()?;
    let total = if query.keyword.is_empty() { counts.all } else { lab.store.count(query)? };
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let offset = match place {
        Place::Top => 0,
        Place::Bottom => total.saturating_sub(rows),
        Place::Offset(at) => at.min(total.saturating_sub(1)),
        Place::Around(id) => lab.store.position(query, id)?.unwrap_or(0).saturating_sub(rows / 2),
    };
    let alive = alive(lab)?;
    let runs = lab.store.runs(query, offset, rows)?;
    Ok(Page {
        rows: runs.into_iter().map(|run| row(lab, run, alive)).collect(),
        offset,
        total,
        all: counts.all,
        failed: counts.failed,
        running: u64::from(alive.is_some()),
        as_of: lab.now(),
    })
}

/// Records for a command: all of a list, or a page of it.
pub fn rows(lab: &Lab, query: &ListQuery, offset: u64, limit: u64) -> Result<Vec<RunRow>> {
    let alive = alive(lab)?;
    Ok(lab.store.runs(query, offset, limit)?.into_iter().map(|run| row(lab, run, alive)).collect())
}

/// A record with how it ended.
pub fn with_outcome(lab: &Lab, run: Run) -> Result<RunRow> {
    let alive = if run.end.is_none() && run.status.is_none() { alive(lab)? } else { None };
    Ok(row(lab, run, alive))
}

fn row(lab: &Lab, run: Run, alive: Option<(i64, DateTime)>) -> RunRow {
    let sign = alive.filter(|(id, _)| *id == run.id).map(|(_, at)| at);
    let took = match (run.start.at(), run.end.at()) {
        (Some(from), Some(to)) => Some(seconds_between(from, to)),
        _ => None,
    };
    RunRow { outcome: Outcome::of(&run, sign, lab.now()), took, run }
}

/// The newest record with its sign of life, when that is recent enough to call it running.
fn alive(lab: &Lab) -> Result<Option<(i64, DateTime)>> {
    let Some(run) = lab.store.newest_run()?.filter(|r| r.end.is_none() && r.status.is_none()) else {
        return Ok(None);
    };
    let sign = sign_of_life(lab, &run)?;
    let recent = sign.filter(|_| Outcome::of(&run, sign, lab.now()) == Outcome::Running);
    Ok(recent.map(|at| (run.id, at)))
}

/// When a record was last seen to do something: its start, its latest step, its latest event, its log.
pub fn sign_of_life(lab: &Lab, run: &Run) -> Result<Option<DateTime>> {
    let events = super::events::of(run).into_iter().filter_map(|e| e.time.at());
    let log = super::files::log_path(lab, run).and_then(|p| p.metadata().ok()?.modified().ok());
    let signs = [run.start.at(), lab.store.last_activity(run.id)?, log.and_then(local_time)];
    Ok(signs.into_iter().flatten().chain(events).max())
}

/// What the list shows of phases and steps, for the records on screen: one walk for all of them.
pub fn fill(lab: &Lab, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Vec<RowFill>> {
    let located = lab.locate_all(runs, pulse)?;
    let mut of_run: HashMap<i64, Vec<&PhaseSpan>> = HashMap::new();
    for span in &located.phases {
        of_run.entry(span.run).or_default().push(span);
    }
    let mut fills = Vec::with_capacity(runs.len());
    for &run in runs {
        let spans = of_run.remove(&run).unwrap_or_default();
        let heads = lab.store.phase_heads(&located, run)?;
        fills.push(RowFill {
            run,
            iterations: heads.iter().filter(|(p, _)| p.name == "main").count() as u64,
            failed_steps: spans.iter().map(|s| s.failed).sum(),
            first_output: chart::first_output(lab, heads, pulse)?,
        });
        pulse.beat(super::pulse::Progress::default())?;
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
    pulse: &mut dyn Pulse,
) -> Result<Option<i64>> {
    let mut at = from;
    while let Some(next) = lab.store.neighbour(query, at, forward, failed_only)? {
        if !failed_only || lab.store.keeps_outcomes() {
            return Ok(Some(next));
        }
        if lab.store.locate(&[next], pulse)?.phases.iter().any(|p| p.failed > 0) {
            return Ok(Some(next));
        }
        pulse.beat(super::pulse::Progress::default())?;
        at = next;
    }
    Ok(None)
}

/// The list as IvoryOS opens it: newest first.
pub fn newest_first() -> ListQuery {
    ListQuery { keyword: String::new(), sort: SortKey::Id, order: Order::Descending }
}

/// Seconds from start to end, or to `now` for what still runs.
pub fn took(start: &Stamp, end: &Stamp) -> Option<f64> {
    Some(seconds_between(start.at()?, end.at()?))
}
