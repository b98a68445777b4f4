//! What the index knows of one table: which ids it has covered, whose rows they are, and how to tell that they still are.

use std::collections::BTreeMap;

use super::{
    id_ranges::{IdRange, IdRanges, push},
    id_set::IdSet,
    marks::RowMarks,
};
use crate::store::Limits;

/// Some rows of a table, neighbours in the order of ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IndexPiece {
    pub ranges: Vec<IdRange>,
    pub failed: Vec<i64>,
    /// Fingerprints of some of the rows.
    pub marks: Vec<(i64, u64)>,
    pub rows: usize,
    /// There may be more rows: reading them would have taken too long.
    pub cut: bool,
}

impl IndexPiece {
    pub fn first(&self) -> Option<i64> {
        self.ranges.first().map(|r| r.first)
    }

    pub fn last(&self) -> Option<i64> {
        self.ranges.last().map(|r| r.last)
    }

    /// Adds a row with a higher id than those before.
    pub fn add(&mut self, id: i64, owner: i64, failed: bool) {
        push(&mut self.ranges, IdRange { first: id, last: id, owner });
        if failed {
            self.failed.push(id);
        }
        self.rows += 1;
    }
}

/// One table: covered are the ids from `low` to `high`, and, unless `tail`, all that are higher too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexTable {
    pub ranges: IdRanges,
    /// Rows with `run_error`.
    pub failed: IdSet,
    /// Fingerprints of rows, one in [`Limits::fingerprint_distance`] ids.
    pub marks: RowMarks,
    /// False before the first piece.
    pub begun: bool,
    pub low: i64,
    pub high: i64,
    /// Rows behind `high` are yet to be read.
    pub tail: bool,
    /// Gaps that begin below this may have been filled since they were looked into last.
    pub probe: Option<i64>,
    /// The id ranges behind `high` before the file changed, and their rows' fingerprints.
    pub before: Before,
    /// Rows from here on are yet to be compared with what is known of them.
    pub audit: Option<i64>,
    /// The rows in front of `audit` were compared by a program that ran before.
    pub is_audit_old: bool,
    /// The file changed since the audit began.
    pub is_audit_late: bool,
    /// The table had other rows than was known, and not all of it was compared since.
    pub is_in_doubt: bool,
}

/// The id ranges and fingerprints of a table's end before it is read again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Before {
    ranges: Vec<IdRange>,
    marks: BTreeMap<i64, u64>,
}

/// Fingerprints that are tried, from the highest down, before all is read anew.
const TRIES: usize = 2000;

impl IndexTable {
    /// The walk down has reached the lowest row.
    pub fn is_down(&self) -> bool {
        self.begun && self.low == i64::MIN
    }

    /// The lowest id that is covered, when some below it may not be.
    pub fn uncovered(&self) -> Option<i64> {
        match self.begun {
            false => Some(i64::MAX),
            true => Some(self.low).filter(|low| *low > i64::MIN),
        }
    }

    /// Every row was read once; those that came later in pieces that are known about.
    pub fn is_whole(&self) -> bool {
        self.is_down() && !self.tail
    }

    /// Every row that a plain query would find is known, but for ids that were used again unseen.
    pub fn is_current(&self) -> bool {
        self.is_whole() && self.probe.is_none()
    }

    /// As many ids as lie between the table's ends.
    pub fn ids(&self) -> u64 {
        self.ranges.first().map_or(0, |first| self.high.abs_diff(first).saturating_add(1))
    }

    /// All rows are to be compared with what is known of them.
    pub fn audit_from_start(&mut self) {
        self.audit = Some(i64::MIN);
        (self.is_audit_old, self.is_audit_late) = (false, false);
    }

    /// The file changed. Others may have put rows into ids that they had freed, which shows in no other rows.
    pub fn audit_anew(&mut self) {
        if self.audit.is_some() {
            self.is_audit_late = true;
        } else if self.begun {
            self.audit_from_start();
        }
    }

    /// All rows up to an id were compared; to the end, a table in doubt is sure when this began at its start.
    pub fn audited(&mut self, to: i64) {
        self.audit = to.checked_add(1);
        if self.audit.is_some() {
            return;
        }
        let is_late = self.is_audit_late || (self.is_in_doubt && self.is_audit_old);
        self.is_in_doubt &= self.is_audit_old;
        if is_late {
            self.audit_from_start();
        }
    }

    /// Takes a piece as all rows with ids from `from` to `to`.
    pub fn replace(&mut self, from: i64, to: i64, piece: &IndexPiece) {
        self.ranges.replace(from, to, &piece.ranges);
        self.failed.replace(from, to, &piece.failed);
        self.marks.replace(from, to, &piece.marks);
    }

    /// Gives back memory that growing left over.
    pub fn shrink(&mut self) {
        self.ranges.shrink();
        self.failed.shrink();
        self.marks.shrink();
    }

    /// Takes a piece that was read downwards from below `low`; `end` when nothing is below it.
    pub fn take_down(&mut self, piece: &IndexPiece, end: bool) {
        let to = if self.begun { self.low.saturating_sub(1) } else { i64::MAX };
        if !self.begun {
            self.high = piece.last().unwrap_or(i64::MIN);
        }
        self.begun = true;
        let low = if end { i64::MIN } else { piece.first().unwrap_or(i64::MIN) };
        self.replace(low, to, piece);
        self.low = low;
        if end {
            self.shrink();
        }
    }

