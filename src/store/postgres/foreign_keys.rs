//! Declared foreign keys onto the tables of records, and onto those whose rows go with them: whose rows they are, and which
//! rows name others that are to go.

use tokio_postgres::Row;

use super::{
    cells::{ReadCell, text},
    saved_names::{OWN, quoted},
};

/// A foreign key: rows of a table name rows of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Both tables as they stand in a statement.
    pub table: String,
    pub onto: String,
    /// Pairs of columns.
    pub columns: Vec<String>,
    pub onto_columns: Vec<String>,
    /// All of its columns are whole numbers.
    pub are_integers: bool,
}

/// The tables of records, and those that name rows of them.
pub const KNOWN: &str = "with own as (select to_regclass(n)::oid as oid \
     from unnest(array['workflow_runs', 'workflow_phases', 'workflow_steps']) as n), \
     known as (select oid from own union select conrelid from pg_constraint \
     where contype = 'f' and conparentid = 0 and confrelid in (select oid from own))";

/// The statement that gives the foreign keys onto the known tables. Those of a partition are its whole table's.
pub fn keys_sql() -> String {
    let names = |of: &str, columns: &str| {
        format!(
            "array(select a.attname::text from unnest(k.{columns}) with ordinality as u(n, at) \
             join pg_attribute a on a.attrelid = k.{of} and a.attnum = u.n order by u.at)"
        )
    };
    format!(
        "{KNOWN} select k.conrelid::regclass::text, k.confrelid::regclass::text, {}, {}, \
         (select bool_and(a.atttypid in (20, 21, 23)) from pg_attribute a \
         where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) \
         from pg_constraint k where k.contype = 'f' and k.conparentid = 0 \
         and k.confrelid in (select oid from known) order by 1, k.conname, k.oid",
        names("conrelid", "conkey"),
        names("confrelid", "confkey")
    )
}

impl ForeignKey {
    /// A row of [`keys_sql`].
    ///
    /// # Errors
    /// As any read.
    pub fn read(row: &Row) -> ReadCell<Self> {
        let word = |at| text(row, at).map(|text| text.unwrap_or_default().to_owned());
        Ok(Self {
            table: word(0)?,
            onto: word(1)?,
            columns: row.try_get(2)?,
            onto_columns: row.try_get(3)?,
            are_integers: row.try_get::<_, Option<bool>>(4)?.unwrap_or_default(),
        })
    }

    /// The one column that names a row by this column.
    pub fn names_by(&self, key: &str) -> Option<&str> {
        match (self.columns.as_slice(), self.onto_columns.as_slice()) {
            ([column], [onto]) if onto == key && self.are_integers => Some(column),
            _ => None,
        }
    }

    /// One by which IvoryOS's tables hang together.
    pub fn is_ivoryos(&self) -> bool {
        OWN.iter().any(|own| {
            let owner = own.owner.map(|(column, onto)| (column, OWN.get(onto).map_or("", |onto| onto.name)));
            self.table == own.name
                && owner.is_some_and(|owner| self.names_by("id") == Some(owner.0) && self.onto == owner.1)
        })
    }

    /// The statement that finds a row which names one that goes, and stays itself. What goes is a condition on the alias `p`
    /// of the one table and `x` of the other.
    pub fn strays_sql(&self, onto_goes: &str, goes: Option<&str>) -> String {
        let pairs: Vec<String> = self
            .columns
            .iter()
            .zip(&self.onto_columns)
            .map(|(column, onto)| format!("x.{} = p.{}", quoted(column), quoted(onto)))
            .collect();
        let stays = goes.map(|goes| format!(" and not coalesce({goes}, false)")).unwrap_or_default();
        format!(
            "select 1 from {} as x join {} as p on {} where ({onto_goes}){stays} limit 1",
            self.table,
            self.onto,
            pairs.join(" and ")
        )
    }
}
