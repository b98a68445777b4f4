//! Which calls are in a list, as spans of ids in blocks: where any of them stands, and which began in a stretch of time,
//! is told without their rows.

use std::cmp::Reverse;

use jiff::civil::DateTime;

use crate::{
    model::call::{CallQuery, Stretch},
    store::Version,
};

/// Calls in a block.
const BLOCK: usize = 512;

/// Ids from the first to the second.
pub type CallSpan = (i64, i64);

/// The calls that a query found in one version of the file.
#[derive(Debug, Clone)]
pub struct CallList {
    pub query: CallQuery,
    pub version: Option<Version>,
    /// Newest first.
    blocks: Vec<Block>,
}

/// Neighbouring calls of a list.
#[derive(Debug, Clone, Default, PartialEq)]
struct Block {
    /// Highest ids first.
    spans: Vec<CallSpan>,
    rows: usize,
    /// When they began, where any has a time.
    began: Option<(DateTime, DateTime)>,
}

impl Block {
    fn push(&mut self, id: i64, start: Option<DateTime>) {
        match self.spans.last_mut() {
            Some((low, _)) if low.checked_sub(1) == Some(id) => *low = id,
            _ => self.spans.push((id, id)),
        }
        self.rows += 1;
        let Some(at) = start else { return };
        self.began = match self.began {
            Some((first, last)) => Some((first.min(at), last.max(at))),
            None => Some((at, at)),
        };
    }

    fn high(&self) -> Option<i64> {
        self.spans.first().map(|(_, high)| *high)
    }

    fn low(&self) -> Option<i64> {
        self.spans.last().map(|(low, _)| *low)
    }
}

impl CallList {
    pub fn new(query: CallQuery, version: Option<Version>) -> Self {
        Self { query, version, blocks: Vec::new() }
    }

