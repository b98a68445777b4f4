//! The made folders as SQLite and the reference data see them.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::civil::{DateTime, date};
use rusqlite::Connection;

use super::*;

fn now() -> DateTime {
    date(2026, 11, 24).at(8, 12, 5, 250_000_000)
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join("ivoryos.db")).unwrap()
}

fn texts(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(|row| row.unwrap()).collect()
}

fn number(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Sound for SQLite, no orphans, nothing left of the making.
fn check_sound(folder: &Path) {
    let db = open(folder);
    assert_eq!(texts(&db, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(number(&db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(texts(&db, "PRAGMA journal_mode"), ["delete"]);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files.len(), 4, "{files:?}");
}

#[test]
fn tables_are_those_of_the_real_server() {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::sized(1, 1..=1, 1, 1, now()), folder.path()).unwrap();
    let real = Connection::open_with_flags(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ivoryos-1.7.2/ivoryos_data/ivoryos.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    )
    .unwrap();
    let sql = "SELECT sql FROM sqlite_master WHERE type = 'table' ORDER BY name";
    assert_eq!(texts(&open(folder.path()), sql), texts(&real, sql));
}

#[test]
fn lab_has_every_outcome_and_its_newest_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let made = make(&Plan::demo(now()), folder.path()).unwrap();
    check_sound(folder.path());
    let db = open(folder.path());
    assert!((55..=70).contains(&made.runs), "{made:?}");
    for status in ["completed", "stopped", "error"] {
        let sql = format!("SELECT count(*) FROM workflow_runs WHERE status = '{status}'");
        assert!(number(&db, &sql) >= 3, "{status}");
    }
    let open_ends = "SELECT group_concat(id = (SELECT max(id) FROM workflow_runs)) FROM workflow_runs WHERE end_time IS NULL";
    assert_eq!(texts(&db, open_ends), ["0,0,1"]);
    assert_eq!(
        texts(&db, "SELECT max(start_time) FROM workflow_steps WHERE end_time IS NULL"),
        ["2026-11-24 08:11:58.250000"]
    );
    let kinds =
        texts(&db, "SELECT DISTINCT value ->> 'kind' FROM workflow_runs, json_each(events) ORDER BY 1");
    assert_eq!(
        kinds,
        [
            "early_stop",
            "error",
            "intervention",
            "paused",
            "resumed",
            "retried",
            "rows_not_run",
            "stop_after_iteration",
            "stop_now",
            "table_edited"
        ]
    );
}

#[test]
fn lab_runs_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::demo(now()), folder.path()).unwrap();
    let db = open(folder.path());
    let overlap = "SELECT count(*) FROM workflow_runs a JOIN workflow_runs b ON b.id = a.id + 1 WHERE a.end_time >= b.start_time OR a.start_time >= b.start_time";
    assert_eq!(number(&db, overlap), 0);
    let first = texts(&db, "SELECT min(start_time) FROM workflow_runs").remove(0);
    assert!(first.starts_with("2026-11-1"), "ten days back: {first}");
    let last = texts(&db, "SELECT max(start_time) FROM workflow_steps").remove(0);
    assert!(last.as_str() <= "2026-11-24 08:12:05.250000", "{last}");
}

