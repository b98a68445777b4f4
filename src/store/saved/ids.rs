//! The ids that a record's rows get when it is put back.

use std::collections::HashSet;

use super::{IdBases, SavedRecord, SavedTable};

/// Of each table the ids before, and what they are now.
#[derive(Debug)]
pub struct NewIds {
    bases: IdBases,
    /// Rising.
    keys: Vec<Vec<i64>>,
    /// Rows that are in place under their own ids, where others of their table get new ones.
    stay: Vec<HashSet<i64>>,
    /// Tables whose key is their owner's: the place of that one's table.
    owners: Vec<Option<usize>>,
}

impl NewIds {
    pub fn of(record: &dyn SavedRecord) -> Self {
        let keys: Vec<Vec<i64>> =
            record.keys().iter().map(|keys| keys.iter().map(|(key, _)| *key).collect()).collect();
        let bases = record.bases().cloned().unwrap_or_else(|| vec![None; keys.len()]);
        let stay = vec![HashSet::new(); keys.len()];
        let owners = record.tables().iter().map(SavedTable::owner_of_key).collect();
        Self { bases, keys, stay, owners }
    }

    /// No row gets another id.
    pub fn as_they_were() -> Self {
        Self { bases: Vec::new(), keys: Vec::new(), stay: Vec::new(), owners: Vec::new() }
    }

    pub fn bases(&self) -> &IdBases {
        &self.bases
    }

    pub fn base(&self, table: usize) -> Option<i64> {
        self.bases.get(table).copied().flatten()
    }

    pub fn set_base(&mut self, table: usize, base: Option<i64>) {
        if let Some(place) = self.bases.get_mut(table) {
            *place = base;
        }
    }

    pub fn keys(&self, table: usize) -> &[i64] {
        self.keys.get(table).map_or(&[], Vec::as_slice)
    }

    /// This row has its own id in the database.
    pub fn stays(&mut self, table: usize, key: i64) {
        if let Some(stay) = self.stay.get_mut(table) {
            stay.insert(key);
        }
    }

    /// The place of a row among those of its table.
    pub fn place(&self, table: usize, key: i64) -> Option<usize> {
        self.keys(table).binary_search(&key).ok()
    }

    /// The id that a row has now; that of a row which is not the record's is what it was.
    pub fn now(&self, table: usize, key: i64) -> i64 {
        if let Some(owner) = self.owner(table) {
            return self.now(owner, key);
        }
        let Some(base) = self.base(table) else { return key };
        if self.stay.get(table).is_some_and(|stay| stay.contains(&key)) {
            return key;
        }
        self.place(table, key).map_or(key, |place| base.saturating_add(place as i64))
    }

    /// The table whose ids are the keys of this one, too.
    pub fn owner(&self, table: usize) -> Option<usize> {
        self.owners.get(table).copied().flatten()
    }

    pub fn run(&self, was: i64) -> i64 {
        self.now(0, was)
    }

    /// Does any row get another id than it had?
    pub fn are_new(&self) -> bool {
        self.bases.iter().any(Option::is_some)
    }
}
