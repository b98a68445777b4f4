//! Which owner each row of a table has, by id: ranges of ids without a gap, packed to about three bytes a range.

use std::collections::BTreeMap;

/// Rows with neighbouring ids and the same owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    pub first: i64,
    pub last: i64,
    pub owner: i64,
}

/// The owner of rows whose owner column holds no integer.
pub const NOBODY: i64 = i64::MIN;

impl IdRange {
    pub fn rows(&self) -> u64 {
        self.last.abs_diff(self.first).saturating_add(1)
    }

    fn joins(&self, next: &IdRange) -> bool {
        self.owner == next.owner && self.last.checked_add(1) == Some(next.first)
    }
}

/// Adds a range behind others; a range that goes on where the last one ended is joined to it.
pub fn push(ranges: &mut Vec<IdRange>, next: IdRange) {
    match ranges.last_mut() {
        Some(last) if last.joins(&next) => last.last = next.last,
        _ => ranges.push(next),
    }
}

/// Nothing lies between a range and the next.
fn touches(last: &IdRange, next: &IdRange) -> bool {
    last.last.checked_add(1).is_none_or(|behind| behind >= next.first)
}

/// IdRanges in a block: a question unpacks one or two blocks.
const FULL: usize = 128;

/// Some ranges, packed; the first one's first id is the block's key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    last: i64,
    low: i64,
    high: i64,
    ranges: usize,
    code: Box<[u8]>,
}

impl Block {
    fn pack(ranges: &[IdRange]) -> Option<(i64, Self)> {
        let (first, last) = (ranges.first()?.first, ranges.last()?.last);
        let low = ranges.iter().map(|r| r.owner).min()?;
        let high = ranges.iter().map(|r| r.owner).max()?;
        let mut code = Vec::with_capacity(ranges.len() * 3);
        let (mut next, mut owner) = (first, low);
        for range in ranges {
            put(&mut code, range.first.wrapping_sub(next).cast_unsigned());
            put(&mut code, range.last.wrapping_sub(range.first).cast_unsigned());
            put(&mut code, zigzag(range.owner.wrapping_sub(owner)));
            (next, owner) = (range.last.wrapping_add(1), range.owner);
        }
        let code = code.into_boxed_slice();
        Some((first, Self { last, low, high, ranges: ranges.len(), code }))
    }

    fn unpack(&self, first: i64) -> impl Iterator<Item = IdRange> {
        let (mut next, mut owner) = (first, self.low);
        let mut code = &*self.code;
        std::iter::from_fn(move || {
            let first = next.wrapping_add(take(&mut code)?.cast_signed());
            let last = first.wrapping_add(take(&mut code)?.cast_signed());
            owner = owner.wrapping_add(unzigzag(take(&mut code)?));
            next = last.wrapping_add(1);
            Some(IdRange { first, last, owner })
        })
    }
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
pub fn put(code: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        code.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    code.push(number as u8);
}

/// Reads what [`put`] wrote; `None` at the end, or where the bytes are none of its.
pub fn take(code: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = code.split_first()?;
        *code = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

pub fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// The id ranges of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdRanges {
    blocks: BTreeMap<i64, Block>,
    /// Ids between two ranges that no row has: behind the key, in front of the value.
    gaps: BTreeMap<i64, i64>,
}

impl IdRanges {
    /// Takes `fresh` as all rows with ids from `from` to `to`.
    pub fn replace(&mut self, from: i64, to: i64, fresh: &[IdRange]) {
        let mut touched: Vec<i64> = self.blocks.range(from..=to).map(|(k, _)| *k).collect();
        // Half-full neighbours are packed anew with it, so that many small additions do not make many small blocks.
        let before = self.blocks.range(..from).next_back();
        touched.extend(before.filter(|(_, b)| b.last >= from || b.ranges < FULL).map(|(k, _)| *k));
        let behind = to.checked_add(1).and_then(|next| self.blocks.range(next..).next());
        touched.extend(behind.filter(|(_, b)| b.ranges < FULL).map(|(k, _)| *k));
        touched.sort_unstable();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for key in touched {
            let Some(block) = self.blocks.remove(&key) else { continue };
            if key >= from && block.last <= to {
                continue;
            }
            for range in block.unpack(key) {
                if range.first < from {
                    left.push(IdRange { last: range.last.min(from.saturating_sub(1)), ..range });
                }
                if range.last > to {
                    right.push(IdRange { first: range.first.max(to.saturating_add(1)), ..range });
                }
            }
        }
        let mut all = Vec::with_capacity(left.len() + fresh.len() + right.len());
        left.into_iter().chain(fresh.iter().copied()).chain(right).for_each(|s| push(&mut all, s));
        self.note_gaps(all.first().map_or(from, |r| r.first.min(from)), to, &all);
        self.blocks.extend(all.chunks(FULL).filter_map(Block::pack));
    }

