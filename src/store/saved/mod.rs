//! Rows of records as they stand in the database, with all their columns: what a delete gives to be kept, and what a
//! restore puts back.

mod ids;
mod pack;
mod record;
mod rows;

pub use ids::NewIds;
pub use pack::{PackedRows, SavedCell, SavedRow, row_hash, unpack};
pub use record::{Back, DeleteTarget, IdBases, Keeper, SavedRecord, SeeRow, ToldBack};
pub use rows::SavedRows;

/// A table whose rows belong to records: the runs stand first, then phases where there are any, steps, and tables that
/// a newer IvoryOS or somebody else added, with a declared foreign key onto one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedTable {
    pub name: String,
    /// All its columns that can be written.
    pub columns: Vec<String>,
    /// The place of the column by which a row is known.
    pub key: usize,
    /// The place of the row's own number in the file, where that is no other column.
    pub rowid: Option<usize>,
    /// Columns that name rows of tables of this list: the place of the column, the place of the table. The first is the
    /// owner.
    pub owners: Vec<(usize, usize)>,
}

impl SavedTable {
    /// The place of the table whose ids are the keys of this one: each of its rows adds to one of that one's.
    pub fn owner_of_key(&self) -> Option<usize> {
        self.owners.iter().find(|owner| owner.0 == self.key).map(|owner| owner.1)
    }
}
