//! Questions about the list of records.

use std::fmt::Write as _;

use rusqlite::{Row, params_from_iter, types::Value as SqlValue, types::ValueRef};

use super::Store;
use crate::{
    error::Result,
    model::{
        query::{ListQuery, Order, SortKey},
        run::Run,
        timestamp::Timestamp,
        value::RawCell,
    },
};

/// Numbers of the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    pub all: u64,
    /// With status `error`.
    pub failed: u64,
}

/// Rows that one statement counts.
const COUNTED_PIECE: usize = 20_000;
/// Rows that one statement compares with the words of a search: a millisecond or two.
const LISTED_PIECE: usize = 5_000;

impl Store {
    /// Part of a list: `limit` records from position `offset` on.
    pub fn runs(&self, query: &ListQuery, offset: u64, limit: u64) -> Result<Vec<Run>> {
        let (filter, mut values) = self.filter(query);
        let sql = format!(
            "SELECT {} FROM workflow_runs{filter} ORDER BY {} LIMIT ? OFFSET ?",
            self.columns.runs,
            self.order(query)
        );
        values.push(SqlValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        values.push(SqlValue::Integer(i64::try_from(offset).unwrap_or(i64::MAX)));
        self.collect(&sql, values, run)
    }

    /// How many records a list has.
    pub fn count(&self, query: &ListQuery) -> Result<u64> {
        let (filter, values) = self.filter(query);
        self.number(&format!("SELECT count(*) FROM workflow_runs{filter}"), values)
    }

    /// Counted in pieces.
    pub fn counts(&self) -> Result<RunCounts> {
        let status = if self.columns.has_status { "status = 'error'" } else { "NULL" };
        let sql = format!(
            "SELECT max(id), count(*), coalesce(sum(failed), 0) FROM \
             (SELECT id, {status} AS failed FROM workflow_runs WHERE id > ? ORDER BY id LIMIT {COUNTED_PIECE})"
        );
        let mut counts = RunCounts::default();
        let mut last = i64::MIN;
        loop {
            let piece = self.collect(&sql, vec![SqlValue::Integer(last)], |row| {
                let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
                let counts = RunCounts { all: number(1)?, failed: number(2)? };
                Ok(row.get::<_, Option<i64>>(0)?.map(|end| (end, counts)))
            })?;
            let Some((end, piece)) = piece.into_iter().next().flatten() else { return Ok(counts) };
            counts.all += piece.all;
            counts.failed += piece.failed;
            last = end;
        }
    }

    /// The ids of all records of a list. In the order of ids it is read in pieces, else sorted by one statement.
    pub fn listed(&self, query: &ListQuery) -> Result<Vec<i64>> {
        let (filter, values) = self.filter(query);
        if query.sort != SortKey::Id {
            let sql = format!("SELECT id FROM workflow_runs{filter} ORDER BY {}", self.order(query));
            return self.collect(&sql, values, |r| r.get(0));
        }
        let test = filter.strip_prefix(" WHERE ").unwrap_or("1");
        let sql =
            format!("SELECT id, {test} FROM workflow_runs WHERE id > ? ORDER BY id LIMIT {LISTED_PIECE}");
        let mut ids = Vec::new();
        let mut last = i64::MIN;
        loop {
            let mut rows = 0;
            let mut values = values.clone();
            values.push(SqlValue::Integer(last));
            self.collect(&sql, values, |row| {
                last = row.get(0)?;
                rows += 1;
                // NULL, for a record without a name, is no hit either.
                if row.get::<_, Option<bool>>(1)? == Some(true) {
                    ids.push(last);
                }
                Ok(())
            })?;
            if rows < LISTED_PIECE {
                break;
            }
        }
        if query.order == Order::Descending {
            ids.reverse();
        }
        Ok(ids)
    }

    /// These records, in this order; those that are gone are left out.
    pub fn runs_of(&self, ids: &[i64]) -> Result<Vec<Run>> {
        let lowest = ids.iter().min().copied().unwrap_or_default();
        let highest = ids.iter().max().copied().unwrap_or_default();
        let near = highest.abs_diff(lowest) < 4 * ids.len() as u64;
        if near && ids.is_sorted() {
            return self.run_range(ids, "ASC", (lowest, highest));
        }
        if near && ids.is_sorted_by(|a, b| a >= b) {
            return self.run_range(ids, "DESC", (lowest, highest));
        }
        let mut runs = Vec::with_capacity(ids.len());
        for id in ids {
            runs.extend(self.run(*id)?);
        }
        Ok(runs)
    }

    /// Neighbours by one statement.
    fn run_range(&self, ids: &[i64], order: &str, (from, to): (i64, i64)) -> Result<Vec<Run>> {
        let columns = &self.columns.runs;
        let sql = format!("SELECT {columns} FROM workflow_runs WHERE id BETWEEN ? AND ? ORDER BY id {order}");
        let mut wanted = ids.iter().peekable();
        let read = self.collect(&sql, vec![SqlValue::Integer(from), SqlValue::Integer(to)], |row| {
            let id: i64 = row.get(0)?;
            let passed = |other: &&i64| if order == "ASC" { **other < id } else { **other > id };
            while wanted.next_if(passed).is_some() {}
            if wanted.next_if(|other| **other == id).is_some() { run(row).map(Some) } else { Ok(None) }
        })?;
        Ok(read.into_iter().flatten().collect())
    }

    pub fn run(&self, id: i64) -> Result<Option<Run>> {
        let sql = format!("SELECT {} FROM workflow_runs WHERE id = ?", self.columns.runs);
        Ok(self.collect(&sql, vec![SqlValue::Integer(id)], run)?.pop())
    }

    /// The record with the highest id: the only one that a server may be working on.
    pub fn newest_run(&self) -> Result<Option<Run>> {
        let sql = format!("SELECT {} FROM workflow_runs ORDER BY id DESC LIMIT 1", self.columns.runs);
        Ok(self.collect(&sql, Vec::new(), run)?.pop())
    }

    /// Position of a record in a list, from 0: how many stand before it. A record that does not match the words
    /// has the position where it would stand; `None` where there is no such record.
    pub fn position(&self, query: &ListQuery, id: i64) -> Result<Option<u64>> {
        if !self.has_run(id)? {
            return Ok(None);
        }
        let (filter, mut values) = self.filter(query);
        let before = self.side(query, true, &mut values, id);
        let glue = if filter.is_empty() { " WHERE" } else { " AND" };
        self.number(&format!("SELECT count(*) FROM workflow_runs{filter}{glue} ({before})"), values).map(Some)
    }

    /// The id of the record next to another in a list's order; with `failed_only`, the next that ended with an
    /// error (or, in files that keep no outcome, has a failed step: then the caller looks through the steps).
    pub fn neighbour(
        &self,
        query: &ListQuery,
        from: i64,
        forward: bool,
        failed_only: bool,
    ) -> Result<Option<i64>> {
        if !self.has_run(from)? {
            return Ok(None);
        }
        let (filter, mut values) = self.filter(query);
        let side = self.side(query, !forward, &mut values, from);
        let glue = if filter.is_empty() { " WHERE" } else { " AND" };
        let failed = if failed_only && self.columns.has_status { " AND status = 'error'" } else { "" };
        let order = if forward { self.order(query) } else { self.reverse_order(query) };
        let sql =
            format!("SELECT id FROM workflow_runs{filter}{glue} ({side}){failed} ORDER BY {order} LIMIT 1");
        Ok(self.collect(&sql, values, |r| r.get(0))?.pop())
    }

    /// The latest start or end of the last phases and steps, of those of this record: where a guess whether it
    /// is still running looks. Older rows than the last thousand are not looked at.
    pub fn last_activity(&self, run: i64) -> Result<Option<jiff::civil::DateTime>> {
        let (phases, steps) = (&self.columns.phase_times, &self.columns.step_times);
        let last = |table: &str, columns: &str| {
            format!("SELECT {columns} FROM workflow_{table} ORDER BY id DESC LIMIT 1000")
        };
        let steps = last("steps", steps);
        let sql = if self.columns.has_phases {
            format!(
                "WITH p AS (SELECT * FROM ({}) WHERE owner = ?1), \
                 s AS (SELECT * FROM ({steps}) WHERE owner IN (SELECT id FROM p)) \
                 SELECT max(coalesce(ended, began)) FROM (SELECT * FROM p UNION ALL SELECT * FROM s)",
                last("phases", phases)
            )
        } else {
            format!("SELECT max(coalesce(ended, began)) FROM ({steps}) WHERE owner = ?1")
        };
        Ok(self.collect(&sql, vec![SqlValue::Integer(run)], |r| stamp(r, 0))?.pop().and_then(|s| s.at()))
    }

    pub fn keeps_outcomes(&self) -> bool {
        self.columns.has_status
    }

    pub fn has_phases(&self) -> bool {
        self.columns.has_phases
    }

    fn has_run(&self, id: i64) -> Result<bool> {
        let sql = "SELECT count(*) FROM workflow_runs WHERE id = ?";
        Ok(self.number(sql, vec![SqlValue::Integer(id)])? > 0)
    }

    /// The records before (or behind) this one in the list's order. Its key is read within the statement, so that
    /// one of any kind (bytes that are no UTF-8) compares as SQLite sorts it.
    fn side(&self, query: &ListQuery, before: bool, values: &mut Vec<SqlValue>, id: i64) -> String {
        let column = self.sort_column(query.sort);
        let key = format!("(SELECT {column} FROM workflow_runs WHERE id = ?)");
        let smaller = (query.order == Order::Ascending) == before;
        // NULL sorts below every value; IS compares it like any other.
        let beyond = if smaller {
            format!("{column} < {key} OR ({column} IS NULL AND {key} IS NOT NULL)")
        } else {
            format!("{column} > {key} OR ({column} IS NOT NULL AND {key} IS NULL)")
        };
        values.extend([(); 4].map(|()| SqlValue::Integer(id)));
        // With the id itself as key there are no ties; else ties go by id, ascending in both orders.
        format!("{beyond} OR ({column} IS {key} AND id {} ?)", if before { "<" } else { ">" })
    }

    fn sort_column(&self, key: SortKey) -> &'static str {
        if key == SortKey::SubmittedBy && !self.columns.has_submitted_by { "NULL" } else { key.column() }
    }

