//! Records that were chosen of the catalogue.

use crate::model::row_set::RowSet;

/// Records that a term, or all filter words, are true of, as places of the catalogue in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub rows: RowSet,
    /// The catalogue's state: in another one these places mean nothing.
    pub state: u64,
}
