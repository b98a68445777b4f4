//! `watch` beside a lab that is played: what it tells, in both forms, and how it ends.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::{fs::PermissionsExt, process::CommandExt as _},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use ivorylens::model::{json, value::Value};

use common::{
    played::Played,
    text,
    watching::{PATIENCE, Watching, begin, command, lines, now, soon},
};

/// A column of a row as it is stored.
fn stored(db: &Connection, table: &str, column: &str, id: i64) -> String {
    db.query_row(&format!("SELECT {column} FROM {table} WHERE id = ?"), [id], |row| row.get(0)).unwrap()
}

#[test]
fn a_record_is_told_in_both_forms_as_it_goes() {
    let mut played = Played::empty();
    let texts = Watching::start(&played.data(), &[]);
    let json = Watching::start(&played.data(), &["--format", "jsonl"]);

    let run = begin(&mut played, "dye_µ");
    assert_eq!(texts.said(), "#1 dye_µ started");
    let told = json.json();
    assert_eq!(told.keys(), ["at", "what", "id", "name", "outcome", "state", "text", "iteration", "of"]);
    assert_eq!(told.short(), "started #1 1/2 None");
    let start = stored(&played.db, "workflow_runs", "start_time", run);
    assert_eq!(told.get("at"), start.replace(' ', "T"));
    assert_eq!([told.get("name"), told.get("outcome"), told.get("state")], ["dye_µ", "running", "running"]);

    played.end_step(true, &now());
    played.event("error", Some("deck.mixer.stir: jam\u{1b}[2J"), &now());
    let failed = json.json();
    assert_eq!(failed.short(), "failed #1 1/2 jam\u{1b}[2J");
    let end = stored(&played.db, "workflow_steps", "end_time", played.step);
    assert_eq!(failed.get("at"), end.replace(' ', "T"));
    let waits = json.json();
    assert_eq!(
        [waits.get("what"), waits.get("outcome"), waits.get("state")],
        ["waits", "unfinished", "waits"]
    );
    assert_eq!(texts.said(), "#1 dye_µ failed: iteration 1, step 1 stir: jam␛[2J");
    assert!(texts.said().starts_with("#1 dye_µ waits, iteration 1/2: waits for a decision after an error"));

    played.event("retried", None, &now());
    played.step(1, "stir", &now());
    assert_eq!(json.json().short(), "goes_on #1 1/2 Retried step");
    assert_eq!(texts.said(), "#1 dye_µ goes on, iteration 1/2: Retried step");
    played.end_step(false, &now());

    played.log("Requesting input: Which lot? (str)", &now());
    assert!(json.json().short().ends_with("Which lot? (str)"));
    assert!(texts.said().contains("waits for an input since "));
    played.log("Input received: B7", &now());
    assert_eq!(json.json().short(), "goes_on #1 1/2 None");
    assert_eq!(texts.said(), "#1 dye_µ goes on, iteration 1/2");

    played.end("completed", &now());
    let ended = json.json();
    assert_eq!(ended.short(), "ended #1 1/2 None");
    assert_eq!([ended.get("outcome"), ended.get("state")], ["completed", "None"]);
    assert_eq!(texts.said(), "#1 dye_µ completed");

    for watching in [texts, json] {
        watching.signal("INT");
        assert_eq!(watching.end(), (Some(130), Vec::new()));
    }
}

#[test]
fn what_runs_at_the_start_is_said_once_and_apart() {
    let mut played = Played::empty();
    begin(&mut played, "dye");
    played.event("paused", None, &now());
    let watching = Watching::begin(&played.data(), &[]);
    let said = watching.message();
    assert!(said.ends_with("ivoryos_data: #1 dye waits"), "{said}");
    let second = begin(&mut played, "salt");
    assert_eq!(watching.said(), "#2 salt started");
    played.run = 1;
    played.event("resumed", None, &now());
    assert_eq!(watching.said(), "#1 dye goes on, iteration 1/2: Resumed");
    played.run = second;
    played.event("stop_now", Some("Cleanup skipped."), "08:00:00");
    played.end("stopped", &now());
    assert_eq!(watching.said(), "#2 salt was stopped, iteration 1/2: Stopped at 08:00:00: Cleanup skipped.");
    watching.signal("TERM");
    assert_eq!(watching.end(), (Some(143), Vec::new()));
}

