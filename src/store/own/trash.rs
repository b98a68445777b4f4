//! Entries of the trash: what was deleted by whom and when, listed, counted, removed.

use rusqlite::{OptionalExtension as _, Row, params};

use super::OwnFile;
use crate::error::Result;

/// How far the delete of an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Its rows are being given: it does not count yet.
    Saving,
    /// All rows are on disk, and their delete has begun or is about to.
    Saved,
    /// The record is gone from the lab's database.
    Gone,
}

impl EntryState {
    pub(super) fn number(self) -> i64 {
        match self {
            EntryState::Saving => 0,
            EntryState::Saved => 1,
            EntryState::Gone => 2,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => EntryState::Saving,
            1 => EntryState::Saved,
            _ => EntryState::Gone,
        }
    }
}

/// A record in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashEntry {
    pub n: i64,
    /// Entries of one delete have the same.
    pub batch: i64,
    /// Its id in the lab.
    pub run: i64,
    pub name: String,
    /// As Python writes it; empty for none.
    pub start: String,
    /// The lab PC's clock, as ISO 8601.
    pub deleted_at: String,
    pub deleted_by: String,
    pub phases: u64,
    pub steps: u64,
    /// What it takes in the trash, with its files.
    pub bytes: u64,
    pub state: EntryState,
}

const ENTRY: &str = "SELECT n, batch, run, name, start, deleted_at, deleted_by, phases, steps,
    bytes + (SELECT coalesce(sum(f.bytes), 0) FROM trash_files f WHERE f.n = trash.n), state FROM trash";

fn entry(row: &Row<'_>) -> rusqlite::Result<TrashEntry> {
    Ok(TrashEntry {
        n: row.get(0)?,
        batch: row.get(1)?,
        run: row.get(2)?,
        name: row.get(3)?,
        start: row.get(4)?,
        deleted_at: row.get(5)?,
        deleted_by: row.get(6)?,
        phases: row.get(7)?,
        steps: row.get(8)?,
        bytes: row.get(9)?,
        state: EntryState::of(row.get(10)?),
    })
}

impl OwnFile {
    /// All entries that count, newest first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn entries(&self) -> Result<Vec<TrashEntry>> {
        self.entries_where("state > 0 ORDER BY batch DESC, n DESC")
    }

    /// The entries of the newest delete that was not taken back yet, of this user in a shared file; none where there is
    /// none.
    ///
    /// # Errors
    /// As [`OwnFile::entries`].
    pub fn last_batch(&self, user: &str) -> Result<Vec<TrashEntry>> {
        let mut all = self.entries()?;
        if self.is_shared() {
            all.retain(|entry| entry.deleted_by == user);
        }
        let last = all.first().map(|entry| entry.batch);
        all.retain(|entry| Some(entry.batch) == last);
        all.reverse();
        Ok(all)
    }

    /// What a killed delete had begun to give goes: nothing of it was deleted. Whoever does holds the lock of the trash.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn forget_unsaved(&self) -> Result<()> {
        self.in_one_write(|tx| {
            tx.execute("DELETE FROM trash_rows WHERE n IN (SELECT n FROM trash WHERE state = 0)", [])?;
            tx.execute("DELETE FROM trash WHERE state = 0", []).map(drop)
        })
    }

    /// The entry with this number.
    ///
    /// # Errors
    /// As [`OwnFile::entries`].
    pub fn entry(&self, n: i64) -> Result<Option<TrashEntry>> {
        let sql = format!("{ENTRY} WHERE state > 0 AND n = ?");
        self.connection.query_row(&sql, [n], entry).optional().map_err(|e| self.read_error(&e))
    }

    /// Whether an entry had this number that is gone: numbers are never used again.
    ///
    /// # Errors
    /// As [`OwnFile::entries`].
    pub fn is_gone(&self, n: i64) -> Result<bool> {
        let sql = "SELECT ?1 > 0 AND ?1 <= (SELECT seq FROM sqlite_sequence WHERE name = 'trash')
            AND NOT EXISTS (SELECT 1 FROM trash WHERE n = ?1 AND state > 0)";
        let gone = self.connection.query_row(sql, [n], |row| row.get::<_, Option<bool>>(0));
        gone.map(Option::unwrap_or_default).map_err(|e| self.read_error(&e))
    }

    fn entries_where(&self, which: &str) -> Result<Vec<TrashEntry>> {
        let read = || {
            let mut all = self.connection.prepare(&format!("{ENTRY} WHERE {which}"))?;
            all.query_map([], entry)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.read_error(&e))
    }

    /// Removes entries with all that was kept of them. Whoever does holds the lock of the trash.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn remove(&self, numbers: &[i64]) -> Result<()> {
        self.in_one_write(|tx| {
            for n in numbers {
                tx.execute("DELETE FROM trash_rows WHERE n = ?", [n])?;
                tx.execute("DELETE FROM trash_files WHERE n = ?", [n])?;
                tx.execute("DELETE FROM trash WHERE n = ?", [n])?;
            }
            Ok(())
        })?;
        self.shrink();
        Ok(())
    }

    /// Notes a file of the lab that goes along; gives the name under which it is kept.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn add_file(&self, n: i64, path: &[u8], kept: &str, bytes: u64) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO trash_files VALUES (?, ?, ?, ?)";
        let added = self.connection.execute(sql, params![n, path, kept, bytes]);
        added.map(drop).map_err(|e| self.write_error(&e))
    }

    /// Makes the numbers of entries go on above this one, where they have not come so far.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn count_above(&self, n: i64) -> Result<()> {
        let done = || -> rusqlite::Result<()> {
            let last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'trash'";
            if self.connection.query_row(last, [], |row| row.get::<_, i64>(0))? >= n {
                return Ok(());
            }
            let tx = self.connection.unchecked_transaction()?;
            tx.execute("DELETE FROM sqlite_sequence WHERE name = 'trash'", [])?;
            tx.execute("INSERT INTO sqlite_sequence(name, seq) VALUES ('trash', ?)", [n])?;
            tx.commit()
        };
        done().map_err(|e| self.write_error(&e))
    }

    /// It is not kept any more, or never came.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn forget_file(&self, n: i64, kept: &str) -> Result<()> {
        let sql = "DELETE FROM trash_files WHERE n = ? AND kept = ?";
        self.connection.execute(sql, params![n, kept]).map(drop).map_err(|e| self.write_error(&e))
    }

    /// Whether any files went along.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn has_files(&self) -> Result<bool> {
        let sql = "SELECT EXISTS(SELECT 1 FROM trash_files)";
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| self.read_error(&e))
    }

    /// The other entry with which the file of this path in the lab went along, and the name under which it is kept.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn file_of_another(&self, n: i64, path: &[u8]) -> Result<Option<(i64, String)>> {
        let sql = "SELECT n, kept FROM trash_files WHERE n != ? AND path = ? ORDER BY n DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found = self.connection.query_row(sql, params![n, path], read).optional();
        found.map_err(|e| self.read_error(&e))
    }

    /// The files that went along with an entry: their paths in the lab, and the names under which they are kept.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn files(&self, n: i64) -> Result<Vec<(Vec<u8>, String)>> {
        let read = || {
            let mut all =
                self.connection.prepare("SELECT path, kept FROM trash_files WHERE n = ? ORDER BY kept")?;
            all.query_map([n], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.read_error(&e))
    }
}
