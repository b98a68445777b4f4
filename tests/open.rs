//! Opening: every way to name the data, and every reason why it can't be opened, each with its own line.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use ivorylens::{checkpoint::Cx, store::Source};

use common::{NEW, Ran, Set};

fn database(folder: &Path) -> PathBuf {
    folder.join("ivoryos.db")
}

/// What is in the folder: names, sizes and times.
fn listing(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    if !folder.exists() {
        return Vec::new();
    }
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            (entry.path(), about.len(), about.modified().unwrap())
        })
        .collect();
    all.sort();
    all
}

/// The refusal is one line that names the file, says what happened and what to do, and data there is none.
fn refused(ran: &Ran, code: i32, path: &Path, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.err);
    assert!(ran.out.is_empty());
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.contains(&path.display().to_string()), "{} names not {}", ran.err, path.display());
    for word in words {
        assert!(ran.err.contains(word), "{:?} has no {word:?}", ran.err);
    }
}

/// Without `--data`: in `here`, with IVORYLENS_DATA when given.
fn plain(here: &Path, variable: Option<&Path>, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(args).current_dir(here).env_remove("IVORYLENS_DATA").stdin(Stdio::null());
    if let Some(value) = variable {
        command.env("IVORYLENS_DATA", value);
    }
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran { code: output.status.code(), out: output.stdout, err }
}

#[test]
fn every_way_to_name_the_data_finds_it() {
    let set = Set::open(NEW);
    let data = set.copy();
    let lab = data.parent().unwrap();
    let deep = data.join("results/a/b");
    fs::create_dir_all(&deep).unwrap();
    let elsewhere = set.place();
    let count = |ran: Ran| {
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        ran.out.iter().filter(|b| **b == b'\n').count()
    };
    let list = ["list", "--format", "jsonl"];
    let all = count(set.run_in(elsewhere.path(), &data, &list));
    assert_eq!(all, 61);
    assert_eq!(count(set.run_in(elsewhere.path(), lab, &list)), all);
    assert_eq!(count(set.run_in(elsewhere.path(), &database(&data), &list)), all);
    assert_eq!(count(plain(elsewhere.path(), Some(&data), &list)), all);
    for here in [lab, &data, &deep] {
        assert_eq!(count(plain(here, None, &list)), all, "{}", here.display());
        assert_eq!(count(plain(here, Some(Path::new("")), &list)), all, "an empty variable counts as none");
    }
    let behind = ["list", "--format", "jsonl", "--data", data.to_str().unwrap()];
    assert_eq!(count(plain(elsewhere.path(), Some(Path::new("/nowhere")), &behind)), all);
    let renamed = elsewhere.path().join("old records.db");
    fs::copy(database(&data), &renamed).unwrap();
    assert_eq!(count(set.run_in(elsewhere.path(), &renamed, &list)), all);
}

#[cfg(unix)]
#[test]
fn what_is_no_data_is_refused_with_its_own_line() {
    let set = Set::open(NEW);
    let place = set.place();
    let run = |path: &Path| set.run_in(place.path(), path, &["list"]);
    let file = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };

    let path = place.path().join("nowhere");
    refused(&run(&path), 1, &path, &["no such file or folder", "check the path"]);
    let text = file("notes.txt", &b"weighed the sample, ".repeat(30));
    refused(&run(&text), 1, &text, &["not a SQLite file", "ivoryos.db"]);
    let short = file("short.db", b"SQLite format 3\0");
    refused(&run(&short), 1, &short, &["not a SQLite file"]);
    let path = text.join("ivoryos.db");
    refused(&run(&path), 1, &path, &["is no folder", "check the path"]);
    let empty = file("empty.db", b"");
    refused(&run(&empty), 1, &empty, &["empty", "start IvoryOS"]);
    refused(&run(place.path()), 1, place.path(), &["no ivoryos.db in this folder"]);
    refused(&run(Path::new("/dev/null")), 1, Path::new("/dev/null"), &["not a file"]);
    let nothing_here = plain(place.path(), None, &["list"]);
    refused(&nothing_here, 1, place.path(), &["or in a parent folder", "IVORYLENS_DATA"]);

    let other = place.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE notes(id)").unwrap();
    refused(&run(&other), 1, &other, &["not an IvoryOS database", "no table workflow_runs"]);
    let half = place.path().join("half.db");
    let tables = "CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name); CREATE TABLE workflow_steps(id);";
    Connection::open(&half).unwrap().execute_batch(tables).unwrap();
    refused(&run(&half), 1, &half, &["not an IvoryOS database", "no column start_time"]);
}

