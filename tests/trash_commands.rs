//! The trash through the binary: `delete`, `trash`, `restore`, `trash empty` and `info`, and what they say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use ivorylens::model::{
    json,
    value::{Dict, Value},
};

use common::{NEW, Ran, Set, lab::Made, terminal::Terminal, text};

/// A lab that may be changed, with the state folder of its set.
struct Lab {
    set: Set,
    data: PathBuf,
}

impl Lab {
    fn of(name: &str) -> Self {
        let set = Set::open(name);
        let data = set.copy();
        Self { set, data }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.set.run_in(&self.data, &self.data, args)
    }

    /// Its stdout, where it ended well.
    fn said(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        String::from_utf8(ran.out).unwrap()
    }

    /// Ends with this code and these words on stderr.
    fn refuses(&self, code: i32, words: &str, args: &[&str]) {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{args:?}: {} has no {words:?}", ran.err);
    }

    fn server(&self) -> Connection {
        let server = Connection::open(self.data.join("ivoryos.db")).unwrap();
        server.execute_batch("PRAGMA foreign_keys=ON").unwrap();
        server
    }

    /// A record with a phase and a step, as IvoryOS writes them: each id is the highest plus one.
    fn new_record(&self, name: &str) -> i64 {
        let server = self.server();
        let sql = "INSERT INTO workflow_runs(name, platform, start_time, end_time, status) VALUES \
            (?, 'deck', '2027-01-02 03:04:05.000006', '2027-01-02 03:05:05.000006', 'completed')";
        server.execute(sql, [name]).unwrap();
        let run = server.last_insert_rowid();
        server
            .execute("INSERT INTO workflow_phases(run_id, name, repeat_index) VALUES (?, 'main', 0)", [run])
            .unwrap();
        let phase = server.last_insert_rowid();
        let sql = "INSERT INTO workflow_steps(phase_id, step_index, method_name) VALUES (?, 0, 'stir')";
        server.execute(sql, [phase]).unwrap();
        run
    }

    fn all_rows(&self) -> Vec<String> {
        let server = self.server();
        let mut all = Vec::new();
        for table in ["workflow_runs", "workflow_phases", "workflow_steps"] {
            // Old versions have no phases.
            let Ok(mut statement) = server.prepare(&format!("SELECT * FROM {table} ORDER BY id")) else {
                continue;
            };
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                Ok((0..columns).map(|n| format!("{:?}|", row.get_ref(n).unwrap())).collect::<String>())
            };
            all.extend(statement.query_map([], row).unwrap().map(|row| format!("{table}: {}", row.unwrap())));
        }
        all
    }

    fn trash(&self) -> Vec<Dict> {
        let said = self.said(&["trash", "list", "--format", "jsonl"]);
        let entry = |line: &str| match json::read(line.as_bytes()) {
            Ok(Value::Dict(entry)) => entry,
            other => panic!("{line}: {other:?}"),
        };
        said.lines().map(entry).collect()
    }

    /// The folder of the lab's own file.
    fn own(&self) -> PathBuf {
        let place = self.info("own");
        Path::new(&place).parent().unwrap().to_path_buf()
    }

    /// A path that `info --json` tells.
    fn info(&self, key: &str) -> String {
        let Ok(Value::Dict(info)) = json::read(self.said(&["info", "--json"]).as_bytes()) else {
            panic!("no JSON")
        };
        match info.get(key) {
            Some(Value::Dict(place)) => text(place.get("path").unwrap()),
            other => panic!("{key}: {other:?}"),
        }
    }
}

fn of(entry: &Dict, key: &str) -> String {
    text(entry.get(key).unwrap())
}

