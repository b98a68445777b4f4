//! What is counted of each record's phases and steps: newest records first, in pieces, once it is known whose rows are
//! whose. A record that changed is counted again; those of the last ones that may still go on, before an answer that
//! follows a change of the file; all of them by another walk while nobody asks, which rests as the catalogue's walk does.

use std::time::{Duration, Instant};

use super::{
    Catalogue, Due, Recount,
    columns::{Columns, KnownTally, NO_TIME},
    rest,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    store::Source,
};

/// How long a piece may take, about.
const PIECE_TIME: Duration = Duration::from_millis(4);

/// What came of counting a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// There are more.
    More,
    /// All records are counted.
    Done,
    /// It is not known yet whose rows are whose.
    TooEarly,
}

impl Catalogue {
    /// Whether all records are known and counted.
    pub fn is_counted(&self) -> bool {
        let known = self.inner.borrow();
        known.whole && known.all_counted == Some(known.changes)
    }

    /// Whether a list can be sorted by the counts: [`Catalogue::count_end`] could count the last records.
    pub fn is_end_counted(&self) -> bool {
        self.is_counted() && self.inner.borrow().end_counted.is_some()
    }

    /// How far the counting has come.
    pub fn count_progress(&self) -> Progress {
        let known = self.inner.borrow();
        let done = known.columns.tallies.iter().filter(|tally| **tally != KnownTally::UNKNOWN).count();
        Progress { done: done as u64, total: Some(known.columns.len() as u64) }
    }

    /// Counts some records that are not counted.
    ///
    /// # Errors
    /// As any read; what was counted before stays.
    pub fn count_piece(&self, source: &dyn Source, cx: &mut Cx<'_>) -> Result<Counting> {
        let known = self.inner.borrow();
        let changes = known.changes;
        let count = match known.counts {
            0 => self.limits.catalogue_end,
            count => count,
        };
        let runs = known.columns.uncounted(count);
        drop(known);
        if runs.is_empty() {
            let mut known = self.inner.borrow_mut();
            // What came between is looked for again.
            known.all_counted = Some(changes);
            return Ok(if known.changes == changes { Counting::Done } else { Counting::More });
        }
        let started = Instant::now();
        if self.count(source, &runs, cx)?.is_none() {
            return Ok(Counting::TooEarly);
        }
        self.pace(runs.len(), started);
        Ok(Counting::More)
    }

    /// Counts those of the last records again that have no end, if the file has changed: they may have gone on. And those
    /// among the last that are not counted.
    ///
    /// # Errors
    /// As any read.
    pub fn count_end(&self, source: &dyn Source, cx: &mut Cx<'_>) -> Result<()> {
        let version = source.version(cx)?;
        let known = self.inner.borrow();
        let seen = known.end_counted == Some(version) && known.all_counted == Some(known.changes);
        let runs = known.columns.going_on(self.limits.catalogue_end);
        drop(known);
        if !seen {
            let counted = self.count(source, &runs, cx)?;
            self.inner.borrow_mut().end_counted = counted.map(|_| version);
        }
        Ok(())
    }

    /// Counts these records, and says whether other counts were known; `None` where it is not known yet whose rows are
    /// whose.
    pub(super) fn count(&self, source: &dyn Source, runs: &[i64], cx: &mut Cx<'_>) -> Result<Option<bool>> {
        // What is committed after that look at the file has all counted again.
        let seen = self.inner.borrow().seen;
        let counted = source.tallies(runs, cx)?;
        if counted.lacks.rows {
            return Ok(None);
        }
        let mut known = self.inner.borrow_mut();
        if known.columns.tallies.is_empty() {
            known.recounted = seen;
        }
        let mut changed = false;
        for (id, tally) in runs.iter().zip(counted.value) {
            changed |= known.columns.set_tally(*id, KnownTally::of(tally));
        }
        known.counted += u64::from(changed);
        Ok(Some(changed))
    }