    pub(super) fn order(&self, query: &ListQuery) -> String {
        self.order_by(query.sort, query.order, "ASC")
    }

    fn reverse_order(&self, query: &ListQuery) -> String {
        let turned = match query.order {
            Order::Ascending => Order::Descending,
            Order::Descending => Order::Ascending,
        };
        self.order_by(query.sort, turned, "DESC")
    }

    fn order_by(&self, sort: SortKey, order: Order, ties: &str) -> String {
        let direction = if order == Order::Ascending { "ASC" } else { "DESC" };
        match self.sort_column(sort) {
            "id" => format!("id {direction}"),
            "NULL" => format!("id {ties}"),
            column => format!("{column} {direction}, id {ties}"),
        }
    }

    pub(super) fn filter(&self, query: &ListQuery) -> (String, Vec<SqlValue>) {
        if query.keyword.is_empty() {
            return (String::new(), Vec::new());
        }
        let mut sql = String::from(" WHERE (name LIKE ?");
        let pattern = SqlValue::Text(format!("%{}%", query.keyword));
        let mut values = vec![pattern.clone()];
        if self.columns.has_submitted_by {
            let _ = write!(sql, " OR submitted_by LIKE ?");
            values.push(pattern);
        }
        sql.push(')');
        (sql, values)
    }

