//! Part of the list for the screens, with the numbers of the whole list.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::{
    calls,
    filter::{self, Reading},
    lab::Lab,
    marks::Sharing,
    records::is_near,
    run_row::NewestOpen,
    run_state::RunState,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        query::{ListQuery, Order, Place},
        run::Run,
    },
    services::run_row::RunRow,
    store::{FactColumns, IdPlace, catalogue::Listing},
};

/// Part of the list, and the list's numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub rows: Vec<RunRow>,
    /// Position of the first row in the whole list, from 0.
    pub offset: u64,
    /// The counts are not known yet: `total` and `all` are those up to these rows, `failed` is 0.
    pub uncounted: bool,
    /// What the list is sorted by is not counted yet for all records: those come last.
    pub unsorted: bool,
    /// Some records were not read yet for the words: how many were, of all that must be.
    pub unread: Option<Progress>,
    /// How many records match the words, as far as they are read.
    pub total: u64,
    /// How many records the file has.
    pub all: u64,
    /// How many records of the list ended with an error.
    pub failed: u64,
    /// How many have no end, and neither run nor wait.
    pub died: u64,
    /// How many wait for somebody.
    pub waiting: u64,
    /// How many were stopped after an error, as far as records are counted.
    pub stopped: u64,
    /// Of some stopped records it is not known yet whether they were stopped after an error.
    pub uncounted_stops: bool,
    /// How many records of the list are running.
    pub running: u64,
    /// How many calls by hand a file has that has no records.
    pub calls: u64,
    /// Records have marks, of this list or not.
    pub marked: bool,
    /// Who else has the marks.
    pub sharing: Sharing,
    /// Why marks can't be shown.
    pub marks_notice: Option<String>,
    /// When this was read.
    pub as_of: DateTime,
}

/// A part of a list.
#[derive(Default)]
struct Found {
    runs: Vec<Run>,
    offset: u64,
    /// How many records the list has.
    total: u64,
    /// How many of them ended with an error.
    failed: u64,
    unread: Option<Progress>,
    lacks: Lacks,
    list: Option<Arc<Listing>>,
}

/// In a file with more records than this, reading the catalogue takes noticeable time.
const MANY: i64 = 2_000;

/// How often a page is made again when records in it turn out to be deleted.
const TRIES: usize = 3;

/// Part of the list with the numbers of the whole list. What is seen first of a large file comes without numbers.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when nobody wants it any more.
pub fn page(
    lab: &Lab,
    query: &ListQuery,
    (place, rows): (Place, usize),
    reading: Reading,
    cx: &mut Cx<'_>,
) -> Result<Partial<Page>> {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let catalogue = lab.database().catalogue();
    let mut page = Page { as_of: lab.now(), ..Page::default() };
    let found = if is_near(query, place) && !catalogue.is_whole() && is_large(lab, cx)? {
        page.uncounted = true;
        near_first(lab, query, first_row(place, u64::MAX, rows, |_| None), rows, cx)?
    } else {
        let found = in_list(lab, query, (place, rows), reading, cx)?;
        (page.all, page.failed) = (catalogue.counts().all, found.failed);
        found
    };
    let moment = NewestOpen::of(lab, cx)?;
    (page.marked, page.sharing) = (!moment.marks.is_empty(), moment.marks.sharing());
    page.marks_notice = moment.marks.notice().map(str::to_owned);
    if let Some(list) = &found.list {
        count(lab, list, &moment, &mut page);
    }
    page.offset = found.offset;
    page.total = if page.uncounted { found.offset + found.runs.len() as u64 } else { found.total };
    page.all = page.all.max(page.total);
    if page.all == 0 {
        page.calls = calls::count(lab, cx)?;
    }
    page.rows = found.runs.into_iter().map(|run| moment.row(run)).collect();
    page.unsorted = query.sort.is_counted() && !catalogue.is_end_counted();
    let counts = page.unsorted || page.uncounted_stops;
    page.unread = found.unread;
    let lacks = found.lacks.and(Lacks { catalogue: page.uncounted, counts, ..Lacks::default() });
    Ok(Partial::lacking(page, lacks))
}

/// Counts the records of the list that need somebody, and those that run.
fn count(lab: &Lab, list: &Arc<Listing>, moment: &NewestOpen, page: &mut Page) {
    let catalogue = lab.database().catalogue();
    let standings = catalogue.standings(list);
    page.died = standings.open;
    for (_, state) in moment.going_on().filter(|(id, _)| catalogue.is_listed(list, *id)) {
        page.died = page.died.saturating_sub(1);
        page.waiting += u64::from(state == RunState::Waits);
        page.running += u64::from(state == RunState::Running);
    }
    (page.stopped, page.uncounted_stops) = (standings.stopped, standings.uncounted > 0);
}

fn is_large(lab: &Lab, cx: &Cx<'_>) -> Result<bool> {
    let newest = lab.source().run_ids(IdPlace::Skip(0), Order::Descending, 1, cx)?;
    Ok(newest.first().is_some_and(|id| *id > MANY))
}

fn near_first(lab: &Lab, query: &ListQuery, offset: u64, rows: u64, cx: &Cx<'_>) -> Result<Found> {
    let count = usize::try_from(rows).unwrap_or(usize::MAX);
    let ids = lab.source().run_ids(IdPlace::Skip(offset), query.order, count, cx)?;
    Ok(Found { runs: lab.source().runs(&ids, cx)?, offset, ..Found::default() })
}

fn in_list(
    lab: &Lab,
    query: &ListQuery,
    (place, rows): (Place, u64),
    reading: Reading,
    cx: &mut Cx<'_>,
) -> Result<Found> {
    let catalogue = lab.database().catalogue();
    lab.database().ready(query, FactColumns::ALL, cx)?;
    lab.database().count_few(cx)?;
    let mut found = Found::default();
    for _ in 0..TRIES {
        let mut lacks = Lacks::default();
        let search = filter::list(lab, query, reading, cx)?.into(&mut lacks);
        let (list, unread) = (search.list, search.unread);
        let total = catalogue.len(&list);
        let offset = first_row(place, total, rows, |id| catalogue.position(&list, id));
        let ids = catalogue.part(&list, offset, rows);
        let failed = catalogue.failed(&list);
        let runs = lab.source().runs(&ids, cx)?;
        found = Found { runs, offset, total, failed, unread, lacks, list: Some(list) };
        if found.runs.len() == ids.len() {
            break;
        }
        // Somebody deleted records in the middle.
        let gone = |id: &i64| !found.runs.iter().any(|run| run.id == *id);
        catalogue.forget(&ids.into_iter().filter(gone).collect::<Vec<_>>());
    }
    Ok(found)
}

/// Where a part begins.
fn first_row(place: Place, total: u64, rows: u64, position: impl Fn(i64) -> Option<u64>) -> u64 {
    match place {
        Place::Top => 0,
        Place::Bottom => total.saturating_sub(rows),
        Place::Offset(at) => at.min(total.saturating_sub(1)),
        Place::Around(id) => position(id).unwrap_or(0).saturating_sub(rows / 2),
    }
}
