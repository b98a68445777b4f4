//! How large records will be in the trash: their first rows compressed as they would be, and counted.

use std::collections::{BTreeMap, HashMap};

use super::{
    keeper::compressed,
    own_words::{OwnUse, unwritable},
};
use crate::{
    error::{Error, Result},
    store::{
        DeleteTarget,
        saved::{Keeper, PackedRows, SavedRows, SavedTable},
    },
};

/// Keeps nothing but how much it would be, and ends the reading when it knows enough.
#[derive(Debug)]
pub struct TrashSize {
    bytes: u64,
    rows: u64,
    most: u64,
    /// The names of the tables that are not IvoryOS's, by their places, and how many rows they have.
    names: HashMap<usize, String>,
    others: BTreeMap<String, u64>,
}

impl TrashSize {
    /// Of no more rows than these, and some.
    pub fn of_first(most: u64) -> Self {
        Self { bytes: 0, rows: 0, most, names: HashMap::new(), others: BTreeMap::new() }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows that were counted.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows of tables that are not IvoryOS's, by their tables.
    pub fn others(self) -> Vec<(String, u64)> {
        self.others.into_iter().collect()
    }

    /// The reading was ended: there may be more rows.
    pub fn is_enough(&self) -> bool {
        self.rows > self.most
    }
}

impl Keeper for TrashSize {
    fn begin(&mut self, _: &DeleteTarget<'_>, tables: &[SavedTable]) -> Result<SavedRows> {
        let steps = tables.iter().position(|table| table.name == "workflow_steps").unwrap_or(0);
        let others = tables.iter().enumerate().skip(steps + 1);
        self.names = others.map(|(place, table)| (place, table.name.clone())).collect();
        Ok(SavedRows::default())
    }

    /// # Errors
    /// [`Error::Cancelled`] when it was enough.
    fn take(&mut self, _: i64, table: usize, rows: &PackedRows) -> Result<()> {
        let packed = compressed(rows).map_err(|e| unwritable("".as_ref(), &e.to_string(), OwnUse::Trash))?;
        self.bytes += packed.len() as u64;
        self.rows += rows.keys().len() as u64;
        if let Some(name) = self.names.get(&table) {
            *self.others.entry(name.clone()).or_default() += rows.keys().len() as u64;
        }
        if self.is_enough() { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn sync(&mut self, _: &[i64]) -> Result<()> {
        Ok(())
    }

    fn gone(&mut self, _: &[i64]) -> Result<()> {
        Ok(())
    }
}
