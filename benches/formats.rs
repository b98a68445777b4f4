//! How quick the byte formats are on one very long record, and how quick data is made.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

mod common;

use divan::{Bencher, black_box, counter::BytesCount};
use rusqlite::{Connection, OpenFlags};

use ivorylens::{
    formats::{
        json::Layout,
        pandas::{DataFrame, rows_of_outputs},
        plot_json::PlotWriter,
        python_repr::repr,
    },
    model::{json, value::Cell},
};

fn main() {
    divan::main();
    common::clear();
}

/// The very long record's outputs, one text for each main phase.
fn deep_outputs() -> Vec<Vec<u8>> {
    let db =
        Connection::open_with_flags(common::folder().join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .unwrap();
    let sql =
        "SELECT outputs FROM workflow_phases WHERE run_id = ? AND name = 'main' ORDER BY repeat_index, id";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([common::deep_record()], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|row| row.unwrap().into_bytes()).collect()
}

fn total(texts: &[Vec<u8>]) -> BytesCount {
    BytesCount::new(texts.iter().map(Vec::len).sum::<usize>())
}

fn cells() -> Vec<Cell> {
    deep_outputs().iter().map(|text| json::read_cell(text)).collect()
}

#[divan::bench]
fn read_json(bencher: Bencher) {
    let texts = deep_outputs();
    bencher.counter(total(&texts)).bench(|| {
        for text in &texts {
            black_box(json::read_cell(black_box(text)));
        }
    });
}

#[divan::bench]
fn python_repr(bencher: Bencher) {
    let texts = deep_outputs();
    let values: Vec<_> = texts.iter().map(|text| json::read(text).unwrap()).collect();
    bencher.counter(total(&texts)).bench(|| {
        let mut out = String::new();
        for value in &values {
            out.clear();
            repr(black_box(value), &mut out);
            black_box(&out);
        }
    });
}

#[divan::bench]
fn data_csv(bencher: Bencher) {
    let cells = cells();
    bencher.bench(|| {
        let mut frame = DataFrame::new();
        cells.iter().flat_map(rows_of_outputs).for_each(|row| frame.learn(row));
        let mut writer = frame.writer(Vec::new()).unwrap();
        for row in cells.iter().flat_map(rows_of_outputs) {
            writer.row(row).unwrap();
        }
        writer.into_inner()
    });
}

#[divan::bench]
fn plot_json(bencher: Bencher) {
    let cells = cells();
    bencher.bench(|| {
        let mut writer = PlotWriter::new(Vec::new(), Layout::Line).unwrap();
        for (iteration, cell) in (1..).zip(&cells) {
            writer.phase(Some(iteration), cell).unwrap();
        }
        writer.finish().unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn make_records(bencher: Bencher) {
    let plan = common::plan(common::records());
    bencher
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_refs(|folder| ivorylens::demo::make(&plan, folder.path()).unwrap());
}
