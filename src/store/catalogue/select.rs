//! Which records have something in their columns: what the terms of filter words ask of the catalogue.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};

use super::{
    Catalogue, Listing,
    columns::{Columns, KnownTally, NO_TIME, Rows},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        row_set::RowSet,
        run_facts::{ODD, StoredText, StoredTime},
        run_tally::RunTally,
        time_key::TimeKey,
        timestamp::Timestamp,
    },
    store::Source,
};

/// A text column of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactText {
    Name,
    User,
    Deck,
    Mode,
    Status,
}

/// A time column of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactTime {
    Start,
    End,
}

/// Moments from the first on and before the second; `None` has no bound.
pub type Moments = (Option<DateTime>, Option<DateTime>);

/// Texts that are looked at between two looks whether the answer is still wanted.
const TOGETHER: usize = 1 << 14;

impl Catalogue {
    /// Another number whenever a record has changed: places of before mean nothing then.
    pub fn state(&self) -> u64 {
        self.inner.borrow().changes
    }

    /// The records whose cell in one of these columns is wanted; each different text is asked for once.
    ///
    /// # Errors
    /// [`crate::error::Error::Cancelled`] when nobody wants it any more.
    pub fn with_text(
        &self,
        columns: &[FactText],
        wanted: &mut dyn FnMut(Option<&str>) -> bool,
        cx: &Cx<'_>,
    ) -> Result<RowSet> {
        let known = &self.inner.borrow().columns;
        let used = known.used_by(columns);
        let mut is_wanted = vec![false; known.texts.len()];
        for (number, place) in (0..).zip(&mut is_wanted) {
            if (number as usize).is_multiple_of(TOGETHER) {
                cx.still_wanted()?;
            }
            *place = used.has(number as usize) && wanted(readable(known.texts.get(number)));
        }
        let has = |number: u32| is_wanted.get(number as usize) == Some(&true);
        let kinds: Vec<bool> = known
            .kinds
            .iter()
            .map(|kind| columns.iter().any(|column| column.of_kind(kind).is_some_and(has)))
            .collect();
        let by_name = columns.contains(&FactText::Name);
        let of_kind = |row: usize| {
            let kind = known.rows.kinds.get(row).and_then(|kind| kinds.get(*kind as usize));
            kind.copied().unwrap_or(false)
        };
        let of_name = |row: usize| by_name && known.rows.names.get(row).is_some_and(|name| has(*name));
        Ok(RowSet::of(known.len(), |row| of_name(row) || of_kind(row)))
    }

    /// The records with a wanted id.
    pub fn with_id(&self, wanted: impl Fn(i64) -> bool) -> RowSet {
        let known = &self.inner.borrow().columns;
        RowSet::of(known.len(), |row| known.rows.ids.get(row).is_some_and(&wanted))
    }

    /// The records that have a moment there, of these if any are given: one of them is enough.
    pub fn with_time(&self, column: FactTime, within: Option<&[Moments]>) -> RowSet {
        let known = &self.inner.borrow().columns;
        let number = |at: &DateTime| TimeKey::of(*at).map_or(i64::MAX, |key| key.number() & !1);
        let bounds: Vec<(i64, i64)> = within
            .unwrap_or(&[(None, None)])
            .iter()
            .map(|(from, until)| {
                let until = until.as_ref().map_or(i64::MAX, number);
                (from.as_ref().map_or(0, number), until)
            })
            .collect();
        let is_within = |at: i64| bounds.iter().any(|(from, until)| (*from..*until).contains(&at));
        let column = known.rows.times(column);
        RowSet::of(known.len(), |row| match column.get(row).copied().unwrap_or(NO_TIME) {
            NO_TIME => false,
            // A day that no calendar has is no moment.
            at if at >= 0 => is_within(at) && TimeKey::of_number(at).is_some_and(|key| key.at().is_some()),
            odd => known.odd_moment(odd).is_some_and(|at| is_within(number(&at))),
        })
    }

    /// The records with anything in their column of ends.
    pub fn with_end(&self) -> RowSet {
        let known = &self.inner.borrow().columns;
        RowSet::of(known.len(), |row| known.rows.ends.get(row).is_some_and(|end| *end != NO_TIME))
    }

    /// The records that took some seconds which are wanted.
    pub fn with_took(&self, wanted: impl Fn(f64) -> bool) -> RowSet {
        let known = &self.inner.borrow().columns;
        RowSet::of(known.len(), |row| {
            known.took(row).is_some_and(|micros| wanted(micros as f64 / 1_000_000.0))
        })
    }

    /// The records of a list that was made in this state of the catalogue.
    pub fn rows_of(&self, list: &Listing) -> RowSet {
        let known = &self.inner.borrow();
        let mut rows = RowSet::none(known.columns.len());
        for row in (0..list.len(known)).filter_map(|at| list.row_at(known, at)) {
            rows.insert(row as usize);
        }
        rows
    }

    /// The days on which these records have a moment in a column.
    pub fn days_of(&self, column: FactTime, rows: &RowSet) -> BTreeSet<Date> {
        let known = &self.inner.borrow().columns;
        let column = known.rows.times(column);
        let day = |row: usize| match TimeKey::of_number(*column.get(row)?) {
            Some(key) => key.at().map(|at| at.date()),
            None => known.odd_moment(*column.get(row)?).map(|at| at.date()),
        };
        rows.iter().filter_map(day).collect()
    }

