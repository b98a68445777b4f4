//! Putting records back that were deleted: in one transaction, a large one in pieces.
//!
//! IvoryOS gives a new row the highest id plus one. So of a large record the first transaction writes the run, the phase
//! and the step with the highest ids, and no id of the others can be given away; whatever ends it half-way, the same call
//! goes on, as what is in place is told from what is missing.

mod alone;
mod place;

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode, ToSql, Transaction, TransactionBehavior, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{Store, lock_wait::wait_to_write, saved_tables::quoted, turns::Turns};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    store::saved::{Back, NewIds, SavedCell, SavedRecord, SavedRow, SavedTable, ToldBack},
};
pub use alone::write_database;
use place::{RestoreHalt, RowPlaces};

/// How long the write lock is to be held, about.
const AIM: Duration = Duration::from_millis(10);

/// Rows of one table that are held in memory: a piece.
const HELD: usize = 500;

/// Bytes of them.
const HELD_BYTES: usize = 1 << 20;

/// How often a record is placed anew that others put in place meanwhile.
const ATTEMPTS: usize = 20;

type Records<'r, 'b> = &'r mut [Box<dyn SavedRecord + 'b>];

impl Store {
    /// Puts records back; those that are back whole are told by their places in the list.
    ///
    /// # Errors
    /// [`Error::Busy`] after the patience, [`Error::Refused`] where the tables have lost columns, and what the records say.
    /// Those that were told are back; the one behind them may be back in part.
    pub fn restore(&self, records: Records<'_, '_>, back: ToldBack<'_>, cx: &mut Cx<'_>) -> Result<()> {
        let total = records.iter().map(|record| rows_of(&**record)).sum();
        let (connection, turns) = (self.writer()?, Turns::new(self.limits().delete_pause));
        let mut job = Restore { store: self, connection, total, done: 0, turns };
        let mut from = 0;
        while let Some((at, count)) = next_group(records, from, self.limits().together_rows) {
            let some = records.get_mut(at..at + count).unwrap_or_default();
            let backs: Vec<_> = (at..).zip(job.group(some, cx)?).collect();
            back(&backs)?;
            from = at + count;
        }
        Ok(())
    }
}

fn rows_of(record: &dyn SavedRecord) -> u64 {
    record.keys().iter().map(|keys| keys.len() as u64).sum()
}

/// Records that go together: no more rows than one transaction takes, or one large record alone.
fn next_group(records: Records<'_, '_>, from: usize, most: u64) -> Option<(usize, usize)> {
    let mut rows = 0;
    let mut fits = |record: &dyn SavedRecord| {
        rows += rows_of(record);
        rows <= most
    };
    let left = records.get(from..).filter(|left| !left.is_empty())?;
    Some((from, left.iter().take_while(|record| fits(&***record)).count().max(1)))
}

/// A restore under way.
struct Restore<'a> {
    store: &'a Store,
    connection: Connection,
    total: u64,
    done: u64,
    turns: Turns,
}

/// What a transaction came to.
enum End<T> {
    Done(T),
    /// Somebody reads, or put a row in the way: nothing was changed.
    Again,
}

