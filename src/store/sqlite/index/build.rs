//! Reading the tables into the index, a short statement a piece.

use std::time::{Duration, Instant};

use rusqlite::{
    Row,
    types::{Value as SqlValue, ValueRef},
};

use super::{
    DiskState, IdRange, Kind, NOBODY,
    codec::{hash, put, zigzag},
    table::IndexPiece,
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Result},
    store::{
        Remains,
        sqlite::{Store, id_order::IdOrder, index::lookup::truth, time_slice::Watch},
    },
};

/// How long a piece may take, about: its commit has to wait for that while the lab writes.
const PIECE_TIME: Duration = Duration::from_millis(4);
const POLITE_TIME: Duration = Duration::from_millis(1);
/// The lab is taken to be writing for so long after a commit.
const WRITES: Duration = Duration::from_secs(2);

/// How often the file's state is looked at beside a lab that commits.
const LOOKS: usize = 8;

/// Gaps looked into by a piece, at most: about a millisecond.
const PROBES: usize = 400;

impl Store {
    /// Does a few milliseconds of work on the index, and says what remains. Nothing is open in the file afterwards.
    ///
    /// # Errors
    /// As any read; what was done before stays.
    pub fn index_piece(&self) -> Result<Remains> {
        self.notice()?;
        self.advance()?;
        if !self.is_current() {
            return Ok(Remains::Build);
        }
        self.keep_index();
        let index = self.index.borrow();
        let audit = [Kind::Phases, Kind::Steps].iter().any(|kind| index.table(*kind).audit.is_some());
        Ok(if audit { Remains::Audit } else { Remains::Nothing })
    }

    /// Whether [`Store::index_piece`] has anything to do, as far as is known without looking at the file.
    pub fn index_wants(&self) -> bool {
        let index = self.index.borrow();
        let settled = |kind: &Kind| index.table(*kind).is_current() && index.table(*kind).audit.is_none();
        index.version != Some(self.seen.get()) || !self.kinds().iter().all(settled)
    }

    /// Whether rows were found since this was last asked that earlier answers missed.
    pub fn index_news(&self) -> bool {
        std::mem::take(&mut self.index.borrow_mut().news)
    }

    /// The lab commits in these seconds.
    pub fn is_written(&self) -> bool {
        self.index.borrow().change.is_some_and(|at| at.elapsed() < WRITES)
    }

    /// How long a piece of background reading may take.
    pub(in crate::store::sqlite) fn piece_time(&self) -> Duration {
        if self.is_written() { POLITE_TIME } else { PIECE_TIME }
    }

    /// How far the first walk over the tables has come; `None` when it is through.
    pub fn index_progress(&self) -> Option<Progress> {
        let index = self.index.borrow();
        let kinds = self.kinds();
        if kinds.iter().all(|kind| index.table(*kind).is_down()) {
            return None;
        }
        let parts = kinds.iter().map(|kind| index.table(*kind).progress(1));
        let (done, total) =
            parts.fold((0_u64, 0_u64), |(a, b), (c, d)| (a.saturating_add(c), b.saturating_add(d)));
        Some(Progress { done, total: Some(total).filter(|_| index.steps.begun) })
    }

    /// Works on the index until it is complete: until it knows every row that a plain query would find.
    ///
    /// # Errors
    /// As any read; [`Error::Cancelled`] when the checkpoint said so.
    pub fn complete(&self, checkpoint: &mut dyn Checkpoint) -> Result<()> {
        self.notice()?;
        if self.is_blank() {
            self.first_walk(checkpoint)?;
        }
        while !self.is_current() || self.awaits_audit() {
            self.advance()?;
            checkpoint.check(self.index_progress().unwrap_or_default())?;
        }
        Ok(())
    }

    /// As [`Store::complete`], and waits for an audit where others committed since the last one; where the tables
    /// contradicted what was known, for all of it.
    ///
    /// # Errors
    /// As [`Store::complete`].
    pub(in crate::store::sqlite) fn make_sure(&self, checkpoint: &mut dyn Checkpoint) -> Result<()> {
        self.complete(checkpoint)?;
        self.await_audit();
        while !self.is_current() || self.is_in_doubt() || self.awaits_audit() {
            self.advance()?;
            checkpoint.check(Progress::default())?;
        }
        Ok(())
    }

