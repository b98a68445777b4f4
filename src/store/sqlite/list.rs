//! What the catalogue of all records asks: ids in their order, a few columns of each record, and SQLite's rules of order
//! and of LIKE.

use std::collections::HashMap;

use rusqlite::types::{Value as SqlValue, ValueRef};

use super::{Store, like::Pattern};
use crate::{
    checkpoint::Cx,
    error::Result,
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
        self.collect(&sql, vec![SqlValue::Integer(place), SqlValue::Integer(count)], |row| row.get(0))
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
        self.collect(&sql, values, |row| {
            let id = row.get(0)?;
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

    /// SQLite sorts UTF-8 by its bytes, and blobs behind texts. Where the file is in UTF-16, a column has a collation, or
    /// numbers are among the cells, it is asked.
    pub(super) fn ranks_of(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        let is_number = |cell: &&[u8]| matches!(cell, [ODD, INTEGER | REAL, ..]);
        let columns: &[&str] = match column {
            TextColumn::Name => &["name"],
            TextColumn::User if !self.columns.has_submitted_by => &[],
            TextColumn::User => &["submitted_by"],
            TextColumn::OddTime => &["start_time", "end_time"],
        };
        if cells.iter().any(is_number) || !self.has_plain_texts()? {
            return self.ranks_by_sql(columns, cells);
        }
        let key = |cell: &[u8]| -> (bool, Vec<u8>) {
            match cell {
                [ODD, tag, bytes @ ..] => (*tag == BLOB, bytes.to_vec()),
                text => (false, text.to_vec()),
            }
        };
        let odd = cells.iter().any(|cell| cell.first() == Some(&ODD));
        let mut order: Vec<u32> = (0..cells.len() as u32).collect();
        let cell = |at: &u32| cells.get(*at as usize).copied().unwrap_or_default();
        if odd {
            order.sort_by_cached_key(|at| key(cell(at)));
        } else {
            order.sort_unstable_by_key(|at| cell(at));
        }
        cx.still_wanted()?;
        let mut ranks = vec![0; cells.len()];
        for (rank, equal) in (0..).zip(order.chunk_by(|a, b| cell(a) == cell(b))) {
            for at in equal {
                if let Some(place) = ranks.get_mut(*at as usize) {
                    *place = rank;
                }
            }
        }
        Ok(ranks)
    }

    fn ranks_by_sql(&self, columns: &[&str], cells: &[&[u8]]) -> Result<Vec<u32>> {
        let all: Vec<String> =
            columns.iter().map(|column| format!("SELECT {column} AS cell FROM workflow_runs")).collect();
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
        Ok(cells.iter().map(|cell| known.get(*cell).copied().unwrap_or(u32::MAX)).collect())
    }

    /// Texts in UTF-8, sorted by their bytes.
    fn has_plain_texts(&self) -> Result<bool> {
        let encoding: String =
            self.connection.pragma_query_value(None, "encoding", |r| r.get(0)).map_err(|e| self.error(e))?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'workflow_runs' AND sql LIKE '%collate%'";
        let collated: Vec<i64> = self.collect(sql, Vec::new(), |r| r.get(0))?;
        Ok(encoding == "UTF-8" && collated == [0])
    }

    pub(super) fn like(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
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
