//! What is saved of records: the hash of each row, by which a row under the lock is told from one that was changed since.

use std::collections::HashMap;

/// The rows of some records that are kept, each by its table and key.
#[derive(Debug, Clone, Default)]
pub struct SavedRows(HashMap<(usize, i64), u64>);

impl SavedRows {
    pub fn add(&mut self, table: usize, key: i64, hash: u64) {
        self.0.insert((table, key), hash);
    }

    /// Whether a row is kept as it is now.
    pub fn has(&self, table: usize, key: i64, hash: u64) -> bool {
        self.0.get(&(table, key)) == Some(&hash)
    }

    pub fn extend(&mut self, other: SavedRows) {
        self.0.extend(other.0);
    }
}
