//! A list made from the catalogue: which records match, in which order, and where one of them stands.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{
    Catalogue, Known,
    chosen::Chosen,
    columns::Columns,
    order::{By, Measure, NumberOrder, TimeOrder},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::query::{ListQuery, Order, SortKey},
    store::{Source, TextColumn},
};

/// The records of a list, as places in the catalogue.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Places in the list's order; `None` for all of them by id.
    rows: Option<Vec<u32>>,
    /// The order is by id, and the highest comes first.
    turned: bool,
    by: By,
    /// How many of its records failed.
    failed: u64,
}

/// How many records of a list stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StandingCounts {
    /// Without status and end: running, waiting or died.
    pub open: u64,
    /// Stopped after an error.
    pub stopped: u64,
    /// Stopped, and it is not known yet whether after an error.
    pub uncounted: u64,
}

/// What was made for the list that was asked for last: much of it serves the next one.
#[derive(Debug, Default)]
pub struct LastList {
    listing: Option<(ListOf, Arc<Listing>)>,
    /// The words, and which texts have them.
    matching: Option<(String, Arc<Vec<bool>>)>,
    /// How the records of a list stand, with so many changes and counts.
    pub(super) standings: Option<(Arc<Listing>, (u64, u64), StandingCounts)>,
    /// The order of the texts of a column.
    ranks: Option<(RanksOf, Arc<Vec<u32>>)>,
}

/// What a list was made of: the query, the changes and counts then, and the records that were chosen for it.
type ListOf = (ListQuery, (u64, u64), Option<Arc<Chosen>>);

/// A column, its order, how many texts there were, and which of them it used.
type RanksOf = (TextColumn, Order, usize, u64);

/// Records or texts that are looked at between two looks whether the list is still wanted.
const TOGETHER: usize = 1 << 16;

impl Catalogue {
    /// A list as of the last look at the file, of the records that were chosen in this state of the catalogue, if any were.
    ///
    /// # Errors
    /// [`crate::error::Error::Cancelled`] when nobody wants it any more; what the database said of words or order.
    pub fn list(
        &self,
        source: &dyn Source,
        query: &ListQuery,
        chosen: Option<&Arc<Chosen>>,
        cx: &Cx<'_>,
    ) -> Result<Arc<Listing>> {
        let known = self.inner.borrow();
        // What is counted counts only where it sorts.
        let changes = (known.changes, if query.sort.is_counted() { known.counted } else { 0 });
        let same = |of: &ListOf| (&of.0, of.1, of.2.as_ref()) == (query, changes, chosen);
        if let Some((_, listing)) = known.last_list.listing.as_ref().filter(|(of, _)| same(of)) {
            return Ok(Arc::clone(listing));
        }
        drop(known);
        let matching = match query.keyword.as_str() {
            "" => None,
            words => Some(self.matching(source, words, cx)?),
        };
        let by = self.order(source, query, cx)?;
        let mut known = self.inner.borrow_mut();
        let mut listing = Listing::default();
        if let Some(matching) = &matching {
            listing.rows = Some(known.columns.having(matching, cx)?);
        }
        if let Some(chosen) = chosen {
            let rows = &chosen.rows;
            listing.rows = Some(match listing.rows.take() {
                Some(found) => found.into_iter().filter(|row| rows.has(*row as usize)).collect(),
                None => rows.iter().map(|row| row as u32).collect(),
            });
        }
        listing.turned = by == By::Id && query.order == Order::Descending;
        listing.by = by;
        if listing.by != By::Id {
            let all = || (0..known.columns.len() as u32).collect();
            let rows = listing.rows.take().unwrap_or_else(all);
            listing.rows = Some(known.columns.sorted(rows, &listing.by));
        }
        listing.failed = match &listing.rows {
            Some(rows) if matching.is_some() || chosen.is_some() => {
                known.columns.failures(rows.iter().map(|row| *row as usize))
            }
            _ => known.columns.failed(),
        };
        let listing = Arc::new(listing);
        let of = (query.clone(), changes, chosen.cloned());
        known.last_list.listing = Some((of, Arc::clone(&listing)));
        Ok(listing)
    }

    pub fn len(&self, listing: &Listing) -> u64 {
        listing.len(&self.inner.borrow()) as u64
    }

    /// How many records of a list failed.
    pub fn failed(&self, listing: &Listing) -> u64 {
        listing.failed
    }

    /// Is this record in the list?
    pub fn is_listed(&self, listing: &Listing, id: i64) -> bool {
        let known = self.inner.borrow();
        listing.position(&known, id).and_then(|at| listing.id_at(&known, at)) == Some(id)
    }

    /// Ids of a part of a list.
    pub fn part(&self, listing: &Listing, from: u64, count: u64) -> Vec<i64> {
        let known = self.inner.borrow();
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        (at(from)..at(from.saturating_add(count))).map_while(|at| listing.id_at(&known, at)).collect()
    }

