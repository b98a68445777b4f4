//! Rows of tables that are not IvoryOS's and name rows of records by a declared foreign key: they go with these.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row};

use super::parts::{DeleteHalt, Record, RowRange};
use crate::{
    model::phase_summary::PhaseRef,
    store::sqlite::saved_tables::{SavedTables, quoted},
};

/// Which rows of IvoryOS's tables belong to some records.
#[derive(Debug, Default)]
pub struct Owned {
    /// Of each of the tables: the ids with their records, or ranges of them, by id.
    ids: Vec<HashMap<i64, i64>>,
    steps: Vec<(i64, i64, i64)>,
    /// The place of the table of steps.
    at_steps: usize,
}

impl Owned {
    pub fn by(records: &[Record<'_>], tables: &SavedTables) -> Self {
        let runs = records.iter().map(|record| (record.target.run, record.target.run)).collect();
        let phases = records.iter().flat_map(|record| &record.phases);
        let of_phase = |phase: &&PhaseRef| {
            let run = phase.run;
            phase.ranges.iter().map(move |(first, last)| (*first, *last, run)).collect::<Vec<_>>()
        };
        let mut steps: Vec<_> = phases.clone().flat_map(of_phase).collect();
        steps.sort_unstable();
        let phases = phases.map(|phase| (phase.id, phase.run)).collect();
        Self { ids: vec![runs, phases], steps, at_steps: tables.steps() }
    }

    /// Adds a step that came later.
    pub fn add_step(&mut self, id: i64, run: i64) {
        let at = self.steps.partition_point(|range| range.0 < id);
        self.steps.insert(at, (id, id, run));
    }

    /// The record that a row of a table belongs to.
    fn run(&self, table: usize, id: i64) -> Option<i64> {
        if table != self.at_steps {
            return self.ids.get(table)?.get(&id).copied();
        }
        let at = self.steps.partition_point(|range| range.0 <= id).checked_sub(1)?;
        self.steps.get(at).filter(|range| id <= range.1).map(|range| range.2)
    }
}

/// A row of such a table.
#[derive(Debug, Clone, Copy)]
pub struct OtherRow {
    /// The place of the table.
    pub table: usize,
    pub key: i64,
    /// The record that it goes with.
    pub run: i64,
}

/// Rows of other tables that belong to some records.
#[derive(Debug, Default)]
pub struct OtherRows {
    owned: Owned,
    /// By their tables and keys.
    pub rows: Vec<OtherRow>,
    /// The highest key of each of these tables: rows behind it came later.
    last: Vec<(usize, i64)>,
}

impl OtherRows {
    pub fn of(owned: Owned) -> Self {
        Self { owned, rows: Vec::new(), last: Vec::new() }
    }

    /// Those of some of the records.
    pub fn of_records(&self, records: &[Record<'_>]) -> Vec<OtherRow> {
        let runs: HashSet<i64> = records.iter().map(|record| record.target.run).collect();
        self.rows.iter().filter(|row| runs.contains(&row.run)).copied().collect()
    }

    /// Looks through a piece of a table from a key on; gives the key to go on from.
    ///
    /// # Errors
    /// As any read.
    pub fn find(
        &mut self,
        connection: &Connection,
        tables: &SavedTables,
        table: usize,
        from: i64,
    ) -> rusqlite::Result<Option<i64>> {
        let (mut read, mut last) = (0, from);
        let sql = format!("{} LIMIT {PIECE}", owners_sql(tables, table, ">="));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([from])?;
        while let Some(row) = rows.next()? {
            (last, read) = (row.get(0)?, read + 1);
            if let Some(run) = self.run_of(row, tables, table)? {
                self.rows.push(OtherRow { table, key: last, run });
            }
        }
        let next = last.checked_add(1).filter(|_| read == PIECE);
        if next.is_none() {
            self.last.push((table, if read > 0 { last } else { from.saturating_sub(1) }));
        }
        Ok(next)
    }

    /// A row of these records that can't be kept: the name of its table, and its record.
    ///
    /// # Errors
    /// As any read.
    pub fn unkept<'t>(
        &self,
        connection: &Connection,
        tables: &'t SavedTables,
    ) -> rusqlite::Result<Option<(&'t str, i64)>> {
        for table in &tables.unkept {
            let columns = table.owners.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(", ");
            let mut statement =
                connection.prepare(&format!("SELECT {columns} FROM {}", quoted(&table.name)))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for (at, (_, onto)) in table.owners.iter().enumerate() {
                    let owner = row.get_ref(at)?.as_i64().ok();
                    if let Some(run) = owner.and_then(|owner| self.owned.run(*onto, owner)) {
                        return Ok(Some((&table.name, run)));
                    }
                }
            }
        }
        Ok(None)
    }

    fn run_of(&self, row: &Row<'_>, tables: &SavedTables, table: usize) -> rusqlite::Result<Option<i64>> {
        for (at, (_, onto)) in tables.table(table).iter().flat_map(|table| &table.owners).enumerate() {
            let owner = row.get_ref(1 + at)?.as_i64().ok();
            if let Some(run) = owner.and_then(|owner| self.owned.run(*onto, owner)) {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// Makes sure that no rows of these records came since the tables were looked through.
    pub fn refuse_late(&self, connection: &Connection, tables: &SavedTables) -> Result<(), DeleteHalt> {
        for (table, last) in &self.last {
            let mut statement = connection.prepare_cached(&owners_sql(tables, *table, ">"))?;
            let mut rows = statement.query([last])?;
            while let Some(row) = rows.next()? {
                if self.run_of(row, tables, *table)?.is_some() {
                    return Err(DeleteHalt::Differs(None));
                }
            }
        }
        Ok(())
    }

    /// A row, where it still belongs to one of these records.
    ///
    /// # Errors
    /// As any read.
    pub fn row(
        &self,
        connection: &Connection,
        tables: &SavedTables,
        table: usize,
        key: i64,
    ) -> rusqlite::Result<Option<RowRange>> {
        let mut statement = connection.prepare_cached(&owners_sql(tables, table, "="))?;
        let mut rows = statement.query([key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let run = self.run_of(row, tables, table)?;
        Ok(run.map(|run| RowRange { run, table, from: key, to: key, owner: None }))
    }
}

/// Deletes a row.
///
/// # Errors
/// Whatever keeps it from being deleted.
pub fn delete_row(
    connection: &Connection,
    tables: &SavedTables,
    table: usize,
    key: i64,
) -> rusqlite::Result<()> {
    let name = quoted(tables.table(table).map_or("", |table| &table.name));
    let sql = format!("DELETE FROM {name} WHERE {} = ?", quoted(tables.key(table)));
    connection.prepare_cached(&sql)?.execute([key]).map(drop)
}

/// Rows that are looked at in one go: some milliseconds.
const PIECE: usize = 5_000;

/// The keys and owners of rows whose keys compare like this with another one, by key.
fn owners_sql(tables: &SavedTables, table: usize, compare: &str) -> String {
    let (Some(known), key) = (tables.table(table), quoted(tables.key(table))) else { return String::new() };
    let owners = known.owners.iter().filter_map(|(at, _)| known.columns.get(*at));
    let owners = owners.map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    format!("SELECT {key}, {owners} FROM {} WHERE {key} {compare} ? ORDER BY {key}", quoted(&known.name))
}