/// Everything that can be exported of a record: bytes, and how it ended.
fn exports(lab: &Lab, id: i64) -> Vec<(String, Option<i32>, Vec<u8>)> {
    let id = id.to_string();
    let mut all = Vec::new();
    for args in [
        &["steps", &id][..],
        &["data", &id],
        &["plot", &id, "--json"],
        &["plot", &id, "--svg"],
        &["plots", &id, "--json"],
        &["show", &id, "--json"],
        &["show", &id, "--view"],
        &["log", &id],
        &["map", &id, "--json"],
    ] {
        let ran = lab.run(args);
        all.push((args[0].to_owned(), ran.code, ran.out));
    }
    let words = format!("id={id}");
    let listed = lab.run(&["list", "--filter", &words, "--format", "jsonl"]);
    all.push(("list".to_owned(), listed.code, listed.out));
    all
}

#[test]
fn every_export_is_the_same_after_a_restore() {
    for (name, ids) in [(NEW, [25, 16, 61, 4]), ("odd", [1, 70, 101, 3]), ("ivoryos-1.2.5", [1, 7, 20, 2])] {
        let lab = Lab::of(name);
        let rows = lab.all_rows();
        for id in ids {
            let before = exports(&lab, id);
            assert_eq!(before[0].1, Some(0), "{name} {id}");
            let done = lab.said(&["delete", &id.to_string(), "--yes", "--force"]);
            assert!(
                done.contains("; in the trash (") && done.contains("ivorylens restore --last brings it back")
            );
            assert_eq!(lab.run(&["steps", &id.to_string()]).code, Some(3));
            assert!(lab.said(&["restore", "--last"]).starts_with(&format!("#{id} is back: ")), "{name}");
            assert_eq!(exports(&lab, id), before, "{name} {id}");
        }
        assert_eq!(lab.all_rows(), rows, "{name}");
        assert_eq!(lab.trash(), Vec::new());
    }
}

#[test]
fn a_record_whose_id_was_given_away_comes_back_under_another_and_says_so() {
    // One with a log and data, and one that was made by now.
    for made in [false, true] {
        let lab = Lab::of(NEW);
        given_away(&lab, if made { lab.new_record("the newest") } else { 61 });
    }
}

fn given_away(lab: &Lab, id: i64) {
    let before = exports(lab, id);
    lab.said(&["delete", &id.to_string(), "--yes", "--force"]);
    assert_eq!(lab.new_record("taken meanwhile"), id, "IvoryOS gives the id again");
    let taken = exports(lab, id);
    let said = lab.said(&["restore", "--last"]);
    let now_id = id + 1;
    assert!(said.starts_with(&format!("#{id} is now #{now_id}, ")), "{said}");
    assert!(said.contains("its files and log keep their names"), "{said}");
    assert_eq!(exports(lab, id), taken, "the other one is as it was");
    let after = exports(lab, now_id);
    // But for ids.
    let plain = |all: &[(String, Option<i32>, Vec<u8>)]| -> Vec<(String, Option<i32>, String)> {
        let text = |bytes: &[u8]| {
            let digits = String::from_utf8_lossy(bytes).into_owned();
            let words = digits.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty());
            words.collect::<Vec<_>>().join("#")
        };
        all.iter().map(|(name, code, bytes)| (name.clone(), *code, text(bytes))).collect()
    };
    assert_eq!(plain(&after), plain(&before));
    // To the byte where no id stands but in the title of a picture.
    for (then, now) in before.iter().zip(&after).filter(|(one, ..)| one.0 != "show" && one.0 != "list") {
        let as_now = String::from_utf8_lossy(&then.2).replace(&format!("#{id} "), &format!("#{now_id} "));
        assert!(as_now == String::from_utf8_lossy(&now.2), "{}", then.0);
    }
}

