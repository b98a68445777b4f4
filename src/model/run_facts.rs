//! What a list of all records needs of each: the columns that it is searched, sorted, counted and filtered by.

use super::time_key::TimeKey;

/// A text column as the database has it; `None` for NULL. Text is UTF-8. What is none begins with [`ODD`] and means
/// something to the database alone.
pub type StoredText<'a> = Option<&'a [u8]>;

/// No text in UTF-8 begins with this.
pub const ODD: u8 = 0xff;

/// A time column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredTime<'a> {
    Null,
    At(TimeKey),
    /// Anything else: the cell as [`StoredText`], and the number of the first key that sorts behind it.
    Odd {
        cell: &'a [u8],
        before: i64,
    },
}

/// A record among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunFacts<'a> {
    pub id: i64,
    pub name: StoredText<'a>,
    pub user: StoredText<'a>,
    /// The deck: column `platform`.
    pub deck: StoredText<'a>,
    pub mode: StoredText<'a>,
    pub status: StoredText<'a>,
    pub start: StoredTime<'a>,
    pub end: StoredTime<'a>,
}
