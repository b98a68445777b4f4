//! Deleting: all or nothing, only what was shown and agreed to, nothing else touched, and never for long.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    demo::{self, Plan},
    error::ErrorKind,
    model::{run::Run, timestamp::Timestamp},
    store::{DeleteTarget, Source, sqlite::Store},
};

use common::{
    NEW, Ran, Set,
    lab::{NOON, impatient},
};

struct Lab {
    set: Set,
    data: PathBuf,
}

/// Every row of a table as text: what is compared to see that nothing else changed.
type Rows = BTreeSet<String>;

impl Lab {
    fn of(name: &str) -> Self {
        let set = Set::open(name);
        let data = set.copy();
        Self { set, data }
    }

    fn database(&self) -> PathBuf {
        self.data.join("ivoryos.db")
    }

    fn writer(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    fn delete(&self, args: &[&str]) -> Ran {
        self.set.run_in(&self.data, &self.data, &[&["delete"], args].concat())
    }

    fn all(&self) -> Rows {
        ["workflow_runs", "workflow_phases", "workflow_steps", "single_steps", "script"]
            .into_iter()
            .filter(|t| has_table(&self.writer(), t))
            .flat_map(|t| rows(&self.writer(), &format!("SELECT '{t}', * FROM {t}")))
            .collect()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.database()).unwrap()
    }

    /// What a delete of this record should take: found by joining, as IvoryOS's own cascade does.
    fn of_run(&self, id: i64) -> Rows {
        let writer = self.writer();
        let mut gone =
            rows(&writer, &format!("SELECT 'workflow_runs', * FROM workflow_runs WHERE id = {id}"));
        if has_table(&writer, "workflow_phases") {
            gone.extend(rows(
                &writer,
                &format!("SELECT 'workflow_phases', * FROM workflow_phases WHERE run_id = {id}"),
            ));
            let steps = "SELECT 'workflow_steps', * FROM workflow_steps WHERE phase_id IN (SELECT id FROM workflow_phases WHERE run_id =";
            gone.extend(rows(&writer, &format!("{steps} {id})")));
        } else {
            gone.extend(rows(
                &writer,
                &format!("SELECT 'workflow_steps', * FROM workflow_steps WHERE workflow_id = {id}"),
            ));
        }
        gone
    }
}

fn has_table(connection: &Connection, name: &str) -> bool {
    connection.prepare(&format!("SELECT 1 FROM {name}")).is_ok()
}

fn rows(connection: &Connection, sql: &str) -> Rows {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        Ok((0..columns).map(|n| format!("{:?}|", row.get_ref(n).unwrap())).collect::<String>())
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// Refused, in one line on stderr, and the file is the same to the last byte.
fn unchanged(lab: &Lab, code: i32, words: &str, args: &[&str]) {
    let before = lab.bytes();
    let ran = lab.delete(args);
    assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.contains(words), "{:?} has no {words:?}", ran.err);
    assert_eq!(lab.bytes(), before, "{args:?} changed the file");
}

#[test]
fn a_record_goes_with_its_phases_and_steps_and_nothing_else() {
    for (name, ids) in [
        (NEW, [3, 25, 21]),
        ("ivoryos-1.4.0", [1, 26, 12]),
        ("odd", [1, 70, 101]),
        ("ivoryos-1.2.5", [1, 7, 20]),
    ] {
        let lab = Lab::of(name);
        for id in ids {
            let before = lab.all();
            let gone = lab.of_run(id);
            assert!(!gone.is_empty(), "{name} has no record {id}");
            let ran = lab.delete(&[&id.to_string(), "--yes"]);
            assert_eq!(ran.code, Some(0), "{name} {id}: {}", ran.err);
            assert_eq!(lab.all(), &before - &gone, "{name} {id}");
        }
    }
}

#[test]
fn orphans_of_others_stay() {
    let lab = Lab::of(NEW);
    lab.writer()
        .execute_batch(
            "PRAGMA foreign_keys=OFF; INSERT INTO workflow_phases(id, run_id, name) VALUES (90001, 777, 'main'); \
             INSERT INTO workflow_steps(id, phase_id, method_name) VALUES (90001, 88888, 'lost'), (90002, NULL, 'lost');",
        )
        .unwrap();
    let (before, gone) = (lab.all(), lab.of_run(25));
    assert_eq!(lab.delete(&["25", "--yes"]).code, Some(0));
    assert_eq!(lab.all(), &before - &gone);
}

