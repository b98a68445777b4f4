//! Reading records whose ids are known, and cells of any kind.

use rusqlite::{Row, params_from_iter, types::Value as SqlValue, types::ValueRef};

use super::{Store, id_order::IdOrder};
use crate::{
    error::Result,
    model::{run::Run, timestamp::Timestamp, value::RawCell},
};

impl Store {
    /// These records, in this order; those that are gone are left out.
    pub(super) fn runs_of(&self, ids: &[i64]) -> Result<Vec<Run>> {
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
        let mut places = if order == "ASC" { IdOrder::rising(from, to) } else { IdOrder::falling(from, to) };
        let read = self.collect(&sql, vec![SqlValue::Integer(from), SqlValue::Integer(to)], |row| {
            let id = places.next(row.get(0)?)?;
            let passed = |other: &&i64| if order == "ASC" { **other < id } else { **other > id };
            while wanted.next_if(passed).is_some() {}
            if wanted.next_if(|other| **other == id).is_some() { run(row).map(Some) } else { Ok(None) }
        })?;
        Ok(read.into_iter().flatten().collect())
    }

    pub(super) fn run(&self, id: i64) -> Result<Option<Run>> {
        let sql = format!("SELECT {} FROM workflow_runs WHERE id = ?", self.columns.runs);
        Ok(self.collect(&sql, vec![SqlValue::Integer(id)], run)?.pop())
    }

    /// Runs a statement to its end and resets it.
    pub(super) fn collect<T>(
        &self,
        sql: &str,
        values: Vec<SqlValue>,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.lent()?.prepare_cached(sql).map_err(|e| self.error(e))?;
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