    /// Takes a piece of the first walk upwards, which was read from `from` on; `end` when nothing is behind it.
    pub fn take_up(&mut self, from: i64, piece: &IndexPiece, end: bool) {
        (self.begun, self.low) = (true, i64::MIN);
        self.high = piece.last().unwrap_or(if from == i64::MIN { i64::MIN } else { self.high });
        self.replace(from, if end { i64::MAX } else { self.high }, piece);
        if end {
            self.shrink();
        }
    }

    /// Takes a piece that was read upwards from behind `high`; `end` when nothing is behind it.
    pub fn take_tail(&mut self, piece: &IndexPiece, end: bool) {
        let last = piece.last().unwrap_or(self.high);
        self.replace(self.high.saturating_add(1), if end { i64::MAX } else { last }, piece);
        self.high = last;
        self.tail = !end;
    }

    /// The file changed: rows that came since have higher ids than `intact`, a row that is still the same; without such a
    /// row the whole table is read anew.
    pub fn reopen(&mut self, intact: Option<i64>) {
        match intact {
            Some(id) => {
                let from = id.saturating_add(1);
                self.before.ranges.extend(self.ranges.within(from, i64::MAX));
                self.before.marks.extend(self.marks.up_from(from));
                self.replace(from, i64::MAX, &IndexPiece::default());
                self.high = id;
                self.tail = true;
                self.probe = Some(i64::MAX);
            }
            None => {
                let mut before = std::mem::take(&mut self.before);
                before.ranges.extend(self.ranges.iter());
                before.marks.extend(self.marks.up_from(i64::MIN));
                *self = Self { before, ..Self::default() };
            }
        }
    }

    /// The end was read again: ids behind it that have no row any more, or another one than before. Of the fingerprints
    /// below the unsettled rows, a sample stays.
    pub fn changed_ids(&mut self, limits: &Limits) -> Vec<i64> {
        let before = std::mem::take(&mut self.before);
        let same = |id: &i64| {
            let mark = before.marks.get(id).copied();
            mark.is_some() && mark == self.marks.get(*id)
        };
        let ids = before.ranges.iter().flat_map(|r| r.first..=r.last);
        let changed = ids.filter(|id| !same(id)).collect();
        let from = before.ranges.first().map_or(i64::MIN, |r| r.first);
        let settled = self.high.saturating_sub(limits.unsettled_ids).max(from);
        let mut kept = self.marks.below(from);
        self.marks.retain_within(from, settled, |id| {
            let is_far = kept.is_none_or(|kept| id.abs_diff(kept) >= limits.fingerprint_distance);
            if is_far {
                kept = Some(id);
            }
            is_far
        });
        changed
    }

    /// Fingerprints of rows that are not written any more, from the highest down.
    pub fn settled_marks(&self, limits: &Limits) -> Vec<(i64, u64)> {
        let settled = self.high.saturating_sub(limits.unsettled_ids);
        self.marks.down_from(settled).take(TRIES).collect()
    }

    /// The fingerprint from which the next one's distance counts, for rows read from one end of a range.
    pub fn nearest_mark(&self, from: i64, to: i64, up: bool) -> Option<i64> {
        if up { self.marks.below(from) } else { self.marks.above(to) }
    }

    /// The next gap to be looked into, and what to go on with when it is still empty.
    pub fn next_gap(&self) -> Option<((i64, i64), Option<i64>)> {
        let bound = self.probe?;
        // Below the lowest row is a gap like any other.
        let lowest = self.ranges.first().filter(|first| *first > i64::MIN && bound > i64::MIN);
        Some(match self.ranges.gap_below(bound) {
            Some((behind, before)) => ((behind.saturating_add(1), before.saturating_sub(1)), Some(behind)),
            None => (lowest.map_or((1, 0), |first| (i64::MIN, first.saturating_sub(1))), None),
        })
    }

    /// The failed rows in and between these ranges, which are sorted; ranges that lie far apart are looked at one by one.
    pub fn failed_among(&self, ranges: &[IdRange]) -> Vec<i64> {
        let close = |a: &IdRange, b: &IdRange| b.first.saturating_sub(a.last) <= 1024;
        let ends =
            ranges.chunk_by(close).filter_map(|group| Some((group.first()?.first, group.last()?.last)));
        ends.flat_map(|(first, last)| self.failed.within(first, last)).collect()
    }

    /// How far the walk down has come, of how much: ids, as nobody counts the rows beforehand.
    pub fn progress(&self, lowest: i64) -> (u64, u64) {
        let all = self.high.abs_diff(lowest).saturating_add(1);
        match (self.begun, self.low) {
            (false, _) => (0, all),
            (true, i64::MIN) => (all, all),
            (true, low) => (self.high.abs_diff(low).saturating_add(1).min(all), all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three million phases with seven steps each were 20 MB once.
    #[test]
    fn a_table_that_was_read_in_pieces_is_small() {
        let mut table = IndexTable::default();
        for from in (0..700).rev().map(|piece| piece * 1_000) {
            let mut piece = IndexPiece::default();
            (from..from + 1_000).for_each(|id| piece.add(id, id / 7, id % 100 == 0));
            piece.marks.push((from, 1));
            table.take_down(&piece, from == 0);
        }
        let size = table.ranges.size() + table.failed.size() + table.marks.size();
        assert!(
            size < 100_000 * 3 / 2,
            "{size} bytes for 100,000 ranges, 7,000 failures and 700 fingerprints"
        );
    }
}
