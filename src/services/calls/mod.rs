//! Calls by hand: what people did on the instruments outside of runs, newest first, searched, by time, and around a record.

mod export;
mod line;
pub(super) mod list;
mod near;
#[cfg(test)]
mod tests;

use std::{ops::ControlFlow, sync::Arc};

use jiff::civil::DateTime;

use super::{
    find_value::{self, CellFilter},
    lab::Lab,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    formats::call::{arguments_line, result_line},
    model::{
        call::{Call, CallColumns, CallQuery},
        needle::Needle,
        query::Place,
        value::{Cell, RawCell},
    },
};
use list::{CallList, CallSpan, within};

pub use export::{CallFormat, into_folder, write};
pub use line::CallLine;
pub use near::{CallsAround, around, before};

/// Part of a list of calls, and the list's numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallPage {
    pub rows: Vec<CallLine>,
    /// Position of the first row in the whole list, from 0.
    pub offset: u64,
    /// How many calls there are is not known yet: `total` is up to these rows.
    pub uncounted: bool,
    /// How many calls the query finds.
    pub total: u64,
    /// How many calls the file has, once that is known.
    pub all: Option<u64>,
    /// When this was read.
    pub as_of: DateTime,
}

/// Calls that are read in one go, and about how many bytes of them.
const PIECE: usize = 2_000;
const MUCH: usize = 1 << 20;
/// Pieces that are searched before what was found in them is shown.
const AT_ONCE: usize = 4;
/// In a file with more calls than this, reading them takes noticeable time.
const MANY: i64 = 2_000;
/// The last calls, which IvoryOS may still write into, are read again after a commit.
const UNSETTLED: usize = 64;
/// How often a page is made again when calls in it turn out to be deleted.
const TRIES: usize = 3;
/// All ids.
const ALL: CallSpan = (i64::MIN, i64::MAX);

/// Part of the list with the numbers of the whole list. Unless `whole`, what is seen first of many calls comes without
/// numbers.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when nobody wants it any more.
pub fn page(
    lab: &Lab,
    query: &CallQuery,
    place: Place,
    rows: usize,
    whole: bool,
    cx: &mut Cx<'_>,
) -> Result<CallPage> {
    let as_of = lab.now();
    let known = |query: &CallQuery, cx: &Cx<'_>| {
        let version = lab.version(cx)?;
        lab.memo.calls(query).filter(|list| list.version == Some(version))
    };
    let is_first = !whole && place == Place::Top && query.began.is_all();
    if is_first
        && known(query, cx).is_none()
        && is_large(lab, cx)?
        && let Some(rows) = first_rows(lab, query, rows, cx)?
    {
        let total = rows.len() as u64;
        return Ok(CallPage { rows, total, uncounted: true, as_of, ..CallPage::default() });
    }
    let mut page = CallPage::default();
    for _ in 0..TRIES {
        let list = list(lab, query, cx)?;
        let total = list.len();
        let offset = match place {
            Place::Top => 0,
            Place::Bottom => total.saturating_sub(rows),
            Place::Offset(at) => usize::try_from(at).unwrap_or(usize::MAX).min(total.saturating_sub(1)),
            Place::Around(id) => list.place(id).saturating_sub(rows / 2),
        };
        let part = list.part(offset, rows);
        page = CallPage { offset: offset as u64, total: total as u64, as_of, ..CallPage::default() };
        // The ids are those that the words found.
        let any = CallQuery::default();
        walk(lab, &any, (&part, CallColumns::All), cx, |call| {
            page.rows.push(CallLine::of(&call));
            Ok(ControlFlow::Continue(()))
        })?;
        if page.rows.len() == rows.min(total - offset.min(total)) {
            break;
        }
        // Somebody deleted calls in the middle.
        lab.memo.forget_calls();
    }
    page.all = known(&CallQuery::default(), cx).map(|list| list.len() as u64);
    Ok(page)
}

