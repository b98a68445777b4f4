//! `mark`, `marks`, and marks in `list` and `show`, through the binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

#[path = "mark_commands/at_once.rs"]
mod at_once;
#[cfg(unix)]
#[path = "mark_commands/guide.rs"]
mod guide;
#[path = "mark_commands/made.rs"]
mod made;
#[path = "mark_commands/transfer.rs"]
mod transfer;

use std::fs;

use serde_json::Value;

use common::terminal::Terminal;
use made::MarkLab;

#[test]
fn each_option_marks_and_what_is_marked_is_printed_and_found() {
    let lab = MarkLab::new();
    let before = lab.bytes();
    assert_eq!(
        lab.out(&["mark", "25", "24", "25", "--star", "--verdict", "check", "--tag", "b", "--tag", "a"]),
        "marked 2 records\n"
    );
    assert_eq!(lab.out(&["mark", "25", "--note", "-5 degrees\r\n\r\ntoo cold\r\n"]), "marked 1 record\n");
    let printed = lab.out(&["mark", "25", "20"]);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "#25 error_ends_the_table");
    assert!(
        lines[1].starts_with("marked by ") && lines[1].ends_with(": starred, check again, tags a b, a note:"),
        "{printed}"
    );
    assert_eq!(lines[2..], ["  -5 degrees", "", "  too cold", "#20 cleanup_only", "no marks"]);
    let shown = lab.out(&["show", "25"]);
    assert!(shown.contains(&lines[1..5].join("\n")), "{shown}");
    for (words, ids) in [
        ("star:yes", "25 24"),
        ("verdict:check tag:a", "25 24"),
        ("note:\"too cold\"", "25"),
        ("has:tag -has:note", "24"),
    ] {
        assert_eq!(lab.ids(words), ids, "{words}");
    }
    // Each option takes back what another gave.
    assert_eq!(
        lab.out(&["mark", "25", "24", "--note", ""]),
        "marked 1 record; 1 other was marked so before\n"
    );
    assert_eq!(lab.out(&["mark", "--filter", "tag:a", "--untag", "a", "--unstar"]), "marked 2 records\n");
    assert_eq!(lab.out(&["mark", "25", "--verdict", "none", "--untag", "b"]), "marked 1 record\n");
    assert!(
        lab.out(&["mark", "25"]).ends_with("no marks\n") && !lab.out(&["show", "25"]).contains("marked by")
    );
    assert_eq!(
        lab.out(&["mark", "25", "--unstar"]),
        "the record was marked so before; nothing was changed\n"
    );
    assert_eq!(
        lab.out(&["mark", "20", "25", "--unstar"]),
        "all 2 records were marked so before; nothing was changed\n"
    );
    let json = lab.out(&["show", "24", "--json"]);
    lab.out(&["mark", "24", "--note", "more"]);
    assert_eq!(lab.out(&["show", "24", "--json"]), json, "IvoryOS's route has no marks");
    assert_eq!(lab.bytes(), before);
}