#[test]
fn two_deletes_come_back_one_after_the_other() {
    let lab = Lab::of(NEW);
    let rows = lab.all_rows();
    let done = lab.said(&["delete", "4", "9", "--yes"]);
    assert!(done.contains("restore --last brings them back"), "{done}");
    lab.said(&["delete", "7", "--yes"]);
    assert_eq!(lab.said(&["restore", "--last"]).lines().count(), 1);
    lab.said(&["show", "7"]);
    assert_eq!(lab.run(&["show", "4"]).code, Some(3), "only the newest delete came back");
    let said = lab.said(&["restore", "--last"]);
    assert!(said.contains("#4 is back: ") && said.contains("#9 is back: "), "{said}");
    assert_eq!(lab.all_rows(), rows);
    lab.refuses(3, "the trash is empty", &["restore", "--last"]);
    lab.refuses(3, "the trash is empty", &["restore", "1"]);
}

#[test]
fn the_list_has_what_was_deleted_newest_first() {
    let lab = Lab::of(NEW);
    let empty = lab.run(&["trash"]);
    assert_eq!((empty.code, empty.out.len()), (Some(0), 0));
    assert!(empty.err.contains("the trash is empty"), "{}", empty.err);
    assert!(!lab.own().exists(), "a look makes nothing");
    lab.server()
        .execute_batch("UPDATE workflow_runs SET start_time = NULL, name = ' ' WHERE id = 12")
        .unwrap();
    lab.said(&["delete", "12", "--yes"]);
    lab.said(&["delete", "25", "--yes"]);
    let all = lab.trash();
    let keys: Vec<String> = all[0].iter().map(|(key, _)| key.lossy().into_owned()).collect();
    let wanted = ["n", "id", "name", "start_time", "deleted_at", "deleted_by", "phases", "steps", "bytes"];
    assert_eq!(keys, wanted);
    assert_eq!(all.iter().map(|entry| of(entry, "id")).collect::<Vec<_>>(), ["25", "12"]);
    assert_eq!(all.iter().map(|entry| of(entry, "n")).collect::<Vec<_>>(), ["2", "1"]);
    assert_eq!(of(&all[0], "start_time"), "2026-11-24T03:00:52.969727");
    assert_eq!(of(&all[1], "start_time"), "None");
    assert_eq!((of(&all[0], "phases"), of(&all[0], "steps")), ("3".to_owned(), "2".to_owned()));
    let table = lab.run(&["trash", "list"]);
    let shown = String::from_utf8(table.out).unwrap();
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["n", "id", "name", "started", "deleted", "by", "phases", "steps", "size"]);
    assert_eq!(lines[1][..3], ["2", "25", "error_ends_the_table"]);
    assert!(shown.lines().nth(2).unwrap().contains("(no name)"), "{shown}");
    assert!(table.err.contains("2 records in the trash, "), "{}", table.err);
    assert!(!shown.contains("unfinished"), "{shown}");
}

/// As a kill between the save and the delete leaves it.
#[test]
fn a_delete_that_did_not_end_is_marked_and_what_is_in_place_is_no_failure() {
    let lab = Lab::of(NEW);
    let rows = lab.all_rows();
    lab.said(&["delete", "8", "--yes"]);
    let own = || Connection::open(lab.own().join("ivorylens.db")).unwrap();
    let kept: Vec<u8> = fs::read(lab.own().join("ivorylens.db")).unwrap();
    lab.said(&["restore", "1"]);
    fs::write(lab.own().join("ivorylens.db"), kept).unwrap();
    own().execute("UPDATE trash SET state = 1", []).unwrap();
    assert!(lab.said(&["trash"]).lines().nth(1).unwrap().contains(", unfinished"));
    let said = lab.said(&["restore", "1"]);
    assert!(said.starts_with("#8 was in place already: "), "{said}");
    assert_eq!(lab.trash().len(), 0);
    assert_eq!(lab.all_rows(), rows);
}