    /// Others may have put rows into ids that they freed before, which shows in no other rows.
    fn await_audit(&self) {
        let mut index = self.index.borrow_mut();
        if index.version.is_some() && index.compared == index.version {
            return;
        }
        // Of larger tables the audit would never come to its end if each delete began it anew.
        let is_small = index.ids() <= self.limits().awaited_audit as u64;
        for &kind in self.kinds() {
            if is_small || index.table(kind).audit.is_none() {
                index.table_mut(kind).audit_from_start();
            }
        }
        (index.compared, index.awaited_audit) = (index.version, self.limits().awaited_audit);
    }

    fn is_in_doubt(&self) -> bool {
        let index = self.index.borrow();
        self.kinds().iter().any(|kind| index.table(*kind).is_in_doubt)
    }

    fn awaits_audit(&self) -> bool {
        let index = self.index.borrow();
        index.awaited_audit > 0 && self.kinds().iter().any(|kind| index.table(*kind).audit.is_some())
    }

    /// A number that is another one when the tables had other rows than was known.
    pub(in crate::store::sqlite) fn contradictions(&self) -> u64 {
        self.index.borrow().contradictions
    }

    pub(in crate::store::sqlite) fn kinds(&self) -> &'static [Kind] {
        if self.columns.has_phases { &[Kind::Phases, Kind::Steps] } else { &[Kind::Steps] }
    }

    pub(in crate::store::sqlite) fn is_current(&self) -> bool {
        let index = self.index.borrow();
        self.kinds().iter().all(|kind| index.table(*kind).is_current())
    }

    /// When the file changed since the last look, finds for each table the highest row that is still the same.
    pub(in crate::store::sqlite) fn notice(&self) -> Result<()> {
        let (now, state) = self.look()?;
        let is_unchanged = state.as_ref().is_some_and(|state| self.recall(state));
        if now.is_some() && self.index.borrow().version == now {
            return Ok(());
        }
        for &kind in self.kinds() {
            if !self.index.borrow().table(kind).begun {
                continue;
            }
            let marks = self.index.borrow().table(kind).settled_marks(self.limits());
            let mut intact = None;
            for &(id, mark) in &marks {
                if self.mark_of(kind, id)? == Some(mark) {
                    intact = Some(id);
                    break;
                }
            }
            let mut index = self.index.borrow_mut();
            index.table_mut(kind).reopen(intact);
            if !is_unchanged {
                index.table_mut(kind).audit_anew();
            }
            if index.table(kind).begun && marks.first().map(|m| m.0) != intact {
                index.contradicted(kind, self.limits().awaited_audit);
            }
        }
        let mut index = self.index.borrow_mut();
        index.change = index.version.map(|_| Instant::now());
        (index.version, index.state) = (now, state);
        Ok(())
    }

    /// The file's version and its state. While the lab commits the version can't be read: then all is taken as changed.
    fn look(&self) -> Result<(Option<i64>, Option<DiskState>)> {
        let mut found = (None, None);
        for _ in 0..LOOKS {
            found = match self.version_and_state() {
                Ok((version, state)) => (Some(version), state),
                Err(Error::Busy { .. }) => (None, None),
                Err(e) => return Err(e),
            };
            // A commit came between: then the next look finds both.
            if found.1.is_some() || found.0.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Reads the next piece of rows, the most wanted first.
    pub(in crate::store::sqlite) fn advance(&self) -> Result<()> {
        let index = self.index.borrow();
        let kinds = self.kinds().iter().copied();
        let find =
            |test: &dyn Fn(&super::IndexTable) -> bool| kinds.clone().find(|kind| test(index.table(*kind)));
        let tail = find(&|t| t.tail);
        // The newest rows of both tables first.
        let down = find(&|t| !t.begun).or_else(|| find(&|t| !t.is_down()));
        let probe = find(&|t| t.probe.is_some());
        let audit = find(&|t| t.audit.is_some());
        drop(index);
        if let Some(kind) = tail {
            self.tail_piece(kind)
        } else if let Some(kind) = down {
            self.down_piece(kind)
        } else if let Some(kind) = probe {
            self.probe_piece(kind)
        } else if let Some(kind) = audit {
            self.audit_piece(kind)
        } else {
            Ok(())
        }
    }

    fn tail_piece(&self, kind: Kind) -> Result<()> {
        let high = self.index.borrow().table(kind).high;
        let (piece, end) = self.timed_piece(kind, (high.saturating_add(1), i64::MAX), true)?;
        let mut index = self.index.borrow_mut();
        let table = index.table_mut(kind);
        table.take_tail(&piece, end);
        index.keep.changed(piece.rows);
        drop(index);
        if end { self.end_was_read(kind) } else { Ok(()) }
    }

    /// A phase's id may be used again while its steps are gone without a trace at the end of their table.
    fn end_was_read(&self, kind: Kind) -> Result<()> {
        if kind == Kind::Steps {
            self.index.borrow_mut().steps.before = super::table::Before::default();
            return Ok(());
        }
        let mut index = self.index.borrow_mut();
        let changed = index.phases.changed_ids(self.limits());
        let ranges = if changed.is_empty() { Vec::new() } else { index.steps.ranges.owned(&changed) };
        drop(index);
        self.reread(Kind::Steps, &ranges)?;
        Ok(())
    }

    fn down_piece(&self, kind: Kind) -> Result<()> {
        let index = self.index.borrow();
        let table = index.table(kind);
        let to = if table.begun { table.low.saturating_sub(1) } else { i64::MAX };
        drop(index);
        let (piece, end) = self.timed_piece(kind, (i64::MIN, to), false)?;
        let mut index = self.index.borrow_mut();
        index.table_mut(kind).take_down(&piece, end);
        index.keep.changed(piece.rows);
        drop(index);
        if end { self.end_was_read(kind) } else { Ok(()) }
    }

    /// Looks into gaps; rows in one are read a piece at a time.
    fn probe_piece(&self, kind: Kind) -> Result<()> {
        let Some(gap) = self.probe(kind)? else { return Ok(()) };
        let (piece, end) = self.timed_piece(kind, gap, true)?;
        let mut index = self.index.borrow_mut();
        index.table_mut(kind).replace(gap.0, if end { gap.1 } else { piece.last().unwrap_or(gap.1) }, &piece);
        // Where rows were put between others there may be more than the gaps show.
        index.contradicted(kind, self.limits().awaited_audit);
        index.news = true;
        Ok(())
    }

    /// The next gap that has rows by now, of some; all under one lock, as taking it costs more than a look.
    fn probe(&self, kind: Kind) -> Result<Option<(i64, i64)>> {
        let _lock = self.lent()?.unchecked_transaction().map_err(|e| self.error(e))?;
        let mut watch = Watch::start(self.limits());
        for _ in 0..PROBES {
            let Some((gap, next)) = self.index.borrow().table(kind).next_gap() else { break };
            if gap.0 <= gap.1 && self.read_piece(kind, gap, true, 1)?.rows > 0 {
                return Ok(Some(gap));
            }
            self.index.borrow_mut().table_mut(kind).probe = next;
            if watch.is_late() {
                break;
            }
        }
        Ok(None)
    }

    fn audit_piece(&self, kind: Kind) -> Result<()> {
        let Some(from) = self.index.borrow().table(kind).audit else { return Ok(()) };
        let (piece, end) = self.timed_piece(kind, (from, i64::MAX), true)?;
        let to = if end { i64::MAX } else { piece.last().unwrap_or(i64::MAX) };
        let is_same = self.correct(kind, (from, to), &piece);
        let mut index = self.index.borrow_mut();
        // What is in front was compared just now.
        index.table_mut(kind).is_in_doubt |= !is_same;
        index.contradictions += u64::from(!is_same);
        index.table_mut(kind).audited(to);
        let left = index.awaited_audit.saturating_sub(piece.rows.max(1));
        let is_waited_for_no_more = left == 0 && index.awaited_audit > 0;
        if is_waited_for_no_more || end {
            // The next program need not begin anew.
            index.keep.is_wrong();
        }
        index.awaited_audit = left;
        Ok(())
    }

    /// Rows were read that are covered already: what is known of them is put right. False where it was something else,
    /// though nobody writes into those rows any more.
    fn correct(&self, kind: Kind, (from, to): (i64, i64), piece: &IndexPiece) -> bool {
        let mut index = self.index.borrow_mut();
        let table = index.table_mut(kind);
        let known = table.ranges.within(from, to);
        if known == piece.ranges && table.failed.within(from, to).eq(piece.failed.iter().copied()) {
            return true;
        }
        let settled = table.high.saturating_sub(self.limits().unsettled_ids);
        let is_same = until(&known, settled).eq(until(&piece.ranges, settled));
        table.replace(from, to, piece);
        index.news = true;
        index.keep.is_wrong();
        is_same
    }

    /// Reads rows again as [`Store::reread`]; where they are others than was known, there may be more of that.
    pub(in crate::store::sqlite) fn verify(&self, kind: Kind, ranges: &[IdRange]) -> Result<()> {
        if !self.reread(kind, ranges)? {
            self.index.borrow_mut().contradicted(kind, self.limits().awaited_audit);
        }
        Ok(())
    }

    /// Reads ranges of rows, which come by id, again, with the rows beside them, and puts right what is known of them;
    /// neighbours together. False where it was something else.
    fn reread(&self, kind: Kind, ranges: &[IdRange]) -> Result<bool> {
        let mut is_same = true;
        let (low, high) = {
            let index = self.index.borrow();
            (index.table(kind).low, index.table(kind).high)
        };
        for run in ranges.chunk_by(|a, b| a.last.checked_add(1) == Some(b.first)) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            // What is not covered is not known, so it can't be compared.
            let mut from = first.first.saturating_sub(1).max(low.min(first.first));
            let last = last.last.saturating_add(1).min(high.max(last.last));
            while from <= last {
                let piece = self.read_piece(kind, (from, last), true, usize::MAX)?;
                let to = piece.last().filter(|_| piece.cut).unwrap_or(last);
                is_same &= self.correct(kind, (from, to), &piece);
                let Some(next) = to.checked_add(1) else { break };
                from = next;
            }
        }
        Ok(is_same)
    }

    /// Drops rows that this program deleted.
    pub(in crate::store::sqlite) fn forget(&self, kind: Kind, ranges: impl IntoIterator<Item = (i64, i64)>) {
        let mut index = self.index.borrow_mut();
        index.keep.is_wrong();
        for (from, to) in ranges {
            index.table_mut(kind).replace(from, to, &IndexPiece::default());
        }
    }

    /// A piece of as many rows as take a few milliseconds, and whether the range ended with it.
    fn timed_piece(&self, kind: Kind, range: (i64, i64), up: bool) -> Result<(IndexPiece, bool)> {
        self.timed(|rows| self.read_piece(kind, range, up, rows))
    }

    /// Reads as many rows as take a few milliseconds, and says whether there were no more.
    pub(super) fn timed(&self, read: impl FnOnce(usize) -> Result<IndexPiece>) -> Result<(IndexPiece, bool)> {
        let rows = match self.index.borrow().rows {
            0 => self.limits().index_rows_first,
            rows => rows,
        };
        let started = Instant::now();
        let piece = read(rows)?;
        let took = started.elapsed();
        let end = piece.rows < rows && !piece.cut;
        if !end {
            let fits = self.piece_time().as_secs_f64() / took.as_secs_f64().max(1e-6);
            let next = (rows as f64 * fits.clamp(0.25, 2.0)) as usize;
            self.index.borrow_mut().rows =
                next.clamp(self.limits().index_rows_least, self.limits().index_rows_most);
        }
        Ok((piece, end))
    }

    /// Up to `limit` rows with ids in a range, from its lower end up or from its upper end down; fewer where that
    /// takes long.
    pub(in crate::store::sqlite) fn read_piece(
        &self,
        kind: Kind,
        (from, to): (i64, i64),
        up: bool,
        limit: usize,
    ) -> Result<IndexPiece> {
        let index = self.index.borrow();
        let table = index.table(kind);
        // Of the phases at the end each is to be known again.
        let every = kind == Kind::Phases && (!table.begun || from > table.high);
        let marks =
            if every { RowsToMark::Every } else { RowsToMark::FarFrom(table.nearest_mark(from, to, up)) };
        drop(index);
        self.read_rows(kind, (from, to), up, limit, marks)
    }

    /// As [`Store::read_piece`], without looking at what is known.
    pub(super) fn read_rows(
        &self,
        kind: Kind,
        (from, to): (i64, i64),
        up: bool,
        limit: usize,
        mut marks: RowsToMark,
    ) -> Result<IndexPiece> {
        let sql = self.columns.index_sql(kind, up);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.lent()?.prepare_cached(sql).map_err(|e| self.error(e))?;
        let mut rows = statement.query([from, to, limit]).map_err(|e| self.error(e))?;
        let mut watch = Watch::start(self.limits());
        let mut order = if up { IdOrder::rising(from, to) } else { IdOrder::falling(from, to) };
        let mut read = Vec::new();
        let mut piece = IndexPiece::default();
        let distance = self.limits().fingerprint_distance;
        while let Some(row) = rows.next().map_err(|e| self.error(e))? {
            let (id, owner, failed) = known(row).map_err(|e| self.error(e))?;
            order.next(id).map_err(|e| self.error(e))?;
            if marks.wants(id, distance)
                && let Some(mark) = mark(row, id, owner).map_err(|e| self.error(e))?
            {
                piece.marks.push((id, mark));
                marks.marked(id);
            }
            if up {
                piece.add(id, owner, failed)
            } else {
                read.push((id, owner, failed))
            }
            if watch.is_late() {
                piece.cut = true;
                break;
            }
        }
        read.iter().rev().for_each(|&(id, owner, failed)| piece.add(id, owner, failed));
        Ok(piece)
    }
}