/// The first calls of a list, as many as are found at once; `None` where no others are left to be read.
fn first_rows(lab: &Lab, query: &CallQuery, rows: usize, cx: &mut Cx<'_>) -> Result<Option<Vec<CallLine>>> {
    let (mut found, mut high) = (Vec::new(), ALL.1);
    let parts = parts_of(&query.words);
    let search = Search::of(&query.words, &parts);
    for _ in 0..AT_ONCE {
        let (calls, rest) = piece(lab, (ALL.0, high), CallColumns::All, cx)?;
        let has_words = |call: &&Call| search.finds(call);
        found.extend(calls.iter().filter(has_words).take(rows - found.len()).map(CallLine::of));
        if found.len() >= rows {
            return Ok(Some(found));
        }
        cx.check(Progress::default())?;
        let Some(rest) = rest else { return Ok(None) };
        high = rest;
    }
    Ok(Some(found))
}

fn is_large(lab: &Lab, cx: &Cx<'_>) -> Result<bool> {
    let mut newest = None;
    lab.source().calls(
        ALL,
        CallColumns::Times,
        &mut |call| {
            newest = Some(call.id);
            ControlFlow::Break(())
        },
        cx,
    )?;
    Ok(newest.is_some_and(|id| id > MANY))
}

/// How many calls by hand the file has.
///
/// # Errors
/// As any read.
pub fn count(lab: &Lab, cx: &mut Cx<'_>) -> Result<u64> {
    Ok(list(lab, &CallQuery::default(), cx)?.len() as u64)
}

/// One call; `None` where it is gone.
///
/// # Errors
/// As any read.
pub fn one(lab: &Lab, id: i64, cx: &Cx<'_>) -> Result<Option<Call>> {
    Ok(piece(lab, (id, id), CallColumns::All, cx)?.0.pop())
}

/// Gives all calls that a query finds, newest first; nothing is open in the database while `each` has one.
///
/// # Errors
/// As any read, and those of `each`.
pub fn each(
    lab: &Lab,
    query: &CallQuery,
    cx: &mut Cx<'_>,
    mut each: impl FnMut(&Call) -> Result<()>,
) -> Result<()> {
    let spans = match query.began.is_all() {
        true => vec![ALL],
        false => list(lab, &CallQuery::default(), cx)?.spans_of(&query.began),
    };
    walk(lab, query, (&spans, CallColumns::All), cx, |call| each(&call).map(ControlFlow::Continue))
}

/// The list of a query in the file as it is now.
fn list(lab: &Lab, query: &CallQuery, cx: &mut Cx<'_>) -> Result<Arc<CallList>> {
    let version = lab.version(cx);
    let known = lab.memo.calls(query);
    if let Some(list) = known.as_ref().filter(|list| list.version.is_some() && list.version == version) {
        return Ok(Arc::clone(list));
    }
    let mut list = known.map_or_else(|| CallList::new(query.clone(), version), |known| (*known).clone());
    list.version = version;
    let mut from = ALL.0;
    if let Some(top) = list.forget_newest(UNSETTLED) {
        // An id that is gone was, like those above it, perhaps given anew.
        match one(lab, top, cx)? {
            Some(_) if top < ALL.1 => from = top + 1,
            _ => list = CallList::new(query.clone(), version),
        }
    }
    let mut newer = CallList::new(query.clone(), version);
    let spans = merged(&within(candidates(lab, query, cx)?.into_iter(), (from, ALL.1)));
    let columns = if query.words.is_empty() { CallColumns::Times } else { CallColumns::All };
    walk(lab, query, (&spans, columns), cx, |call| {
        newer.push(call.id, call.start.at());
        Ok(ControlFlow::Continue(()))
    })?;
    list.extend(newer);
    let list = Arc::new(list);
    lab.memo.keep_calls(&list);
    Ok(list)
}

