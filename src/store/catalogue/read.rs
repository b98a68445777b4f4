//! Reading the catalogue, a short statement a piece: the first walk, the end after a change, and walks that look for the
//! rest.

use std::time::{Duration, Instant};

use super::{Catalogue, Due, Known, Walk, columns::Rows, kept};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::run_facts::RunFacts,
    store::{FactColumns, Source},
};

/// Records as they were read.
struct Piece {
    rows: Rows,
    /// Nothing is behind them.
    end: bool,
}

impl Piece {
    /// The highest id up to which all records are in this piece.
    fn to(&self) -> i64 {
        self.rows.ids.last().filter(|_| !self.end).unwrap_or(i64::MAX)
    }
}

/// How long a piece may take, about: a commit of the lab waits for that, so it is shorter while the lab writes.
const PIECE_TIME: Duration = Duration::from_millis(4);
const POLITE_TIME: Duration = Duration::from_millis(1);

/// A cache file is not written again for so long: while a lab works, each moment of quiet would be another state.
const KEPT_FOR: Duration = Duration::from_secs(300);

impl Catalogue {
    /// Brings these columns of all records in memory and up to date.
    ///
    /// # Errors
    /// As any read; what was read before stays.
    pub fn ready(&self, source: &dyn Source, columns: FactColumns, cx: &mut Cx<'_>) -> Result<()> {
        while !self.has(columns) {
            self.walk(source, columns, cx)?;
            if !self.has(columns) {
                let done = self.counts().all;
                cx.check(Progress { done, total: None })?;
            }
        }
        self.read_end(source, cx)
    }

    /// Keeps what is known for the next start, if it is worth it and nothing changed since it was read; in the
    /// `background` not often.
    pub fn keep(&self, background: bool) {
        let mut known = self.inner.borrow_mut();
        let now = Instant::now();
        if known.columns.len() < self.limits.kept_records
            || (background && known.kept_until.is_some_and(|until| now < until))
        {
            return;
        }
        let Some(place) = known.exact.take() else { return };
        known.kept_until = now.checked_add(KEPT_FOR);
        if kept::columns_of(&place).is_none_or(|has| !has.has(known.columns.has)) {
            kept::write(&place, &known.columns);
        }
    }

    /// Takes what was kept, if the file is still in the same state, and begins anew where other columns were known.
    fn begin(&self, source: &dyn Source, columns: FactColumns, cx: &Cx<'_>) -> Result<()> {
        let (has, recalled, changes) = {
            let known = self.inner.borrow();
            (known.columns.has, known.recalled, known.changes)
        };
        if recalled && has.has(columns) {
            return Ok(());
        }
        // Taken before the file is looked at: a commit between the two is then noticed.
        let version = source.version(cx)?;
        let place = source.kept_place(cx);
        let also = place.as_ref().and_then(kept::columns_of).unwrap_or_default();
        let mut begun = Known { recalled: true, changes: changes + 1, ..Known::default() };
        match place.as_ref().filter(|_| also.has(columns)).and_then(|place| kept::read(place, columns)) {
            Some(kept) => (begun.columns, begun.whole, begun.seen) = (kept, true, Some(version)),
            // What other questions read before is read along, so that the next cache file has it all.
            None => begun.columns.has = columns.and(has).and(also),
        }
        *self.inner.borrow_mut() = begun;
        Ok(())
    }

    /// Goes on with a walk over all records for a few milliseconds; true when a walk ends that found records which
    /// differ from those in earlier answers.
    ///
    /// # Errors
    /// As any read; what was read before stays.
    pub fn piece(&self, source: &dyn Source, cx: &Cx<'_>) -> Result<bool> {
        self.walk(source, FactColumns::ALL, cx)
    }

    fn walk(&self, source: &dyn Source, columns: FactColumns, cx: &Cx<'_>) -> Result<bool> {
        self.begin(source, columns, cx)?;
        let known = self.inner.borrow();
        if known.whole && known.walk.is_none() && !known.provisional {
            return Ok(false);
        }
        let walks = known.walk.is_some();
        drop(known);
        if !walks {
            let version = source.version(cx)?;
            let mut known = self.inner.borrow_mut();
            known.walk = Some(Walk { from: i64::MIN, version, took: Duration::ZERO, news: false });
            known.provisional = false;
        }
        let Some(mut walk) = self.inner.borrow().walk else { return Ok(false) };
        let started = Instant::now();
        // The last records are compared with the file before a piece may change them, and a piece that was read after a
        // later commit is not taken.
        let whole = self.inner.borrow().whole;
        if whole {
            self.read_end(source, cx)?;
        }
        let piece = self.read(source, walk.from, cx)?;
        if whole && self.inner.borrow().seen != Some(source.version(cx)?) {
            return Ok(false);
        }
        let to = piece.to();
        let mut known = self.inner.borrow_mut();
        walk.news |= known.replace((walk.from, to), &piece.rows) && known.whole;
        walk.took += started.elapsed();
        walk.from = to.saturating_add(1);
        known.walk = Some(walk).filter(|_| to < i64::MAX);
        drop(known);
        if to == i64::MAX { Ok(self.walked(source, walk, cx)) } else { Ok(false) }
    }

