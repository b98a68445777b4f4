//! What of a record is in place, what is missing, and which ids are free for it.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension as _, types::ValueRef};

use crate::{
    error::Error,
    store::{
        saved::{NewIds, SavedCell, SavedRecord, SavedRow, SavedTable},
        sqlite::saved_tables::quoted,
    },
};

/// What ends a restore.
#[derive(Debug)]
pub enum RestoreHalt {
    Sql(rusqlite::Error),
    /// The record can't be read, or not noted.
    Record(Error),
}

impl From<rusqlite::Error> for RestoreHalt {
    fn from(error: rusqlite::Error) -> Self {
        RestoreHalt::Sql(error)
    }
}

/// Ids that are looked at by one statement.
const NEAR: i64 = 4_000;

/// Where a record's rows stand.
#[derive(Debug)]
pub struct RowPlaces {
    ids: NewIds,
    /// Name and start of the run, by which it is known.
    known: Option<SavedRow>,
    /// The run is in the database.
    is_there: bool,
    /// Of each table: which of its rows are missing, by their order.
    missing: Vec<Vec<bool>>,
    /// The id of a missing row is another one's.
    is_taken: Vec<bool>,
    /// A row stands under its new id.
    is_begun: Vec<bool>,
    /// The highest id of each table before anything was looked at.
    last: Vec<Option<i64>>,
    /// The table and the row that are looked at next.
    at: (usize, usize),
}

impl RowPlaces {
    /// All of it in one go.
    ///
    /// # Errors
    /// As any read.
    pub fn of(connection: &Connection, record: &dyn SavedRecord) -> Result<Self, RestoreHalt> {
        let mut place = Self::begun(connection, record)?;
        while place.look(connection, record, Duration::MAX)? {}
        Ok(place)
    }

    /// Looks whether the run is there, and no further.
    ///
    /// # Errors
    /// As any read, and what the record says.
    pub fn begun(connection: &Connection, record: &dyn SavedRecord) -> Result<Self, RestoreHalt> {
        let mut known = None;
        let see = &mut |row| {
            known = Some(row);
            Ok(ControlFlow::Continue(()))
        };
        record.rows(0, see).map_err(RestoreHalt::Record)?;
        let ids = NewIds::of(record);
        let missing: Vec<Vec<bool>> = record.keys().iter().map(|keys| vec![true; keys.len()]).collect();
        let tables = missing.len();
        let mut place = Self {
            ids,
            known,
            is_there: false,
            missing,
            is_taken: vec![false; tables],
            is_begun: vec![false; tables],
            last: vec![None; tables],
            at: (1, 0),
        };
        for (table, shape) in record.tables().iter().enumerate() {
            let last = highest(connection, shape)?;
            if let Some(place) = place.last.get_mut(table) {
                *place = last;
            }
        }
        place.find_run(connection, record)?;
        Ok(place)
    }

    pub fn ids(&self) -> &NewIds {
        &self.ids
    }

    pub fn is_missing(&self, table: usize, key: i64) -> bool {
        let at = self.ids.place(table, key);
        at.and_then(|at| self.missing.get(table)?.get(at)).copied().unwrap_or_default()
    }

    pub fn are_in_place(&mut self, rows: impl Iterator<Item = (usize, i64)>) {
        for (table, key) in rows {
            self.is_in_place(table, key);
        }
    }

    fn is_in_place(&mut self, table: usize, key: i64) {
        let at = self.ids.place(table, key);
        if let Some(missing) = at.and_then(|at| self.missing.get_mut(table)?.get_mut(at)) {
            *missing = false;
        }
    }

    /// The run under its new or its own id; where it is under neither, an earlier restore left nothing.
    fn find_run(&mut self, connection: &Connection, record: &dyn SavedRecord) -> Result<(), RestoreHalt> {
        let own = record.run();
        if let Some(new) = self.ids.base(0) {
            if self.is_run(connection, record, new)? {
                (self.is_there, self.is_begun) = (true, begun_first(self.is_begun.len()));
                self.is_in_place(0, own);
                return Ok(());
            }
            self.forget_bases();
        }
        if self.is_run(connection, record, own)? {
            self.is_there = true;
            self.is_in_place(0, own);
            return Ok(());
        }
        self.forget_bases();
        Ok(())
    }

    fn forget_bases(&mut self) {
        (0..self.missing.len()).for_each(|table| self.ids.set_base(table, None));
    }