#[test]
fn files_go_along_and_come_back_but_not_those_of_two() {
    let lab = Lab::of(NEW);
    let log = lab.data.join("logs").join("error_ends_the_table_2026-11-24 03-00-52.log");
    let bytes = fs::read(&log).unwrap();
    let done = lab.said(&["delete", "25", "--yes", "--with-files"]);
    assert!(done.contains("  goes along: ") && done.contains("1 file goes along ("), "{done}");
    assert!(done.contains("deleted 1 record, 3 phases, 2 steps, 1 file; in the trash"), "{done}");
    assert!(!log.exists());
    let said = lab.said(&["restore", "--last"]);
    assert!(said.contains(&format!("  back on disk: {}", log.display())), "{said}");
    assert_eq!(fs::read(&log).unwrap(), bytes);
    // Its place is taken by then.
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    fs::write(&log, "of another one").unwrap();
    let said = lab.said(&["restore", "--last"]);
    let beside = log.with_file_name("error_ends_the_table_2026-11-24 03-00-52 (restored 1).log");
    assert!(
        said.contains(&format!("back under another name, as something has its own: {}", beside.display())),
        "{said}"
    );
    assert_eq!((fs::read(&log).unwrap(), fs::read(&beside).unwrap()), (b"of another one".to_vec(), bytes));
    // A copy of the record has the same name and start, so the same log.
    let copy = "INSERT INTO workflow_runs(name, platform, start_time, end_time, status) SELECT name, platform, start_time, \
        end_time, status FROM workflow_runs WHERE id = 25";
    lab.server().execute(copy, []).unwrap();
    let done = lab.said(&["delete", "25", "--yes", "--with-files"]);
    assert!(done.contains("stays on disk: ") && done.contains(", another record has it too)"), "{done}");
    assert!(log.exists());
    // Past the trash nothing can go along.
    lab.refuses(2, "cannot be used with", &["delete", "4", "--yes", "--with-files", "--permanent"]);
}

/// Whichever comes back first has it, and emptying the trash of the other takes nothing from it.
#[test]
fn a_file_of_two_records_that_went_comes_back_with_either() {
    let copy = "INSERT INTO workflow_runs(name, platform, start_time, end_time, status) SELECT name, platform, start_time, \
        end_time, status FROM workflow_runs WHERE id = 25";
    for (deletes, back) in
        [(&[&["25"][..], &["62"]][..], "1"), (&[&["25", "62"]], "2"), (&[&["25", "62"]], "1")]
    {
        let lab = Lab::of(NEW);
        let log = lab.data.join("logs").join("error_ends_the_table_2026-11-24 03-00-52.log");
        let bytes = fs::read(&log).unwrap();
        lab.server().execute(copy, []).unwrap();
        for ids in deletes {
            lab.said(&[&["delete", "--yes", "--with-files"], *ids].concat());
        }
        assert!(!log.exists());
        let said = lab.said(&["restore", back]);
        assert!(said.contains(&format!("  back on disk: {}", log.display())), "{said}");
        lab.said(&["restore", if back == "1" { "2" } else { "1" }]);
        lab.said(&["trash", "empty", "--older-than", "0d", "--yes"]);
        assert_eq!(fs::read(&log).unwrap(), bytes);
    }
}

#[test]
fn a_file_that_is_gone_from_the_trash_is_named() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    fs::remove_dir_all(lab.info("trash_files")).unwrap();
    lab.refuses(
        1,
        "a file of record 25 is gone, somebody removed it from the trash: ",
        &["restore", "--last"],
    );
    assert_eq!(lab.run(&["show", "25"]).code, Some(0), "the record is back");
}

