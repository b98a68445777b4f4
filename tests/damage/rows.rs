//! The rows of a lab's three tables by plain queries: whose each is, and which have lost their owner.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// A row: who owns it, and all its cells as text.
pub type Row = (Option<i64>, String);

/// Rows by table and id.
pub type Rows = BTreeMap<(&'static str, i64), Row>;

const TABLES: [(&str, &str); 3] =
    [("workflow_runs", "NULL"), ("workflow_phases", "run_id"), ("workflow_steps", "phase_id")];

/// All rows of a file, read by full scans.
pub struct Tables {
    pub rows: Rows,
    owned: HashMap<(&'static str, i64), Vec<i64>>,
}

impl Tables {
    /// # Errors
    /// Where the file can't be read.
    pub fn of(file: &Path) -> rusqlite::Result<Self> {
        let rows = rows(file)?;
        let mut owned: HashMap<_, Vec<i64>> = HashMap::new();
        for ((table, id), (owner, _)) in &rows {
            owner.iter().for_each(|owner| owned.entry((*table, *owner)).or_default().push(*id));
        }
        Ok(Self { rows, owned })
    }

    pub fn runs(&self) -> Vec<i64> {
        self.rows.keys().filter(|(table, _)| *table == "workflow_runs").map(|(_, id)| *id).collect()
    }

    /// A record's phases with their steps, by ids.
    pub fn owned(&self, run: i64) -> Vec<(i64, Vec<i64>)> {
        let of = |table, owner| self.owned.get(&(table, owner)).cloned().unwrap_or_default();
        of("workflow_phases", run).into_iter().map(|phase| (phase, of("workflow_steps", phase))).collect()
    }

    /// All rows but those of a record.
    pub fn without(&self, run: i64) -> Rows {
        let mut rest = self.rows.clone();
        rest.remove(&("workflow_runs", run));
        for (phase, steps) in self.owned(run) {
            rest.remove(&("workflow_phases", phase));
            steps.into_iter().for_each(|step| drop(rest.remove(&("workflow_steps", step))));
        }
        rest
    }

    /// Phases without their record and steps without their phase.
    pub fn orphans(&self) -> Vec<(&'static str, i64)> {
        let owner =
            |table: &str| if table == "workflow_phases" { "workflow_runs" } else { "workflow_phases" };
        let lost = |(key, row): &(&(&'static str, i64), &Row)| {
            let there = |id: i64| self.rows.contains_key(&(owner(key.0), id));
            key.0 != "workflow_runs" && !row.0.is_some_and(there)
        };
        self.rows.iter().filter(lost).map(|(key, _)| *key).collect()
    }
}

fn rows(file: &Path) -> rusqlite::Result<Rows> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut all = Rows::new();
    for (table, owner) in TABLES {
        let mut statement = db.prepare(&format!("SELECT id, {owner}, * FROM {table}"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let cells =
                (2..columns).map(|n| row.get_ref(n).map(cell)).collect::<rusqlite::Result<Vec<_>>>()?;
            all.insert((table, row.get(0)?), (row.get(1)?, cells.join("|")));
        }
    }
    Ok(all)
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}
