//! Windows and orders of tables against the whole table, read at once.

use std::path::Path;

use super::{
    beginning, of, rows,
    rows::gone,
    sort::{self, SortValue},
    types::{TableAt, TableKey, TablePart, TableRow, TableSort, WholeTable},
    whole,
};
use crate::{
    checkpoint::Cx,
    demo::{self, Plan},
    model::{
        json,
        query::ListQuery,
        run::Run,
        value::{Dict, Value},
    },
    services::{lab::Lab, records},
    tui::testing::lab_of,
};

fn open(folder: &Path) -> Lab {
    lab_of(&folder.join("ivoryos.db"))
}

fn reference(set: &str) -> Lab {
    open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set).join("ivoryos_data"))
}

fn runs(lab: &Lab) -> Vec<Run> {
    let all = records::rows(lab, &ListQuery::default(), (0, u64::MAX), &mut Cx::quiet()).unwrap();
    all.into_iter().map(|row| row.run).collect()
}

/// A folder of which one record has `iterations`.
fn made(folder: &Path, iterations: u32) -> (Lab, Run) {
    let plan = Plan::sized(20, 1..=3, 3, 7, jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0))
        .with(|size| size.deep = Some((iterations, 2)));
    demo::make(&plan, folder).unwrap();
    let lab = open(folder);
    let longest = runs(&lab)
        .into_iter()
        .max_by_key(|run| lab.phase_summaries(run.id, &mut Cx::quiet()).unwrap().value.len());
    (lab, longest.unwrap())
}

fn sorts(table: &WholeTable) -> Vec<Option<TableSort>> {
    let words = ["running", "not finished"].map(|word| TableKey::Status { running: word.to_owned() });
    let mut keys = vec![TableKey::Row, TableKey::Iteration, TableKey::Reason];
    keys.extend(words);
    keys.extend(table.columns.iter().cloned().map(TableKey::Parameter));
    keys.extend(table.outputs.iter().cloned().map(TableKey::Output));
    let both = |by: TableKey| [true, false].map(|rising| Some(TableSort { by: by.clone(), rising }));
    std::iter::once(None).chain(keys.into_iter().flat_map(both)).collect()
}

fn expected(table: &WholeTable, sort: Option<&TableSort>) -> Vec<TableRow> {
    let Some(sort) = sort else { return table.rows.clone() };
    let keys: Vec<SortValue> = table.rows.iter().map(|row| SortValue::of(row, &sort.by)).collect();
    sort::order(&keys, sort).into_iter().map(|n| table.rows[n as usize].clone()).collect()
}

/// All windows of all orders have the rows of the whole table, compared as text for NaN is not itself.
fn compare(lab: &Lab, run: &Run, step: usize) {
    let table = of(lab, run, &mut Cx::quiet()).unwrap();
    for sort in sorts(&table) {
        let all = expected(&table, sort.as_ref());
        let ask = |at, rows, look| TablePart { look, sort: sort.clone(), at, rows };
        let shape = whole(lab, run, &ask(TableAt::Place(0), 7, 0), &mut Cx::quiet()).unwrap().value;
        assert_eq!(format!("{:?}", shape.window.rows), format!("{:?}", &all[..all.len().min(7)]));
        assert_eq!((shape.rows, shape.batched), (all.len() as u64, table.batched));
        assert_eq!((&shape.columns, &shape.outputs), (&table.columns, &table.outputs));
        let look = shape.look;
        for from in (0..=all.len()).step_by(step) {
            for wanted in [1, 3, 50] {
                let at = TableAt::Place(from as u64);
                let given = rows(lab, run, &ask(at, wanted, look), &mut Cx::quiet()).unwrap().value;
                let to = all.len().min(from + wanted);
                assert_eq!((given.look, given.from), (look, from as u64));
                assert_eq!(format!("{:?}", given.rows), format!("{:?}", &all[from..to]), "{sort:?} {from}");
            }
        }
        for place in (0..all.len()).step_by(step) {
            let row =
                rows(lab, run, &ask(TableAt::Row(all[place].row), 3, look), &mut Cx::quiet()).unwrap().value;
            assert_eq!(row.found, Some(place as u64));
            let next = (place..all.len()).find(|n| all[*n].iteration != all[place].iteration);
            let at = TableAt::Beside { place: place as u64, forward: true };
            let given = rows(lab, run, &ask(at, 3, look), &mut Cx::quiet()).unwrap().value;
            assert_eq!(given.found, next.map(|n| n as u64));
            if let Some(next) = next {
                assert!(given.rows.iter().any(|row| row.row == all[next].row));
            }
        }
        let past = rows(lab, run, &ask(TableAt::Row(all.len() as u64 + 1), 3, look), &mut Cx::quiet())
            .unwrap()
            .value;
        assert_eq!((past.found, past.rows), (None, Vec::new()));
    }
}

