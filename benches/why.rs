//! How long it takes to tell why a record failed: the first time, when what all records have in common is read, afterwards,
//! and by the size of its log.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

#[path = "common/bare.rs"]
mod bare;
mod common;

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use divan::{Bencher, black_box};
use tempfile::TempDir;

use ivorylens::{checkpoint::Cx, services::lab::Lab, services::why, store::Options};

use bare::{bare, rows};

fn main() {
    divan::main();
    common::clear();
}

fn opened(folder: &Path) -> Lab {
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    let lab = Lab::open(&folder.join("ivoryos.db"), Options::without_cache(), false, Arc::new(move || now));
    let lab = lab.unwrap();
    lab.prepare(&mut Cx::quiet()).unwrap();
    lab
}

/// The newest record with a failed step, whose phases and steps SQLite finds by their ids.
fn failed_record() -> (i64, i64) {
    let sql = "SELECT p.run_id, p.id FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id \
               WHERE s.run_error = 1 ORDER BY s.id DESC LIMIT 1";
    bare().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn told(lab: &Lab, run: i64) -> usize {
    why::of_record(lab, black_box(run), why::types::Depth::Whole, &mut Cx::quiet())
        .unwrap()
        .value
        .failures
        .len()
}

#[divan::bench_group(sample_count = 5)]
mod first {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let run = failed_record().0;
        bencher.with_inputs(|| opened(&common::folder())).bench_local_refs(|lab| told(lab, run));
    }

    /// The events of all records and the errors of all phases.
    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        bencher.bench_local(|| {
            rows(&db, "SELECT id, events FROM workflow_runs")
                + rows(&db, "SELECT id, status, error FROM workflow_phases")
        });
    }
}

#[divan::bench_group]
mod again {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let (lab, run) = (opened(&common::folder()), failed_record().0);
        told(&lab, run);
        bencher.bench_local(|| told(&lab, run));
    }

    /// The record and the phase that failed.
    #[divan::bench]
    fn floor(bencher: Bencher) {
        let (db, (run, phase)) = (bare(), failed_record());
        bencher.bench_local(|| {
            rows(&db, &format!("SELECT * FROM workflow_runs WHERE id = {run}"))
                + rows(&db, &format!("SELECT * FROM workflow_phases WHERE id = {phase}"))
        });
    }
}

/// A lab with one record, whose log has so many megabytes and its error in the middle.
fn with_log(megabytes: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2/ivoryos_data");
    fs::copy(set.join("ivoryos.db"), folder.path().join("ivoryos.db")).unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    let name = "logs/error_then_stop_2026-11-24 03-00-49.log";
    let told = fs::read_to_string(set.join(name)).unwrap();
    let mut log = BufWriter::new(File::create(folder.path().join(name)).unwrap());
    let line = |second: u32| format!("2026-11-24 03:00:{second} - {}\n", "x".repeat(1000));
    let half = |second| line(second).repeat(500);
    (0..megabytes).for_each(|_| log.write_all(half(48).as_bytes()).unwrap());
    log.write_all(told.as_bytes()).unwrap();
    (0..megabytes).for_each(|_| log.write_all(half(55).as_bytes()).unwrap());
    log.flush().unwrap();
    folder
}

/// By megabytes of the log.
#[divan::bench(args = [1, 1000])]
fn by_size_of_the_log(bencher: Bencher, megabytes: usize) {
    let folder = with_log(megabytes);
    let lab = opened(folder.path());
    told(&lab, 23);
    bencher.bench_local(|| told(&lab, 23));
}

/// Reading the same last 8 MB.
#[divan::bench(args = [1, 1000])]
fn floor_by_size_of_the_log(bencher: Bencher, megabytes: usize) {
    let folder = with_log(megabytes);
    let log = folder.path().join("logs/error_then_stop_2026-11-24 03-00-49.log");
    bencher.bench_local(|| {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = File::open(&log).unwrap();
        let size = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(size.saturating_sub(8 << 20))).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap()
    });
}
