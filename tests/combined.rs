//! The data CSVs of many records as one, against the single ones cell by cell; what it is when something is in its way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use csv::ByteRecord;
use jiff::civil::date;
use rusqlite::Connection;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    demo::{self, Plan},
    error::{Error, Result},
    model::filter::words::Filter,
    output::Target,
    services::{
        export::combined::{self, CombinedCsv},
        filter::ids,
        lab::Lab,
        picked::Picked,
    },
};

use common::{
    NEW, Ran, Set,
    lab::{NOON, lab, stopped},
};

/// All reference sets that have records.
const SETS: [&str; 6] = [NEW, "ivoryos-1.4.0", "ivoryos-1.4.0-log", "ivoryos-1.2.5", "odd", "field/runs"];

fn open(data: &Path) -> Connection {
    Connection::open(data.join("ivoryos.db")).unwrap()
}

/// Id, name and start of all records as they are stored, newest first.
fn stored(data: &Path) -> Vec<[String; 3]> {
    let db = open(data);
    let mut statement = db
        .prepare("SELECT id, ifnull(name, ''), ifnull(start_time, '') FROM workflow_runs ORDER BY id DESC")
        .unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        Ok([row.get::<_, i64>(0)?.to_string(), row.get::<_, String>(1)?, row.get::<_, String>(2)?])
    };
    statement.query_map([], row).unwrap().map(|row| row.unwrap()).collect()
}

/// Rows of a CSV as the csv crate reads them.
fn parsed(bytes: &[u8]) -> Vec<ByteRecord> {
    let mut options = csv::ReaderBuilder::new();
    options
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
        .byte_records()
        .map(|row| row.unwrap())
        .collect()
}

/// Titles and rows of a record's own data CSV. Where no record returned a value it has a line of nothing for each row.
fn single(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<ByteRecord>) {
    if bytes.starts_with(b"\n") {
        return (Vec::new(), vec![ByteRecord::new(); bytes.len() - 1]);
    }
    let mut rows = parsed(bytes);
    if rows.is_empty() {
        return Default::default();
    }
    let titles = rows.remove(0);
    let most = rows.iter().map(ByteRecord::len).max().unwrap_or(0).max(titles.len());
    let titles = (0..most).map(|n| titles.get(n).unwrap_or_default().to_vec()).collect();
    (titles, rows)
}

/// Each name with the how manieth of it it is.
fn counted(names: &[Vec<u8>]) -> Vec<(Vec<u8>, usize)> {
    let nth = |at: usize| names.iter().take(at).filter(|name| **name == names[at]).count();
    (0..names.len()).map(|at| (names[at].clone(), nth(at))).collect()
}

