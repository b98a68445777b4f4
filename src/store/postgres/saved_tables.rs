//! The tables of records with all their columns as they are now, and those of others with rows that go along; reading and
//! writing rows whole.

use tokio_postgres::Row;

use super::{
    cells::{ReadCell, id, text},
    foreign_keys::{ForeignKey, KNOWN},
    saved_cells::Form,
    saved_names::{AT_PHASES, AT_RUNS, AT_STEPS, OWN, quoted},
};
use crate::store::saved::{PackedRows, SavedTable};

/// A table, and how its columns are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTable {
    pub table: SavedTable,
    forms: Vec<Form>,
    /// The select list: the key, then all columns.
    pub columns: String,
    /// The server's types.
    kinds: Vec<String>,
}

/// Runs, phases and steps, and behind them the tables of others with rows that name theirs and can be kept, each behind
/// those of them that it names itself; with all foreign keys onto any of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerTables {
    pub tables: Vec<ServerTable>,
    pub keys: Vec<ForeignKey>,
}

/// A column that can be written.
struct TableColumn {
    table: String,
    name: String,
    kind: String,
    /// Whether a row is known by it: by a primary key (2) or another one (1) that is one whole number.
    key: i64,
}

/// The statement that gives the columns of the known tables, and of those with the names that it is given. A table in parts
/// has no key of its own here: its parts may be named by themselves.
pub fn columns_sql() -> String {
    format!(
        "{KNOWN}, these as (select oid from known union select to_regclass(n)::oid from unnest($1) as n) \
         select c.oid::regclass::text, a.attname::text, format_type(a.atttypid, -1), \
         (select coalesce(max(1 + i.indisprimary::int), 0)::int8 from pg_index i \
         where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate and i.indnkeyatts = 1 \
         and i.indkey[0] = a.attnum and i.indpred is null and a.attnotnull and a.atttypid in (20, 21, 23) \
         and c.relkind = 'r' and not c.relhassubclass) \
         from pg_attribute a join pg_class c on c.oid = a.attrelid where c.oid in (select oid from these) \
         and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attrelid, a.attnum"
    )
}

impl ServerTables {
    /// Of the rows that [`columns_sql`] and [`super::foreign_keys::keys_sql`] give.
    ///
    /// # Errors
    /// As any read.
    pub fn of(columns: &[Row], keys: &[Row]) -> ReadCell<Self> {
        let all = columns.iter().map(TableColumn::read).collect::<ReadCell<Vec<_>>>()?;
        let keys = keys.iter().map(ForeignKey::read).collect::<ReadCell<Vec<_>>>()?;
        let mut tables: Vec<_> = OWN.iter().map(|own| ServerTable::of(own.name, &all, Some("id"))).collect();
        let others = sorted(others(&all, &keys), &keys);
        tables.extend(others.iter().map(|(name, key)| ServerTable::of(name, &all, Some(key))));
        let owners: Vec<_> = (0..tables.len()).map(|at| owners(&tables, &keys, at)).collect();
        tables.iter_mut().zip(owners).for_each(|(table, owners)| table.table.owners = owners);
        Ok(Self { tables, keys })
    }

    pub fn saved(&self) -> Vec<SavedTable> {
        self.tables.iter().map(|table| table.table.clone()).collect()
    }

    /// The places of the tables that are not IvoryOS's.
    pub fn others(&self) -> std::ops::Range<usize> {
        OWN.len()..self.tables.len()
    }

    /// The condition on a table, or an alias of it, for rows that go with the runs in the statement's first array of ids and
    /// the phases in its second; `None` for a table whose rows can't be kept.
    pub fn goes(&self, name: &str, alias: &str) -> Option<String> {
        let at = self.tables.iter().position(|table| table.table.name == name)?;
        let table = &self.tables.get(at)?.table;
        let own = |onto: usize, column: &str| match onto {
            AT_RUNS => format!("{alias}.{column} in (select unnest($1))"),
            AT_PHASES => format!("{alias}.{column} in (select unnest($2))"),
            _ => format!(
                "{alias}.{column} in (select id from workflow_steps where phase_id in (select unnest($2)))"
            ),
        };
        Some(match at {
            AT_RUNS | AT_PHASES => own(at, "id"),
            AT_STEPS => own(AT_PHASES, "phase_id"),
            _ => {
                let owners = table.owners.iter().filter(|owner| owner.1 < OWN.len());
                let all = owners.filter_map(|owner| Some(own(owner.1, &quoted(table.columns.get(owner.0)?))));
                all.collect::<Vec<_>>().join(" or ")
            }
        })
    }

    /// Foreign keys by which rows may name others that go, and stay themselves. By the others all rows go along.
    pub fn doubted(&self) -> impl Iterator<Item = &ForeignKey> {
        let is_kept = |key: &ForeignKey| {
            let at = |name: &str| self.tables.iter().position(|table| table.table.name == name);
            key.names_by("id").is_some()
                && at(&key.table).is_some_and(|at| at >= OWN.len())
                && at(&key.onto).is_some_and(|at| at < OWN.len())
        };
        self.keys.iter().filter(move |key| !key.is_ivoryos() && !is_kept(key))
    }