#[test]
fn a_file_that_cant_come_back_stays_and_the_same_again_goes_on() {
    let lab = Lab::of(NEW);
    let logs = lab.data.join("logs");
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    fs::rename(&logs, lab.data.join("away")).unwrap();
    let ran = lab.run(&["restore", "--last"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("a file of record 25 stays in the trash: ") && ran.err.contains("not 1 file"));
    assert!(ran.err.contains("logs is gone, make it again"), "{}", ran.err);
    assert_eq!(lab.trash().len(), 1);
    fs::rename(lab.data.join("away"), &logs).unwrap();
    let said = lab.said(&["restore", "--last"]);
    assert!(said.contains("#25 was in place already") && said.contains("  back on disk: "), "{said}");
    assert_eq!(lab.trash().len(), 0);
}

/// What is told before is what there is afterwards; of many rows some are read.
#[test]
fn the_bill_tells_how_large_it_will_be() {
    let lab = Lab::of("ivoryos-1.7.2");
    let size = |text: &str, before: &str| {
        let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{text} has no {before:?}"));
        rest.split_once(')').unwrap().0.to_owned()
    };
    let dry = lab.said(&["delete", "25", "24", "--dry-run"]);
    let told = size(&dry, "kept in the trash (");
    assert!(told.ends_with('B') && !told.contains("about"), "{told}");
    let done = lab.said(&["delete", "25", "24", "--yes"]);
    assert_eq!((size(&done, "kept in the trash ("), size(&done, "; in the trash (")), (told.clone(), told));
    let made = Made::with_long(3, (900, 8));
    let large =
        lab.set.run_in(&lab.data, made.data(), &["delete", &made.long.to_string(), "--dry-run", "--force"]);
    let large = String::from_utf8(large.out).unwrap();
    assert!(size(&large, "kept in the trash (").starts_with("about "), "{large}");
}

#[test]
fn permanent_goes_past_the_trash() {
    let lab = Lab::of(NEW);
    let done = lab.said(&["delete", "--filter", "id=3,4", "--yes", "--permanent"]);
    assert!(done.contains("--permanent: for good, nothing can be taken back\n"), "{done}");
    assert!(done.ends_with(" steps, for good\n") && !done.contains("restore"), "{done}");
    assert!(!lab.own().exists(), "nothing was made");
    lab.refuses(3, "the trash is empty", &["restore", "--last"]);
}

#[test]
fn numbers_that_never_were_are_refused_and_those_that_are_gone_are_told() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "4", "5", "6", "--yes"]);
    let rows = lab.all_rows();
    for wrong in ["9", "0", "-1"] {
        lab.refuses(3, "there is no entry", &["restore", "1", wrong]);
        assert_eq!(lab.all_rows(), rows, "{wrong}");
    }
    lab.refuses(2, "an N is the number of an entry", &["restore"]);
    lab.refuses(2, "an N is the number of an entry", &["restore", "first"]);
    lab.refuses(2, "an N is the number of an entry", &["restore", "1.5"]);
    lab.refuses(2, "cannot be used with", &["restore", "1", "--last"]);
    lab.said(&["restore", "2"]);
    let ran = lab.run(&["restore", "1", "2", "3"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("entry 2 is not in the trash any more"), "{}", ran.err);
    assert_eq!(String::from_utf8(ran.out).unwrap().lines().count(), 2);
    let copy = lab.run(&["restore", "--last", "--copy"]);
    assert_eq!(copy.code, Some(1), "a private copy takes nothing: {}", copy.err);
}

