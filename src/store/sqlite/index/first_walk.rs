//! The first walk for somebody who waits for every row: upwards through both tables side by side, as they were
//! written, so that the file is passed over once, from its begin to its end, and the disk reads ahead.

use std::fs::File;

use super::{Kind, build::RowsToMark, table::IndexTable};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    platform::files::will_read,
    store::sqlite::Store,
};

/// One table's part of the walk.
struct Part {
    kind: Kind,
    table: IndexTable,
    /// The ids of the table's ends when the walk began.
    ends: (i64, i64),
    /// The next row has this id or a higher one; `None` when all are read.
    next: Option<i64>,
}

impl Part {
    /// The share of the table that is read, as far as ids tell.
    fn share(&self) -> f64 {
        let (low, high) = self.ends;
        let long = high.abs_diff(low).saturating_add(1) as f64;
        self.next.map_or(1.0, |next| (next.max(low).abs_diff(low) as f64 / long).min(1.0))
    }
}

impl Store {
    /// Nothing is known yet, also not what there was before.
    pub(super) fn is_blank(&self) -> bool {
        let index = self.index.borrow();
        self.kinds().iter().all(|kind| *index.table(*kind) == IndexTable::default())
    }

    /// Reads all rows of both tables. What is read becomes the index only when all of it is there: until then others
    /// that ask at a checkpoint find the newest rows first, as ever.
    pub(super) fn first_walk(&self, checkpoint: &mut dyn Checkpoint) -> Result<()> {
        let version = self.index.borrow().version;
        let mut parts = Vec::new();
        for &kind in self.kinds() {
            let ends = self.ends(kind)?.unwrap_or((0, 0));
            parts.push(Part { kind, table: IndexTable::default(), ends, next: Some(i64::MIN) });
        }
        let mut ahead = ReadAhead::of(self);
        let mut rows = 0;
        let is_open = |part: &&mut Part| part.next.is_some();
        while let Some(part) = parts.iter_mut().filter(is_open).min_by(|a, b| a.share().total_cmp(&b.share()))
        {
            ahead.reach(part.share());
            rows += self.walk_up(part)?;
            checkpoint.check(progress(&parts))?;
            if self.is_current() {
                // Somebody else at a checkpoint waited for it, too.
                return Ok(());
            }
        }
        let mut index = self.index.borrow_mut();
        for part in parts {
            *index.table_mut(part.kind) = part.table;
        }
        // What was committed since is looked for at the next question.
        (index.version, index.compared) = (version, version);
        index.keep.changed(rows);
        Ok(())
    }

    /// Reads the next piece of a table, and says how many rows it had.
    fn walk_up(&self, part: &mut Part) -> Result<usize> {
        let Some(from) = part.next else { return Ok(0) };
        // As ever, of the phases at the end each is to be known again.
        let limits = self.limits();
        let distance = i64::try_from(limits.fingerprint_distance).unwrap_or(i64::MAX);
        let last_ones = part.ends.1.saturating_sub(limits.unsettled_ids).saturating_sub(distance);
        let is_before = part.kind == Kind::Phases && from < last_ones;
        let to = if is_before { last_ones.saturating_sub(1) } else { i64::MAX };
        let marks = match part.kind {
            Kind::Phases if !is_before => RowsToMark::Every,
            _ => RowsToMark::FarFrom(part.table.marks.below(from)),
        };
        let (piece, end) = self.timed(|rows| self.read_rows(part.kind, (from, to), true, rows, marks))?;
        part.table.take_up(from, &piece, end && !is_before);
        let behind = if end { to } else { piece.last().unwrap_or(to) };
        part.next = behind.checked_add(1);
        Ok(piece.rows)
    }

    /// The lowest and the highest id of a table.
    fn ends(&self, kind: Kind) -> Result<Option<(i64, i64)>> {
        let lowest = self.row_from(kind, i64::MIN)?;
        let marks = RowsToMark::FarFrom(None);
        let highest = self.read_rows(kind, (i64::MIN, i64::MAX), false, 1, marks)?;
        Ok(lowest.map(|row| row.0).zip(highest.last()))
    }
}

fn progress(parts: &[Part]) -> Progress {
    let (mut done, mut total) = (0_u64, 0_u64);
    for part in parts {
        let rows = part.ends.1.abs_diff(part.ends.0).saturating_add(1);
        total = total.saturating_add(rows);
        done = done.saturating_add((rows as f64 * part.share()) as u64);
    }
    Progress { done: done.min(total), total: Some(total) }
}

/// So far ahead of the walk the disk is told what comes.
const AHEAD: u64 = 32 << 20;
/// So much at once: of a longer stretch Linux reads only the beginning.
const STRETCH: u64 = 128 << 10;
/// In a smaller file it is not worth the while.
const LEAST: u64 = 16 << 20;

/// Has the disk read the file ahead of the walk. It is right where the tables grew together; where they did not, parts
/// of the file are read early, none of them more than once.
struct ReadAhead<'a> {
    file: Option<&'a File>,
    long: u64,
    asked: u64,
}

impl<'a> ReadAhead<'a> {
    fn of(store: &'a Store) -> Self {
        let file = store.connection.file();
        let long = file.and_then(|file| file.metadata().ok()).map_or(0, |about| about.len());
        Self { file: file.filter(|_| long >= LEAST), long, asked: 0 }
    }

    /// The walk has read this share of the rows.
    fn reach(&mut self, share: f64) {
        let Some(file) = self.file else { return };
        let until = ((self.long as f64 * share) as u64).saturating_add(AHEAD).min(self.long);
        while self.asked < until {
            if !will_read(file, self.asked, STRETCH) {
                self.file = None;
                return;
            }
            self.asked += STRETCH;
        }
    }
}