impl Restore<'_> {
    fn group(&mut self, records: Records<'_, '_>, cx: &mut Cx<'_>) -> Result<Vec<Back>> {
        self.wait_again()?;
        for record in records.iter() {
            self.refuse_lost_columns(record.tables())?;
        }
        let is_large = records.first().is_some_and(|r| rows_of(&**r) > self.store.limits().restore_rows);
        match records {
            [large] if is_large => Ok(vec![self.large(&mut **large, cx)?]),
            small => self.together(small, cx),
        }
    }

    /// Whole records in one transaction.
    fn together(&mut self, records: Records<'_, '_>, cx: &mut Cx<'_>) -> Result<Vec<Back>> {
        let held = records.iter().map(|record| all_rows(&**record)).collect::<Result<Vec<_>>>()?;
        for _ in 0..ATTEMPTS {
            self.pause(cx)?;
            let end = self.transaction(|tx| {
                let mut backs = Vec::with_capacity(held.len());
                for (record, rows) in records.iter_mut().zip(&held) {
                    let mut place = RowPlaces::of(tx, &**record)?;
                    place.settle(tx, &**record)?;
                    let ids = place.ids();
                    if ids.are_new() && record.bases() != Some(ids.bases()) {
                        record.begin(ids.bases()).map_err(RestoreHalt::Record)?;
                    }
                    let mut put = 0;
                    for (table, rows) in rows.iter().enumerate() {
                        let Some(shape) = record.tables().get(table) else { continue };
                        for row in rows.iter().filter(|row| place.is_missing(table, row.key)) {
                            insert(tx, shape, table, row, place.ids())?;
                            put += 1;
                        }
                    }
                    backs.push(Back { was: record.run(), run: place.ids().run(record.run()), rows: put });
                }
                Ok(backs)
            })?;
            if let End::Done(backs) = end {
                self.done += records.iter().map(|record| rows_of(&**record)).sum::<u64>();
                return Ok(backs);
            }
        }
        Err(self.busy())
    }

    /// One record in pieces.
    fn large(&mut self, record: &mut dyn SavedRecord, cx: &mut Cx<'_>) -> Result<Back> {
        let (before, mut put) = (self.done, 0);
        let mut place = self.place(record, cx)?;
        put += self.reserve(record, &mut place, cx)?;
        for table in 1..record.tables().len() {
            put += self.rest(record, table, &place, cx)?;
        }
        self.done = before + rows_of(record);
        Ok(Back { was: record.run(), run: place.ids().run(record.run()), rows: put })
    }

    /// The last commit waited for readers no longer than the lab can; what reads waits as ever.
    fn wait_again(&mut self) -> Result<()> {
        wait_to_write(&mut self.connection, &self.store.current).map_err(|e| self.store.write_error(e))
    }

    /// Finds out what is in place, while the lab goes on.
    fn place(&mut self, record: &dyn SavedRecord, cx: &mut Cx<'_>) -> Result<RowPlaces> {
        self.wait_again()?;
        let mut place = RowPlaces::begun(&self.connection, record).map_err(|halt| self.halted(halt))?;
        while place.look(&self.connection, record, AIM).map_err(|e| self.store.write_error(e))? {
            cx.check(Progress { done: self.done, total: Some(self.total) })?;
        }
        Ok(place)
    }

    /// Writes the rows that keep all ids of a record from being given away.
    fn reserve(
        &mut self,
        record: &mut dyn SavedRecord,
        place: &mut RowPlaces,
        cx: &mut Cx<'_>,
    ) -> Result<u64> {
        let wanted = place.first_rows(record);
        let mut rows = Vec::new();
        for (table, keys) in wanted.iter().enumerate().filter(|(_, keys)| !keys.is_empty()) {
            record.rows(table, &mut |row| {
                if keys.contains(&row.key) {
                    rows.push((table, row));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        for _ in 0..ATTEMPTS {
            self.pause(cx)?;
            let end = self.transaction(|tx| {
                if !place.is_still(tx, record)? {
                    return Ok(None);
                }
                place.settle(tx, record)?;
                if record.bases() != Some(place.ids().bases()) {
                    record.begin(place.ids().bases()).map_err(RestoreHalt::Record)?;
                }
                for (table, row) in &rows {
                    let Some(shape) = record.tables().get(*table) else { continue };
                    if place.is_missing(*table, row.key) {
                        insert(tx, shape, *table, row, place.ids())?;
                    }
                }
                Ok(Some(()))
            })?;
            match end {
                End::Done(Some(())) => {
                    place.are_in_place(rows.iter().map(|(table, row)| (*table, row.key)));
                    return Ok(rows.len() as u64);
                }
                // The record was put back or deleted by somebody else meanwhile.
                End::Done(None) => *place = self.place(record, cx)?,
                End::Again => {}
            }
        }
        Err(self.busy())
    }

    /// Writes the rows of a table that are missing.
    fn rest(
        &mut self,
        record: &dyn SavedRecord,
        table: usize,
        place: &RowPlaces,
        cx: &mut Cx<'_>,
    ) -> Result<u64> {
        let Some(shape) = record.tables().get(table) else { return Ok(0) };
        let (mut held, mut bytes, mut put) = (Vec::new(), 0, 0);
        record.rows(table, &mut |row| {
            if place.is_missing(table, row.key) {
                bytes += size(&row);
                held.push(row);
            }
            if held.len() >= HELD || bytes >= HELD_BYTES {
                put += self.piece(&mut held, shape, table, place, cx)?;
                bytes = 0;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        put += self.piece(&mut held, shape, table, place, cx)?;
        Ok(put)
    }

    /// Writes these rows, in as many transactions as the lab's commits need.
    fn piece(
        &mut self,
        held: &mut Vec<SavedRow>,
        shape: &SavedTable,
        table: usize,
        place: &RowPlaces,
        cx: &mut Cx<'_>,
    ) -> Result<u64> {
        let (mut from, mut tries) = (0, 0);
        while from < held.len() {
            self.pause(cx)?;
            let rows = held.get(from..).unwrap_or_default();
            let end = self.transaction(|tx| {
                let begun = Instant::now();
                let mut count = 0;
                for row in rows {
                    insert(tx, shape, table, row, place.ids())?;
                    count += 1;
                    if begun.elapsed() >= AIM / 2 {
                        break;
                    }
                }
                Ok(count)
            })?;
            match end {
                End::Done(count) => {
                    (from, tries) = (from + count, 0);
                    self.done += count as u64;
                }
                End::Again if tries >= ATTEMPTS => return Err(self.busy()),
                End::Again => tries += 1,
            }
        }
        let count = held.len() as u64;
        held.clear();
        Ok(count)
    }

    /// Runs a transaction with the write lock.
    fn transaction<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, RestoreHalt>,
    ) -> Result<End<T>> {
        let store = self.store;
        let error = |e| store.write_error(e);
        wait_to_write(&mut self.connection, &store.current).map_err(error)?;
        store.refuse_elsewhere()?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
        let done = match write(&tx) {
            Ok(done) => done,
            Err(halt) => {
                drop(tx);
                return Err(self.halted(halt));
            }
        };
        // The lab's writes wait as long as this commit waits for a reader.
        tx.busy_timeout(AIM).map_err(error)?;
        match tx.commit() {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => return Ok(End::Again),
            committed => committed.map_err(error)?,
        }
        store.current.goes_on();
        Ok(End::Done(done))
    }

    /// Leaves the write lock to the lab until it is our turn.
    fn pause(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let progress = Progress { done: self.done.min(self.total), total: Some(self.total) };
        self.turns.wait(&self.connection, progress, cx)
    }

    fn halted(&self, halt: RestoreHalt) -> Error {
        match halt {
            RestoreHalt::Record(error) => error,
            RestoreHalt::Sql(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                refused(&e)
            }
            RestoreHalt::Sql(e) => self.store.write_error(e),
        }
    }

    fn busy(&self) -> Error {
        Error::Busy { path: self.store.path.clone(), seconds: self.store.options.patience.as_secs() }
    }

    /// IvoryOS may have been replaced by a version whose tables are others.
    fn refuse_lost_columns(&self, tables: &[SavedTable]) -> Result<()> {
        for table in tables {
            // A quoted name alone would be a text where there is no such column.
            let of = quoted(&table.name);
            let names = table.columns.iter().map(|name| format!("{of}.{}", quoted(name)));
            let sql = format!("SELECT {} FROM {of} LIMIT 0", names.collect::<Vec<_>>().join(", "));
            match self.connection.prepare(&sql) {
                Ok(_) => {}
                Err(e @ (rusqlite::Error::SqliteFailure(..) | rusqlite::Error::SqlInputError { .. }))
                    if e.sqlite_error_code().is_none_or(|code| code == ErrorCode::Unknown) =>
                {
                    return Err(Error::Refused(format!(
                        "the table {} is not what it was when the record was deleted ({e}); nothing was put back",
                        table.name
                    )));
                }
                Err(e) => return Err(self.store.write_error(e)),
            }
        }
        Ok(())
    }
}

fn refused(error: &rusqlite::Error) -> Error {
    Error::Refused(format!(
        "the database refuses a row of the record ({error}); what is not back stays in the trash"
    ))
}

/// All rows of a small record, by table.
fn all_rows(record: &dyn SavedRecord) -> Result<Vec<Vec<SavedRow>>> {
    let mut all = vec![Vec::new(); record.tables().len()];
    for (table, rows) in all.iter_mut().enumerate() {
        record.rows(table, &mut |row| {
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(all)
}

fn size(row: &SavedRow) -> usize {
    let long = |cell: &SavedCell| match cell {
        SavedCell::Text(bytes) | SavedCell::Blob(bytes) => bytes.len(),
        _ => 8,
    };
    row.cells.iter().map(long).sum()
}

/// Writes a row under the ids that it and its owners have now.
fn insert(
    tx: &Transaction<'_>,
    shape: &SavedTable,
    table: usize,
    row: &SavedRow,
    ids: &NewIds,
) -> rusqlite::Result<()> {
    let names = shape.columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let marks = vec!["?"; shape.columns.len()].join(", ");
    let sql = format!("INSERT INTO {}({names}) VALUES ({marks})", quoted(&shape.name));
    let now = ids.now(table, row.key);
    let cells = row.cells.iter().enumerate().map(|(at, cell)| {
        let owner = shape.owners.iter().find(|owner| owner.0 == at);
        Bound(match (cell, owner) {
            (SavedCell::Integer(_), _) if at == shape.key => ValueRef::Integer(now),
            // Its own number would be another one's: the database gives it one.
            _ if shape.rowid == Some(at) && now != row.key => ValueRef::Null,
            (SavedCell::Integer(id), Some((_, onto))) => ValueRef::Integer(ids.now(*onto, *id)),
            (SavedCell::Integer(number), None) => ValueRef::Integer(*number),
            (SavedCell::Null, _) => ValueRef::Null,
            (SavedCell::Real(number), _) => ValueRef::Real(*number),
            (SavedCell::Text(text), _) => ValueRef::Text(text),
            (SavedCell::Blob(blob), _) => ValueRef::Blob(blob),
        })
    });
    tx.prepare_cached(&sql)?.execute(params_from_iter(cells))?;
    Ok(())
}

/// A cell as it was, also a text that is no UTF-8.
struct Bound<'a>(ValueRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}
