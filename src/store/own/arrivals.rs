//! Entries of the trash that move from one ivorylens.db to another: each is shown in one of both, whatever ends it.
//!
//! One transaction over both files would not do: after a kill in its commit, whoever may read only one of them would
//! take the other's journal for done. So the new file notes what came from where before the old one lets go of it.

use std::fs;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{OwnFile, file::cant_read};
use crate::{
    error::{Error, Result},
    model::record_key::RecordKey,
    platform::files::OPEN_FILES_HOLD_OTHERS,
};

/// What came, and where it is now: of files that are yet to let go of it.
const ARRIVALS: &str =
    "CREATE TABLE IF NOT EXISTS arrivals(source TEXT NOT NULL, n INTEGER NOT NULL, batch INTEGER NOT NULL,
    new_n INTEGER NOT NULL, new_batch INTEGER NOT NULL, PRIMARY KEY(source, n)) WITHOUT ROWID";

/// The name by which other files know one: a new file in its place has another.
const IDENTITY: &str = "CREATE TABLE IF NOT EXISTS identity(id TEXT NOT NULL)";

/// Where deletes that come stand among those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedBatches {
    Older,
    Newer,
}

/// An entry that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its number now.
    pub n: i64,
    /// It is not shown before its files are there.
    pub waits: bool,
}