    /// Whether rows of other tables may name rows of this one.
    pub fn is_named(&self, table: &str) -> bool {
        self.keys.iter().any(|key| key.onto == table && !key.is_ivoryos())
    }
}

/// The tables of others whose rows can be kept, with the columns by which these are known.
fn others(all: &[TableColumn], keys: &[ForeignKey]) -> Vec<(String, String)> {
    let is_own = |name: &str| OWN.iter().any(|own| own.name == name);
    let wanted = keys.iter().filter(|key| !is_own(&key.table) && is_own(&key.onto));
    let mut names: Vec<&String> =
        wanted.filter(|key| key.names_by("id").is_some()).map(|key| &key.table).collect();
    names.dedup();
    let key = |name: &&String| {
        let own = all.iter().filter(|column| column.table == **name && column.key > 0);
        // Of several of one kind the first.
        own.rev().max_by_key(|column| column.key).map(|column| column.name.clone())
    };
    names.into_iter().filter_map(|name| Some((name.clone(), key(&name)?))).collect()
}

/// Each behind those that it names, as far as they do not name each other in a circle.
fn sorted(mut left: Vec<(String, String)>, keys: &[ForeignKey]) -> Vec<(String, String)> {
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |name: &str| {
            let mut own = keys.iter().filter(|key| key.table == name && key.onto != name);
            own.any(|key| left.iter().any(|(other, _)| *other == key.onto))
        };
        let next = left.iter().position(|(name, _)| !waits(name)).unwrap_or(0);
        sorted.push(left.remove(next));
    }
    sorted
}

/// The columns of a table that name rows of others of these; first its own owner, then IvoryOS's tables.
fn owners(tables: &[ServerTable], keys: &[ForeignKey], at: usize) -> Vec<(usize, usize)> {
    let Some(table) = tables.get(at).map(|table| &table.table) else { return Vec::new() };
    let place = |wanted: &str| table.columns.iter().position(|column| column == wanted);
    let owner = OWN.get(at).and_then(|own| own.owner);
    let mut owners: Vec<_> =
        owner.and_then(|(column, onto)| Some((place(column)?, onto))).into_iter().collect();
    let named = keys.iter().filter(|key| key.table == table.name).filter_map(|key| {
        let onto = tables.iter().position(|other| other.table.name == key.onto)?;
        let known_by = tables.get(onto).and_then(|onto| onto.table.columns.get(onto.table.key))?;
        Some((place(key.names_by(known_by)?)?, onto))
    });
    let mut named: Vec<_> = named.filter(|(_, onto)| at >= OWN.len() || *onto < OWN.len()).collect();
    named.sort_by_key(|(_, onto)| *onto >= OWN.len());
    for owner in named {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    owners
}

impl TableColumn {
    fn read(row: &Row) -> ReadCell<Self> {
        let word = |at| text(row, at).map(|text| text.unwrap_or_default().to_owned());
        Ok(Self { table: word(0)?, name: word(1)?, kind: word(2)?, key: id(row, 3)? })
    }
}

impl ServerTable {
    /// A table with those of all columns that are its own; its owners are not known yet.
    fn of(name: &str, all: &[TableColumn], key: Option<&str>) -> Self {
        let own: Vec<&TableColumn> = all.iter().filter(|column| column.table == name).collect();
        let forms: Vec<Form> = own.iter().map(|column| Form::of(&column.kind)).collect();
        let column = |column: &str| format!("{name}.{}", quoted(column));
        let read = own.iter().zip(&forms).map(|(own, form)| form.read(&column(&own.name)));
        let key_sql = key.map(|key| format!("{}::int8", column(key)));
        let columns = key_sql.into_iter().chain(read).collect::<Vec<_>>().join(", ");
        let key = own.iter().position(|column| Some(column.name.as_str()) == key).unwrap_or_default();
        let names = own.iter().map(|column| column.name.clone()).collect();
        let kinds = own.iter().map(|column| column.kind.clone()).collect();
        let table =
            SavedTable { name: name.to_owned(), columns: names, key, rowid: None, owners: Vec::new() };
        Self { table, forms, columns, kinds }
    }

    /// The tables with these names, in the rows of [`columns_sql`]; those that are there.
    ///
    /// # Errors
    /// As any read.
    pub fn named(columns: &[Row], kept: &[SavedTable]) -> ReadCell<Vec<Self>> {
        let all = columns.iter().map(TableColumn::read).collect::<ReadCell<Vec<_>>>()?;
        let key = |table: &SavedTable| table.columns.get(table.key).cloned();
        let there = kept.iter().filter(|table| all.iter().any(|column| column.table == table.name));
        Ok(there.map(|table| Self::of(&table.name, &all, key(table).as_deref())).collect())
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
