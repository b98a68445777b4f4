//! One transaction of a delete: what it locks, refuses and takes.

use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::parts::{DeletePart, TakeHalt, TakenRows};
use crate::{
    error::Error,
    store::{
        DeleteTarget,
        postgres::{
            cells::{id, stamp, text},
            columns::{PHASES, RUNS, STEPS},
            foreign_keys::{ForeignKey, keys_sql},
            saved_names::{AT_PHASES, AT_RUNS, AT_STEPS},
            saved_tables::{ServerTables, columns_sql},
            transaction::WriteTransaction,
        },
        saved::{PackedRows, SavedRows, row_hash},
    },
};

/// The statement that asks for what a user has seen of a record.
pub fn seen_sql(lock: &str) -> String {
    format!("select name::text, start_time::timestamp from {RUNS} where id = $1 {lock}")
}

/// Why a record is not to be deleted: it is not the one that the user saw.
///
/// # Errors
/// As any read.
pub fn another(found: &[Row], target: &DeleteTarget<'_>) -> Result<Option<String>, tokio_postgres::Error> {
    let Some(row) = found.first() else {
        return Ok(Some(format!("record {} is gone already", target.run)));
    };
    let same = text(row, 0)?.unwrap_or_default() == target.name && stamp(row, 1)? == *target.start;
    Ok((!same).then(|| format!("record {} is another one by now", target.run)))
}

/// The statements that find rows which can't go along with a record, each with what is said where it finds one. They are
/// given the runs and the phases that go.
///
/// In SQLite such rows would stay and name nothing; a server takes them along, changes them or refuses the delete, and in
/// no case would they come back as they were.
pub fn strays(tables: &ServerTables, run: i64) -> Vec<(String, Error)> {
    let stray = |key: &ForeignKey| {
        let onto_goes = tables.goes(&key.onto, "p")?;
        let goes = tables.goes(&key.table, "x");
        let ForeignKey { table, onto, .. } = key;
        let is_onto_record = [RUNS, PHASES, STEPS].contains(&onto.as_str());
        let why = match (is_onto_record, &goes) {
            (true, _) => format!(
                "the table {table} has rows of record {run} that can't go along (rows go that name an id in one \
                 column, in a table with a key of one whole number)"
            ),
            (false, _) => {
                format!("the table {table} has rows that name rows of {onto} which go with record {run}")
            }
        };
        let said = Error::Refused(format!("{why}; delete these rows there first"));
        Some((key.strays_sql(&onto_goes, goes.as_deref()), said))
    };
    tables.doubted().filter_map(stray).collect()
}

/// A transaction of a delete.
pub struct Taking<'a> {
    pub tables: &'a ServerTables,
    pub saved: Option<&'a SavedRows>,
    pub target: &'a DeleteTarget<'a>,
}

type Halted<T> = Result<T, TakeHalt>;

