//! Records that were picked for an action on many at once. A record is known by id, start and name, as ids are used again:
//! what identifies it is kept as one number, so that a million of them cost some 30 MB and no time.

pub mod of_list;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::model::{
    run::Run,
    run_facts::{ODD, RunFacts, StoredTime},
    timestamp::Timestamp,
};

/// Picked records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picked {
    known: HashMap<i64, u64>,
}

/// Which records of a list are to be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickWhich {
    /// All of it; where all of them are picked already, none of them.
    All,
    /// From this record to that one.
    Between(i64, i64),
}

/// How many of the picked records are in a list, and which of them are gone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PickedCount {
    pub listed: u64,
    pub gone: Vec<i64>,
}

/// Picked records as they are in the file now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PickedRuns {
    /// In the order of the list.
    pub runs: Vec<i64>,
    /// Those that are gone, or are another one by now.
    pub gone: Vec<i64>,
}

impl Picked {
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Is it this record?
    pub fn has(&self, run: &Run) -> bool {
        self.known.get(&run.id).is_some_and(|known| *known == identity(&run.name, &run.start))
    }

    /// Picks a record, or lets go of it; true when it is picked then.
    pub fn turn(&mut self, run: &Run) -> bool {
        if self.has(run) {
            self.known.remove(&run.id);
            return false;
        }
        self.known.insert(run.id, identity(&run.name, &run.start));
        true
    }

    /// Lets go of these.
    pub fn forget(&mut self, ids: &[i64]) {
        for id in ids {
            self.known.remove(id);
        }
    }

    /// Is the id picked, and another record's by now?
    pub fn is_another(&self, run: &Run) -> bool {
        self.known.contains_key(&run.id) && !self.has(run)
    }

    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.known.keys().copied()
    }
}

/// What identifies a record beside its id.
fn identity(name: &str, start: &Timestamp) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    match start {
        Timestamp::None => 0_u8.hash(&mut hasher),
        Timestamp::At(at) => (1_u8, at).hash(&mut hasher),
        Timestamp::Odd(text) => (2_u8, text).hash(&mut hasher),
    }
    hasher.finish()
}

/// The same, of what is known of all records; `None` where the record itself has to be read for it.
fn identity_of_facts(facts: &RunFacts<'_>) -> Option<u64> {
    let name = facts.name.unwrap_or_default();
    let name = if name.first() == Some(&ODD) { None } else { std::str::from_utf8(name).ok() };
    let start = match facts.start {
        StoredTime::Null => Timestamp::None,
        StoredTime::At(key) => Timestamp::At(key.at()?),
        StoredTime::Odd { .. } => return None,
    };
    Some(identity(name?, &start))
}