    fn walked(&self, source: &dyn Source, walk: Walk, cx: &Cx<'_>) -> bool {
        // The state is looked at before the version: equal versions then mean that it is the state of the whole walk.
        let is_worth_it = self.inner.borrow().columns.len() >= self.limits.kept_records;
        let place = if is_worth_it { source.kept_place(cx) } else { None };
        let same = source.version(cx).is_ok_and(|now| now == walk.version);
        let mut known = self.inner.borrow_mut();
        if !known.whole || same {
            known.seen = Some(walk.version);
        }
        known.exact = place.filter(|_| same);
        known.whole = true;
        known.columns.shrink();
        known.rests_until = Instant::now().checked_add(walk.took.saturating_mul(self.limits.catalogue_rest));
        walk.news
    }

    /// After a change: the last records and those that came since.
    fn read_end(&self, source: &dyn Source, cx: &Cx<'_>) -> Result<()> {
        let now = source.version(cx)?;
        if self.inner.borrow().seen == Some(now) {
            return Ok(());
        }
        let mut back = self.limits.catalogue_end;
        loop {
            let known = self.inner.borrow();
            let place = known.columns.len().saturating_sub(back);
            let first = known.columns.rows.at(place);
            drop(known);
            // Where all known records are to be read again, they are read from the lowest id.
            let mut from = first.filter(|_| place > 0).map_or(i64::MIN, |(id, ..)| id);
            loop {
                let piece = self.read(source, from, cx)?;
                self.inner.borrow_mut().replace((from, piece.to()), &piece.rows);
                match piece.to().checked_add(1) {
                    Some(next) => from = next,
                    None => break,
                }
            }
            if place == 0 || self.inner.borrow().columns.rows.at(place) == first {
                break;
            }
            back = back.saturating_mul(4);
        }
        let mut known = self.inner.borrow_mut();
        (known.seen, known.provisional, known.exact) = (Some(now), true, None);
        Ok(())
    }

    /// Reads these records anew, which stand anywhere.
    ///
    /// # Errors
    /// As any read; what was read before stays.
    pub fn look_again(&self, source: &dyn Source, ids: &[i64], cx: &Cx<'_>) -> Result<()> {
        if ids.is_empty() || self.inner.borrow().columns.len() == 0 {
            return Ok(());
        }
        let columns = self.inner.borrow().columns.has;
        for &id in ids {
            let (mut found, mut read) = (Rows::default(), Ok(()));
            let see = &mut |facts: &RunFacts<'_>| {
                if facts.id == id {
                    read = self.inner.borrow_mut().columns.read(facts, &mut found);
                }
            };
            source.run_facts(id, 1, columns, see, cx)?;
            read?;
            let mut known = self.inner.borrow_mut();
            known.replace((id, id), &found);
            known.exact = None;
        }
        Ok(())
    }

    /// The records from an id on, as many as take a few milliseconds.
    fn read(&self, source: &dyn Source, from: i64, cx: &Cx<'_>) -> Result<Piece> {
        let rows = match self.inner.borrow().rows {
            0 => self.limits.catalogue_rows_first,
            rows => rows,
        };
        let mut piece = Piece { rows: Rows::default(), end: false };
        let columns = self.inner.borrow().columns.has;
        let mut read = Ok(());
        let started = Instant::now();
        source.run_facts(
            from,
            rows,
            columns,
            &mut |facts| {
                if read.is_ok() {
                    read = self.inner.borrow_mut().columns.read(facts, &mut piece.rows);
                }
            },
            cx,
        )?;
        read?;
        piece.end = piece.rows.len() < rows;
        if !piece.end {
            let time = if source.is_written() { POLITE_TIME } else { PIECE_TIME };
            let fits = time.as_secs_f64() / started.elapsed().as_secs_f64().max(1e-6);
            let next = (rows as f64 * fits.clamp(0.25, 2.0)) as usize;
            self.inner.borrow_mut().rows =
                next.clamp(self.limits.catalogue_rows_least, self.limits.catalogue_rows_most);
        }
        Ok(piece)
    }

    /// Whether a walk has something to do at this moment.
    pub fn is_due(&self) -> bool {
        self.due() == Due::Now
    }
}

impl Known {
    fn replace(&mut self, range: (i64, i64), piece: &Rows) -> bool {
        let changed = self.columns.replace(range, piece);
        self.changes += u64::from(changed);
        changed
    }
}
