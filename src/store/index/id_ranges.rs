//! Which owner each row of a table has, by id: strips of ids without a gap, packed to about three bytes a strip.

use std::collections::BTreeMap;

/// Rows with neighbouring ids and the same owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    pub first: i64,
    pub last: i64,
    pub owner: i64,
}

/// The owner of rows whose owner column holds no integer.
pub const NOBODY: i64 = i64::MIN;

impl Strip {
    pub fn rows(&self) -> u64 {
        self.last.abs_diff(self.first).saturating_add(1)
    }

    fn joins(&self, next: &Strip) -> bool {
        self.owner == next.owner && self.last.checked_add(1) == Some(next.first)
    }
}

/// Adds a strip behind others; one that goes on where the last ended lengthens it.
pub fn push(strips: &mut Vec<Strip>, next: Strip) {
    match strips.last_mut() {
        Some(last) if last.joins(&next) => last.last = next.last,
        _ => strips.push(next),
    }
}

/// Nothing lies between a strip and the next.
fn touches(last: &Strip, next: &Strip) -> bool {
    last.last.checked_add(1).is_none_or(|behind| behind >= next.first)
}

/// Strips in a block: a question unpacks one or two blocks.
const FULL: usize = 128;

/// Some strips, packed; the first one's first id is the block's key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    last: i64,
    low: i64,
    high: i64,
    strips: usize,
    code: Box<[u8]>,
}

impl Block {
    fn pack(strips: &[Strip]) -> Option<(i64, Self)> {
        let (first, last) = (strips.first()?.first, strips.last()?.last);
        let low = strips.iter().map(|s| s.owner).min()?;
        let high = strips.iter().map(|s| s.owner).max()?;
        let mut code = Vec::with_capacity(strips.len() * 3);
        let (mut next, mut owner) = (first, low);
        for strip in strips {
            put(&mut code, strip.first.wrapping_sub(next).cast_unsigned());
            put(&mut code, strip.last.wrapping_sub(strip.first).cast_unsigned());
            put(&mut code, zigzag(strip.owner.wrapping_sub(owner)));
            (next, owner) = (strip.last.wrapping_add(1), strip.owner);
        }
        let code = code.into_boxed_slice();
        Some((first, Self { last, low, high, strips: strips.len(), code }))
    }

