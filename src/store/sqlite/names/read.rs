//! Reading names, a short statement a piece: the first walk, the end after a change, and walks that look for the rest.

use std::time::{Duration, Instant};

use rusqlite::{Row, types::Value as SqlValue};

use super::{Due, Names, Walk, kinds::NameKind};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    store::sqlite::{RunCounts, Store},
};

/// Records as they were read, ascending.
struct Piece {
    ids: Vec<i64>,
    numbers: Vec<u32>,
    /// Nothing is behind them.
    end: bool,
}

impl Piece {
    /// The highest id up to which all records are in this piece.
    fn to(&self) -> i64 {
        self.ids.last().copied().filter(|_| !self.end).unwrap_or(i64::MAX)
    }
}

impl Store {
    /// Whether the names are in memory, or it is known that they can't be kept there.
    pub fn names_settled(&self) -> bool {
        let names = self.names.borrow();
        names.whole || names.useless
    }

    /// When [`Store::names_piece`] has something to do.
    pub fn names_due(&self) -> Due {
        self.names.borrow().due()
    }

    /// How many records the file has and how many failed, as of the last look at it.
    pub fn names_counts(&self) -> RunCounts {
        self.names.borrow().counts()
    }

    /// Brings the names in memory and up to date; false for a file whose names can't be kept.
    ///
    /// # Errors
    /// As any read; what was read before stays.
    pub fn names_ready(&self, checkpoint: &mut dyn Checkpoint) -> Result<bool> {
        while !self.names_settled() {
            self.names_piece()?;
            if !self.names_settled() {
                let done = self.names.borrow().ids.len() as u64;
                checkpoint.check(Progress { done, total: None })?;
            }
        }
        if !self.names.borrow().useless {
            self.read_end()?;
        }
        Ok(!self.names.borrow().useless)
    }

    /// Goes on with a walk over all records for a few milliseconds; true when a walk ends that found
    /// records which differ from those in earlier answers.
    ///
    /// # Errors
    /// As any read; what was read before stays.
    pub fn names_piece(&self) -> Result<bool> {
        if self.names.borrow().walk.is_none() {
            let version = self.data_version()?;
            if !self.has_plain_names()? {
                self.names.replace(Names { useless: true, ..Names::default() });
                return Ok(false);
            }
            let mut names = self.names.borrow_mut();
            names.walk = Some(Walk { from: i64::MIN, version, took: Duration::ZERO, news: false });
            names.provisional = false;
        }
        let Some(mut walk) = self.names.borrow().walk else { return Ok(false) };
        let started = Instant::now();
        // The last names are compared with the file before a piece may change them, and a piece that was read after a
        // later commit is not taken.
        let whole = self.names.borrow().whole;
        if whole {
            self.read_end()?;
        }
        let Some(piece) = self.names_from(walk.from)? else { return Ok(false) };
        if whole && self.names.borrow().seen != Some(self.data_version()?) {
            return Ok(false);
        }
        let mut names = self.names.borrow_mut();
        let to = piece.to();
        walk.news |= names.replace((walk.from, to), &piece.ids, &piece.numbers) && names.whole;
        walk.took += started.elapsed();
        walk.from = to.saturating_add(1);
        names.walk = Some(walk).filter(|_| to < i64::MAX);
        drop(names);
        if to == i64::MAX { self.walked(walk) } else { Ok(false) }
    }

    fn walked(&self, walk: Walk) -> Result<bool> {
        let now = self.data_version();
        let mut names = self.names.borrow_mut();
        names.exact = now.ok().filter(|now| *now == walk.version);
        if !names.whole || names.exact.is_some() {
            names.seen = Some(walk.version);
        }
        names.whole = true;
        names.ids.shrink_to_fit();
        names.numbers.shrink_to_fit();
        names.rests_until = Instant::now().checked_add(walk.took.saturating_mul(self.limits().name_rest));
        Ok(walk.news)
    }

    /// After a change: the last records and those that came since.
    fn read_end(&self) -> Result<()> {
        let now = self.data_version()?;
        if self.names.borrow().seen == Some(now) {
            return Ok(());
        }
        let mut back = self.limits().name_end;
        loop {
            let names = self.names.borrow();
            let row = names.ids.len().saturating_sub(back);
            let first = names.at(row);
            drop(names);
            // Where all known names are to be read again, they are read from the lowest id.
            let mut from = first.filter(|_| row > 0).map_or(i64::MIN, |(id, _)| id);
            loop {
                let Some(piece) = self.names_from(from)? else { return Ok(()) };
                self.names.borrow_mut().replace((from, piece.to()), &piece.ids, &piece.numbers);
                match piece.to().checked_add(1) {
                    Some(next) => from = next,
                    None => break,
                }
            }
            if row == 0 || self.names.borrow().at(row) == first {
                break;
            }
            back = back.saturating_mul(4);
        }
        let mut names = self.names.borrow_mut();
        (names.seen, names.provisional) = (Some(now), true);
        Ok(())
    }

    /// Drops the names of records that were deleted.
    pub fn forget_names(&self, ids: &[i64]) {
        let mut names = self.names.borrow_mut();
        for id in ids.iter().copied() {
            names.replace((id, id), &[], &[]);
        }
    }

    /// Texts in UTF-8, sorted by their bytes: else SQLite compares and matches in other ways.
    fn has_plain_names(&self) -> Result<bool> {
        let encoding: String =
            self.connection.pragma_query_value(None, "encoding", |r| r.get(0)).map_err(|e| self.error(e))?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'workflow_runs' AND sql LIKE '%collate%'";
        let collated: Vec<i64> = self.collect(sql, Vec::new(), |r| r.get(0))?;
        Ok(encoding == "UTF-8" && collated == [0])
    }

    /// The records from an id on, as many as take a few milliseconds; `None` when there are more names than can be kept.
    fn names_from(&self, from: i64) -> Result<Option<Piece>> {
        let failed = if self.columns.has_status { "coalesce(status = 'error', 0)" } else { "0" };
        let user = if self.columns.has_submitted_by { "submitted_by" } else { "NULL" };
        let sql =
            format!("SELECT id, name, {user}, {failed} FROM workflow_runs WHERE id >= ? ORDER BY id LIMIT ?");
        let rows = match self.names.borrow().rows {
            0 => self.limits().name_rows_first,
            rows => rows,
        };
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut piece = Piece { ids: Vec::new(), numbers: Vec::new(), end: false };
        let mut buffer = Vec::new();
        let started = Instant::now();
        let mut names = self.names.borrow_mut();
        self.collect(&sql, vec![SqlValue::Integer(from), SqlValue::Integer(limit)], |row| {
            let id = row.get(0)?;
            match names.kinds.number(kind(row)?, &mut buffer) {
                Some(number) => {
                    piece.ids.push(id);
                    piece.numbers.push(number);
                }
                None => names.useless = true,
            }
            Ok(())
        })?;
        if names.useless {
            *names = Names { useless: true, ..Names::default() };
            return Ok(None);
        }
        piece.end = piece.ids.len() < rows;
        if !piece.end {
            let fits = self.piece_time().as_secs_f64() / started.elapsed().as_secs_f64().max(1e-6);
            let next = (rows as f64 * fits.clamp(0.25, 2.0)) as usize;
            names.rows = next.clamp(self.limits().name_rows_least, self.limits().name_rows_most);
        }
        Ok(Some(piece))
    }
}

fn kind<'a>(row: &'a Row<'_>) -> rusqlite::Result<NameKind<'a>> {
    Ok(NameKind { name: row.get_ref(1)?, user: row.get_ref(2)?, failed: row.get(3)? })
}
