//! A record as a row of a list: how it ended, or what it does, and what people say of it.

use std::sync::Arc;

use super::{
    events::LazyEvents,
    lab::Lab,
    marks::{self, MarkTable},
    run_state::{self, RunState, Standing, is_open},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        event_end::EventEnd,
        mark::RecordMark,
        outcome::Outcome,
        query::Order,
        run::Run,
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
    /// Of a stopped record: behind its last error it neither tried again nor went on.
    pub stopped_in_error: bool,
    /// What it does, of a record without an end.
    pub standing: Option<Standing>,
    /// What people say of it; `None` for nothing.
    pub mark: Option<Arc<RecordMark>>,
    /// Its user has not opened it yet.
    pub unread: bool,
}

impl RunRow {
    pub fn state(&self) -> Option<RunState> {
        self.standing.as_ref().map(|standing| standing.state)
    }

    /// Why its state is thought, in words.
    pub fn evidence(&self) -> Option<&str> {
        self.standing.as_ref().map(|standing| standing.evidence.as_str())
    }

    /// How it ended or what it does, for people.
    pub fn label(&self) -> &'static str {
        self.state().map_or(self.outcome.label(), RunState::label)
    }

    pub fn glyph(&self, ascii: bool) -> &'static str {
        self.state().map_or(self.outcome.glyph(ascii), |state| state.glyph(ascii))
    }
}

/// One record of the list; `None` where there is none with this id.
pub fn record(lab: &Lab, id: i64, cx: &Cx<'_>) -> Result<Option<RunRow>> {
    let run = lab.source().runs(&[id], cx)?.pop();
    run.map(|run| with_outcome(lab, &LazyEvents::of(&run), cx)).transpose()
}

/// A record with how it ended, or what it does.
pub fn with_outcome(lab: &Lab, events: &LazyEvents<'_>, cx: &Cx<'_>) -> Result<RunRow> {
    let run = events.run;
    let newest = if is_open(run) { lab.newest_run(cx)?.map_or(run.id, |newest| newest.id) } else { run.id };
    let mut moment = NewestOpen { newest, open: Vec::new(), marks: marks::all(lab) };
    if is_open(run) {
        moment.open.push((run.id, run_state::standing(lab, events, newest, cx)?));
    }
    Ok(moment.row(run.clone()))
}

/// What rows are made with: what the newest records without an end do, and all marks.
pub(super) struct NewestOpen {
    newest: i64,
    open: Vec<(i64, Standing)>,
    pub marks: Arc<MarkTable>,
}

/// So many records, from the newest, are looked at for signs of life. Old versions of IvoryOS run several at once.
const ALIVE: usize = 32;

impl NewestOpen {
    pub fn of(lab: &Lab, cx: &Cx<'_>) -> Result<Self> {
        let ids = lab.source().run_ids(IdPlace::Skip(0), Order::Descending, ALIVE, cx)?;
        let newest = ids.first().copied().unwrap_or_default();
        let mut open = Vec::new();
        for run in lab.source().runs(&ids, cx)?.iter().filter(|run| is_open(run)) {
            open.push((run.id, run_state::standing(lab, &LazyEvents::of(run), newest, cx)?));
        }
        Ok(Self { newest, open, marks: marks::all(lab) })
    }

    pub fn row(&self, run: Run) -> RunRow {
        let known = self.open.iter().find(|(id, _)| *id == run.id).map(|(_, standing)| standing.clone());
        let standing = is_open(&run).then(|| known.unwrap_or_else(|| run_state::far_behind(self.newest)));
        let running = standing.as_ref().is_some_and(|standing| standing.state == RunState::Running);
        let outcome = Outcome::of(&run, running);
        let stopped_in_error = outcome == Outcome::Stopped && EventEnd::of(&run.events).in_error;
        let (mark, unread) = (self.marks.of(&run), self.marks.is_unread(&run));
        RunRow { outcome, took: took(&run.start, &run.end), stopped_in_error, standing, mark, unread, run }
    }

    /// The records that run or wait.
    pub fn going_on(&self) -> impl Iterator<Item = (i64, RunState)> {
        let states = self.open.iter().map(|(id, standing)| (*id, standing.state));
        states.filter(|(_, state)| *state != RunState::Died)
    }
}

/// Seconds from start to end; `None` without both.
pub fn took(start: &Timestamp, end: &Timestamp) -> Option<f64> {
    Some(seconds_between(start.at()?, end.at()?))
}
