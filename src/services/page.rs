//! Part of the list for the screens: from memory where it is there, and at once where it is not.

use jiff::civil::DateTime;

use super::{
    lab::Lab,
    records::{Moment, NEAR, part},
};
use crate::{
    checkpoint::Checkpoint,
    error::Result,
    model::{
        query::{ListQuery, Place},
        run::Run,
    },
    services::records::RunRow,
    store::{Listing, RunCounts},
};

/// Part of the list, and the list's numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub rows: Vec<RunRow>,
    /// Position of the first row in the whole list, from 0.
    pub offset: u64,
    /// The counts are not known yet: `total` and `all` are those of these rows alone, `failed` is 0.
    pub uncounted: bool,
    /// How many records match the words.
    pub total: u64,
    /// How many records the file has.
    pub all: u64,
    /// How many records of the file ended with an error.
    pub failed: u64,
    /// How many records of the file are running.
    pub running: u64,
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
}

/// In a file with more records than this, reading all names takes noticeable time.
const MANY: i64 = 2_000;

/// How often a page is made again when records in it turn out to be deleted.
const TRIES: usize = 3;

/// Part of the list with the numbers of the whole list. What is seen first of a large file comes without
/// numbers.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when nobody wants it any more.
pub fn page(
    lab: &Lab,
    query: &ListQuery,
    place: Place,
    rows: usize,
    checkpoint: &mut dyn Checkpoint,
) -> Result<Page> {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let mut page = Page { as_of: lab.now(), ..Page::default() };
    let found = if is_near(query, place) && !lab.store.names_settled() && is_large(lab)? {
        lab.owes_counts.set(true);
        page.uncounted = true;
        near_top(lab, query, first_row(place, u64::MAX, rows, |_| Ok(None))?, rows)?
    } else {
        let (found, counts) = counted(lab, query, place, rows, checkpoint)?;
        (page.all, page.failed) = (counts.all, counts.failed);
        found
    };
    let moment = Moment::of(lab)?;
    page.running = moment.running();
    page.offset = found.offset;
    page.total = if page.uncounted { found.runs.len() as u64 } else { found.total };
    page.all = page.all.max(page.total);
    page.rows = found.runs.into_iter().map(|run| moment.row(run)).collect();
    Ok(page)
}

fn counted(
    lab: &Lab,
    query: &ListQuery,
    place: Place,
    rows: u64,
    checkpoint: &mut dyn Checkpoint,
) -> Result<(Found, RunCounts)> {
    let in_memory = lab.store.names_ready(checkpoint)?;
    if in_memory && let Some(found) = from_memory(lab, query, place, rows)? {
        return Ok((found, lab.store.names_counts()));
    }
    let counts = if in_memory { lab.store.names_counts() } else { lab.store.counts()? };
    if !is_near(query, place) {
        return Ok((from_file(lab, query, place, rows)?, counts));
    }
    let offset = first_row(place, counts.all, rows, |_| Ok(None))?;
    Ok((Found { total: counts.all, ..near_top(lab, query, offset, rows)? }, counts))
}

/// Is this a page that SQLite gives without reading much?
fn is_near(query: &ListQuery, place: Place) -> bool {
    query.keyword.is_empty() && matches!(place, Place::Top | Place::Offset(..NEAR))
}

fn is_large(lab: &Lab) -> Result<bool> {
    Ok(lab.store.newest_run()?.is_some_and(|run| run.id > MANY))
}

fn near_top(lab: &Lab, query: &ListQuery, offset: u64, rows: u64) -> Result<Found> {
    Ok(Found { runs: lab.store.runs(query, offset, rows)?, offset, total: 0 })
}

fn from_memory(lab: &Lab, query: &ListQuery, place: Place, rows: u64) -> Result<Option<Found>> {
    let mut found = Found::default();
    for _ in 0..TRIES {
        let Some(listing) = lab.store.names_listing(query)? else { return Ok(None) };
        let ids;
        (found, ids) = look_up(lab, &listing, place, rows)?;
        if found.runs.len() == ids.len() {
            break;
        }
        // Somebody deleted records in the middle.
        let gone = |id: &i64| !found.runs.iter().any(|run| run.id == *id);
        lab.store.forget_names(&ids.into_iter().filter(gone).collect::<Vec<_>>());
    }
    Ok(Some(found))
}

fn look_up(lab: &Lab, listing: &Listing, place: Place, rows: u64) -> Result<(Found, Vec<i64>)> {
    let total = lab.store.names_len(listing);
    let offset = first_row(place, total, rows, |id| Ok(lab.store.names_position(listing, id)))?;
    let ids = lab.store.names_part(listing, offset, rows);
    Ok((Found { runs: lab.store.runs_of(&ids)?, offset, total }, ids))
}

fn from_file(lab: &Lab, query: &ListQuery, place: Place, rows: u64) -> Result<Found> {
    let ids = lab.listed(query)?;
    let total = ids.len() as u64;
    let offset = first_row(place, total, rows, |id| match ids.iter().position(|other| *other == id) {
        Some(at) => Ok(Some(at as u64)),
        None => lab.store.position(query, id),
    })?;
    Ok(Found { runs: lab.store.runs_of(part(&ids, offset, rows))?, offset, total })
}

/// Where a part begins.
fn first_row(
    place: Place,
    total: u64,
    rows: u64,
    position: impl Fn(i64) -> Result<Option<u64>>,
) -> Result<u64> {
    Ok(match place {
        Place::Top => 0,
        Place::Bottom => total.saturating_sub(rows),
        Place::Offset(at) => at.min(total.saturating_sub(1)),
        Place::Around(id) => position(id)?.unwrap_or(0).saturating_sub(rows / 2),
    })
}