    /// The position of a record in a list, or the one where it would stand; `None` where there is no such record.
    pub fn position(&self, listing: &Listing, id: i64) -> Option<u64> {
        listing.position(&self.inner.borrow(), id).map(|at| at as u64)
    }

    /// The record next to another in a list's order.
    pub fn neighbour(&self, listing: &Listing, from: i64, forward: bool) -> Option<i64> {
        let known = self.inner.borrow();
        let at = listing.position(&known, from)?;
        let id = |row: u32| known.columns.rows.ids.get(row as usize);
        let all = |at: usize| listing.row_at(&known, at);
        let behind = if all(at).and_then(id) == Some(from) { at + 1 } else { at };
        let found =
            if forward { (behind..listing.len(&known)).find_map(all) } else { (0..at).rev().find_map(all) };
        found.and_then(id)
    }

    /// Which texts have IvoryOS's keyword in them. Of words that go on from those before, only those that had these are
    /// looked at: whatever has the longer words has the shorter ones too, where no character has a meaning of its own.
    fn matching(&self, source: &dyn Source, words: &str, cx: &Cx<'_>) -> Result<Arc<Vec<bool>>> {
        let before = self.inner.borrow().last_list.matching.clone();
        let texts = self.inner.borrow().columns.texts.len();
        let (before, mut matching) = match before {
            Some((of, known)) if of == words => {
                if known.len() == texts {
                    return Ok(known);
                }
                (None, known.to_vec())
            }
            Some((of, known)) if is_plain(&of) && is_plain(words) && words.contains(&of) => {
                (Some(known), Vec::with_capacity(texts))
            }
            _ => (None, Vec::with_capacity(texts)),
        };
        while matching.len() < texts {
            let some = matching.len()..texts.min(matching.len() + TOGETHER);
            let known = self.inner.borrow();
            let wanted =
                |number: &usize| before.as_ref().is_none_or(|before| before.get(*number) != Some(&false));
            let numbers: Vec<usize> = some.clone().filter(wanted).collect();
            let mut cells: Vec<(usize, &[u8])> = Vec::with_capacity(numbers.len());
            cells.extend(numbers.iter().filter_map(|n| Some((*n, known.columns.texts.get(*n as u32)?))));
            let bytes: Vec<&[u8]> = cells.iter().map(|(_, cell)| *cell).collect();
            let found = source.matching(words, &bytes, cx)?;
            matching.resize(some.end, false);
            for ((number, _), found) in cells.iter().zip(found) {
                if let Some(place) = matching.get_mut(*number) {
                    *place = found;
                }
            }
        }
        let matching = Arc::new(matching);
        self.inner.borrow_mut().last_list.matching = Some((words.to_owned(), Arc::clone(&matching)));
        Ok(matching)
    }

    fn order(&self, source: &dyn Source, query: &ListQuery, cx: &Cx<'_>) -> Result<By> {
        let time = |of_end: bool, odd| {
            let descending = query.order == Order::Descending;
            By::Time(TimeOrder { of_end, descending, null_is_lowest: source.features().null_is_lowest, odd })
        };
        let number =
            |of: Measure| By::Number(NumberOrder { of, descending: query.order == Order::Descending });
        let text =
            |column| -> Result<By> { Ok(By::Text(column, self.ranks(source, column, query.order, cx)?)) };
        Ok(match query.sort {
            SortKey::Outcome => number(Measure::Outcome),
            SortKey::Took => number(Measure::Took),
            SortKey::Iterations => number(Measure::Iterations),
            SortKey::Failures => number(Measure::Failures),
            SortKey::Steps => number(Measure::Steps),
            SortKey::FailedSteps => number(Measure::FailedSteps),
            SortKey::Id => By::Id,
            SortKey::Name => text(TextColumn::Name)?,
            SortKey::SubmittedBy => text(TextColumn::User)?,
            SortKey::Deck => text(TextColumn::Deck)?,
            SortKey::Mode => text(TextColumn::Mode)?,
            SortKey::Status => text(TextColumn::Status)?,
            SortKey::StartTime => time(false, self.odd_places(source, cx)?),
            SortKey::EndTime => time(true, self.odd_places(source, cx)?),
        })
    }

