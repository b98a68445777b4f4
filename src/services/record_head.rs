//! One record as its screen's head tells it: its row, and how far it has come where it has no end.

use jiff::civil::DateTime;

use super::{
    events::LazyEvents,
    lab::Lab,
    run_progress::{self, RunProgress},
    run_row::{self, RunRow},
    run_state::RunState,
};
use crate::{checkpoint::Cx, error::Result, model::partial::Partial};

/// What is told of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordHead {
    /// `None` where there is no such record (any more).
    pub row: Option<RunRow>,
    /// Of one that runs or waits.
    pub progress: Option<RunProgress>,
    pub as_of: DateTime,
}

/// The head of a record.
///
/// # Errors
/// As any read.
pub fn of_record(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<RecordHead>> {
    let as_of = lab.now();
    let row = run_row::record(lab, run, cx)?;
    let Some(row) = row else { return Ok(Partial::whole(RecordHead { row: None, progress: None, as_of })) };
    let progress = progress(lab, &LazyEvents::of(&row.run), row.state(), cx)?;
    Ok(progress.map(|progress| RecordHead { row: Some(row), progress, as_of }))
}

/// How far a record has come that runs or waits.
///
/// # Errors
/// As any read.
pub fn progress(
    lab: &Lab,
    events: &LazyEvents<'_>,
    state: Option<RunState>,
    cx: &mut Cx<'_>,
) -> Result<Partial<Option<RunProgress>>> {
    let waits = match state {
        Some(RunState::Running) => false,
        Some(RunState::Waits) => true,
        Some(RunState::Died) | None => return Ok(Partial::whole(None)),
    };
    Ok(run_progress::of_record(lab, events, waits, cx)?.map(Some))
}
