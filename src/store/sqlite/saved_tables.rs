//! Which tables have rows of records, and all their columns, as this file has them now; and reading their rows whole.

use rusqlite::{Connection, Result, Row, types::ValueRef};

use crate::store::saved::{PackedRows, SavedTable};

/// The names by which a row's own number can be asked for, where no column is called so.
const ROWID: [&str; 3] = ["_rowid_", "oid", "rowid"];

/// The tables with rows of records, and the version of the schema that says so.
#[derive(Debug, Clone)]
pub struct SavedTables {
    pub tables: Vec<SavedTable>,
    /// `PRAGMA schema_version`: another one may mean other columns.
    pub schema: i64,
    pub has_phases: bool,
    /// Tables with such rows, which have no numbers of their own (WITHOUT ROWID) and so can't be kept.
    pub unkept: Vec<UnkeptTable>,
    /// The statements that read rows of a range of keys, and those of one owner.
    ranges: Vec<String>,
    owned: Vec<String>,
}

/// A table whose rows can't be kept.
#[derive(Debug, Clone)]
pub struct UnkeptTable {
    pub name: String,
    /// The columns that name rows of IvoryOS's tables, and the places of these tables.
    pub owners: Vec<(String, usize)>,
}

impl SavedTables {
    /// # Errors
    /// As any read.
    pub fn of(connection: &Connection, has_phases: bool) -> Result<Self> {
        let schema = schema_version(connection)?;
        let mut own = vec![("workflow_runs", None)];
        if has_phases {
            own.extend([("workflow_phases", Some(("run_id", 0))), ("workflow_steps", Some(("phase_id", 1)))]);
        } else {
            own.push(("workflow_steps", Some(("workflow_id", 0))));
        }
        let names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
        let (mut tables, mut unkept) = (Vec::new(), Vec::new());
        for (name, owner) in &own {
            tables.push(own_table(connection, name, *owner, &names)?);
        }
        for name in other_tables(connection, &names)? {
            match other_table(connection, &name, &names)? {
                Some(OtherTable::Kept(table)) => tables.push(table),
                Some(OtherTable::Unkept(table)) => unkept.push(table),
                None => {}
            }
        }
        let ranges = tables.iter().map(|table| select(table, "")).collect();
        let owned = |table: &SavedTable| {
            let owner = table.owners.first().and_then(|owner| table.columns.get(owner.0));
            owner.map_or_else(String::new, |owner| select(table, &format!("AND {} = ?", quoted(owner))))
        };
        let owned = tables.iter().map(owned).collect();
        Ok(Self { tables, schema, has_phases, unkept, ranges, owned })
    }

    /// The place of the table of steps.
    pub fn steps(&self) -> usize {
        1 + usize::from(self.has_phases)
    }

    /// The places of the tables that are not IvoryOS's.
    pub fn others(&self) -> std::ops::Range<usize> {
        self.steps() + 1..self.tables.len()
    }

    pub fn table(&self, at: usize) -> Option<&SavedTable> {
        self.tables.get(at)
    }

    /// The statement that reads rows of a table with keys in a range, by key: the key, then all columns. With an owner
    /// those of this one.
    pub fn select(&self, at: usize, has_owner: bool) -> &str {
        let statements = if has_owner { &self.owned } else { &self.ranges };
        statements.get(at).map_or("", String::as_str)
    }

    /// The name of the column by which a table's rows are known.
    pub fn key(&self, at: usize) -> &str {
        self.tables.get(at).and_then(|table| table.columns.get(table.key)).map_or("", String::as_str)
    }
}

/// # Errors
/// As any read.
pub fn schema_version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "schema_version", |row| row.get(0))
}

/// A name in an SQL statement.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn select(table: &SavedTable, also: &str) -> String {
    let names = table.columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let key = table.columns.get(table.key).map(|name| quoted(name)).unwrap_or_default();
    let name = quoted(&table.name);
    format!("SELECT {key}, {names} FROM {name} WHERE {key} BETWEEN ? AND ? {also} ORDER BY {key}")
}