    fn unpack(&self, first: i64) -> impl Iterator<Item = Strip> {
        let (mut next, mut owner) = (first, self.low);
        let mut code = &*self.code;
        std::iter::from_fn(move || {
            let first = next.wrapping_add(take(&mut code)?.cast_signed());
            let last = first.wrapping_add(take(&mut code)?.cast_signed());
            owner = owner.wrapping_add(unzigzag(take(&mut code)?));
            next = last.wrapping_add(1);
            Some(Strip { first, last, owner })
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

/// The strips of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strips {
    blocks: BTreeMap<i64, Block>,
    /// Ids between two strips that no row has: behind the key, in front of the value.
    gaps: BTreeMap<i64, i64>,
}

impl Strips {
    /// From now on the rows with ids from `from` to `to` are these.
    pub fn replace(&mut self, from: i64, to: i64, fresh: &[Strip]) {
        let mut touched: Vec<i64> = self.blocks.range(from..=to).map(|(k, _)| *k).collect();
        // Half-full neighbours are packed anew with it, so that many small additions do not make many small blocks.
        let before = self.blocks.range(..from).next_back();
        touched.extend(before.filter(|(_, b)| b.last >= from || b.strips < FULL).map(|(k, _)| *k));
        let behind = to.checked_add(1).and_then(|next| self.blocks.range(next..).next());
        touched.extend(behind.filter(|(_, b)| b.strips < FULL).map(|(k, _)| *k));
        touched.sort_unstable();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for key in touched {
            let Some(block) = self.blocks.remove(&key) else { continue };
            if key >= from && block.last <= to {
                continue;
            }
            for strip in block.unpack(key) {
                if strip.first < from {
                    left.push(Strip { last: strip.last.min(from.saturating_sub(1)), ..strip });
                }
                if strip.last > to {
                    right.push(Strip { first: strip.first.max(to.saturating_add(1)), ..strip });
                }
            }
        }
        let mut all = Vec::with_capacity(left.len() + fresh.len() + right.len());
        left.into_iter().chain(fresh.iter().copied()).chain(right).for_each(|s| push(&mut all, s));
        self.note_gaps(all.first().map_or(from, |s| s.first.min(from)), to, &all);
        self.blocks.extend(all.chunks(FULL).filter_map(Block::pack));
    }

    /// Between the blocks around them, these are all strips there are.
    fn note_gaps(&mut self, from: i64, to: i64, strips: &[Strip]) {
        let last = strips.last().map_or(to, |s| s.last.max(to));
        let before = self.blocks.range(..from).next_back().map(|(_, b)| b.last);
        let behind = last.checked_add(1).and_then(|n| self.blocks.range(n..).next()).map(|(k, _)| *k);
        let stale = self.gaps.range(before.unwrap_or(i64::MIN)..behind.unwrap_or(i64::MAX));
        let stale: Vec<i64> = stale.map(|(k, _)| *k).collect();
        for key in stale {
            self.gaps.remove(&key);
        }
        let mut end = before;
        let starts = strips.iter().map(|s| (s.first, s.last)).chain(behind.map(|k| (k, k)));
        for (first, last) in starts {
            if let Some(end) = end.filter(|end| end.checked_add(1).is_some_and(|next| next < first)) {
                self.gaps.insert(end, first);
            }
            end = Some(last);
        }
    }

    /// Packs strips that come by id, a block at a time; `None` when one of them is `None`.
    pub fn packed(strips: impl IntoIterator<Item = Option<Strip>>) -> Option<Self> {
        let (mut packed, mut last) = (Self::default(), None::<Strip>);
        let mut block = Vec::with_capacity(FULL);
        for strip in strips {
            let strip = strip?;
            if let Some(last) = last.filter(|last| !touches(last, &strip)) {
                packed.gaps.insert(last.last, strip.first);
            }
            if block.len() >= FULL && block.last().is_some_and(|last: &Strip| !last.joins(&strip)) {
                packed.blocks.extend(Block::pack(&block));
                block.clear();
            }
            push(&mut block, strip);
            last = Some(strip);
        }
        packed.blocks.extend(Block::pack(&block));
        Some(packed)
    }

    /// The strips with one of these owners, by id; the owners are sorted.
    pub fn owned(&self, owners: &[i64]) -> Vec<Strip> {
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

    /// The strips, or parts of strips, with ids from `from` to `to`.
    pub fn within(&self, from: i64, to: i64) -> Vec<Strip> {
        let start = self.blocks.range(..=from).next_back().map_or(from, |(k, _)| *k);
        let mut found = Vec::new();
        for (first, block) in self.blocks.range(start..=to.max(start)) {
            for strip in block.unpack(*first).filter(|s| s.last >= from && s.first <= to) {
                let cut = Strip { first: strip.first.max(from), last: strip.last.min(to), ..strip };
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

    /// All strips, unpacked one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Strip> {
        self.blocks.iter().flat_map(|(first, block)| block.unpack(*first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows by id, the plain way.
    type Plain = BTreeMap<i64, i64>;

    fn strips_of(rows: impl Iterator<Item = (i64, i64)>) -> Vec<Strip> {
        let mut strips = Vec::new();
        rows.for_each(|(id, owner)| push(&mut strips, Strip { first: id, last: id, owner }));
        strips
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
        let ends = [i64::MIN, i64::MAX].map(|id| Strip { first: id, last: id, owner: id });
        let mut all = Strips::default();
        all.replace(i64::MIN, i64::MAX, &ends);
        assert_eq!(all.iter().collect::<Vec<_>>(), ends);
    }

    #[test]
    fn a_regular_table_takes_three_bytes_a_strip() {
        let mut all = Strips::default();
        let rows = strips_of((0..70_000).map(|id| (id, id / 7)));
        all.replace(i64::MIN, i64::MAX, &rows);
        assert!(all.blocks.values().map(|b| b.code.len()).sum::<usize>() <= 3 * 10_000 + 1000);
    }

    proptest! {
        /// Any sequence of replacements leaves what a plain map has: strips, gaps and owners.
        #[test]
        fn replacing_is_exact(steps in prop::collection::vec(
            (0_i64..3000, 0_i64..900, 1_i64..12, prop::option::of((1_i64..9, 0_i64..40))), 1..12,
        )) {
            let (mut plain, mut all) = (Plain::new(), Strips::default());
            for (from, long, each, fill) in steps {
                let to = from + long;
                plain.retain(|id, _| !(from..=to).contains(id));
                if let Some((skip, owner)) = fill {
                    plain.extend((from..=to).filter(|id| id % 9 != skip).map(|id| (id, owner + id / each)));
                }
                let fresh = strips_of(plain.range(from..=to).map(|(k, v)| (*k, *v)));
                all.replace(from, to, &fresh);
                let mut joined = Vec::new();
                all.iter().for_each(|s| push(&mut joined, s));
                prop_assert_eq!(&joined, &strips_of(plain.iter().map(|(k, v)| (*k, *v))));
                let gaps: Vec<_> = all.gaps.iter().map(|(a, b)| (*a, *b)).collect();
                prop_assert_eq!(gaps, gaps_of(&plain));
                let packed = Strips::packed(all.iter().map(Some)).unwrap();
                prop_assert_eq!(&packed.gaps, &all.gaps);
                prop_assert!(packed.iter().eq(joined));
                prop_assert_eq!(all.within(from, to), fresh);
                let owners = [3, 17, 90];
                let owned = strips_of(plain.iter().map(|(k, v)| (*k, *v))).into_iter();
                let owned: Vec<_> = owned.filter(|s| owners.contains(&s.owner)).collect();
                prop_assert_eq!(all.owned(&owners), owned);
            }
        }
    }
}