    fn number(&self, sql: &str, values: Vec<SqlValue>) -> Result<u64> {
        let mut found = self.collect(sql, values, |r| r.get::<_, i64>(0))?;
        Ok(found.pop().and_then(|n| u64::try_from(n).ok()).unwrap_or_default())
    }

    /// Runs a statement to its end and resets it.
    pub(super) fn collect<T>(
        &self,
        sql: &str,
        values: Vec<SqlValue>,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map(params_from_iter(values), read).map_err(|e| self.error(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.error(e))
    }
}

pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        name: text(row, 1)?.unwrap_or_default(),
        platform: text(row, 2)?.unwrap_or_default(),
        start: stamp(row, 3)?,
        end: stamp(row, 4)?,
        data_path: text(row, 5)?,
        repeat_mode: text(row, 6)?,
        status: text(row, 7)?,
        events: cell(row, 8)?,
        submitted_by: text(row, 9)?,
    })
}

/// Text as it is, numbers as SQLite prints them, bytes that are no UTF-8 as U+FFFD.
pub(super) fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => None,
        ValueRef::Integer(i) => Some(i.to_string()),
        ValueRef::Real(f) => Some(f.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    })
}

pub(super) fn stamp(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) => Timestamp::read(Some(&String::from_utf8_lossy(bytes))),
        _ => Timestamp::read(text(row, at)?.as_deref()),
    })
}

pub(super) fn cell(row: &Row<'_>, at: usize) -> rusqlite::Result<RawCell> {
    Ok(RawCell(match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.into()),
        _ => text(row, at)?.map(|t| t.into_bytes().into_boxed_slice()),
    }))
}
