//! The failures of some phases as soon as they are there, for whoever watches a record: with what the database says of them,
//! and where it says nothing the log.

use jiff::ToSpan;

use super::{FailedPhase, Gathered, failed_steps, from_log, in_order, run_log, texts_of, types::Failure};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::phase_summary::PhaseSummary,
    services::{events::LazyEvents, lab::Lab},
};

/// Seconds behind a failure in which the log tells of it.
const SOON: i64 = 5;

/// The failures of these phases of a record, in the order in which they happened.
///
/// # Errors
/// As any read.
pub fn of_phases(
    lab: &Lab,
    events: &LazyEvents<'_>,
    some: &[PhaseSummary],
    cx: &mut Cx<'_>,
) -> Result<Vec<Failure>> {
    let phases: Vec<FailedPhase> = failed_steps::gather(lab, some, usize::MAX, cx)?.0;
    // The record may have failed before: by the order alone nothing is paired.
    let Gathered { phases, mut failures, .. } = texts_of(events, phases, false);
    let ends = |failure: &Failure| [failure.start.at(), failure.end.at()];
    let silent = failures.iter().filter(|failure| failure.text.is_none());
    let moments: Vec<_> = silent.flat_map(ends).flatten().collect();
    if let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max())
        && let Some(log) =
            run_log::between(lab, events.run, (*first, last.saturating_add(SOON.seconds())), cx)?
    {
        from_log::add(&log, &phases, &mut failures, false);
    }
    in_order(&mut failures);
    Ok(failures)
}
