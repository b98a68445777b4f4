//! Lists of records: parts of them, the details that need phases and steps, and neighbours.

use super::{
    chart,
    filter::{self, Reading},
    lab::Lab,
    run_row::{NewestOpen, RunRow},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::Partial,
        query::{ListQuery, Place, SortKey},
        run_tally::RunTally,
        series::Series,
    },
    store::IdPlace,
};

/// What a row of the list shows that needs phases and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct RowDetail {
    pub run: i64,
    /// Different iterations.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failures: u64,
    /// All steps.
    pub steps: u64,
    /// Those with `run_error`.
    pub failed_steps: u64,
    /// Its first numeric output.
    pub first_output: Option<Series>,
}

/// Rows up to this offset are counted off from the first or the last id; for those behind, the catalogue is read.
const NEAR: u64 = 1_000;

/// Is this a page that needs no catalogue: newest or oldest first, without words, near its beginning?
pub(super) fn is_near(query: &ListQuery, place: Place) -> bool {
    let simple = query.is_of_all() && query.sort == SortKey::Id;
    simple && matches!(place, Place::Top | Place::Offset(..NEAR))
}

/// Records read at once: nothing is open in the database while they are given on.
const PIECE: usize = 5_000;

/// Does what the first look at a list waits for.
///
/// # Errors
/// As any read.
pub fn prepare(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<()> {
    filter::list_once(lab, query, cx).map(|_| ())
}

/// How many records a list has.
///
/// # Errors
/// As any read.
pub fn count(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<u64> {
    let list = filter::list_once(lab, query, cx)?;
    Ok(lab.database().catalogue().len(&list))
}

/// Gives the records of a part of a list, in pieces; those that are deleted meanwhile are left out.
///
/// # Errors
/// As any read, and those of `each`.
pub fn each(
    lab: &Lab,
    query: &ListQuery,
    (offset, limit): (u64, u64),
    cx: &mut Cx<'_>,
    mut each: impl FnMut(&RunRow) -> Result<()>,
) -> Result<()> {
    pieces(lab, query, (offset, limit), cx, |rows, _| rows.iter().try_for_each(&mut each))
}

/// The same with what is counted of the phases and steps of each.
///
/// # Errors
/// As any read, and those of `each`.
pub fn each_counted(
    lab: &Lab,
    query: &ListQuery,
    part: (u64, u64),
    cx: &mut Cx<'_>,
    mut each: impl FnMut(&RunRow, &RunTally) -> Result<()>,
) -> Result<()> {
    pieces(lab, query, part, cx, |rows, cx| {
        let ids: Vec<i64> = rows.iter().map(|row| row.run.id).collect();
        let tallies = lab.source().tallies(&ids, cx)?.value;
        rows.iter().zip(&tallies).try_for_each(|(row, tally)| each(row, tally))
    })
}

/// Gives the records of a part of a list, some thousand at once.
fn pieces(
    lab: &Lab,
    query: &ListQuery,
    (offset, limit): (u64, u64),
    cx: &mut Cx<'_>,
    mut take: impl FnMut(&[RunRow], &mut Cx<'_>) -> Result<()>,
) -> Result<()> {
    let moment = NewestOpen::of(lab, cx)?;
    let mut give = |ids: &[i64], cx: &mut Cx<'_>| -> Result<()> {
        let runs = lab.source().runs(ids, cx)?;
        let rows: Vec<RunRow> = runs.into_iter().map(|run| moment.row(run)).collect();
        take(&rows, cx)
    };
    if is_near(query, Place::Offset(offset)) {
        let (mut from, mut left) = (IdPlace::Skip(offset), limit);
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
            let ids = lab.source().run_ids(from, query.order, count, cx)?;
            let Some(last) = ids.last() else { break };
            from = IdPlace::Behind(*last);
            give(&ids, cx)?;
            left -= ids.len() as u64;
            cx.check(Progress::default())?;
        }
        return Ok(());
    }
    // Of the list as it is now: what comes or goes later moves nothing.
    let list = filter::list_once(lab, query, cx)?;
    let ids = lab.database().catalogue().part(&list, offset, limit);
    for some in ids.chunks(PIECE) {
        give(some, cx)?;
        cx.check(Progress::default())?;
    }
    Ok(())
}

/// Records of a part of a list.
///
/// # Errors
/// As any read.
pub fn rows(lab: &Lab, query: &ListQuery, part: (u64, u64), cx: &mut Cx<'_>) -> Result<Vec<RunRow>> {
    let mut rows = Vec::new();
    each(lab, query, part, cx, |row| {
        rows.push(row.clone());
        Ok(())
    })?;
    Ok(rows)
}

/// The details of list rows that need phases and steps, found in one go for all of them.
pub fn row_details(lab: &Lab, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RowDetail>>> {
    let found = lab.source().summaries_of_many(runs, cx)?;
    found.try_map(|all| {
        let mut details = Vec::with_capacity(runs.len());
        for (&run, summaries) in runs.iter().zip(&all) {
            let tally = RunTally::of(summaries);
            details.push(RowDetail {
                run,
                iterations: tally.iterations,
                failures: tally.failures,
                steps: tally.steps,
                failed_steps: tally.failed_steps,
                first_output: chart::first_output(lab, summaries, cx)?,
            });
            cx.check(Progress::default())?;
        }
        Ok(details)
    })
}

/// The record next to another in a list; those that are gone are passed over.
pub fn neighbour(
    lab: &Lab,
    query: &ListQuery,
    from: i64,
    forward: bool,
    cx: &mut Cx<'_>,
) -> Result<Option<i64>> {
    let catalogue = lab.database().catalogue();
    loop {
        let list = filter::list(lab, query, Reading::of(cx), cx)?.value.list;
        let Some(next) = catalogue.neighbour(&list, from, forward) else { return Ok(None) };
        // It may be gone since the catalogue was read.
        if !lab.source().runs(&[next], cx)?.is_empty() {
            return Ok(Some(next));
        }
        catalogue.forget(&[next]);
        cx.check(Progress::default())?;
    }
}