/// A column of a table.
struct Column {
    name: String,
    /// Its place in the primary key, from 1; 0 for none.
    in_key: i64,
    is_integer: bool,
}

/// The columns that can be written.
fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let mut all = connection.prepare("SELECT name, pk, type, hidden FROM pragma_table_xinfo(?)")?;
    let read = |row: &Row<'_>| {
        let kind: Option<String> = row.get(2)?;
        let is_integer = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("integer"));
        let column = Column { name: row.get(0)?, in_key: row.get(1)?, is_integer };
        Ok((column, row.get::<_, i64>(3)?))
    };
    let all = all.query_map([table], read)?.collect::<Result<Vec<_>>>()?;
    Ok(all.into_iter().filter(|(_, hidden)| *hidden == 0).map(|(column, _)| column).collect())
}

/// Declared foreign keys onto the ids of these tables: the column's name, the place of the table.
fn references(connection: &Connection, table: &str, onto: &[&str]) -> Result<Vec<(String, usize)>> {
    let sql = "SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq";
    let mut all = connection.prepare(sql)?;
    let read = |row: &Row<'_>| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
    };
    let all = all.query_map([table], read)?.collect::<Result<Vec<_>>>()?;
    let to_id = |to: &Option<String>| to.as_ref().is_none_or(|to| to.eq_ignore_ascii_case("id"));
    let place = |name: &str| onto.iter().position(|other| other.eq_ignore_ascii_case(name));
    Ok(all.into_iter().filter(|r| to_id(&r.2)).filter_map(|r| Some((r.1, place(&r.0)?))).collect())
}

fn place(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
}

/// The column that is the row's own number under another name.
fn alias(columns: &[Column]) -> Option<usize> {
    let mut keys = columns.iter().enumerate().filter(|(_, column)| column.in_key > 0);
    let (at, column) = keys.next()?;
    (keys.next().is_none() && column.is_integer).then_some(at)
}

fn has_rowid(connection: &Connection, table: &str) -> Result<bool> {
    let sql =
        "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? AND type = 'table' AND wr = 0";
    connection.prepare(sql)?.exists([table])
}

/// The row's own number as one more column, where no column is it.
fn rowid(connection: &Connection, table: &str, columns: &[Column]) -> Result<Option<&'static str>> {
    if alias(columns).is_some() || !has_rowid(connection, table)? {
        return Ok(None);
    }
    Ok(ROWID.into_iter().find(|name| place(columns, name).is_none()))
}

fn own_table(
    connection: &Connection,
    name: &str,
    owner: Option<(&str, usize)>,
    onto: &[&str],
) -> Result<SavedTable> {
    let columns = columns(connection, name)?;
    let rowid = rowid(connection, name, &columns)?;
    let mut owners: Vec<(usize, usize)> =
        owner.and_then(|(column, table)| Some((place(&columns, column)?, table))).into_iter().collect();
    for (column, table) in references(connection, name, onto)? {
        let at = place(&columns, &column).map(|column| (column, table));
        owners.extend(at.filter(|at| !owners.contains(at)));
    }
    let key = place(&columns, "id").unwrap_or_default();
    let mut names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let rowid = rowid.map(|rowid| {
        names.push(rowid.to_owned());
        names.len() - 1
    });
    Ok(SavedTable { name: name.to_owned(), columns: names, key, rowid, owners })
}

/// The names of all other tables.
fn other_tables(connection: &Connection, own: &[&str]) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut all = connection.prepare(sql)?;
    let all = all.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>>>()?;
    Ok(all.into_iter().filter(|name| !own.iter().any(|own| own.eq_ignore_ascii_case(name))).collect())
}

/// A table with a declared foreign key onto one of IvoryOS's.
enum OtherTable {
    Kept(SavedTable),
    Unkept(UnkeptTable),
}

