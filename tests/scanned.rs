//! Cells of the phases and steps of many records: all that plain statements find, whoever's rows stand among them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;
use rusqlite::{
    Connection, OpenFlags, Row, params,
    types::{Value, ValueRef},
};

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Freshness, Progress},
    demo::{self, Plan},
    error::{Error, ErrorKind, Result},
    model::scanned::{CellColumns, ScannedCell},
    store::{Options, Remains, Source, sqlite::Store},
};

use common::{
    NEW, Set,
    lab::{Made, NOON, server},
    memory::{MemorySource, Rules},
};

type Bytes = Option<Vec<u8>>;

/// A phase: its id, whether it is of main, whether it failed; parameters, outputs, error.
type PhaseCells = (i64, bool, bool, [Bytes; 3]);

/// What passed by of a record: phases as they came, methods sorted.
#[derive(Debug, Clone, PartialEq, Default)]
struct Seen {
    phases: Vec<PhaseCells>,
    methods: Vec<Bytes>,
}

type All = BTreeMap<i64, Seen>;

/// Every choice of columns.
fn choices() -> impl Iterator<Item = CellColumns> {
    (0..16_u8).map(|n| CellColumns {
        parameters: n & 1 > 0,
        outputs: n & 2 > 0,
        phase_errors: n & 4 > 0,
        methods: n & 8 > 0,
    })
}

/// What a source gives; nothing may be lacking.
fn seen(source: &dyn Source, runs: &[i64], columns: CellColumns, all: &mut All) {
    let looked =
        source.cells(runs, columns, &mut |run, cell| note(all, run, cell), &mut Cx::quiet()).unwrap();
    assert!(looked.lacks.nothing());
}

fn note(all: &mut All, run: i64, cell: &ScannedCell<'_>) {
    let seen = all.entry(run).or_default();
    match *cell {
        ScannedCell::Phase { phase, is_main, has_failed, parameters, outputs, error } => {
            let cells = [parameters, outputs, error].map(|cell| cell.map(<[u8]>::to_vec));
            seen.phases.push((phase, is_main, has_failed, cells));
        }
        ScannedCell::Step { method } => seen.methods.push(method.map(<[u8]>::to_vec)),
    }
}

fn sorted(mut all: All) -> All {
    all.values_mut().for_each(|seen| seen.methods.sort());
    all
}

/// All of these records at once, and in parts from the last to the first.
fn ways(source: &dyn Source, runs: &[i64], columns: CellColumns) -> [All; 2] {
    let (mut at_once, mut in_parts) = (All::new(), All::new());
    seen(source, runs, columns, &mut at_once);
    let newest_first: Vec<i64> = runs.iter().rev().copied().collect();
    newest_first.chunks(7).for_each(|some| seen(source, some, columns, &mut in_parts));
    [at_once, in_parts].map(sorted)
}

/// The tables of a file by plain statements, whole.
struct Plain {
    runs: Vec<i64>,
    phases: Vec<(i64, PhaseCells)>,
    methods: Vec<(i64, Bytes)>,
    /// Whether phases have parameters, outputs and errors.
    has: [bool; 3],
}

impl Plain {
    fn read(file: &Connection) -> Self {
        let has = |table: &str, column: &str| file.prepare(&format!("SELECT {column} FROM {table}")).is_ok();
        let column =
            |name| if has("workflow_phases", name) { format!("p.{name}") } else { "NULL".to_owned() };
        let phases = format!(
            "SELECT r.id, p.id, CAST(p.name AS TEXT) IS 'main', CAST({} AS TEXT) IS 'failed', {}, {}, {} \
             FROM workflow_runs r JOIN workflow_phases p ON p.run_id = r.id ORDER BY r.id, p.id",
            column("status"),
            column("parameters"),
            column("outputs"),
            column("error"),
        );
        let has_phases = has("workflow_phases", "id");
        let steps = if has_phases {
            "workflow_phases p ON p.run_id = r.id JOIN workflow_steps s ON s.phase_id = p.id"
        } else {
            "workflow_steps s ON s.workflow_id = r.id"
        };
        let methods = format!("SELECT r.id, s.method_name FROM workflow_runs r JOIN {steps}");
        let phase = |row: &Row<'_>| {
            let cells = [cell(row, 4), cell(row, 5), cell(row, 6)];
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?, cells)))
        };
        Self {
            runs: rows(file, "SELECT id FROM workflow_runs ORDER BY id", |row| row.get(0)),
            phases: if has_phases { rows(file, &phases, phase) } else { Vec::new() },
            methods: rows(file, &methods, |row| Ok((row.get(0)?, cell(row, 1)))),
            has: ["parameters", "outputs", "error"].map(|name| has("workflow_phases", name)),
        }
    }

    /// What is to be seen of these records.
    fn of(&self, runs: &[i64], columns: CellColumns) -> All {
        let wanted = [columns.parameters, columns.outputs, columns.phase_errors];
        let mut all = All::new();
        if (0..3).any(|n| wanted[n] && self.has[n]) {
            for (run, (id, is_main, has_failed, cells)) in
                self.phases.iter().filter(|(run, _)| runs.contains(run))
            {
                let of = |n: usize| cells[n].clone().filter(|_| wanted[n]);
                let phase = (*id, *is_main, *has_failed, [of(0), of(1), of(2)]);
                all.entry(*run).or_default().phases.push(phase);
            }
        }
        for (run, method) in self.methods.iter().filter(|(run, _)| columns.methods && runs.contains(run)) {
            all.entry(*run).or_default().methods.push(method.clone());
        }
        sorted(all)
    }
}

