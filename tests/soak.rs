//! A lab's hour in a short time: a server that writes at full speed, keys at random, exports and deletes in between.
//! Nothing fails, memory does not grow, and at the end every answer is what a plain query finds.
//!
//! Short by default. `IVORYLENS_SOAK_MINUTES=60 cargo test --release --test soak -- --nocapture` is the long form.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
mod soak {
    pub mod compare;
    pub mod keys;
    pub mod server;
}

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use soak::{compare, keys::Keys, server::Server};

use ivorylens::demo::{self, Plan};

use common::{
    lab::{NOON, longest},
    terminal::Terminal,
};

/// Bursts of keys of the short form, with a run of the server's beside each.
const BURSTS: u32 = 40;

#[test]
fn an_hour_of_a_live_lab() {
    let minutes: Option<u64> = std::env::var("IVORYLENS_SOAK_MINUTES").ok().map(|m| m.parse().unwrap());
    let until = minutes.map(|m| Instant::now() + Duration::from_secs(m * 60));
    let here = tempfile::tempdir().unwrap();
    let data = here.path().join("ivoryos_data");
    make(&data, minutes.is_some());
    let long = longest(&data);

    let server = Server::start(&data.join("ivoryos.db"), minutes.is_some());
    let program = Path::new(env!("CARGO_BIN_EXE_ivorylens"));
    let mut terminal = Terminal::start(program, &[data.to_str().unwrap()], here.path(), (120, 40));
    terminal.shows("records");
    if minutes.is_some() {
        // A server that never rests has the lock nearly always: a large delete gets it rarely.
        terminal.patience *= 20;
    }
    let mut keys = Keys::new(0x5eed, long);
    let mut memory = Memory::of(terminal.process());
    let mut burst = 0;
    while until.map_or(burst < BURSTS, |until| Instant::now() < until) {
        server.write();
        keys.burst(&mut terminal, burst);
        burst += 1;
        terminal.forget();
        remove_exports(here.path());
        memory.look(burst);
    }
    // Keys may have been dropped each time that the long record was to go.
    for _ in 0..10 {
        if !keys.long_is_gone {
            keys.delete(&mut terminal);
        }
    }
    let told = server.stop();
    keys.leave(&mut terminal);

    println!("{burst} bursts, {told}, {memory}, {keys}");
    assert!(keys.deletes > 0 && keys.long_is_gone && keys.exports > 0, "{keys}");
    memory.check(minutes.is_some());
    compare::all_records(program, &data, here.path());
}

fn make(data: &Path, long: bool) {
    let (records, deep) = if long { (5_000, (20_000, 8)) } else { (25, (600, 8)) };
    let plan = Plan::sized(records, 1..=3, 5, 11, NOON).with(|size| {
        size.deep = Some(deep);
        size.disorder = 40;
        size.logs = 20;
    });
    demo::make(&plan, data).unwrap();
}

fn remove_exports(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let path = entry.path();
        if path.extension().is_some_and(|ext| ext == "csv" || ext == "json" || ext == "svg") {
            fs::remove_file(path).unwrap();
        }
    }
}

/// The program's resident memory, where the system tells it.
struct Memory {
    process: u32,
    warm: u64,
    most: u64,
    last: u64,
}

/// Bursts after which all that is kept has been filled once.
const WARM: u32 = 300;

impl Memory {
    fn of(process: u32) -> Self {
        Self { process, warm: 0, most: 0, last: 0 }
    }

    fn look(&mut self, burst: u32) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        self.last = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        if burst <= WARM {
            self.warm = self.warm.max(self.last);
        }
        self.most = self.most.max(self.last);
    }

    /// An export may be under way at the end, which has its own.
    fn check(&self, long: bool) {
        assert!(!long || self.last <= self.warm + self.warm / 4, "memory grew: {self}");
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "memory {} kB warm, {} kB at most, {} kB at the end", self.warm, self.most, self.last)
    }
}
