//! The checks of `examples/faults`, which lets system calls fail, find what they are to find; and a whole command passes them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

#[path = "../examples/faults/check.rs"]
mod check;
mod common;
#[path = "damage/rows.rs"]
mod rows;

use std::{fs, path::PathBuf};

use rusqlite::Connection;

use check::{Ended, Files, files_of};
use common::{NEW, Set};
use rows::Tables;

/// A record with steps.
const RUN: i64 = 21;

fn ended(code: i32, out: &str, err: &str) -> Ended {
    Ended { code: Some(code), out: out.into(), err: err.into(), hung: false }
}

fn files(named: &[(&str, &str)]) -> Files {
    named.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// Does the check find something that has these words?
fn finds(found: Option<String>, words: &str) {
    assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{found:?} has no {words:?}");
}

#[test]
fn endings() {
    finds(check::ending(&Ended { hung: true, ..Ended::default() }), "HANG");
    finds(check::ending(&Ended::default()), "signal");
    finds(check::ending(&ended(101, "", "thread 'main' panicked at src/a.rs:1:1")), "PANIC");
    finds(check::ending(&ended(0, "", "a fault in the program: x")), "PANIC");
    finds(check::silence(&ended(1, "", " ")), "without a word");
    assert_eq!(check::silence(&ended(1, "", "the disk is full")), None);
    assert_eq!(check::silence(&ended(0, "1", "")), None);
    assert_eq!(check::ending(&ended(1, "", "the disk is full")), None);
    assert_eq!(check::ending(&ended(0, "", "")), None);
    let blamed = ended(1, "", "the database is damaged");
    finds(check::words(&blamed, "EIO", true), "called damage");
    assert_eq!(check::words(&blamed, "ENOSPC", true), None);
    assert_eq!(check::words(&ended(1, "", "the disk can't be read"), "EIO", true), None);
}

#[test]
fn success_has_the_whole_output() {
    finds(check::output(&ended(0, "id\n1\n", ""), b"id\n1\n2\n"), "exit 0 with 5 bytes of 7");
    assert_eq!(check::output(&ended(1, "id\n", "the disk is full"), b"id\n1\n"), None);
    assert_eq!(check::output(&ended(0, "id\n1\n", ""), b"id\n1\n"), None);
}

#[test]
fn files_are_whole_or_not_there() {
    let right = files(&[("a.csv", "1,2"), ("b/", ""), ("b/c.csv", "3")]);
    let told = ended(1, "", "the disk is full");
    finds(check::files(&told, &files(&[("a.csv", "1,")]), &right), "half file: a.csv");
    finds(check::files(&told, &files(&[(".ivorylens-x.part", "")]), &right), ".part is left");
    finds(check::files(&ended(0, "", ""), &files(&[("a.csv", "1,2")]), &right), "exit 0 without file b/");
    assert_eq!(check::files(&told, &files(&[("a.csv", "1,2")]), &right), None);
    assert_eq!(check::files(&told, &Files::new(), &right), None);
    assert_eq!(check::files(&ended(0, "", ""), &right, &right), None);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("b")).unwrap();
    fs::write(folder.path().join("b/c.csv"), "3").unwrap();
    fs::write(folder.path().join("a.csv"), "1,2").unwrap();
    assert_eq!(files_of(folder.path()), right);
}

/// What is wrong after these statements on a copy of the reference set, for a delete of [`RUN`] that ended like this.
fn after(code: i32, statements: &str, in_pieces: bool) -> Option<String> {
    let set = Set::open(NEW);
    let file = set.copy().join("ivoryos.db");
    let before = Tables::of(&file).unwrap();
    let lab = Connection::open(&file).unwrap();
    lab.execute_batch(&format!("PRAGMA foreign_keys=OFF; {statements}")).unwrap();
    drop(lab);
    check::database(&ended(code, "", "x"), &file, &before, Some(RUN), in_pieces)
}

#[test]
fn databases_are_sound_and_others_untouched() {
    let phases = format!("SELECT id FROM workflow_phases WHERE run_id = {RUN}");
    let steps = format!("DELETE FROM workflow_steps WHERE phase_id IN ({phases});");
    let all = format!(
        "{steps} DELETE FROM workflow_phases WHERE run_id = {RUN}; DELETE FROM workflow_runs WHERE id = {RUN};"
    );
    let last = format!("(SELECT max(id) FROM workflow_phases WHERE run_id = {RUN})");
    let phase = format!(
        "DELETE FROM workflow_steps WHERE phase_id = {last}; DELETE FROM workflow_phases WHERE id = {last};"
    );
    let step = format!(
        "DELETE FROM workflow_steps WHERE id = (SELECT max(id) FROM workflow_steps WHERE phase_id IN ({phases}));"
    );
    assert_eq!(after(0, &all, false), None);
    assert_eq!(after(1, "", false), None);
    assert_eq!(after(1, &phase, true), None, "a large record may be smaller");
    finds(after(1, &phase, false), "lost some of its rows");
    finds(after(1, &step, true), "lost some of its rows");
    finds(after(0, "", false), "still there");
    finds(after(1, &format!("DELETE FROM workflow_phases WHERE run_id = {RUN}"), false), "orphans");
    finds(after(1, "UPDATE workflow_runs SET name = 'x' WHERE id = 5", false), "other records changed");
    finds(
        after(0, &format!("{all} UPDATE workflow_steps SET method_name = 'x' WHERE id = 1"), false),
        "other records",
    );
}

#[test]
fn a_database_that_the_lab_cannot_read_is_found() {
    let set = Set::open(NEW);
    let file = set.copy().join("ivoryos.db");
    let before = Tables::of(&file).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[4096..].fill(0);
    fs::write(&file, bytes).unwrap();
    let found = check::database(&ended(1, "", "x"), &file, &before, None, false);
    assert!(found.is_some());
}

/// What commands leave where nothing fails.
#[test]
fn whole_commands_pass() {
    let set = Set::open(NEW);
    let (data, out) = (set.copy(), set.place());
    let file: PathBuf = data.join("ivoryos.db");
    let before = Tables::of(&file).unwrap();
    let run = RUN.to_string();
    let ends = |words: &[&str]| {
        let ran = set.run_in(out.path(), &data, words);
        Ended { code: ran.code, out: ran.out, err: ran.err, hung: false }
    };
    let printed = ends(&["steps", &run]);
    let written = ends(&["steps", &run, "-o", "steps.csv"]);
    let right = Files::from([("steps.csv".to_owned(), printed.out.clone())]);
    assert_eq!(check::ending(&written), None);
    assert_eq!(check::files(&written, &files_of(out.path()), &right), None);
    let refused = ends(&["steps", &run, "-o", "steps.csv"]);
    assert_eq!((refused.code, check::ending(&refused)), (Some(1), None));
    assert_eq!(check::files(&refused, &files_of(out.path()), &right), None);
    assert_eq!(check::database(&printed, &file, &before, None, false), None);
    let deleted = ends(&["delete", &run, "--yes"]);
    assert_eq!(check::ending(&deleted), None);
    assert_eq!(check::database(&deleted, &file, &before, Some(RUN), false), None);
    let left = Tables::of(&file).unwrap().runs();
    assert_eq!((left.len() + 1, left.contains(&RUN)), (before.runs().len(), false));
}