#[test]
fn one_missing_record_keeps_all() {
    let lab = Lab::of(NEW);
    unchanged(&lab, 3, "no record 987654", &["1", "987654", "3", "--yes"]);
    unchanged(&lab, 3, "no record 0", &["1", "0", "--yes"]);
    unchanged(&lab, 3, "no records 0, 987654, 62 in ", &["0", "2", "987654", "62", "--dry-run"]);
}

#[test]
fn the_same_id_twice_is_one_record() {
    let lab = Lab::of(NEW);
    let (before, gone) = (lab.all(), lab.of_run(4));
    let ran = lab.delete(&["4", "4", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(String::from_utf8_lossy(&ran.out).contains("deleted 1 record,"));
    assert_eq!(lab.all(), &before - &gone);
}

#[test]
fn without_consent_nothing_goes() {
    let lab = Lab::of(NEW);
    unchanged(&lab, 2, "--yes", &["4"]);
    unchanged(&lab, 2, "--yes", &["4", "5", "--force"]);
    let before = lab.bytes();
    let dry = lab.delete(&["4", "25", "61", "--dry-run", "--yes"]);
    assert_eq!((dry.code, lab.bytes()), (Some(0), before));
    let bill = String::from_utf8(dry.out).unwrap();
    for words in ["#4 ", "#25 ", "#61 ", "stays on disk", "nothing was changed"] {
        assert!(bill.contains(words), "{bill}");
    }
}

#[test]
fn the_newest_record_without_an_end_needs_force() {
    for (name, newest) in [(NEW, "61"), ("ivoryos-1.2.5", "22")] {
        let lab = Lab::of(name);
        unchanged(&lab, 1, "may be running; nothing was deleted, give --force", &[newest, "--yes"]);
        unchanged(&lab, 1, "--force", &["3", newest, "--yes"]);
        let (before, gone) = (lab.all(), lab.of_run(newest.parse().unwrap()));
        assert_eq!(lab.delete(&[newest, "--yes", "--force"]).code, Some(0));
        assert_eq!(lab.all(), &before - &gone);
    }
    // Long dead, and not the newest: no server is at work on it, by its log either.
    let lab = Lab::of(NEW);
    unchanged(&lab, 1, "may be running", &["59", "--yes"]);
    for log in fs::read_dir(lab.data.join("logs")).unwrap() {
        let file = fs::File::options().append(true).open(log.unwrap().path()).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    }
    assert_eq!(lab.delete(&["59", "--yes"]).code, Some(0));
}

#[test]
fn a_busy_file_stays_as_it_is() {
    let lab = Lab::of(NEW);
    // Read before and after only: closing the file would drop the locks that this process holds on it.
    let before = lab.bytes();
    let busy = |held: &str| {
        let ran = lab.delete(&["4", "--yes", "--wait", "0"]);
        assert_eq!(ran.code, Some(4), "{held}: {}", ran.err);
        assert!(ran.err.contains("busy") && ran.err.contains("nothing was changed"), "{}", ran.err);
    };
    let other = lab.writer();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    busy("while another writes");
    other.execute_batch("ROLLBACK; BEGIN; SELECT count(*) FROM workflow_runs;").unwrap();
    busy("while a reader holds its lock over our commit");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(lab.bytes(), before);
    assert_eq!(lab.delete(&["4", "--yes", "--wait", "0"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_write_protected_file_says_who_may_delete() {
    let lab = Lab::of(NEW);
    fs::set_permissions(lab.database(), fs::Permissions::from_mode(0o444)).unwrap();
    let protected = fs::OpenOptions::new().write(true).open(lab.database()).is_err();
    if protected {
        unchanged(&lab, 1, "no permission to write", &["4", "--yes"]);
    } else {
        // Root writes it all the same; then the record is gone, whole.
        let (before, gone) = (lab.all(), lab.of_run(4));
        assert_eq!(lab.delete(&["4", "--yes"]).code, Some(0));
        assert_eq!(lab.all(), &before - &gone);
    }
}

fn start(text: &str) -> Timestamp {
    Timestamp::read(Some(text))
}

fn open(data: &Path) -> Store {
    Store::open(&data.join("ivoryos.db"), impatient()).unwrap()
}

fn run(store: &Store, id: i64) -> Run {
    Source::runs(store, &[id], &Cx::quiet()).unwrap().pop().unwrap()
}

#[test]
fn an_id_that_is_another_record_by_now_is_refused() {
    let lab = Lab::of(NEW);
    let store = open(&lab.data);
    let seen = run(&store, 60);
    let target = [DeleteTarget { run: 60, name: &seen.name, start: &seen.start }];
    let located = store.locate(&[60], &mut Cx::quiet()).unwrap();
    let changes = [
        "UPDATE workflow_runs SET name = 'another' WHERE id = 60",
        "UPDATE workflow_runs SET start_time = '2026-11-25 08:00:00.000000' WHERE id = 60",
        "DELETE FROM workflow_runs WHERE id = 60",
    ];
    for change in changes {
        lab.writer().execute_batch(change).unwrap();
        let before = lab.bytes();
        let error = store.delete(&target, &located, None, &mut Cx::quiet()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert!(error.to_string().contains("nothing was deleted"), "{error}");
        assert_eq!(lab.bytes(), before);
        let back = format!(
            "INSERT OR REPLACE INTO workflow_runs(id, name, platform, start_time) VALUES (60, '{}', 'x', '{}')",
            seen.name,
            seen.start.python()
        );
        lab.writer().execute_batch(&back).unwrap();
    }
    let two = [
        DeleteTarget { run: 3, name: &run(&store, 3).name, start: &run(&store, 3).start },
        DeleteTarget { run: 60, name: "another", start: &start("2026-11-25 08:00:00.000000") },
    ];
    let before = lab.bytes();
    store
        .delete(&two, &store.locate(&[3, 60], &mut Cx::quiet()).unwrap(), None, &mut Cx::quiet())
        .unwrap_err();
    assert_eq!(lab.bytes(), before, "the first record stays when the second is another one");
}

#[test]
fn rows_that_came_after_the_look_go_too() {
    let lab = Lab::of(NEW);
    let store = open(&lab.data);
    let seen = run(&store, 61);
    let located = store.locate(&[61], &mut Cx::quiet()).unwrap();
    lab.writer()
        .execute_batch(
            "INSERT INTO workflow_phases(run_id, name, repeat_index) VALUES (61, 'main', 98), (61, 'main', 99); \
             INSERT INTO workflow_steps(phase_id, step_index, method_name) \
             SELECT id, 1, 'late' FROM workflow_phases WHERE run_id = 61;",
        )
        .unwrap();
    let (before, gone) = (lab.all(), lab.of_run(61));
    let target = [DeleteTarget { run: 61, name: &seen.name, start: &seen.start }];
    let done = store.delete(&target, &located, None, &mut Cx::quiet()).unwrap();
    assert_eq!(lab.all(), &before - &gone);
    assert_eq!(1 + done.phases + done.steps, u64::try_from(gone.len()).unwrap());
}

#[test]
fn a_record_whose_rows_lie_apart_goes_whole() {
    let set = Set::open(NEW);
    let data = set.place().keep();
    demo::make(&Plan::sized(40, 1..=6, 4, 3, NOON).with(|size| size.disorder = 60), &data).unwrap();
    let lab = Lab { set, data };
    let sql = "SELECT run_id, max(id) - min(id) - count(*) + 1 AS gap FROM workflow_phases GROUP BY 1 ORDER BY gap DESC LIMIT 3";
    let apart: Vec<(i64, i64)> = {
        let writer = lab.writer();
        let mut statement = writer.prepare(sql).unwrap();
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert!(apart.iter().all(|(_, gap)| *gap > 10), "{apart:?} lie together");
    let ids: Vec<String> = apart.iter().map(|(id, _)| id.to_string()).collect();
    let before = lab.all();
    let gone: Rows = apart.iter().flat_map(|(id, _)| lab.of_run(*id)).collect();
    let args: Vec<&str> = ids.iter().map(String::as_str).chain(["--yes"]).collect();
    let ran = lab.delete(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(lab.all(), &before - &gone);
}