/// The records in one CSV, and what is to stand there: of each record its stored id, name and start, and its own data CSV.
fn compare(set: &Set, data: &Path, records: &[[String; 3]], whole: &Ran, name: &str) -> (usize, Vec<String>) {
    let singles: Vec<_> =
        records.iter().map(|record| (record, set.run_in(data, data, &["data", "--", &record[0]]))).collect();
    let (mut columns, mut want, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for (record, own) in &singles {
        let (titles, rows) = if own.code == Some(0) { single(&own.out) } else { Default::default() };
        if rows.is_empty() {
            without.push(format!("#{}", record[0]));
            continue;
        }
        let titles = counted(&titles);
        columns.extend(titles.iter().filter(|title| !columns.contains(*title)).cloned().collect::<Vec<_>>());
        for row in rows {
            let cells = titles.iter().cloned().zip(row.iter().map(<[u8]>::to_vec));
            want.push((record, cells.collect::<HashMap<_, _>>()));
        }
    }
    assert_eq!(whole.code, Some(if want.is_empty() { 3 } else { 0 }), "{name}: {}", whole.err);
    let mut got = parsed(&whole.out);
    assert_eq!(got.len(), want.len() + usize::from(!want.is_empty()), "{name}");
    if want.is_empty() {
        return (0, without);
    }
    let titles = got.remove(0);
    let mut all: Vec<Vec<u8>> = ["record", "name", "started"].map(|ours| ours.as_bytes().to_vec()).into();
    all.extend(columns.iter().map(|(title, _)| title.clone()));
    assert_eq!(titles.iter().collect::<Vec<_>>(), all, "{name}");
    for (line, (got, (record, cells))) in got.iter().zip(&want).enumerate() {
        let mut row: Vec<Vec<u8>> = record.iter().map(|text| text.clone().into_bytes()).collect();
        row.extend(columns.iter().map(|column| cells.get(column).cloned().unwrap_or_default()));
        assert_eq!(got.iter().collect::<Vec<_>>(), row, "{name}: row {line} of record {}", record[0]);
    }
    (want.len(), without)
}

#[test]
fn each_cell_of_each_record_of_all_sets_is_that_of_its_own_data_csv() {
    for name in SETS {
        let set = Set::open(name);
        let records = stored(&set.data());
        let mut args = vec!["export", "--combined", "-", "--"];
        args.extend(records.iter().map(|record| record[0].as_str()));
        let whole = set.run(&args);
        let (rows, without) = compare(&set, &set.data(), &records, &whole, name);
        assert!(rows > 20 || name.starts_with("field"), "{name}: {rows}");
        if !without.is_empty() && rows > 0 {
            let said = format!(": {}\n", without.join(", "));
            assert!(whole.err.contains(&said) && whole.err.contains("no data"), "{name}: {}", whole.err);
        }
        // Words mean the same, newest first.
        let words = set.run(&["export", "--filter", "id>0", "--combined", "-"]);
        assert!((words.code, &words.out) == (whole.code, &whole.out), "{name}: {}", words.err);
    }
}

#[test]
fn rows_come_as_the_ids_are_given_and_each_record_once() {
    let set = Set::open(NEW);
    let mut records = stored(&set.data());
    records.reverse();
    records.swap(1, 7);
    let mut args = vec!["export", "--combined", "-", "--"];
    args.extend(records.iter().chain(&records[..4]).map(|record| record[0].as_str()));
    compare(&set, &set.data(), &records, &set.run(&args), "in another order");
}

/// What the data calls as we do, twice, or in other encodings.
#[test]
fn columns_of_our_names_and_records_of_one_name_stay_apart() {
    let set = Set::open(NEW);
    let data = set.copy();
    let db = open(&data);
    for (run, outputs) in [
        (2, r#"[{"name": "x,\"y\"", "record": 7, "name_": null, "a": 1}, {"Name": "é\n"}]"#),
        (3, r#"{"started": "now", "record_": true, "a": 2.5}"#),
    ] {
        db.execute(
            "UPDATE workflow_phases SET outputs = ? WHERE run_id = ? AND name = 'main'",
            (outputs, run),
        )
        .unwrap();
    }
    db.execute("UPDATE workflow_runs SET name = 'same, \"one\"', start_time = '2026-11-24 03:00:00.000000' WHERE id < 4", [])
        .unwrap();
    let ran = set.run_in(&data, &data, &["export", "3", "2", "--combined", "-"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let text = String::from_utf8(ran.out).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    assert_eq!(lines[0], "record,name,started,started_,record_,a,name__,record__,name_,Name\n");
    let front = "\"same, \"\"one\"\"\",2026-11-24 03:00:00.000000";
    assert_eq!(lines[1], format!("3,{front},now,True,2.5,,,,\n"));
    let at = lines.iter().position(|line| line.starts_with("2,")).unwrap();
    assert_eq!(lines[at], format!("2,{front},,,1.0,\"x,\"\"y\"\"\",7.0,,\n"));
    assert_eq!(lines[at + 1..at + 3].concat(), format!("2,{front},,,,,,,\"é\n\"\n"));
    for (name, title) in [("name", "name__"), ("record", "record__"), ("started", "started_")] {
        assert!(ran.err.contains(&format!("the column {name} of the data is called {title}")), "{}", ran.err);
    }
}

#[test]
fn files_of_old_versions_are_taken_as_they_are() {
    let set = Set::open("ivoryos-1.2.5");
    let data = set.copy();
    let results = data.join("results");
    // Longer and shorter rows, a title twice, quotes, CR LF, empty lines, bytes of another encoding, only titles, nothing.
    let odd: [&[u8]; 4] =
        [b"a,b,a\r\n1,2,3,4,5\r\n6\r\n\r\n\"x \"\"y\"\"\",\"7\n8\",", b"\xb5L,a\n1,\xe4\n", b"a,b\n", b""];
    for (id, bytes) in (1_i64..).zip(odd) {
        let sql = "UPDATE workflow_runs SET data_path = 'odd_' || id || '.csv' WHERE id = ?";
        assert_eq!(open(&data).execute(sql, [id]).unwrap(), 1);
        fs::write(results.join(format!("odd_{id}.csv")), bytes).unwrap();
    }
    let records = stored(&data);
    let mut args = vec!["export", "--combined", "-"];
    args.extend(records.iter().map(|record| record[0].as_str()));
    let ran = set.run_in(&data, &data, &args);
    let (_, without) = compare(&set, &data, &records, &ran, "odd files");
    assert!(without.len() >= 2, "{without:?}");
    // One that can't be read is said, and the others are there.
    let place = set.place();
    fs::remove_file(results.join("odd_1.csv")).unwrap();
    fs::create_dir(results.join("odd_1.csv")).unwrap();
    let ran = set.run_in(place.path(), &data, &[&args[..2], &["all.csv"], &args[3..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("#1: ") && ran.err.contains("odd_1.csv"), "{}", ran.err);
    assert!(ran.err.contains("1 of 22 records could not be read, as said above"), "{}", ran.err);
    assert!(parsed(&fs::read(place.path().join("all.csv")).unwrap()).len() > 10);
}

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn records_without_data_have_no_row_and_are_told() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    open(&data)
        .execute_batch("DELETE FROM workflow_phases WHERE run_id IN (3, 4) AND name = 'main'")
        .unwrap();
    let ran = set.run_in(here.path(), &data, &["export", "2", "3", "1", "4", "--combined", "all.csv"]);
    assert_eq!((ran.code, ran.out.as_slice()), (Some(0), &b""[..]), "{}", ran.err);
    assert!(ran.err.contains("2 records have no data: #3, #4"), "{}", ran.err);
    assert!(ran.err.contains("all.csv: 5 rows of 2 records ("), "{}", ran.err);
    for (args, said) in [
        (&["3", "4"][..], "none of the 2 records has data yet"),
        (&["3"], "record 3 has no data yet"),
        (&["1", "990"], "990"),
    ] {
        let ran = set.run_in(here.path(), &data, &[&["export", "--combined", "none.csv"], args].concat());
        assert_eq!(ran.code, Some(3), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(said) && ran.err.lines().count() == 1, "{args:?}: {}", ran.err);
    }
    let ran = set.run_in(here.path(), &data, &["export", "--filter", "id=990", "--combined", "none.csv"]);
    assert!(ran.code == Some(0) && ran.err.contains("no record matches id=990; nothing was exported"));
    assert_eq!(names(here.path()), ["all.csv"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_exists_stays_and_where_nothing_can_be_written_it_is_said() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let there = here.path().join("all.csv");
    fs::write(&there, "mine").unwrap();
    let own = data.join("results/all.csv");
    for (file, said) in [
        ("all.csv", "all.csv: exists; --overwrite replaces it"),
        (
            "none/all.csv",
            "none: there is no such folder; make it (mkdir -p), or name another file with --combined",
        ),
        ("all.csv/x.csv", "all.csv"),
        (".", "is a folder; name a file in it"),
        (own.to_str().unwrap(), "in the lab's own folder"),
        ("/dev/full", "the disk is full"),
    ] {
        let ran = set.run_in(here.path(), &data, &["export", "2", "1", "--combined", file]);
        assert_eq!(ran.code, Some(1), "{file}: {}", ran.err);
        assert!(ran.err.contains(said) && !ran.err.contains("with -o"), "{file}: {}", ran.err);
    }
    assert!(fs::read(&there).unwrap() == b"mine" && !own.exists());
    assert_eq!(names(here.path()), ["all.csv"]);
    let ran = set.run_in(here.path(), &data, &["export", "2", "1", "--combined", "all.csv", "--overwrite"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(fs::read(&there).unwrap().starts_with(b"record,name,started,"));
    for args in [
        &["export", "1"][..],
        &["export", "1", "-o", "out", "--overwrite"],
        &["export", "1", "-o", "out", "--combined", "-"],
    ] {
        assert_eq!(set.run_in(here.path(), &data, args).code, Some(2), "{args:?}");
    }
    assert_eq!(names(here.path()), ["all.csv"]);
}

#[test]
fn with_a_folder_both_are_made() {
    let set = Set::open(NEW);
    let here = set.place();
    let ran =
        set.run_in(here.path(), &set.data(), &["export", "2", "1", "-o", "out", "--combined", "out/all.csv"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let alone = set.run_in(here.path(), &set.data(), &["export", "2", "1", "--combined", "-"]);
    assert_eq!(fs::read(here.path().join("out/all.csv")).unwrap(), alone.out);
    assert_eq!(String::from_utf8(ran.out).unwrap().lines().count(), 2);
    assert_eq!(names(&here.path().join("out")).len(), 3);
    // The folders are made where none has data, too.
    let data = set.copy();
    open(&data).execute_batch("DELETE FROM workflow_phases WHERE name = 'main'").unwrap();
    let ran = set.run_in(here.path(), &data, &["export", "2", "-o", "bare", "--combined", "bare.csv"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert_eq!(
        (names(&here.path().join("bare")).len(), names(here.path())),
        (1, vec!["bare".into(), "out".into()])
    );
}

/// Through the shell, which closes stdout or has another program read it.
#[cfg(unix)]
#[test]
fn a_closed_stdout_is_a_failure_and_a_reader_that_goes_is_none() {
    let set = Set::open(NEW);
    let here = set.place();
    let run = |rest: &str| {
        let line = format!("\"$0\" -d \"$1\" export --filter 'id>0' --combined - {rest}");
        let mut command = Command::new("bash");
        command.args(["-o", "pipefail", "-c", &line, env!("CARGO_BIN_EXE_ivorylens")]).arg(set.data());
        command.env("HOME", here.path()).env("XDG_CACHE_HOME", here.path()).stdin(Stdio::null());
        let done = command.output().unwrap();
        (
            done.status.code(),
            String::from_utf8(done.stdout).unwrap(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    };
    let (code, out, err) = run(">&-");
    assert!(code == Some(1) && out.is_empty() && err.contains("stdout"), "{code:?} {err}");
    let (code, out, err) = run("| head -n 1");
    assert!(
        code == Some(0) && out.starts_with("record,name,started,") && !err.contains("pipe"),
        "{code:?} {err}"
    );
}

/// Does something once, when so many records were passed.
struct At<'a> {
    done: u64,
    what: Option<Box<dyn FnOnce() -> Result<()> + 'a>>,
    seen: Vec<Progress>,
}

impl<'a> At<'a> {
    fn new(done: u64, what: impl FnOnce() -> Result<()> + 'a) -> Self {
        At { done, what: Some(Box::new(what)), seen: Vec::new() }
    }
}

impl Checkpoint for At<'_> {
    fn check(&mut self, progress: Progress) -> Result<()> {
        self.seen.push(progress);
        if progress.done == self.done
            && let Some(what) = self.what.take()
        {
            return what();
        }
        Ok(())
    }
}

/// The combined CSV of these records, and of what happens when so many of them were passed.
fn meanwhile(lab: &Lab, ids: &[i64], file: &Path, at: &mut At<'_>) -> Result<CombinedCsv> {
    let mut picked = Picked::default();
    for run in lab.runs(ids, &Cx::quiet()).unwrap() {
        picked.turn(&run);
    }
    combined::write(lab, ids, &picked, &Target::named(file, true), &mut Cx::new(at))
}

#[test]
fn it_says_how_far_it_is_and_where_it_is_ended_nothing_is_left() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let lab = lab(&data, stopped(NOON));
    let ids: Vec<i64> = (1..=60).rev().collect();
    // In both passes.
    for passed in [7, 45] {
        let mut at = At::new(passed, || Err(Error::Cancelled));
        let ended = meanwhile(&lab, &ids, &here.path().join("all.csv"), &mut at);
        assert!(matches!(ended, Err(Error::Cancelled)));
        assert!(at.seen.iter().all(|far| far.total == Some(60)));
        assert!(at.seen.windows(2).all(|two| two[0].done <= two[1].done));
        assert_eq!(at.seen.last().unwrap().done, passed);
        assert!(names(here.path()).is_empty());
    }
}

/// Nobody reads its rows: it is not through when the signal comes.
#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    let set = Set::open(NEW);
    let data = set.copy();
    let long = format!("{{\"text\": \"{}\"}}", "x".repeat(1 << 20));
    open(&data)
        .execute("UPDATE workflow_phases SET outputs = ? WHERE run_id = 2 AND name = 'main'", [long])
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(["export", "1", "2", "--combined", "-", "-d"]).arg(&data);
    command.env("HOME", &data).env("XDG_CACHE_HOME", &data);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0; 6]).unwrap();
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn what_changes_between_the_passes_shifts_no_row() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let file = here.path().join("all.csv");
    let lab = lab(&data, stopped(NOON));
    let db = common::lab::server(&data);
    let ids = [2, 1, 3, 5];
    let change = |sql: &'static str| {
        let db = &db;
        At::new(2, move || {
            db.execute_batch(sql).unwrap();
            Ok(())
        })
    };
    let mut at = change(
        "UPDATE workflow_phases SET outputs = '[{\"new\": 1, \"mass\": 2}]' WHERE run_id = 3 AND name = 'main'",
    );
    let done = meanwhile(&lab, &ids, &file, &mut at).unwrap();
    assert!(done.notes.is_empty(), "it began again: {:?}", done.notes);
    let whole = |args: &[&str]| set.run_in(here.path(), &data, args).out;
    assert_eq!(fs::read(&file).unwrap(), whole(&["export", "2", "1", "3", "5", "--combined", "-"]));
    assert!(parsed(&fs::read(&file).unwrap())[0].iter().any(|title| title == b"new"));

    let mut at = change(
        "UPDATE workflow_runs SET name = 'another' WHERE id = 1; DELETE FROM workflow_phases WHERE run_id = 5",
    );
    let done = meanwhile(&lab, &ids, &file, &mut at).unwrap();
    assert_eq!((done.gone, done.without, done.records), (vec![1], vec![5], 2));
    let rows = parsed(&fs::read(&file).unwrap());
    assert!(rows[1..].iter().all(|row| row.get(0) == Some(b"2") || row.get(0) == Some(b"3")));
}

/// What can't be taken back is not begun again: its titles are out.
#[cfg(unix)]
#[test]
fn new_columns_of_what_is_written_straight_are_left_out_and_told() {
    let set = Set::open(NEW);
    let data = set.copy();
    let lab = lab(&data, stopped(NOON));
    let db = common::lab::server(&data);
    let mut at = At::new(1, || {
        db.execute(
            "UPDATE workflow_phases SET outputs = '[{\"new\": 1}]' WHERE run_id = 1 AND name = 'main'",
            [],
        )
        .unwrap();
        Ok(())
    });
    let done = meanwhile(&lab, &[2, 1], Path::new("/dev/null"), &mut at).unwrap();
    assert_eq!(done.notes, ["record 1 got new columns meanwhile, which are left out: export it again"]);
    assert_eq!((done.records, done.rows), (2, 5));
}

/// The line of the guide, at a moment that does not move.
#[test]
fn the_recipe_of_the_guide_takes_all_of_mara_since_monday() {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide.md")).unwrap();
    let line = guide
        .lines()
        .find(|line| line.starts_with("ivorylens export ") && line.contains("--combined"))
        .unwrap();
    let (words, rest) = line.split_once("--filter '").unwrap().1.split_once("' --combined ").unwrap();
    let set = Set::open(NEW);
    let here = set.place();
    let now = date(2026, 11, 26).at(21, 30, 0, 0);
    demo::make(&Plan::demo(now), here.path()).unwrap();
    let of_demo = lab(here.path(), stopped(now));
    let ids = ids::ids(&of_demo, &Filter::read(words).unwrap(), &mut Cx::quiet()).unwrap();
    let by_sql = {
        let db = open(here.path());
        let sql = "SELECT id FROM workflow_runs WHERE submitted_by = 'mara' AND start_time >= '2026-11-23' ORDER BY id DESC";
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get::<_, i64>(0)).unwrap().map(|id| id.unwrap()).collect::<Vec<_>>()
    };
    assert!(ids.len() > 1 && ids == by_sql, "{ids:?} {by_sql:?}");
    let to = set.place();
    let file = to.path().join(rest.trim());
    let done = meanwhile(&of_demo, &ids, &file, &mut At::new(0, || Ok(()))).unwrap();
    assert!(done.rows > 10 && parsed(&fs::read(&file).unwrap()).len() as u64 == done.rows + 1);
}
