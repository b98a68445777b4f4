//! What is right: plain queries on the sound file, and all services on a database that was read whole into plain lists.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    path::Path,
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use ivorylens::{
    checkpoint::Cx,
    services::{answer, lab::Lab, request::Ask},
    store::{Database, Limits},
};

use super::question::{Question, Said, heard, owned_text};
use crate::common::{
    lab::{NOON, stopped},
    memory::{MemorySource, Rules},
};

/// A row of a table: who owns it, and all its cells as text.
pub type Row = (Option<i64>, String);

/// The rows of the three tables by table and id.
pub type Rows = BTreeMap<(&'static str, i64), Row>;

const OWNED: [(&str, &str); 3] =
    [("workflow_runs", "NULL"), ("workflow_phases", "run_id"), ("workflow_steps", "phase_id")];

/// What a sound file holds.
pub struct Truth {
    lab: Lab,
    rows: Rows,
    /// The rows of each owner.
    owned: HashMap<(&'static str, i64), Vec<i64>>,
    /// What was asked before.
    said: RefCell<HashMap<String, Result<Said, String>>>,
}

impl Truth {
    /// Of this file, which belongs to that data folder.
    pub fn of(file: &Path, folder: &Path) -> Self {
        let source = MemorySource::open(file, Rules::sqlite()).unwrap();
        let database = Database::new(Box::new(source), Limits::default());
        let lab = Lab::with(database, folder.to_path_buf(), stopped(NOON));
        let rows = rows(file);
        let mut owned: HashMap<_, Vec<i64>> = HashMap::new();
        for ((table, id), (owner, _)) in &rows {
            owner.iter().for_each(|owner| owned.entry((*table, *owner)).or_default().push(*id));
        }
        Self { lab, rows, owned, said: RefCell::default() }
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
        let owned = self.owned(run);
        let mut rest = self.rows.clone();
        rest.remove(&("workflow_runs", run));
        for (phase, steps) in owned {
            rest.remove(&("workflow_phases", phase));
            steps.into_iter().for_each(|step| drop(rest.remove(&("workflow_steps", step))));
        }
        rest
    }

    pub fn answer(&self, question: &Question) -> Result<Said, String> {
        let key = format!("{question:?}");
        if let Some(known) = self.said.borrow().get(&key) {
            return known.clone();
        }
        let said = match question {
            Question::Ids(run) if self.rows.contains_key(&("workflow_runs", *run)) => {
                Ok(Said { text: owned_text(self.owned(*run)), twice: None })
            }
            other => other.ask(&self.lab, &mut Cx::quiet()).map_err(|e| e.to_string()),
        };
        self.said.borrow_mut().insert(key, said.clone());
        said
    }

    pub fn screen(&self, ask: &Ask) -> Result<Said, String> {
        let key = format!("{ask:?}");
        if let Some(known) = self.said.borrow().get(&key) {
            return known.clone();
        }
        let said = answer(&self.lab, ask, &mut Cx::quiet());
        let said = said.map(|answer| heard(&answer.value)).map_err(|e| e.to_string());
        self.said.borrow_mut().insert(key, said.clone());
        said
    }
}

/// Every row of the three tables, by full scans.
pub fn rows(file: &Path) -> Rows {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut all = Rows::new();
    for (table, owner) in OWNED {
        let mut statement = db.prepare(&format!("SELECT id, {owner}, * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = (2..columns).map(|n| cell(row.get_ref(n).unwrap())).collect::<Vec<_>>().join("|");
            all.insert((table, row.get(0).unwrap()), (row.get(1).unwrap(), cells));
        }
    }
    all
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// Phases without their record and steps without their phase.
pub fn orphans(rows: &Rows) -> Vec<(&'static str, i64)> {
    let owner = |table: &str| if table == "workflow_phases" { "workflow_runs" } else { "workflow_phases" };
    let lost = |(key, row): &(&(&'static str, i64), &Row)| {
        key.0 != "workflow_runs" && !row.0.is_some_and(|id| rows.contains_key(&(owner(key.0), id)))
    };
    rows.iter().filter(lost).map(|(key, _)| *key).collect()
}
