//! What a restore asks the tables within its transaction.

use std::collections::HashMap;

use tokio_postgres::types::Type;

use crate::store::{
    postgres::{
        cells::{id, number, text},
        columns::RUNS,
        saved_names::quoted,
        saved_tables::ServerTable,
        transaction::{WriteHalt, WriteTransaction},
    },
    saved::{SavedCell, SavedRow, SavedTable},
};

/// What comes of work that ends a transaction where it fails.
pub type Halted<T> = Result<T, WriteHalt>;

/// So many ids others may take in that moment.
const BETWEEN: i64 = 64;

/// Whether the row with this id is the record's run: the same name and start.
///
/// # Errors
/// As any read.
pub fn is_run(
    tx: &mut WriteTransaction<'_>,
    kept: &SavedTable,
    now: &ServerTable,
    known: &SavedRow,
    key: i64,
) -> Halted<bool> {
    let sql = format!("select {} from {RUNS} where id = $1", now.columns);
    let found = tx.query_typed(&sql, &[(&key, Type::INT8)])?;
    let Some(row) = found.first() else { return Ok(false) };
    for name in ["name", "start_time"] {
        let place = |table: &SavedTable| table.columns.iter().position(|column| column == name);
        let (Some(before), Some(at)) = (place(kept), place(&now.table)) else { return Ok(false) };
        let same = match (text(row, at + 1)?, known.cells.get(before)) {
            (None, Some(SavedCell::Null)) => true,
            (Some(now), Some(SavedCell::Text(before))) => now.as_bytes() == before,
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The owners of those of these rows that are there.
///
/// # Errors
/// As any read.
pub fn owners_of(
    tx: &mut WriteTransaction<'_>,
    kept: &SavedTable,
    keys: &[i64],
) -> Halted<HashMap<i64, Option<i64>>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let owner = kept.owners.first().and_then(|owner| kept.columns.get(owner.0));
    let owner = owner.map_or_else(|| "null".to_owned(), |name| format!("{}.{}", kept.name, quoted(name)));
    let key = key_of(kept);
    let sql =
        format!("select {key}::int8, {owner}::int8 from {} where {key} in (select unnest($1))", kept.name);
    let rows = tx.query_typed(&sql, &[(&keys, Type::INT8_ARRAY)])?;
    let owners = rows.iter().map(|row| Ok((id(row, 0)?, number(row, 1)?)));
    Ok(owners.collect::<Result<_, tokio_postgres::Error>>()?)
}

/// The column by which rows are known, as it stands in a statement.
fn key_of(kept: &SavedTable) -> String {
    kept.columns.get(kept.key).map(|key| format!("{}.{}", kept.name, quoted(key))).unwrap_or_default()
}

/// Takes so many ids that follow each other from the table's sequence; the first of them.
///
/// A sequence knows no lock: ids that others take between its two statements are left to them.
///
/// # Errors
/// As any write.
pub fn reserve(tx: &mut WriteTransaction<'_>, kept: &SavedTable, count: usize) -> Halted<i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let (name, key) = (&kept.name, key_of(kept));
    let sql = format!(
        "select coalesce(setval(seq, greatest(nextval(seq), (select max({key}) from {name})) + {BETWEEN} + $1), \
         (select coalesce(max({key}), 0) from {name}) + $1) \
         from (select pg_get_serial_sequence($2, $3)::regclass as seq) as s"
    );
    let column = kept.columns.get(kept.key).map_or("", String::as_str);
    let values = [(&count as _, Type::INT8), (name as _, Type::TEXT), (&column as _, Type::TEXT)];
    let rows = tx.query_typed(&sql, &values)?;
    let last = rows.first().map(|row| id(row, 0)).transpose()?.unwrap_or_default();
    Ok(last.saturating_sub(count).saturating_add(1))
}
