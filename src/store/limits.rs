//! The numbers that bound what the store does at a time: rows, milliseconds, pauses.

use std::time::Duration;

/// Numbers that bound a piece of reading or deleting, and what is kept. A store has them from its [`super::Options`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A reading statement that takes longer is ended, as the lab's commit waits for its lock.
    pub statement_time: Duration,
    /// Rows between two looks at the clock in a reading statement.
    pub clock_rows: usize,
    /// Rows that the first piece of a walk over the catalogue reads.
    pub catalogue_rows_first: usize,
    /// The fewest rows that a later piece of the catalogue reads, however slow the disk is.
    pub catalogue_rows_least: usize,
    /// The most rows that a piece of the catalogue reads.
    pub catalogue_rows_most: usize,
    /// Records at the end of the catalogue that are read again after each commit.
    pub catalogue_end: usize,
    /// A catalogue of fewer records is not kept: reading it is as fast.
    pub kept_records: usize,
    /// A walk over all records rests so many times as long as it took.
    pub catalogue_rest: u32,
    /// Rows that the first piece of the index reads.
    pub index_rows_first: usize,
    /// The fewest rows that a later piece of the index reads, however slow the disk is.
    pub index_rows_least: usize,
    /// The most rows that a piece of the index reads.
    pub index_rows_most: usize,
    /// Steps of a record that are read again before the index's word for them is taken; in a larger record none are.
    pub verified_steps: u64,
    /// Ids between two fingerprints of the index, at least.
    pub fingerprint_distance: u64,
    /// The last ids of a table, which the index reads again after each commit: the lab still writes into their rows.
    pub unsettled_ids: i64,
    /// A file whose tables have fewer rows gets no cache file: reading it is as fast.
    pub cached_rows: usize,
    /// The cache file is written anew when so many rows came since it was written.
    pub cached_changes: usize,
    /// In tables of up to so many rows, all are compared with a kept index before the first answer after the file was
    /// written to: about a tenth of a second. In larger ones a quarter of that; the next program goes on with the rest.
    pub awaited_audit: usize,
    /// Rows that a delete takes in one transaction: a record of no more goes whole.
    pub delete_rows: u64,
    /// Records of fewer rows are deleted and put back several in one transaction.
    pub together_rows: u64,
    /// A record of more rows is put back in pieces.
    pub restore_rows: u64,
    /// Between two transactions of a delete: SQLite's own wait for a lock tries more often than that.
    pub delete_pause: Duration,
    /// Who waits longer than this for the lab's lock is told so.
    pub told_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            statement_time: Duration::from_millis(1),
            clock_rows: 4,
            catalogue_rows_first: 4_000,
            catalogue_rows_least: 200,
            catalogue_rows_most: 50_000,
            catalogue_end: 256,
            kept_records: 20_000,
            catalogue_rest: 100,
            index_rows_first: 2_000,
            index_rows_least: 200,
            index_rows_most: 50_000,
            verified_steps: 5_000,
            fingerprint_distance: 512,
            unsettled_ids: 256,
            cached_rows: 50_000,
            cached_changes: 20_000,
            awaited_audit: 400_000,
            delete_rows: 4_000,
            together_rows: 150,
            restore_rows: 5_000,
            delete_pause: Duration::from_millis(25),
            told_wait: Duration::from_millis(300),
        }
    }
}

impl Limits {
    /// So small that a few dozen rows go through every path that large files take, without a pause. For tests.
    pub const fn tiny() -> Self {
        Self {
            statement_time: Duration::ZERO,
            clock_rows: 32,
            catalogue_rows_first: 3,
            catalogue_rows_least: 2,
            catalogue_rows_most: 5,
            catalogue_end: 4,
            kept_records: 5,
            catalogue_rest: 0,
            index_rows_first: 7,
            index_rows_least: 7,
            index_rows_most: 50,
            verified_steps: 30,
            fingerprint_distance: 8,
            unsettled_ids: 4,
            cached_rows: 20,
            cached_changes: 10,
            awaited_audit: 25,
            delete_rows: 12,
            together_rows: 10,
            restore_rows: 15,
            delete_pause: Duration::ZERO,
            told_wait: Duration::ZERO,
        }
    }
}