    /// Adds the next call: ids fall.
    pub fn push(&mut self, id: i64, start: Option<DateTime>) {
        match self.blocks.last_mut() {
            Some(block) if block.rows < BLOCK => block.push(id, start),
            _ => {
                let mut block = Block::default();
                block.push(id, start);
                self.blocks.push(block);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.rows).sum()
    }

    pub fn newest(&self) -> Option<i64> {
        self.blocks.first()?.high()
    }

    /// All of its ids, highest first.
    pub fn spans(&self) -> impl Iterator<Item = CallSpan> {
        self.blocks.iter().flat_map(|block| block.spans.iter().copied())
    }

    /// The ids of `rows` calls from a place on, highest first.
    pub fn part(&self, place: usize, rows: usize) -> Vec<CallSpan> {
        let (mut skip, mut left, mut part) = (place, rows, Vec::new());
        for block in &self.blocks {
            if skip >= block.rows {
                skip -= block.rows;
                continue;
            }
            for (low, high) in &block.spans {
                let many = count(*low, *high);
                if skip >= many {
                    skip -= many;
                    continue;
                }
                let taken = (many - skip).min(left);
                if taken == 0 {
                    return part;
                }
                let top = high - whole(skip);
                part.push((top - whole(taken - 1), top));
                (skip, left) = (0, left - taken);
            }
        }
        part
    }

    /// How many calls of the list are newer than this one.
    pub fn place(&self, id: i64) -> usize {
        let mut place = 0;
        for block in &self.blocks {
            if block.low().is_some_and(|low| low > id) {
                place += block.rows;
                continue;
            }
            let newer = |(low, high): &CallSpan| match *low > id {
                true => count(*low, *high),
                false if *high > id => count(id.saturating_add(1), *high),
                false => 0,
            };
            return place + block.spans.iter().map(newer).sum::<usize>();
        }
        place
    }

    /// Where calls of a stretch of time may stand: ids, highest first.
    pub fn spans_of(&self, stretch: &Stretch) -> Vec<CallSpan> {
        let may = |block: &&Block| match block.began {
            Some((earliest, latest)) => stretch.meets(earliest, latest),
            None => stretch.is_all(),
        };
        self.blocks.iter().filter(may).flat_map(|block| block.spans.iter().copied()).collect()
    }

    /// Takes away the newest blocks: so many calls at least. The highest id that is left; `None` where none is.
    pub fn forget_newest(&mut self, least: usize) -> Option<i64> {
        let (mut gone, mut taken) = (0, 0);
        while let Some(block) = self.blocks.get(taken).filter(|_| gone < least) {
            gone += block.rows;
            taken += 1;
        }
        self.blocks.drain(..taken);
        self.newest()
    }

    /// Puts these, which are all newer, in front.
    pub fn extend(&mut self, newer: CallList) {
        self.blocks.splice(0..0, newer.blocks);
    }
}

/// The parts of spans that lie in one, all highest first.
pub fn within(spans: impl Iterator<Item = CallSpan>, (from, to): CallSpan) -> Vec<CallSpan> {
    let mut inside: Vec<CallSpan> =
        spans.map(|(low, high)| (low.max(from), high.min(to))).filter(|(low, high)| low <= high).collect();
    inside.sort_unstable_by_key(|(_, high)| Reverse(*high));
    inside
}

fn count(low: i64, high: i64) -> usize {
    usize::try_from(high.abs_diff(low)).unwrap_or(usize::MAX).saturating_add(1)
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime {
        date(2026, 3, 9).at(0, 0, 0, 0).checked_add(jiff::SignedDuration::from_mins(minute)).unwrap()
    }

    fn list(ids: &[i64]) -> CallList {
        let mut list = CallList::new(CallQuery::default(), None);
        // Every seventh has no time, and the clock goes back now and then.
        ids.iter().for_each(|id| list.push(*id, (id % 7 != 0).then(|| at(id - id % 5 * 3))));
        list
    }

    fn ids_of(spans: impl IntoIterator<Item = CallSpan>) -> Vec<i64> {
        spans.into_iter().flat_map(|(low, high)| (low..=high).rev()).collect()
    }

    proptest! {
        #[test]
        fn places_and_parts_are_those_of_a_plain_list(
            gaps in prop::collection::vec(prop_oneof![9 => Just(1_i64), 1 => 2_i64..40], 0..1500),
            from in 0_usize..1600, rows in 0_usize..700, id in -50_i64..3000, since in 0_i64..2000, long in 0_i64..300,
        ) {
            let mut ids: Vec<i64> = gaps.iter().scan(0, |id, gap| { *id += gap; Some(*id) }).collect();
            ids.reverse();
            let list = list(&ids);
            prop_assert_eq!(list.len(), ids.len());
            prop_assert_eq!(ids_of(list.spans()), ids.clone());
            let part: Vec<i64> = ids.iter().copied().skip(from).take(rows).collect();
            prop_assert_eq!(ids_of(list.part(from, rows)), part);
            prop_assert_eq!(list.place(id), ids.iter().filter(|other| **other > id).count());
            let stretch = Stretch { since: Some(at(since)), until: Some(at(since + long)) };
            let may = ids_of(list.spans_of(&stretch));
            for id in &ids {
                let inside = stretch.has((id % 7 != 0).then(|| at(id - id % 5 * 3)));
                prop_assert!(!inside || may.contains(id), "{id}");
            }
        }

        #[test]
        fn what_is_forgotten_can_be_put_back(many in 0_i64..2000, least in 1_usize..700) {
            let ids: Vec<i64> = (0..many).rev().collect();
            let (whole, mut cut) = (list(&ids), list(&ids));
            let newest = cut.forget_newest(least);
            prop_assert!(whole.len() - cut.len() >= least.min(ids.len()));
            let gone: Vec<i64> = ids.iter().copied().filter(|id| newest.is_none_or(|newest| *id > newest)).collect();
            cut.extend(list(&gone));
            prop_assert_eq!(ids_of(cut.spans()), ids);
        }
    }

    #[test]
    fn the_ends_of_all_numbers_have_places() {
        let mut list = list(&[]);
        [i64::MAX, i64::MAX - 1, 0, i64::MIN + 1, i64::MIN].iter().for_each(|id| list.push(*id, None));
        assert_eq!(list.part(1, 3), [(i64::MAX - 1, i64::MAX - 1), (0, 0), (i64::MIN + 1, i64::MIN + 1)]);
        assert_eq!([i64::MAX, 0, i64::MIN].map(|id| list.place(id)), [0, 2, 4]);
        assert_eq!(within(list.spans(), (-5, i64::MAX - 1)), [(i64::MAX - 1, i64::MAX - 1), (0, 0)]);
    }
}
