//! Filter words in commands that act on records: delete, export, watch; and what a list says of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    model::filter::words::Filter,
    services::{export, export_kind::ExportKind, filter::ids},
};

use common::{
    NEW, Ran, Set,
    lab::{NOON, lab, stopped},
};
#[cfg(unix)]
use common::{
    played::Played,
    terminal::Terminal,
    watching::{Watching, begin, now},
};

const TABLES: [&str; 5] = ["workflow_runs", "workflow_phases", "workflow_steps", "single_steps", "script"];

/// Filter words, and the records that they mean in plain SQL.
const WORDS: [(&str, &str); 7] = [
    ("status:error", "status = 'error'"),
    ("id>=10 id<20 -name:solubility", "id BETWEEN 10 AND 19 AND name NOT LIKE '%solubility%'"),
    (
        "step:weigh",
        "EXISTS (SELECT 1 FROM workflow_phases p JOIN workflow_steps s ON s.phase_id = p.id WHERE p.run_id = \
         workflow_runs.id AND s.method_name LIKE '%weigh%')",
    ),
    (
        "failed>0 or mode:batch",
        "repeat_mode = 'batch' OR EXISTS (SELECT 1 FROM workflow_phases p JOIN workflow_steps s ON s.phase_id = p.id \
         WHERE p.run_id = workflow_runs.id AND s.run_error)",
    ),
    (
        "iter>3",
        "(SELECT count(DISTINCT repeat_index) FROM workflow_phases p WHERE p.run_id = workflow_runs.id AND p.name = 'main') > 3",
    ),
    ("user:\"night shift\",оператор", "submitted_by LIKE '%night shift%' OR submitted_by LIKE '%оператор%'"),
    ("-has:end", "end_time IS NULL"),
];

fn open(data: &Path) -> Connection {
    Connection::open(data.join("ivoryos.db")).unwrap()
}

/// All rows of all tables.
fn rows(data: &Path) -> BTreeMap<String, u64> {
    let db = open(data);
    let mut all = BTreeMap::new();
    for table in TABLES {
        let Ok(mut statement) = db.prepare(&format!("SELECT * FROM {table}")) else { continue };
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            Ok((0..columns).map(|n| format!("{:?}|", row.get_ref(n).unwrap())).collect::<String>())
        };
        for row in statement.query_map([], row).unwrap() {
            *all.entry(format!("{table}: {}", row.unwrap())).or_default() += 1;
        }
    }
    all
}