fn rows<T>(file: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    file.prepare(sql).unwrap().query_map([], read).unwrap().map(|row| row.unwrap()).collect()
}

fn cell(row: &Row<'_>, at: usize) -> Bytes {
    match row.get_ref(at).unwrap() {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}

fn stores(path: &Path) -> [Box<dyn Source>; 2] {
    [Options::without_cache(), Options::tiny()]
        .map(|options| -> Box<dyn Source> { Box::new(Store::open(path, options).unwrap()) })
}

/// Of every version of the tables, in every choice of columns, of all records and of some.
#[test]
fn cells_are_those_of_a_plain_reading() {
    let demo = tempfile::tempdir().unwrap();
    demo::make(&Plan::demo(NOON), demo.path()).unwrap();
    let sets = [NEW, "ivoryos-1.4.0", "ivoryos-1.2.5", "odd"].map(|name| Set::open(name).data());
    for data in sets.iter().map(|data| &**data).chain([demo.path()]) {
        let path = data.join("ivoryos.db");
        let file = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let plain = Plain::read(&file);
        assert!(plain.methods.len() > 100, "{path:?}");
        let memory: Box<dyn Source> = Box::new(MemorySource::open(&path, Rules::sqlite()).unwrap());
        let some = plain.runs.iter().copied().filter(|run| run % 3 == 1).chain([1_000_000]).collect();
        for source in stores(&path).into_iter().chain([memory]) {
            for runs in [&plain.runs, &some] {
                for columns in choices() {
                    let want = plain.of(runs, columns);
                    for got in ways(&*source, runs, columns) {
                        assert_eq!(got, want, "{path:?} {columns:?}");
                    }
                }
            }
        }
    }
}

/// Columns that nothing may change on their way into the file.
const TABLES: &str = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; \
    CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name TEXT, start_time TEXT, end_time TEXT); \
    CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name, parameters, outputs, status, error); \
    CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, method_name)";

/// What a cell may hold: a number is nothing, broken UTF-8 comes as it is.
fn odd_cell() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        Value::Null,
        Value::Integer(7),
        Value::Real(0.5),
        Value::Text("{\"yield\": 0.8}".to_owned()),
        Value::Text(String::new()),
        Value::Text("main".to_owned()),
        Value::Text("failed".to_owned()),
        Value::Text("\u{6eb6}\u{5264}.\u{6ce8}\u{5165}".to_owned()),
        Value::Blob(b"main".to_vec()),
        Value::Blob(vec![0xff, 0, b'a']),
    ])
}

/// Whose a row is: of one of the others, of nobody, of what there is not.
fn owner(others: i64) -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (1..=others).prop_map(Value::Integer),
        1 => prop::sample::select(vec![Value::Null, Value::Text("x".to_owned()), Value::Integer(900), Value::Real(1.5)]),
    ]
}

