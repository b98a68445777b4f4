//! How long the map of a very long record takes: what is shown at once, all of it, its slow steps, and the step behind a
//! cell.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

#[path = "common/bare.rs"]
mod bare;
mod common;

use std::sync::Arc;

use divan::{Bencher, black_box};

use ivorylens::{
    checkpoint::Cx,
    services::{
        answer,
        lab::Lab,
        map::{CellPlace, MapPart, types::RecordMap},
        request::{Answer, Ask},
    },
    store::Options,
};

use bare::{bare, rows};

fn main() {
    divan::main();
    common::clear();
}

/// A lab that knows which rows are whose, and nothing of the record.
fn opened() -> Lab {
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    let file = common::folder().join("ivoryos.db");
    let lab = Lab::open(&file, Options::without_cache(), false, Arc::new(move || now)).unwrap();
    lab.prepare(&mut Cx::quiet()).unwrap();
    lab
}

fn map(lab: &Lab, ask: Ask) -> Arc<RecordMap> {
    match answer(lab, black_box(&ask), &mut Cx::quiet()).unwrap().value {
        Answer::Map(map) => map,
        other => unreachable!("{other:?}"),
    }
}

/// The ids of the long record's steps.
fn steps() -> (i64, i64) {
    let sql = "SELECT min(id), max(id) FROM workflow_phases WHERE run_id = ?";
    let db = bare();
    let (first, last): (i64, i64) =
        db.query_row(sql, [common::deep_record()], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let sql = "SELECT min(id), max(id) FROM workflow_steps WHERE phase_id BETWEEN ? AND ?";
    db.query_row(sql, [first, last], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[divan::bench_group(sample_count = 20)]
mod long_record {
    use super::*;

    #[divan::bench]
    fn first_screen(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(opened).bench_local_refs(|lab| map(lab, Ask::Map { run }));
    }

    #[divan::bench]
    fn whole(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(opened).bench_local_refs(|lab| map(lab, Ask::MapWhole { run }));
    }

    /// As the overview asks for them.
    #[divan::bench]
    fn slow_steps(bencher: Bencher) {
        let run = common::deep_record();
        let ask = Ask::SlowSteps { run };
        bencher.with_inputs(opened).bench_local_refs(|lab| answer(lab, &ask, &mut Cx::quiet()).unwrap());
    }

    /// The steps of the record without their outputs, all times among them.
    #[divan::bench]
    fn floor(bencher: Bencher) {
        let (db, (first, last)) = (bare(), steps());
        let columns = "id, phase_id, step_index, method_name, start_time, end_time, run_error";
        let sql = format!("SELECT {columns} FROM workflow_steps WHERE id BETWEEN {first} AND {last}");
        bencher.bench_local(|| rows(&db, &sql));
    }

    /// With the cursor on a cell.
    #[divan::bench]
    fn cell(bencher: Bencher) {
        let (run, lab) = (common::deep_record(), opened());
        let map = map(&lab, Ask::MapWhole { run });
        let row = map.rows.last().unwrap();
        let (step_index, method) = (row.step_index, row.method.clone());
        let part = MapPart::Iteration(*map.iterations.last().unwrap());
        let ask = Ask::MapCell { run, place: CellPlace { part, step_index, method } };
        bencher.bench_local(|| answer(&lab, &ask, &mut Cx::quiet()).unwrap());
    }
}

#[divan::bench_group(sample_count = 20)]
mod usual_record {
    use super::*;

    /// The newest record that is as long as any.
    fn usual() -> i64 {
        let sql = "SELECT max(id) FROM workflow_runs WHERE end_time IS NOT NULL";
        bare().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[divan::bench]
    fn first_screen(bencher: Bencher) {
        let run = usual();
        bencher.with_inputs(opened).bench_local_refs(|lab| map(lab, Ask::Map { run }));
    }

    /// With the slow steps, for which twenty records before it are read.
    #[divan::bench]
    fn whole(bencher: Bencher) {
        let run = usual();
        bencher.with_inputs(opened).bench_local_refs(|lab| map(lab, Ask::MapWhole { run }));
    }
}
