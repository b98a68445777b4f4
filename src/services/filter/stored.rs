//! What was read of records for filter words, kept for the next words: plain data, by record.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

use crate::{
    model::{filter::tree::ValueSide, run_tally::RunTally},
    store::Version,
};

/// One value of a record, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stored {
    Whole(i64),
    Float(f64),
    Bool(bool),
    /// A text, by its number.
    Text(u32),
    /// An integer beyond 64 bits, by the number of its digits as a text.
    Big(u32),
}

/// What is read of records. Each is a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnKey {
    Values(ValueSide, String),
    /// Names of parameters or outputs.
    Names(ValueSide),
    Methods,
    Errors,
    Events,
    Tries,
    Slow,
    /// Which files there are.
    Files,
    /// What its phases and steps are counted as, before the catalogue counts them.
    Counts,
}

/// What a record has in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadEntry {
    Values(Box<[Stored]>),
    /// Different texts, by the number of their set.
    Texts(u32),
    Number(u32),
    Counts(Box<RunTally>),
}

/// A record: its place in the catalogue, its id, and the number that changes with it.
#[derive(Debug, Clone, Copy)]
pub struct RecordAt {
    pub row: usize,
    pub id: i64,
    pub print: u32,
}

/// Files of a record, in [`ReadEntry::Number`].
pub const LOG: u32 = 1;
pub const RESULT: u32 = 2;
pub const PLOTS: u32 = 4;

/// Columns that are kept at once: those of the words on screen, and of some before.
const KEPT: usize = 12;

/// The columns, with the texts that stand in them.
#[derive(Debug, Default)]
pub struct ReadColumns {
    /// When the last records were known to be as they were read.
    pub version: Option<Version>,
    /// Records of which rows may be missing.
    doubted: Vec<i64>,
    columns: Vec<(ColumnKey, Records)>,
    texts: Interned<Box<str>>,
    sets: Interned<Box<[u32]>>,
}

/// By record: a number that changes with the record's row, and what was read.
type Records = HashMap<i64, (u32, ReadEntry), Quick>;

/// Numbers of texts.
pub type TextSet = HashSet<u32, Quick>;

/// Ids, and names of a lab, are no enemies: one multiplication a word spreads them.
pub type Quick = BuildHasherDefault<QuickHasher>;

/// Things that are kept once, by number.
#[derive(Debug)]
struct Interned<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32, Quick>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { all: Vec::new(), numbers: HashMap::default() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Interned<T> {
    fn number(&mut self, thing: T) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(thing).or_insert_with_key(|thing| {
            self.all.push(thing.clone());
            next
        })
    }
}

impl ReadColumns {
    /// Makes room for columns that are wanted now.
    pub fn want(&mut self, keys: &[ColumnKey]) {
        for key in keys {
            let known = self.columns.iter().position(|(of, _)| of == key);
            let column = known.map(|at| self.columns.remove(at));
            self.columns.push(column.unwrap_or_else(|| (key.clone(), Records::default())));
        }
        let spare = self.columns.len().saturating_sub(KEPT.max(keys.len()));
        self.columns.drain(..spare);
        if self.columns.iter().all(|(_, records)| records.is_empty()) {
            (self.texts, self.sets) = Default::default();
        }
    }

    /// What was read of a record that is still the same.
    pub fn get(&self, key: &ColumnKey, id: i64, print: u32) -> Option<&ReadEntry> {
        let (_, records) = self.columns.iter().find(|(of, _)| of == key)?;
        records.get(&id).filter(|(of, _)| *of == print).map(|(_, entry)| entry)
    }

    /// Keeps what was read of a record, if it is still wanted.
    pub fn put(&mut self, key: &ColumnKey, id: i64, print: u32, entry: ReadEntry) {
        if let Some((_, records)) = self.columns.iter_mut().find(|(of, _)| of == key) {
            records.insert(id, (print, entry));
        }
    }

    /// These may have changed.
    pub fn forget(&mut self, ids: &[i64]) {
        for (_, records) in &mut self.columns {
            ids.iter().for_each(|id| drop(records.remove(id)));
        }
    }

    /// Not all rows of these were there: what was read of them is good for answers at once only.
    pub fn doubt(&mut self, ids: impl Iterator<Item = i64>) {
        self.doubted.extend(ids);
    }

    pub fn is_doubted(&self) -> bool {
        !self.doubted.is_empty()
    }

    /// Forgets those of which rows may be missing; were there any?
    pub fn forget_doubted(&mut self) -> bool {
        let doubted = std::mem::take(&mut self.doubted);
        self.forget(&doubted);
        !doubted.is_empty()
    }

    pub fn text_number(&mut self, text: &str) -> u32 {
        match self.texts.numbers.get(text) {
            Some(number) => *number,
            None => self.texts.number(text.into()),
        }
    }

    pub fn text(&self, number: u32) -> &str {
        self.texts.all.get(number as usize).map_or("", |text| text)
    }

    /// The number of a set of texts.
    pub fn set_number(&mut self, texts: &TextSet) -> u32 {
        let mut sorted: Vec<u32> = texts.iter().copied().collect();
        sorted.sort_unstable();
        self.sets.number(sorted.into())
    }

    pub fn set(&self, number: u32) -> impl Iterator<Item = &str> {
        let set = self.sets.all.get(number as usize);
        set.into_iter().flatten().map(|number| self.text(*number))
    }
}

#[derive(Debug, Default)]
pub struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        // The table takes the upper bits for a mark and the lower ones for the place: both must differ.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.write_u64(u64::from_le_bytes(last));
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, word: i64) {
        self.write_u64(word.cast_unsigned());
    }
}
