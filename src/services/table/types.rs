//! A table in plain data: whole for commands; for screens its shape, and windows of its rows.

use std::collections::BTreeSet;

use crate::model::value::{Dict, Text, Value};

/// Rows of parameters and outputs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WholeTable {
    /// The config table of a batch run; else one row for each result of each iteration.
    pub batch: bool,
    /// NameOrder of the parameters, in order of first appearance.
    pub columns: Vec<Text>,
    /// NameOrder of the outputs, in order of first appearance.
    pub outputs: Vec<Text>,
    /// An iteration has several samples.
    pub batched: bool,
    pub rows: Vec<TableRow>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// From 1.
    pub row: u64,
    /// `None` for a row that did not run.
    pub iteration: Option<i64>,
    /// `done`, `running`, `pending`, `failed`, `stopped`.
    pub status: String,
    pub values: Dict,
    pub outputs: Dict,
    pub reason: Option<String>,
    /// NameOrder of fields that were invalid, with what was wrong.
    pub invalid: Value,
    pub starts_batch: bool,
}

impl TableRow {
    /// False for a row of the table that was not run.
    pub fn ran(&self) -> bool {
        self.status != "pending"
    }

    pub fn parameter(&self, name: &Text) -> Option<&Value> {
        find(&self.values, name)
    }

    pub fn output(&self, name: &Text) -> Option<&Value> {
        find(&self.outputs, name)
    }
}

fn find<'d>(dict: &'d Dict, name: &Text) -> Option<&'d Value> {
    dict.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// What is known of a table without holding its rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableShape {
    /// The number of the table's snapshot: its rows are asked for by it.
    pub look: u64,
    /// False for the shape of only the beginning of a long table.
    pub whole: bool,
    pub batch: bool,
    pub batched: bool,
    pub columns: Vec<Text>,
    pub outputs: Vec<Text>,
    /// How many rows there are; where the shape is not whole, at least.
    pub rows: u64,
    pub highest_iteration: i64,
    pub statuses: BTreeSet<String>,
    /// A row has a reason.
    pub reasons: bool,
    /// Rows that tell what the columns need: all of a short table; of others the first, the last, and some between.
    pub sample: Vec<TableRow>,
    /// What the rows are sorted by.
    pub sort: Option<TableSort>,
    /// The rows that were asked for with it.
    pub window: TableRows,
}

impl TableShape {
    /// The rows from the first on that the sample has.
    pub fn first_rows(&self) -> &[TableRow] {
        let known = self.sample.iter().zip(1..).take_while(|(row, n)| row.row == *n).count();
        self.sample.get(..known).unwrap_or_default()
    }
}

/// An order of the rows; equal ones stay as the record has them, empty cells come last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSort {
    pub by: TableKey,
    pub rising: bool,
}

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableKey {
    Row,
    Iteration,
    /// By the words that are shown: `running` is shown as this one.
    Status {
        running: String,
    },
    Parameter(Text),
    Output(Text),
    Reason,
}

/// Which rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableAt {
    /// From this place on, from 0.
    Place(u64),
    /// About the row with this number, from 1.
    Row(u64),
    /// About the first row of an iteration.
    Iteration(i64),
    /// About the first row of the next iteration behind this place; or of this one, then of the one before.
    Beside { place: u64, forward: bool },
}

/// Some rows of a table, in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePart {
    /// The number of the snapshot that they are wanted of; one that is not kept any more is made anew.
    pub look: u64,
    pub sort: Option<TableSort>,
    pub at: TableAt,
    /// How many.
    pub rows: usize,
}

/// Neighbouring rows of a table in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRows {
    /// The number of the snapshot they are from: a new one where that which was asked for is not kept any more.
    pub look: u64,
    /// Where the first of them stands, from 0.
    pub from: u64,
    pub rows: Vec<TableRow>,
    /// Where the row stands that was looked for.
    pub found: Option<u64>,
}
