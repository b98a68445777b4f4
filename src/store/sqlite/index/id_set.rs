//! A set of ids, packed to one or two bytes each where they lie near each other: the rows that failed.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};

use super::codec::{ChunkReader, ChunkWriter, put, take};

/// Ids in a block: a question unpacks two blocks.
const FULL: usize = 64;

/// Some neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
struct IdBlock {
    first: i64,
    last: i64,
    ids: u32,
    /// How far each id lies behind the one before, from the second on.
    code: Box<[u8]>,
}

impl IdBlock {
    fn pack(ids: &[i64]) -> Option<Self> {
        let (&first, &last) = (ids.first()?, ids.last()?);
        let mut code = Vec::with_capacity(ids.len() * 2);
        ids.array_windows().for_each(|[a, b]| put(&mut code, b.wrapping_sub(*a).cast_unsigned()));
        Some(Self { first, last, ids: u32::try_from(ids.len()).ok()?, code: code.into() })
    }

    fn iter(&self) -> impl Iterator<Item = i64> {
        let (mut id, mut code) = (self.first, &*self.code);
        let behind = std::iter::from_fn(move || {
            id = id.wrapping_add(take(&mut code)?.cast_signed());
            Some(id)
        });
        std::iter::once(self.first).chain(behind)
    }
}

/// Ids in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdSet {
    /// By id. Pieces come at both ends, which costs a queue nothing.
    blocks: VecDeque<IdBlock>,
}

impl IdSet {
    /// Takes `fresh`, which is sorted, as all ids from `from` to `to`.
    pub fn replace(&mut self, from: i64, to: i64, fresh: &[i64]) {
        let (mut start, mut end) = self.touched(from, to);
        if start == end && fresh.is_empty() {
            return;
        }
        let is_short = |at: usize| self.blocks.get(at).is_some_and(|b| (b.ids as usize) < FULL);
        start -= usize::from(start > 0 && is_short(start - 1));
        end += usize::from(is_short(end));
        let old: Vec<i64> =
            self.blocks.drain(start..end).flat_map(|b| b.iter().collect::<Vec<_>>()).collect();
        let (left, right) = (old.partition_point(|id| *id < from), old.partition_point(|id| *id <= to));
        let mut all = old.get(..left).unwrap_or_default().to_vec();
        all.extend(fresh);
        all.extend(old.get(right..).unwrap_or_default());
        // The short block stands where the next ones come: in front while a table is read from its end.
        let short = if start == 0 && !self.blocks.is_empty() { all.len() % FULL } else { 0 };
        let (front, rest) = all.split_at(short);
        for block in rest.chunks(FULL).rev().chain([front]).filter_map(IdBlock::pack) {
            self.blocks.insert(start, block);
        }
    }

    /// The blocks that reach into a range.
    fn touched(&self, from: i64, to: i64) -> (usize, usize) {
        let start = self.blocks.partition_point(|b| b.last < from);
        (start, self.blocks.partition_point(|b| b.first <= to).max(start))
    }

    /// The ids of a range.
    pub fn within(&self, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let (start, end) = self.touched(from, to);
        self.blocks.range(start..end).flat_map(IdBlock::iter).filter(move |id| (from..=to).contains(id))
    }

    /// Gives back memory that growing left over.
    pub fn shrink(&mut self) {
        self.blocks.shrink_to_fit();
    }

    pub fn save(&self, out: &mut ChunkWriter<impl Write>) -> io::Result<()> {
        out.put(self.blocks.len() as u64)?;
        let mut last = 0_i64;
        for block in &self.blocks {
            out.put_signed(block.first.wrapping_sub(last))?;
            out.put(block.last.wrapping_sub(block.first).cast_unsigned())?;
            out.put(u64::from(block.ids))?;
            out.put(block.code.len() as u64)?;
            out.bytes(&block.code)?;
            last = block.last;
        }
        Ok(())
    }

    pub fn load(from: &mut ChunkReader<impl Read>) -> Option<Self> {
        let mut set = Self::default();
        let mut last = 0_i64;
        for _ in 0..from.take()? {
            let first = last.wrapping_add(from.take_signed()?);
            last = first.wrapping_add(from.take()?.cast_signed());
            let ids = u32::try_from(from.take()?).ok()?;
            let long = from.take()?;
            set.blocks.push_back(IdBlock { first, last, ids, code: from.bytes(long)?.into() });
        }
        Some(set)
    }

    /// The bytes that it holds.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.blocks.capacity() * size_of::<IdBlock>()
            + self.blocks.iter().map(|b| b.code.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_from_end_to_end_come_back() {
        let mut set = IdSet::default();
        set.replace(i64::MIN, i64::MAX, &[i64::MIN, -1, i64::MAX]);
        set.replace(0, 9, &[0, 9]);
        assert!(set.within(i64::MIN, i64::MAX).eq([i64::MIN, -1, 0, 9, i64::MAX]));
        assert_eq!(set.within(i64::MIN, 8).count() as u64, 3);
    }

    proptest! {
        #[test]
        fn replacing_is_exact(steps in prop::collection::vec(
            (0_i64..3000, 0_i64..900, 1_i64..9, any::<bool>()), 1..12,
        )) {
            let (mut plain, mut set) = (BTreeSet::new(), IdSet::default());
            for (from, long, each, fill) in steps {
                let to = from + long;
                plain.retain(|id| !(from..=to).contains(id));
                let fresh: Vec<i64> = (from..=to).filter(|id| fill && id % each == 0).collect();
                plain.extend(&fresh);
                set.replace(from, to, &fresh);
                prop_assert!(set.within(i64::MIN, i64::MAX).eq(plain.iter().copied()));
                for (from, to) in [(from, to), (to, from), (from + 50, to + 50), (0, from)] {
                    let there = |id: &&i64| from <= **id && **id <= to;
                    prop_assert!(set.within(from, to).eq(plain.iter().filter(there).copied()));
                    prop_assert_eq!(set.within(from, to).count() as u64, plain.iter().filter(there).count() as u64);
                }
            }
            let mut code = Vec::new();
            let mut out = ChunkWriter::new(&mut code);
            set.save(&mut out).unwrap();
            out.finish().unwrap();
            prop_assert_eq!(IdSet::load(&mut ChunkReader::new(&*code)), Some(set));
        }
    }
}
