//! Puts rows into the trash before they are deleted, compressed, on disk when a record's are all there.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension as _, params};

use super::{
    EntryState, OwnFile, TrashLock,
    entry::Pieces,
    own_words::{OwnUse, unwritable},
};
use crate::{
    error::{Error, Result},
    store::{
        DeleteTarget,
        saved::{Keeper, PackedRows, SavedRows, SavedTable, row_hash},
    },
};

/// Compressed as quickly as rows are read; measured in docs/performance.md.
const LEVEL: i32 = 1;

/// Bytes of a large record that are written in one transaction: others who write wait for it.
const TOGETHER: u64 = 8 << 20;

/// An entry that rows are given to.
#[derive(Debug)]
struct Open {
    n: i64,
    seq: i64,
    /// Tables and keys of the rows that are there.
    keys: HashSet<(usize, i64)>,
    phases: u64,
    steps: u64,
    bytes: u64,
    /// The place of the table of steps.
    at_steps: usize,
    /// Made by this delete.
    is_new: bool,
    /// A commit failed that would have deleted some of it.
    may_be_gone: bool,
}

/// The trash as the keeper of one delete.
#[derive(Debug)]
pub struct TrashKeeper {
    file: OwnFile,
    _lock: TrashLock,
    batch: i64,
    deleted_at: String,
    deleted_by: String,
    open: HashMap<i64, Open>,
    /// Entries whose records are gone, which is yet to be noted.
    gone: Vec<i64>,
    /// Records with earlier entries that have other columns.
    older: Vec<(i64, i64)>,
    /// Bytes since the last commit; `None` while no transaction is open.
    written: Option<u64>,
}

