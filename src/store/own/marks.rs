//! Marks of records in ivorylens.db: read, changed, brought together with those of another place.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::{OwnFile, file::WITH_MARKS};
use crate::{
    error::{Error, Result},
    model::{
        mark::{MarkChange, RecordMark, Verdict},
        record_key::RecordKey,
    },
};

const MARK: &str = "SELECT run, start, name, star, verdict, tags, note, by, at FROM marks";

fn mark(row: &Row<'_>) -> rusqlite::Result<(RecordKey, RecordMark)> {
    let verdict: Option<String> = row.get(4)?;
    let mark = RecordMark {
        star: row.get(3)?,
        verdict: verdict.as_deref().and_then(Verdict::named),
        tags: tags_of(&row.get::<_, String>(5)?),
        note: row.get(6)?,
        by: row.get(7)?,
        at: row.get(8)?,
    };
    Ok((RecordKey { run: row.get(0)?, start: row.get(1)?, name: row.get(2)? }, mark))
}

fn tags_of(text: &str) -> BTreeSet<String> {
    let all = serde_json::from_str::<Value>(text).unwrap_or_default();
    let tags = all.as_array().into_iter().flatten();
    tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect()
}

impl OwnFile {
    /// All marks, also the empty ones of records that were marked once; by id.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn marks(&self) -> Result<Vec<(RecordKey, RecordMark)>> {
        if self.version() < WITH_MARKS {
            return Ok(Vec::new());
        }
        let read = || {
            let mut all = self.connection.prepare(&format!("{MARK} ORDER BY run, start, name"))?;
            all.query_map([], mark)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.read_error(&e))
    }

    /// Another number after each commit of another connection; `None` while one commits.
    pub fn commits_of_others(&self) -> Option<i64> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).ok()
    }

    /// The marks of these records, of those that have some.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn marks_of(&self, records: &[RecordKey]) -> Result<Vec<(RecordKey, RecordMark)>> {
        if self.version() < WITH_MARKS {
            return Ok(Vec::new());
        }
        let of = |key| Ok(mark_of(&self.connection, key)?.map(|mark| (key.clone(), mark)));
        let read: rusqlite::Result<Vec<_>> = records.iter().map(of).collect();
        read.map(|found| found.into_iter().flatten().collect()).map_err(|e| self.read_error(&e))
    }

    /// Changes the marks of records, all or none; gives how many were changed. `others` are marks that somebody else set
    /// elsewhere: star and verdict go on from theirs where these are newer.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn change_marks(
        &self,
        records: &[RecordKey],
        others: &[(RecordKey, RecordMark)],
        changes: &[MarkChange],
        (by, at): (&str, &str),
    ) -> Result<usize> {
        self.in_one_write(|tx| {
            let mut changed = 0;
            for key in records {
                let mut known = mark_of(tx, key)?.unwrap_or_default();
                if let Some((_, theirs)) =
                    others.iter().find(|(of, theirs)| of == key && theirs.at > known.at)
                {
                    (known.star, known.verdict) = (theirs.star, theirs.verdict);
                    known.at.clone_from(&theirs.at);
                }
                let mut is_another = false;
                for change in changes {
                    is_another |= known.change(change, by, at);
                }
                if is_another {
                    put(tx, key, &known)?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }

    /// Takes marks away that are still these; the others stay. Gives how many went.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn take_marks(&self, marks: &[(RecordKey, RecordMark)]) -> Result<usize> {
        self.in_one_write(|tx| {
            let mut taken = 0;
            for (key, mark) in marks {
                if mark_of(tx, key)?.as_ref() == Some(mark) {
                    taken += forget(tx, key)?;
                }
            }
            Ok(taken)
        })
    }

    /// Brings marks together with those that are there; gives how many records have other marks for it.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn join_marks(&self, marks: &[(RecordKey, RecordMark)], both_notes: bool) -> Result<usize> {
        self.in_one_write(|tx| {
            let mut changed = 0;
            for (key, theirs) in marks {
                let ours = mark_of(tx, key)?;
                let joined = ours.as_ref().map_or(theirs.clone(), |ours| ours.joined(theirs, both_notes));
                if ours.as_ref() != Some(&joined) {
                    put(tx, key, &joined)?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }

    /// The marks of records that have another id by now go along.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn move_marks(&self, moved: &[(RecordKey, i64)]) -> Result<()> {
        if moved.is_empty() || self.version() < WITH_MARKS {
            return Ok(());
        }
        self.in_one_write(|tx| {
            for (key, run) in moved {
                let now = RecordKey { run: *run, ..key.clone() };
                let Some(theirs) = mark_of(tx, key)? else { continue };
                let joined = mark_of(tx, &now)?.map_or(theirs.clone(), |ours| ours.joined(&theirs, true));
                put(tx, &now, &joined)?;
                forget(tx, key)?;
            }
            Ok(())
        })
    }

    pub(super) fn in_one_write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.in_one_write_of(|tx| write(tx).map_err(|e| self.write_error(&e)))
    }

    /// The same for what reads elsewhere meanwhile.
    pub(super) fn in_one_write_of<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let tx = begun.map_err(|e| self.write_error(&e))?;
        // Nobody else can write here from now on, so also not take it away.
        if !self.is_in_place() {
            return Err(Error::OwnMoved { path: self.path.clone() });
        }
        let done = write(&tx)?;
        tx.commit().map_err(|e| self.write_error(&e))?;
        Ok(done)
    }
}

fn mark_of(connection: &Connection, key: &RecordKey) -> rusqlite::Result<Option<RecordMark>> {
    let mut one = connection.prepare_cached(&format!("{MARK} WHERE run = ? AND start = ? AND name = ?"))?;
    let found = one.query_row(params![key.run, key.start, key.name], mark).optional()?;
    Ok(found.map(|(_, mark)| mark))
}

fn forget(tx: &Transaction<'_>, key: &RecordKey) -> rusqlite::Result<usize> {
    let mut forget = tx.prepare_cached("DELETE FROM marks WHERE run = ? AND start = ? AND name = ?")?;
    forget.execute(params![key.run, key.start, key.name])
}

fn put(tx: &Transaction<'_>, key: &RecordKey, mark: &RecordMark) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    let tags = Value::Array(mark.tags.iter().cloned().map(Value::String).collect()).to_string();
    let verdict = mark.verdict.map(Verdict::word);
    let values = params![key.run, key.start, key.name, mark.star, verdict, tags, mark.note, mark.by, mark.at];
    put.execute(values).map(drop)
}
