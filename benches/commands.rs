//! Whole commands, from the start of the program to its last byte, beside reading the same rows.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

#[path = "common/bare.rs"]
mod bare;
mod common;

use std::process::{Command, Stdio};

use divan::{Bencher, counter::BytesCount};

use bare::{bare, rows};

fn main() {
    divan::main();
    common::clear();
}

/// What a command prints, counted.
fn run(arguments: &[&str]) -> u64 {
    let cache = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(arguments).arg("--data").arg(common::folder()).env("XDG_CACHE_HOME", cache.path());
    let mut program = command.stdout(Stdio::piped()).spawn().unwrap();
    let printed = std::io::copy(program.stdout.as_mut().unwrap(), &mut std::io::sink()).unwrap();
    assert!(program.wait().unwrap().success());
    printed
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod list_all {
    use super::*;

    #[divan::bench(args = ["json", "jsonl", "csv", "table"])]
    fn ivorylens(bencher: Bencher, format: &str) {
        let list = || run(&["list", "--format", format]);
        bencher.counter(BytesCount::new(list())).bench_local(list);
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        let sql = "SELECT id, name, start_time, submitted_by FROM workflow_runs ORDER BY id DESC";
        bencher.bench_local(|| rows(&db, sql));
    }
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod long_record {
    use super::*;

    #[divan::bench(args = ["show --json", "show", "steps", "data", "plot"])]
    fn ivorylens(bencher: Bencher, command: &str) {
        let id = common::deep_record().to_string();
        let mut words = command.split(' ').collect::<Vec<_>>();
        words.insert(1, &id);
        let print = || run(&words);
        bencher.counter(BytesCount::new(print())).bench_local(print);
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let (db, id) = (bare(), common::deep_record());
        let phases = format!("SELECT id FROM workflow_phases WHERE run_id = {id}");
        let sql = format!("SELECT min(id), max(id) FROM workflow_steps WHERE phase_id IN ({phases})");
        let (from, to): (i64, i64) = db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let sql = format!("SELECT * FROM workflow_steps WHERE id BETWEEN {from} AND {to}");
        bencher.bench_local(|| rows(&db, &sql));
    }
}