    /// Between the blocks around them, these are all ranges there are.
    fn note_gaps(&mut self, from: i64, to: i64, ranges: &[IdRange]) {
        let last = ranges.last().map_or(to, |r| r.last.max(to));
        let before = self.blocks.range(..from).next_back().map(|(_, b)| b.last);
        let behind = last.checked_add(1).and_then(|n| self.blocks.range(n..).next()).map(|(k, _)| *k);
        let stale = self.gaps.range(before.unwrap_or(i64::MIN)..behind.unwrap_or(i64::MAX));
        let stale: Vec<i64> = stale.map(|(k, _)| *k).collect();
        for key in stale {
            self.gaps.remove(&key);
        }
        let mut end = before;
        let starts = ranges.iter().map(|s| (s.first, s.last)).chain(behind.map(|k| (k, k)));
        for (first, last) in starts {
            if let Some(end) = end.filter(|end| end.checked_add(1).is_some_and(|next| next < first)) {
                self.gaps.insert(end, first);
            }
            end = Some(last);
        }
    }

    /// Packs ranges that come by id, a block at a time; `None` when one of them is `None`.
    pub fn packed(ranges: impl IntoIterator<Item = Option<IdRange>>) -> Option<Self> {
        let (mut packed, mut last) = (Self::default(), None::<IdRange>);
        let mut block = Vec::with_capacity(FULL);
        for range in ranges {
            let range = range?;
            if let Some(last) = last.filter(|last| !touches(last, &range)) {
                packed.gaps.insert(last.last, range.first);
            }
            if block.len() >= FULL && block.last().is_some_and(|last: &IdRange| !last.joins(&range)) {
                packed.blocks.extend(Block::pack(&block));
                block.clear();
            }
            push(&mut block, range);
            last = Some(range);
        }
        packed.blocks.extend(Block::pack(&block));
        Some(packed)
    }

    /// The ranges with one of these owners, by id; the owners are sorted.
    pub fn owned(&self, owners: &[i64]) -> Vec<IdRange> {
        let mut found = Vec::new();
        for (first, block) in &self.blocks {
            let from = owners.partition_point(|o| *o < block.low);
            let to = owners.partition_point(|o| *o <= block.high);
            let Some(here) = owners.get(from..to).filter(|h| !h.is_empty()) else { continue };
            let wanted = block.unpack(*first).filter(|s| here.binary_search(&s.owner).is_ok());
            wanted.for_each(|s| push(&mut found, s));
        }
        found
    }

    /// The ranges, or parts of ranges, with ids from `from` to `to`.
    pub fn within(&self, from: i64, to: i64) -> Vec<IdRange> {
        let start = self.blocks.range(..=from).next_back().map_or(from, |(k, _)| *k);
        let mut found = Vec::new();
        for (first, block) in self.blocks.range(start..=to.max(start)) {
            for range in block.unpack(*first).filter(|r| r.last >= from && r.first <= to) {
                let cut = IdRange { first: range.first.max(from), last: range.last.min(to), ..range };
                push(&mut found, cut);
            }
        }
        found
    }

