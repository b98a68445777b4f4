//! What of a record is in place, what is missing, and under which ids that is written.

use std::ops::ControlFlow;

use tokio_postgres::types::{ToSql, Type};

use super::lookups::{Halted, is_run, owners_of, reserve};
use crate::store::{
    postgres::{
        columns::RUNS,
        saved_cells::{texts_of, types},
        saved_names::AT_RUNS,
        saved_tables::ServerTable,
        transaction::WriteTransaction,
    },
    saved::{NewIds, SavedCell, SavedRecord, SavedRow, SavedTable},
};

/// Rows that are written by one statement.
const ROWS: usize = 500;
/// Bytes of them.
const BYTES: usize = 1 << 20;

/// Where a record's rows stand, or are to stand.
pub struct RestorePlace {
    ids: NewIds,
    /// Of each table: which of its rows are missing, by their order.
    missing: Vec<Vec<bool>>,
}

impl RestorePlace {
    pub fn of(record: &dyn SavedRecord) -> Self {
        let missing = record.keys().iter().map(|keys| vec![true; keys.len()]).collect();
        Self { ids: NewIds::of(record), missing }
    }

    /// The id that the run has now.
    pub fn run(&self, was: i64) -> i64 {
        self.ids.run(was)
    }

    /// Finds out what is missing, decides about ids, and writes it; gives the number of rows.
    ///
    /// # Errors
    /// As any write, and what the record says.
    pub fn put(
        &mut self,
        tx: &mut WriteTransaction<'_>,
        tables: &[ServerTable],
        record: &mut dyn SavedRecord,
        inserts: &[String],
    ) -> Halted<u64> {
        let is_there = self.find_run(tx, tables, record)?;
        for table in 0..record.tables().len() {
            self.look(tx, record, table, is_there)?;
        }
        if self.ids.are_new() && record.bases() != Some(self.ids.bases()) {
            record.begin(self.ids.bases())?;
        }
        let mut put = 0;
        for (table, insert) in inserts.iter().enumerate() {
            put += self.write(tx, record, table, insert)?;
        }
        Ok(put)
    }

    /// The run under its new or its own id; where it is under neither, an earlier restore left nothing.
    fn find_run(
        &mut self,
        tx: &mut WriteTransaction<'_>,
        tables: &[ServerTable],
        record: &dyn SavedRecord,
    ) -> Halted<bool> {
        let mut known = None;
        record.rows(AT_RUNS, &mut |row| {
            known = Some(row);
            Ok(ControlFlow::Break(()))
        })?;
        let (Some(known), Some(kept), Some(now)) =
            (known, record.tables().first(), tables.iter().find(|table| table.table.name == RUNS))
        else {
            return Ok(false);
        };
        for id in self.ids.base(AT_RUNS).into_iter().chain([record.run()]) {
            if is_run(tx, kept, now, &known, id)? {
                if id == record.run() {
                    self.ids.set_base(AT_RUNS, None);
                }
                return Ok(true);
            }
        }
        (0..self.missing.len()).for_each(|table| self.ids.set_base(table, None));
        Ok(false)
    }

    /// Which rows of a table are in place, and under which ids the others come.
    fn look(
        &mut self,
        tx: &mut WriteTransaction<'_>,
        record: &dyn SavedRecord,
        table: usize,
        is_there: bool,
    ) -> Halted<()> {
        let (Some(kept), Some(keys)) = (record.tables().get(table), record.keys().get(table)) else {
            return Ok(());
        };
        if let Some(owner) = self.ids.owner(table) {
            return self.look_at_additions(tx, kept, table, owner, is_there);
        }
        let own: Vec<i64> = keys.iter().map(|(key, _)| *key).collect();
        let of_own = owners_of(tx, kept, &own)?;
        let base = self.ids.base(table).filter(|_| is_there);
        let under_new: Vec<i64> = base.map_or_else(Vec::new, |base| (base..).take(own.len()).collect());
        let of_new = owners_of(tx, kept, &under_new)?;
        let onto = kept.owners.first().map(|owner| owner.1);
        let (mut missing, mut is_taken, mut is_begun) = (Vec::with_capacity(keys.len()), false, false);
        for (at, (key, owner)) in keys.iter().enumerate() {
            let wanted = onto.and_then(|onto| owner.map(|owner| self.ids.now(onto, owner)));
            let has_owner =
                is_there && onto.zip(*owner).is_none_or(|(onto, owner)| !self.is_missing(onto, owner));
            let is_new = has_owner && under_new.get(at).is_some_and(|new| of_new.get(new) == Some(&wanted));
            let is_own = has_owner
                && !is_new
                && of_own.get(key) == Some(&wanted)
                && (table > AT_RUNS || base.is_none());
            if is_own {
                self.ids.stays(table, *key);
            }
            is_begun |= is_new;
            is_taken |= !is_own && of_own.contains_key(key);
            missing.push(!is_own && !is_new);
        }
        let first = missing.iter().position(|missing| *missing);
        if let Some(place) = self.missing.get_mut(table) {
            *place = missing;
        }
        let Some(first) = first.filter(|_| !is_begun) else {
            if !is_begun {
                self.ids.set_base(table, None);
            }
            return Ok(());
        };
        let base = match is_taken {
            true => Some(reserve(tx, kept, own.len() - first)?.saturating_sub(first as i64)),
            false => None,
        };
        self.ids.set_base(table, base);
        Ok(())
    }

