//! How long a delete holds the write lock at a time, for usual records and for the very long one, beside bare commits
//! on the same disk. Works on a copy of the data.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]
#![expect(clippy::print_stdout, reason = "its words are what it is for")]

mod common;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    store::{DeleteTarget, Options, Source, sqlite::Store},
};

/// Usual records that are deleted.
const USUAL: i64 = 20;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ivoryos.db");
    fs::copy(common::folder().join("ivoryos.db"), &file).unwrap();
    let (store, long) = (open(&file), common::deep_record());
    let usual = before(&file, long);

    let mut times: Vec<Duration> = (0..USUAL).map(|n| commit(&file, n)).collect();
    tell("a bare commit of one row", &mut times);
    let mut times: Vec<Duration> = usual.iter().map(|run| delete(&store, *run).0).collect();
    tell("a usual record, under the lock", &mut times);
    let mut times: Vec<Duration> = (0..USUAL).map(|n| commit(&file, n)).collect();
    tell("a bare commit of one row", &mut times);
    let (held, whole) = delete(&store, long);
    tell("the long record, the longest time under the lock", &mut [held]);
    tell("the long record, all of it with its pauses", &mut [whole]);
    common::clear();
}

fn open(file: &Path) -> Store {
    let store = Store::open(file, Options::without_cache()).unwrap();
    store.complete(&mut Cx::quiet()).unwrap();
    store
}

/// The last usual records before this one.
fn before(file: &Path, run: i64) -> Vec<i64> {
    let db = Connection::open(file).unwrap();
    let sql = "SELECT id FROM workflow_runs WHERE id BETWEEN 1 AND ?1 - 1 ORDER BY id DESC LIMIT ?2";
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([run, USUAL], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// How long the lock was held at the longest, and how long all took.
fn delete(store: &Store, run: i64) -> (Duration, Duration) {
    let seen = Source::runs(store, &[run], &Cx::quiet()).unwrap().pop().unwrap();
    let located = store.locate(&[run], &mut Cx::quiet()).unwrap();
    let begun = Instant::now();
    let target = DeleteTarget { run, name: &seen.name, start: &seen.start };
    let gone = store.delete(&[target], &located, None, &mut Cx::quiet()).unwrap();
    assert!(gone.stopped.is_none());
    (gone.held, begun.elapsed())
}

/// From the lock to the end of the commit.
fn commit(file: &Path, row: i64) -> Duration {
    let db = Connection::open(file).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    let sql = "UPDATE workflow_runs SET platform = platform || '.' WHERE id = (SELECT max(id) - ? FROM workflow_runs)";
    db.execute(sql, [row]).unwrap();
    db.execute_batch("COMMIT").unwrap();
    begun.elapsed()
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times.get((times.len() - 1) * part / 2).copied().unwrap_or_default();
    println!("{what:<50} {:>9.2?} {:>9.2?} {:>9.2?}", at(0), at(1), at(2));
}
