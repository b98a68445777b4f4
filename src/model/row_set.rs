//! A set of rows, one bit each: what a term of filter words is true of, in a few kilobytes for a hundred thousand records.

/// Rows from 0 up to a number of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowSet {
    words: Vec<u64>,
    len: usize,
}

const BITS: usize = u64::BITS as usize;

impl RowSet {
    /// None of so many rows.
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(BITS)], len }
    }

    pub fn all(len: usize) -> Self {
        let mut all = Self { words: vec![u64::MAX; len.div_ceil(BITS)], len };
        all.cut();
        all
    }

    /// The rows for which this is true, asked in their order.
    pub fn of(len: usize, mut wanted: impl FnMut(usize) -> bool) -> Self {
        let mut set = Self::none(len);
        for (first, word) in (0..).step_by(BITS).zip(&mut set.words) {
            for at in first..len.min(first + BITS) {
                *word |= u64::from(wanted(at)) << (at - first);
            }
        }
        set
    }

    /// How many rows there are, in the set or not.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn has(&self, row: usize) -> bool {
        self.words.get(row / BITS).is_some_and(|word| word >> (row % BITS) & 1 == 1)
    }

    pub fn insert(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / BITS).filter(|_| row < self.len) {
            *word |= 1 << (row % BITS);
        }
    }

    /// Keeps those of both.
    pub fn keep(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Takes those of the other too.
    pub fn add(&mut self, other: &RowSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// All other rows.
    pub fn others(&self) -> Self {
        let mut others = Self { words: self.words.iter().map(|word| !word).collect(), len: self.len };
        others.cut();
        others
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        (0..).step_by(BITS).zip(&self.words).flat_map(|(first, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(first + bit)
            })
        })
    }

    /// No bits behind the last row.
    fn cut(&mut self) {
        let behind = self.words.len() * BITS - self.len;
        if let Some(last) = self.words.last_mut() {
            *last = last.checked_shl(behind as u32).unwrap_or(0) >> behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_what_sets_of_numbers_are(len in 0_usize..200, a in prop::collection::btree_set(0_usize..200, 0..60), b in prop::collection::btree_set(0_usize..200, 0..60)) {
            let plain = |set: &BTreeSet<usize>| set.iter().copied().filter(|row| *row < len).collect::<BTreeSet<_>>();
            let (a, b) = (plain(&a), plain(&b));
            let set = |rows: &BTreeSet<usize>| RowSet::of(len, |row| rows.contains(&row));
            let rows = |set: &RowSet| set.iter().collect::<BTreeSet<_>>();
            let (mut both, mut any, mut one) = (set(&a), set(&a), RowSet::none(len));
            both.keep(&set(&b));
            any.add(&set(&b));
            a.iter().for_each(|row| one.insert(*row));
            one.insert(len);
            prop_assert_eq!(rows(&both), a.intersection(&b).copied().collect());
            prop_assert_eq!(rows(&any), a.union(&b).copied().collect());
            prop_assert_eq!(rows(&set(&a).others()), (0..len).filter(|row| !a.contains(row)).collect());
            prop_assert_eq!((&one, one.count(), one.is_empty(), one.len()), (&set(&a), a.len(), a.is_empty(), len));
            prop_assert_eq!(RowSet::all(len), RowSet::none(len).others());
            prop_assert!((0..200).all(|row| one.has(row) == a.contains(&row)));
        }
    }
}
