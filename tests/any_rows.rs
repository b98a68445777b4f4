//! The list's order, against a plain sort in memory; and cells of any kind, which no service may fail on.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{cmp::Ordering, path::Path};

use proptest::prelude::*;
use rusqlite::{Connection, params};

use ivorylens::{
    checkpoint::Cx,
    error::ErrorKind,
    model::{
        query::{ListQuery, Order, SortKey},
        run::Run,
        timestamp::Timestamp,
    },
    services::{
        answer,
        export::{self, Outlet},
        export_kind::ExportKind,
        request::Ask,
    },
    store::{Database, Limits, sqlite::Store},
};

use common::lab::{NOON, impatient, lab, stopped};

const TABLES: &str = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; \
    CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name VARCHAR(128), platform VARCHAR(128), start_time DATETIME, \
    end_time DATETIME, data_path VARCHAR(256), repeat_mode VARCHAR(64), status VARCHAR(32), events TEXT, \
    submitted_by VARCHAR(50)); \
    CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name VARCHAR(64), repeat_index INTEGER, \
    parameters TEXT, outputs TEXT, status VARCHAR(32), error TEXT, start_time DATETIME, end_time DATETIME); \
    CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, step_index INTEGER, method_name VARCHAR(128), \
    start_time DATETIME, end_time DATETIME, run_error BOOLEAN, output TEXT);";

fn make(folder: &Path) -> Connection {
    let made = Connection::open(folder.join("ivoryos.db")).unwrap();
    made.execute_batch(TABLES).unwrap();
    made
}

/// A row of the list: text columns as bytes, because a hand-edited file may hold any.
#[derive(Debug, Clone)]
struct Row {
    id: i64,
    name: Option<Vec<u8>>,
    user: Option<Vec<u8>>,
    start: Option<Vec<u8>>,
    end: Option<Vec<u8>>,
}

fn word(all: &'static [&'static [u8]]) -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(prop::sample::select(all).prop_map(<[u8]>::to_vec))
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    const NAMES: &[&[u8]] = &[
        b"",
        b"a",
        b"A",
        b"ab",
        b"b",
        "é".as_bytes(),
        "É".as_bytes(),
        b"%",
        b"a_b",
        b"10",
        b"9",
        b"\xff\xfe",
    ];
    const TIMES: &[&[u8]] =
        &[b"2026-11-24 03:00:00.000000", b"2026-11-24 03:00:00", b"2026-11-24 02:00:00.500000", b"soon"];
    let row = (word(NAMES), word(NAMES), word(TIMES), word(TIMES));
    prop::collection::btree_map(-3_i64..40, row, 1..14).prop_map(|all| {
        let row = |(id, (name, user, start, end))| Row { id, name, user, start, end };
        all.into_iter().map(row).collect()
    })
}

fn key(row: &Row, sort: SortKey) -> Option<&[u8]> {
    match sort {
        SortKey::Id => None,
        SortKey::Name => row.name.as_deref(),
        SortKey::SubmittedBy => row.user.as_deref(),
        SortKey::StartTime => row.start.as_deref(),
        SortKey::EndTime => row.end.as_deref(),
        other => unreachable!("{other:?} is no column that IvoryOS sorts by"),
    }
}

fn compare(a: &Row, b: &Row, query: &ListQuery) -> Ordering {
    let by_key =
        if query.sort == SortKey::Id { a.id.cmp(&b.id) } else { key(a, query.sort).cmp(&key(b, query.sort)) };
    let turned = if query.order == Order::Descending { by_key.reverse() } else { by_key };
    turned.then(a.id.cmp(&b.id))
}

/// SQLite's LIKE: `%` any text, `_` any character, only ASCII ignores case.
fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|n| like(rest, &text[n..])),
        Some(('_', rest)) => !text.is_empty() && like(rest, &text[1..]),
        Some((c, rest)) => text.first().is_some_and(|t| t.eq_ignore_ascii_case(c)) && like(rest, &text[1..]),
    }
}

fn matches(row: &Row, keyword: &str) -> bool {
    let pattern: Vec<char> = format!("%{keyword}%").chars().collect();
    let has = |cell: &Option<Vec<u8>>| {
        cell.as_ref().is_some_and(|t| like(&pattern, &String::from_utf8_lossy(t).chars().collect::<Vec<_>>()))
    };
    keyword.is_empty() || has(&row.name) || has(&row.user)
}

fn database_of(folder: &Path, rows: &[Row], limits: Limits) -> Database {
    let made = make(folder);
    for row in rows {
        made.execute(
            "INSERT INTO workflow_runs(id, name, submitted_by, start_time, end_time) VALUES \
             (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT))",
            params![row.id, row.name, row.user, row.start, row.end],
        )
        .unwrap();
    }
    drop(made);
    let store = Store::open(&folder.join("ivoryos.db"), impatient()).unwrap();
    Database::new(Box::new(store), limits)
}