#[test]
fn the_trash_is_emptied_of_what_is_old() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    lab.said(&["delete", "7", "9", "--yes"]);
    let own = Connection::open(lab.own().join("ivorylens.db")).unwrap();
    own.execute("UPDATE trash SET deleted_at = '2020-02-03T04:05:06.000000' WHERE n = 1", []).unwrap();
    drop(own);
    for (wrong, args) in [
        ("--older-than", &["trash", "empty"][..]),
        ("with its unit", &["trash", "empty", "--older-than", "30", "--yes"]),
        ("with its unit", &["trash", "empty", "--older-than", "-1d", "--yes"]),
        ("write min or mo", &["trash", "empty", "--older-than", "1m", "--yes"]),
        ("with its unit", &["trash", "empty", "--older-than", "soon", "--yes"]),
        ("with its unit", &["trash", "empty", "--older-than", "99999999999999999999d", "--yes"]),
        ("trash empty needs --yes", &["trash", "empty", "--older-than", "1h"]),
        ("a list has all", &["trash", "--older-than", "1h"]),
        ("cannot be used with", &["trash", "empty", "--older-than", "1h", "--format", "jsonl"]),
        ("similar value", &["trash", "emty", "--older-than", "1h"]),
    ] {
        lab.refuses(2, wrong, args);
    }
    assert_eq!(lab.trash().len(), 3);
    let kept = PathBuf::from(lab.info("trash_files"));
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 1);
    let done = lab.said(&["trash", "empty", "--older-than", "1h30min", "--yes"]);
    assert!(
        done.starts_with("1 record in the trash, ") && done.contains("the oldest was deleted "),
        "{done}"
    );
    assert!(done.contains("\nremoved 1 record from the trash, "), "{done}");
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 0, "its files went, too");
    let none = lab.run(&["trash", "empty", "--older-than", "30d", "--yes"]);
    assert_eq!((none.code, none.out.len()), (Some(0), 0));
    lab.said(&["trash", "empty", "--older-than", "0d", "--yes"]);
    assert_eq!(lab.trash().len(), 0);
}

/// Whatever keeps the trash from being written: nothing is deleted, and it is said how to do without.
#[test]
fn where_the_trash_cant_be_written_nothing_is_deleted() {
    type Break = fn(&Path);
    let file_for_folder: Break = |own| {
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        fs::write(own, "in the way").unwrap();
    };
    let folder_for_file: Break = |own| fs::create_dir_all(own.join("ivorylens.db")).unwrap();
    let newer: Break = |own| {
        fs::create_dir_all(own).unwrap();
        let file = Connection::open(own.join("ivorylens.db")).unwrap();
        file.execute_batch("CREATE TABLE trash(n); PRAGMA user_version=99").unwrap();
    };
    for (what, spoil) in
        [("a file", file_for_folder), ("a folder", folder_for_file), ("a newer ivorylens wrote it", newer)]
    {
        let lab = Lab::of(NEW);
        let rows = lab.all_rows();
        spoil(&lab.own());
        let ran = lab.run(&["delete", "4", "--yes"]);
        assert!(ran.code == Some(1) && ran.out.is_empty(), "{what}: a bill of what does not go");
        assert!(ran.err.contains("give --permanent to delete without the trash"), "{what}: {}", ran.err);
        assert_eq!(lab.all_rows(), rows, "{what}");
        let info = lab.said(&["info"]);
        // On Windows what lies below a file is not there.
        assert!(info.contains("can't be read") || cfg!(windows) && what == "a file", "{what}: {info}");
        lab.said(&["delete", "4", "--yes", "--permanent"]);
    }
}

#[test]
fn a_damaged_trash_is_set_aside_and_told() {
    let lab = Lab::of(NEW);
    fs::create_dir_all(lab.own()).unwrap();
    fs::write(
        lab.own().join("ivorylens.db"),
        "this is no database, but longer than a header of one. ".repeat(50),
    )
    .unwrap();
    lab.refuses(1, "it is damaged", &["trash"]);
    let ran = lab.run(&["delete", "4", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("it was damaged and is kept as "), "{}", ran.err);
    assert!(lab.own().join("ivorylens.db.damaged-1").exists());
    lab.said(&["restore", "--last"]);
}

#[test]
fn a_trash_that_another_process_has_is_busy() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "4", "--yes"]);
    let rows = lab.all_rows();
    let lock = File::options().write(true).open(lab.own().join("trash.lock")).unwrap();
    lock.lock().unwrap();
    let words = "another ivorylens has been using it for 1 s";
    std::thread::scope(|scope| {
        for args in [
            &["delete", "5", "--yes", "--wait", "1"][..],
            &["restore", "--last", "--wait", "1"],
            &["trash", "empty", "--older-than", "0d", "--yes", "--wait", "1"],
        ] {
            let lab = &lab;
            scope.spawn(move || lab.refuses(4, words, args));
        }
    });
    drop(lock);
    let own = Connection::open(lab.own().join("ivorylens.db")).unwrap();
    own.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for args in [&["restore", "--last", "--wait", "1"][..], &["delete", "5", "--yes", "--wait", "0"]] {
        lab.refuses(4, "ivorylens.db: another ivorylens has been using it for ", args);
    }
    drop(own);
    assert_eq!(lab.all_rows(), rows);
    assert_eq!(lab.trash().len(), 1);
}

