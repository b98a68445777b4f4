//! What others do to the database by plain SQL: the lab goes on, somebody deletes, merges, tidies up.

use std::path::Path;

use rusqlite::{Connection, params_from_iter, types::Value};

use super::random::Random;

/// A connection that writes, and ids that it made free.
pub struct Others {
    db: Connection,
    free: [Vec<i64>; 3],
    clock: i64,
}

/// Tables, the column that says whose a row is, and the index of its free ids.
const RUNS: (&str, usize) = ("workflow_runs", 0);
const PHASES: (&str, usize) = ("workflow_phases", 1);
const STEPS: (&str, usize) = ("workflow_steps", 2);

impl Others {
    pub fn on(file: &Path) -> Self {
        let db = Connection::open(file).unwrap();
        db.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF").unwrap();
        Self { db, free: Default::default(), clock: 0 }
    }

    fn ids(&self, sql: &str, owner: i64) -> Vec<i64> {
        let mut statement = self.db.prepare(sql).unwrap();
        let ids = statement.query_map([owner], |row| row.get(0)).unwrap();
        ids.map(rusqlite::Result::unwrap).collect()
    }

    pub fn runs(&self) -> Vec<i64> {
        self.ids("SELECT id FROM workflow_runs WHERE id > ? ORDER BY id", i64::MIN)
    }

    /// Deletes a record with all that is its; the ids are free now.
    pub fn delete(&mut self, run: i64) {
        self.db.execute_batch("BEGIN").unwrap();
        for phase in self.ids("SELECT id FROM workflow_phases WHERE run_id = ?", run) {
            for step in self.ids("SELECT id FROM workflow_steps WHERE phase_id = ?", phase) {
                self.free[STEPS.1].push(step);
            }
            self.db.execute("DELETE FROM workflow_steps WHERE phase_id = ?", [phase]).unwrap();
            self.free[PHASES.1].push(phase);
        }
        self.db.execute("DELETE FROM workflow_phases WHERE run_id = ?", [run]).unwrap();
        self.db.execute("DELETE FROM workflow_runs WHERE id = ?", [run]).unwrap();
        self.free[RUNS.1].push(run);
        self.db.execute_batch("COMMIT").unwrap();
    }

    /// A record like another one, with the next ids as IvoryOS gives them, or with ids that were made free.
    pub fn copy(&mut self, like: i64, free: bool) -> i64 {
        self.db.execute_batch("BEGIN").unwrap();
        let run = self.row(RUNS, like, None, free);
        for phase in self.ids("SELECT id FROM workflow_phases WHERE run_id = ? ORDER BY id", like) {
            let copied = self.row(PHASES, phase, Some(("run_id", run)), free);
            for step in self.ids("SELECT id FROM workflow_steps WHERE phase_id = ? ORDER BY id", phase) {
                self.row(STEPS, step, Some(("phase_id", copied)), free);
            }
        }
        self.db.execute_batch("COMMIT").unwrap();
        run
    }

    /// A row like another one, with its owner and a start of its own.
    fn row(&mut self, (table, at): (&str, usize), like: i64, owner: Option<(&str, i64)>, free: bool) -> i64 {
        self.clock += 1;
        let start =
            format!("2026-12-01 00:{:02}:{:02}.{:06}", self.clock / 60 % 60, self.clock % 60, self.clock);
        let free = if free && !self.free[at].is_empty() { Some(self.free[at].remove(0)) } else { None };
        let mut columns = self.db.prepare("SELECT name FROM pragma_table_info(?)").unwrap();
        let columns = columns.query_map([table], |row| row.get::<_, String>(0)).unwrap();
        let columns: Vec<String> = columns.map(rusqlite::Result::unwrap).collect();
        let mut values = Vec::new();
        let cells = columns.iter().map(|column| {
            let own = match (column.as_str(), owner) {
                ("id", _) => free.map_or(Value::Null, Value::Integer),
                ("start_time", _) => Value::Text(start.clone()),
                (name, Some((of, owner))) if name == of => Value::Integer(owner),
                (name, _) => return name.to_owned(),
            };
            values.push(own);
            "?".to_owned()
        });
        let cells = cells.collect::<Vec<_>>().join(", ");
        values.push(Value::Integer(like));
        let sql =
            format!("INSERT INTO {table} ({}) SELECT {cells} FROM {table} WHERE id = ?", columns.join(", "));
        self.db.execute(&sql, params_from_iter(values)).unwrap();
        self.db.last_insert_rowid()
    }

    /// What a lab does in an ordinary hour; says what.
    pub fn an_hour(&mut self, random: &mut Random) -> String {
        let mut said = Vec::new();
        for _ in 0..=random.below(3) {
            let runs = self.runs();
            let run = *random.one_of(&runs);
            match random.below(5) {
                0..=2 => said.push(format!("record {} written like {run}", self.copy(run, false))),
                3 => {
                    self.delete(run);
                    said.push(format!("record {run} deleted"));
                }
                _ => {
                    let newest = runs.last().copied().unwrap_or_default();
                    self.delete(newest);
                    let again = self.copy(runs[0], false);
                    said.push(format!("newest record {newest} deleted, {again} written like {}", runs[0]));
                }
            }
        }
        said.join(", ")
    }

    /// Records deleted, and others that use their ids again; says what.
    pub fn ids_used_again(&mut self, random: &mut Random) -> String {
        let runs = self.runs();
        let count = 1 + random.below(3);
        let gone = random.some_of(&runs, count);
        gone.iter().for_each(|run| self.delete(*run));
        let left = self.runs();
        let like = random.some_of(&left, count);
        let new: Vec<i64> = like.iter().map(|run| self.copy(*run, true)).collect();
        format!("records {gone:?} deleted, {new:?} written into their ids like {like:?}")
    }

    pub fn vacuum(&mut self) -> String {
        self.db.execute_batch("VACUUM").unwrap();
        "vacuumed".to_owned()
    }
}
