//! Giving all rows of a record to its keeper before they are deleted.

use postgres::types::Type;

use super::{parts::Doomed, piece::strays};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    store::{
        postgres::{
            PgStore,
            saved_names::{AT_STEPS, quoted},
            saved_tables::ServerTables,
        },
        saved::{Keeper, PackedRows, SavedRows, row_hash},
    },
};

/// Bytes that are given to the keeper in one go.
const PACK: usize = 256 << 10;
/// Rows read by one statement.
const ROWS: i64 = 1_000;

/// Reads rows to be kept.
#[derive(Clone, Copy)]
pub struct SavingRows<'a> {
    pub store: &'a PgStore,
    pub tables: &'a ServerTables,
    pub progress: Progress,
}

impl SavingRows<'_> {
    /// Refuses a record with rows that can't go along.
    ///
    /// # Errors
    /// [`crate::error::Error::Refused`], which names their table; as any read.
    pub fn refuse_strays(self, record: &Doomed<'_>, cx: &Cx<'_>) -> Result<()> {
        let (runs, phases) = ([record.target.run], record.phase_ids(0));
        for (sql, said) in strays(self.tables, record.target.run) {
            let values = [(&runs.as_slice() as _, Type::INT8_ARRAY), (&phases as _, Type::INT8_ARRAY)];
            if !self.store.link.query(&sql, &values, cx)?.is_empty() {
                return Err(said);
            }
        }
        Ok(())
    }

    /// Gives all rows of a record to the keeper, those that it has already as they are excepted; on disk when this
    /// returns. Also says how many rows were read.
    ///
    /// # Errors
    /// As any read; what the keeper says; [`SavingRows::refuse_strays`].
    pub fn save(
        self,
        record: &Doomed<'_>,
        keeper: &mut dyn Keeper,
        cx: &mut Cx<'_>,
    ) -> Result<(SavedRows, u64)> {
        let run = record.target.run;
        self.refuse_strays(record, cx)?;
        let mut saved = keeper.begin(record.target, &self.tables.saved())?;
        let mut rows = 0;
        for at in 0..self.tables.tables.len() {
            self.table(record, at, (keeper, &mut saved), &mut rows, cx)?;
        }
        keeper.sync(&[run])?;
        Ok((saved, rows))
    }

    /// The rows of one table, by their keys.
    fn table(
        self,
        record: &Doomed<'_>,
        at: usize,
        (keeper, saved): (&mut dyn Keeper, &mut SavedRows),
        rows: &mut u64,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let Some(table) = self.tables.tables.get(at) else { return Ok(()) };
        let name = &table.table.name;
        let key = table.table.columns.get(table.table.key).map(|key| format!("{name}.{}", quoted(key)));
        let Some((key, goes)) = key.zip(self.tables.goes(name, name)) else { return Ok(()) };
        let sql = format!(
            "select {} from {name} where ({goes}) and {key} between $3 and $4 order by {key} limit {ROWS}",
            table.columns
        );
        let (runs, phases) = ([record.target.run], record.phase_ids(0));
        let (mut from, to) = match at {
            AT_STEPS => (
                record.phases.iter().map(|(_, steps)| steps.first).min().unwrap_or(i64::MAX),
                record.phases.iter().map(|(_, steps)| steps.last).max().unwrap_or(i64::MIN),
            ),
            _ => (i64::MIN, i64::MAX),
        };
        while from <= to {
            let values = [
                (&runs.as_slice() as _, Type::INT8_ARRAY),
                (&phases as _, Type::INT8_ARRAY),
                (&from as _, Type::INT8),
                (&to as _, Type::INT8),
            ];
            let (mut packed, mut last, mut read) = (PackedRows::default(), from, 0);
            for row in self.store.link.query(&sql, &values, cx)? {
                let row = table.pack(&row, &mut packed).map_err(|error| self.store.link.fault(&error))?;
                let (key, hash) = (row.0, row_hash(row.1));
                (last, read) = (key, read + 1);
                if saved.has(at, key, hash) {
                    packed.drop_last();
                } else {
                    saved.add(at, key, hash);
                }
                if packed.bytes().len() >= PACK {
                    keeper.take(record.target.run, at, &packed)?;
                    packed.clear();
                }
            }
            if !packed.keys().is_empty() {
                keeper.take(record.target.run, at, &packed)?;
            }
            *rows += read;
            let Some(next) = last.checked_add(1).filter(|_| read >= ROWS.unsigned_abs()) else { break };
            from = next;
            cx.check(Progress { done: self.progress.done + *rows, ..self.progress })?;
        }
        Ok(())
    }
}
