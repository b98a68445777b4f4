//! What the catalogue of all records asks: ids in their order, a few columns of each record, and SQLite's rules of order
//! and of LIKE.

use std::{cmp::Ordering, collections::HashMap};

use rusqlite::types::{Value as SqlValue, ValueRef};

use super::{Store, id_order::IdOrder, like::Pattern};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        query::Order,
        run_facts::{ODD, RunFacts, StoredText, StoredTime},
        time_key::TimeKey,
    },
    store::{FactColumns, IdPlace, TextColumn},
};

/// Behind [`ODD`] in a cell: what it is.
const INTEGER: u8 = 1;
const REAL: u8 = 2;
/// Text that is no UTF-8.
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// SQLite's limit for patterns, without the `%` on both sides.
const LONGEST_KEYWORD: usize = 50_000 - 2;

/// Cells that are matched between two looks whether they are still wanted.
const TOGETHER: usize = 4096;

impl Store {
    pub(super) fn ids_from(&self, from: IdPlace, order: Order, count: usize) -> Result<Vec<i64>> {
        let (direction, beyond) = match order {
            Order::Ascending => ("ASC", ">"),
            Order::Descending => ("DESC", "<"),
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let (sql, place) = match from {
            IdPlace::Skip(skipped) => (
                format!("SELECT id FROM workflow_runs ORDER BY id {direction} LIMIT ?2 OFFSET ?1"),
                i64::try_from(skipped).unwrap_or(i64::MAX),
            ),
            IdPlace::Behind(id) => (
                format!("SELECT id FROM workflow_runs WHERE id {beyond} ?1 ORDER BY id {direction} LIMIT ?2"),
                id,
            ),
        };
        let mut places = match order {
            Order::Ascending => IdOrder::rising(i64::MIN, i64::MAX),
            Order::Descending => IdOrder::falling(i64::MIN, i64::MAX),
        };
        self.collect(&sql, vec![SqlValue::Integer(place), SqlValue::Integer(count)], |row| {
            places.next(row.get(0)?)
        })
    }

    pub(super) fn facts_from(
        &self,
        from: i64,
        rows: usize,
        columns: FactColumns,
        see: &mut dyn FnMut(&RunFacts<'_>),
    ) -> Result<()> {
        let sql = self.columns.run_facts(columns);
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let values = vec![SqlValue::Integer(from), SqlValue::Integer(rows)];
        let mut cells: [Vec<u8>; 7] = Default::default();
        let mut places = IdOrder::rising(from, i64::MAX);
        self.collect(&sql, values, |row| {
            let id = places.next(row.get(0)?)?;
            let [name, user, deck, mode, status, start, end] = &mut cells;
            see(&RunFacts {
                id,
                name: stored(row.get_ref(1)?, name),
                user: stored(row.get_ref(2)?, user),
                deck: stored(row.get_ref(3)?, deck),
                mode: stored(row.get_ref(4)?, mode),
                status: stored(row.get_ref(5)?, status),
                start: time(row.get_ref(6)?, start),
                end: time(row.get_ref(7)?, end),
            });
            Ok(())
        })?;
        Ok(())
    }

    /// SQLite sorts numbers, then UTF-8 by its bytes, then blobs. Where the file is in UTF-16 or a column has a collation, it
    /// is asked.
    pub(super) fn ranks_of(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        if !self.has_plain_texts()? {
            let columns: &[&str] = match column {
                TextColumn::Name => &["name"],
                TextColumn::User => &["submitted_by"],
                TextColumn::Deck => &["platform"],
                TextColumn::Mode => &["repeat_mode"],
                TextColumn::Status => &["status"],
                TextColumn::OddTime => &["start_time", "end_time"],
            };
            return self.ranks_by_sql(columns, cells);
        }
        let mut order: Vec<(Sortable<'_>, u32)> =
            cells.iter().map(|cell| Sortable::of(cell)).zip(0..).collect();
        order.sort_unstable_by(|(a, _), (b, _)| a.compare(b));
        cx.still_wanted()?;
        let mut ranks = vec![0; cells.len()];
        for (rank, equal) in (0..).zip(order.chunk_by(|(a, _), (b, _)| a.compare(b).is_eq())) {
            for (_, at) in equal {
                if let Some(place) = ranks.get_mut(*at as usize) {
                    *place = rank;
                }
            }
        }
        Ok(ranks)
    }

    fn ranks_by_sql(&self, columns: &[&str], cells: &[&[u8]]) -> Result<Vec<u32>> {
        let there = columns.iter().filter(|column| self.columns.has_fact(column));
        let all: Vec<String> =
            there.map(|column| format!("SELECT {column} AS cell FROM workflow_runs")).collect();
        if all.is_empty() {
            return Ok(vec![0; cells.len()]);
        }
        let sql =
            format!("SELECT cell, dense_rank() OVER (ORDER BY cell) FROM ({})", all.join(" UNION ALL "));
        let mut known = HashMap::new();
        let mut buffer = Vec::new();
        self.collect(&sql, Vec::new(), |row| {
            if let Some(cell) = stored(row.get_ref(0)?, &mut buffer)
                && !known.contains_key(cell)
            {
                known.insert(cell.to_vec(), row.get::<_, u32>(1)?);
            }
            Ok(())
        })?;
        // A cell that no record has any more is behind all others.
        let none = known.values().max().map_or(0, |rank| rank.saturating_add(1));
        Ok(cells.iter().map(|cell| known.get(*cell).copied().unwrap_or(none)).collect())
    }

    /// Texts in UTF-8, sorted by their bytes.
    fn has_plain_texts(&self) -> Result<bool> {
        let encoding: String =
            self.lent()?.pragma_query_value(None, "encoding", |r| r.get(0)).map_err(|e| self.error(e))?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'workflow_runs' AND sql LIKE '%collate%'";
        let collated: Vec<i64> = self.collect(sql, Vec::new(), |r| r.get(0))?;
        Ok(encoding == "UTF-8" && collated == [0])
    }

    pub(super) fn like(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
        if keyword.len() > LONGEST_KEYWORD {
            return Err(Error::Usage(format!(
                "the words to search for have {} bytes, and SQLite takes up to {LONGEST_KEYWORD}; give fewer",
                keyword.len()
            )));
        }
        let mut words = Pattern::of(keyword);
        let mut matching = Vec::with_capacity(cells.len());
        for some in cells.chunks(TOGETHER) {
            cx.still_wanted()?;
            for cell in some {
                let known = if cell.first() == Some(&ODD) { None } else { words.are_in(cell) };
                matching.push(match known {
                    Some(known) => known,
                    None => self.like_by_sql(cell, keyword)?,
                });
            }
        }
        Ok(matching)
    }

    fn like_by_sql(&self, cell: &[u8], keyword: &str) -> Result<bool> {
        let pattern = SqlValue::Text(format!("%{keyword}%"));
        // A cell that came as text goes back as a blob that is made text again: it may be no UTF-8.
        let (sql, cell) = match cell {
            [ODD, INTEGER, bytes @ ..] => {
                ("SELECT ?1 LIKE ?2", SqlValue::Integer(i64::from_le_bytes(eight(bytes))))
            }
            [ODD, REAL, bytes @ ..] => {
                ("SELECT ?1 LIKE ?2", SqlValue::Real(f64::from_le_bytes(eight(bytes))))
            }
            [ODD, BLOB, bytes @ ..] => ("SELECT ?1 LIKE ?2", SqlValue::Blob(bytes.to_vec())),
            [ODD, _, bytes @ ..] => ("SELECT CAST(?1 AS TEXT) LIKE ?2", SqlValue::Blob(bytes.to_vec())),
            text => match String::from_utf8(text.to_vec()) {
                Ok(text) => ("SELECT ?1 LIKE ?2", SqlValue::Text(text)),
                Err(odd) => ("SELECT CAST(?1 AS TEXT) LIKE ?2", SqlValue::Blob(odd.into_bytes())),
            },
        };
        let found = self.collect(sql, vec![cell, pattern], |row| row.get::<_, Option<bool>>(0))?;
        Ok(found == [Some(true)])
    }
}

/// A cell as SQLite sorts it: by its type first.
enum Sortable<'a> {
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl<'a> Sortable<'a> {
    fn of(cell: &'a [u8]) -> Self {
        match cell {
            [ODD, INTEGER, bytes @ ..] => Sortable::Integer(i64::from_le_bytes(eight(bytes))),
            [ODD, REAL, bytes @ ..] => Sortable::Real(f64::from_le_bytes(eight(bytes))),
            [ODD, BLOB, bytes @ ..] => Sortable::Blob(bytes),
            [ODD, _, bytes @ ..] => Sortable::Text(bytes),
            text => Sortable::Text(text),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        use Sortable::{Blob, Integer, Real, Text};
        match (self, other) {
            (Integer(a), Integer(b)) => a.cmp(b),
            (Real(a), Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Integer(a), Real(b)) => compare_numbers(*a, *b),
            (Real(a), Integer(b)) => compare_numbers(*b, *a).reverse(),
            (Text(a), Text(b)) | (Blob(a), Blob(b)) => a.cmp(b),
            _ => self.class().cmp(&other.class()),
        }
    }

    fn class(&self) -> u8 {
        match self {
            Sortable::Integer(_) | Sortable::Real(_) => 0,
            Sortable::Text(_) => 1,
            Sortable::Blob(_) => 2,
        }
    }
}

/// Exactly, also where an integer has more digits than a real number.
fn compare_numbers(integer: i64, real: f64) -> Ordering {
    // All integers lie between these two, and the whole part of a number between them is one.
    if real >= -(i64::MIN as f64) {
        return Ordering::Less;
    }
    if real < i64::MIN as f64 {
        return Ordering::Greater;
    }
    let rest = 0.0_f64.partial_cmp(&real.fract()).unwrap_or(Ordering::Equal);
    integer.cmp(&(real.trunc() as i64)).then(rest)
}

fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.first_chunk().copied().unwrap_or_default()
}

/// A cell as the catalogue keeps it; what is no UTF-8 is put together in `buffer`.
fn stored<'a>(cell: ValueRef<'a>, buffer: &'a mut Vec<u8>) -> StoredText<'a> {
    let mut odd = |tag: u8, bytes: &[u8]| {
        buffer.clear();
        buffer.extend([ODD, tag]);
        buffer.extend_from_slice(bytes);
    };
    match cell {
        ValueRef::Null => return None,
        ValueRef::Text(text) if std::str::from_utf8(text).is_ok() => return Some(text),
        ValueRef::Text(text) => odd(TEXT, text),
        ValueRef::Integer(number) => odd(INTEGER, &number.to_le_bytes()),
        ValueRef::Real(number) => odd(REAL, &number.to_le_bytes()),
        ValueRef::Blob(blob) => odd(BLOB, blob),
    }
    Some(buffer)
}

fn time<'a>(cell: ValueRef<'a>, buffer: &'a mut Vec<u8>) -> StoredTime<'a> {
    let before = match cell {
        ValueRef::Null => return StoredTime::Null,
        ValueRef::Text(text) => match TimeKey::of_text(text) {
            Some(key) => return StoredTime::At(key),
            None => TimeKey::behind(text),
        },
        // SQLite's order of types.
        ValueRef::Integer(_) | ValueRef::Real(_) => 0,
        ValueRef::Blob(_) => TimeKey::END,
    };
    StoredTime::Odd { cell: stored(cell, buffer).unwrap_or_default(), before }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a cell is stays told, also for cells that look alike.
    #[test]
    fn cells_of_different_kinds_are_different() {
        let cells = [
            ValueRef::Integer(1),
            ValueRef::Real(1.0),
            ValueRef::Text(b"1"),
            ValueRef::Blob(b"1"),
            ValueRef::Text(b"\xff1"),
        ];
        let mut seen = std::collections::HashSet::new();
        for cell in cells {
            assert!(seen.insert(stored(cell, &mut Vec::new()).unwrap().to_vec()));
        }
        assert_eq!(stored(ValueRef::Null, &mut Vec::new()), None);
    }
}
