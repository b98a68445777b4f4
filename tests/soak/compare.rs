//! What the commands say of a record, beside what they say of a database that has only the rows of this record, which
//! plain queries found: without an index, and without anything that could be taken for this record's.

use std::{path::Path, process::Command};

use rusqlite::{Connection, OpenFlags};

use super::super::common::check_all;

const SETS: [(&str, &str); 3] = [
    ("workflow_runs", "id = ?1"),
    ("workflow_phases", "run_id = ?1"),
    ("workflow_steps", "phase_id IN (SELECT id FROM lab.workflow_phases WHERE run_id = ?1)"),
];

/// Compares the list, and every record's answers.
pub fn all_records(program: &Path, data: &Path, home: &Path) {
    let lab = data.join("ivoryos.db");
    let db = Connection::open_with_flags(&lab, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = db.prepare("SELECT id FROM workflow_runs ORDER BY id").unwrap();
    let runs = statement.query_map([], |row| row.get(0)).unwrap();
    let runs: Vec<i64> = runs.map(rusqlite::Result::unwrap).collect();

    let listed = answer(program, data, home, &["list", "--format", "jsonl", "--order", "asc"]);
    let listed = String::from_utf8(listed).unwrap();
    let begins = |line: &str, id: i64| line.starts_with(&format!("{{\"id\": {id}, "));
    let listed: Vec<&str> = listed.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(listed.len(), runs.len(), "the list has other records");
    assert!(listed.iter().zip(&runs).all(|(line, id)| begins(line, *id)), "the list has other records");

    check_all(&runs, |run| {
        let alone = tempfile::tempdir().unwrap();
        one_record(&lab, *run, &alone.path().join("ivoryos.db"));
        let id = run.to_string();
        let asks: [&[&str]; 4] =
            [&["show", &id, "--json"], &["steps", &id], &["data", &id], &["plot", &id, "--json"]];
        let differs = |ask: &&&[&str]| {
            answer(program, data, home, ask) != answer(program, alone.path(), alone.path(), ask)
        };
        asks.iter().filter(differs).map(|ask| format!("{ask:?} differs")).collect()
    });
}

/// A database with this record's rows alone.
fn one_record(lab: &Path, run: i64, file: &Path) {
    let alone = Connection::open(file).unwrap();
    alone.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF").unwrap();
    alone.execute("ATTACH ? AS lab", [format!("file:{}?mode=ro", lab.display())]).unwrap();
    alone.execute_batch("BEGIN").unwrap();
    for (table, whose) in SETS {
        let schema = "SELECT sql FROM lab.sqlite_schema WHERE name = ?";
        let schema: String = alone.query_row(schema, [table], |row| row.get(0)).unwrap();
        alone.execute_batch(&schema).unwrap();
        let sql = format!("INSERT INTO main.{table} SELECT * FROM lab.{table} WHERE {whose}");
        alone.execute(&sql, [run]).unwrap();
    }
    alone.execute_batch("COMMIT").unwrap();
}

/// What a command prints, and how it ends.
fn answer(program: &Path, data: &Path, home: &Path, args: &[&str]) -> Vec<u8> {
    let mut command = Command::new(program);
    command
        .arg("--data")
        .arg(data)
        .args(args)
        .current_dir(home)
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home);
    let done = command.output().unwrap();
    let code = done.status.code().unwrap();
    let why = String::from_utf8_lossy(&done.stderr).replace(&data.display().to_string(), "DATA");
    [done.stdout, format!("\nexit {code} {why}").into_bytes()].concat()
}