#[test]
fn info_tells_places_and_sizes_and_makes_nothing() {
    let lab = Lab::of(NEW);
    let read = |args: &[&str]| match json::read(lab.said(args).as_bytes()) {
        Ok(Value::Dict(info)) => info,
        other => panic!("{other:?}"),
    };
    let number = |info: &Dict, key: &str, inner: &str| match info.get(key) {
        Some(Value::Dict(inside)) => text(inside.get(inner).unwrap()),
        other => panic!("{key}: {other:?}"),
    };
    for args in [&["info", "--json"][..], &["info", "--json", "--copy"]] {
        let info = read(args);
        assert_eq!(of(&info, "records"), "61");
        let bytes = fs::metadata(lab.data.join("ivoryos.db")).unwrap().len().to_string();
        assert_eq!(number(&info, "database", "bytes"), bytes);
        assert_eq!(number(&info, "database", "path"), lab.data.join("ivoryos.db").to_str().unwrap());
        assert_eq!(number(&info, "results", "files"), "2");
        assert_eq!((of(&info, "own_version"), number(&info, "own", "bytes")), ("None".into(), "None".into()));
        assert_eq!(of(&info, "copied_at") == "None", args.len() == 2);
    }
    assert!(!lab.own().exists());
    lab.server().pragma_update(None, "journal_mode", "wal").unwrap();
    let server = lab.server();
    server.execute("UPDATE workflow_runs SET name = name WHERE id = 1", []).unwrap();
    assert_eq!(of(&read(&["info", "--json"]), "journal_mode"), "wal");
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    let info = read(&["info", "--json"]);
    assert_eq!(
        (number(&info, "trash", "records"), number(&info, "trash_files", "files")),
        ("1".into(), "1".into())
    );
    assert_eq!(of(&info, "own_version"), "2");
    assert_eq!(number(&info, "trash", "bytes"), of(&lab.trash()[0], "bytes"));
    let people = lab.said(&["info"]);
    for words in ["SQLite 3.", "records     60", "trash       1 record, ", "outputs and outcomes"] {
        assert!(people.contains(words), "{words}: {people}");
    }
    fs::write(lab.own().join("ivorylens.db"), "x".repeat(2000)).unwrap();
    assert!(lab.said(&["info"]).contains("the trash can't be read: it is damaged"));
}

#[cfg(unix)]
#[test]
fn emptying_asks_on_a_terminal_and_wants_the_number() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "7", "9", "--yes"]);
    let here = lab.set.place();
    for (answer, left) in [("y\n", 2), ("\n", 2), ("2\n", 0)] {
        let state = lab.own().ancestors().nth(2).unwrap().to_path_buf();
        let state = format!("XDG_STATE_HOME={}", state.display());
        let program = env!("CARGO_BIN_EXE_ivorylens");
        let data = lab.data.to_str().unwrap();
        let args = [&state, program, "-d", data, "trash", "empty", "--older-than", "0d"];
        let mut terminal = Terminal::start("env".as_ref(), &args, here.path(), (100, 30));
        terminal.shows("Type 2 to remove this from the trash for good");
        terminal.send(answer);
        assert!(terminal.ends_restored().success(), "{answer:?}");
        assert_eq!(lab.trash().len(), left, "{answer:?}");
    }
}