    /// Whether the row with this id is the record's run.
    fn is_run(&self, connection: &Connection, record: &dyn SavedRecord, id: i64) -> rusqlite::Result<bool> {
        let (Some(known), Some(shape)) = (&self.known, record.tables().first()) else { return Ok(false) };
        let mut statement =
            connection.prepare_cached("SELECT name, start_time FROM workflow_runs WHERE id = ?")?;
        let same = |row: &rusqlite::Row<'_>| {
            let mut same = true;
            for (at, name) in ["name", "start_time"].into_iter().enumerate() {
                let place = shape.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
                let cell = place.and_then(|place| known.cells.get(place));
                same &= cell.is_some_and(|cell| is_cell(row.get_ref_unwrap(at), cell));
            }
            Ok(same)
        };
        Ok(statement.query_row([id], same).optional()?.unwrap_or_default())
    }

    /// Whether the run is where it was found.
    ///
    /// # Errors
    /// As any read.
    pub fn is_still(&self, connection: &Connection, record: &dyn SavedRecord) -> rusqlite::Result<bool> {
        let now = self.is_run(connection, record, record.run())?;
        let under_new = match self.ids.base(0).filter(|_| self.is_there) {
            Some(new) => self.is_run(connection, record, new)?,
            None => false,
        };
        Ok(self.is_there == (under_new || now))
    }

    /// Looks at more rows, for so long; false when all were looked at.
    ///
    /// # Errors
    /// As any read.
    pub fn look(
        &mut self,
        connection: &Connection,
        record: &dyn SavedRecord,
        time: Duration,
    ) -> rusqlite::Result<bool> {
        let begun = Instant::now();
        while let Some(shape) = record.tables().get(self.at.0) {
            let (table, from) = self.at;
            let keys = self.ids.keys(table);
            let Some(first) = keys.get(from).copied() else {
                self.at = (table + 1, 0);
                continue;
            };
            let near = first.saturating_add(NEAR);
            let to = from + keys.get(from..).map_or(0, |keys| keys.partition_point(|key| *key < near));
            self.look_at(connection, record, shape, (from, to))?;
            self.at = (table, to);
            if begun.elapsed() >= time {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Rows of a table by their order.
    fn look_at(
        &mut self,
        connection: &Connection,
        record: &dyn SavedRecord,
        shape: &SavedTable,
        (from, to): (usize, usize),
    ) -> rusqlite::Result<()> {
        let table = self.at.0;
        let known = record.keys().get(table).and_then(|keys| keys.get(from..to)).unwrap_or_default();
        let (Some((first, _)), Some((last, _))) = (known.first(), known.last()) else { return Ok(()) };
        if let Some(owner) = self.ids.owner(table) {
            return self.look_at_additions(connection, shape, owner, known);
        }
        let onto = shape.owners.first().map_or(0, |owner| owner.1);
        let owner_now = |owner: Option<i64>| owner.map(|owner| self.ids.now(onto, owner));
        let own = owners_of(connection, shape, (*first, *last))?;
        let new = match self.ids.base(table).filter(|_| self.is_there) {
            Some(base) => {
                let at = |place: usize| base.saturating_add(place as i64);
                owners_of(connection, shape, (at(from), at(to.saturating_sub(1))))?
            }
            None => HashMap::new(),
        };
        let (mut stay, mut begun, mut taken) = (Vec::new(), Vec::new(), false);
        for (at, (key, owner)) in (from..to).zip(known) {
            let wanted = owner_now(*owner);
            let under_new = self.ids.base(table).and_then(|base| new.get(&base.saturating_add(at as i64)));
            // Where its owner is missing, a row that names the owner's id is another record's: the id was given away.
            let has_owner = self.is_there && owner.is_none_or(|owner| !self.is_missing(onto, owner));
            if has_owner && own.get(key) == Some(&wanted) {
                stay.push(*key);
            } else if has_owner && under_new == Some(&wanted) {
                begun.push(*key);
            } else {
                taken |= own.contains_key(key);
            }
        }
        for key in stay {
            self.ids.stays(table, key);
            self.is_in_place(table, key);
        }
        if let Some(is_begun) = self.is_begun.get_mut(table) {
            *is_begun |= !begun.is_empty();
        }
        begun.into_iter().for_each(|key| self.is_in_place(table, key));
        if let Some(is_taken) = self.is_taken.get_mut(table) {
            *is_taken |= taken;
        }
        Ok(())
    }

    /// Rows whose keys are those of the rows that they add to.
    fn look_at_additions(
        &mut self,
        connection: &Connection,
        shape: &SavedTable,
        owner: usize,
        known: &[(i64, Option<i64>)],
    ) -> rusqlite::Result<()> {
        let table = self.at.0;
        for (key, _) in known {
            // Where its owner is missing, a row with its key adds to another one's.
            let has_owner = self.is_there && !self.is_missing(owner, *key);
            if has_owner && exists(connection, shape, self.ids.now(table, *key))? {
                self.is_in_place(table, *key);
            }
        }
        Ok(())
    }

    /// Decides under the write lock which ids the missing rows get: rows that came since may have taken their own.
    ///
    /// # Errors
    /// As any read.
    pub fn settle(&mut self, connection: &Connection, record: &dyn SavedRecord) -> rusqlite::Result<()> {
        for (table, shape) in record.tables().iter().enumerate() {
            let of = |flags: &[bool]| flags.get(table).copied().unwrap_or_default();
            if of(&self.is_begun) || self.ids.owner(table).is_some() {
                continue;
            }
            let Some(first) = self.missing.get(table).and_then(|rows| rows.iter().position(|m| *m)) else {
                self.ids.set_base(table, None);
                continue;
            };
            let before = self.last.get(table).copied().flatten();
            let last = highest(connection, shape)?;
            let came = |key: &i64| Some(*key) > before && Some(*key) <= last;
            let is_taken = match table {
                0 => exists(connection, shape, record.run())?,
                _ => of(&self.is_taken) || self.missing_keys(table).any(|key| came(&key)),
            };
            let base = last.unwrap_or_default().saturating_add(1).saturating_sub(first as i64);
            self.ids.set_base(table, is_taken.then_some(base));
        }
        Ok(())
    }

    fn missing_keys(&self, table: usize) -> impl DoubleEndedIterator<Item = i64> {
        let missing = self.missing.get(table).map_or(&[][..], Vec::as_slice);
        self.ids.keys(table).iter().zip(missing).filter(|(_, missing)| **missing).map(|(key, _)| *key)
    }

    /// The rows that are to come first: the run, of IvoryOS's other tables those with the highest ids, and their owners.
    pub fn first_rows(&self, record: &dyn SavedRecord) -> Vec<Vec<i64>> {
        let mut first: Vec<Vec<i64>> = vec![Vec::new(); record.tables().len()];
        let steps = record.tables().iter().position(|table| table.name == "workflow_steps").unwrap_or(0);
        for table in 0..=steps {
            let Some(key) = self.missing_keys(table).next_back() else { continue };
            let mut wanted = vec![(table, key)];
            while let Some((table, key)) = wanted.pop() {
                if let Some(keys) = first.get_mut(table).filter(|keys| !keys.contains(&key)) {
                    keys.push(key);
                }
                let owner = self.ids.place(table, key).and_then(|at| record.keys().get(table)?.get(at)?.1);
                let onto = record.tables().get(table).and_then(|shape| Some(shape.owners.first()?.1));
                if let (Some(owner), Some(onto)) = (owner, onto)
                    && self.is_missing(onto, owner)
                {
                    wanted.push((onto, owner));
                }
            }
        }
        first
    }
}

/// Only of the runs a row stands under its new id.
fn begun_first(tables: usize) -> Vec<bool> {
    (0..tables).map(|table| table == 0).collect()
}

fn is_cell(found: ValueRef<'_>, saved: &SavedCell) -> bool {
    match (found, saved) {
        (ValueRef::Null, SavedCell::Null) => true,
        (ValueRef::Integer(a), SavedCell::Integer(b)) => a == *b,
        (ValueRef::Real(a), SavedCell::Real(b)) => a.to_bits() == b.to_bits(),
        (ValueRef::Text(a), SavedCell::Text(b)) | (ValueRef::Blob(a), SavedCell::Blob(b)) => {
            a == b.as_slice()
        }
        _ => false,
    }
}

fn column(shape: &SavedTable, at: Option<usize>) -> String {
    at.and_then(|at| shape.columns.get(at)).map_or_else(|| "NULL".to_owned(), |name| quoted(name))
}

/// The highest id of a table.
fn highest(connection: &Connection, shape: &SavedTable) -> rusqlite::Result<Option<i64>> {
    let sql = format!("SELECT max({}) FROM {}", column(shape, Some(shape.key)), quoted(&shape.name));
    connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))
}

fn exists(connection: &Connection, shape: &SavedTable, key: i64) -> rusqlite::Result<bool> {
    let sql = format!("SELECT 1 FROM {} WHERE {} = ?", quoted(&shape.name), column(shape, Some(shape.key)));
    connection.prepare_cached(&sql)?.exists([key])
}

/// The owners of all rows of a range of ids.
fn owners_of(
    connection: &Connection,
    shape: &SavedTable,
    (from, to): (i64, i64),
) -> rusqlite::Result<HashMap<i64, Option<i64>>> {
    let (key, name) = (column(shape, Some(shape.key)), quoted(&shape.name));
    let owner = column(shape, shape.owners.first().map(|owner| owner.0));
    let sql = format!("SELECT {key}, {owner} FROM {name} WHERE {key} BETWEEN ? AND ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        // What is no number names no row.
        Ok((row.get(0)?, row.get_ref(1)?.as_i64().ok()))
    };
    statement.query_map([from, to], read)?.collect()
}
