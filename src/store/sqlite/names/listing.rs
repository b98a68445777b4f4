//! A list made from memory: which records match, in which order, and where one of them stands.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};

use super::{Names, kinds::Kinds, like::Pattern};
use crate::{
    checkpoint::is_cancelled,
    error::{Error, Result},
    model::query::{ListQuery, Order, SortKey},
    store::sqlite::Store,
};

/// The records of a list, as places in the memory of names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Places in the memory, in the list's order; `None` for all of them.
    rows: Option<Vec<u32>>,
    /// The order is by id, and the highest comes first.
    turned: bool,
    /// The place of each kind, where the order is by kinds.
    ranks: Option<Vec<u32>>,
    /// Which kinds have the words; empty without words.
    matching: Vec<bool>,
}

/// Kinds or records that are looked at between two questions whether the list is still wanted.
const TOGETHER: usize = 1 << 16;

impl Store {
    /// A list from memory as of the last look at the file; `None` for an order that is not known there.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when nobody wants it any more.
    pub fn names_listing(&self, query: &ListQuery) -> Result<Option<Arc<Listing>>> {
        let names = self.names.borrow();
        if let Some((of, changes, listing)) = &names.listing
            && (of, *changes) == (query, names.changes)
        {
            return Ok(Some(Arc::clone(listing)));
        }
        if matches!(query.sort, SortKey::StartTime | SortKey::EndTime) {
            return Ok(None);
        }
        let mut listing = Listing::default();
        if !query.keyword.is_empty() {
            listing.matching = self.matching(&names, &query.keyword)?;
            let has = |number| listing.matching.get(number) == Some(&true);
            listing.rows = Some(rows(&names.numbers, has)?);
        }
        if query.sort == SortKey::Id {
            listing.turned = query.order == Order::Descending;
        } else {
            let Some(ranks) = ranks(&names.kinds, query) else { return Ok(None) };
            let found = match listing.rows.take() {
                Some(rows) => rows,
                None => rows(&names.numbers, |_| true)?,
            };
            listing.rows = Some(sorted(&found, |row| rank(&ranks, &names.numbers, row)));
            listing.ranks = Some(ranks);
        }
        let (listing, changes) = (Arc::new(listing), names.changes);
        drop(names);
        self.names.borrow_mut().listing = Some((query.clone(), changes, Arc::clone(&listing)));
        Ok(Some(listing))
    }

    pub fn names_len(&self, listing: &Listing) -> u64 {
        self.names.borrow().len(listing) as u64
    }

    /// Ids of a part of a list.
    pub fn names_part(&self, listing: &Listing, from: u64, count: u64) -> Vec<i64> {
        let names = self.names.borrow();
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        (at(from)..at(from.saturating_add(count))).map_while(|at| names.id_at(listing, at)).collect()
    }

    /// The position of a record in a list, or the one where it would stand; `None` where there is no such record.
    pub fn names_position(&self, listing: &Listing, id: i64) -> Option<u64> {
        self.names.borrow().position(listing, id).map(|at| at as u64)
    }

    /// As [`Store::neighbour`], from memory; outer `None` where only the file can tell.
    ///
    /// # Errors
    /// As any read.
    pub fn names_neighbour(
        &self,
        query: &ListQuery,
        from: i64,
        forward: bool,
        failed_only: bool,
    ) -> Result<Option<Option<i64>>> {
        let exact = self.names.borrow().exact;
        if exact.is_none() || exact != Some(self.data_version()?) {
            return Ok(None);
        }
        let Some(listing) = self.names_listing(query)? else { return Ok(None) };
        let names = self.names.borrow();
        let Some(at) = names.position(&listing, from) else { return Ok(Some(None)) };
        let failed = |row: &u32| names.numbers.get(*row as usize).is_some_and(|n| names.kinds.is_failed(*n));
        let wanted = |row: &u32| !(failed_only && self.columns.has_status) || failed(row);
        let id = |row: u32| names.ids.get(row as usize).copied();
        let all = |at: usize| names.row_at(&listing, at);
        let behind = if all(at).and_then(id) == Some(from) { at + 1 } else { at };
        let found = if forward {
            (behind..names.len(&listing)).filter_map(all).find(wanted)
        } else {
            (0..at).rev().filter_map(all).find(wanted)
        };
        Ok(Some(found.and_then(id)))
    }

    /// Which kinds have the words. Of words that go on from those of the list before, only its kinds are looked at.
    fn matching(&self, names: &Names, keyword: &str) -> Result<Vec<bool>> {
        let mut words = Pattern::of(keyword);
        let before = names.listing.as_ref().filter(|(query, ..)| words.go_on_from(&query.keyword));
        let before = before.map_or(&[][..], |(.., listing)| &listing.matching);
        let mut matching = Vec::with_capacity(names.kinds.len());
        for at in 0..names.kinds.len() {
            if at.is_multiple_of(TOGETHER) {
                wanted()?;
            }
            let mut has = false;
            // Kinds that came since the list before are behind its own.
            if before.get(at) != Some(&false)
                && let Some(kind) = names.kinds.get(at)
            {
                has =
                    self.has(kind.name, &mut words, keyword)? || self.has(kind.user, &mut words, keyword)?;
            }
            matching.push(has);
        }
        Ok(matching)
    }