/// Rows with owners in any order, and how far the id of each lies behind the one before.
fn any_rows(owners: i64, cells: usize) -> impl Strategy<Value = Vec<(i64, Value, Vec<Value>)>> {
    let gap = prop_oneof![6 => Just(1_i64), 1 => 2..100_i64, 1 => 5_000..6_000_i64];
    prop::collection::vec((gap, owner(owners), prop::collection::vec(odd_cell(), cells)), 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn merged_rows_and_odd_cells_are_told_apart(phases in any_rows(9, 5), steps in any_rows(60, 1), every in 1..4_i64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        let file = Connection::open(&path).unwrap();
        file.execute_batch(TABLES).unwrap();
        for run in 1..=9 {
            file.execute("INSERT INTO workflow_runs VALUES (?, 'a', NULL, NULL)", [run]).unwrap();
        }
        let mut id = 0;
        for (gap, owner, cells) in &phases {
            id += gap;
            let [name, parameters, outputs, status, error] = <&[Value; 5]>::try_from(&cells[..]).unwrap();
            file.execute(
                "INSERT INTO workflow_phases VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))",
                params![id, owner, name, parameters, outputs, status, error],
            ).unwrap();
        }
        id = 0;
        for (gap, owner, method) in &steps {
            id += gap;
            // The text that a blob makes may be no UTF-8.
            let sql = "INSERT INTO workflow_steps VALUES (?, ?, CASE typeof(?3) WHEN 'blob' THEN CAST(?3 AS TEXT) ELSE ?3 END)";
            file.execute(sql, params![id, owner, &method[0]]).unwrap();
        }
        let plain = Plain::read(&file);
        let runs: Vec<i64> = (1..=9).filter(|run| run % every == 0).collect();
        for source in stores(&path) {
            for columns in [CellColumns::ALL, CellColumns { outputs: true, methods: true, ..CellColumns::default() }] {
                let want = plain.of(&runs, columns);
                for got in ways(&*source, &runs, columns) {
                    prop_assert_eq!(&got, &want);
                }
            }
        }
    }
}

/// On screen what is found near each other is seen before it is known whose rows are whose, and said to be no whole; all of
/// it comes afterwards.
#[test]
fn what_is_seen_before_the_index_is_ready_is_said_to_lack_rows() {
    let set = Set::open(NEW);
    let path = set.data().join("ivoryos.db");
    let plain = Plain::read(&Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap());
    let source = Store::open(&path, Options::tiny()).unwrap();
    let mut all = All::new();
    let at_once = |all: &mut All| {
        let mut see = |run: i64, cell: &ScannedCell<'_>| note(all, run, cell);
        let mut quiet = Cx::quiet();
        let mut cx = quiet.wanted(Freshness::AtOnce);
        source.cells(&plain.runs, CellColumns::ALL, &mut see, &mut cx).unwrap()
    };
    let lacks = at_once(&mut all).lacks;
    assert!(lacks.rows && !lacks.nothing());
    let want = plain.of(&plain.runs, CellColumns::ALL);
    assert!(!all.is_empty());
    for (run, rows) in sorted(std::mem::take(&mut all)) {
        let all = &want[&run];
        assert!(rows.phases.iter().all(|row| all.phases.contains(row)), "record {run}");
        assert!(rows.methods.iter().all(|row| all.methods.contains(row)), "record {run}");
    }
    while source.work(&mut Cx::quiet()).unwrap().remains == Remains::Build {}
    assert!(at_once(&mut all).lacks.nothing());
    assert_eq!(sorted(all), want);
}

/// A lab that commits at each checkpoint, while another question is asked.
struct Beside<'a> {
    source: &'a dyn Source,
    lab: Connection,
    run: i64,
    checks: usize,
    /// The checkpoint at which nobody wants the answer any more.
    last: usize,
}

impl Checkpoint for Beside<'_> {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.checks += 1;
        if self.checks == self.last {
            return Err(Error::Cancelled);
        }
        let phase = "INSERT INTO workflow_phases(run_id, name, outputs) VALUES (?, 'main', '{}')";
        // Nobody waits for a lock here: an open statement would make this fail.
        assert_eq!(self.lab.execute(phase, [self.run]).unwrap(), 1);
        seen(self.source, &[1], CellColumns::ALL, &mut All::new());
        Ok(())
    }
}

/// The steps of a long record are read in many pieces; between two of them the lab commits and others are answered.
#[test]
fn a_long_record_is_read_in_pieces() {
    let made = Made::with_long(20, (3_000, 3));
    let path = made.database();
    let lab = server(made.data());
    let before = Plain::read(&lab);
    let runs = [made.long, 1];
    let source = Store::open(&path, Options::tiny()).unwrap();
    source.prepare(&mut Cx::quiet()).unwrap();
    let mut beside =
        Beside { source: &source, lab: server(made.data()), run: made.long, checks: 0, last: usize::MAX };
    let mut all = All::new();
    let mut see = |run: i64, cell: &ScannedCell<'_>| note(&mut all, run, cell);
    source.cells(&runs, CellColumns::ALL, &mut see, &mut Cx::new(&mut beside)).unwrap();
    // 3,000 phases and three times as many steps, 32 rows at a time.
    assert!(beside.checks > 300, "{}", beside.checks);
    let known = |all: All| {
        let mut all = sorted(all);
        let last = before.phases.iter().map(|(_, phase)| phase.0).max().unwrap();
        all.values_mut().for_each(|seen| seen.phases.retain(|phase| phase.0 <= last));
        all
    };
    assert_eq!(known(all), before.of(&runs, CellColumns::ALL));
    // What was committed meanwhile is there in the next answer.
    let after = Plain::read(&lab);
    assert!(after.phases.len() > before.phases.len() + 300);
    let want = after.of(&runs, CellColumns::ALL);
    assert_eq!(ways(&source, &runs, CellColumns::ALL), [want.clone(), want]);
}

/// Work that nobody wants any more ends between two pieces.
#[test]
fn it_ends_where_it_is_taken_back() {
    let made = Made::with_long(20, (300, 3));
    let source = Store::open(&made.database(), Options::tiny()).unwrap();
    source.prepare(&mut Cx::quiet()).unwrap();
    let mut beside = Beside { source: &source, lab: server(made.data()), run: made.long, checks: 0, last: 3 };
    let mut rows = 0;
    let columns = CellColumns { methods: true, ..CellColumns::default() };
    let ended = source.cells(&[made.long], columns, &mut |_, _| rows += 1, &mut Cx::new(&mut beside));
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(beside.checks, 3);
    assert!((1..=96).contains(&rows), "{rows}");
}