/// Links that lead nowhere, pipes that nobody writes into, folders: none is waited for or called missing.
#[cfg(unix)]
#[test]
fn what_cant_be_looked_at_is_not_called_missing() {
    let set = Set::open(NEW);
    let data = set.copy();
    let file = database(&data);
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let run = |path: &Path, more: &[&str]| set.run_in(&data, path, &[&["list"], more].concat());
    let journal = data.join("ivoryos.db-journal");
    pipe(&journal);
    refused(&run(&data, &[]), 1, &journal, &["this is a pipe, not a file; "]);
    refused(&run(&data, &["--copy"]), 1, &journal, &["this is a pipe, not a file; "]);
    fs::remove_file(&journal).unwrap();
    let wal = data.join("ivoryos.db-wal");
    fs::create_dir(&wal).unwrap();
    refused(&run(&data, &[]), 1, &wal, &["this is a folder, not a file; "]);
    fs::remove_dir(&wal).unwrap();
    assert_eq!(run(&data, &[]).code, Some(0));

    fs::remove_file(&file).unwrap();
    for path in [&data, &file] {
        std::os::unix::fs::symlink("ivoryos.db", &file).unwrap();
        refused(&run(path, &[]), 1, &file, &["a loop of links", "; "]);
        fs::remove_file(&file).unwrap();
        pipe(&file);
        refused(&run(path, &[]), 1, &file, &["not a file; "]);
        refused(&run(path, &["--copy"]), 1, &file, &["this is a pipe, not a file; "]);
        fs::remove_file(&file).unwrap();
    }
    refused(&run(&data, &[]), 1, &data, &["no ivoryos.db in this folder"]);
}

/// What SQLite and its reader say of a file that holds what IvoryOS never writes has the file's name, and what to do.
#[test]
fn an_error_that_nobody_thought_of_says_which_file_and_what_to_do() {
    let set = Set::open(NEW);
    let file = database(&set.copy());
    let lab = Connection::open(&file).unwrap();
    lab.execute_batch("CREATE TABLE workflow_notes(a /* MARK */)").unwrap();
    drop(lab);
    let whole = fs::read(&file).unwrap();
    let run = || set.run_in(file.parent().unwrap(), &file, &["list"]);
    let mut newer = whole.clone();
    // The schema's format, of which there are four (sqlite.org/fileformat2.html).
    newer[44..48].copy_from_slice(&9_u32.to_be_bytes());
    fs::write(&file, newer).unwrap();
    refused(&run(), 1, &file, &["IvoryOS does not write (unsupported file format); look with a newer"]);
    let mut odd = whole.clone();
    let at = odd.windows(4).position(|w| w == b"MARK").unwrap();
    odd[at] = 0xff;
    fs::write(&file, odd).unwrap();
    refused(&run(), 1, &file, &["IvoryOS does not write (", "utf-8", "; look with a newer"]);
}

