//! Cells as they are kept: numbers as numbers, all else as the server's own text, times as IvoryOS's SQLite files have them.

use tokio_postgres::types::Type;

use crate::store::saved::{NewIds, SavedCell, SavedRow, SavedTable};

/// How a column's cells are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Integer,
    Truth,
    Time,
    Text,
}

impl Form {
    /// By the name of the server's type.
    pub fn of(kind: &str) -> Self {
        match kind {
            "integer" | "bigint" | "smallint" => Self::Integer,
            "boolean" => Self::Truth,
            "timestamp without time zone" => Self::Time,
            _ => Self::Text,
        }
    }

    /// The cell as it is asked for.
    pub fn read(self, column: &str) -> String {
        match self {
            Self::Integer => format!("{column}::int8"),
            Self::Truth => format!("{column}::int::int8"),
            Self::Time => format!(
                "case when {column} between '0001-01-01' and '9999-12-31 23:59:59.999999' \
                 then to_char({column}, 'YYYY-MM-DD HH24:MI:SS.US') else {column}::text end"
            ),
            Self::Text => format!("{column}::text"),
        }
    }
}

/// The cells of rows, a list for each column, under the ids that they have now.
pub fn texts_of(
    kept: &SavedTable,
    table: usize,
    rows: &[&SavedRow],
    ids: &NewIds,
) -> Vec<Vec<Option<String>>> {
    let cell = |row: &SavedRow, at: usize| {
        let owner = kept.owners.iter().find(|owner| owner.0 == at);
        match (row.cells.get(at)?, owner) {
            (SavedCell::Null | SavedCell::Blob(_), _) => None,
            (SavedCell::Integer(_), _) if at == kept.key => Some(ids.now(table, row.key).to_string()),
            (SavedCell::Integer(id), Some((_, onto))) => Some(ids.now(*onto, *id).to_string()),
            (SavedCell::Integer(number), None) => Some(number.to_string()),
            (SavedCell::Real(number), _) => Some(number.to_string()),
            (SavedCell::Text(text), _) => Some(String::from_utf8_lossy(text).into_owned()),
        }
    };
    (0..kept.columns.len()).map(|at| rows.iter().map(|row| cell(row, at)).collect()).collect()
}

/// The types of so many columns as [`texts_of`] gives them.
pub fn types(columns: usize) -> Vec<Type> {
    vec![Type::TEXT_ARRAY; columns]
}
