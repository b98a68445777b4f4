//! A lab that is played: rows, events and log lines as IvoryOS 1.7.2 writes them, one commit each.

#![allow(dead_code, reason = "the helpers serve several test programs")]
#![allow(clippy::unwrap_used, reason = "a broken case must stop its test")]

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, params};
use tempfile::TempDir;

/// The day of times that have none.
const DAY: &str = "2026-11-24";

/// A data folder, and the record, phase and step that are open in it.
pub struct Played {
    folder: TempDir,
    pub db: Connection,
    pub run: i64,
    pub phase: i64,
    pub step: i64,
    log: PathBuf,
}

impl Played {
    /// A lab without records.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("ivoryos_data");
        fs::create_dir_all(data.join("logs")).unwrap();
        fs::create_dir_all(data.join("results")).unwrap();
        let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2/ivoryos_data");
        fs::copy(set.join("ivoryos.db"), data.join("ivoryos.db")).unwrap();
        let db = server(&data);
        for table in ["workflow_runs", "workflow_phases", "workflow_steps", "single_steps"] {
            db.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        Self { folder, db, run: 0, phase: 0, step: 0, log: PathBuf::new() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("ivoryos_data")
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("ivoryos.db")
    }

    /// A place beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn commit(&self, sql: &str, values: impl rusqlite::Params) -> i64 {
        self.db.execute(sql, values).unwrap();
        self.db.last_insert_rowid()
    }

    /// A record begins; what follows is told of it.
    pub fn start(&mut self, name: &str, time: &str) -> i64 {
        self.run = self.commit(
            "INSERT INTO workflow_runs (name, platform, start_time, repeat_mode, submitted_by) VALUES (?, 'deck', ?, \
             'repeat', 'ann')",
            params![name, stored(time)],
        );
        let second = second(time).replace(':', "-");
        self.log = self.data().join("logs").join(format!("{name}_{second}.log"));
        self.run
    }

    pub fn phase(&mut self, name: &str, index: i64, time: &str) -> i64 {
        self.phase = self.commit(
            "INSERT INTO workflow_phases (run_id, name, repeat_index, start_time) VALUES (?, ?, ?, ?)",
            params![self.run, name, index, stored(time)],
        );
        self.phase
    }

    pub fn end_phase(&self, status: Option<&str>, time: &str) {
        let sql = "UPDATE workflow_phases SET end_time = ?, status = ? WHERE id = ?";
        self.commit(sql, params![stored(time), status, self.phase]);
    }

    /// The phase fails without a step: an invalid row.
    pub fn fail_phase(&self, message: &str, time: &str) {
        let error = format!("{{\"message\": \"{message}\", \"fields\": {{}}}}");
        let sql = "UPDATE workflow_phases SET end_time = ?, status = 'failed', error = ? WHERE id = ?";
        self.commit(sql, params![stored(time), error, self.phase]);
    }

    pub fn step(&mut self, index: i64, method: &str, time: &str) -> i64 {
        self.step = self.commit(
            "INSERT INTO workflow_steps (phase_id, step_index, method_name, start_time, run_error, output) VALUES (?, \
             ?, ?, ?, 0, '{}')",
            params![self.phase, index, method, stored(time)],
        );
        self.step
    }

    pub fn end_step(&self, failed: bool, time: &str) {
        let sql = "UPDATE workflow_steps SET end_time = ?, run_error = ? WHERE id = ?";
        self.commit(sql, params![stored(time), failed, self.step]);
    }

    pub fn event(&self, kind: &str, detail: Option<&str>, time: &str) {
        let sql = "UPDATE workflow_runs SET events = json_insert(coalesce(events, '[]'), '$[#]', json_object('time', ?, \
                   'kind', ?, 'detail', ?)) WHERE id = ?";
        self.commit(sql, params![second(time).replace(' ', "T"), kind, detail, self.run]);
    }

    /// A line of the record's log.
    pub fn log(&self, text: &str, time: &str) {
        let mut log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        writeln!(log, "{} - {text}", second(time)).unwrap();
    }

    pub fn end(&self, status: &str, time: &str) {
        let sql = "UPDATE workflow_runs SET end_time = ?, status = ? WHERE id = ?";
        self.commit(sql, params![stored(time), status, self.run]);
    }

    /// As IvoryOS's own page deletes it.
    pub fn delete(&self, run: i64) {
        self.commit("DELETE FROM workflow_runs WHERE id = ?", [run]);
    }

    /// An iteration that takes its time without a failure.
    pub fn iteration(&mut self, index: i64, from: &str, to: &str) {
        self.phase("main", index, from);
        self.step(1, "stir", from);
        self.end_step(false, to);
        self.end_phase(Some("done"), to);
    }
}

/// The folder's database as a server has it, that waits for nobody and for no disk.
fn server(data: &Path) -> Connection {
    let db = Connection::open(data.join("ivoryos.db")).unwrap();
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON").unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    db
}

/// `2026-11-24 08:00:00.000000` of `08:00:00` or of a whole time.
fn stored(time: &str) -> String {
    let time = if time.contains('-') { time.to_owned() } else { format!("{DAY} {time}") };
    if time.contains('.') { time } else { format!("{time}.000000") }
}

/// The same in whole seconds.
fn second(time: &str) -> String {
    stored(time).split('.').next().unwrap().to_owned()
}
