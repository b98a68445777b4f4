//! What is new in a lab that is followed on screen: how many records came, what happened to any of them, and what one
//! that is at work does.

use super::{
    events::LazyEvents,
    filter::{self, Reading},
    lab::Lab,
    run_progress,
    run_state::RunState,
    watch::{Happening, known::Watched},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        query::{ListQuery, Order, SortKey},
        run::Run,
    },
    store::IdPlace,
};

/// What is new in a lab since it was asked last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabNews {
    /// The highest id of a record.
    pub newest: Option<i64>,
    /// How many records of the list came behind the one that was named.
    pub new: u64,
    pub happenings: Vec<Happening>,
    /// What the record that was named does, else the newest that runs or waits.
    pub at_work: Option<AtWork>,
}

/// A record that runs or waits.
#[derive(Debug, Clone, PartialEq)]
pub struct AtWork {
    pub run: i64,
    pub name: String,
    pub state: RunState,
    /// As stored, and how many there are to be.
    pub iteration: Option<i64>,
    pub of: Option<u64>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewsWanted {
    /// New records are those of this list,
    pub query: ListQuery,
    /// with a higher id than this one.
    pub since: Option<i64>,
    /// The record on screen.
    pub run: Option<i64>,
    /// Following begins: what happened before is not told.
    pub begins: bool,
}

/// More new records than these are not counted.
const MOST: usize = 9_999;

/// Could something be told that happened since?
pub(super) fn is_due(lab: &Lab, cx: &Cx<'_>) -> Result<bool> {
    let Some(watched) = lab.watched.take() else { return Ok(false) };
    let is_due = watched.watcher.is_due(lab, cx);
    lab.watched.set(Some(watched));
    is_due
}

/// What is new.
///
/// # Errors
/// As any read; the next answer tells what this one did not.
pub fn news(lab: &Lab, wanted: &NewsWanted, cx: &mut Cx<'_>) -> Result<LabNews> {
    let opened = lab.opened();
    let before = lab.watched.take().filter(|_| !wanted.begins);
    let mut watched = before.unwrap_or_else(|| Watched { opened, ..Watched::default() });
    if std::mem::replace(&mut watched.opened, opened) != opened {
        watched.watcher.replaced();
    }
    let happenings = watched.watcher.look(lab, cx);
    let mut going_on: Vec<_> = watched.watcher.going_on().map(|(run, state)| (run.clone(), state)).collect();
    lab.watched.set(Some(watched));
    let happenings = happenings?;
    going_on.sort_by_key(|(run, _)| (Some(run.id) == wanted.run, run.id));
    let at_work = going_on.pop().map(|(run, state)| at_work(lab, run, state, cx)).transpose()?;
    let (newest, new) = new_records(lab, wanted, cx)?;
    Ok(LabNews { newest, new, happenings, at_work })
}

fn at_work(lab: &Lab, run: Run, state: RunState, cx: &mut Cx<'_>) -> Result<AtWork> {
    let waits = state == RunState::Waits;
    let progress = run_progress::of_record(lab, &LazyEvents::of(&run), waits, cx)?.value;
    Ok(AtWork { run: run.id, name: run.name, state, iteration: progress.iteration, of: progress.of })
}

fn new_records(lab: &Lab, wanted: &NewsWanted, cx: &mut Cx<'_>) -> Result<(Option<i64>, u64)> {
    let newest = lab.source().run_ids(IdPlace::Skip(0), Order::Descending, 1, cx)?.first().copied();
    let (Some(since), Some(id)) = (wanted.since, newest) else { return Ok((newest, 0)) };
    if id <= since {
        return Ok((newest, 0));
    }
    let new = if wanted.query.is_of_all() {
        lab.source().run_ids(IdPlace::Behind(since), Order::Ascending, MOST, cx)?
    } else {
        let by_id = ListQuery { sort: SortKey::Id, order: Order::Descending, ..wanted.query.clone() };
        let list = filter::list(lab, &by_id, Reading::of(cx), cx)?.value.list;
        let mut ids = lab.database().catalogue().part(&list, 0, MOST as u64);
        ids.retain(|id| *id > since);
        ids
    };
    Ok((newest, new.len() as u64))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        model::filter::words::Filter,
        store::Options,
        tui::testing::{lab_with, played::Played},
    };

    #[test]
    fn new_records_are_counted_in_their_list_and_what_happens_is_told_once() {
        let mut played = Played::empty();
        played.start("before", "08:00:00");
        played.end("completed", "08:00:01");
        let clock = Arc::new(|| jiff::civil::date(2026, 11, 24).at(8, 1, 0, 0));
        let lab = lab_with(&played.database(), Options::without_cache(), clock);
        let ask = |wanted: &NewsWanted| news(&lab, wanted, &mut Cx::quiet()).unwrap();
        let begins = ask(&NewsWanted { begins: true, ..NewsWanted::default() });
        assert_eq!(begins, LabNews { newest: Some(1), ..LabNews::default() });
        for name in ["pump one", "stir", "pump two"] {
            played.start(name, "08:00:30");
            played.end("completed", "08:00:40");
        }
        played.start("still at it", "08:00:50");
        let since = NewsWanted { since: Some(1), ..NewsWanted::default() };
        let told = ask(&since);
        assert_eq!((told.newest, told.new), (Some(5), 4));
        assert_eq!(told.happenings.len(), 7, "{:?}", told.happenings);
        assert_eq!(told.at_work.map(|one| (one.run, one.state)), Some((5, RunState::Running)));
        assert!(!is_due(&lab, &Cx::quiet()).unwrap());
        let query = ListQuery { filter: Filter::read("name:pump").unwrap(), ..ListQuery::default() };
        let told = ask(&NewsWanted { query, ..since.clone() });
        assert_eq!((told.new, told.happenings.len()), (2, 0));
        assert_eq!(ask(&NewsWanted { since: Some(5), ..since }).new, 0);
        played.end("error", "08:00:55");
        let told = ask(&NewsWanted { begins: true, ..NewsWanted::default() });
        assert_eq!(told.happenings, [], "what was there as following began is not told");
    }
}