/// A row as a record.
fn run(row: &Row) -> Run {
    let text = |cell: &Option<Vec<u8>>| cell.as_ref().map(|text| String::from_utf8_lossy(text).into_owned());
    Run {
        id: row.id,
        name: text(&row.name).unwrap_or_default(),
        submitted_by: text(&row.user),
        start: Timestamp::read(text(&row.start).as_deref()),
        end: Timestamp::read(text(&row.end).as_deref()),
        ..Run::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_positions_and_neighbours_are_those_of_a_plain_sort(
        rows in rows(),
        keyword in prop::sample::select(vec!["", "", "a", "A", "%", "_", "é", "É", "b", "zz"]),
        limits in prop::sample::select(vec![Limits::default(), Limits::tiny()]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let database = database_of(folder.path(), &rows, limits);
        let catalogue = database.catalogue();
        for sort in SortKey::STORED {
            for order in [Order::Ascending, Order::Descending] {
                let query = ListQuery { keyword: keyword.to_owned(), sort, order, ..ListQuery::default() };
                let mut all: Vec<&Row> = rows.iter().collect();
                all.sort_by(|a, b| compare(a, b, &query));
                let found: Vec<Run> = all.iter().filter(|r| matches(r, keyword)).map(|r| run(r)).collect();
                let listed: Vec<i64> = found.iter().map(|r| r.id).collect();
                let list = database.list(&query, &mut Cx::quiet()).unwrap();
                prop_assert_eq!(&catalogue.part(&list, 0, 100), &listed, "{:?}", query);
                let ids = catalogue.part(&list, 0, u64::MAX);
                prop_assert_eq!(database.source().runs(&ids, &Cx::quiet()).unwrap(), found, "{:?}", query);
                prop_assert_eq!(catalogue.len(&list), listed.len() as u64);
                prop_assert_eq!(catalogue.counts().all, rows.len() as u64);
                let piece = catalogue.part(&list, 2, 3);
                prop_assert_eq!(piece, listed.iter().skip(2).take(3).copied().collect::<Vec<_>>());
                for (n, row) in all.iter().enumerate() {
                    let before = all[..n].iter().rev().filter(|r| matches(r, keyword));
                    let mut after = all[n + 1..].iter().filter(|r| matches(r, keyword));
                    let previous = before.clone().next().map(|r| r.id);
                    prop_assert_eq!(catalogue.position(&list, row.id), Some(before.count() as u64), "{:?}", query);
                    prop_assert_eq!(catalogue.neighbour(&list, row.id, false), previous, "{:?}", query);
                    prop_assert_eq!(catalogue.neighbour(&list, row.id, true), after.next().map(|r| r.id));
                }
                prop_assert_eq!(catalogue.position(&list, 1_000), None);
                prop_assert_eq!(catalogue.neighbour(&list, 1_000, true), None);
            }
        }
    }

    #[test]
    fn no_service_fails_on_a_cell(cells in prop::collection::vec(cell(), 12), mode in prop::option::of(cell())) {
        let folder = tempfile::tempdir().unwrap();
        let made = make(folder.path());
        let c = |n: usize| cells.get(n).unwrap();
        made.execute(
            "INSERT INTO workflow_runs VALUES (1, ?1, ?2, ?3, ?4, NULL, ?5, NULL, ?6, NULL)",
            params![c(0), c(1), c(2), c(3), mode, c(4)],
        ).unwrap();
        for n in 1..=3_u8 {
            made.execute(
                "INSERT INTO workflow_phases VALUES (?1, 1, ?7, ?1, ?2, ?3, NULL, ?4, ?5, ?6)",
                params![n, c(5), c(6), c(7), c(8), c(n.into()), if n == 3 { c(0).as_str() } else { "main" }],
            ).unwrap();
            for turn in 0..3_u8 {
                made.execute(
                    "INSERT INTO workflow_steps VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![n, turn / 2, c(9), c(turn.into()), c(10), turn == 1, c(usize::from(n) + 8)],
                ).unwrap();
            }
        }
        drop(made);
        let lab = lab(folder.path(), stopped(NOON));
        let asks = [
            Ask::RowDetails { runs: vec![1] },
            Ask::OverviewWhole { run: 1 },
            Ask::PhasesWhole { run: 1 },
            Ask::Steps { run: 1, phases: vec![1, 2, 3] },
            Ask::Step { run: 1, phase: 0, step: 2 },
            Ask::NextFailed { run: 1, from: None, forward: true },
            Ask::Table { run: 1 },
            Ask::Charts { run: 1 },
            Ask::Files { run: 1 },
            Ask::Bill { runs: vec![1] },
        ];
        for ask in asks {
            let answered = answer(&lab, &ask, &mut Cx::quiet());
            prop_assert!(answered.is_ok(), "{:?}: {:?}", ask, answered.err());
        }
        let run = lab.run(1, &Cx::quiet()).unwrap();
        for kind in [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::PlotJson, ExportKind::ChartSvg] {
            let mut out = Vec::new();
            let written = export::write(&lab, &run, kind, &mut Outlet::new(&mut out, "x"), &mut Cx::quiet());
            let fine = written.as_ref().map_or_else(|e| e.kind() == ErrorKind::Missing && out.is_empty(), |()| !out.is_empty());
            prop_assert!(fine, "{:?}: {:?}", kind, written.err());
        }
    }
}

/// What a cell may hold: JSON as Python writes it, of any shape, or no JSON at all.
fn cell() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "NaN",
        "-Infinity",
        "1e400",
        "5e-324",
        "1180591620717411303424",
        "\"\"",
        "\"\\ud83d\"",
        "\"a\\u0000b\"",
        "\"\\u001b[2J\"",
        "[]",
        "{}",
        "\"2026-11-24T03:00:44\"",
        "\"error\"",
    ])
    .prop_map(str::to_owned);
    let key = prop::sample::select(vec![
        "a", "b", "kind", "time", "detail", "message", "rows", "fields", "values", "",
    ]);
    let json = leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key.clone(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<_> = entries.iter().map(|(k, v)| format!("\"{k}\": {v}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    });
    prop_oneof![
        6 => json.clone(),
        1 => json.prop_map(|text| text.chars().skip(1).collect()),
        1 => prop::sample::select(vec!["", "no json", "2026-11-24 03:00:00", "9999-12-31 23:59:59.999999", "\u{1b}[0m"]).prop_map(str::to_owned),
    ]
}