#[test]
fn windows_of_the_reference_sets_are_parts_of_the_whole() {
    for set in ["ivoryos-1.2.5", "ivoryos-1.4.0", "ivoryos-1.7.2", "odd"] {
        let lab = reference(set);
        for run in runs(&lab) {
            compare(&lab, &run, 1);
        }
    }
}

#[test]
fn so_are_those_of_a_long_record() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, run) = made(folder.path(), 1_200);
    compare(&lab, &run, 97);
}

#[test]
fn a_look_is_used_while_it_is_good_and_made_anew_when_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, run) = made(folder.path(), 600);
    let first = beginning(&lab, &run, &mut Cx::quiet()).unwrap().value;
    assert!(!first.whole && first.rows >= 100 && first.highest_iteration == 600, "{}", first.rows);
    let ask = |look| TablePart { look, sort: None, at: TableAt::Place(590), rows: 50 };
    let shape = whole(&lab, &run, &ask(0), &mut Cx::quiet()).unwrap().value;
    assert!(shape.whole && shape.rows == 600 && shape.window.rows.len() == 10);
    assert_eq!(beginning(&lab, &run, &mut Cx::quiet()).unwrap().value.look, shape.look);

    // An iteration goes while the screen shows the table as it was.
    let writer = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    let gone = "DELETE FROM workflow_phases WHERE run_id = ?1 AND name = 'main' AND repeat_index = 595";
    writer.execute(gone, [run.id]).unwrap();
    let given = rows(&lab, &run, &ask(shape.look), &mut Cx::quiet()).unwrap().value;
    assert_eq!(given.look, shape.look);
    let numbers: Vec<u64> = given.rows.iter().map(|row| row.row).collect();
    assert_eq!(numbers, (591..=600).collect::<Vec<_>>());
    assert_eq!(given.rows[4].status, "gone");

    let anew = whole(&lab, &run, &ask(0), &mut Cx::quiet()).unwrap().value;
    assert!(anew.look != shape.look && anew.rows == 599);
    assert_eq!(rows(&lab, &run, &ask(shape.look), &mut Cx::quiet()).unwrap().value.look, anew.look + 1);
}

#[test]
fn large_integers_are_sorted_by_their_digits() {
    let cells = ["9007199254740993", "9007199254740992", "-9007199254740993", "-9007199254740992", "3"];
    let big = ["123456789012345678901234", "123456789012345678901233"];
    let row = |(n, text): (u64, &str)| {
        let values = Dict::from_entries(vec![("x".into(), json::read(text.as_bytes()).unwrap())]);
        TableRow { row: n, values, invalid: Value::Null, ..gone(n) }
    };
    let rows: Vec<TableRow> = (1..).zip(cells.into_iter().chain(big)).map(row).collect();
    let table = WholeTable { rows, ..WholeTable::default() };
    let sort = TableSort { by: TableKey::Parameter("x".into()), rising: true };
    let order: Vec<u64> = expected(&table, Some(&sort)).iter().map(|row| row.row).collect();
    assert_eq!(order, [3, 4, 5, 2, 1, 7, 6]);
}

#[test]
fn numbers_come_before_texts_and_nothing_last_both_ways() {
    let cells = ["\"b\"", "10", "null", "\"\"", "9.5", "NaN", "true", "\"a\"", "9.5"];
    let row = |(n, text): (u64, &&str)| {
        let value = json::read(text.as_bytes()).unwrap();
        let values = Dict::from_entries(vec![("x".into(), value)]);
        TableRow { row: n, values, invalid: Value::Null, ..gone(n) }
    };
    let rows: Vec<TableRow> = (1..).zip(&cells).map(row).collect();
    let table = WholeTable { rows, ..WholeTable::default() };
    let by = |rising| {
        let sort = TableSort { by: TableKey::Parameter("x".into()), rising };
        expected(&table, Some(&sort)).iter().map(|row| row.row).collect::<Vec<_>>()
    };
    assert_eq!(by(true), [5, 9, 2, 8, 1, 7, 3, 4, 6]);
    assert_eq!(by(false), [7, 1, 8, 2, 5, 9, 3, 4, 6]);
}