/// The ranges with ids up to one.
fn until(ranges: &[IdRange], id: i64) -> impl Iterator<Item = IdRange> {
    let below = ranges.iter().filter(move |range| range.first <= id);
    below.map(move |range| IdRange { last: range.last.min(id), ..*range })
}

/// Which rows of a piece get a fingerprint.
#[derive(Debug, Clone, Copy)]
pub enum RowsToMark {
    Every,
    /// Those that lie far enough from the last one with a fingerprint.
    FarFrom(Option<i64>),
}

impl RowsToMark {
    fn wants(self, id: i64, distance: u64) -> bool {
        match self {
            Self::Every => true,
            Self::FarFrom(marked) => marked.is_none_or(|marked| id.abs_diff(marked) >= distance),
        }
    }

    fn marked(&mut self, id: i64) {
        if let Self::FarFrom(marked) = self {
            *marked = Some(id);
        }
    }
}

fn known(row: &Row<'_>) -> rusqlite::Result<(i64, i64, bool)> {
    let owner = if let ValueRef::Integer(owner) = row.get_ref(1)? { owner } else { NOBODY };
    Ok((row.get(0)?, owner, truth(row.get_ref(2)?) == Some(true)))
}

/// What tells a row from another that got its id later; `None` for a row without a start.
fn mark(row: &Row<'_>, id: i64, owner: i64) -> rusqlite::Result<Option<u64>> {
    let bytes = |at| match row.get_ref(at) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Ok(Some(bytes)),
        Ok(_) => Ok(None),
        Err(e) => Err(e),
    };
    let Some(start) = bytes(3)? else { return Ok(None) };
    let mut ids = Vec::with_capacity(20);
    put(&mut ids, zigzag(id));
    put(&mut ids, zigzag(owner));
    Ok(Some(hash(&[&ids, start, bytes(4)?.unwrap_or_default()])))
}

/// Single rows.
impl Store {
    fn mark_of(&self, kind: Kind, id: i64) -> Result<Option<u64>> {
        let values = vec![SqlValue::Integer(id), SqlValue::Integer(id), SqlValue::Integer(1)];
        let mut order = IdOrder::rising(id, id);
        let marks = self.collect(self.columns.index_sql(kind, true), values, |row| {
            let (id, owner, _) = known(row)?;
            mark(row, order.next(id)?, owner)
        });
        Ok(marks?.pop().flatten())
    }

    /// The first row from an id on: its id and owner.
    pub(in crate::store::sqlite) fn row_from(&self, kind: Kind, from: i64) -> Result<Option<(i64, i64)>> {
        let sql = self.columns.index_sql(kind, true);
        let values = vec![SqlValue::Integer(from), SqlValue::Integer(i64::MAX), SqlValue::Integer(1)];
        let mut order = IdOrder::rising(from, i64::MAX);
        let row = self.collect(sql, values, |row| {
            let (id, owner, _) = known(row)?;
            Ok((order.next(id)?, owner))
        });
        Ok(row?.pop())
    }
}
