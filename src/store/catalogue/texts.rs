//! Cells that many records share, each kept once and told by a number: its bytes, where they end, and a place in a hash
//! table.

use crate::error::{Error, Result};

/// The number of NULL.
pub const NULL: u32 = 0;

/// All different cells, their bytes one behind the other, numbered from 1.
#[derive(Debug, Default)]
pub struct Texts {
    pub bytes: Vec<u8>,
    pub ends: Vec<u32>,
    /// A hash table of numbers, 0 where there is none.
    slots: Vec<u32>,
}

impl Texts {
    /// One more than the highest number.
    pub fn len(&self) -> usize {
        self.ends.len() + 1
    }

    /// The cell with a number; `None` for NULL.
    pub fn get(&self, number: u32) -> Option<&[u8]> {
        let at = (number as usize).checked_sub(1)?;
        let from = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(from as usize..*self.ends.get(at)? as usize)
    }

    /// The number of a cell, a new one if it was not seen before.
    ///
    /// # Errors
    /// [`Error::Refused`] for more than 4 GB of different cells.
    pub fn number(&mut self, cell: Option<&[u8]>) -> Result<u32> {
        let Some(cell) = cell else { return Ok(NULL) };
        // An eighth of the table stays free.
        if self.slots.len() - self.slots.len() / 8 <= self.ends.len() {
            self.grow();
        }
        let slot = self.slot_of(cell);
        match self.slots.get(slot) {
            Some(0) => {
                let too_many =
                    || Error::Refused("the names of this file's records are more than 4 GB".into());
                let end = u32::try_from(self.bytes.len() + cell.len()).map_err(|_| too_many())?;
                self.bytes.extend_from_slice(cell);
                self.ends.push(end);
                let number = u32::try_from(self.ends.len()).map_err(|_| too_many())?;
                if let Some(free) = self.slots.get_mut(slot) {
                    *free = number;
                }
                Ok(number)
            }
            taken => Ok(taken.copied().unwrap_or(NULL)),
        }
    }

    /// Where a cell stands, or would stand, in the hash table.
    fn slot_of(&self, cell: &[u8]) -> usize {
        let size = self.slots.len().max(1);
        // The hash as a fraction of the table, which need not be a power of two.
        let mut slot = ((u128::from(hash(cell)) * size as u128) >> 64) as usize;
        while let Some(number) = self.slots.get(slot).filter(|number| **number > 0) {
            if self.get(*number) == Some(cell) {
                break;
            }
            slot = if slot + 1 == size { 0 } else { slot + 1 };
        }
        slot
    }

    fn grow(&mut self) {
        // Given back before the larger one is made: both together would be the most that is ever held.
        self.slots = Vec::new();
        self.slots = vec![0; (self.ends.len() * 3 / 2).max(64)];
        for number in 1..=self.ends.len() as u32 {
            let slot = self.slot_of(self.get(number).unwrap_or_default());
            if let Some(free) = self.slots.get_mut(slot) {
                *free = number;
            }
        }
    }

    /// Makes sure of cells that were read from elsewhere; `None` where they are none.
    pub fn finish(&mut self) -> Option<()> {
        let sorted = self.ends.is_sorted();
        let whole = self.ends.last().copied().unwrap_or(0) as usize == self.bytes.len();
        // The hash table is made when the next cell is looked for.
        (sorted && whole).then_some(())
    }

    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Names are no enemies: eight bytes a step.
fn hash(cell: &[u8]) -> u64 {
    let mut sum = 0x9e37_79b9_7f4a_7c15_u64 ^ cell.len() as u64;
    let mut mix = |word: u64| {
        sum = (sum ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        sum ^= sum >> 32;
    };
    let (words, rest) = cell.as_chunks::<8>();
    words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    mix(u64::from_le_bytes(last));
    mix(0);
    sum
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_cell_has_one_number(cells in prop::collection::vec("[ab]{0,12}", 0..400)) {
            let (mut texts, mut plain) = (Texts::default(), HashMap::new());
            for cell in &cells {
                let number = texts.number(Some(cell.as_bytes())).unwrap();
                prop_assert_eq!(*plain.entry(cell).or_insert(number), number);
            }
            for (cell, number) in &plain {
                prop_assert_eq!(texts.get(*number), Some(cell.as_bytes()));
            }
            prop_assert_eq!(texts.len(), plain.len() + 1);
            prop_assert_eq!(texts.number(None).unwrap(), NULL);
            prop_assert_eq!(texts.get(NULL), None);
        }
    }

    /// A million different names take their bytes and about eight more each.
    #[test]
    fn a_cell_takes_few_bytes_beside_its_own() {
        let mut texts = Texts::default();
        for n in 0..100_000 {
            texts.number(Some(format!("{n:08}").as_bytes())).unwrap();
        }
        texts.shrink();
        let all = texts.bytes.capacity() + 4 * (texts.ends.capacity() + texts.slots.capacity());
        assert!(all <= 100_000 * (8 + 4 + 6), "{all}");
    }
}