    fn has(&self, cell: ValueRef<'_>, words: &mut Pattern, keyword: &str) -> Result<bool> {
        match cell {
            ValueRef::Null => return Ok(false),
            ValueRef::Text(text) => {
                if let Some(has) = words.are_in(text) {
                    return Ok(has);
                }
            }
            _ => {}
        }
        let like = || {
            let mut statement = self.connection.prepare_cached("SELECT ?1 LIKE ?2")?;
            let (cell, pattern) = (ToSqlOutput::Borrowed(cell), format!("%{keyword}%"));
            statement.query_row((cell, pattern), |row| row.get::<_, Option<bool>>(0))
        };
        like().map(|has| has == Some(true)).map_err(|e| self.error(e))
    }
}

impl Names {
    fn len(&self, listing: &Listing) -> usize {
        listing.rows.as_ref().map_or(self.ids.len(), Vec::len)
    }

    fn row_at(&self, listing: &Listing, at: usize) -> Option<u32> {
        let at = if listing.turned { self.len(listing).checked_sub(at)?.checked_sub(1)? } else { at };
        match &listing.rows {
            Some(rows) => rows.get(at).copied(),
            None => u32::try_from(at).ok(),
        }
    }

    fn id_at(&self, listing: &Listing, at: usize) -> Option<i64> {
        self.ids.get(self.row_at(listing, at)? as usize).copied()
    }

    fn position(&self, listing: &Listing, id: i64) -> Option<usize> {
        let row = u32::try_from(self.ids.binary_search(&id).ok()?).ok()?;
        let rank = |row: u32| listing.ranks.as_ref().map_or(0, |ranks| rank(ranks, &self.numbers, row));
        let key = (rank(row), row);
        let before = match &listing.rows {
            Some(rows) => rows.partition_point(|other| (rank(*other), *other) < key),
            None => row as usize,
        };
        if !listing.turned {
            return Some(before);
        }
        let is_in = listing.rows.as_ref().is_none_or(|rows| rows.get(before) == Some(&row));
        self.len(listing).checked_sub(before + usize::from(is_in))
    }
}

fn wanted() -> Result<()> {
    if is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

/// Places of the records of some kinds.
fn rows(numbers: &[u32], of: impl Fn(usize) -> bool) -> Result<Vec<u32>> {
    let mut rows = Vec::new();
    for (piece, first) in numbers.chunks(TOGETHER).zip((0_u32..).step_by(TOGETHER)) {
        wanted()?;
        rows.extend(
            piece.iter().zip(first..).filter(|(number, _)| of(**number as usize)).map(|(_, row)| row),
        );
    }
    Ok(rows)
}

fn rank(ranks: &[u32], numbers: &[u32], row: u32) -> u32 {
    let number = numbers.get(row as usize).map_or(0, |number| *number as usize);
    ranks.get(number).copied().unwrap_or_default()
}

/// More kinds than are sorted sooner than SQL finds the first records.
const MANY: usize = 100_000;

/// The place of each kind in the order by name or user, the same for equal ones; `None` with numbers among them, and for
/// very many.
fn ranks(kinds: &Kinds, query: &ListQuery) -> Option<Vec<u32>> {
    if kinds.len() > MANY {
        return None;
    }
    let cells = kinds.all().map(|kind| {
        // SQLite's order of types; bytes within them.
        match if query.sort == SortKey::Name { kind.name } else { kind.user } {
            ValueRef::Null => Some((0, &[][..])),
            ValueRef::Text(text) => Some((1, text)),
            ValueRef::Blob(blob) => Some((2, blob)),
            ValueRef::Integer(_) | ValueRef::Real(_) => None,
        }
    });
    let mut order: Vec<_> = cells.enumerate().map(|(at, cell)| Some((cell?, at))).collect::<Option<_>>()?;
    order.sort_unstable();
    if query.order == Order::Descending {
        order.reverse();
    }
    let mut ranks = vec![0; order.len()];
    for (rank, equal) in (0..).zip(order.chunk_by(|(a, _), (b, _)| a == b)) {
        for (_, at) in equal {
            if let Some(place) = ranks.get_mut(*at) {
                *place = rank;
            }
        }
    }
    Some(ranks)
}

/// Sorted by rank; what is equal keeps its order.
fn sorted(rows: &[u32], rank: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut next: Vec<u32> = Vec::new();
    for row in rows {
        let place = rank(*row) as usize + 1;
        if next.len() <= place {
            next.resize(place + 1, 0);
        }
        if let Some(count) = next.get_mut(place) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut next {
        sum += *count;
        *count = sum;
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let Some(at) = next.get_mut(rank(*row) as usize) else { continue };
        if let Some(place) = sorted.get_mut(*at as usize) {
            *place = *row;
        }
        *at += 1;
    }
    sorted
}
