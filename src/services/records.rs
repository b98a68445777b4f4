//! Records as rows of a list: how each ended, the details that need phases and steps, and neighbours in the list.

use jiff::civil::DateTime;

use super::{
    chart,
    events::LazyEvents,
    lab::{Lab, local_time},
    paths,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        event_end::EventEnd,
        outcome::{ALIVE_FOR, Outcome},
        partial::Partial,
        query::{ListQuery, Place, SortKey},
        run::Run,
        run_tally::RunTally,
        series::Series,
        timestamp::{Timestamp, seconds_between},
    },
    store::IdPlace,
};

/// A record of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub run: Run,
    pub outcome: Outcome,
    /// Seconds from start to end; `None` without both.
    pub took: Option<f64>,
    /// How its events end, of a record that was stopped, or is the newest and has no end.
    pub event_end: EventEnd,
}

/// What a row of the list shows that needs phases and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct RowDetail {
    pub run: i64,
    /// Different iterations.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failed_steps: u64,
    /// Its first numeric output.
    pub first_output: Option<Series>,
}

/// Rows up to this offset are counted off from the first or the last id; for those behind, the catalogue is read.
const NEAR: u64 = 1_000;

/// Is this a page that needs no catalogue: newest or oldest first, without words, near its beginning?
pub(super) fn is_near(query: &ListQuery, place: Place) -> bool {
    let simple = query.keyword.is_empty() && query.sort == SortKey::Id;
    simple && matches!(place, Place::Top | Place::Offset(..NEAR))
}

/// Records read at once: nothing is open in the database while they are given on.
const PIECE: usize = 5_000;

/// Does what the first look at a list waits for.
///
/// # Errors
/// As any read.
pub fn prepare(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<()> {
    lab.database().list_once(query, cx).map(|_| ())
}

/// How many records a list has.
///
/// # Errors
/// As any read.
pub fn count(lab: &Lab, query: &ListQuery, cx: &mut Cx<'_>) -> Result<u64> {
    let list = lab.database().list_once(query, cx)?;
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
    let moment = Moment::of(lab, cx)?;
    let mut give = |ids: &[i64], cx: &mut Cx<'_>| -> Result<()> {
        lab.source().runs(ids, cx)?.into_iter().map(|run| moment.row(run)).try_for_each(|row| each(&row))
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
    let list = lab.database().list_once(query, cx)?;
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

/// One record of the list; `None` where there is none with this id.
pub fn record(lab: &Lab, id: i64, cx: &Cx<'_>) -> Result<Option<RunRow>> {
    let run = lab.source().runs(&[id], cx)?.pop();
    run.map(|run| with_outcome(lab, &LazyEvents::of(&run), cx)).transpose()
}

/// A record with how it ended.
pub fn with_outcome(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<RunRow> {
    let run = events.run;
    let newest = || -> Result<bool> { Ok(lab.newest_run(cx)?.is_some_and(|newest| newest.id == run.id)) };
    let newest = if is_open(run) && newest()? { Some(Newest::of(lab, events, cx)?) } else { None };
    Ok(Moment { now: lab.now(), newest }.row(run.clone()))
}

fn is_open(run: &Run) -> bool {
    run.end.is_none() && run.status.is_none()
}

/// What outcomes are derived from: the time now, and what the newest record does.
pub(super) struct Moment {
    now: DateTime,
    /// The newest record, where it has not ended.
    newest: Option<Newest>,
}

/// The only record that the lab may be at work on.
#[derive(Clone, Copy)]
struct Newest {
    id: i64,
    /// Its sign of life, when that is recent enough to call it running.
    alive: Option<DateTime>,
    event_end: EventEnd,
}

impl Newest {
    fn of(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<Self> {
        let sign = sign_of_life(lab, events, cx)?;
        let recent = |_: &DateTime| Outcome::of(events.run, sign, lab.now()) == Outcome::Running;
        let mut event_end = EventEnd::default();
        events.all().iter().for_each(|event| event_end.see(&event.kind));
        Ok(Self { id: events.run.id, alive: sign.filter(recent), event_end })
    }
}

impl Moment {
    pub fn of(lab: &Lab, cx: &Cx<'_>) -> Result<Self> {
        let newest = lab.newest_run(cx)?.filter(is_open);
        let newest = newest.map(|run| Newest::of(lab, &LazyEvents::of(&run), cx)).transpose()?;
        Ok(Self { now: lab.now(), newest })
    }

    pub fn row(&self, run: Run) -> RunRow {
        let newest = self.newest.filter(|newest| newest.id == run.id);
        let outcome = Outcome::of(&run, newest.and_then(|newest| newest.alive), self.now);
        let event_end = match outcome {
            Outcome::Stopped => EventEnd::of(&run.events),
            _ => newest.map(|newest| newest.event_end).unwrap_or_default(),
        };
        RunRow { outcome, took: took(&run.start, &run.end), event_end, run }
    }

    /// The newest record, where it runs or waits, and whether it waits.
    pub fn going_on(&self) -> Option<(i64, bool)> {
        let newest = self.newest.filter(|newest| newest.alive.is_some() || newest.event_end.waits)?;
        Some((newest.id, newest.event_end.waits))
    }
}

/// When a record was last seen to do something: its start, its latest step, its latest event, its log. A sign that
/// lies well ahead of the clock (a log that was copied, a clock that was set) counts only when there is no other.
pub fn sign_of_life(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<Option<DateTime>> {
    let run = events.run;
    let events = events.all().iter().filter_map(|event| event.time.at());
    let log = paths::about_log(lab, run).and_then(|about| about.modified().ok());
    let signs = [run.start.at(), lab.source().last_activity(run.id, cx)?, log.and_then(local_time)];
    let signs: Vec<DateTime> = signs.into_iter().flatten().chain(events).collect();
    let ahead = |at: &DateTime| seconds_between(lab.now(), *at) > ALIVE_FOR;
    Ok(signs.iter().copied().filter(|at| !ahead(at)).max().or_else(|| signs.into_iter().max()))
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
                failed_steps: tally.failures,
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
        let list = lab.database().list(query, cx)?;
        let Some(next) = catalogue.neighbour(&list, from, forward) else { return Ok(None) };
        // It may be gone since the catalogue was read.
        if !lab.source().runs(&[next], cx)?.is_empty() {
            return Ok(Some(next));
        }
        catalogue.forget(&[next]);
        cx.check(Progress::default())?;
    }
}

/// Seconds from start to end; `None` without both.
pub fn took(start: &Timestamp, end: &Timestamp) -> Option<f64> {
    Some(seconds_between(start.at()?, end.at()?))
}