/// Where the calls of a query may stand, as far as other lists tell it.
fn candidates(lab: &Lab, query: &CallQuery, cx: &mut Cx<'_>) -> Result<Vec<CallSpan>> {
    if query.is_all() {
        return Ok(vec![ALL]);
    }
    let all = list(lab, &CallQuery::default(), cx)?;
    let wider = lab.memo.fewest_calls(|known| {
        let less = &known.query;
        let fewer_words =
            less.words.is_ascii() && query.words.is_ascii() && query.words.contains(&less.words);
        known.version.is_some() && known.version == all.version && less.began == query.began && fewer_words
    });
    Ok(match wider {
        Some(wider) => wider.spans().collect(),
        None => all.spans_of(&query.began),
    })
}

/// Ranges with fewer ids between them are read as one: what stands between is no call of the query.
const NEAR: u64 = 32;

fn merged(spans: &[CallSpan]) -> Vec<CallSpan> {
    let mut merged: Vec<CallSpan> = Vec::new();
    for (low, high) in spans {
        match merged.last_mut() {
            Some((last, _)) if last.abs_diff(*high) <= NEAR => *last = *low,
            _ => merged.push((*low, *high)),
        }
    }
    merged
}

/// Gives the calls of a query that stand in some spans of ids, newest first, until there are enough.
fn walk(
    lab: &Lab,
    query: &CallQuery,
    (spans, columns): (&[CallSpan], CallColumns),
    cx: &mut Cx<'_>,
    mut see: impl FnMut(Call) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let parts = parts_of(&query.words);
    let search = Search::of(&query.words, &parts);
    let mut done = 0;
    for range in spans {
        let (low, mut high) = *range;
        loop {
            let (calls, rest) = piece(lab, (low, high), columns, cx)?;
            done += calls.len() as u64;
            for call in
                calls.into_iter().filter(|call| query.began.has(call.start.at()) && search.finds(call))
            {
                if see(call)?.is_break() {
                    return Ok(());
                }
            }
            cx.check(Progress { done, total: None })?;
            let Some(rest) = rest else { break };
            high = rest;
        }
    }
    Ok(())
}

/// Calls of a range, newest first, and the highest id that is still to be read.
fn piece(
    lab: &Lab,
    (low, high): CallSpan,
    columns: CallColumns,
    cx: &Cx<'_>,
) -> Result<(Vec<Call>, Option<i64>)> {
    let (mut calls, mut bytes, mut is_full) = (Vec::new(), 0, false);
    let mut see = |call: Call| {
        bytes += call.bytes();
        calls.push(call);
        is_full = calls.len() >= PIECE || bytes >= MUCH;
        if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    lab.source().calls((low, high), columns, &mut see, cx)?;
    let rest = calls.last().filter(|last| is_full && last.id > low).map(|last| last.id - 1);
    Ok((calls, rest))
}

/// The parts of words that stand in a stored text as they are shown.
fn parts_of(words: &str) -> Vec<Needle> {
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    parts.filter(|part| !part.is_empty()).map(Needle::new).collect()
}

/// Words that are searched in calls.
struct Search<'a> {
    needle: Needle,
    /// A cell that lacks one of their parts has not the words.
    filters: Vec<CellFilter<'a>>,
}

impl<'a> Search<'a> {
    fn of(words: &str, parts: &'a [Needle]) -> Self {
        Self { needle: Needle::new(words), filters: parts.iter().map(CellFilter::new).collect() }
    }

    fn finds(&self, call: &Call) -> bool {
        let is_in = |text: &str| self.needle.is_in(text);
        self.needle.is_empty()
            || is_in(&call.method_name)
            || call.run_error.as_deref().is_some_and(is_in)
            || self.is_in_cell(&call.kwargs, arguments_line)
            || self.is_in_cell(&call.output, result_line)
    }

    /// In its values, or in the line that is shown of it.
    fn is_in_cell(&self, cell: &RawCell, line: fn(&Cell) -> String) -> bool {
        if cell.is_null() || !self.filters.iter().all(|filter| filter.may_be_in(cell)) {
            return false;
        }
        let cell = cell.read();
        let value = if let Cell::Json(value) = &cell { find_value::has(value, &self.needle) } else { false };
        value || self.needle.is_in(&line(&cell))
    }
}
