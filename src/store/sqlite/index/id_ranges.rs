//! Which owner each row of a table has, by id: ranges of ids without a gap, most of which take one byte.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};

use super::codec::{ChunkReader, ChunkWriter, put, take, unzigzag, zigzag};

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

/// Nothing lies between the end of a range and the begin of the next.
fn touches(last: i64, next: i64) -> bool {
    last.checked_add(1).is_none_or(|behind| behind >= next)
}

/// Ranges in a block: a question unpacks one or two blocks.
const FULL: usize = 256;

/// Some ranges, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    first: i64,
    last: i64,
    low: i64,
    high: i64,
    ranges: u32,
    /// Between two of its ranges there are ids that no row has.
    has_gaps: bool,
    code: Box<[u8]>,
}

impl Block {
    /// A range that follows on the one before and belongs to the next owner is its length plus one; any other is a
    /// zero, how far it lies behind, its length, and how far its owner is from the one before.
    fn pack(ranges: &[IdRange]) -> Option<Self> {
        let (first, last) = (ranges.first()?.first, ranges.last()?.last);
        let low = ranges.iter().map(|r| r.owner).min()?;
        let high = ranges.iter().map(|r| r.owner).max()?;
        let mut code = Vec::with_capacity(ranges.len() * 2);
        let (mut next, mut owner) = (first, low.wrapping_sub(1));
        for range in ranges {
            let long = range.last.wrapping_sub(range.first).cast_unsigned();
            let is_regular = range.first == next && range.owner == owner.wrapping_add(1);
            match long.checked_add(1).filter(|_| is_regular) {
                Some(rows) => put(&mut code, rows),
                None => {
                    put(&mut code, 0);
                    put(&mut code, range.first.wrapping_sub(next).cast_unsigned());
                    put(&mut code, long);
                    put(&mut code, zigzag(range.owner.wrapping_sub(owner)));
                }
            }
            (next, owner) = (range.last.wrapping_add(1), range.owner);
        }
        let has_gaps = ranges.array_windows().any(|[a, b]| !touches(a.last, b.first));
        let count = u32::try_from(ranges.len()).ok()?;
        Some(Self { first, last, low, high, ranges: count, has_gaps, code: code.into() })
    }

    fn unpack(&self) -> impl Iterator<Item = IdRange> {
        let (mut next, mut owner) = (self.first, self.low.wrapping_sub(1));
        let mut code = &*self.code;
        std::iter::from_fn(move || {
            let (first, long) = match take(&mut code)?.checked_sub(1) {
                Some(long) => {
                    owner = owner.wrapping_add(1);
                    (next, long)
                }
                None => {
                    let first = next.wrapping_add(take(&mut code)?.cast_signed());
                    let long = take(&mut code)?;
                    owner = owner.wrapping_add(unzigzag(take(&mut code)?));
                    (first, long)
                }
            };
            let last = first.wrapping_add(long.cast_signed());
            next = last.wrapping_add(1);
            Some(IdRange { first, last, owner })
        })
    }
}

/// The id ranges of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdRanges {
    /// By id. Pieces come at both ends, which costs a queue nothing.
    blocks: VecDeque<Block>,
}

