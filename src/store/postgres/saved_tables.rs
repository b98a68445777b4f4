//! The tables of records with all their columns as they are now, and reading and writing rows whole: numbers as numbers, all
//! else as the server's own text, times as IvoryOS's SQLite files have them.

use postgres::{Row, types::Type};

use super::{
    cells::{ReadCell, id, text},
    columns::{PHASES, RUNS, STEPS},
};
use crate::store::saved::{NewIds, PackedRows, SavedCell, SavedRow, SavedTable};

/// The places of the tables.
pub const AT_RUNS: usize = 0;
pub const AT_PHASES: usize = 1;
pub const AT_STEPS: usize = 2;

/// How a column's cells are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Integer,
    Truth,
    Time,
    Text,
}

/// A table, and how its columns are read and written.
#[derive(Debug, Clone)]
pub struct ServerTable {
    pub table: SavedTable,
    forms: Vec<Form>,
    /// The select list: the key, then all columns.
    pub columns: String,
    /// The server's types.
    kinds: Vec<String>,
}

/// Runs, phases and steps.
pub struct ServerTables(pub Vec<ServerTable>);

/// Table, column and type of each column that can be written.
pub const LOOK: &str = "select c.relname::text, a.attname::text, format_type(a.atttypid, null) \
     from pg_attribute a join pg_class c on c.oid = a.attrelid \
     where c.oid in (to_regclass('workflow_runs'), to_regclass('workflow_phases'), to_regclass('workflow_steps')) \
     and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attrelid, a.attnum";

/// Columns of other tables that name rows of these: table, column, and the table that it names.
pub const OTHERS: &str = "select k.conrelid::regclass::text, quote_ident(a.attname), k.confrelid::regclass::text \
     from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] \
     where k.contype = 'f' and k.confrelid in (to_regclass('workflow_runs'), to_regclass('workflow_phases'), \
     to_regclass('workflow_steps')) and k.conrelid not in (to_regclass('workflow_phases'), \
     to_regclass('workflow_steps'))";

/// A name in an SQL statement.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl ServerTables {
    /// Of the rows that [`LOOK`] gives.
    ///
    /// # Errors
    /// As any read.
    pub fn of(rows: &[Row]) -> ReadCell<Self> {
        let mut all: Vec<(String, String, String)> = Vec::new();
        for row in rows {
            let word = |at| text(row, at).map(|text| text.unwrap_or_default().to_owned());
            all.push((word(0)?, word(1)?, word(2)?));
        }
        let owners =
            [(RUNS, None), (PHASES, Some(("run_id", AT_RUNS))), (STEPS, Some(("phase_id", AT_PHASES)))];
        let table = |(name, owner): (&str, Option<(&str, usize)>)| {
            let own = all.iter().filter(|(table, ..)| table == name);
            ServerTable::of(
                name,
                owner,
                own.map(|(_, column, kind)| (column.clone(), kind.clone())).collect(),
            )
        };
        Ok(Self(owners.into_iter().map(table).collect()))
    }

    pub fn saved(&self) -> Vec<SavedTable> {
        self.0.iter().map(|table| table.table.clone()).collect()
    }
}

impl ServerTable {
    fn of(name: &str, owner: Option<(&str, usize)>, columns: Vec<(String, String)>) -> Self {
        let place = |wanted: &str| columns.iter().position(|(column, _)| column == wanted);
        let forms: Vec<Form> = columns.iter().map(|(_, kind)| Form::of(kind)).collect();
        let read = columns
            .iter()
            .zip(&forms)
            .map(|((column, _), form)| form.read(&format!("{name}.{}", quoted(column))));
        let columns_sql: Vec<String> = std::iter::once(format!("{name}.id::int8")).chain(read).collect();
        let owners = owner.and_then(|(column, table)| Some((place(column)?, table))).into_iter().collect();
        let key = place("id").unwrap_or_default();
        let (names, kinds): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        let table = SavedTable { name: name.to_owned(), columns: names, key, rowid: None, owners };
        Self { table, forms, columns: columns_sql.join(", "), kinds }
    }

    /// Adds a row that was read by [`ServerTable::columns`]; gives its key and its bytes.
    ///
    /// # Errors
    /// As any read.
    pub fn pack<'p>(&self, row: &Row, into: &'p mut PackedRows) -> ReadCell<(i64, &'p [u8])> {
        let key = id(row, 0)?;
        into.begin(key);
        for (at, form) in (1..).zip(&self.forms) {
            match form {
                Form::Integer | Form::Truth => match row.try_get::<_, Option<i64>>(at)? {
                    Some(number) => into.integer(number),
                    None => into.null(),
                },
                Form::Time | Form::Text => match text(row, at)? {
                    Some(text) => into.text(text.as_bytes()),
                    None => into.null(),
                },
            }
        }
        Ok((key, into.end()))
    }

    /// The statement that writes rows with these columns of a kept table, given as an array of texts for each; `None` where
    /// one of the columns is not there any more.
    pub fn insert(&self, kept: &SavedTable) -> Option<String> {
        let place = |name: &String| self.table.columns.iter().position(|column| column == name);
        let places: Vec<usize> = kept.columns.iter().map(place).collect::<Option<_>>()?;
        let names: Vec<String> = kept.columns.iter().map(|name| quoted(name)).collect();
        let marks: Vec<String> = (1..=places.len()).map(|n| format!("${n}")).collect();
        let parts: Vec<String> = (0..places.len()).map(|n| format!("c{n}")).collect();
        let cast = |(n, at): (usize, &usize)| {
            let between = if self.forms.get(*at) == Some(&Form::Truth) { "::int" } else { "" };
            Some(format!("c{n}{between}::{}", self.kinds.get(*at)?))
        };
        let casts: Vec<String> = places.iter().enumerate().map(cast).collect::<Option<_>>()?;
        Some(format!(
            "insert into {} ({}) overriding system value select {} from unnest({}) as w({})",
            self.table.name,
            names.join(", "),
            casts.join(", "),
            marks.join(", "),
            parts.join(", ")
        ))
    }
}

impl Form {
    fn of(kind: &str) -> Self {
        match kind {
            "integer" | "bigint" | "smallint" => Self::Integer,
            "boolean" => Self::Truth,
            "timestamp without time zone" => Self::Time,
            _ => Self::Text,
        }
    }

    fn read(self, column: &str) -> String {
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
