//! How long the index takes to be built, and to be brought up to new steps, beside reading the same ids.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

mod common;

use std::{fs, path::Path};

use divan::{Bencher, black_box};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use ivorylens::{
    checkpoint::Cx,
    store::{Options, Remains, sqlite::Store},
};

fn main() {
    divan::main();
    common::clear();
}

fn opened(file: &Path) -> Store {
    Store::open(file, Options::without_cache()).unwrap()
}

fn build(store: &Store) {
    while store.index_piece().unwrap() == Remains::Build {}
}

/// Reads two columns of all rows.
fn ids(db: &Connection, sql: &str, from: i64) -> i64 {
    let mut statement = db.prepare_cached(sql).unwrap();
    let mut rows = statement.query([from]).unwrap();
    let mut sum = 0_i64;
    while let Some(row) = rows.next().unwrap() {
        sum = sum.wrapping_add(row.get::<_, i64>(0).unwrap()).wrapping_add(row.get(1).unwrap());
    }
    sum
}

const PHASES: &str = "SELECT id, run_id FROM workflow_phases WHERE id > ?";
const STEPS: &str = "SELECT id, phase_id FROM workflow_steps WHERE id > ?";

#[divan::bench_group(sample_count = 3)]
mod all_ids {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let file = common::folder().join("ivoryos.db");
        bencher.with_inputs(|| opened(&file)).bench_local_refs(|store| build(store));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let file = common::folder().join("ivoryos.db");
        let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        bencher.bench_local(|| ids(&db, PHASES, black_box(0)) + ids(&db, STEPS, black_box(0)));
    }
}

/// Where all phases and steps of the long record stand, its phases looked at again.
#[divan::bench]
fn place_of_the_long_record(bencher: Bencher) {
    let store = opened(&common::folder().join("ivoryos.db"));
    build(&store);
    let run = common::deep_record();
    bencher.bench_local(|| store.locate(&[run], &mut Cx::quiet()).unwrap());
}

/// A copy of the data that a lab writes to.
struct Live {
    store: Store,
    writer: Connection,
    _folder: TempDir,
}

impl Live {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivoryos.db");
        fs::copy(common::folder().join("ivoryos.db"), &file).unwrap();
        let store = opened(&file);
        build(&store);
        Self { store, writer: Connection::open(&file).unwrap(), _folder: folder }
    }

    fn last_step(&self) -> i64 {
        self.writer.query_row("SELECT max(id) FROM workflow_steps", [], |row| row.get(0)).unwrap()
    }

    /// Steps of the newest phase, as those before them; gives the last id before.
    fn write(&self, steps: i64) -> i64 {
        let before = self.last_step();
        let sql = "INSERT INTO workflow_steps (phase_id, step_index, method_name, start_time, end_time, run_error, output) \
                   SELECT (SELECT max(id) FROM workflow_phases), step_index, method_name, start_time, end_time, 0, output \
                   FROM workflow_steps ORDER BY id LIMIT ?";
        assert_eq!(self.writer.execute(sql, [steps]).unwrap(), usize::try_from(steps).unwrap());
        before
    }
}

#[divan::bench_group(sample_count = 20, sample_size = 1)]
mod new_steps_1000 {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let live = Live::new();
        bencher.with_inputs(|| live.write(1_000)).bench_local_values(|_| build(&live.store));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let live = Live::new();
        bencher.with_inputs(|| live.write(1_000)).bench_local_values(|last| ids(&live.writer, STEPS, last));
    }
}
