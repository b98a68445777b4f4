//! The floor: bare SQLite that is told where its rows are.

use rusqlite::{Connection, OpenFlags};

use super::common::folder;

pub fn bare() -> Connection {
    Connection::open_with_flags(folder().join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Reads all columns of all rows; returns bytes of text, so that nothing is left out.
pub fn rows(db: &Connection, sql: &str) -> usize {
    let mut statement = db.prepare_cached(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut bytes = 0;
    while let Some(row) = rows.next().unwrap() {
        for n in 0..columns {
            bytes += row.get_ref(n).unwrap().as_bytes_or_null().ok().flatten().map_or(8, <[u8]>::len);
        }
    }
    bytes
}