impl IdRanges {
    /// Takes `fresh` as all rows with ids from `from` to `to`.
    pub fn replace(&mut self, from: i64, to: i64, fresh: &[IdRange]) {
        let (mut start, mut end) = self.touched(from, to);
        if start == end && fresh.is_empty() {
            return;
        }
        // Half-full neighbours are packed anew with it, so that many small additions do not make many small blocks.
        let is_short = |at: usize| self.blocks.get(at).is_some_and(|b| (b.ranges as usize) < FULL);
        start -= usize::from(start > 0 && is_short(start - 1));
        end += usize::from(is_short(end));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for block in self.blocks.drain(start..end) {
            for range in block.unpack() {
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
        // The short block stands where the next ones come: in front while a table is read from its end.
        let short = if start == 0 && !self.blocks.is_empty() { all.len() % FULL } else { 0 };
        let (front, rest) = all.split_at(short);
        for block in rest.chunks(FULL).rev().chain([front]).filter_map(Block::pack) {
            self.blocks.insert(start, block);
        }
    }

    /// The blocks that reach into a range.
    fn touched(&self, from: i64, to: i64) -> (usize, usize) {
        let start = self.blocks.partition_point(|b| b.last < from);
        (start, self.blocks.partition_point(|b| b.first <= to).max(start))
    }

    /// The ranges with one of these owners, by id; the owners are sorted.
    pub fn owned(&self, owners: &[i64]) -> Vec<IdRange> {
        let mut found = Vec::new();
        let (Some(lowest), Some(highest)) = (owners.first(), owners.last()) else { return found };
        for block in self.blocks.iter().filter(|block| block.high >= *lowest && block.low <= *highest) {
            let from = owners.partition_point(|o| *o < block.low);
            let to = owners.partition_point(|o| *o <= block.high);
            let Some(here) = owners.get(from..to).filter(|h| !h.is_empty()) else { continue };
            let wanted = block.unpack().filter(|s| here.binary_search(&s.owner).is_ok());
            wanted.for_each(|s| push(&mut found, s));
        }
        found
    }

    /// The ranges, or parts of ranges, with ids from `from` to `to`.
    pub fn within(&self, from: i64, to: i64) -> Vec<IdRange> {
        let (start, end) = self.touched(from, to);
        let mut found = Vec::new();
        for block in self.blocks.range(start..end) {
            for range in block.unpack().filter(|r| r.last >= from && r.first <= to) {
                let cut = IdRange { first: range.first.max(from), last: range.last.min(to), ..range };
                push(&mut found, cut);
            }
        }
        found
    }

    pub fn first(&self) -> Option<i64> {
        self.blocks.front().map(|block| block.first)
    }

    /// The highest gap that begins below an id: ids that no row has, behind the first number, in front of the second.
    pub fn gap_below(&self, bound: i64) -> Option<(i64, i64)> {
        let end = self.blocks.partition_point(|b| b.first < bound);
        let mut next = self.blocks.get(end).map(|b| b.first);
        for block in self.blocks.range(..end).rev() {
            if let Some(next) = next.filter(|next| block.last < bound && !touches(block.last, *next)) {
                return Some((block.last, next));
            }
            if block.has_gaps {
                let ranges: Vec<IdRange> = block.unpack().collect();
                let is_gap = |[a, b]: &[IdRange; 2]| a.last < bound && !touches(a.last, b.first);
                if let Some([a, b]) = ranges.array_windows().rev().find(|pair| is_gap(pair)) {
                    return Some((a.last, b.first));
                }
            }
            next = Some(block.first);
        }
        None
    }

    /// All ranges, unpacked one after the other.
    pub fn iter(&self) -> impl Iterator<Item = IdRange> {
        self.blocks.iter().flat_map(Block::unpack)
    }

    /// Gives back memory that growing left over.
    pub fn shrink(&mut self) {
        self.blocks.shrink_to_fit();
    }

    /// Writes the blocks as they are.
    pub fn save(&self, out: &mut ChunkWriter<impl Write>) -> io::Result<()> {
        out.put(self.blocks.len() as u64)?;
        let (mut last, mut low) = (0_i64, 0_i64);
        for block in &self.blocks {
            out.put_signed(block.first.wrapping_sub(last))?;
            out.put(block.last.wrapping_sub(block.first).cast_unsigned())?;
            out.put_signed(block.low.wrapping_sub(low))?;
            out.put(block.high.wrapping_sub(block.low).cast_unsigned())?;
            out.put(u64::from(block.ranges) << 1 | u64::from(block.has_gaps))?;
            out.put(block.code.len() as u64)?;
            out.bytes(&block.code)?;
            (last, low) = (block.last, block.low);
        }
        Ok(())
    }

    /// Reads what [`IdRanges::save`] wrote.
    pub fn load(from: &mut ChunkReader<impl Read>) -> Option<Self> {
        let mut all = Self::default();
        let (mut last, mut low) = (0_i64, 0_i64);
        for _ in 0..from.take()? {
            let first = last.wrapping_add(from.take_signed()?);
            last = first.wrapping_add(from.take()?.cast_signed());
            low = low.wrapping_add(from.take_signed()?);
            let high = low.wrapping_add(from.take()?.cast_signed());
            let count = from.take()?;
            let (ranges, has_gaps) = (u32::try_from(count >> 1).ok()?, count & 1 == 1);
            let long = from.take()?;
            let code = from.bytes(long)?.into();
            all.blocks.push_back(Block { first, last, low, high, ranges, has_gaps, code });
        }
        Some(all)
    }

    /// The bytes that it holds.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>() + self.blocks.iter().map(|b| b.code.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    fn noted_gaps(all: &IdRanges) -> Vec<(i64, i64)> {
        let mut bound = i64::MAX;
        let next = || {
            let gap = all.gap_below(bound)?;
            bound = gap.0;
            Some(gap)
        };
        let mut gaps: Vec<_> = std::iter::from_fn(next).collect();
        gaps.reverse();
        gaps
    }

    fn kept(all: &IdRanges) -> Option<IdRanges> {
        let mut code = Vec::new();
        let mut out = ChunkWriter::new(&mut code);
        all.save(&mut out).unwrap();
        out.finish().unwrap();
        IdRanges::load(&mut ChunkReader::new(&*code))
    }

    #[test]
    fn ids_and_owners_of_any_size_come_back() {
        let ends = [i64::MIN, i64::MAX].map(|id| IdRange { first: id, last: id, owner: id });
        let all_ids = [IdRange { first: i64::MIN, last: i64::MAX, owner: 0 }];
        for ranges in [&ends[..], &all_ids] {
            let mut all = IdRanges::default();
            all.replace(i64::MIN, i64::MAX, ranges);
            assert_eq!(all.iter().collect::<Vec<_>>(), ranges);
            assert_eq!(kept(&all), Some(all));
        }
    }

    #[test]
    fn a_regular_table_takes_a_byte_a_range_and_any_other_four() {
        for (other, bytes) in [(1, 1), (-1, 4)] {
            let mut all = IdRanges::default();
            let rows = ranges_of((0..70_000).map(|id| (id, id / 7 * other)));
            all.replace(i64::MIN, i64::MAX, &rows);
            let code = all.blocks.iter().map(|b| b.code.len()).sum::<usize>();
            assert!(code <= bytes * 10_000 + 200, "{code}");
        }
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
                prop_assert_eq!(noted_gaps(&all), gaps_of(&plain));
                prop_assert_eq!(kept(&all).unwrap(), all.clone());
                prop_assert_eq!(all.within(from, to), fresh);
                let owners = [3, 17, 90];
                let owned = ranges_of(plain.iter().map(|(k, v)| (*k, *v))).into_iter();
                let owned: Vec<_> = owned.filter(|s| owners.contains(&s.owner)).collect();
                prop_assert_eq!(all.owned(&owners), owned);
            }
        }
    }
}
