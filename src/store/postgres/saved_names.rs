//! The tables of records by their names and places.

use super::columns::{PHASES, RUNS, STEPS};

/// The places of the tables; behind them stand those of others.
pub const AT_RUNS: usize = 0;
pub const AT_PHASES: usize = 1;
pub const AT_STEPS: usize = 2;

/// One of IvoryOS's tables.
pub struct OwnTable {
    pub name: &'static str,
    /// The column that names the row that a row belongs to, and the place of that one's table.
    pub owner: Option<(&'static str, usize)>,
}

/// By their places.
pub const OWN: [OwnTable; 3] = [
    OwnTable { name: RUNS, owner: None },
    OwnTable { name: PHASES, owner: Some(("run_id", AT_RUNS)) },
    OwnTable { name: STEPS, owner: Some(("phase_id", AT_PHASES)) },
];

/// A name in an SQL statement.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