#[test]
fn lab_files_belong_to_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let made = make(&Plan::demo(now()), folder.path()).unwrap();
    let db = open(folder.path());
    let logs: Vec<String> = names(&folder.path().join("logs"));
    assert_eq!(logs.len() as u64, made.logs);
    let wanted = texts(
        &db,
        "SELECT name || '_' || replace(substr(start_time, 1, 19), ':', '-') || '.log' FROM workflow_runs WHERE submitted_by IS NOT NULL ORDER BY 1",
    );
    assert_eq!(logs, wanted);
    let whole: String =
        logs.iter().map(|log| fs::read_to_string(folder.path().join("logs").join(log)).unwrap()).collect();
    assert!(whole.contains("Traceback (most recent call last):\n  File "));
    assert!(!whole.contains("{stem}"));
    let results = names(&folder.path().join("results"));
    let png = results.iter().find(|name| name.ends_with(".png")).unwrap();
    assert!(fs::read(folder.path().join("results").join(png)).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(results.iter().filter(|name| name.ends_with("_plots.json")).count() >= 4, "{results:?}");
    assert!(names(&folder.path().join("config_csv")).contains(&"suzuki_screen.csv".to_owned()));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file's bytes, and the database's rows (its free pages may differ).
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for part in ["logs", "results", "config_csv"] {
        for name in names(&folder.join(part)) {
            out.insert(format!("{part}/{name}"), fs::read(folder.join(part).join(name)).unwrap());
        }
    }
    let db = open(folder);
    for table in ["workflow_runs", "workflow_phases", "workflow_steps", "single_steps", "script", "user"] {
        let columns = texts(
            &db,
            &format!("SELECT 'quote(' || '\"' || name || '\")' FROM pragma_table_info('{table}')"),
        );
        let sql = format!("SELECT {} FROM {table}", columns.join(" || '|' || "));
        out.insert(table.into(), texts(&db, &sql).join("\n").into_bytes());
    }
    out
}

#[test]
fn same_plan_makes_the_same_and_another_seed_another() {
    let plans = [Plan::demo(now()), Plan::sized(20, 0..=3, 5, 9, now()).with(|size| size.logs = 4)];
    for plan in plans {
        let [a, b, c] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        make(&plan, a.path()).unwrap();
        make(&plan, b.path()).unwrap();
        make(&Plan { seed: plan.seed + 1, ..plan }, c.path()).unwrap();
        assert!(contents(a.path()) == contents(b.path()));
        assert!(contents(a.path()) != contents(c.path()));
    }
}

#[test]
fn sizes_are_as_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::sized(300, 1..=3, 6, 4, now()).with(|size| {
        *size = Size { deep: Some((150, 4)), disorder: 7, unfinished: 2, logs: 5, ..size.clone() };
    });
    let made = make(&plan, folder.path()).unwrap();
    check_sound(folder.path());
    let db = open(folder.path());
    assert_eq!(made.runs, 300);
    assert_eq!(made.logs, 5);
    assert_eq!(number(&db, "SELECT count(*) FROM workflow_phases").unsigned_abs(), made.phases);
    assert_eq!(number(&db, "SELECT count(*) FROM workflow_steps").unsigned_abs(), made.steps);
    let deep = "SELECT count(*) FROM workflow_phases p JOIN workflow_steps s ON s.phase_id = p.id WHERE run_id = 181 AND p.name = 'main' AND p.repeat_index <= 150";
    assert_eq!(number(&db, deep), 600);
    assert_eq!(number(&db, "SELECT count(*) FROM workflow_runs WHERE end_time IS NULL"), 2);
    let late = "SELECT count(*) FROM workflow_phases a WHERE repeat_index >= 900 AND run_id < (SELECT max(run_id) FROM workflow_phases WHERE id < a.id)";
    assert_eq!(number(&db, late), 7);
    assert!(texts(&db, "SELECT max(start_time) FROM workflow_steps").remove(0).as_str() < "2026-11-25");
    for (table, column) in
        [("workflow_steps", "output"), ("workflow_phases", "outputs"), ("workflow_phases", "parameters")]
    {
        assert_eq!(number(&db, &format!("SELECT count(*) FROM {table} WHERE NOT json_valid({column})")), 0);
    }
}

#[test]
fn a_database_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::sized(1, 1..=1, 1, 1, now());
    make(&plan, folder.path()).unwrap();
    let again = make(&plan, folder.path()).unwrap_err();
    assert!(again.to_string().ends_with("ivoryos.db: is there already"), "{again}");
}

