//! The rows of a lab's file in tables of a PostgreSQL server, which follow it from commit to commit.

use std::collections::{BTreeMap, HashSet};

use postgres::{Client, types::ToSql};
use rusqlite::{Connection, types::ValueRef};

/// IvoryOS's tables that ivorylens reads, with the column that names a row's owner and the table that it is in.
const TABLES: [(&str, Option<(&str, usize)>); 4] = [
    ("workflow_runs", None),
    ("workflow_phases", Some(("run_id", 0))),
    ("workflow_steps", Some(("phase_id", 1))),
    ("single_steps", None),
];

type Cells = Vec<Option<String>>;

struct Table {
    name: &'static str,
    columns: Vec<String>,
    /// As the server calls them.
    kinds: Vec<&'static str>,
    rows: BTreeMap<i64, Cells>,
}

/// The tables of a schema, and what is in them.
pub struct Twin {
    client: Client,
    tables: Vec<Table>,
}

impl Twin {
    /// Makes them in the first schema that the client's statements look into, with the columns of the file.
    pub fn new(mut client: Client, file: &Connection) -> rusqlite::Result<Self> {
        let mut tables = Vec::new();
        for (name, owner) in TABLES {
            let sql = "select name, type from pragma_table_info(?)";
            let mut statement = file.prepare(sql)?;
            let declared = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let declared: Vec<(String, String)> = declared.collect::<Result<_, _>>()?;
            let columns: Vec<String> = declared.iter().map(|(name, _)| name.clone()).collect();
            let mut table =
                Table { name, columns, kinds: vec!["text"; declared.len()], rows: BTreeMap::new() };
            let rows = table.read(file)?;
            table.kinds =
                declared.iter().enumerate().map(|(at, (_, kind))| kind_of(kind, at, &rows)).collect();
            if !declared.is_empty() {
                client.batch_execute(&table.definition(owner)).unwrap();
            }
            tables.push(table);
        }
        let mut twin = Self { client, tables };
        twin.follow(file)?;
        Ok(twin)
    }

    /// Does in one transaction what was done to the file since.
    pub fn follow(&mut self, file: &Connection) -> rusqlite::Result<()> {
        let one_state = file.unchecked_transaction()?;
        let mut now: Vec<BTreeMap<i64, Cells>> = Vec::new();
        for (table, (_, owner)) in self.tables.iter().zip(TABLES) {
            let mut rows = table.read(&one_state)?;
            if let Some((at, owners)) = table.owner(owner, &now) {
                // A row of nobody's can't be on a server.
                rows.retain(|_, cells| cells[at].as_ref().is_none_or(|id| owners.contains(id)));
            }
            now.push(rows);
        }
        let mut tx = self.client.transaction().unwrap();
        for (table, rows) in self.tables.iter().zip(&now).rev() {
            let gone: Vec<i64> = table.rows.keys().filter(|id| !rows.contains_key(id)).copied().collect();
            if !gone.is_empty() {
                let sql = format!("delete from {} where id = any($1)", table.name);
                tx.execute(&sql, &[&gone.iter().map(|id| *id as i32).collect::<Vec<_>>()]).unwrap();
            }
        }
        for (table, rows) in self.tables.iter_mut().zip(now) {
            table.write(&mut tx, &rows);
            table.rows = rows;
        }
        tx.commit().unwrap();
        Ok(())
    }
}

/// The type of a column of IvoryOS's on a server. JSON that its reader there does not take stays a text.
fn kind_of(declared: &str, at: usize, rows: &BTreeMap<i64, Cells>) -> &'static str {
    match declared.split('(').next().unwrap_or_default() {
        "INTEGER" => "integer",
        "DATETIME" => "timestamp without time zone",
        "BOOLEAN" => "boolean",
        "TEXT" | "JSON" => {
            let is_json = |text: &String| serde_json::from_str::<serde_json::Value>(text).is_ok();
            let all = rows.values().filter_map(|cells| cells[at].as_ref()).all(is_json);
            if all { "json" } else { "text" }
        }
        _ => "character varying",
    }
}

impl Table {
    fn read(&self, file: &Connection) -> rusqlite::Result<BTreeMap<i64, Cells>> {
        if self.columns.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut statement =
            file.prepare(&format!("select {} from {}", self.columns.join(", "), self.name))?;
        let rows = statement.query_map([], |row| {
            let cell = |at: usize| {
                Ok(match row.get_ref(at)? {
                    ValueRef::Null => None,
                    ValueRef::Integer(number) => Some(number.to_string()),
                    ValueRef::Real(number) => Some(number.to_string()),
                    ValueRef::Text(text) | ValueRef::Blob(text) => {
                        Some(String::from_utf8_lossy(text).replace('\0', ""))
                    }
                })
            };
            Ok((row.get(0)?, (0..self.columns.len()).map(cell).collect::<rusqlite::Result<_>>()?))
        })?;
        rows.collect()
    }

    fn definition(&self, owner: Option<(&str, usize)>) -> String {
        let column = |(name, kind): (&String, &&str)| match owner {
            _ if name == "id" => "id serial primary key".to_owned(),
            Some((own, of)) if own == name => {
                format!("{own} integer references {} on delete cascade", TABLES[of].0)
            }
            _ => format!("{name} {kind}"),
        };
        let columns: Vec<String> = self.columns.iter().zip(&self.kinds).map(column).collect();
        format!("create table {} ({})", self.name, columns.join(", "))
    }

    /// The place of the owner's column, and the owners that there are.
    fn owner(
        &self,
        owner: Option<(&str, usize)>,
        now: &[BTreeMap<i64, Cells>],
    ) -> Option<(usize, HashSet<String>)> {
        let (column, of) = owner?;
        let at = self.columns.iter().position(|name| name == column)?;
        Some((at, now[of].keys().map(ToString::to_string).collect()))
    }

    /// Writes the rows that are others than before.
    fn write(&self, tx: &mut postgres::Transaction<'_>, rows: &BTreeMap<i64, Cells>) {
        let new: Vec<&Cells> = rows
            .iter()
            .filter(|(id, cells)| self.rows.get(id) != Some(cells))
            .map(|(_, cells)| cells)
            .collect();
        if new.is_empty() {
            return;
        }
        let columns: Vec<Vec<Option<&str>>> = (0..self.columns.len())
            .map(|at| new.iter().map(|cells| cells[at].as_deref()).collect())
            .collect();
        let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| column as _).collect();
        let each =
            |of: &dyn Fn(usize) -> String| (0..self.columns.len()).map(of).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "insert into {} ({}) select {} from unnest({}) as u({}) on conflict (id) do update set {}",
            self.name,
            self.columns.join(", "),
            each(&|at| format!("c{at}::{}", self.kinds[at])),
            each(&|at| format!("${}::text[]", at + 1)),
            each(&|at| format!("c{at}")),
            each(&|at| format!("{0} = excluded.{0}", self.columns[at])),
        );
        tx.execute(&sql, &values).unwrap_or_else(|error| panic!("{}: {error:?}", self.name));
        // The next id of IvoryOS's is behind all that there were.
        let sql = format!(
            "select setval(pg_get_serial_sequence('{0}', 'id'), (select max(id) from {0}))",
            self.name
        );
        tx.execute(&sql, &[]).unwrap();
    }
}