fn ids_where(data: &Path, condition: &str) -> Vec<i64> {
    let db = open(data);
    let sql = format!("SELECT id FROM workflow_runs WHERE {condition} ORDER BY id DESC");
    let mut statement = db.prepare(&sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn delete_by_sql(data: &Path, ids: &[i64]) {
    let db = open(data);
    for id in ids {
        db.execute_batch(&format!(
            "PRAGMA foreign_keys=OFF; DELETE FROM workflow_steps WHERE phase_id IN (SELECT id FROM workflow_phases WHERE \
             run_id = {id}); DELETE FROM workflow_phases WHERE run_id = {id}; DELETE FROM workflow_runs WHERE id = {id};"
        ))
        .unwrap();
    }
}

fn out(ran: &Ran) -> String {
    String::from_utf8(ran.out.clone()).unwrap()
}

/// The ids in a bill, in its order.
fn billed(text: &str) -> Vec<i64> {
    let of_line = |line: &str| line.strip_prefix('#')?.split(' ').next()?.parse().ok();
    text.lines().filter_map(of_line).collect()
}

#[test]
fn delete_takes_the_records_that_plain_sql_finds_and_nothing_else() {
    for name in [NEW, "ivoryos-1.4.0"] {
        // Old versions keep neither.
        let is_kept = |condition: &str| {
            name == NEW || !condition.contains("status") && !condition.contains("submitted_by")
        };
        for (words, condition) in WORDS.into_iter().filter(|(_, condition)| is_kept(condition)) {
            let set = Set::open(name);
            let (data, by_sql) = (set.copy(), set.place());
            common::copy_folder(&set.data(), by_sql.path());
            let ids = ids_where(&data, condition);
            let ran = set.run_in(&data, &data, &["delete", "--filter", words, "--yes", "--force"]);
            assert_eq!(ran.code, Some(0), "{name} {words}: {}", ran.err);
            if ids.is_empty() {
                assert!(
                    ran.err.contains(&format!("no record matches {words}; nothing was deleted")),
                    "{}",
                    ran.err
                );
            } else {
                assert_eq!(billed(&out(&ran)), ids, "{name} {words}: newest first");
            }
            delete_by_sql(by_sql.path(), &ids);
            assert_eq!(rows(&data), rows(by_sql.path()), "{name} {words}");
        }
    }
}

#[test]
fn the_ids_of_words_and_whether_one_record_is_meant_agree() {
    for name in [NEW, "ivoryos-1.4.0", "odd"] {
        let set = Set::open(name);
        let lab = lab(&set.data(), stopped(NOON));
        let more =
            ["out.yield>0 or in.amount>1", "tries>0", "slow>0", "has:log", "event:error", "error~jam|fail"];
        for words in WORDS.map(|(words, _)| words).into_iter().chain(more) {
            let filter = Filter::read(words).unwrap();
            let found = ids::ids(&lab, &filter, &mut Cx::quiet()).unwrap();
            // Another lab, which knows nothing of the answer for all.
            let alone = common::lab::lab(&set.data(), stopped(NOON));
            for id in ids_where(&set.data(), "1") {
                let is_meant = ids::is_meant(&alone, &filter, id, &mut Cx::quiet()).unwrap();
                assert_eq!(is_meant, found.contains(&id), "{name} {words} {id}");
            }
        }
    }
}

#[test]
fn a_record_that_is_gone_is_not_meant() {
    let set = Set::open(NEW);
    let all = Filter::read("id>0").unwrap();
    let lab = lab(&set.data(), stopped(NOON));
    assert!(!ids::is_meant(&lab, &all, 990, &mut Cx::quiet()).unwrap());
    assert!(ids::is_meant(&lab, &all, 61, &mut Cx::quiet()).unwrap());
}

#[test]
fn words_that_are_none_or_ids_beside_them_are_refused() {
    let set = Set::open(NEW);
    let data = set.copy();
    let before = rows(&data);
    for (args, said) in [
        (&["delete", "--filter", "", "--yes"][..], "'id>0' means all"),
        (&["delete", "--filter", " \t ", "--yes"], "'id>0' means all"),
        (&["delete", "3", "--filter", "id=3", "--yes"], "not both"),
        (&["delete", "--filter", "status:eror", "--yes"], "completed stopped error"),
        (&["delete", "--filter", "status:error"], "--yes"),
        (&["export", "--filter", " ", "-o", "x"], "'id>0' means all"),
        (&["export", "3", "--filter", "id=3", "-o", "x"], "not both"),
        (&["export", "-o", "x"], "--filter EXPR"),
        (&["export", "3"], "--output"),
        (&["export", "3", "-o", "-"], "-o names the folder"),
        (&["watch", "--filter", "stauts:error"], "did you mean status?"),
    ] {
        let ran = set.run_in(&data, &data, args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains("did you mean the data"), "{}", ran.err);
    }
    let ran = set.run_in(&data, &data, &["delete", "--filter", "-id<0", "--dry-run"]);
    assert_eq!((ran.code, billed(&out(&ran)).len()), (Some(0), 61), "words may begin with a sign");
    assert!(
        out(&ran).contains("in all: 61 records, ")
            && out(&ran).ends_with("nothing was changed (--dry-run)\n")
    );
    assert_eq!(rows(&data), before);
}

/// The sums are those of the file.
#[test]
fn the_bill_ends_with_its_sums_and_the_way_back() {
    let set = Set::open(NEW);
    let bill = out(&set.run(&["delete", "--filter", "id<20", "--dry-run"]));
    let db = open(&set.copy());
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let phases = count("SELECT count(*) FROM workflow_phases WHERE run_id < 20");
    let steps = "SELECT count(*) FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id < 20";
    let files = bill.lines().filter(|line| line.contains("stays on disk: ")).count();
    let sums =
        format!("in all: 19 records, {phases} phases, {} steps; {files} files stay on disk (", count(steps));
    let last: Vec<&str> = bill.lines().rev().take(3).collect();
    assert!(files > 10 && last[2].starts_with(&sums), "{sums}: {bill}");
    let way_back = last[1].strip_prefix("kept in the trash (").and_then(|rest| rest.split_once("), "));
    let (size, command) = way_back.expect("a size in brackets");
    assert!(size.ends_with(" kB"), "{size}");
    assert_eq!(command, "ivorylens restore --last brings them back");
    // A record that is named has them too.
    let one = out(&set.run(&["delete", "3", "--dry-run"]));
    assert!(one.contains("in all: 1 record, "), "{one}");
}

#[cfg(unix)]
fn terminal(data: &Path, here: &Path, args: &[&str]) -> Terminal {
    let args = [args, &["-d", data.to_str().unwrap()]].concat();
    Terminal::start(env!("CARGO_BIN_EXE_ivorylens").as_ref(), &args, here, (100, 50))
}

#[cfg(unix)]
#[test]
fn a_delete_by_words_wants_the_number_typed_and_leaves_what_came_to_match() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    for (words, wanted, answer, gone) in [
        ("id=3", "Type 1 to delete", "y\n", false),
        ("id=3", "Type 1 to delete", "\n", false),
        ("id=3", "Type 1 to delete", "1\n", true),
        ("status:error", "Type 2 to delete", "y\n", false),
        ("status:error", "Type 2 to delete", "2\n", true),
    ] {
        let before = rows(&data);
        let mut asks = terminal(&data, here.path(), &["delete", "--filter", words]);
        asks.shows(wanted);
        if gone && words == "status:error" {
            open(&data).execute("UPDATE workflow_runs SET status = 'error' WHERE id = 7", []).unwrap();
        }
        asks.send(answer);
        assert!(asks.ends_restored().success(), "{words} {answer:?}");
        assert_eq!(rows(&data) != before, gone, "{words} {answer:?}");
    }
    assert_eq!(ids_where(&data, "id IN (3, 24, 25)"), [0_i64; 0]);
    assert_eq!(ids_where(&data, "status = 'error'"), [7], "it came to match behind the bill");
    assert_eq!(ids_where(&data, "1").len(), 58);
}

#[cfg(unix)]
#[test]
fn an_id_that_another_record_has_by_the_answer_keeps_all() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let mut asks = terminal(&data, here.path(), &["delete", "--filter", "status:error"]);
    asks.shows("Type 2 to delete");
    open(&data).execute("UPDATE workflow_runs SET name = 'another' WHERE id = 24", []).unwrap();
    let before = rows(&data);
    asks.send("2\n");
    assert_eq!(asks.ends_restored().exit_code(), 1);
    assert!(
        asks.screen().contains("record 24 is another one by now; nothing was deleted"),
        "{}",
        asks.screen()
    );
    assert_eq!(rows(&data), before);
}

