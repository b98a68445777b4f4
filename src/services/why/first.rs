//! The first failure of a record, for overviews and previews: from the database where that tells the reason; else the log is
//! read around it and at its end, so that a log of any size costs milliseconds.

use std::sync::Arc;

use super::{Gathered, end_with_error, from_log, gathered, in_order, run_log, types::Failure, unfinished};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{outcome::Outcome, phase_summary::PhaseSummary},
    services::{events::LazyEvents, lab::Lab, run_row::RunRow, run_state::RunState},
};
/// The first failure of a record; `None` where the database knows of none and the record did not end with an error or die.
pub fn of_record(
    lab: &Lab,
    events: &LazyEvents<'_>,
    row: &RunRow,
    summaries: &Arc<Vec<PhaseSummary>>,
    cx: &mut Cx<'_>,
) -> Result<Option<Failure>> {
    let Gathered { phases, mut failures, .. } = gathered(lab, events, summaries, 1, cx)?;
    in_order(&mut failures);
    failures.truncate(1);
    let (outcome, died) = (row.outcome, row.state() == Some(RunState::Died));
    let told = failures.first().is_some_and(|failure| failure.text.is_some());
    // In files from before outcomes were kept only the log tells of an error without a failed step.
    let may_have = died || matches!(outcome, Outcome::Error | Outcome::Ended);
    if told || (failures.is_empty() && !may_have) {
        return Ok(failures.pop());
    }
    let ends = |failure: &Failure| [failure.start.at(), failure.end.at()];
    let moments: Vec<_> = failures.iter().flat_map(ends).flatten().collect();
    let log = run_log::read(lab, events.run, &moments, false, cx)?;
    if let Some(log) = &log {
        from_log::add(log, &phases, &mut failures, false);
        if failures.is_empty() {
            failures = from_log::rest(log, summaries, &[]);
            in_order(&mut failures);
        }
    }
    if failures.is_empty() && outcome == Outcome::Error {
        failures.push(end_with_error(events, summaries));
    }
    if failures.is_empty() && died {
        failures.extend(unfinished(lab, summaries, cx)?);
    }
    Ok(failures.into_iter().next())
}
