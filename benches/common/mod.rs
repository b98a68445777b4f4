//! A made data folder for the benchmarks: small by default, of any size by environment variables.
//!
//! `IVORYLENS_BENCH_RECORDS` records (2,000), and one record of `IVORYLENS_BENCH_ITERATIONS` iterations (2,000) of ten
//! steps each; or `IVORYLENS_BENCH_DATA`, a data folder that is there already and is only read.

use std::{path::PathBuf, sync::Mutex};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use ivorylens::demo::{Plan, make};

/// A size from the environment.
pub fn size(name: &str, usual: u32) -> u32 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

pub fn records() -> u32 {
    size("IVORYLENS_BENCH_RECORDS", 2_000)
}

pub fn plan(records: u32) -> Plan {
    let iterations = size("IVORYLENS_BENCH_ITERATIONS", 2_000);
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    Plan::sized(records, 1..=3, 6, 1, now).with(|size| {
        size.deep = Some((iterations, 10));
        size.logs = 10;
    })
}

static FOLDER: Mutex<Option<TempDir>> = Mutex::new(None);

/// The data folder, made at the first call.
pub fn folder() -> PathBuf {
    if let Some(there) = std::env::var_os("IVORYLENS_BENCH_DATA") {
        return there.into();
    }
    let mut folder = FOLDER.lock().unwrap();
    let made = || {
        let folder = tempfile::tempdir().unwrap();
        make(&plan(records()), folder.path()).unwrap();
        folder
    };
    folder.get_or_insert_with(made).path().into()
}

/// Removes the data folder, which a static would leave behind.
pub fn clear() {
    FOLDER.lock().unwrap().take();
}

/// The id of the very long record.
#[allow(dead_code, reason = "not every benchmark asks for it")]
pub fn deep_record() -> i64 {
    let db =
        Connection::open_with_flags(folder().join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1";
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}