#[cfg(unix)]
#[test]
fn without_permission_the_reason_is_said() {
    let set = Set::open(NEW);
    let data = set.copy();
    fs::set_permissions(database(&data), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = set.run_in(&data, &data, &["list"]);
    // Where root reads any file, the record is there; then no message may claim otherwise.
    if fs::File::open(database(&data)).is_err() {
        refused(&ran, 1, &database(&data), &["no permission to read", "administrator"]);
    } else {
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_locked_file_is_busy_after_the_patience_and_read_when_it_is_free() {
    let set = Set::open(NEW);
    let data = set.copy();
    let writer = Connection::open(database(&data)).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let before = listing(&data);
    for args in [&["list", "--wait", "0"][..], &["show", "1", "--wait", "0"], &["steps", "1", "--wait", "0"]]
    {
        refused(&set.run_in(&data, &data, args), 4, &database(&data), &["busy", "--wait"]);
    }
    assert_eq!(listing(&data), before);
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(set.run_in(&data, &data, &["list", "--wait", "0"]).code, Some(0));
}

#[test]
fn a_damaged_file_is_told_before_anything_is_shown() {
    let set = Set::open(NEW);
    let data = set.copy();
    let path = database(&data);
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let before = listing(&data);
    refused(&set.run_in(&data, &data, &["list"]), 1, &path, &["damaged", "backup"]);
    assert_eq!(listing(&data), before);

    let mut garbage = whole.clone();
    garbage[100..4096].fill(0xAB);
    fs::write(&path, &garbage).unwrap();
    refused(&set.run_in(&data, &data, &["list"]), 1, &path, &["damaged"]);
}

/// A page in the middle is garbage: what needs it says so, the rest is still read.
#[test]
fn damage_in_the_middle_spares_what_does_not_need_it() {
    let set = Set::open(NEW);
    let data = set.copy();
    let path = database(&data);
    let page: i64 = {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'workflow_runs'";
        Connection::open(&path).unwrap().query_row(sql, [], |r| r.get(0)).unwrap()
    };
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(u64::try_from(page - 1).unwrap() * 4096)).unwrap();
    file.write_all(&[0xAB; 4096]).unwrap();
    drop(file);
    refused(&set.run_in(&data, &data, &["list"]), 1, &path, &["damaged", "restore a backup"]);
}

/// A data folder whose server died in the middle of a commit: part of it is in the file, the journal is hot.
fn cut_short(set: &Set) -> PathBuf {
    let live = set.copy();
    let writer = Connection::open(database(&live)).unwrap();
    writer
        .execute_batch("PRAGMA synchronous=FULL; PRAGMA cache_size=2; PRAGMA cache_spill=1; BEGIN;")
        .unwrap();
    let long = "x".repeat(3000);
    writer.execute("UPDATE workflow_steps SET output = ?", [&long]).unwrap();
    writer.execute("UPDATE workflow_runs SET name = 'torn'", []).unwrap();
    let dead = set.place().keep().join("ivoryos_data");
    fs::create_dir_all(&dead).unwrap();
    for name in ["ivoryos.db", "ivoryos.db-journal"] {
        fs::copy(live.join(name), dead.join(name)).unwrap();
    }
    drop(writer);
    dead
}

#[test]
fn a_hot_journal_is_refused_in_place_and_read_from_a_copy() {
    let set = Set::open(NEW);
    let dead = cut_short(&set);
    let before = listing(&dead);
    let ran = set.run_in(&dead, &dead, &["list"]);
    refused(&ran, 1, &database(&dead), &["cut short", "--copy"]);
    assert_eq!(listing(&dead), before);

    // Without outcomes: whether the newest record is running hangs on the age of the logs in this checkout.
    let copied = set.run_in(&dead, &dead, &["list", "--copy", "--format", "json"]);
    assert_eq!(copied.code, Some(0), "{}", copied.err);
    assert!(
        copied.out == set.run(&["list", "--format", "json"]).out,
        "not rolled back to what was committed"
    );
    let steps = set.run_in(&dead, &dead, &["steps", "25", "--copy"]);
    assert_eq!(steps.out, fs::read(set.expected("steps/25.csv")).unwrap());
    assert_eq!(listing(&dead), before, "the lab's folder is as it was");
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_write_protected_file_can_be_rolled_back() {
    let set = Set::open(NEW);
    let dead = cut_short(&set);
    for name in ["ivoryos.db", "ivoryos.db-journal"] {
        fs::set_permissions(dead.join(name), fs::Permissions::from_mode(0o444)).unwrap();
    }
    let options = ivorylens::store::Options::default();
    let (store, folder) =
        ivorylens::store::sqlite::private_copy(&database(&dead), options, &Cx::quiet()).unwrap();
    let mode = fs::metadata(store.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o200, 0o200, "rolling back has to write");
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o077, 0, "it is private");
    let runs = Source::runs(&store, &[1], &Cx::quiet()).unwrap();
    assert_eq!(runs.first().unwrap().name, "First_run");
}

#[test]
fn nothing_is_deleted_in_a_copy() {
    let set = Set::open(NEW);
    let data = set.copy();
    let before = fs::read(database(&data)).unwrap();
    for more in [&["--yes"][..], &[], &["--yes", "--force"], &["--dry-run"]] {
        let args = [&["delete", "3", "--copy"], more].concat();
        let ran = set.run_in(&data, &data, &args);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.out.is_empty() && ran.err.contains("private copy"), "{}", ran.err);
    }
    assert_eq!(fs::read(database(&data)).unwrap(), before);
}

#[test]
fn a_copy_says_when_it_was_made() {
    let set = Set::open(NEW);
    let ran = set.run(&["list", "--copy", "--page", "1"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.contains("private copy made at "), "{}", ran.err);
}

/// Turns the folder's file into a WAL one and gives the connection that keeps its side files there.
fn into_wal(data: &Path) -> Connection {
    let server = Connection::open(database(data)).unwrap();
    let mode: String = server.query_row("PRAGMA journal_mode=WAL", [], |r| r.get(0)).unwrap();
    assert_eq!(mode, "wal");
    server.execute("UPDATE workflow_runs SET submitted_by = 'in the WAL' WHERE id = 1", []).unwrap();
    server
}

#[cfg(unix)]
#[test]
fn a_wal_file_is_read_beside_its_server_and_refused_without_side_files() {
    let set = Set::open(NEW);
    let data = set.copy();
    let server = into_wal(&data);
    let names = |folder: &Path| listing(folder).into_iter().map(|(path, ..)| path).collect::<Vec<_>>();
    let before = names(&data);
    let beside = set.run_in(&data, &data, &["show", "1", "--json"]);
    assert!(String::from_utf8_lossy(&beside.out).contains("in the WAL"), "{}", beside.err);
    assert_eq!(names(&data), before);

    // The server dies: its files stay and are read.
    let dead = set.place().keep();
    for name in ["ivoryos.db", "ivoryos.db-wal", "ivoryos.db-shm"] {
        fs::copy(data.join(name), dead.join(name)).unwrap();
    }
    let left = names(&dead);
    let ran = set.run_in(&dead, &dead, &["show", "1", "--json"]);
    assert!(String::from_utf8_lossy(&ran.out).contains("in the WAL"), "{}", ran.err);
    assert_eq!(names(&dead), left);
    // SQLite keeps them where the file really is.
    let link = set.place().keep().join("link.db");
    std::os::unix::fs::symlink(database(&dead), &link).unwrap();
    for more in [&[][..], &["--copy"]] {
        let ran = set.run_in(&dead, &link, &[&["show", "1", "--json"], more].concat());
        assert!(String::from_utf8_lossy(&ran.out).contains("in the WAL"), "{}", ran.err);
    }

    // The server ends: no side files, and none are made.
    drop(server);
    let ended = listing(&data);
    assert!(!data.join("ivoryos.db-wal").exists());
    refused(&set.run_in(&data, &data, &["list"]), 1, &database(&data), &["WAL", "--copy"]);
    assert_eq!(listing(&data), ended);
    let copied = set.run_in(&data, &data, &["show", "1", "--json", "--copy"]);
    assert!(String::from_utf8_lossy(&copied.out).contains("in the WAL"), "{}", copied.err);
    assert_eq!(listing(&data), ended);
}

/// Every command that reads, for the first records of a set.
const READS: [&[&str]; 9] = [
    &["show"],
    &["show", "--json"],
    &["show", "--view"],
    &["steps"],
    &["data"],
    &["plot"],
    &["plot", "--json"],
    &["log"],
    &["plots"],
];

#[test]
fn reading_leaves_the_folder_as_it_was() {
    for name in [NEW, "ivoryos-1.4.0", "ivoryos-1.2.5", "odd"] {
        let set = Set::open(name);
        let data = set.copy();
        let here = set.place();
        let bytes = fs::read(database(&data)).unwrap();
        let before = [listing(&data), listing(&data.join("results")), listing(&data.join("logs"))];
        assert_eq!(set.run_in(here.path(), &data, &["list"]).code, Some(0));
        for id in ["1", "2", "3"] {
            for command in READS {
                let args = [command, &[id]].concat();
                let ran = set.run_in(here.path(), &data, &args);
                assert!(matches!(ran.code, Some(0 | 3)), "{args:?} of {name}: {}", ran.err);
            }
        }
        let after = [listing(&data), listing(&data.join("results")), listing(&data.join("logs"))];
        assert_eq!(after, before, "{name}");
        assert_eq!(fs::read(database(&data)).unwrap(), bytes);
        assert!(listing(here.path()).is_empty());
    }
}

#[test]
fn records_from_before_phases_answer_everything() {
    let set = Set::open("ivoryos-1.2.5");
    let list = set.run(&["list", "--format", "csv"]);
    let text = String::from_utf8(list.out).unwrap();
    let ids: Vec<&str> = text.lines().skip(1).filter_map(|l| l.split(',').next()).collect();
    assert!(ids.len() > 5);
    common::check_all(&ids, |id| {
        let mut bad = Vec::new();
        for command in READS {
            let ran = set.run(&[command, &[id]].concat());
            let may_lack = !matches!(command, ["show", ..] | ["steps"] | ["plot", "--json"]);
            let right = ran.code == Some(0) || (may_lack && ran.code == Some(3));
            if !right || (ran.code == Some(0)) != ran.err.is_empty() {
                bad.push(format!("{command:?} {id}: {}", ran.ended()));
            }
        }
        bad
    });
    assert!(!text.contains("completed"), "outcomes were not kept then");
}

#[test]
fn columns_that_a_version_lacks_are_null() {
    let set = Set::open("ivoryos-1.4.0");
    let list = set.run(&["list", "--format", "jsonl", "--per-page", "1"]);
    let line = String::from_utf8(list.out).unwrap();
    for column in ["status", "events", "submitted_by"] {
        assert!(
            line.contains(&format!("\"{column}\":null")) || line.contains(&format!("\"{column}\": null")),
            "{line}"
        );
    }
    let sorted = set.run(&["list", "--sort", "submitted_by", "--format", "csv"]);
    let ids: Vec<i64> = String::from_utf8(sorted.out)
        .unwrap()
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert!(ids.is_sorted(), "with nothing to sort by, ties by id");
}

/// Columns that only some answers need may be missing too.
#[test]
fn records_without_times_of_phases_and_steps_are_listed() {
    let set = Set::open("ivoryos-1.7.2");
    let data = set.copy();
    let cut: String = ["phases", "steps"]
        .iter()
        .flat_map(|table| ["start_time", "end_time"].map(|column| (table, column)))
        .map(|(table, column)| format!("ALTER TABLE workflow_{table} DROP COLUMN {column};"))
        .collect();
    Connection::open(database(&data)).unwrap().execute_batch(&cut).unwrap();
    for command in [&["list"][..], &["show", "61"], &["steps", "61"], &["delete", "61", "--dry-run"]] {
        let ran = set.run_in(&data, &data, command);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{command:?}");
    }
}

/// SQLite takes such names for something else than files.
#[cfg(unix)]
#[test]
fn a_path_is_a_path_whatever_it_is_called() {
    let set = Set::open(NEW);
    let here = set.place();
    for name in ["file:lab.db", "file:a?mode=memory", ":memory:", "file:///x"] {
        let path = here.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(database(&set.data()), &path).unwrap();
        let before: Vec<_> = listing(here.path()).into_iter().map(|one| one.0).collect();
        for args in [&["list", "--format", "json", "-d", name][..], &["delete", "3", "--yes", "-d", name]] {
            let ran = plain(here.path(), None, args);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}");
        }
        let ran = plain(here.path(), None, &["show", "3", "-d", name]);
        assert_eq!(ran.code, Some(3), "it was deleted in {name}: {}", ran.err);
        let after: Vec<_> = listing(here.path()).into_iter().map(|one| one.0).collect();
        assert_eq!(before, after);
    }
}

#[test]
fn an_address_is_told_from_a_path_and_its_password_is_not_repeated() {
    let here = tempfile::tempdir().unwrap();
    for (address, words, shown) in [
        ("postgresql://lab:secret@db.local/ivoryos", "PostgreSQL database; give it behind --db", "db.local"),
        ("postgres+psycopg2://lab:secret@h:5432/x", "PostgreSQL database", "h:5432/x"),
        ("mysql://lab:secret@h/x", "MySQL database", "h/x"),
        ("sqlite:///ivoryos.db", "give the path of the database alone", "ivoryos.db"),
        ("https://lab:secret@lab.local/", "the address of a web page", "lab.local"),
    ] {
        for (variable, args) in [
            (None, vec![address]),
            (None, vec!["list", "-d", address]),
            (Some(Path::new(address)), vec!["list"]),
        ] {
            let ran = plain(here.path(), variable, &args);
            refused(&ran, 1, Path::new(shown), &[words]);
            assert!(!ran.err.contains("secret"), "{}", ran.err);
        }
    }
}

#[test]
fn a_database_of_the_next_generation_is_called_by_its_name() {
    let here = tempfile::tempdir().unwrap();
    let edge = here.path().join("ivoryos_edge.db");
    let db = Connection::open(&edge).unwrap();
    db.execute_batch(
        "CREATE TABLE workflow_runs (id TEXT PRIMARY KEY, name TEXT, status TEXT);
         CREATE TABLE workflow_steps (id TEXT PRIMARY KEY, run_id TEXT, instrument TEXT, method TEXT, params TEXT);",
    )
    .unwrap();
    drop(db);
    for path in [here.path(), &edge] {
        for more in [&[][..], &["--copy"]] {
            let ran = plain(here.path(), Some(path), &[&["list"], more].concat());
            refused(&ran, 1, path, &["IvoryOS NextGen", "can't open it yet"]);
        }
    }
}

#[test]
fn what_is_said_of_a_private_copy_is_about_the_users_file() {
    let here = tempfile::tempdir().unwrap();
    let other = here.path().join("other.db");
    let db = Connection::open(&other).unwrap();
    db.execute_batch("CREATE TABLE workflow_runs (id INTEGER, name TEXT)").unwrap();
    drop(db);
    let refusal = |ran: &Ran, path: &Path, words: &str| {
        refused(ran, 1, path, &[words]);
        assert!(!ran.err.contains("ivorylens-copy-"), "{}", ran.err);
    };
    let ran = plain(here.path(), Some(&other), &["list", "--copy"]);
    refusal(&ran, &other, "workflow_runs has no column start_time");

    let set = Set::open(NEW);
    let data = set.copy();
    let mut bytes = fs::read(database(&data)).unwrap();
    let pages = 4096 * 2..bytes.len();
    bytes[pages].fill(0xff);
    fs::write(database(&data), bytes).unwrap();
    refusal(&set.run_in(&data, &data, &["list", "--copy"]), &database(&data), "damaged");
}