/// A change of the lab's records wants another [`DATA_VERSION`], and then other numbers here.
#[test]
fn the_version_of_the_labs_data_stands_for_these_records() {
    let folder = tempfile::tempdir().unwrap();
    let made = make(&Plan::demo(now()), folder.path()).unwrap();
    assert_eq!((DATA_VERSION, made), (1, Made { runs: 61, phases: 1046, steps: 4752, logs: 54 }));
}

#[test]
fn the_newest_run_goes_on_until_it_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::demo(now());
    make(&plan, folder.path()).unwrap();
    let db = open(folder.path());
    let newest = "run_id = (SELECT max(id) FROM workflow_runs)";
    let iterations = || number(&db, &format!("SELECT count(*) FROM workflow_phases WHERE {newest}"));
    let done = format!("SELECT count(*) FROM workflow_phases WHERE {newest} AND outputs IS NOT NULL");
    let (before, done_before) = (iterations(), number(&db, &done));
    let log = || {
        let paths = fs::read_dir(folder.path().join("logs")).unwrap().map(|file| file.unwrap().path());
        let texts: Vec<String> = paths.map(|path| fs::read_to_string(path).unwrap()).collect();
        texts
            .into_iter()
            .max_by_key(|text| text.lines().next_back().map(|line| line[..19].to_owned()))
            .unwrap()
    };
    let lines = log().lines().count();
    let mut record = LiveRecord::open(folder.path(), plan.seed, now()).unwrap();
    let mut at = now();
    for more in 1..=3 {
        at = at.saturating_add(jiff::SignedDuration::from_secs(4));
        assert!(record.go_on(at).unwrap());
        assert_eq!((iterations(), number(&db, &done)), (before + more, done_before + more));
        assert_eq!(
            number(
                &db,
                "SELECT count(*) FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id \
            WHERE run_id = 61 AND s.end_time IS NULL"
            ),
            1,
            "one step is under way"
        );
    }
    let told = log();
    assert!(
        told.lines().count() > lines && told.contains(&format!("experiment: {}/240", before + 2)),
        "{told}"
    );
    assert!(told.lines().next_back().unwrap() < "2026-11-24 08:12:18");
    let shapes = format!(
        "SELECT DISTINCT group_concat(method_name) FROM workflow_steps s JOIN workflow_phases p ON \
        p.id = s.phase_id WHERE {newest} AND p.name = 'main' AND p.outputs IS NOT NULL GROUP BY p.id"
    );
    assert_eq!(texts(&db, &shapes).len(), 1, "each iteration has the same steps");
    while record.go_on(at).unwrap() {
        at = at.saturating_add(jiff::SignedDuration::from_secs(4));
    }
    assert!(!record.go_on(at).unwrap());
    assert_eq!(texts(&db, "SELECT status FROM workflow_runs ORDER BY id DESC LIMIT 1"), ["completed"]);
    check_sound(folder.path());
}

#[test]
fn a_run_that_somebody_deleted_does_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::demo(now());
    make(&plan, folder.path()).unwrap();
    let mut record = LiveRecord::open(folder.path(), plan.seed, now()).unwrap();
    let db = open(folder.path());
    db.execute_batch(
        "DELETE FROM workflow_phases WHERE run_id = 61; DELETE FROM workflow_runs WHERE id = 61",
    )
    .unwrap();
    let steps = number(&db, "SELECT count(*) FROM workflow_steps");
    assert!(!record.go_on(now()).unwrap());
    assert_eq!(number(&db, "SELECT count(*) FROM workflow_steps"), steps);
}

#[test]
fn the_thread_writes_and_ends_with_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::demo(now());
    make(&plan, folder.path()).unwrap();
    let db = open(folder.path());
    let version = || number(&db, "PRAGMA data_version");
    let before = version();
    let watched = std::sync::Arc::new(());
    let clock = watched.clone();
    let live = Live::start(folder.path(), plan.seed, std::time::Duration::from_millis(1), move || {
        let _held = &clock;
        now()
    })
    .unwrap();
    while version() == before {}
    drop(live);
    assert_eq!(std::sync::Arc::strong_count(&watched), 1, "the thread and its clock are gone");
}