/// Such a table; `None` for any other.
fn other_table(connection: &Connection, name: &str, onto: &[&str]) -> Result<Option<OtherTable>> {
    let references = references(connection, name, onto)?;
    if references.is_empty() {
        return Ok(None);
    }
    let columns = columns(connection, name)?;
    let (alias, rowid) = (alias(&columns), rowid(connection, name, &columns)?);
    let owners: Vec<_> =
        references.iter().filter_map(|(c, table)| Some((place(&columns, c)?, *table))).collect();
    let mut names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let key = match (alias, rowid) {
        (Some(alias), _) => alias,
        (None, Some(rowid)) => {
            names.push(rowid.to_owned());
            names.len() - 1
        }
        (None, None) => {
            return Ok(Some(OtherTable::Unkept(UnkeptTable { name: name.to_owned(), owners: references })));
        }
    };
    let table = SavedTable { name: name.to_owned(), columns: names, key, rowid: None, owners };
    Ok(Some(OtherTable::Kept(table)))
}

/// Adds the row of a statement of [`SavedTables::select`]; gives its key and its bytes.
pub fn pack<'p>(row: &Row<'_>, columns: usize, into: &'p mut PackedRows) -> Result<(i64, &'p [u8])> {
    let key = row.get(0)?;
    into.begin(key);
    for at in 1..=columns {
        match row.get_ref(at)? {
            ValueRef::Null => into.null(),
            ValueRef::Integer(number) => into.integer(number),
            ValueRef::Real(number) => into.real(number),
            ValueRef::Text(text) => into.text(text),
            ValueRef::Blob(blob) => into.blob(blob),
        }
    }
    Ok((key, into.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(sql: &str) -> Vec<SavedTable> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        SavedTables::of(&connection, true).unwrap().tables
    }

    const OWN: &str = "CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name, start_time,
             twice GENERATED ALWAYS AS (name || name) STORED);
         CREATE TABLE workflow_phases(id INT, run_id INTEGER, name, oid);
         CREATE TABLE workflow_steps(id INTEGER NOT NULL, phase_id INTEGER, run INTEGER REFERENCES workflow_runs,
             PRIMARY KEY (id), FOREIGN KEY(phase_id) REFERENCES workflow_phases (id));";

    #[test]
    fn all_columns_that_can_be_written_and_what_names_others() {
        let tables = tables(OWN);
        let names = |at: usize| tables[at].columns.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(names(0), ["id", "name", "start_time"]);
        // It has no key of its own, so the row's number is kept beside its id.
        assert_eq!(names(1), ["id", "run_id", "name", "oid", "_rowid_"]);
        assert_eq!((tables[1].key, tables[1].rowid), (0, Some(4)));
        assert_eq!((tables[2].owners.as_slice(), tables[2].rowid), (&[(1, 1), (2, 0)][..], None));
    }

    #[test]
    fn tables_of_others_come_where_they_say_whose_their_rows_are() {
        let more = "CREATE TABLE a(x, phase REFERENCES workflow_phases(id));
             CREATE TABLE b(n INTEGER PRIMARY KEY, run REFERENCES workflow_runs(id), text);
             CREATE TABLE c(k TEXT PRIMARY KEY, run REFERENCES workflow_runs(id)) WITHOUT ROWID;
             CREATE TABLE d(name REFERENCES workflow_runs(name));
             CREATE TABLE \"e \"\"f\"(run REFERENCES workflow_runs);";
        let tables = tables(&format!("{OWN}{more}"));
        let others: Vec<_> = tables[3..].iter().map(|t| (t.name.as_str(), t.key, t.owners.clone())).collect();
        assert_eq!(
            others,
            [("a", 2, vec![(1, 1)]), ("b", 0, vec![(1, 0)]), ("e \"f", 1, vec![(0, 0)])],
            "by their rows' numbers or their keys"
        );
    }
}
