//! Which records need somebody: those that failed, died, wait, or were stopped after an error; and the next one of a list
//! that does, or has a failure at all.

use super::{
    filter::{self, Reading},
    lab::Lab,
    run_row::{NewestOpen, RunRow},
    run_state::RunState,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        outcome::Outcome,
        partial::{Lacks, Partial},
        query::ListQuery,
        run_tally::RunTally,
    },
    store::catalogue::Suspect,
};

/// Why a record needs somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// It ended with an error.
    Failed,
    /// It has no end, and nothing is done in it any more.
    Died,
    /// It waits for a person.
    Waits,
    /// Somebody stopped it after something had failed.
    StoppedAfterError,
}

impl Trouble {
    /// A record's trouble; `failures` as the list counts them, 0 where they are not known. A completed record with
    /// failures is in none: somebody tried again, or went on.
    pub fn of(row: &RunRow, failures: u64) -> Option<Self> {
        match (row.state(), row.outcome) {
            (Some(RunState::Waits), _) => Some(Trouble::Waits),
            (Some(RunState::Died), _) => Some(Trouble::Died),
            (_, Outcome::Error) => Some(Trouble::Failed),
            (_, Outcome::Stopped) if failures > 0 || row.stopped_in_error => Some(Trouble::StoppedAfterError),
            _ => None,
        }
    }
}

/// Records that are looked at together.
const TOGETHER: usize = 32;

/// The record next to another in a list that is in trouble, or has a failed step or phase, whatever came of it. While it is
/// not known yet which rows are whose, those near a record are looked at, and the answer says so.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when the checkpoint said so.
pub fn next_in_trouble(
    lab: &Lab,
    query: &ListQuery,
    from: i64,
    forward: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<Option<i64>>> {
    let catalogue = lab.database().catalogue();
    let (mut at, mut lacks) = (from, Lacks::default());
    loop {
        let list = filter::list(lab, query, Reading::of(cx), cx)?.value.list;
        let suspects = catalogue.suspects(&list, at, forward, TOGETHER);
        let Some(last) = suspects.last() else { return Ok(Partial::lacking(None, lacks)) };
        at = last.id;
        if let Some(found) = first_of(lab, &suspects, cx)?.into(&mut lacks) {
            return Ok(Partial::lacking(Some(found), lacks));
        }
        cx.check(Progress::default())?;
    }
}

/// The first of these records that is in trouble or has a failure; those that are gone are passed over.
fn first_of(lab: &Lab, suspects: &[Suspect], cx: &mut Cx<'_>) -> Result<Partial<Option<i64>>> {
    let doubtful: Vec<i64> =
        suspects.iter().filter(|suspect| !suspect.certain).map(|suspect| suspect.id).collect();
    let tallies = tallies(lab, &doubtful, cx)?;
    let moment = NewestOpen::of(lab, cx)?;
    tallies.try_map(|tallies| {
        let mut tallies = tallies.into_iter();
        for suspect in suspects {
            let tally = if suspect.certain { None } else { tallies.next() };
            // It may be gone, or have gone on, since the catalogue was read.
            let Some(run) = lab.source().runs(&[suspect.id], cx)?.pop() else { continue };
            let failures = tally.map_or(0, |tally| tally.failures);
            if suspect.certain || failures > 0 || Trouble::of(&moment.row(run), failures).is_some() {
                return Ok(Some(suspect.id));
            }
        }
        Ok(None)
    })
}

/// What is counted of these records, or as much of it as can be told at once.
fn tallies(lab: &Lab, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RunTally>>> {
    if runs.is_empty() {
        return Ok(Partial::default());
    }
    let counted = lab.source().tallies(runs, cx)?;
    if counted.lacks.nothing() {
        return Ok(counted);
    }
    let near = lab.source().summaries_of_many(runs, cx)?;
    Ok(near.map(|all| all.iter().map(|phases| RunTally::of(phases)).collect()))
}
