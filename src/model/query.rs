//! What a list of records is asked for: words, order, and which part of it.

/// The columns that IvoryOS sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    #[default]
    Id,
    Name,
    SubmittedBy,
    StartTime,
    EndTime,
}

impl SortKey {
    pub const ALL: [SortKey; 5] =
        [SortKey::Id, SortKey::Name, SortKey::SubmittedBy, SortKey::StartTime, SortKey::EndTime];

    /// The column's name in the file, on the command line and in IvoryOS's query string.
    pub fn column(self) -> &'static str {
        match self {
            SortKey::Id => "id",
            SortKey::Name => "name",
            SortKey::SubmittedBy => "submitted_by",
            SortKey::StartTime => "start_time",
            SortKey::EndTime => "end_time",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    Ascending,
    #[default]
    Descending,
}

/// Which records, in which order. SQLite's binary order, NULL first ascending, ties by id ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// IvoryOS's search: anywhere in name or submitted_by, SQLite LIKE. Empty is no search.
    pub keyword: String,
    pub sort: SortKey,
    pub order: Order,
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
