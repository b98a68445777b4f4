//! What a delete is made of: its records, the parts in which they go, and what ends a transaction.

use crate::{
    error::Error,
    store::{
        DeleteTarget,
        postgres::{owners::StepsOfPhase, transaction::WriteHalt},
    },
};

/// What is known of a record that is to go.
pub struct Doomed<'a> {
    pub target: &'a DeleteTarget<'a>,
    /// By id, each with its steps.
    pub phases: Vec<(i64, StepsOfPhase)>,
}

impl Doomed<'_> {
    pub fn phase_ids(&self, from: usize) -> Vec<i64> {
        self.phases.iter().skip(from).map(|(phase, _)| *phase).collect()
    }
}

/// What one transaction takes of a record.
#[derive(Debug, Clone, Copy)]
pub enum DeletePart<'a> {
    /// Rows of other tables that name the record or these phases or their steps, and none of IvoryOS's.
    Others(&'a [i64]),
    /// These phases with all that belongs to them.
    Phases(&'a [i64]),
    /// All that is left, with the run.
    Last,
}

/// Rows that a transaction took.
#[derive(Debug, Default)]
pub struct TakenRows {
    pub phases: u64,
    pub steps: u64,
    /// Of the tables of others, by their places.
    pub others: Vec<(usize, u64)>,
}

/// What keeps a transaction from its end.
pub enum TakeHalt {
    Sql(tokio_postgres::Error),
    Said(Error),
    /// A row, or a table, is not as it was kept.
    Differs,
}

impl From<tokio_postgres::Error> for TakeHalt {
    fn from(error: tokio_postgres::Error) -> Self {
        TakeHalt::Sql(error)
    }
}

/// The end of the transaction, and what it said; nothing where all is to be kept anew.
pub fn ended(halt: TakeHalt) -> Option<WriteHalt> {
    match halt {
        TakeHalt::Sql(error) => Some(WriteHalt::Sql(error)),
        TakeHalt::Said(error) => Some(WriteHalt::Said(error)),
        TakeHalt::Differs => None,
    }
}