impl Taking<'_> {
    /// Takes a part of the record.
    pub fn take(&self, tx: &mut WriteTransaction<'_>, part: DeletePart<'_>) -> Halted<TakenRows> {
        self.refuse_other_tables(tx)?;
        let lock = if matches!(part, DeletePart::Last) { "for update" } else { "for key share" };
        let run = [self.target.run];
        let found = tx.query_typed(&seen_sql(lock), &[(&self.target.run, Type::INT8)])?;
        if let Some(why) = another(&found, self.target)? {
            return Err(TakeHalt::Said(Error::Refused(why)));
        }
        let locked;
        let (runs, phases): (&[i64], &[i64]) = match part {
            DeletePart::Others(phases) => (&run, phases),
            DeletePart::Phases(phases) => {
                locked = lock_phases(tx, "id = any($1)", &phases, Type::INT8_ARRAY)?;
                (&[], &locked)
            }
            DeletePart::Last => {
                locked = lock_phases(tx, "run_id = $1", &self.target.run, Type::INT8)?;
                (&run, &locked)
            }
        };
        let ids = Ids { runs, phases };
        let takes_own = !matches!(part, DeletePart::Others(_));
        self.lock_named(tx, ids, takes_own)?;
        for (sql, said) in strays(self.tables, self.target.run) {
            if !tx.query_typed(&sql, &ids.values())?.is_empty() {
                return Err(TakeHalt::Said(said));
            }
        }
        let mut taken = TakenRows::default();
        // Those that name others stand behind these.
        for at in self.tables.others().rev() {
            taken.others.push((at, self.rows(tx, at, ids)?));
        }
        if takes_own {
            taken.steps = self.rows(tx, AT_STEPS, ids)?;
            taken.phases = self.rows(tx, AT_PHASES, ids)?;
            self.rows(tx, AT_RUNS, ids)?;
        }
        Ok(taken)
    }

    /// Makes sure that the tables, and what names them, are still as they were found. From here on nobody can declare a
    /// foreign key onto those whose rows go; and where a policy hides rows from this user, that is an error.
    fn refuse_other_tables(&self, tx: &mut WriteTransaction<'_>) -> Halted<()> {
        let own = [RUNS, PHASES, STEPS].into_iter();
        let others = self.tables.others().filter_map(|at| self.tables.tables.get(at));
        let names: Vec<&str> = own.chain(others.map(|table| table.table.name.as_str())).collect();
        let names = names.join(", ");
        tx.batch_execute(&format!("set local row_security = off; lock table {names} in row exclusive mode"))?;
        let none: [&str; 0] = [];
        let columns = tx.query_typed(&columns_sql(), &[(&none.as_slice(), Type::TEXT_ARRAY)])?;
        let now = ServerTables::of(&columns, &tx.query_typed(&keys_sql(), &[])?)?;
        if now == *self.tables { Ok(()) } else { Err(TakeHalt::Differs) }
    }

    /// Locks rows that rows of other tables may name: none can come to them any more, and go by ON DELETE CASCADE without
    /// being kept. Runs and phases are locked already.
    fn lock_named(&self, tx: &mut WriteTransaction<'_>, ids: Ids<'_>, with_steps: bool) -> Halted<()> {
        let steps = with_steps.then_some(AT_STEPS);
        for table in steps.into_iter().chain(self.tables.others()).filter_map(|at| self.tables.tables.get(at))
        {
            let name = &table.table.name;
            if !self.tables.is_named(name) {
                continue;
            }
            let Some(goes) = self.tables.goes(name, name) else { continue };
            let sql =
                format!("select count(*) from (select 1 from {name} where {goes} for update) as locked");
            tx.query_typed(&sql, &ids.values())?;
        }
        Ok(())
    }

    /// Deletes the rows of a table that go, and compares each with what was kept.
    fn rows(&self, tx: &mut WriteTransaction<'_>, at: usize, ids: Ids<'_>) -> Halted<u64> {
        let Some(table) = self.tables.tables.get(at) else { return Ok(0) };
        let name = &table.table.name;
        let Some(goes) = self.tables.goes(name, name) else { return Ok(0) };
        let columns = if self.saved.is_some() { table.columns.as_str() } else { "1" };
        let sql = format!("delete from {name} where {goes} returning {columns}");
        let rows = tx.query_typed(&sql, &ids.values())?;
        let mut packed = PackedRows::default();
        for row in rows.iter().filter(|_| self.saved.is_some()) {
            packed.clear();
            let (key, bytes) = table.pack(row, &mut packed)?;
            if self.saved.is_some_and(|saved| !saved.has(at, key, row_hash(bytes))) {
                return Err(TakeHalt::Differs);
            }
        }
        Ok(rows.len() as u64)
    }
}

/// Runs and phases that go.
#[derive(Clone, Copy)]
struct Ids<'a> {
    runs: &'a [i64],
    phases: &'a [i64],
}

impl<'a> Ids<'a> {
    fn values(&'a self) -> [(&'a (dyn ToSql + Sync), Type); 2] {
        [(&self.runs, Type::INT8_ARRAY), (&self.phases, Type::INT8_ARRAY)]
    }
}

fn lock_phases(
    tx: &mut WriteTransaction<'_>,
    which: &str,
    of: &(dyn ToSql + Sync),
    kind: Type,
) -> Halted<Vec<i64>> {
    let sql = format!("select id::int8 from {PHASES} where {which} order by id for update");
    let rows = tx.query_typed(&sql, &[(of, kind)])?;
    Ok(rows.iter().map(|row| id(row, 0)).collect::<Result<_, tokio_postgres::Error>>()?)
}
