//! Which records their user has not opened yet, in ivorylens.db.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, params};

use super::{OwnFile, file::WITH_MARKS};
use crate::{error::Result, model::record_key::RecordKey};

/// Up to where all records count as read: the highest id and the last start then. A record that got an id anew began later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadUpTo {
    pub run: i64,
    /// As Python writes it, which sorts as the times do; empty for none.
    pub start: String,
}

impl OwnFile {
    /// Up to where all is read, and what was opened behind that; `None` where nobody looked at the lab's list yet.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn opened(&self) -> Result<Option<(ReadUpTo, HashSet<RecordKey>)>> {
        if self.version() < WITH_MARKS {
            return Ok(None);
        }
        let read = || {
            let place = |row: &rusqlite::Row<'_>| Ok(ReadUpTo { run: row.get(0)?, start: row.get(1)? });
            let up_to =
                self.connection.query_row("SELECT run, start FROM read_up_to", [], place).optional()?;
            let Some(up_to) = up_to else { return Ok(None) };
            let mut all = self.connection.prepare("SELECT run, start, name FROM opened")?;
            let key = |row: &rusqlite::Row<'_>| {
                Ok(RecordKey { run: row.get(0)?, start: row.get(1)?, name: row.get(2)? })
            };
            let opened = all.query_map([], key)?.collect::<rusqlite::Result<_>>()?;
            Ok(Some((up_to, opened)))
        };
        read().map_err(|e| self.read_error(&e))
    }

    /// All up to there is read.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn read_all(&self, up_to: &ReadUpTo) -> Result<()> {
        self.in_one_write(|tx| {
            tx.execute("DELETE FROM read_up_to", [])?;
            tx.execute("INSERT INTO read_up_to VALUES (?, ?)", params![up_to.run, up_to.start])?;
            tx.execute("DELETE FROM opened", []).map(drop)
        })
    }

    /// The same where nothing was said about it yet.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn read_all_at_first(&self, up_to: &ReadUpTo) -> Result<()> {
        self.in_one_write(|tx| {
            let sql = "INSERT INTO read_up_to SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM read_up_to)";
            tx.execute(sql, params![up_to.run, up_to.start]).map(drop)
        })
    }

    /// Its user opened records.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn open_records(&self, keys: &[RecordKey]) -> Result<()> {
        self.in_one_write(|tx| {
            let mut opened = tx.prepare_cached("INSERT OR IGNORE INTO opened VALUES (?, ?, ?)")?;
            keys.iter().try_for_each(|key| opened.execute(params![key.run, key.start, key.name]).map(drop))
        })
    }
}
