//! What a list of records is asked for: words, order, and which part of it.

use super::filter::words::Filter;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    #[default]
    Id,
    Name,
    SubmittedBy,
    StartTime,
    EndTime,
    /// The deck: column `platform`.
    Deck,
    Mode,
    Status,
    /// How it ended: completed, stopped, error, none of these and without an end, ended.
    Outcome,
    /// Seconds from start to end.
    Took,
    /// Different iterations.
    Iterations,
    /// Failed steps, and phases that failed without one.
    Failures,
    /// All steps.
    Steps,
    /// Failed steps.
    FailedSteps,
}

impl SortKey {
    pub const ALL: [SortKey; 14] = [
        SortKey::Id,
        SortKey::Name,
        SortKey::SubmittedBy,
        SortKey::StartTime,
        SortKey::EndTime,
        SortKey::Deck,
        SortKey::Mode,
        SortKey::Status,
        SortKey::Outcome,
        SortKey::Took,
        SortKey::Iterations,
        SortKey::Failures,
        SortKey::Steps,
        SortKey::FailedSteps,
    ];

    /// The columns that IvoryOS sorts by.
    pub const STORED: [SortKey; 5] =
        [SortKey::Id, SortKey::Name, SortKey::SubmittedBy, SortKey::StartTime, SortKey::EndTime];

    /// The other columns of the file that a list can be sorted by.
    pub const MORE_STORED: [SortKey; 3] = [SortKey::Deck, SortKey::Mode, SortKey::Status];

    /// Its word on the command line: the column's name in the file and in IvoryOS's query string, or the title of the
    /// list's column.
    pub fn column(self) -> &'static str {
        match self {
            SortKey::Id => "id",
            SortKey::Name => "name",
            SortKey::SubmittedBy => "submitted_by",
            SortKey::StartTime => "start_time",
            SortKey::EndTime => "end_time",
            SortKey::Deck => "platform",
            SortKey::Mode => "repeat_mode",
            SortKey::Status => "status",
            SortKey::Outcome => "outcome",
            SortKey::Took => "took",
            SortKey::Iterations => "iter",
            SortKey::Failures => "err",
            SortKey::Steps => "steps",
            SortKey::FailedSteps => "failed",
        }
    }

    /// It needs the phases and steps of all records to be counted.
    pub fn is_counted(self) -> bool {
        matches!(self, SortKey::Iterations | SortKey::Failures | SortKey::Steps | SortKey::FailedSteps)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    Ascending,
    #[default]
    Descending,
}

/// Which records, in which order. By a column of the file: SQLite's binary order, NULL first ascending, ties by id
/// ascending. By what is made of a record: those without a value last in both orders, ties newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// IvoryOS's search: anywhere in name or submitted_by, SQLite LIKE. Empty is no search.
    pub keyword: String,
    /// The filter words that they match too.
    pub filter: Filter,
    pub sort: SortKey,
    pub order: Order,
}

impl ListQuery {
    /// All records are listed.
    pub fn is_of_all(&self) -> bool {
        self.keyword.is_empty() && self.filter.is_empty()
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Top,
    Bottom,
    /// From the record at this position, counted from 0.
    Offset(u64),
    /// Around this record, or the nearest to where it would stand.
    Around(i64),
}