impl TrashKeeper {
    /// Begins a batch.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn begin_batch(
        file: OwnFile,
        lock: TrashLock,
        deleted_at: String,
        deleted_by: String,
    ) -> Result<Self> {
        file.forget_unsaved()?;
        let (open, gone, older) = (HashMap::new(), Vec::new(), Vec::new());
        let mut keeper =
            Self { file, _lock: lock, batch: 0, deleted_at, deleted_by, open, gone, older, written: None };
        let begun = |keeper: &mut Self| -> rusqlite::Result<i64> {
            keeper.in_transaction()?;
            let connection = &keeper.file.connection;
            connection.execute("INSERT INTO batches DEFAULT VALUES", [])?;
            let batch = connection.last_insert_rowid();
            connection.execute("DELETE FROM batches WHERE batch < ?", [batch])?;
            Ok(batch)
        };
        keeper.batch = begun(&mut keeper).map_err(|e| keeper.failed(&e))?;
        Ok(keeper)
    }

    /// The delete is over: entries of records of which nothing was deleted for sure go again. Gives the numbers and bytes of
    /// the entries of these records.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn finish(mut self, deleted: &[i64], untouched: &[i64]) -> Result<Vec<(i64, u64)>> {
        self.roll_back();
        // Without that note they count as unfinished, and come back all the same.
        let _ = self.in_transaction().and_then(|()| self.note_gone()).and_then(|()| self.commit());
        self.roll_back();
        let of = |runs: &[i64], open: &HashMap<i64, Open>, new: bool| {
            let found = runs
                .iter()
                .filter_map(|run| open.get(run))
                .filter(|open| !new || open.is_new && !open.may_be_gone);
            found.map(|open| (open.n, open.bytes)).collect::<Vec<_>>()
        };
        let idle: Vec<i64> = of(untouched, &self.open, true).into_iter().map(|(n, _)| n).collect();
        if !idle.is_empty() {
            self.file.remove(&idle)?;
        }
        Ok(of(deleted, &self.open, false))
    }

    /// The file that entries are kept in.
    pub fn file(&self) -> &OwnFile {
        &self.file
    }

    /// What the user is to be told about the file.
    pub fn notice(&self) -> Option<&str> {
        self.file.notice()
    }

    /// The number of a record's entry.
    pub fn entry_of(&self, run: i64) -> Option<i64> {
        self.open.get(&run).map(|open| open.n)
    }

    /// Notes a file of a record that is about to be moved into the trash.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn add_file(&mut self, run: i64, path: &[u8], kept: &str, bytes: u64) -> Result<()> {
        self.entry_of(run).map_or(Ok(()), |n| self.file.add_file(n, path, kept, bytes))
    }

    /// A file that was noted did not come.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn forget_file(&mut self, run: i64, kept: &str) -> Result<()> {
        self.entry_of(run).map_or(Ok(()), |n| self.file.forget_file(n, kept))
    }

    fn roll_back(&mut self) {
        if self.written.take().is_some() {
            // It ends with the connection, at the latest.
            let _ = self.file.connection.execute_batch("ROLLBACK");
        }
    }

    fn in_transaction(&mut self) -> rusqlite::Result<()> {
        if self.written.is_none() {
            self.file.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.written = Some(0);
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if self.written.is_some() {
            self.file.connection.execute_batch("COMMIT")?;
            self.written = None;
        }
        Ok(())
    }

    fn note_gone(&mut self) -> rusqlite::Result<()> {
        for n in self.gone.drain(..) {
            let values = [EntryState::Gone.number(), n];
            self.file.connection.execute("UPDATE trash SET state = ? WHERE n = ?", values)?;
        }
        Ok(())
    }

    /// What is said of SQLite's error; nothing that was given since the last commit is kept.
    fn failed(&mut self, error: &rusqlite::Error) -> Error {
        self.roll_back();
        self.file.write_error(error)
    }

    /// The unfinished entry of a record.
    fn unfinished(&self, target: &DeleteTarget<'_>) -> rusqlite::Result<Option<(i64, String, bool)>> {
        // One that a restore has put back in part under another id is known by that one.
        let sql = "SELECT n, saved_tables, coalesce(new_ids GLOB '*[0-9]*', 0) FROM trash
            WHERE state = 1 AND name = ?2 AND start = ?3 AND (run = ?1 OR json_extract(new_ids, '$[0]') = ?1)
            ORDER BY n DESC LIMIT 1";
        let values = params![target.run, target.name, target.start.python()];
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.file.connection.query_row(sql, values, read).optional()
    }

    fn add_entry(&mut self, target: &DeleteTarget<'_>, tables: &str) -> rusqlite::Result<i64> {
        let sql =
            "INSERT INTO trash(batch, run, name, start, deleted_at, deleted_by, phases, steps, bytes, state,
            saved_tables) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?)";
        let (start, state) = (target.start.python(), EntryState::Saving.number());
        let values = params![
            self.batch,
            target.run,
            target.name,
            start,
            self.deleted_at,
            self.deleted_by,
            state,
            tables
        ];
        self.file.connection.execute(sql, values)?;
        Ok(self.file.connection.last_insert_rowid())
    }

    /// Goes on with an unfinished entry: what it has already.
    fn join(&mut self, run: i64, n: i64, is_new: bool, tables: &[SavedTable]) -> Result<SavedRows> {
        let pieces = Pieces::of(&self.file, n)?;
        let mut saved = SavedRows::default();
        let mut open = Open { n, is_new, ..Open::new(n, tables) };
        pieces.each(&self.file, None, &mut |place, row, bytes| {
            saved.add(place, row.key, row_hash(bytes));
            open.add(place, row.key);
            Ok(())
        })?;
        (open.seq, open.bytes) = (pieces.next_seq(), pieces.bytes());
        self.open.insert(run, open);
        Ok(saved)
    }
}

impl Open {
    fn new(n: i64, tables: &[SavedTable]) -> Self {
        let at_steps = tables.iter().position(|table| table.name == "workflow_steps").unwrap_or(1);
        Self {
            n,
            seq: 0,
            keys: HashSet::new(),
            phases: 0,
            steps: 0,
            bytes: 0,
            at_steps,
            is_new: true,
            may_be_gone: false,
        }
    }

    fn add(&mut self, place: usize, key: i64) {
        if self.keys.insert((place, key)) && place > 0 && place <= self.at_steps {
            let count = if place == self.at_steps { &mut self.steps } else { &mut self.phases };
            *count += 1;
        }
    }
}