#[test]
fn notes_are_read_from_stdin() {
    let lab = MarkLab::new();
    let note = |bytes: &[u8]| lab.run_with(&["mark", "25", "--note", "-"], bytes);
    assert_eq!(note("dry\r\npump µ\n\n".as_bytes()).code, Some(0));
    assert_eq!(lab.jsonl("25")["note"], "dry\npump µ");
    let long = "x".repeat(1 << 20);
    assert_eq!(note(format!("{long}\n").as_bytes()).code, Some(0));
    assert_eq!(lab.jsonl("25")["note"], long.as_str());
    for (bytes, said) in [
        (format!("{long}x").into_bytes(), "a note has at most 1 MB; nothing was marked"),
        (vec![b'x'; 5 << 20], "a note has at most 1 MB; nothing was marked"),
        (vec![b'a', 0xff], "stdin: this is no UTF-8; nothing was marked"),
    ] {
        let ran = note(&bytes);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(lab.jsonl("25")["note"], long.as_str());
    assert_eq!(note(b"").code, Some(0));
    assert_eq!(lab.jsonl("25")["note"], Value::Null);
}

#[test]
fn exit_codes_say_what_went_wrong_and_then_nothing_is_marked() {
    let lab = MarkLab::new();
    for (code, said, args) in [
        (3, "no record 999 in", &["mark", "25", "999", "--star"][..]),
        (3, "no records 998, 999 in", &["mark", "998", "25", "999", "--note", "-"]),
        (3, "no record 999 in", &["mark", "999"]),
        (2, "required", &["mark", "--star"]),
        (2, "name records by their ids or by --filter", &["mark", "25", "--filter", "id:25", "--star"]),
        (2, "which would mean every record", &["mark", "--filter", "", "--star"]),
        (2, "cannot be used with", &["mark", "25", "--star", "--unstar"]),
        (2, "good, bad, check, none", &["mark", "25", "--verdict", "fine"]),
        (2, "a tag has no blanks and no commas", &["mark", "25", "--tag", "a b"]),
        (2, "a tag has no blanks and no commas", &["mark", "25", "--untag", "a,b"]),
        (2, "a can't be given and taken away at once", &["mark", "25", "--tag", "a", "--untag", "a"]),
        (2, "--note <TEXT>", &["mark", "25", "--note"]),
        (2, "required", &["marks"]),
        (2, "required", &["marks", "import"]),
        (2, "possible values", &["marks", "ls"]),
        (2, "the file that -o names", &["marks", "export", "x.jsonl"]),
        (2, "has no -o", &["marks", "import", "x.jsonl", "-o", "y"]),
        (1, "x.jsonl: ", &["marks", "import", "x.jsonl"]),
    ] {
        let ran = lab.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert!(ran.out.is_empty() && ran.err.contains(said), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains("did you mean the data"), "{args:?}: {}", ran.err);
    }
    let nobody = lab.run(&["mark", "--filter", "name:zzz", "--star"]);
    assert_eq!((nobody.code, nobody.out.len()), (Some(0), 0));
    assert!(nobody.err.contains("no record matches name:zzz; nothing was marked"), "{}", nobody.err);
    assert_eq!(lab.ids("has:tag or has:note or star:yes or -verdict:none"), "");
    assert_eq!(lab.out(&["marks", "export"]), "");
}

#[test]
fn marks_are_columns_of_every_format() {
    let lab = MarkLab::new();
    lab.out(&[
        "mark",
        "25",
        "--star",
        "--verdict",
        "bad",
        "--tag",
        "b",
        "--tag",
        "a",
        "--note",
        "two\nlines, \"x\"",
    ]);
    let columns = ["--columns", "id,star,verdict,tags,note,unread", "--filter", "id>=24 id<=25"];
    let list = |format: &str| lab.out(&[&["list", "--format", format][..], &columns].concat());
    assert_eq!(
        list("jsonl"),
        "{\"id\": 25, \"star\": true, \"verdict\": \"bad\", \"tags\": [\"a\", \"b\"], \"note\": \"two\\nlines, \
         \\\"x\\\"\", \"unread\": false}\n{\"id\": 24, \"star\": false, \"verdict\": null, \"tags\": [], \"note\": null, \
         \"unread\": false}\n"
    );
    assert_eq!(
        list("csv"),
        "id,star,verdict,tags,note,unread\n25,true,bad,a b,\"two\nlines, \"\"x\"\"\",false\n24,false,,,,false\n"
    );
    assert!(list("tsv").starts_with("id\tstar\tverdict\ttags\tnote\tunread\n25\ttrue\tbad\ta b\t\"two\n"));
    assert_eq!(
        list("table"),
        "id  star  verdict  tags  note            unread\n25  yes   bad      a b   two lines, \"x\"\n24\n"
    );
    let whole = lab.jsonl("25");
    let keys: Vec<&str> = whole.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys[keys.len() - 5..], ["state", "star", "verdict", "tags", "note"]);
    let bash = lab.out(&["completions", "bash"]);
    for words in ["star verdict tags note unread", "good bad check none", "export import"] {
        assert!(bash.contains(words), "{words}");
    }
    for command in ["mark", "marks"] {
        let page = lab.out(&["man", command]).replace('\\', "");
        assert!(page.contains(&format!("ivorylens {command} ")) && page.contains("Examples:"), "{page}");
        assert_eq!(page.contains("FILTER WORDS"), command == "mark");
    }
}