    /// When there is something to count, once it is known which rows are whose.
    pub fn count_due(&self) -> Due {
        let known = self.inner.borrow();
        if !known.whole {
            return Due::Never;
        }
        if known.all_counted != Some(known.changes) || known.recount.is_some() {
            return Due::Now;
        }
        if known.recounted.is_some() && known.recounted == known.seen {
            return Due::Never;
        }
        rest(known.recount_rests_until)
    }

    /// Counts some records in the background, or some again. True when a walk ends that found other counts than were
    /// known.
    ///
    /// # Errors
    /// As any read; what was counted before stays.
    pub fn count_idly(&self, source: &dyn Source, cx: &mut Cx<'_>) -> Result<(Counting, bool)> {
        if !self.is_counted() {
            return Ok((self.count_piece(source, cx)?, false));
        }
        let begun = self.inner.borrow().recount;
        let seen = self.inner.borrow().seen;
        let mut walk = begun.unwrap_or(Recount { from: i64::MAX, seen, took: Duration::ZERO, news: false });
        let runs = {
            let known = self.inner.borrow();
            known.columns.below(walk.from, known.counts.max(1))
        };
        let started = Instant::now();
        let Some(news) = self.count(source, &runs, cx)? else { return Ok((Counting::TooEarly, false)) };
        self.pace(runs.len(), started);
        walk.news |= news;
        walk.took += started.elapsed();
        let mut known = self.inner.borrow_mut();
        if let Some(last) = runs.last() {
            walk.from = *last;
            known.recount = Some(walk);
            return Ok((Counting::More, false));
        }
        (known.recount, known.recounted) = (None, walk.seen);
        let rest = walk.took.saturating_mul(self.limits.catalogue_rest);
        known.recount_rests_until = Instant::now().checked_add(rest);
        Ok((Counting::Done, walk.news))
    }

    /// The next piece takes about as long as it may.
    fn pace(&self, counted: usize, started: Instant) {
        let fits = PIECE_TIME.as_secs_f64() / started.elapsed().as_secs_f64().max(1e-6);
        let next = (counted as f64 * fits.clamp(0.25, 2.0)) as usize;
        self.inner.borrow_mut().counts = next.clamp(1, self.limits.catalogue_rows_most);
    }

    /// Rows were found that were not known when records were counted: they are counted again.
    pub fn doubt_tallies(&self) {
        let mut known = self.inner.borrow_mut();
        (known.recount, known.recounted, known.end_counted) = (None, None, None);
        known.recount_rests_until = None;
    }
}

impl Columns {
    /// Records that are not counted, newest first.
    fn uncounted(&self, count: usize) -> Vec<i64> {
        let unknown = |place: &usize| self.tally(*place) == KnownTally::UNKNOWN;
        let ids = |place| self.rows.ids.get(place);
        (0..self.len()).rev().filter(unknown).take(count).filter_map(ids).collect()
    }

    /// Records below an id, the highest first.
    fn below(&self, id: i64, count: usize) -> Vec<i64> {
        let end = self.rows.ids.partition_point(|other| other < id);
        (0..end).rev().take(count).filter_map(|place| self.rows.ids.get(place)).collect()
    }

    /// Those of the last records that may go on, or are not counted.
    fn going_on(&self, last: usize) -> Vec<i64> {
        let open = |place: &usize| {
            self.rows.ends.get(*place) == Some(&NO_TIME) || self.tally(*place) == KnownTally::UNKNOWN
        };
        let ids = |place| self.rows.ids.get(place);
        (0..self.len()).rev().take(last).filter(open).filter_map(ids).collect()
    }

    /// What a record was counted as.
    pub fn tally(&self, place: usize) -> KnownTally {
        self.tallies.get(place).copied().unwrap_or(KnownTally::UNKNOWN)
    }

    /// True when something else was known of it.
    fn set_tally(&mut self, id: i64, tally: KnownTally) -> bool {
        if self.tallies.is_empty() {
            self.tallies = vec![KnownTally::UNKNOWN; self.rows.len()];
        }
        let place = self.rows.ids.find(id).and_then(|place| self.tallies.get_mut(place));
        place.is_some_and(|known| std::mem::replace(known, tally) != tally)
    }
}