    /// Rows whose keys are those of the rows that they add to.
    fn look_at_additions(
        &mut self,
        tx: &mut WriteTransaction<'_>,
        kept: &SavedTable,
        table: usize,
        owner: usize,
        is_there: bool,
    ) -> Halted<()> {
        let keys = self.ids.keys(table).to_vec();
        let now: Vec<i64> = keys.iter().map(|key| self.ids.now(table, *key)).collect();
        let found = owners_of(tx, kept, &now)?;
        // Where its owner is missing, a row with its key adds to another one's.
        let is_missing =
            |key: &i64, now: &i64| !(is_there && !self.is_missing(owner, *key) && found.contains_key(now));
        let missing = keys.iter().zip(&now).map(|(key, now)| is_missing(key, now)).collect();
        if let Some(place) = self.missing.get_mut(table) {
            *place = missing;
        }
        Ok(())
    }

    fn is_missing(&self, table: usize, key: i64) -> bool {
        let at = self.ids.place(table, key);
        at.and_then(|at| self.missing.get(table)?.get(at)).copied().unwrap_or_default()
    }

    /// Writes the rows of a table that are missing.
    fn write(
        &self,
        tx: &mut WriteTransaction<'_>,
        record: &dyn SavedRecord,
        table: usize,
        insert: &str,
    ) -> Halted<u64> {
        let Some(kept) = record.tables().get(table) else { return Ok(0) };
        // Rows that name each other are there together, or not at all.
        let name_each_other = kept.owners.iter().any(|owner| owner.1 == table);
        let (mut held, mut bytes, mut put, mut failed) = (Vec::new(), 0, 0, None);
        record.rows(table, &mut |row| {
            if self.is_missing(table, row.key) {
                bytes += size(&row);
                held.push(row);
            }
            if !name_each_other && (held.len() >= ROWS || bytes >= BYTES) {
                match self.write_some(tx, kept, table, insert, &mut held) {
                    Ok(rows) => (put, bytes) = (put + rows, 0),
                    Err(error) => {
                        failed = Some(error);
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok(put + self.write_some(tx, kept, table, insert, &mut held)?)
    }

    fn write_some(
        &self,
        tx: &mut WriteTransaction<'_>,
        kept: &SavedTable,
        table: usize,
        insert: &str,
        held: &mut Vec<SavedRow>,
    ) -> Result<u64, tokio_postgres::Error> {
        let rows: Vec<&SavedRow> = held.iter().collect();
        if rows.is_empty() {
            return Ok(0);
        }
        let columns = texts_of(kept, table, &rows, &self.ids);
        let values: Vec<(&(dyn ToSql + Sync), Type)> =
            columns.iter().zip(types(columns.len())).map(|(column, kind)| (column as _, kind)).collect();
        let put = tx.execute_typed(insert, &values)?;
        held.clear();
        Ok(put)
    }
}

fn size(row: &SavedRow) -> usize {
    let long = |cell: &SavedCell| match cell {
        SavedCell::Text(bytes) | SavedCell::Blob(bytes) => bytes.len(),
        _ => 8,
    };
    row.cells.iter().map(long).sum()
}
