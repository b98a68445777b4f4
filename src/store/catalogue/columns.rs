//! The columns of the catalogue: of each record its id, the numbers of its name and its kind, start and end.

use std::{collections::HashMap, ops::Range};

use super::{
    ids::Ids,
    texts::{NULL, Texts},
};
use crate::{
    error::Result,
    model::{
        run_facts::{RunFacts, StoredTime},
        run_tally::RunTally,
        time_key::TimeKey,
    },
    store::{FactColumns, TextColumn},
};

/// In a column of times: NULL. Numbers from 0 on are [`TimeKey`]s, those between count the times that are none.
pub const NO_TIME: i64 = i64::MIN;

/// Records by id, in columns of equal length.
#[derive(Debug, Default)]
pub struct Rows {
    pub ids: Ids,
    pub names: Vec<u32>,
    pub kinds: Vec<u32>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
}

/// What many records have in common, as numbers of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunKind {
    pub user: u32,
    pub deck: u32,
    pub mode: u32,
    pub status: u32,
}

impl RunKind {
    /// The number of its text in a column; no kind has a name or a time.
    pub fn text(&self, column: TextColumn) -> u32 {
        match column {
            TextColumn::User => self.user,
            TextColumn::Deck => self.deck,
            TextColumn::Mode => self.mode,
            TextColumn::Status => self.status,
            TextColumn::Name | TextColumn::OddTime => NULL,
        }
    }
}

/// A cell of a time column that is no time.
#[derive(Debug, Clone, Copy)]
pub struct OddTime {
    pub cell: u32,
    /// The number of the first key that sorts behind it.
    pub before: i64,
}

/// All records, and what their numbers mean.
#[derive(Debug, Default)]
pub struct Columns {
    /// The columns that were read; the others are empty.
    pub has: FactColumns,
    pub rows: Rows,
    pub texts: Texts,
    pub kinds: Vec<RunKind>,
    numbers: HashMap<RunKind, u32>,
    pub odd_times: Vec<OddTime>,
    odd_numbers: HashMap<u32, i64>,
    failed: u64,
    /// Of each record what its phases and steps were counted as; empty before the first count.
    pub tallies: Vec<KnownTally>,
}

/// A [`RunTally`] in few bytes, or that it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTally {
    pub iterations: u32,
    pub failures: u32,
    pub steps: u32,
    pub failed_steps: u32,
    pub stopped_in_error: bool,
}

impl KnownTally {
    /// As whoever asks for it has it.
    pub fn told(self) -> RunTally {
        RunTally {
            iterations: u64::from(self.iterations),
            failures: u64::from(self.failures),
            steps: u64::from(self.steps),
            failed_steps: u64::from(self.failed_steps),
            stopped_in_error: self.stopped_in_error,
        }
    }

    pub const UNKNOWN: Self = Self {
        iterations: u32::MAX,
        failures: u32::MAX,
        steps: u32::MAX,
        failed_steps: u32::MAX,
        stopped_in_error: false,
    };

    pub fn of(tally: RunTally) -> Self {
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).min(u32::MAX - 1);
        Self {
            iterations: small(tally.iterations),
            failures: small(tally.failures),
            steps: small(tally.steps),
            failed_steps: small(tally.failed_steps),
            stopped_in_error: tally.stopped_in_error,
        }
    }
}

impl Rows {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The records with ids in a range, as places.
    fn places(&self, (from, to): (i64, i64)) -> Range<usize> {
        let first = self.ids.partition_point(|id| id < from);
        first..self.ids.partition_point(|id| id <= to).max(first)
    }

    fn has(&self, places: &Range<usize>, piece: &Rows) -> bool {
        fn same<T: PartialEq>(column: &[T], places: &Range<usize>, piece: &[T]) -> bool {
            column.get(places.clone()).unwrap_or_default() == piece
        }
        self.ids.same(places, &piece.ids)
            && same(&self.names, places, &piece.names)
            && same(&self.kinds, places, &piece.kinds)
            && same(&self.starts, places, &piece.starts)
            && same(&self.ends, places, &piece.ends)
    }