    pub fn first(&self) -> Option<i64> {
        self.blocks.keys().next().copied()
    }

    /// The highest gap that begins below an id: behind its first number, in front of its second.
    pub fn gap_below(&self, bound: i64) -> Option<(i64, i64)> {
        self.gaps.range(..bound).next_back().map(|(a, b)| (*a, *b))
    }

    /// All ranges, unpacked one after the other.
    pub fn iter(&self) -> impl Iterator<Item = IdRange> {
        self.blocks.iter().flat_map(|(first, block)| block.unpack(*first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows by id, the plain way.
    type Plain = BTreeMap<i64, i64>;

    fn ranges_of(rows: impl Iterator<Item = (i64, i64)>) -> Vec<IdRange> {
        let mut ranges = Vec::new();
        rows.for_each(|(id, owner)| push(&mut ranges, IdRange { first: id, last: id, owner }));
        ranges
    }

    fn gaps_of(rows: &Plain) -> Vec<(i64, i64)> {
        let ids: Vec<i64> = rows.keys().copied().collect();
        ids.windows(2).filter(|w| w[1] - w[0] > 1).map(|w| (w[0], w[1])).collect()
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        for n in [0, 1, -1, 63, -64, 64, 12345, i64::MAX, i64::MIN] {
            let mut code = Vec::new();
            put(&mut code, zigzag(n));
            assert_eq!(take(&mut code.as_slice()).map(unzigzag), Some(n));
            assert_eq!(take(&mut &code[..code.len() - 1]), None);
        }
        let ends = [i64::MIN, i64::MAX].map(|id| IdRange { first: id, last: id, owner: id });
        let mut all = IdRanges::default();
        all.replace(i64::MIN, i64::MAX, &ends);
        assert_eq!(all.iter().collect::<Vec<_>>(), ends);
    }

    #[test]
    fn a_regular_table_takes_three_bytes_a_range() {
        let mut all = IdRanges::default();
        let rows = ranges_of((0..70_000).map(|id| (id, id / 7)));
        all.replace(i64::MIN, i64::MAX, &rows);
        assert!(all.blocks.values().map(|b| b.code.len()).sum::<usize>() <= 3 * 10_000 + 1000);
    }

    proptest! {
        /// Any sequence of replacements leaves what a plain map has: ranges, gaps and owners.
        #[test]
        fn replacing_is_exact(steps in prop::collection::vec(
            (0_i64..3000, 0_i64..900, 1_i64..12, prop::option::of((1_i64..9, 0_i64..40))), 1..12,
        )) {
            let (mut plain, mut all) = (Plain::new(), IdRanges::default());
            for (from, long, each, fill) in steps {
                let to = from + long;
                plain.retain(|id, _| !(from..=to).contains(id));
                if let Some((skip, owner)) = fill {
                    plain.extend((from..=to).filter(|id| id % 9 != skip).map(|id| (id, owner + id / each)));
                }
                let fresh = ranges_of(plain.range(from..=to).map(|(k, v)| (*k, *v)));
                all.replace(from, to, &fresh);
                let mut joined = Vec::new();
                all.iter().for_each(|s| push(&mut joined, s));
                prop_assert_eq!(&joined, &ranges_of(plain.iter().map(|(k, v)| (*k, *v))));
                let gaps: Vec<_> = all.gaps.iter().map(|(a, b)| (*a, *b)).collect();
                prop_assert_eq!(gaps, gaps_of(&plain));
                let packed = IdRanges::packed(all.iter().map(Some)).unwrap();
                prop_assert_eq!(&packed.gaps, &all.gaps);
                prop_assert!(packed.iter().eq(joined));
                prop_assert_eq!(all.within(from, to), fresh);
                let owners = [3, 17, 90];
                let owned = ranges_of(plain.iter().map(|(k, v)| (*k, *v))).into_iter();
                let owned: Vec<_> = owned.filter(|s| owners.contains(&s.owner)).collect();
                prop_assert_eq!(all.owned(&owners), owned);
            }
        }
    }
}