#[test]
fn until_its_end_gives_the_exit_code() {
    for (status, code) in [("completed", 0), ("stopped", 5), ("error", 5)] {
        let mut played = Played::empty();
        let run = begin(&mut played, "dye").to_string();
        let other = begin(&mut played, "other");
        let watching = Watching::start(&played.data(), &["--until-end", &run, "--format", "jsonl"]);
        played.run = other;
        played.end("completed", &now());
        assert_eq!(watching.json().get("id"), "2");
        played.run = 1;
        played.end(status, &now());
        assert_eq!(watching.json().get("outcome"), status);
        assert_eq!(watching.end(), (Some(code), Vec::new()));
        // One that has ended: its line, at once.
        let again = Watching::begin(&played.data(), &["--until-end", &run]);
        assert!(again.said().starts_with("#1 dye "));
        assert_eq!(again.end(), (Some(code), Vec::new()));
    }
}

#[test]
fn a_record_dies_while_it_is_waited_for() {
    let mut played = Played::empty();
    // Ten minutes without a sign of life are over in some seconds.
    let (begun, last) = (soon(-650), soon(-596));
    played.start("dye", &begun);
    played.phase("main", 1, &begun);
    played.step(1, "stir", &begun);
    played.end_step(false, &last);
    let watching = Watching::begin(&played.data(), &["--until-end", "1"]);
    let said = watching.said();
    assert!(said.starts_with("#1 dye died, iteration 1: no end time, last sign of life "), "{said}");
    assert_eq!(watching.end(), (Some(5), Vec::new()));
}

#[test]
fn records_that_are_not_there_and_go() {
    let mut played = Played::empty();
    let none = Watching::begin(&played.data(), &["--until-end", "7"]);
    assert!(none.message().contains("no record 7 in "));
    assert_eq!(none.end(), (Some(3), Vec::new()));
    begin(&mut played, "dye");
    let deleted = Watching::start(&played.data(), &["--until-end", "1"]);
    played.delete(1);
    assert!(deleted.message().contains("no record 1 in "));
    assert_eq!(deleted.end(), (Some(3), Vec::new()));
    // Its id is another one's at once.
    begin(&mut played, "dye");
    let replaced = Watching::start(&played.data(), &["--until-end", "1"]);
    played.db.execute_batch("BEGIN").unwrap();
    played.delete(1);
    begin(&mut played, "salt");
    played.db.execute_batch("COMMIT").unwrap();
    assert_eq!(replaced.said(), "#1 salt started");
    assert_eq!(replaced.end(), (Some(3), Vec::new()));
}

#[test]
fn another_file_in_its_place_is_watched() {
    let mut played = Played::empty();
    begin(&mut played, "dye");
    let watching = Watching::start(&played.data(), &[]);
    let (file, away) = (played.database(), played.beside("away.db"));
    fs::rename(&file, &away).unwrap();
    let gone = watching.message();
    assert!(gone.ends_with("; waits for it"), "{gone}");
    fs::rename(&away, &file).unwrap();
    let back = watching.message();
    assert!(back.contains("watching it"), "{back}");
    played.end("completed", &now());
    assert_eq!(watching.said(), "#1 dye completed");
    // A restored copy, with a record that ran in it.
    let copy = played.beside("copy.db");
    fs::copy(&file, &copy).unwrap();
    Connection::open(&copy).unwrap().execute("UPDATE workflow_runs SET name = 'older'", []).unwrap();
    fs::rename(&copy, &file).unwrap();
    assert!(watching.message().contains("watching it"));
    played.db = Connection::open(&file).unwrap();
    begin(&mut played, "salt");
    assert_eq!(watching.said(), "#2 salt started");
    watching.signal("INT");
    assert_eq!(watching.end(), (Some(130), Vec::new()));
}

#[test]
fn a_record_that_another_file_has_ended_is_over() {
    let mut played = Played::empty();
    begin(&mut played, "dye");
    let watching = Watching::start(&played.data(), &["--until-end", "1"]);
    let (file, copy) = (played.database(), played.beside("copy.db"));
    fs::copy(&file, &copy).unwrap();
    let sql = "UPDATE workflow_runs SET start_time = '2026-11-24 08:00:00', end_time = '2026-11-24 09:00:00', status = \
               'completed'";
    Connection::open(&copy).unwrap().execute(sql, []).unwrap();
    fs::rename(&copy, &file).unwrap();
    assert!(watching.message().contains("watching it"));
    assert!(watching.said().starts_with("#1 dye completed"));
    assert_eq!(watching.end(), (Some(0), Vec::new()));
}

