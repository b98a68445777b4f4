//! The map of a record and its slow steps, held against a slow, plain reading of the tables.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use jiff::civil::DateTime;
use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags, params};

use common::{
    Set,
    lab::{Made, NOON, lab, stopped},
};
use ivorylens::{
    checkpoint::Cx,
    model::map_cell::MapCell,
    services::{
        answer,
        lab::Lab,
        map::{self, types::RecordMap},
        request::{Answer, Ask},
        slow_steps,
    },
};
use strum::VariantArray;

const SETS: [&str; 5] = [common::NEW, "ivoryos-1.4.0", "ivoryos-1.4.0-log", "odd", "field/runs"];

/// A step as the tables have it.
#[derive(Debug, Clone)]
struct Row {
    id: i64,
    phase: i64,
    kind: String,
    iteration: Option<i64>,
    index: Option<i64>,
    method: String,
    took: Option<f64>,
    end: Option<String>,
    failed: bool,
}

/// A phase as the tables have it.
#[derive(Debug)]
struct PhaseRow {
    id: i64,
    kind: String,
    iteration: Option<i64>,
    status: Option<String>,
    has_end: bool,
    samples: usize,
}

struct Plain(Connection);

impl Plain {
    fn open(data: &Path) -> Self {
        Self(Connection::open_with_flags(data.join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }

    fn has(&self, table: &str, column: &str) -> bool {
        let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        self.0.query_row(sql, [table, column], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    fn text(&self, sql: &str, run: i64) -> Option<String> {
        self.0.query_row(sql, [run], |row| row.get(0)).unwrap()
    }

    fn runs(&self) -> Vec<i64> {
        let mut runs = self.0.prepare("SELECT id FROM workflow_runs ORDER BY id").unwrap();
        runs.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn phases(&self, run: i64) -> Vec<PhaseRow> {
        let status = if self.has("workflow_phases", "status") { "status" } else { "NULL" };
        let mut sql = format!(
            "SELECT id, name, repeat_index, {status}, end_time, parameters FROM workflow_phases WHERE run_id = ? \
             ORDER BY id"
        );
        if !self.has("workflow_phases", "id") {
            // From before phases were rows.
            sql = "SELECT min(id), replace(phase, 'script', 'main'), repeat_index, NULL, \
                   CASE WHEN count(end_time) = count(*) THEN 'yes' END, NULL FROM workflow_steps WHERE workflow_id = ? \
                   GROUP BY phase, repeat_index ORDER BY 1"
                .to_owned();
        }
        let mut phases = self.0.prepare(&sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let parameters: Option<String> = row.get(5)?;
            let parameters = parameters.and_then(|text| serde_json::from_str(&text.replace("NaN", "0")).ok());
            let samples = match parameters {
                Some(serde_json::Value::Array(all)) => all.len(),
                _ => 1,
            };
            let has_end = row.get::<_, Option<String>>(4)?.is_some();
            let (id, kind, iteration, status) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(PhaseRow { id, kind, iteration, status, has_end, samples })
        };
        phases.query_map([run], row).unwrap().map(Result::unwrap).collect()
    }

    fn steps(&self, run: i64) -> Vec<Row> {
        let sql = "SELECT s.id, p.id, p.name, p.repeat_index, s.step_index, s.method_name, s.start_time, s.end_time, \
                   s.run_error FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = ? \
                   ORDER BY s.id";
        let old = "SELECT s.id, min(o.id), replace(s.phase, 'script', 'main'), s.repeat_index, s.step_index, \
                   s.method_name, s.start_time, s.end_time, s.run_error FROM workflow_steps s JOIN workflow_steps o \
                   ON o.workflow_id = s.workflow_id AND o.phase = s.phase AND o.repeat_index = s.repeat_index \
                   WHERE s.workflow_id = ? GROUP BY s.id ORDER BY s.id";
        let sql = if self.has("workflow_phases", "id") { sql } else { old };
        let mut steps = self.0.prepare(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let at = |text: Option<String>| text.and_then(|text| text.parse::<DateTime>().ok());
            let (start, end) = (at(row.get(6)?), at(row.get(7)?));
            let took = start.zip(end).map(|(start, end)| end.duration_since(start).as_secs_f64());
            Ok(Row {
                id: row.get(0)?,
                phase: row.get(1)?,
                kind: row.get(2)?,
                iteration: row.get(3)?,
                index: row.get(4)?,
                method: row.get(5)?,
                took,
                end: row.get(7)?,
                failed: row.get::<_, Option<i64>>(8)?.unwrap_or(0) != 0,
            })
        };
        steps.query_map([run], row).unwrap().map(Result::unwrap).collect()
    }

    /// The slow steps of a record, each with its usual time.
    fn slow(&self, run: i64) -> BTreeMap<i64, f64> {
        let name = "SELECT coalesce(name, '') FROM workflow_runs WHERE id = ?";
        let own = self.text(name, run);
        let before: Vec<i64> = self
            .runs()
            .into_iter()
            .rev()
            .filter(|id| *id < run && self.text(name, *id) == own)
            .take(20)
            .collect();
        let earlier: Vec<Row> = before.iter().flat_map(|id| self.steps(*id)).collect();
        let steps = self.steps(run);
        let iteration = |row: &Row| if row.kind == "main" { row.iteration } else { None };
        let mut slow = BTreeMap::new();
        for step in &steps {
            let same =
                |row: &&Row| (&row.kind, row.index, &row.method) == (&step.kind, step.index, &step.method);
            let others = steps.iter().filter(|row| iteration(row) != iteration(step));
            let others = others.chain(&earlier).filter(same);
            let mut others: Vec<f64> =
                others.filter_map(|row| row.took).filter(|took| *took >= 0.0).collect();
            if others.len() < 5 {
                continue;
            }
            others.sort_by(f64::total_cmp);
            let median = (others[(others.len() - 1) / 2] + others[others.len() / 2]) / 2.0;
            if step.took.is_some_and(|took| took > 1.0 + 2.0 * median + 5e-7) {
                slow.insert(step.id, median);
            }
        }
        slow
    }

    /// Which failed steps were tried again: `None` without events, `Some(None)` where the events do not tell.
    fn tried_again(&self, run: i64, steps: &[Row]) -> Option<Option<BTreeSet<i64>>> {
        if !self.has("workflow_runs", "events") {
            return None;
        }
        let events = self.text("SELECT events FROM workflow_runs WHERE id = ?", run)?;
        let events: serde_json::Value = serde_json::from_str(&events).unwrap_or_default();
        let kinds: Vec<&str> =
            events.as_array().into_iter().flatten().filter_map(|event| event["kind"].as_str()).collect();
        let errors: Vec<usize> = (0..kinds.len()).filter(|n| kinds[*n] == "error").collect();
        let failed: Vec<&Row> = steps.iter().filter(|step| step.failed).collect();
        if !kinds.contains(&"retried") {
            return Some(Some(BTreeSet::new()));
        }
        let again = |n: usize| kinds[n + 1..].iter().find(|kind| **kind != "paused") == Some(&"retried");
        let told = failed.iter().zip(&errors).filter(|(_, n)| again(**n)).map(|(step, _)| step.id).collect();
        Some((failed.len() == errors.len()).then_some(told))
    }

    /// The cell of each step that ran, `died` with it being what one without an end is; `None` where nobody can tell a try.
    fn cells(&self, run: i64, died: MapCell) -> HashMap<i64, MapCell> {
        let (phases, steps, slow) = (self.phases(run), self.steps(run), self.slow(run));
        let told = self.tried_again(run, &steps);
        let mut cells = HashMap::new();
        for phase in &phases {
            let own: Vec<&Row> = steps.iter().filter(|step| step.phase == phase.id).collect();
            for (n, step) in own.iter().enumerate() {
                let cell = match step {
                    Row { failed: true, .. } => MapCell::Failed,
                    Row { end: None, .. } => died,
                    step if slow.contains_key(&step.id) => MapCell::Slow,
                    _ => MapCell::Ok,
                };
                cells.insert(step.id, cell);
                if step.failed || own[..n].iter().all(|before| before.index != step.index || !before.failed) {
                    continue;
                }
                // It worked: those that failed before it, one upon the other, were tries of it.
                let group: Vec<&&Row> = own.iter().filter(|row| row.index == step.index).collect();
                let at = group.iter().position(|row| row.id == step.id).unwrap();
                let tried = |row: &Row, place: usize| match &told {
                    Some(told) => told.as_ref().unwrap().contains(&row.id),
                    None => {
                        let follows = own.iter().position(|other| other.id == row.id).unwrap() + 1;
                        own.get(follows).is_some_and(|next| next.id == group[place + 1].id)
                            && (phase.samples < 2 || group.len() > phase.samples)
                    }
                };
                let mut first = at;
                while first > 0 && group[first - 1].failed && tried(group[first - 1], first - 1) {
                    first -= 1;
                }
                if first < at && step.end.is_some() {
                    cells.extend(group[first..=at].iter().map(|row| (row.id, MapCell::Retried)));
                }
            }
        }
        cells
    }
}

/// A map in plain words: iterations, steps with their cells, prep and cleanup.
#[derive(Debug, PartialEq, Default)]
struct Drawn {
    iterations: Vec<i64>,
    rows: Vec<(Option<i64>, String, Vec<MapCell>)>,
    edges: [Vec<(Option<i64>, String, MapCell)>; 2],
}

fn plain(plain: &Plain, run: i64, died: MapCell) -> Drawn {
    let (phases, steps, cells) = (plain.phases(run), plain.steps(run), plain.cells(run, died));
    let main = |phase: &&PhaseRow| phase.kind == "main" && phase.iteration.is_some();
    let iterations: BTreeSet<i64> = phases.iter().filter(main).filter_map(|phase| phase.iteration).collect();
    let key = |step: &Row| (step.index.is_none(), step.index, step.method.clone());
    let in_main = |step: &&Row| step.kind == "main" && step.iteration.is_some();
    let keys: BTreeSet<_> = steps.iter().filter(in_main).map(key).collect();
    let absent = |iteration: i64, index: Option<i64>| {
        let early = |phase: &&PhaseRow| {
            let last = steps.iter().rfind(|step| step.phase == phase.id);
            main(phase)
                && phase.iteration == Some(iteration)
                && match phase.status.as_deref() {
                    _ if !phase.has_end => true,
                    Some("failed" | "stopped") => true,
                    Some("done") => false,
                    _ => last.is_some_and(|last| cells[&last.id] == MapCell::Failed),
                }
        };
        let reached = |phase: &PhaseRow| {
            let own = steps.iter().filter(|step| step.phase == phase.id);
            own.filter_map(|step| step.index).max().unwrap_or(i64::MIN)
        };
        let before = phases.iter().filter(early).any(|phase| index.unwrap_or(i64::MAX) > reached(phase));
        if before { MapCell::Unreached } else { MapCell::None }
    };
    let cell = |key: &(bool, Option<i64>, String), iteration: i64| {
        let own = steps.iter().filter(in_main).filter(|step| step.iteration == Some(iteration));
        let own = own.filter(|step| (step.index, &step.method) == (key.1, &key.2));
        own.map(|step| cells[&step.id]).min().unwrap_or_else(|| absent(iteration, key.1))
    };
    let edge = |kind: &str| {
        let mut edge: BTreeMap<_, MapCell> = BTreeMap::new();
        for step in steps.iter().filter(|step| step.kind == kind) {
            let best = edge.entry(key(step)).or_insert(MapCell::None);
            *best = cells[&step.id].min(*best);
        }
        edge.into_iter().map(|((_, index, method), cell)| (index, method, cell)).collect()
    };
    Drawn {
        rows: keys
            .iter()
            .map(|key| (key.1, key.2.clone(), iterations.iter().map(|n| cell(key, *n)).collect()))
            .collect(),
        edges: [edge("prep"), edge("cleanup")],
        iterations: iterations.into_iter().collect(),
    }
}

fn drawn(map: &RecordMap) -> Drawn {
    let columns = map.iterations.len();
    let row = |(n, row): (usize, &map::types::MapRow)| {
        (row.step_index, row.method.to_string(), (0..columns).map(|at| map.cell(n, at)).collect())
    };
    let edge = |edges: &[map::types::EdgeCell]| {
        edges.iter().map(|edge| (edge.step_index, edge.method.to_string(), edge.cell)).collect()
    };
    Drawn {
        iterations: map.iterations.clone(),
        rows: map.rows.iter().enumerate().map(row).collect(),
        edges: [edge(&map.prep), edge(&map.cleanup)],
    }
}

fn whole(lab: &Lab, run: i64) -> std::sync::Arc<RecordMap> {
    map::whole(lab, run, &mut Cx::quiet()).unwrap().value
}

/// What a step without an end is, some hours after the last record.
fn died(read: &Plain, run: i64) -> MapCell {
    let status = if read.has("workflow_runs", "status") { "status" } else { "NULL" };
    let sql = format!("SELECT coalesce({status}, end_time) FROM workflow_runs WHERE id = ?");
    match read.text(&sql, run).as_deref() {
        None | Some("error") => MapCell::Failed,
        Some(_) => MapCell::Unreached,
    }
}

fn compare(data: &Path, lab: &Lab) -> usize {
    let read = Plain::open(data);
    let mut cells = 0;
    for run in read.runs() {
        let told = read.tried_again(run, &read.steps(run));
        if told.is_some_and(|told| told.is_none()) {
            continue;
        }
        let (want, got) = (plain(&read, run, died(&read, run)), drawn(&whole(lab, run)));
        assert_eq!(got, want, "{} #{run}", data.display());
        cells += want.rows.iter().map(|row| row.2.len()).sum::<usize>();
        let slow = slow_steps::of_record(lab, run, &mut Cx::quiet()).unwrap().value;
        let slow: BTreeMap<i64, f64> = slow.all.iter().map(|slow| (slow.step, slow.usual)).collect();
        let want = read.slow(run);
        assert_eq!(slow.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>(), "#{run}");
        assert!(slow.iter().all(|(id, usual)| (usual - want[id]).abs() < 1e-6), "{slow:?} {want:?}");
        assert_eq!(slow_steps::count(lab, run, &mut Cx::quiet()).unwrap().value, slow.len());
    }
    cells
}

#[test]
fn each_cell_is_what_the_tables_say() {
    for name in SETS {
        let set = Set::open(name);
        assert!(compare(&set.data(), &lab(&set.data(), stopped(NOON))) > 10, "{name}");
    }
}

#[test]
fn each_cell_is_what_the_tables_say_of_any_source() {
    common::memory::run_again(&["each_cell_is_what_the_tables_say"], 0);
}

#[test]
fn the_command_prints_each_cell_as_json() {
    for name in SETS {
        let set = Set::open(name);
        let lab = lab(&set.data(), stopped(NOON));
        for run in Plain::open(&set.data()).runs().into_iter().step_by(9) {
            let ran = set.run(&["map", &run.to_string(), "--json"]);
            assert_eq!(ran.code, Some(0), "{name} #{run}: {}", ran.err);
            let json: serde_json::Value = serde_json::from_slice(&ran.out).unwrap();
            let word = |cell: &serde_json::Value| {
                let is = |known: &&MapCell| known.word() == cell.as_str().unwrap();
                *MapCell::VARIANTS.iter().find(is).unwrap_or_else(|| panic!("{cell}"))
            };
            let list = |key: &str| json[key].as_array().unwrap().clone();
            let step = |step: &serde_json::Value| {
                (step["step_index"].as_i64(), step["method"].as_str().unwrap().to_owned())
            };
            let rows = list("steps").iter().map(step).collect::<Vec<_>>().into_iter().zip(list("cells")).map(
                |((index, method), cells)| {
                    (index, method, cells.as_array().unwrap().iter().map(word).collect())
                },
            );
            let edge = |key| {
                let edge = |one: &serde_json::Value| {
                    let (index, method) = step(one);
                    (index, method, word(&one["cell"]))
                };
                list(key).iter().map(edge).collect()
            };
            let got = Drawn {
                iterations: list("iterations").iter().map(|n| n.as_i64().unwrap()).collect(),
                rows: rows.collect(),
                edges: [edge("prep"), edge("cleanup")],
            };
            assert_eq!(got, drawn(&whole(&lab, run)), "{name} #{run}");
        }
    }
}

const TABLES: &str = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; \
    CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name TEXT, start_time DATETIME, end_time DATETIME, \
    status TEXT, events TEXT); \
    CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name TEXT, repeat_index INTEGER, \
    parameters TEXT, outputs TEXT, status TEXT, error TEXT, start_time DATETIME, end_time DATETIME); \
    CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, step_index INTEGER, method_name TEXT, \
    start_time DATETIME, end_time DATETIME, run_error BOOLEAN, output TEXT);";

/// A step: its index and method, tenths of a second, and how it ended.
type AnyStep = (i64, u8, u16, u8);

/// A phase: its name, iteration, status and steps.
type AnyPhase = (u8, Option<i64>, u8, Vec<AnyStep>);

/// A record: its name, status, whether it has events, and its phases.
type AnyRecord = (u8, u8, bool, Vec<AnyPhase>);

fn any_records() -> impl Strategy<Value = Vec<AnyRecord>> {
    let step = (1..4_i64, 0..2_u8, prop_oneof![0..30_u16, 0..400_u16], 0..12_u8);
    let steps = prop::collection::vec(step, 0..6);
    let phase = (0..6_u8, prop::option::weighted(0.95, 1..6_i64), 0..5_u8, steps);
    let record = (0..2_u8, 0..4_u8, any::<bool>(), prop::collection::vec(phase, 0..7));
    prop::collection::vec(record, 1..30)
}

fn write(folder: &Path, records: &[AnyRecord]) {
    let made = Connection::open(folder.join("ivoryos.db")).unwrap();
    made.execute_batch(TABLES).unwrap();
    let time = |tenths: u16| format!("2026-11-24 03:00:{:02}.{}00000", tenths / 10 % 60, tenths % 10);
    let time = |tenths: u16| time(tenths).replace("03:00", &format!("03:{:02}", tenths / 600));
    for (name, status, events, phases) in records {
        let status = [Some("completed"), Some("stopped"), Some("error"), None][*status as usize];
        let events = events.then_some("[]");
        let end = status.map(|_| time(599));
        let sql =
            "INSERT INTO workflow_runs(name, start_time, end_time, status, events) VALUES (?, ?, ?, ?, ?)";
        made.execute(sql, params![["a", "b"][*name as usize], time(0), end, status, events]).unwrap();
        let run = made.last_insert_rowid();
        for (kind, iteration, status, steps) in phases {
            let kind = ["prep", "cleanup", "main", "main", "main", "main"][*kind as usize];
            let status = [Some("done"), Some("failed"), Some("stopped"), None, None][*status as usize];
            let sql = "INSERT INTO workflow_phases(run_id, name, repeat_index, status, parameters, start_time, end_time) \
                       VALUES (?, ?, ?, ?, '{}', ?, ?)";
            let end = (steps.len() != 5).then(|| time(599));
            made.execute(sql, params![run, kind, iteration, status, time(0), end]).unwrap();
            let phase = made.last_insert_rowid();
            for (index, method, took, ended) in steps {
                let end = (*ended != 0).then(|| time(100 + took));
                let failed = (1..4).contains(ended);
                let method = ["stir", "heat"][*method as usize];
                let sql = "INSERT INTO workflow_steps(phase_id, step_index, method_name, start_time, end_time, run_error) \
                           VALUES (?, ?, ?, ?, ?, ?)";
                made.execute(sql, params![phase, index, method, time(100), end, failed]).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_record_is_drawn_as_the_tables_say(records in any_records()) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &records);
        compare(folder.path(), &lab(folder.path(), stopped(NOON)));
    }

    /// Iterations that share a column show the first of the order, and where it is.
    #[test]
    fn a_shared_column_shows_the_first_of_the_order(records in any_records(), from in 0..5_usize, wide in 1..4_usize) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &records);
        let lab = lab(folder.path(), stopped(NOON));
        let map = whole(&lab, 1);
        let columns = from..(from + wide).min(map.iterations.len());
        for row in 0..map.rows.len() {
            let cells = columns.clone().map(|at| (map.cell(row, at), at));
            prop_assert_eq!(map.first_of(row, &columns), cells.min(), "row {} of {:?}", row, map);
        }
        // Every failed cell is reached, each once, and the way back is the same.
        let failed = |(row, at): (usize, usize)| map.cell(row, at) == MapCell::Failed || row == 0 && map.failed_alone(&(at..at + 1));
        let all: Vec<(usize, usize)> = (0..map.iterations.len())
            .flat_map(|at| (0..map.rows.len()).map(move |row| (row, at)))
            .filter(|place| failed(*place))
            .map(|(row, at)| (at, row))
            .collect();
        let map = &*map;
        let walk = |forward| std::iter::successors(map.next_failed(None, forward), move |at| map.next_failed(Some(*at), forward));
        if !map.rows.is_empty() {
            prop_assert_eq!(walk(true).collect::<Vec<_>>(), all.clone());
            let back: Vec<_> = all.into_iter().rev().collect();
            prop_assert_eq!(walk(false).collect::<Vec<_>>(), back);
        }
    }
}

fn first_look(lab: &Lab, run: i64) -> std::sync::Arc<RecordMap> {
    match answer(lab, &Ask::Map { run }, &mut Cx::quiet()).unwrap().value {
        Answer::Map(map) => map,
        other => panic!("{other:?}"),
    }
}

/// What is shown of a long record at once agrees with what comes behind it.
#[test]
fn the_first_look_at_a_long_record_agrees_with_the_whole() {
    let made = Made::with_long(40, (1_200, 3));
    let db = Connection::open(made.database()).unwrap();
    let nth = "(SELECT min(id) FROM workflow_steps WHERE phase_id = (SELECT id FROM workflow_phases WHERE run_id = ?1 \
               ORDER BY id LIMIT 1 OFFSET ?2))";
    for (set, place) in
        [("run_error = 1", 41), ("run_error = 1", 945), ("end_time = '2027-01-01 00:00:00.000000'", 999)]
    {
        let sql = format!("UPDATE workflow_steps SET {set} WHERE id = {nth}");
        assert_eq!(db.execute(&sql, [made.long, place]).unwrap(), 1);
    }
    let lab = made.lab();
    common::lab::rest(&lab);
    let some = first_look(&lab, made.long);
    assert!(
        some.every > 5 && !some.knows_slow && (60..130).contains(&some.iterations.len()),
        "{} {}",
        some.every,
        some.iterations.len()
    );
    let all = whole(&lab, made.long);
    assert_eq!((all.every, all.iterations.len(), all.knows_slow), (1, 1_200, true));
    assert_eq!(drawn(&all), plain(&Plain::open(made.data()), made.long, MapCell::Unreached));
    for (at, iteration) in some.iterations.iter().enumerate() {
        let place = all.place_of(*iteration).unwrap();
        for row in 0..some.rows.len() {
            let (first, then) = (some.cell(row, at), all.cell(row, place));
            assert!(
                first == then || then == MapCell::Slow && first == MapCell::Ok,
                "{iteration} {row}: {first:?} {then:?}"
            );
        }
    }
    assert_eq!(some.rows.len(), all.rows.len());
    // Both failures are there at once.
    assert_eq!((some.count(MapCell::Failed), all.count(MapCell::Failed)), (2, 2));
    assert!(all.count(MapCell::Slow) >= 1);
    // Known by now, so all of it at once.
    assert_eq!(first_look(&lab, made.long), all);
}

/// The step that was begun is neither failed nor unreached while a person is waited for.
#[test]
fn the_open_step_of_a_record_that_waits_is_shown_as_open() {
    let set = Set::open(common::NEW);
    let data = set.copy();
    let cells = |lab: &Lab| {
        let map = whole(lab, 61);
        let all = (0..map.rows.len()).flat_map(|row| (0..map.iterations.len()).map(move |at| (row, at)));
        all.map(|(row, at)| map.cell(row, at)).collect::<Vec<_>>()
    };
    let before = cells(&lab(&data, stopped(NOON)));
    assert!(before.contains(&MapCell::Failed) && !before.contains(&MapCell::Running), "it died: {before:?}");
    let events = r#"[{"kind": "paused", "time": "2026-11-24T03:05:00", "detail": null}]"#;
    let server = common::lab::server(&data);
    server.execute("UPDATE workflow_runs SET events = ? WHERE id = 61", [events]).unwrap();
    let waits = cells(&lab(&data, stopped(NOON)));
    let open = |cell: &MapCell| if *cell == MapCell::Failed { MapCell::Running } else { *cell };
    assert_eq!(waits, before.iter().map(open).collect::<Vec<_>>());
    // A database that refused what the step returned left it open and ended the record.
    let end =
        "UPDATE workflow_runs SET events = NULL, status = ?, end_time = '2026-11-24 03:06:00' WHERE id = 61";
    let ended = |status: &str| {
        server.execute(end, [status]).unwrap();
        cells(&lab(&data, stopped(NOON)))
    };
    assert_eq!(ended("error"), before);
    assert!(!ended("stopped").contains(&MapCell::Failed));
}

/// For people: as wide as 80 columns into a pipe, without control codes, and in ASCII where that is wanted.
#[test]
fn the_text_fits_and_is_clean() {
    for name in [common::NEW, "odd"] {
        let set = Set::open(name);
        for run in Plain::open(&set.data()).runs().into_iter().step_by(7) {
            let ran = set.run(&["map", &run.to_string()]);
            assert_eq!(ran.code, Some(0), "{name} #{run}: {}", ran.err);
            let text = String::from_utf8(ran.out).unwrap();
            for line in text.lines() {
                assert!(ivorylens::model::sanitize::width(line) <= 80, "{name} #{run}: {line:?}");
                assert!(!line.chars().any(char::is_control), "{name} #{run}: {line:?}");
            }
        }
    }
    let set = Set::open(common::NEW);
    let text = |args: &[&str]| String::from_utf8(set.run(args).out).unwrap();
    let row = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {text}"));
        line.split_once(name).unwrap().1.trim().to_owned()
    };
    let plain = text(&["--ascii", "map", "59"]);
    assert_eq!((row(&plain, "2 slow"), row(&plain, "3 position")), ("+x".to_owned(), "+-".to_owned()));
    assert!(plain.is_ascii(), "{plain}");
    assert_eq!(row(&text(&["map", "21"]), "2 flaky"), "↻");
    // Two rows of a table failed before any of their steps.
    assert!(text(&["map", "13"]).contains("\n              ✖✖\n"), "{}", text(&["map", "13"]));
    let none = set.run(&["map", "999"]);
    assert_eq!((none.code, none.out.len()), (Some(3), 0), "{}", none.err);
}