    /// The rank of each text in a column's order; in a descending one the highest text has the lowest.
    fn ranks(
        &self,
        source: &dyn Source,
        column: TextColumn,
        order: Order,
        cx: &Cx<'_>,
    ) -> Result<Arc<Vec<u32>>> {
        let known = self.inner.borrow();
        let used = known.columns.used(column);
        let key = (column, order, known.columns.texts.len(), hash_of(&used));
        if let Some((of, ranks)) = &known.last_list.ranks
            && *of == key
        {
            return Ok(Arc::clone(ranks));
        }
        let cells: Vec<&[u8]> = used.iter().filter_map(|number| known.columns.texts.get(*number)).collect();
        let found = source.ranks(column, &cells, cx)?;
        // Above all ranks, and below them 0, are for NULL.
        let top = found.iter().max().map_or(1, |rank| rank.saturating_add(2));
        let mut ranks = vec![0; known.columns.texts.len()];
        for (number, rank) in used.iter().zip(found) {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank + 1;
            }
        }
        if let Some(null) = ranks.first_mut().filter(|_| !source.features().null_is_lowest) {
            *null = top;
        }
        if order == Order::Descending {
            ranks.iter_mut().for_each(|rank| *rank = top - *rank);
        }
        let ranks = Arc::new(ranks);
        drop(known);
        self.inner.borrow_mut().last_list.ranks = Some((key, Arc::clone(&ranks)));
        Ok(ranks)
    }

    fn odd_places(&self, source: &dyn Source, cx: &Cx<'_>) -> Result<Vec<(i64, u32)>> {
        let known = self.inner.borrow();
        if known.columns.odd_times.is_empty() {
            return Ok(Vec::new());
        }
        let odd = &known.columns.odd_times;
        let cells: Vec<&[u8]> =
            odd.iter().map(|odd| known.columns.texts.get(odd.cell).unwrap_or_default()).collect();
        let ranks = source.ranks(TextColumn::OddTime, &cells, cx)?;
        Ok(odd.iter().zip(ranks).map(|(odd, rank)| (odd.before, rank)).collect())
    }
}

/// No character of these words means another.
fn is_plain(words: &str) -> bool {
    !words.contains(['%', '_', '\\'])
}

impl Listing {
    pub(super) fn len(&self, known: &Known) -> usize {
        self.rows.as_ref().map_or(known.columns.len(), Vec::len)
    }

    pub(super) fn row_at(&self, known: &Known, at: usize) -> Option<u32> {
        let at = if self.turned { self.len(known).checked_sub(at)?.checked_sub(1)? } else { at };
        match &self.rows {
            Some(rows) => rows.get(at).copied(),
            None => u32::try_from(at).ok(),
        }
    }

    pub(super) fn id_at(&self, known: &Known, at: usize) -> Option<i64> {
        known.columns.rows.ids.get(self.row_at(known, at)? as usize)
    }

    pub(super) fn position(&self, known: &Known, id: i64) -> Option<usize> {
        let row = u32::try_from(known.columns.rows.ids.find(id)?).ok()?;
        let key = (self.by.key(&known.columns, row), row);
        let before = match &self.rows {
            Some(rows) => rows.partition_point(|other| (self.by.key(&known.columns, *other), *other) < key),
            None => row as usize,
        };
        if !self.turned {
            return Some(before);
        }
        let is_in = self.rows.as_ref().is_none_or(|rows| rows.get(before) == Some(&row));
        self.len(known).checked_sub(before + usize::from(is_in))
    }
}

impl Columns {
    /// Numbers of the texts that a column may have.
    fn used(&self, column: TextColumn) -> Vec<u32> {
        let mut used = vec![false; self.texts.len()];
        let mut mark = |number: u32| {
            if let Some(place) = used.get_mut(number as usize) {
                *place = true;
            }
        };
        match column {
            TextColumn::Name => self.rows.names.iter().for_each(|number| mark(*number)),
            TextColumn::User | TextColumn::Deck | TextColumn::Mode | TextColumn::Status => {
                self.kinds.iter().for_each(|kind| mark(kind.text(column)));
            }
            TextColumn::OddTime => self.odd_times.iter().for_each(|odd| mark(odd.cell)),
        }
        (1..self.texts.len() as u32).filter(|number| used.get(*number as usize) == Some(&true)).collect()
    }

    /// Places of the records whose name or user matches.
    fn having(&self, matching: &[bool], cx: &Cx<'_>) -> Result<Vec<u32>> {
        let has = |number: u32| matching.get(number as usize) == Some(&true);
        let kinds: Vec<bool> = self.kinds.iter().map(|kind| has(kind.user)).collect();
        let mut found = Vec::new();
        let pieces = self.rows.names.chunks(TOGETHER).zip(self.rows.kinds.chunks(TOGETHER));
        for ((names, of_kind), first) in pieces.zip((0_u32..).step_by(TOGETHER)) {
            cx.still_wanted()?;
            let rows = names.iter().zip(of_kind).zip(first..);
            let wanted =
                rows.filter(|((name, kind), _)| has(**name) || kinds.get(**kind as usize) == Some(&true));
            found.extend(wanted.map(|(_, row)| row));
        }
        Ok(found)
    }
}

fn hash_of(used: &[u32]) -> u64 {
    let mut hasher = DefaultHasher::new();
    used.hash(&mut hasher);
    hasher.finish()
}
