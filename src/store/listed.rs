//! The ids of a whole list in its order: every page, position and number of it without OFFSET.

use rusqlite::types::Value as SqlValue;

use super::{Store, runs::run};
use crate::{
    error::Result,
    model::{
        query::{ListQuery, Order, SortKey},
        run::Run,
    },
};

/// Rows looked at by one statement: a millisecond or two.
const PIECE: usize = 5_000;

impl Store {
    /// The ids of all records of a list. In the order of ids it is read in pieces, else sorted by one statement.
    pub fn listed(&self, query: &ListQuery) -> Result<Vec<i64>> {
        let (filter, values) = self.filter(query);
        if query.sort != SortKey::Id {
            let sql = format!("SELECT id FROM workflow_runs{filter} ORDER BY {}", self.order(query));
            return self.collect(&sql, values, |r| r.get(0));
        }
        let test = filter.strip_prefix(" WHERE ").unwrap_or("1");
        let sql = format!("SELECT id, {test} FROM workflow_runs WHERE id > ? ORDER BY id LIMIT {PIECE}");
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
            if rows < PIECE {
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
}
