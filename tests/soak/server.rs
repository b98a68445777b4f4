//! A server of IvoryOS's manner: a commit as a step begins and one as it ends, as fast as the disk takes them.

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};

pub struct Server {
    stop: Arc<AtomicBool>,
    runs: Sender<()>,
    thread: JoinHandle<Told>,
}

/// What it did.
#[derive(Default)]
pub struct Told {
    commits: u64,
    runs: u64,
    deleted: u64,
    longest: Duration,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { commits, runs, deleted, longest } = self;
        write!(
            f,
            "{commits} commits of {runs} runs ({deleted} deleted by the server), the longest {longest:.1?}"
        )
    }
}

impl Server {
    /// One that never rests, or one that waits to be told.
    pub fn start(file: &Path, restless: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (file, flag) = (file.to_path_buf(), Arc::clone(&stop));
        let (runs, told) = channel();
        let work = move || Work::new(&file, flag, restless).all(&told, restless);
        Self { stop, runs, thread: thread::spawn(work) }
    }

    /// Writes a run.
    pub fn write(&self) {
        self.runs.send(()).unwrap();
    }

    /// Ends the run that it is at.
    pub fn stop(self) -> Told {
        self.stop.store(true, Ordering::Release);
        drop(self.runs);
        self.thread.join().unwrap()
    }
}

struct Work {
    db: Connection,
    stop: Arc<AtomicBool>,
    told: Told,
}

impl Work {
    fn new(file: &Path, stop: Arc<AtomicBool>, synced: bool) -> Self {
        let db = Connection::open(file).unwrap();
        // As SQLAlchemy and IvoryOS connect; in the short form without the disk, which may stand still for seconds.
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        let how = if synced { "FULL" } else { "OFF" };
        db.execute_batch(&format!("PRAGMA foreign_keys=ON; PRAGMA synchronous={how}")).unwrap();
        Self { db, stop, told: Told::default() }
    }

    fn all(mut self, told: &Receiver<()>, restless: bool) -> Told {
        while !self.stop.load(Ordering::Acquire) && (restless || told.recv().is_ok()) {
            self.run();
            self.told.runs += 1;
            match self.told.runs % 7 {
                // The newest one: its ids are used again.
                3 => self.delete("SELECT max(id) FROM workflow_runs"),
                6 => self.delete("SELECT min(id) FROM workflow_runs WHERE id > 5"),
                _ => {}
            }
        }
        self.told
    }

    /// Every failure of a commit ends the test: it would have been the experiment's.
    fn commit(&mut self, sql: &str, values: impl rusqlite::Params) -> i64 {
        let begun = Instant::now();
        self.db.prepare_cached(sql).unwrap().execute(values).unwrap();
        self.told.longest = self.told.longest.max(begun.elapsed());
        self.told.commits += 1;
        self.db.last_insert_rowid()
    }

    fn run(&mut self) {
        let number = i64::try_from(self.told.runs).unwrap();
        let run = self.commit(
            "INSERT INTO workflow_runs(name, platform, start_time, repeat_mode, submitted_by) \
             VALUES ('live_' || ?, 'deck', strftime('%Y-%m-%d %H:%M:%f000', 'now'), 'repeat', 'ann')",
            [number],
        );
        for (name, count) in [("prep", 1), ("main", 1 + number % 4), ("cleanup", 1)] {
            for index in 1..=count {
                self.phase(run, name, index, number % 5 == 0 && name == "main");
            }
        }
        let status = if number % 5 == 0 { "error" } else { "completed" };
        let sql = "UPDATE workflow_runs SET end_time = strftime('%Y-%m-%d %H:%M:%f000', 'now'), status = ? WHERE id = ?";
        self.commit(sql, params![status, run]);
    }

    fn phase(&mut self, run: i64, name: &str, index: i64, fails: bool) {
        let sql = "INSERT INTO workflow_phases(run_id, name, repeat_index, parameters, start_time) \
                   VALUES (?, ?, ?, '{\"temperature\": 65.5}', strftime('%Y-%m-%d %H:%M:%f000', 'now'))";
        let phase = self.commit(sql, params![run, name, index]);
        for step in 1..=3 {
            self.step(phase, step, fails && step == 2);
        }
        let sql = "UPDATE workflow_phases SET outputs = json_object('mass', id % 97 / 7.0), \
                   end_time = strftime('%Y-%m-%d %H:%M:%f000', 'now'), status = 'done' WHERE id = ?";
        self.commit(sql, [phase]);
    }

    fn step(&mut self, phase: i64, index: i64, fails: bool) {
        let sql = "INSERT INTO workflow_steps(phase_id, step_index, method_name, start_time, run_error, output) \
                   VALUES (?, ?, 'balance.weigh', strftime('%Y-%m-%d %H:%M:%f000', 'now'), 0, '{}')";
        let step = self.commit(sql, [phase, index]);
        let sql = "UPDATE workflow_steps SET end_time = strftime('%Y-%m-%d %H:%M:%f000', 'now'), run_error = ?, \
                   output = json_object('temperature', 65.5, 'mass', id % 97 / 7.0) WHERE id = ?";
        self.commit(sql, params![fails, step]);
    }

    /// By the cascade of the tables, as IvoryOS does it.
    fn delete(&mut self, which: &str) {
        let run: i64 = self.db.query_row(which, [], |row| row.get(0)).unwrap();
        // Without an index on the owners a large one takes IvoryOS minutes under the lock.
        let phases = "SELECT count(*) FROM workflow_phases WHERE run_id = ?";
        let phases: i64 = self.db.query_row(phases, [run], |row| row.get(0)).unwrap();
        if phases < 20 {
            self.commit("DELETE FROM workflow_runs WHERE id = ?", [run]);
            self.told.deleted += 1;
        }
    }
}