    fn replace(&mut self, places: &Range<usize>, piece: &Rows) {
        /// A column that was not read is empty, and so is its piece.
        fn replace<T: Copy>(column: &mut Vec<T>, places: &Range<usize>, piece: &[T]) {
            if places.end <= column.len() {
                column.splice(places.clone(), piece.iter().copied());
            }
        }
        self.ids.replace(places, &piece.ids);
        replace(&mut self.names, places, &piece.names);
        replace(&mut self.kinds, places, &piece.kinds);
        replace(&mut self.starts, places, &piece.starts);
        replace(&mut self.ends, places, &piece.ends);
    }

    /// The record at a place, for comparing; 0 for what was not read.
    pub fn at(&self, place: usize) -> Option<(i64, u32, u32, i64)> {
        let of = |column: &[u32]| column.get(place).copied().unwrap_or_default();
        let start = self.starts.get(place).copied().unwrap_or_default();
        Some((self.ids.get(place)?, of(&self.names), of(&self.kinds), start))
    }

    fn shrink(&mut self) {
        self.ids.shrink();
        self.names.shrink_to_fit();
        self.kinds.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl Columns {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn failed(&self) -> u64 {
        self.failed
    }

    fn is_failure(&self, kind: u32) -> bool {
        let status = self.kinds.get(kind as usize).map_or(NULL, |kind| kind.status);
        self.texts.get(status) == Some(b"error")
    }

    /// Takes a piece as all records from `from` to `to`; false when that was known.
    pub fn replace(&mut self, range: (i64, i64), piece: &Rows) -> bool {
        let places = self.rows.places(range);
        if self.rows.has(&places, piece) {
            return false;
        }
        let failures = |kinds: &[u32]| kinds.iter().filter(|kind| self.is_failure(**kind)).count() as u64;
        let gone = failures(self.rows.kinds.get(places.clone()).unwrap_or_default());
        self.failed = (self.failed + failures(&piece.kinds)).saturating_sub(gone);
        self.replace_tallies(&places, piece);
        self.rows.replace(&places, piece);
        true
    }

    /// Records that stay as they were keep what was counted of them.
    fn replace_tallies(&mut self, places: &Range<usize>, piece: &Rows) {
        if self.tallies.is_empty() {
            return;
        }
        let rows = &self.rows;
        let mut at = places.start;
        let fresh: Vec<KnownTally> = (0..piece.len())
            .map(|n| {
                while at < places.end && rows.ids.get(at) < piece.ids.get(n) {
                    at += 1;
                }
                let same = at < places.end
                    && rows.at(at) == piece.at(n)
                    && rows.ends.get(at).copied() == piece.ends.get(n).copied();
                self.tallies.get(at).copied().filter(|_| same).unwrap_or(KnownTally::UNKNOWN)
            })
            .collect();
        self.tallies.splice(places.clone(), fresh);
    }

    /// Adds a record to a piece.
    ///
    /// # Errors
    /// As [`Texts::number`].
    pub fn read(&mut self, facts: &RunFacts<'_>, piece: &mut Rows) -> Result<()> {
        piece.ids.push(facts.id);
        if self.has.names {
            piece.names.push(self.texts.number(facts.name)?);
        }
        if self.has.users || self.has.kinds {
            piece.kinds.push(self.kind_of(facts, piece.kinds.last().copied())?);
        }
        if self.has.times {
            piece.starts.push(self.time_of(&facts.start)?);
            piece.ends.push(self.time_of(&facts.end)?);
        }
        Ok(())
    }

    /// The number of what a record has in common with others; it is compared with the record before first.
    fn kind_of(&mut self, facts: &RunFacts<'_>, before: Option<u32>) -> Result<u32> {
        let last = before.and_then(|kind| Some((kind, *self.kinds.get(kind as usize)?)));
        let mut number = |cell: Option<&[u8]>, of_last: fn(&RunKind) -> u32| match &last {
            Some((_, last)) if self.texts.get(of_last(last)) == cell => Ok(of_last(last)),
            _ => self.texts.number(cell),
        };
        let kind = RunKind {
            user: number(facts.user, |kind| kind.user)?,
            deck: number(facts.deck, |kind| kind.deck)?,
            mode: number(facts.mode, |kind| kind.mode)?,
            status: number(facts.status, |kind| kind.status)?,
        };
        if let Some((number, last)) = last
            && last == kind
        {
            return Ok(number);
        }
        let next = self.kinds.len() as u32;
        let number = *self.numbers.entry(kind).or_insert(next);
        if number == next {
            self.kinds.push(kind);
        }
        Ok(number)
    }

    fn time_of(&mut self, time: &StoredTime<'_>) -> Result<i64> {
        let (cell, before) = match time {
            StoredTime::Null => return Ok(NO_TIME),
            StoredTime::At(key) => return Ok(key.number()),
            StoredTime::Odd { cell, before } => (self.texts.number(Some(cell))?, *before),
        };
        let next = -1 - self.odd_times.len() as i64;
        let number = *self.odd_numbers.entry(cell).or_insert(next);
        if number == next {
            self.odd_times.push(OddTime { cell, before });
        }
        Ok(number)
    }

    /// What follows from columns that were read from elsewhere; `None` where they contradict each other.
    pub fn finish(&mut self) -> Option<()> {
        self.texts.finish()?;
        let rows = &self.rows;
        let fits = |has: bool, len: usize| len == if has { rows.len() } else { 0 };
        let FactColumns { names, users, kinds, times } = self.has;
        let known = (self.kinds.len() as u32, self.texts.len() as u32);
        let is_whole = fits(names, rows.names.len())
            && fits(users || kinds, rows.kinds.len())
            && fits(times, rows.starts.len())
            && fits(times, rows.ends.len())
            && rows.ids.iter().is_sorted_by(|a, b| a < b)
            && rows.kinds.iter().all(|kind| *kind < known.0)
            && rows.names.iter().all(|name| *name < known.1);
        if !is_whole {
            return None;
        }
        self.numbers = self.kinds.iter().copied().zip(0..).collect();
        self.odd_numbers = self.odd_times.iter().map(|odd| odd.cell).zip((1..).map(|n: i64| -n)).collect();
        self.failed = self.failures(0..self.rows.len());
        Some(())
    }

    /// How many of the records at these places failed.
    pub fn failures(&self, places: impl Iterator<Item = usize>) -> u64 {
        let failing: Vec<bool> = (0..self.kinds.len() as u32).map(|kind| self.is_failure(kind)).collect();
        let kinds = places.filter_map(|place| self.rows.kinds.get(place));
        kinds.filter(|kind| failing.get(**kind as usize) == Some(&true)).count() as u64
    }

    /// What is known of the record at a place.
    pub fn facts(&self, place: usize) -> Option<RunFacts<'_>> {
        let rows = &self.rows;
        let kind = self.kinds.get(*rows.kinds.get(place)? as usize)?;
        Some(RunFacts {
            id: rows.ids.get(place)?,
            name: self.texts.get(*rows.names.get(place)?),
            user: self.texts.get(kind.user),
            deck: self.texts.get(kind.deck),
            mode: self.texts.get(kind.mode),
            status: self.texts.get(kind.status),
            start: self.stored_time(*rows.starts.get(place)?)?,
            end: self.stored_time(*rows.ends.get(place)?)?,
        })
    }

    pub fn stored_time(&self, number: i64) -> Option<StoredTime<'_>> {
        if number == NO_TIME {
            return Some(StoredTime::Null);
        }
        if let Some(key) = TimeKey::of_number(number) {
            return Some(StoredTime::At(key));
        }
        let odd = self.odd_times.get((-1 - number) as usize)?;
        Some(StoredTime::Odd { cell: self.texts.get(odd.cell)?, before: odd.before })
    }

    /// Gives back what was held for records to come.
    pub fn shrink(&mut self) {
        self.rows.shrink();
        self.tallies.shrink_to_fit();
        self.texts.shrink();
    }
}