#[test]
fn it_ends_quietly_when_nobody_reads() {
    let mut played = Played::empty();
    let home = tempfile::tempdir().unwrap();
    let mut command = command(&played.data(), home.path(), &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let messages = lines(child.stderr.take().unwrap());
    assert!(messages.recv_timeout(PATIENCE).unwrap().ends_with("nothing runs"));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    begin(&mut played, "dye");
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.ends_with("#1 dye started\n"));
    drop(out);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(messages.iter().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_can_not_be_watched_is_said() {
    let played = Played::empty();
    for (args, code) in [(&["--format", "json"][..], 2), (&["--copy"], 2), (&["--until-end", "first"], 2)] {
        assert_eq!(Watching::begin(&played.data(), args).end(), (Some(code), Vec::new()), "{args:?}");
    }
    let nowhere = Watching::begin(&played.beside("nowhere"), &[]);
    assert_eq!(nowhere.end().0, Some(1));
    played.db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let busy = Watching::begin(&played.data(), &["--wait", "0"]);
    assert_eq!(busy.end().0, Some(4));
}

/// A script of the guide, which says in its second line what it is called.
fn script(name: &str) -> String {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide.md")).unwrap();
    let blocks: Vec<&str> = guide.split("```").collect();
    let block = blocks.iter().find(|block| block.starts_with("sh\n#!") && block.contains(name));
    block.unwrap().strip_prefix("sh\n").unwrap().to_owned()
}

/// A script of the guide on the lab; what it would give to `curl` or `mail` is printed, a word a line.
fn scripted(played: &Played, name: &str, args: &[&str]) -> Watching {
    let home = tempfile::tempdir().unwrap();
    let programs = home.path().join("programs");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ivorylens"), programs.join("ivorylens")).unwrap();
    for (program, prints) in [("curl", "printf '%s\\n' \"$@\""), ("mail", "printf '%s\\n' \"$@\"; cat")] {
        let file = programs.join(program);
        fs::write(&file, format!("#!/bin/sh\n{prints}\n")).unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let file = home.path().join(name);
    fs::write(&file, script(name)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.arg(&file).arg(played.data()).args(args).env("PATH", path).env("XDG_CACHE_HOME", home.path());
    command
        .env("TZ", "UTC")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let watching = Watching { lines: lines(out), messages: lines(err), child, home };
    assert!(watching.message().contains("watching "));
    watching
}

#[test]
fn the_script_of_the_guide_sends_to_a_chat() {
    let mut played = Played::empty();
    let name = r#"a "dye" \ 50 % $HOME `x` "text": "no" µ"#;
    let chat = scripted(&played, "lab-chat.sh", &["https://chat.example.org/hook"]);
    let time = now();
    played.start("other", &time);
    played.db.execute("UPDATE workflow_runs SET name = ?", [name]).unwrap();
    played.phase("main", 1, &time);
    played.step(1, "stir", &time);
    played.end_step(true, &now());
    played.event("error", Some("deck.mixer.stir: \"jam\"\nat C:\\n 'x' 試"), &now());
    let mut said = Vec::new();
    for _ in 0..2 {
        let words: Vec<String> = (0..6).map(|_| chat.line()).collect();
        assert_eq!(words[..4], ["-fsS", "-H", "Content-Type: application/json", "-d"]);
        assert_eq!(words[5], "https://chat.example.org/hook");
        let Ok(Value::Dict(sent)) = json::read(words[4].as_bytes()) else {
            panic!("{} is no JSON", words[4])
        };
        said.push(text(sent.get("text").unwrap()));
    }
    assert!(said[0].starts_with(&format!("#1 {name} failed (")), "{}", said[0]);
    assert!(said[0].ends_with("): \"jam\"\nat C:\\n 'x' 試"), "{}", said[0]);
    assert!(
        said[1].starts_with(&format!("#1 {name} waits (unfinished): waits for a decision")),
        "{}",
        said[1]
    );
}

#[test]
fn the_script_of_the_guide_mails_when_a_record_is_through() {
    for (status, how) in [("completed", "completed"), ("error", "did not complete")] {
        let mut played = Played::empty();
        begin(&mut played, "dye");
        let mail = scripted(&played, "lab-mail.sh", &["1", "ann@example.org"]);
        played.end(status, &now());
        let words: Vec<String> = (0..4).map(|_| mail.line()).collect();
        assert_eq!(words[..3], ["-s".to_owned(), format!("Record 1 {how}"), "ann@example.org".to_owned()]);
        assert!(words[3].contains(" #1 dye "), "{}", words[3]);
        assert_eq!(mail.end(), (Some(0), Vec::new()));
    }
}
