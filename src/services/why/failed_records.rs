//! Which records failed: the newest one, and all since a time. By the database alone: no log is read for it.

use jiff::civil::DateTime;

use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        outcome::Outcome,
        phase_summary::PhaseSummary,
        query::{ListQuery, Order, SortKey},
        run::Run,
    },
    services::{events::LazyEvents, lab::Lab, run_row, run_state::RunState},
    store::IdPlace,
};

/// Records looked at together.
const PIECE: usize = 200;

/// The newest record with a failure; `None` where none failed.
///
/// # Errors
/// As any read.
pub fn newest(lab: &Lab, cx: &mut Cx<'_>) -> Result<Option<i64>> {
    let mut from = IdPlace::Skip(0);
    loop {
        let ids = lab.source().run_ids(from, Order::Descending, PIECE, cx)?;
        let Some(last) = ids.last() else { return Ok(None) };
        from = IdPlace::Behind(*last);
        if let Some(found) = failed(lab, &ids, cx)?.first() {
            return Ok(Some(*found));
        }
        cx.check(Progress::default())?;
    }
}

/// The records with a failure that started since a time, newest first.
///
/// # Errors
/// As any read.
pub fn since(lab: &Lab, since: DateTime, cx: &mut Cx<'_>) -> Result<Vec<i64>> {
    let query = ListQuery { sort: SortKey::StartTime, order: Order::Descending, ..ListQuery::default() };
    let list = lab.database().list_once(&query, cx)?;
    let (mut found, mut offset) = (Vec::new(), 0);
    loop {
        let ids = lab.database().catalogue().part(&list, offset, PIECE as u64);
        let begun = |run: &Run| run.start.at().is_some_and(|start| start >= since);
        let runs: Vec<i64> =
            lab.source().runs(&ids, cx)?.iter().filter(|run| begun(run)).map(|run| run.id).collect();
        found.extend(failed(lab, &runs, cx)?);
        if runs.is_empty() {
            return Ok(found);
        }
        offset += ids.len() as u64;
        cx.check(Progress::default())?;
    }
}

/// Those of these records that have a failure, in their order.
fn failed(lab: &Lab, ids: &[i64], cx: &mut Cx<'_>) -> Result<Vec<i64>> {
    let summaries = lab.source().summaries_of_many(ids, cx)?.value;
    let by_run = |run: i64| ids.iter().position(|id| *id == run).and_then(|n| summaries.get(n));
    let in_phases = |phases: &Vec<PhaseSummary>| {
        phases.iter().any(|phase| phase.failed_steps() > 0 || phase.failed_without_step())
    };
    let mut found = Vec::new();
    for run in lab.source().runs(ids, cx)? {
        let events = LazyEvents::of(&run);
        let row = run_row::with_outcome(lab, &events, cx)?;
        let died = row.state() == Some(RunState::Died);
        if row.outcome == Outcome::Error || by_run(run.id).is_some_and(in_phases) || died {
            found.push(run.id);
        }
    }
    Ok(found)
}
