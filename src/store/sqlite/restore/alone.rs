//! A database with one record that is kept, to be looked at.

use std::{ops::ControlFlow, path::Path};

use rusqlite::Connection;

use super::insert;
use crate::{
    error::{Error, Result},
    store::{
        saved::{NewIds, SavedRecord},
        sqlite::saved_tables::quoted,
    },
};

/// Writes a new file with all rows of a record in IvoryOS's tables under the ids that they had.
///
/// # Errors
/// Where it can't be written, and what the record says.
pub fn write_database(path: &Path, record: &dyn SavedRecord) -> Result<()> {
    let error = |source: rusqlite::Error| Error::Sql { path: path.to_path_buf(), source: source.into() };
    let mut connection = Connection::open(path).map_err(error)?;
    connection.execute_batch("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY").map_err(error)?;
    let tx = connection.transaction().map_err(error)?;
    let ids = NewIds::as_they_were();
    for (table, shape) in record.tables().iter().enumerate() {
        // Nobody looks at those of others, and a server's may have names that are the same one here.
        if !shape.name.starts_with("workflow_") {
            continue;
        }
        let column = |(at, name): (usize, &String)| match at {
            // The row's own number has its name by itself.
            _ if shape.rowid == Some(at) => None,
            _ if shape.key == at && shape.rowid.is_none() => {
                Some(format!("{} INTEGER PRIMARY KEY", quoted(name)))
            }
            _ => Some(quoted(name)),
        };
        let columns: Vec<String> = shape.columns.iter().enumerate().filter_map(column).collect();
        let sql = format!("CREATE TABLE {}({})", quoted(&shape.name), columns.join(", "));
        tx.execute_batch(&sql).map_err(error)?;
        let mut written = Ok(());
        record.rows(table, &mut |row| {
            written = insert(&tx, shape, table, &row, &ids);
            Ok(if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        written.map_err(error)?;
    }
    tx.commit().map_err(error)
}