/// What somebody typed, or a file brought, is never a command to a terminal.
#[cfg(unix)]
#[test]
fn no_control_code_reaches_a_terminal() {
    let lab = MarkLab::new();
    let odd = "\u{1b}[31mred \u{202e}turned\u{7}\n\u{9b}2J\tend";
    lab.out(&["mark", "25", "--star", "--note", odd]);
    let by = format!("mara\u{1b}[2J{}", "x".repeat(500));
    let mut line = lab.out(&["marks", "export"]).parse::<Value>().unwrap();
    line["by"] = by.into();
    line["at"] = "9999-12-31T23:59:59".into();
    lab.out_with(&["marks", "import", "-"], line.to_string().as_bytes());
    let columns = ["list", "--filter", "id:25", "--columns", "id,tags,note"];
    for args in [&["mark", "25"][..], &["show", "25"], &columns] {
        let printed = lab.out(args);
        let is_odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!printed.contains(is_odd) && printed.contains("␛[31mred"), "{args:?}: {printed:?}");
    }
    let refused = lab.run(&["mark", "25", "--tag", "a\u{1b}[2J"]);
    assert!(refused.code == Some(2) && !refused.err.contains('\u{1b}'), "{:?}", refused.err);
    // Raw into a pipe, cleaned on a terminal.
    let csv = [&columns[..], &["--format", "csv"]].concat();
    assert!(lab.out(&csv).contains(odd));
    for args in [&csv[..], &["mark", "25"], &["marks", "export"]] {
        let words = [&["--data", lab.data.to_str().unwrap(), "--color", "never"], args].concat();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(words);
        command.env("XDG_STATE_HOME", lab.state.path());
        let mut terminal = Terminal::start_command(command, (100, 50));
        terminal.shows("turned");
        assert!(terminal.ends_restored().success());
        let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
        assert!(
            !raw.contains("\u{1b}[31m") && !raw.contains("\u{1b}[2J") && !raw.contains('\u{7}'),
            "{raw:?}"
        );
    }
}

#[test]
fn a_file_that_is_damaged_newer_or_can_not_be_written_is_told() {
    let lab = MarkLab::new();
    lab.out(&["mark", "25", "--star"]);
    let file = lab.own_file();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let refused = lab.run(&["mark", "24", "--star"]);
    assert_eq!((refused.code, refused.out.len()), (Some(1), 0));
    assert!(
        refused.err.contains("a newer ivorylens wrote it; nothing was marked; use that one"),
        "{}",
        refused.err
    );
    assert_eq!(lab.ids("star:yes"), "25");
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    // Damaged: nothing that rests on marks is said or done, all else is; the next mark sets it aside.
    fs::write(&file, vec![7; 20_000]).unwrap();
    for args in [
        &["list", "--filter", "star:no"][..],
        &["delete", "--filter", "-star:yes", "--yes"],
        &["mark", "25"],
        &["marks", "export"],
        &["mark", "--filter", "-tag:x", "--tag", "x"],
    ] {
        let refused = lab.run(args);
        assert_eq!((refused.code, refused.out.len()), (Some(1), 0), "{args:?}: {}", refused.err);
        assert!(refused.err.contains("the file of marks can't be read: it is damaged"), "{}", refused.err);
    }
    for args in [&["show", "25"][..], &["list", "--format", "jsonl"]] {
        let told = lab.run(args);
        assert!(
            told.code == Some(0) && !told.out.is_empty() && told.err.contains("it is damaged"),
            "{}",
            told.err
        );
    }
    assert_eq!(lab.run(&["list"]).err, "");
    let marked = lab.run(&["mark", "24", "--star"]);
    assert_eq!((marked.code, &*marked.out), (Some(0), &b"marked 1 record\n"[..]));
    assert!(marked.err.contains("it was damaged and is kept as"), "{}", marked.err);
    assert_eq!(lab.ids("star:yes"), "24");
    // No folder can be made where a file stands.
    let folder = lab.state.path().join("ivorylens");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    let refused = lab.run(&["mark", "24", "--star"]);
    assert_eq!((refused.code, refused.out.len()), (Some(1), 0));
    assert!(
        refused.err.contains("the file of marks can't be written")
            && refused.err.contains("nothing was marked")
    );
    assert!(lab.out(&["mark", "24"]).ends_with("no marks\n"));
}

/// Who deletes by marks waits for somebody who writes them.
#[test]
fn marks_that_are_written_are_waited_for() {
    let lab = MarkLab::new();
    lab.out(&["mark", "25", "--star"]);
    let writer = rusqlite::Connection::open(lab.own_file()).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let busy = lab.run(&["mark", "24", "--star"]);
    assert_eq!(busy.code, Some(4), "{}", busy.err);
    let busy = lab.run(&["delete", "--filter", "-star:yes id:25", "--yes"]);
    assert_eq!((busy.code, busy.out.len()), (Some(4), 0), "{}", busy.err);
    writer.execute_batch("COMMIT").unwrap();
    let kept = lab.run(&["delete", "--filter", "-star:yes id:25", "--yes"]);
    assert!(kept.code == Some(0) && kept.err.contains("no record matches"), "{}", kept.err);
}