impl OwnFile {
    /// The name of this file for others.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn source_name(&self) -> Result<String> {
        self.in_one_write(|tx| {
            tx.execute_batch(IDENTITY)?;
            tx.execute(
                "INSERT INTO identity SELECT hex(randomblob(16)) WHERE NOT EXISTS (SELECT 1 FROM identity)",
                [],
            )?;
            tx.query_row("SELECT id FROM identity", [], |row| row.get(0))
        })
    }

    /// The same, to look at it; `None` where nothing has moved from it yet.
    fn known_name(&self) -> Option<String> {
        self.connection.query_row("SELECT id FROM identity", [], |row| row.get(0)).ok()
    }

    /// All of another file is about to come here.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn begin_arrivals(&self, source: &str) -> Result<()> {
        self.in_one_write(|tx| {
            tx.execute_batch(ARRIVALS)?;
            tx.execute("INSERT OR IGNORE INTO arrivals VALUES (?, 0, 0, 0, 0)", [source]).map(drop)
        })
    }

    /// Whether that was begun for another file, and did not come to its end.
    pub fn waits_for(&self, from: &OwnFile) -> bool {
        let sql = "SELECT EXISTS(SELECT 1 FROM arrivals WHERE source = ?)";
        // Without the table nothing is.
        from.known_name().is_some_and(|source| {
            self.connection.query_row(sql, [source], |row| row.get::<_, bool>(0)).unwrap_or_default()
        })
    }

    /// Takes a copy of an entry of another file, unless it has one already. One with files is not shown yet.
    ///
    /// # Errors
    /// Where either file can't be read or written.
    pub fn receive(
        &self,
        from: &OwnFile,
        source: &str,
        (n, batch): (i64, i64),
        order: MovedBatches,
    ) -> Result<Arrival> {
        self.in_one_write_of(|tx| {
            let known = || {
                tx.execute_batch(ARRIVALS)?;
                let sql = "SELECT new_n, coalesce((SELECT state < 0 FROM trash WHERE trash.n = new_n), 0) FROM arrivals
                    WHERE source = ? AND n = ?";
                let read = |row: &rusqlite::Row<'_>| Ok(Arrival { n: row.get(0)?, waits: row.get(1)? });
                tx.query_row(sql, params![source, n], read).optional()
            };
            if let Some(known) = known().map_err(|e| self.write_error(&e))? {
                return Ok(known);
            }
            let batch_now = new_batch(tx, from, source, batch, order)?.map_err(|e| self.write_error(&e))?;
            let arrived = copy(tx, self, from, n, batch_now)?;
            let note = params![source, n, batch, arrived.n, batch_now];
            tx.execute("INSERT INTO arrivals VALUES (?, ?, ?, ?, ?)", note).map_err(|e| self.write_error(&e))?;
            Ok(arrived)
        })
    }

    /// Shows an entry whose files are there now.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn show(&self, n: i64) -> Result<()> {
        self.in_one_write(|tx| {
            tx.execute("UPDATE trash SET state = -state WHERE n = ? AND state < 0", [n]).map(drop)
        })
    }

    /// The other file has let go of all that came from it: gives the numbers of its entries, there and here.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn end_arrivals(&self, source: &str) -> Result<Vec<(i64, i64)>> {
        self.in_one_write(|tx| {
            let mut all =
                tx.prepare("SELECT n, new_n FROM arrivals WHERE source = ? AND n > 0 ORDER BY n")?;
            let all = all.query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let all = all.collect::<rusqlite::Result<Vec<_>>>()?;
            tx.execute("DELETE FROM arrivals WHERE source = ?", [source])?;
            Ok(all)
        })
    }

    /// Which lab it is of: the path of its database, and its first record.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn lab(&self) -> Result<(Vec<u8>, RecordKey)> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, RecordKey { run: row.get(1)?, start: row.get(2)?, name: row.get(3)? }))
        };
        let sql = "SELECT path, coalesce(first_run, 0), coalesce(first_start, ''), coalesce(first_name, '') FROM lab";
        self.connection.query_row(sql, [], read).map_err(|e| self.read_error(&e))
    }

    /// Removes it if it has no marks and nothing in the trash; false where it has.
    ///
    /// # Errors
    /// Where it can't be read or removed.
    pub fn remove_if_empty(self) -> Result<bool> {
        if OPEN_FILES_HOLD_OTHERS {
            return self.remove_aside_if_empty();
        }
        let write_error = |e| self.write_error(&e);
        let tx = Transaction::new_unchecked(&self.connection, TransactionBehavior::Exclusive);
        let tx = tx.map_err(write_error)?;
        let is_empty = has_nothing(&tx).map_err(write_error)?;
        if is_empty {
            // Whoever waits to write here sees then that it is not the place any more.
            fs::remove_file(&self.path).map_err(Error::io(&self.path))?;
            // An empty one may be beside it.
            let _ = fs::remove_file(self.path.with_extension("db-journal"));
        }
        Ok(is_empty)
    }

    /// The same where an open file can't be removed: closed, and moved to a name under which nobody writes, it is looked
    /// at once more.
    fn remove_aside_if_empty(self) -> Result<bool> {
        if !has_nothing(&self.connection).map_err(|e| self.write_error(&e))? {
            return Ok(false);
        }
        let (path, aside) = (self.path.clone(), self.path.with_extension("leaving"));
        drop(self.connection);
        fs::rename(&path, &aside).map_err(Error::io(&path))?;
        let is_empty = Connection::open(&aside).and_then(|connection| has_nothing(&connection));
        if let Ok(true) = is_empty {
            fs::remove_file(&aside).map_err(Error::io(&aside))?;
            let _ = fs::remove_file(path.with_extension("db-journal"));
            return Ok(true);
        }
        fs::rename(&aside, &path).map_err(Error::io(&path))?;
        is_empty.map_err(|error| cant_read(&path, &error, self.about, self.patience))
    }
}

/// No marks, and nothing in the trash.
fn has_nothing(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT NOT EXISTS(SELECT 1 FROM marks) AND NOT EXISTS(SELECT 1 FROM trash WHERE state > 0)";
    connection.query_row(sql, [], |row| row.get(0))
}

/// The number here of a delete there: those that come keep their order.
fn new_batch(
    tx: &Transaction<'_>,
    from: &OwnFile,
    source: &str,
    batch: i64,
    order: MovedBatches,
) -> Result<rusqlite::Result<i64>> {
    let ends = "SELECT coalesce(min(batch), 0), coalesce(max(batch), 0) FROM trash WHERE state != 0";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let there = from.connection.query_row(ends, [], read).map_err(|e| from.read_error(&e))?;
    let number = || {
        let sql = "SELECT new_batch - batch FROM arrivals WHERE source = ? AND n > 0 LIMIT 1";
        let known = tx.query_row(sql, [source], |row| row.get::<_, i64>(0)).optional()?;
        let here = tx.query_row(ends, [], read)?;
        let by = match (known, order) {
            (Some(by), _) => by,
            (None, MovedBatches::Older) => here.0.min(0) - there.1 - 1,
            (None, MovedBatches::Newer) => {
                let last = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batches'), 0)";
                let last = tx.query_row(last, [], |row| row.get::<_, i64>(0))?;
                here.1.max(last) - there.0 + 1
            }
        };
        if batch + by > 0 {
            tx.execute("INSERT OR IGNORE INTO batches VALUES (?)", [batch + by])?;
        }
        Ok(batch + by)
    };
    Ok(number())
}

