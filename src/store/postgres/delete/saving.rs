//! Giving all rows of a record to its keeper before they are deleted.

use tokio_postgres::types::Type;

use super::{parts::Doomed, piece::strays};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    store::{
        postgres::{PgStore, saved_names::quoted, saved_tables::ServerTables},
        saved::{Keeper, PackedRows, SavedRows, row_hash},
    },
};

/// Bytes that are given to the keeper in one go.
const PACK: usize = 256 << 10;
/// Rows read by one statement.
const ROWS: usize = 1_000;

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
        // Whose rows are whose is found out by reading all: once.
        let which = format!(
            "select coalesce(array_agg({key}::int8 order by {key}), '{{}}') from {name} where {goes}"
        );
        let (runs, phases) = ([record.target.run], record.phase_ids(0));
        let values = [(&runs.as_slice() as _, Type::INT8_ARRAY), (&phases as _, Type::INT8_ARRAY)];
        let keys: Vec<Vec<i64>> = self.store.rows(&which, &values, cx, |row| row.try_get(0))?;
        let sql = format!("select {} from {name} where {key} = any($1) order by {key}", table.columns);
        for keys in keys.concat().chunks(ROWS) {
            cx.check(Progress { done: self.progress.done + *rows, ..self.progress })?;
            let mut packed = PackedRows::default();
            for row in self.store.link.query(&sql, &[(&keys, Type::INT8_ARRAY)], cx)? {
                let row = table.pack(&row, &mut packed).map_err(|error| self.store.link.fault(&error))?;
                let (key, hash) = (row.0, row_hash(row.1));
                *rows += 1;
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
        }
        Ok(())
    }
}
