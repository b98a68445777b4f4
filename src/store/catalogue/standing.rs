//! Which records of a list may need somebody, as far as their columns and what is counted of them tell.

use std::sync::Arc;

use super::{
    Catalogue, Known,
    columns::{Columns, KnownTally, NO_TIME},
    listing::{Listing, StandingCounts},
};

/// A record that may be in trouble, or have a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspect {
    pub id: i64,
    /// It is, or has: by what is known of it.
    pub certain: bool,
}

/// How a record ended, by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Error,
    Stopped,
    Completed,
    /// Any other status, or none.
    Other,
}

impl Catalogue {
    /// How the records of a list stand.
    pub fn standings(&self, listing: &Arc<Listing>) -> StandingCounts {
        let mut known = self.inner.borrow_mut();
        let when = (known.changes, known.counted);
        if let Some((of, then, counts)) = &known.last_list.standings
            && Arc::ptr_eq(of, listing)
            && *then == when
        {
            return *counts;
        }
        let counts = count(&known, listing);
        known.last_list.standings = Some((Arc::clone(listing), when, counts));
        counts
    }

    /// The next records of a list in one direction that may be in trouble or have a failure: up to the first that certainly
    /// is or has, `most` at most. Records that are known to be well are left out.
    pub fn suspects(&self, listing: &Listing, from: i64, forward: bool, most: usize) -> Vec<Suspect> {
        let known = self.inner.borrow();
        let columns = &known.columns;
        let endings = columns.endings();
        let Some(at) = listing.position(&known, from) else { return Vec::new() };
        let is_from = listing.id_at(&known, at) == Some(from);
        let (behind, len) = (at + usize::from(is_from), listing.len(&known));
        let mut ahead = if forward { behind..len } else { 0..at };
        let mut found = Vec::new();
        while found.len() < most
            && let Some(at) = if forward { ahead.next() } else { ahead.next_back() }
        {
            let place = listing.row_at(&known, at).map(|row| row as usize);
            let Some((place, id)) = place.and_then(|place| Some((place, columns.rows.ids.get(place)?)))
            else {
                continue;
            };
            let tally = columns.tally(place);
            let ending = columns.ending(&endings, place);
            let certain = ending == Ending::Error || (tally != KnownTally::UNKNOWN && tally.has_error());
            let open = ending == Ending::Other && columns.has_no_end(place);
            if certain || open || tally == KnownTally::UNKNOWN {
                found.push(Suspect { id, certain });
            }
            if certain {
                break;
            }
        }
        found
    }
}

fn count(known: &Known, listing: &Listing) -> StandingCounts {
    let columns = &known.columns;
    let endings = columns.endings();
    let mut counts = StandingCounts::default();
    for place in (0..listing.len(known)).filter_map(|at| listing.row_at(known, at)) {
        let place = place as usize;
        match columns.ending(&endings, place) {
            Ending::Other if columns.has_no_end(place) => counts.open += 1,
            Ending::Stopped => match columns.tally(place) {
                KnownTally::UNKNOWN => counts.uncounted += 1,
                tally => counts.stopped += u64::from(tally.has_error()),
            },
            _ => {}
        }
    }
    counts
}

impl KnownTally {
    fn has_error(self) -> bool {
        self.failures > 0 || self.stopped_in_error
    }
}

impl Columns {
    fn has_no_end(&self, place: usize) -> bool {
        self.rows.ends.get(place) == Some(&NO_TIME)
    }

    /// Of each kind of record how it ended.
    fn endings(&self) -> Vec<Ending> {
        let of = |status: Option<&[u8]>| match status {
            Some(b"error") => Ending::Error,
            Some(b"stopped") => Ending::Stopped,
            Some(b"completed") => Ending::Completed,
            _ => Ending::Other,
        };
        self.kinds.iter().map(|kind| of(self.texts.get(kind.status))).collect()
    }

    fn ending(&self, endings: &[Ending], place: usize) -> Ending {
        let kind = self.rows.kinds.get(place).map(|kind| *kind as usize);
        kind.and_then(|kind| endings.get(kind)).copied().unwrap_or(Ending::Other)
    }
}