#[cfg(unix)]
#[test]
fn a_long_bill_is_cut_on_a_terminal_alone() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let mut shows = terminal(&data, here.path(), &["delete", "--filter", "id>0", "--dry-run"]);
    assert!(shows.ends_restored().success());
    let screen = shows.screen();
    assert!(screen.contains("and 11 more records") && screen.contains("in all: 61 records, "), "{screen}");
    let all = String::from_utf8_lossy(&shows.raw()).into_owned();
    assert!(all.contains("#12 ") && !all.contains("#11 "), "{all}");
    let piped = out(&set.run(&["delete", "--filter", "id>0", "--dry-run"]));
    assert!(billed(&piped).len() == 61 && !piped.contains("more record"), "{piped}");
}

#[test]
fn the_newest_without_an_end_needs_force_by_words_too() {
    let set = Set::open(NEW);
    let data = set.copy();
    let before = rows(&data);
    let ran = set.run_in(&data, &data, &["delete", "--filter", "id>=60", "--yes"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("record 61 has no end and may be running"), "{}", ran.err);
    assert_eq!(rows(&data), before);
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let file =
        |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    fs::read_dir(folder).unwrap().map(|entry| file(entry.unwrap())).collect()
}

/// The folders that an export printed.
fn printed(here: &Path, ran: &Ran) -> Vec<PathBuf> {
    out(ran).lines().map(|line| here.join(line)).collect()
}

#[test]
fn an_export_by_words_has_all_files_of_each_record_as_the_screen_makes_them() {
    for (name, words) in
        [(NEW, "id>12 id<30 or id=61"), ("ivoryos-1.4.0", "status:error or id<4"), ("ivoryos-1.2.5", "id<9")]
    {
        let set = Set::open(name);
        let (here, whole) = (set.place(), set.place());
        let ran = set.run_in(here.path(), &set.data(), &["export", "--filter", words, "-o", "out"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        let lab = lab(&set.data(), stopped(NOON));
        let filter = Filter::read(words).unwrap();
        let ids = ids::ids(&lab, &filter, &mut Cx::quiet()).unwrap();
        let folders = printed(here.path(), &ran);
        assert!(ids.len() > 2 && folders.len() == ids.len(), "{name}: {}", out(&ran));
        assert!(ran.err.contains(&format!("{} records exported", ids.len())), "{}", ran.err);
        for (id, folder) in ids.iter().zip(&folders) {
            let to = whole.path().join(id.to_string());
            fs::create_dir(&to).unwrap();
            let done = export::into_folder(&lab, *id, ExportKind::Everything, &to, &mut Cx::quiet()).unwrap();
            let made = files(folder);
            assert_eq!(made, files(done.files[0].0.parent().unwrap()), "{name} {id}");
            let id = id.to_string();
            for args in [
                &["steps", &id][..],
                &["data", &id],
                &["plot", &id, "--json"],
                &["plot", &id, "--svg"],
                &["log", &id],
            ] {
                let one = set.run(args);
                assert!(
                    one.code != Some(0) || made.values().any(|bytes| *bytes == one.out),
                    "{name} {args:?}"
                );
            }
        }
    }
}

#[test]
fn named_records_are_exported_once_each_under_free_names() {
    let set = Set::open(NEW);
    let here = set.place();
    let export = |args: &[&str]| set.run_in(here.path(), &set.data(), &[&["export"], args].concat());
    let ran = export(&["25", "3", "25", "-o", "out"]);
    let first = printed(here.path(), &ran);
    assert_eq!((ran.code, first.len()), (Some(0), 2), "{}", ran.err);
    let again = printed(here.path(), &export(&["25", "-o", "out"]));
    assert_eq!(again.len(), 1);
    assert!(again[0] != first[0] && again[0].to_str().unwrap().ends_with(" (2)"), "{again:?}");
    assert_eq!(files(&again[0]), files(&first[0]));
}

/// Records of one name that began in one minute.
#[test]
fn records_of_one_name_have_folders_of_their_own() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let alike = "UPDATE workflow_runs SET name = 'same', start_time = '2026-11-24 03:00:0' || id || '.000000', data_path = NULL \
                 WHERE id IN (2, 3, 4)";
    open(&data).execute(alike, []).unwrap();
    let ran = set.run_in(here.path(), &data, &["export", "3", "2", "4", "-o", "out"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let folders = printed(here.path(), &ran);
    let own_name = |folder: &PathBuf| folder.file_name().unwrap().to_str().unwrap().to_owned();
    let base = "same_2026-11-24 03-00";
    let names: Vec<String> = folders.iter().map(own_name).collect();
    assert_eq!(
        names,
        [base.to_owned(), format!("{base} (2)"), format!("{base} (3)")],
        "as the ids are given"
    );
    for (id, folder) in ["3", "2", "4"].into_iter().zip(&folders) {
        let made = files(folder);
        let csv = &made[&format!("{base}.csv")];
        assert_eq!(*csv, set.run_in(here.path(), &data, &["data", id]).out, "{id}");
        assert_eq!(
            made[&format!("{base}_steps.csv")],
            set.run_in(here.path(), &data, &["steps", id]).out,
            "{id}"
        );
    }
}

#[test]
fn an_export_that_can_not_begin_writes_nothing() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    fs::write(here.path().join("file"), "x").unwrap();
    let own = data.join("results/out");
    for (args, code, said) in [
        (&["25", "990", "3", "991", "990", "-o", "out"][..], 3, "no records 990, 991 in "),
        (&["25", "-o", "none/out"], 1, "none/out: there is no such folder; make it (mkdir -p)"),
        (&["25", "-o", own.to_str().unwrap()], 1, "in the lab's own folder"),
        (&["25", "-o", "file"], 1, "this is a file, not a folder"),
        (&["--filter", "id=990", "-o", "out"], 0, "no record matches id=990; nothing was exported"),
    ] {
        let ran = set.run_in(here.path(), &data, &[&["export"], args].concat());
        assert_eq!((ran.code, ran.out.as_slice()), (Some(code), &b""[..]), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(said) && ran.err.lines().count() == 1, "{args:?}: {}", ran.err);
    }
    assert_eq!(files(here.path()).into_keys().collect::<Vec<_>>(), ["file"]);
    assert!(!own.exists());
}

#[test]
fn what_is_wrong_with_one_record_does_not_keep_the_others() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let log = fs::read_dir(data.join("logs")).unwrap().map(|entry| entry.unwrap().path());
    let log = log.into_iter().find(|path| path.to_str().unwrap().contains("error_ends_the_table")).unwrap();
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    let ran = set.run_in(here.path(), &data, &["export", "26", "25", "24", "-o", "out"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("#25 error_ends_the_table: ") && ran.err.contains(log.to_str().unwrap()),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("1 of 3 records could not be exported whole, as said above; 3 are in out"),
        "{}",
        ran.err
    );
    let folders = printed(here.path(), &ran);
    assert_eq!(folders.len(), 3);
    // Its other files are there.
    assert!(files(&folders[1]).len() >= 3 && !files(&folders[1]).keys().any(|name| name.ends_with(".log")));
}

/// It stands still when nobody reads its lines: so it is not through when the signal comes.
#[cfg(unix)]
#[test]
fn an_export_that_is_ended_says_what_is_done_and_leaves_no_half_folder() {
    let set = Set::open(NEW);
    let here = set.place();
    // A pipe takes 64 kB: less than the lines of all.
    let deep = (0..6).fold(here.path().to_path_buf(), |folder, n| folder.join(n.to_string().repeat(200)));
    fs::create_dir_all(&deep).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(["export", "--filter", "id>0", "-o", deep.to_str().unwrap(), "-d"]).arg(set.data());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("HOME", here.path()).env("XDG_CACHE_HOME", here.path());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let err = {
        let mut said = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
        said
    };
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    let done: usize = err
        .split(" of 61 records exported: #61")
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..61).contains(&done), "{err}");
    let made: Vec<PathBuf> = fs::read_dir(&deep).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(made.len(), done, "{err}");
    for name in made.iter().flat_map(|folder| files(folder).into_keys()) {
        assert!(!name.contains(".part"), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn watch_tells_of_the_records_that_are_meant_when_it_happens() {
    let mut played = Played::empty();
    let failed = Watching::start(&played.data(), &["--filter", "(failed>0 or name:mark) -status:completed"]);
    let named = Watching::start(&played.data(), &["--filter", "name:dye or step:centrifuge"]);
    let dye = begin(&mut played, "dye");
    assert_eq!(named.said(), "#1 dye started");
    played.start("mark", &now());
    assert_eq!(failed.said(), "#2 mark started", "the start of the other was looked at before");
    played.run = dye;
    played.end_step(true, &now());
    played.event("error", Some("deck.mixer.stir: jam"), &now());
    assert!(failed.said().starts_with("#1 dye failed: iteration 1, step 1 stir: jam"));
    assert!(failed.said().starts_with("#1 dye waits"));
    assert!(named.said().starts_with("#1 dye failed"));
    assert!(named.said().starts_with("#1 dye waits"));
    played.event("resumed", None, &now());
    assert!(failed.said().starts_with("#1 dye goes on"));
    assert!(named.said().starts_with("#1 dye goes on"));
    played.end("completed", &now());
    assert!(named.said() == "#1 dye completed");

    // Another record has another name, and in the end a step that is meant.
    begin(&mut played, "salt");
    played.end_step(false, &now());
    played.step(2, "centrifuge", &now());
    played.end_step(true, &now());
    played.event("error", Some("deck.spin.centrifuge: lid"), &now());
    // Its start may be seen when that step is there already.
    let until_failed = |watching: &Watching| {
        let mut told = vec![watching.said()];
        while !told.last().unwrap().starts_with("#3 salt failed: iteration 1, step 2 centrifuge: lid") {
            told.push(watching.said());
        }
        told
    };
    assert!(until_failed(&named).len() <= 2);
    let told = until_failed(&failed);
    assert!(
        !told.iter().any(|line| line.contains("dye")),
        "the end of a completed record is not meant: {told:?}"
    );
    for watching in [named, failed] {
        watching.signal("INT");
        assert_eq!(watching.end().0, Some(130));
    }
}

#[cfg(unix)]
#[test]
fn the_end_of_a_record_that_is_not_meant_ends_watch_too() {
    for (status, code) in [("completed", 0), ("stopped", 5)] {
        let mut played = Played::empty();
        begin(&mut played, "dye");
        let watching = Watching::start(&played.data(), &["--filter", "user:nobody", "--until-end", "1"]);
        played.end(status, &now());
        assert_eq!(watching.end(), (Some(code), Vec::new()));
    }
}

#[test]
fn a_list_says_which_words_found_nothing() {
    let set = Set::open(NEW);
    for (args, said) in [
        (&["--filter", "status:error user:nobody"][..], "no record matches status:error user:nobody"),
        (&["--filter", "id=3", "--keyword", "zzz"], "no record matches both id=3 and the keyword \"zzz\""),
        (&["--keyword", "zzz"], "no record matches \"zzz\", neither by name nor by submitted_by"),
    ] {
        let ran = set.run(&[&["list"], args].concat());
        assert_eq!((ran.code, ran.out.as_slice()), (Some(0), &b""[..]));
        assert_eq!(
            ran.err.trim_end().strip_prefix("ivorylens: ").map(|line| line.starts_with(said)),
            Some(true),
            "{}",
            ran.err
        );
    }
    let both = out(&set.run(&["list", "--filter", "id<30", "--keyword", "error", "--format", "csv"]));
    let ids: Vec<i64> =
        both.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    let plain = ids_where(&set.copy(), "id < 30 AND (name LIKE '%error%' OR submitted_by LIKE '%error%')");
    assert!(!plain.is_empty());
    assert_eq!(ids, plain);
}

#[test]
fn shells_and_man_pages_know_the_words() {
    let set = Set::open(NEW);
    let bash = out(&set.run(&["completions", "bash"]));
    let offers = bash.split("--filter)").skip(1).map(|rest| rest.split(";;").next().unwrap());
    assert!(offers.clone().count() >= 4, "list, delete, export, watch");
    assert!(offers.into_iter().all(|offer| !offer.contains("compgen -f")), "words are no files");
    for page in [&["man"][..], &["man", "list"], &["man", "delete"], &["man", "export"], &["man", "watch"]] {
        let text = out(&set.run(page));
        for words in [
            ".SH \"FILTER WORDS\"",
            "\\fBstatus : = !=\\fR",
            "in.NAME, out.NAME",
            "waiting, died",
            "max(out.yield)",
        ] {
            assert!(text.replace("\\&", "").contains(words), "{page:?} has no {words}: {text}");
        }
    }
    assert!(!out(&set.run(&["man", "show"])).contains("FILTER WORDS"));
}
