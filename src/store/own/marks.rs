//! Marks of records in ivorylens.db: read, changed, brought together with those of another place.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::{OwnFile, file::WITH_MARKS, opened::OPENED};
use crate::{
    error::Result,
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

    /// Changes the marks of records, all or none; gives how many were changed.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn change_marks(
        &self,
        records: &[RecordKey],
        changes: &[MarkChange],
        by: &str,
        at: &str,
    ) -> Result<usize> {
        self.in_one_write(|tx| {
            let mut changed = 0;
            for key in records {
                let mut known = mark_of(tx, key)?.unwrap_or_default();
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

    /// The marks of records that have another id by now go along; whoever took them back has seen them.
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
                tx.execute(OPENED, params![now.run, now.start, now.name])?;
                let Some(theirs) = mark_of(tx, key)? else { continue };
                let joined = mark_of(tx, &now)?.map_or(theirs.clone(), |ours| ours.joined(&theirs, true));
                put(tx, &now, &joined)?;
                let which = params![key.run, key.start, key.name];
                tx.execute("DELETE FROM marks WHERE run = ? AND start = ? AND name = ?", which)?;
            }
            Ok(())
        })
    }

    pub(super) fn in_one_write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let written = || -> rusqlite::Result<T> {
            let tx = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let done = write(&tx)?;
            tx.commit()?;
            Ok(done)
        };
        written().map_err(|e| self.write_error(&e))
    }
}

fn mark_of(tx: &Transaction<'_>, key: &RecordKey) -> rusqlite::Result<Option<RecordMark>> {
    let mut one = tx.prepare_cached(&format!("{MARK} WHERE run = ? AND start = ? AND name = ?"))?;
    let found = one.query_row(params![key.run, key.start, key.name], mark).optional()?;
    Ok(found.map(|(_, mark)| mark))
}

fn put(tx: &Transaction<'_>, key: &RecordKey, mark: &RecordMark) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    let tags = Value::Array(mark.tags.iter().cloned().map(Value::String).collect()).to_string();
    let verdict = mark.verdict.map(Verdict::word);
    let values = params![key.run, key.start, key.name, mark.star, verdict, tags, mark.note, mark.by, mark.at];
    put.execute(values).map(drop)
}
