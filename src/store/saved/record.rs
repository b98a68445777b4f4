//! Who keeps rows before they are deleted, and a kept record that is put back.

use std::ops::ControlFlow;

use super::{PackedRows, SavedRow, SavedRows, SavedTable};
use crate::{error::Result, model::timestamp::Timestamp};

/// A record to delete: its id, and name and start as the user saw them.
#[derive(Debug, Clone, Copy)]
pub struct DeleteTarget<'a> {
    pub run: i64,
    pub name: &'a str,
    pub start: &'a Timestamp,
}

/// Where a delete leaves the rows that it takes. What is given before [`Keeper::sync`] is on disk when that returns.
pub trait Keeper {
    /// A record is to be deleted. Gives what an earlier delete of it that did not come to its end has kept.
    ///
    /// # Errors
    /// Where nothing can be kept: then nothing may be deleted.
    fn begin(&mut self, target: &DeleteTarget<'_>, tables: &[SavedTable]) -> Result<SavedRows>;

    /// Rows of a record; one that was given before is replaced.
    ///
    /// # Errors
    /// As [`Keeper::begin`].
    fn take(&mut self, run: i64, table: usize, rows: &PackedRows) -> Result<()>;

    /// All rows of these records were given.
    ///
    /// # Errors
    /// As [`Keeper::begin`].
    fn sync(&mut self, runs: &[i64]) -> Result<()>;

    /// These records are gone from the database.
    ///
    /// # Errors
    /// Where that can't be noted: the rows are kept all the same.
    fn gone(&mut self, runs: &[i64]) -> Result<()>;

    /// The disk failed in a commit that took rows of these records: they may be gone or not.
    fn may_be_gone(&mut self, _runs: &[i64]) {}
}

/// Of each table the new id of the first of a record's rows, those behind it by their order; `None` where they have
/// their own.
pub type IdBases = Vec<Option<i64>>;

/// Told of records that are back whole: their places in the list that was given.
pub type ToldBack<'a> = &'a mut dyn FnMut(&[(usize, Back)]) -> Result<()>;

/// Sees rows until it has seen enough.
pub type SeeRow<'a> = &'a mut dyn FnMut(SavedRow) -> Result<ControlFlow<()>>;

/// A record that is kept and can be put back.
pub trait SavedRecord {
    /// Its id in the database from which it was deleted.
    fn run(&self) -> i64;

    fn tables(&self) -> &[SavedTable];

    /// Of each table the keys of its rows, rising, with the ids of their owners.
    fn keys(&self) -> &[Vec<(i64, Option<i64>)>];

    /// The ids under which an earlier restore began to put it back.
    fn bases(&self) -> Option<&IdBases>;

    /// It is about to be put back under these ids. On disk when this returns.
    ///
    /// # Errors
    /// Where that can't be noted: then it must not be put back.
    fn begin(&mut self, bases: &IdBases) -> Result<()>;

    /// The rows of a table, until `see` has seen enough.
    ///
    /// # Errors
    /// Where they can't be read, and the one of `see`.
    fn rows(&self, table: usize, see: SeeRow<'_>) -> Result<()>;
}

/// What became of a record that was to be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// Its id before it was deleted.
    pub was: i64,
    /// Its id now: another one where that was given to another record since.
    pub run: i64,
    /// Rows that were put back; 0 where all were in place.
    pub rows: u64,
}
