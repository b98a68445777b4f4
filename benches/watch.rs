//! What watching costs while nothing changes, and how soon a commit becomes a line.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use divan::Bencher;
use rusqlite::Connection;
use tempfile::TempDir;

use ivorylens::demo;

fn main() {
    at_rest();
    divan::main();
    common::clear();
}

/// The command under way, from when it says what it watches.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    _cache: TempDir,
}

impl Watching {
    fn start(data: &Path) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.arg("watch").arg("--data").arg(data).env("XDG_CACHE_HOME", cache.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(messages.any(|line| line.unwrap().contains("watching ")));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, _cache: cache }
    }

    /// Processor time so far.
    fn spent(&self) -> Duration {
        let told = fs::read_to_string(format!("/proc/{}/schedstat", self.child.id())).unwrap();
        Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Prints the share of a core: with a record under way, and of the folder of the other benchmarks.
fn at_rest() {
    if !Path::new("/proc/self/schedstat").exists() || !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let lab = Lab::make();
    lab.begin();
    let time = Duration::from_secs(10);
    for (of, data) in [("one record runs", lab.folder.path()), ("the benchmarks' folder", &common::folder())]
    {
        let watching = Watching::start(data);
        thread::sleep(Duration::from_secs(1));
        let (before, began) = (watching.spent(), Instant::now());
        thread::sleep(time);
        let spent = watching.spent() - before;
        let share = spent.as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
        println!("at rest, {of}: {share:.3} % of a core");
    }
}

/// A folder that a server writes to.
struct Lab {
    folder: TempDir,
    server: Connection,
}

impl Lab {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        demo::make(&common::plan(common::records()), folder.path()).unwrap();
        let server = Connection::open(folder.path().join("ivoryos.db")).unwrap();
        server.execute_batch("PRAGMA synchronous=OFF").unwrap();
        server.busy_timeout(Duration::from_secs(5)).unwrap();
        Self { folder, server }
    }

    /// The record before is over, and one begins.
    fn begin(&self) {
        let sql = "UPDATE workflow_runs SET end_time = start_time, status = 'completed' WHERE name = 'bench'";
        self.server.execute(sql, []).unwrap();
        let sql = "INSERT INTO workflow_runs (name, platform, start_time) VALUES ('bench', 'deck', \
                   strftime('%Y-%m-%d %H:%M:%f000', 'now', 'localtime'))";
        self.server.execute(sql, []).unwrap();
    }
}

/// From before the commit of a new record to its line.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn commit_to_line(bencher: Bencher) {
    let lab = Lab::make();
    let mut watching = Watching::start(lab.folder.path());
    bencher.bench_local(|| {
        lab.begin();
        watching.lines.find(|line| line.as_ref().unwrap().contains("started")).unwrap().unwrap()
    });
}
