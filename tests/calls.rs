//! Calls by hand as commands give them: every row and column of every set against plain reading, and odd tables.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use rusqlite::{Connection, OpenFlags, types::Value as Sql};
use serde_json::{Value, json};

use common::{NEW, Set};

const SETS: [&str; 5] = ["ivoryos-1.2.5", "ivoryos-1.4.0", NEW, "odd", "field/calls"];
const COLUMNS: &str = "id,method_name,kwargs,start_time,end_time,run_error,output";

/// The rows of `single_steps`, highest id first.
fn stored(database: &Connection) -> Vec<Vec<Sql>> {
    let sql = format!("SELECT {COLUMNS} FROM single_steps ORDER BY id DESC");
    let mut statement = database.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| (0..7).map(|at| row.get(at)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}

fn database(data: &std::path::Path) -> Connection {
    Connection::open_with_flags(data.join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The text of a cell; nothing for NULL.
fn text(cell: &Sql) -> String {
    match cell {
        Sql::Null => String::new(),
        Sql::Integer(number) => number.to_string(),
        Sql::Real(number) => number.to_string(),
        Sql::Text(text) => text.clone(),
        Sql::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// `2025-09-12 11:44:18.5` as `2025-09-12T11:44:18.500000`; what is no such text stays.
fn iso(time: &str) -> String {
    let Some((day, clock)) = time.split_once(' ').filter(|_| time.len() >= 19) else {
        return time.to_owned();
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    format!("{day}T{clock}.{fraction:0<6}")
}

/// A cell as strict JSON: the value, or the text of what is no JSON.
fn value(cell: &Sql) -> Value {
    if *cell == Sql::Null {
        return Value::Null;
    }
    let stored = text(cell);
    serde_json::from_str(&stored).unwrap_or(Value::String(stored))
}

fn as_json(row: &[Sql]) -> Value {
    let [id, method, kwargs, start, end, error, output] = row else { panic!("{row:?}") };
    let or_null =
        |cell: &Sql, text: String| if *cell == Sql::Null { Value::Null } else { Value::String(text) };
    json!({
        "id": id_of(id), "method_name": text(method), "kwargs": value(kwargs),
        "start_time": or_null(start, iso(&text(start))), "end_time": or_null(end, iso(&text(end))),
        "run_error": or_null(error, text(error)), "output": value(output),
    })
}

fn id_of(cell: &Sql) -> i64 {
    let Sql::Integer(id) = cell else { panic!("{cell:?}") };
    *id
}

fn as_csv(row: &[Sql]) -> Vec<String> {
    let cell = |(at, cell): (usize, &Sql)| if at == 3 || at == 4 { iso(&text(cell)) } else { text(cell) };
    row.iter().enumerate().map(cell).collect()
}

fn json_lines(out: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(out).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn csv_rows(out: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(out);
    assert_eq!(reader.headers().unwrap(), &csv::StringRecord::from(COLUMNS.split(',').collect::<Vec<_>>()));
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn every_row_and_column_of_every_set_is_given() {
    let mut seen = 0;
    for name in SETS {
        let set = Set::open(name);
        let rows = stored(&database(&set.data()));
        let ran = set.run(&["calls", "--format", "jsonl"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{name}");
        assert_eq!(json_lines(&ran.out), rows.iter().map(|row| as_json(row)).collect::<Vec<_>>(), "{name}");
        assert_eq!(set.run(&["calls", "--json"]).out, ran.out);
        let ran = set.run(&["calls", "--format", "csv"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{name}");
        assert_eq!(csv_rows(&ran.out), rows.iter().map(|row| as_csv(row)).collect::<Vec<_>>(), "{name}");
        let ran = set.run(&["calls"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        let lines = String::from_utf8(ran.out).unwrap();
        let ids: Vec<i64> =
            lines.lines().skip(1).map(|l| l.split_whitespace().next().unwrap().parse().unwrap()).collect();
        assert_eq!(ids, rows.iter().map(|row| id_of(row.first().unwrap())).collect::<Vec<_>>(), "{name}");
        assert_eq!(rows.is_empty(), ran.err.ends_with("no calls by hand\n"), "{name}: {}", ran.err);
        seen += rows.len();
    }
    assert_eq!(seen, 8 + 8 + 342);
}

/// A copy of the newest set with another table of calls.
fn with_table(set: &Set, sql: &str) -> std::path::PathBuf {
    let data = set.copy();
    let database = Connection::open(data.join("ivoryos.db")).unwrap();
    database.execute_batch(&format!("DROP TABLE single_steps; {sql}")).unwrap();
    data
}

#[test]
fn cells_that_ivoryos_does_not_write_are_given_as_they_stand() {
    let set = Set::open(NEW);
    let data = with_table(
        &set,
        "CREATE TABLE single_steps(id INTEGER PRIMARY KEY, method_name, kwargs, start_time, end_time, run_error, output);
         INSERT INTO single_steps VALUES
         (-3, '', '', '', '', '', ''),
         (1, NULL, NULL, NULL, NULL, NULL, NULL),
         (2, 'a,\"b\"\r\nc', '{not json', 'yesterday', '2026-11-24 03:04:05', 'line 1\nline 2', '\u{1b}[31m'),
         (3, 7, 12, 77, NULL, 1, 2.5),
         (9223372036854775807, x'646563', x'7b7d', '2026-11-24 03:04:05.250000', '2026-11-24 03:04:04.000000', 'x', '[1, {\"\u{e9}\": 2.5}]')",
    );
    let rows = stored(&database(&data));
    let ran = set.run_in(&data, &data, &["calls", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(json_lines(&ran.out), rows.iter().map(|row| as_json(row)).collect::<Vec<_>>());
    let ran = set.run_in(&data, &data, &["calls", "--format", "csv"]);
    assert_eq!(csv_rows(&ran.out), rows.iter().map(|row| as_csv(row)).collect::<Vec<_>>());
    let ran = set.run_in(&data, &data, &["calls"]);
    let table = String::from_utf8(ran.out).unwrap();
    assert_eq!(table.lines().count(), 6, "{table}");
    assert!(
        table.contains("line 1␊line 2") && !table.contains('\u{1b}') && table.contains("clock back"),
        "{table}"
    );
}

#[test]
fn columns_and_the_whole_table_may_be_missing() {
    let set = Set::open(NEW);
    let data = with_table(
        &set,
        "CREATE TABLE single_steps(id INTEGER PRIMARY KEY, method_name TEXT, output TEXT);
         INSERT INTO single_steps VALUES (1, 'deck.valve.turn', '3')",
    );
    let ran = set.run_in(&data, &data, &["calls", "--format", "csv"]);
    assert_eq!(
        (ran.code, ran.out.as_slice()),
        (Some(0), format!("{COLUMNS}\n1,deck.valve.turn,,,,,3\n").as_bytes())
    );
    for sql in ["", "CREATE TABLE single_steps(method_name TEXT)"] {
        let data = with_table(&set, sql);
        let ran = set.run_in(&data, &data, &["calls"]);
        assert_eq!((ran.code, ran.out.len()), (Some(0), 0), "{}", ran.err);
        assert!(ran.err.contains("ivoryos_data: no calls by hand"), "{}", ran.err);
        let ran = set.run_in(&data, &data, &["calls", "--json"]);
        assert_eq!((ran.code, ran.out.len(), ran.err.len()), (Some(0), 0, 0));
    }
}

#[test]
fn times_bound_what_is_given() {
    let set = Set::open("field/calls");
    let all = stored(&database(&set.data()));
    // Texts of this form sort as their times do.
    let between = |since: &str, until: &str| {
        let inside = |row: &&Vec<Sql>| {
            let start = text(row.get(3).unwrap());
            start.as_str() >= since && start.as_str() < until
        };
        all.iter().filter(inside).map(|row| id_of(row.first().unwrap())).collect::<Vec<_>>()
    };
    let given = |args: &[&str]| {
        let ran = set.run(&[&["calls", "--json"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        json_lines(&ran.out).iter().map(|call| call["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(given(&["--since", "2025-09-12"]), between("2025-09-12", "9"));
    assert_eq!(given(&["--until", "2025-09-11"]), between("0", "2025-09-12"));
    assert_eq!(given(&["--until", "2025-09"]).len(), 342);
    let minute = ["--since", "2025-09-12T11:06", "--until", "2025-09-12 11:07"];
    let wanted = between("2025-09-12 11:06:00", "2025-09-12 11:08:00");
    assert!(wanted.len() > 3);
    assert_eq!(given(&minute), wanted);
    assert_eq!(given(&["--since", "2025-09-12T11:44:19"]), [0; 0]);
    assert_eq!(given(&["--since", "1d", "--until", "today"]), [0; 0]);
    for wrong in ["", "noon", "2025-9-1", "2025-09-31", "5 d"] {
        let ran = set.run(&["calls", "--since", wrong]);
        assert_eq!((ran.code, ran.out.len()), (Some(2), 0));
        assert!(
            ran.err.contains(&format!("--since {wrong:?} is no time; give one like 2026-11-24")),
            "{}",
            ran.err
        );
    }
    assert!(
        set.run(&["calls", "--since", "2026-01"]).err.contains("none of the 342 calls by hand began then")
    );
}

#[test]
fn records_and_calls_tell_of_each_other() {
    let ran = Set::open("field/calls").run(&["list"]);
    assert_eq!((ran.code, ran.out.len()), (Some(0), 0));
    assert!(ran.err.contains("no records; 342 calls by hand: ivorylens calls lists them"), "{}", ran.err);
    let ran = Set::open("field/calls").run(&["list", "--format", "jsonl"]);
    assert_eq!((ran.code, ran.out.len(), ran.err.len()), (Some(0), 0, 0));
    let set = Set::open(NEW);
    let data = set.copy();
    let database = Connection::open(data.join("ivoryos.db")).unwrap();
    let long_after = "UPDATE single_steps SET start_time = '2026-11-24 09:00:00'";
    database.execute_batch(long_after).unwrap();
    let told = || String::from_utf8(set.run_in(&data, &data, &["show", "30"]).out).unwrap();
    assert!(!told().contains("by hand"), "{}", told());
    let during = "UPDATE single_steps SET start_time = (SELECT start_time FROM workflow_runs WHERE id = 30) WHERE id < 4";
    database.execute_batch(during).unwrap();
    assert!(told().contains("\n3 calls by hand while it ran: ivorylens calls lists them\n"), "{}", told());
}
