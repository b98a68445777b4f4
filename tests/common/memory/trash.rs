//! Keeping and putting back whole records, each in one transaction.

use std::{ops::ControlFlow, path::Path};

use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params_from_iter,
    types::{Value, ValueRef},
};

use ivorylens::{
    error::Result,
    store::{
        DeleteTarget,
        saved::{Back, Keeper, PackedRows, SavedCell, SavedRecord, SavedRow, SavedTable},
    },
};

/// The tables of this file, with all columns as the file has them.
fn tables(connection: &Connection, has_phases: bool) -> rusqlite::Result<Vec<SavedTable>> {
    let mut known = vec![("workflow_runs", None)];
    if has_phases {
        known.push(("workflow_phases", Some(("run_id", 0))));
    }
    let owner = if has_phases { ("phase_id", 1) } else { ("workflow_id", 0) };
    known.push(("workflow_steps", Some(owner)));
    let table = |(name, owner): (&str, Option<(&str, usize)>)| {
        let statement = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let place = |name: &str| columns.iter().position(|column| column == name).unwrap();
        let owners = owner.iter().map(|(column, table)| (place(column), *table)).collect();
        Ok(SavedTable { name: name.to_owned(), key: place("id"), rowid: None, owners, columns })
    };
    known.into_iter().map(table).collect()
}

/// Gives all rows of these records to the keeper.
pub fn keep(
    tx: &Transaction<'_>,
    targets: &[DeleteTarget<'_>],
    has_phases: bool,
    keeper: &mut dyn Keeper,
) -> rusqlite::Result<Result<()>> {
    let tables = tables(tx, has_phases)?;
    for target in targets {
        if let Err(error) = keeper.begin(target, &tables) {
            return Ok(Err(error));
        }
        for (at, table) in tables.iter().enumerate() {
            let rows = of_run(tx, table, target.run, has_phases)?;
            if let Err(error) = keeper.take(target.run, at, &rows) {
                return Ok(Err(error));
            }
        }
    }
    let runs: Vec<i64> = targets.iter().map(|target| target.run).collect();
    Ok(keeper.sync(&runs))
}

fn of_run(
    tx: &Transaction<'_>,
    table: &SavedTable,
    run: i64,
    has_phases: bool,
) -> rusqlite::Result<PackedRows> {
    let which = match table.name.as_str() {
        "workflow_runs" => "id = ?",
        "workflow_phases" => "run_id = ?",
        _ if has_phases => "phase_id IN (SELECT id FROM workflow_phases WHERE run_id = ?)",
        _ => "workflow_id = ?",
    };
    let mut statement = tx.prepare(&format!("SELECT * FROM {} WHERE {which} ORDER BY id", table.name))?;
    let (mut rows, mut packed) = (statement.query([run])?, PackedRows::default());
    while let Some(row) = rows.next()? {
        packed.begin(row.get(table.key)?);
        for at in 0..table.columns.len() {
            match row.get_ref(at)? {
                ValueRef::Null => packed.null(),
                ValueRef::Integer(number) => packed.integer(number),
                ValueRef::Real(number) => packed.real(number),
                ValueRef::Text(text) => packed.text(text),
                ValueRef::Blob(blob) => packed.blob(blob),
            }
        }
        packed.end();
    }
    Ok(packed)
}

/// Puts a record back under its own ids, or each table under new ones where one of them is taken.
pub fn put_back(file: &Path, record: &dyn SavedRecord) -> rusqlite::Result<Result<Back>> {
    let mut writer = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut all: Vec<Vec<SavedRow>> = Vec::new();
    for table in 0..record.tables().len() {
        let mut rows = Vec::new();
        let read = record.rows(table, &mut |row| {
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        });
        if let Err(error) = read {
            return Ok(Err(error));
        }
        rows.sort_by_key(|row| row.key);
        all.push(rows);
    }
    let mut bases = Vec::new();
    for (table, rows) in record.tables().iter().zip(&all) {
        let free = |row: &SavedRow| {
            let sql = format!("SELECT 1 FROM {} WHERE id = ?", table.name);
            Ok(tx.query_row(&sql, [row.key], |_| Ok(())).optional()?.is_none())
        };
        let are_free = rows.iter().map(free).collect::<rusqlite::Result<Vec<bool>>>()?;
        let next = format!("SELECT coalesce(max(id), 0) + 1 FROM {}", table.name);
        let next = tx.query_row(&next, [], |row| row.get::<_, i64>(0))?;
        bases.push(if are_free.contains(&false) { Some(next) } else { None });
    }
    let now = |table: usize, id: i64| {
        let at = all[table].binary_search_by_key(&id, |row| row.key);
        bases[table].map_or(id, |base| at.map_or(id, |at| base + at as i64))
    };
    let mut put = 0;
    for (at, (table, rows)) in record.tables().iter().zip(&all).enumerate() {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {}({}) VALUES ({marks})", table.name, table.columns.join(", "));
        let mut insert = tx.prepare(&sql)?;
        for row in rows {
            let cells = row.cells.iter().enumerate().map(|(column, cell)| match cell {
                SavedCell::Integer(_) if column == table.key => Value::Integer(now(at, row.key)),
                SavedCell::Integer(id) => {
                    let onto = table.owners.iter().find(|owner| owner.0 == column);
                    Value::Integer(onto.map_or(*id, |(_, onto)| now(*onto, *id)))
                }
                SavedCell::Null => Value::Null,
                SavedCell::Real(number) => Value::Real(*number),
                SavedCell::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                SavedCell::Blob(blob) => Value::Blob(blob.clone()),
            });
            put += insert.execute(params_from_iter(cells))? as u64;
        }
    }
    let run = now(0, record.run());
    tx.commit()?;
    Ok(Ok(Back { was: record.run(), run, rows: put }))
}