/// What is kept of another file is not mixed with that of a new one.
#[test]
fn numbers_go_on_above_those_that_have_files() {
    let lab = Lab::of(NEW);
    lab.said(&["delete", "25", "--yes", "--with-files"]);
    let file = lab.own().join("ivorylens.db");
    let emptied = File::create(&file).unwrap();
    emptied.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    drop(emptied);
    lab.refuses(1, "it is empty, which it never is by itself; the next delete or mark", &["trash"]);
    let ran = lab.run(&["delete", "4", "--yes"]);
    assert!(ran.code == Some(0) && ran.err.contains("it was empty, so damaged: "), "{}", ran.err);
    assert_eq!(of(&lab.trash()[0], "n"), "2");
}

#[cfg(unix)]
#[test]
fn a_trash_that_is_damaged_within_is_set_aside_by_what_writes() {
    use std::os::unix::fs::FileExt as _;
    let lab = Lab::of(NEW);
    lab.said(&["delete", "--filter", "id>0", "--yes", "--force"]);
    lab.said(&["restore", "--last"]);
    lab.said(&["delete", "1", "2", "3", "--yes"]);
    let file = lab.own().join("ivorylens.db");
    let bytes = fs::metadata(&file).unwrap().len();
    let spoilt = File::options().write(true).open(&file).unwrap();
    spoilt.write_all_at(&vec![0xAA; usize::try_from(bytes).unwrap() - 8192], 8192).unwrap();
    let rows = lab.all_rows();
    lab.refuses(1, "the next delete or mark that meets that sets it aside", &["trash"]);
    let first = lab.run(&["delete", "4", "--yes"]);
    if first.code == Some(1) {
        assert!(
            first.err.contains("it is kept as ") && first.err.contains("the same again"),
            "{}",
            first.err
        );
        assert_eq!(lab.all_rows(), rows);
        lab.said(&["delete", "4", "--yes"]);
    }
    assert!(lab.own().join("ivorylens.db.damaged-1").exists());
    assert_eq!(lab.trash().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_named() {
    let lab = Lab::of(NEW);
    fs::create_dir_all(lab.own()).unwrap();
    std::os::unix::fs::symlink("/there/is/none", lab.own().join("ivorylens.db")).unwrap();
    for args in [&["trash"][..], &["delete", "4", "--yes"]] {
        lab.refuses(1, "is a link to /there/is/none, which is not there; mend or remove the link", args);
    }
}

#[test]
fn a_start_that_is_no_time_is_shown_clean() {
    let lab = Lab::of(NEW);
    lab.server()
        .execute("UPDATE workflow_runs SET start_time = 'odd' || char(10, 27) || '[31m' WHERE id = 4", [])
        .unwrap();
    for args in [&["delete", "4", "--dry-run"][..], &["delete", "4", "--yes"], &["trash"]] {
        let said = lab.said(args);
        assert!(said.contains("odd") && !said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn rows_of_other_tables_are_told() {
    let lab = Lab::of(NEW);
    let table = "CREATE TABLE t2(id INTEGER PRIMARY KEY, run REFERENCES workflow_runs(id));
        INSERT INTO t2(run) VALUES (4), (4), (7)";
    lab.server().execute_batch(table).unwrap();
    let said = lab.said(&["delete", "4", "--yes"]);
    assert!(
        said.contains("\nand 2 rows of table t2\n") && said.contains(" 2 rows of table t2; in the trash"),
        "{said}"
    );
}

#[test]
fn files_count_in_what_the_bill_says() {
    let lab = Lab::of(NEW);
    let size =
        |said: &str| said.split_once("kept in the trash (").unwrap().1.split_once(')').unwrap().0.to_owned();
    let without = size(&lab.said(&["delete", "25", "--dry-run"]));
    let with = size(&lab.said(&["delete", "25", "--dry-run", "--with-files"]));
    assert_ne!(without, with);
    let done = lab.said(&["delete", "25", "--yes", "--with-files"]);
    assert!(done.contains(&format!("; in the trash ({with})")), "{with}: {done}");
}