/// Copies an entry with its rows, a piece at a time.
fn copy(tx: &Transaction<'_>, to: &OwnFile, from: &OwnFile, n: i64, batch: i64) -> Result<Arrival> {
    let read_error = |e: rusqlite::Error| from.read_error(&e);
    let write_error = |e: rusqlite::Error| to.write_error(&e);
    let rest = "run, name, start, deleted_at, deleted_by, phases, steps, bytes, saved_tables, new_ids";
    let files = from.files(n)?;
    let sql = format!("SELECT {rest}, state FROM trash WHERE n = ?");
    let mut one = from.connection.prepare_cached(&sql).map_err(read_error)?;
    let values = |row: &rusqlite::Row<'_>| {
        (0..11).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect::<rusqlite::Result<Vec<_>>>()
    };
    let values = one.query_row([n], values).map_err(read_error)?;
    let sign = if files.is_empty() { "" } else { "-" };
    let marks = ["?"; 10].join(", ");
    let sql = format!("INSERT INTO trash({rest}, state, batch) VALUES ({marks}, {sign}?, {batch})");
    tx.execute(&sql, rusqlite::params_from_iter(values)).map_err(write_error)?;
    let now = tx.last_insert_rowid();
    let sql = "SELECT seq, place, data FROM trash_rows WHERE n = ? ORDER BY seq";
    let mut pieces = from.connection.prepare_cached(sql).map_err(read_error)?;
    let mut pieces = pieces.query([n]).map_err(read_error)?;
    let mut add = tx.prepare_cached("INSERT INTO trash_rows VALUES (?, ?, ?, ?)").map_err(write_error)?;
    while let Some(piece) = pieces.next().map_err(read_error)? {
        let cell = |at| piece.get_ref(at).map_err(read_error);
        let values = (now, cell(0)?, cell(1)?, cell(2)?);
        let [seq, place, data] = [values.1, values.2, values.3].map(rusqlite::types::ToSqlOutput::Borrowed);
        add.execute(params![values.0, seq, place, data]).map_err(write_error)?;
    }
    let sql = "SELECT path, kept, bytes FROM trash_files WHERE n = ?";
    let mut all = from.connection.prepare_cached(sql).map_err(read_error)?;
    let file = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    };
    for found in all.query_map([n], file).map_err(read_error)? {
        let (path, kept, bytes) = found.map_err(read_error)?;
        let values = params![now, path, kept, bytes];
        tx.execute("INSERT INTO trash_files VALUES (?, ?, ?, ?)", values).map_err(write_error)?;
    }
    Ok(Arrival { n: now, waits: !files.is_empty() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        model::mark::RecordMark,
        store::own::{OwnPlace, OwnUse},
    };

    #[test]
    fn a_file_with_nothing_in_it_goes_by_way_of_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivorylens.db");
        let place = OwnPlace {
            file: file.clone(),
            lab: b"/lab/ivoryos.db".to_vec(),
            is_shared: false,
            patience: Duration::ZERO,
        };
        let record = RecordKey { run: 1, start: String::new(), name: "dye".to_owned() };
        let open = || OwnFile::open(&place, &record, OwnUse::Moving).unwrap();
        let mark =
            RecordMark { star: true, at: "2026-11-24T03:00:00.000000".to_owned(), ..RecordMark::default() };
        open().join_marks(&[(record.clone(), mark)], false).unwrap();
        assert!(!open().remove_aside_if_empty().unwrap() && open().marks().unwrap().len() == 1);
        fs::remove_file(&file).unwrap();
        assert!(open().remove_aside_if_empty().unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