impl Keeper for TrashKeeper {
    fn begin(&mut self, target: &DeleteTarget<'_>, tables: &[SavedTable]) -> Result<SavedRows> {
        let words = super::entry::tables_as_text(tables);
        let known = self.open.get(&target.run).map(|open| open.is_new);
        let found = self.unfinished(target).map_err(|e| self.failed(&e))?;
        if let Some((n, had, is_begun)) = found {
            if is_begun {
                return Err(half_back(target.run, n));
            }
            if had == words {
                return self.join(target.run, n, known.unwrap_or(false), tables);
            }
            // The tables have other columns by now: the rows that are still there make an entry of their own.
            self.older.push((target.run, n));
        }
        let added = self.in_transaction().and_then(|()| self.add_entry(target, &words));
        let n = added.map_err(|e| self.failed(&e))?;
        self.open.insert(target.run, Open::new(n, tables));
        Ok(SavedRows::default())
    }

    fn take(&mut self, run: i64, table: usize, rows: &PackedRows) -> Result<()> {
        let path = self.file.path.clone();
        let data = compressed(rows).map_err(|e| unwritable(&path, &e.to_string(), OwnUse::Trash))?;
        self.in_transaction().map_err(|e| self.failed(&e))?;
        let Some(open) = self.open.get_mut(&run) else { return Ok(()) };
        rows.keys().iter().for_each(|key| open.add(table, *key));
        let values = params![open.n, open.seq, table as i64, data];
        let added = self.file.connection.execute("INSERT INTO trash_rows VALUES (?, ?, ?, ?)", values);
        open.seq += 1;
        open.bytes += data.len() as u64;
        added.map_err(|e| self.failed(&e))?;
        let written = self.written.unwrap_or_default() + data.len() as u64;
        self.written = Some(written);
        if written >= TOGETHER {
            self.commit().map_err(|e| self.failed(&e))?;
        }
        Ok(())
    }

    fn sync(&mut self, runs: &[i64]) -> Result<()> {
        let counted = |keeper: &mut Self| -> rusqlite::Result<()> {
            keeper.in_transaction()?;
            let sql =
                "UPDATE trash SET phases = ?, steps = ?, bytes = ?, state = ?, batch = ?, deleted_at = ?,
                deleted_by = ? WHERE n = ?";
            let mut note = keeper.file.connection.prepare_cached(sql)?;
            for open in runs.iter().filter_map(|run| keeper.open.get(run)) {
                let (state, batch) = (EntryState::Saved.number(), keeper.batch);
                let (at, by) = (&keeper.deleted_at, &keeper.deleted_by);
                note.execute(params![open.phases, open.steps, open.bytes, state, batch, at, by, open.n])?;
            }
            drop(note);
            keeper.note_gone()?;
            keeper.commit()
        };
        counted(self).map_err(|e| self.failed(&e))
    }

    fn gone(&mut self, runs: &[i64]) -> Result<()> {
        // It is noted with the next rows, or at the end: each commit waits for the disk.
        self.gone.extend(runs.iter().filter_map(|run| self.open.get(run)).map(|open| open.n));
        self.gone.extend(self.older.iter().filter(|(run, _)| runs.contains(run)).map(|(_, n)| n));
        Ok(())
    }

    fn may_be_gone(&mut self, runs: &[i64]) {
        for (_, open) in self.open.iter_mut().filter(|(run, _)| runs.contains(run)) {
            open.may_be_gone = true;
        }
    }
}

/// Rows as they are kept.
///
/// # Errors
/// Where there is no memory for it.
pub(super) fn compressed(rows: &PackedRows) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(rows.bytes(), LEVEL)
}

/// A record of which a part is in the trash and can't be added to.
fn half_back(run: i64, n: i64) -> Error {
    Error::Advised {
        said: format!("a part of record {run} is in the trash (entry {n})"),
        command: format!("put it back first: ivorylens restore {n}; nothing of it was deleted now"),
        screen: format!("put it back first: entry {n} of :trash; nothing of it was deleted now"),
    }
}