    /// Of a record at a place its id, and a number that is another one after most changes of it.
    pub fn record_at(&self, row: usize) -> Option<(i64, u32)> {
        let rows = &self.inner.borrow().columns.rows;
        let (id, name, kind, start) = rows.at(row)?;
        let end = rows.ends.get(row).copied().unwrap_or_default();
        let mut sum = 0x9e37_79b9_7f4a_7c15_u64;
        for part in [u64::from(name), u64::from(kind), start.cast_unsigned(), end.cast_unsigned()] {
            sum = (sum ^ part).wrapping_mul(0xff51_afd7_ed55_8ccd);
            sum ^= sum >> 29;
        }
        Some((id, (sum >> 32) as u32))
    }

    /// The place of a record.
    pub fn place(&self, id: i64) -> Option<usize> {
        self.inner.borrow().columns.rows.ids.find(id)
    }

    /// What a record was counted as; `None` where it is not counted.
    pub fn tally_at(&self, row: usize) -> Option<RunTally> {
        let tally = self.inner.borrow().columns.tally(row);
        (tally != KnownTally::UNKNOWN).then(|| tally.told())
    }

    /// Counts these records, if they are not; false where it is not known yet whose rows are whose.
    ///
    /// # Errors
    /// As any read.
    pub fn count_these(&self, source: &dyn Source, ids: &[i64], cx: &mut Cx<'_>) -> Result<bool> {
        let lacks = |id: &i64| self.place(*id).is_some_and(|row| self.tally_at(row).is_none());
        let ids: Vec<i64> = ids.iter().copied().filter(lacks).collect();
        Ok(ids.is_empty() || self.count(source, &ids, cx)?.is_some())
    }

    /// The last records, which may be written to: so many.
    pub fn last_ids(&self, count: usize) -> Vec<i64> {
        let known = &self.inner.borrow().columns;
        (0..known.len()).rev().take(count).filter_map(|row| known.rows.ids.get(row)).collect()
    }

    /// The last records with the same name before this one, newest first, so many at most.
    pub fn namesakes_before(&self, run: i64, count: usize) -> Vec<i64> {
        let rows = &self.inner.borrow().columns.rows;
        let Some(place) = rows.ids.find(run) else { return Vec::new() };
        let name = rows.names.get(place);
        let is_one = |place: &usize| name.is_some() && rows.names.get(*place) == name;
        (0..place).rev().filter(is_one).take(count).filter_map(|place| rows.ids.get(place)).collect()
    }

    /// How often each text stands in a column, of these records; `None` for those without one.
    pub fn counts_of(
        &self,
        column: FactText,
        rows: impl Iterator<Item = usize>,
    ) -> Vec<(Option<String>, u64)> {
        let known = &self.inner.borrow().columns;
        let mut counts = vec![0_u64; known.texts.len()];
        for row in rows {
            let number = match column {
                FactText::Name => known.rows.names.get(row).copied(),
                _ => known
                    .rows
                    .kinds
                    .get(row)
                    .and_then(|kind| column.of_kind(known.kinds.get(*kind as usize)?)),
            };
            if let Some(count) = number.and_then(|number| counts.get_mut(number as usize)) {
                *count += 1;
            }
        }
        let told = (0..).zip(counts).filter(|(_, count)| *count > 0);
        told.map(|(number, count)| (readable(known.texts.get(number)).map(str::to_owned), count)).collect()
    }
}

impl Rows {
    fn times(&self, column: FactTime) -> &[i64] {
        match column {
            FactTime::Start => &self.starts,
            FactTime::End => &self.ends,
        }
    }
}

impl FactText {
    fn of_kind(self, kind: &super::columns::RunKind) -> Option<u32> {
        match self {
            FactText::Name => None,
            FactText::User => Some(kind.user),
            FactText::Deck => Some(kind.deck),
            FactText::Mode => Some(kind.mode),
            FactText::Status => Some(kind.status),
        }
    }
}

/// A cell as text; what is none means nothing here.
fn readable(cell: StoredText<'_>) -> Option<&str> {
    std::str::from_utf8(cell.filter(|cell| cell.first() != Some(&ODD))?).ok()
}

impl Columns {
    /// The numbers of the texts that stand in one of these columns, with NULL.
    fn used_by(&self, columns: &[FactText]) -> RowSet {
        let mut used = RowSet::none(self.texts.len());
        if columns.contains(&FactText::Name) {
            self.rows.names.iter().for_each(|number| used.insert(*number as usize));
        }
        for kind in &self.kinds {
            for number in columns.iter().filter_map(|column| column.of_kind(kind)) {
                used.insert(number as usize);
            }
        }
        used
    }

    /// The moment of a time that is not written as IvoryOS does.
    fn odd_moment(&self, number: i64) -> Option<DateTime> {
        match self.stored_time(number)? {
            StoredTime::Odd { cell, .. } => Timestamp::read(std::str::from_utf8(cell).ok()).at(),
            _ => None,
        }
    }
}
