//! The commands as scripts and shells meet them: exit codes, where bytes go, what is left behind.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rusqlite::Connection;

use ivorylens::model::{json, value::Value};

use common::{NEW, Set, lab::Made};

const COMMANDS: [&str; 21] = [
    "config",
    "marks",
    "mark",
    "export",
    "demo",
    "list",
    "show",
    "steps",
    "data",
    "plot",
    "log",
    "file",
    "plots",
    "calls",
    "delete",
    "trash",
    "restore",
    "share",
    "info",
    "completions",
    "man",
];

fn program(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(args).env("IVORYLENS_DATA", data).stdin(Stdio::null());
    command
}

/// One line on stderr, nothing on stdout.
fn refuses(set: &Set, code: i32, words: &str, args: &[&str]) {
    let ran = set.run(args);
    assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
    assert!(ran.out.is_empty() && ran.err.contains(words), "{args:?}: {:?} has no {words:?}", ran.err);
    if code != 2 {
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let set = Set::open(NEW);
    for command in ["show", "steps", "data", "plot", "log", "plots"] {
        refuses(&set, 3, "no record 987654", &[command, "987654"]);
        refuses(&set, 2, "invalid value", &[command, "first"]);
        refuses(&set, 2, "required", &[command]);
    }
    refuses(&set, 3, "no record 987654", &["plot", "987654", "--json"]);
    refuses(&set, 3, "nothing.csv is not there", &["file", "nothing.csv"]);
    for outside in ["../ivoryos.db", "/etc/hostname", "", "a/../../ivoryos.db", "."] {
        refuses(&set, 1, "is no name of a file in", &["file", outside]);
    }
    refuses(&set, 2, "unexpected argument", &["list", "--all"]);
    refuses(&set, 2, "invalid value", &["list", "--sort", "data_path"]);
    refuses(&set, 2, "invalid value", &["list", "--order", "up"]);
    refuses(&set, 2, "per-page", &["list", "--per-page", "0"]);
    refuses(&set, 2, "format", &["list", "--format", "xml"]);
    refuses(&set, 2, "cannot be used with", &["show", "1", "--json", "--view"]);
    for words in [&["demo", "-d", "elsewhere"][..], &["demo", "--path", "--data", "."]] {
        refuses(&set, 2, "ivorylens PATH opens the screens on yours", words);
    }
    refuses(&set, 3, "no record -1 in ", &["show", "-1"]);
    refuses(&set, 2, "cannot be used with", &["steps", "1", "-O", "-o", "x"]);
}

/// The ids of a list as it stands.
fn ids(set: &Set, args: &[&str]) -> Vec<i64> {
    let ran = set.run(&[&["list", "--format", "jsonl"], args].concat());
    assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
    let id = |line: &[u8]| match json::read(line).unwrap() {
        Value::Dict(run) => common::text(run.get("id").unwrap()).parse().unwrap(),
        other => panic!("{other:?} is no record"),
    };
    ran.out.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(id).collect()
}

#[test]
fn pages_have_no_edge_to_fall_off() {
    let set = Set::open(NEW);
    let all = ids(&set, &[]);
    assert_eq!(all.len(), 61);
    assert_eq!(ids(&set, &["--page", "1"]), all[..10]);
    for below in ["0", "-1", "-9223372036854775808"] {
        assert_eq!(ids(&set, &["--page", below]), all[..10], "page {below}");
    }
    assert_eq!(ids(&set, &["--page", "7"]), all[60..]);
    for past in ["8", "9223372036854775807"] {
        assert!(ids(&set, &["--page", past]).is_empty(), "page {past}");
        assert!(ids(&set, &["--page", past, "--per-page", "18446744073709551615"]).is_empty());
    }
    assert_eq!(ids(&set, &["--per-page", "7"]), all[..7]);
    assert_eq!(ids(&set, &["--per-page", "7", "--page", "2"]), all[7..14]);
    assert_eq!(ids(&set, &["--per-page", "5000"]), all);
    assert_eq!(ids(&set, &["--order", "asc"]), all.iter().rev().copied().collect::<Vec<_>>());
}

#[test]
fn every_format_lists_the_same_records() {
    let set = Set::open("odd");
    let want = ids(&set, &[]);
    let lines = |format: &str| {
        let ran = set.run(&["list", "--format", format]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{format}");
        String::from_utf8(ran.out).unwrap()
    };
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        let text = lines(format);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let got: Vec<i64> = reader.records().map(|r| r.unwrap()[0].parse().unwrap()).collect();
        assert_eq!(got, want, "{format}");
    }
    let table = lines("table");
    assert_eq!(table.lines().count(), want.len() + 1, "one line a record");
    let shown: Vec<i64> =
        table.lines().skip(1).filter_map(|l| l.split_whitespace().nth(1)?.parse().ok()).collect();
    assert_eq!(shown, want);
}

#[test]
fn an_empty_list_is_told_beside_the_data() {
    let set = Set::open(NEW);
    let ran = set.run(&["list", "--keyword", "no such words"]);
    assert_eq!((ran.code, ran.out.len()), (Some(0), 0));
    assert!(ran.err.contains("no record matches"));
    for format in ["json", "jsonl", "csv"] {
        let ran = set.run(&["list", "--keyword", "no such words", "--format", format]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "data for programs comes without remarks");
    }
}

/// pandas writes a line for each iteration, also where none returned a value.
#[test]
fn a_data_csv_of_empty_lines_is_told_as_that() {
    let set = Set::open(NEW);
    let ran = set.run(&["data", "19"]);
    assert_eq!((ran.code, ran.out.as_slice()), (Some(0), b"\n\n\n".as_slice()));
    assert!(ran.err.contains("record 19 returned no values: the 2 rows of"), "{}", ran.err);
    assert_eq!(set.run(&["data", "25"]).err, "");
}

#[test]
fn nobody_is_told_when_the_reader_goes() {
    let set = Set::open(NEW);
    let runs: [&[&str]; 12] = [
        &["list"],
        &["calls"],
        &["list", "--format", "json"],
        &["list", "--format", "jsonl"],
        &["show", "25"],
        &["show", "25", "--json"],
        &["steps", "25"],
        &["data", "25"],
        &["plot", "25"],
        &["log", "25"],
        &["man"],
        &["completions", "bash"],
    ];
    for args in runs {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = program(&set.data(), args).stdout(writer).output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!((ran.status.code(), err.as_ref()), (Some(0), ""), "{args:?}");
    }
}

/// Runs the program as a shell does with these redirections.
fn redirected(data: &Path, how: &str, args: &[&str]) -> (Option<i32>, String) {
    let line = format!("exec \"$0\" \"$@\" {how}");
    let mut command = Command::new("sh");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_ivorylens")]).args(args).env("IVORYLENS_DATA", data);
    let ran = command.stdin(Stdio::null()).output().unwrap();
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[cfg(unix)]
#[test]
fn a_closed_stdout_is_a_failure_and_an_unwanted_one_is_not() {
    let set = Set::open(NEW);
    let data = set.copy();
    for args in [
        &["list"][..],
        &["list", "--format", "jsonl"],
        &["show", "25"],
        &["show", "25", "--json"],
        &["steps", "25"],
        &["log", "25"],
        &["plot", "25"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
        &["list", "--help"],
        &["--version"],
        &["delete", "25", "--yes"],
    ] {
        let (code, said) = redirected(&data, ">&-", args);
        assert_eq!(code, Some(1), "{args:?}: {said}");
        assert!(said.contains("stdout: it is closed (") && said.contains("; give it a"), "{args:?}: {said}");
    }
    // Nothing was deleted, as nobody could see the bill.
    for how in ["> /dev/null", ">&- > /dev/null", "<> /dev/null >&0"] {
        assert_eq!(redirected(&data, how, &["show", "25"]), (Some(0), String::new()), "{how}");
    }
    // What is not printed needs no stdout.
    let file = set.place();
    let to = file.path().join("steps.csv");
    assert_eq!(redirected(&data, ">&-", &["steps", "25", "-o", to.to_str().unwrap()]).0, Some(0));
    assert!(to.is_file());
    let (code, said) = redirected(&data, "> /dev/full", &["show", "25"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("stdout: the disk is full (") && said.contains("; make room"), "{said}");
}

#[cfg(unix)]
#[test]
fn words_that_are_too_long_to_search_for_are_told_as_such() {
    let words = "x".repeat(60_000);
    refuses(
        &Set::open(NEW),
        2,
        "60000 bytes, and SQLite takes up to 49998; give fewer",
        &["list", "--keyword", &words],
    );
}

/// A made folder with one record that is large enough to be stopped in the middle.
fn large() -> Made {
    Made::with_long(3, (4_000, 4))
}

#[test]
fn head_ends_a_long_export_quietly() {
    let made = large();
    let id = made.long.to_string();
    for command in ["steps", "data"] {
        let mut child = program(made.data(), &[command, &id])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 100];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ran = child.wait_with_output().unwrap();
        assert_eq!((ran.status.code(), ran.stderr.len()), (Some(0), 0), "{command}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_half_file() {
    let made = large();
    let id = made.long.to_string();
    for (signal, code, how) in [
        ("INT", 130, &["-o", "steps.csv"][..]),
        ("TERM", 143, &["-O"]),
        ("HUP", 129, &["-o", "old.csv", "--overwrite"]),
    ] {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("old.csv"), "old").unwrap();
        let mut command = program(made.data(), &[&["steps", &id, "--wait", "60"], how].concat());
        let child = command.current_dir(here.path()).stderr(Stdio::piped()).spawn().unwrap();
        while names(here.path()).len() < 2 {
            std::thread::yield_now();
        }
        // With the file held, the export stands in the middle until the signal is there.
        let held = Connection::open(made.database()).unwrap();
        held.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
        held.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        held.execute_batch("ROLLBACK").unwrap();
        let ran = child.wait_with_output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{signal}: {}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(names(here.path()), ["old.csv"], "{signal}");
        assert_eq!(fs::read(here.path().join("old.csv")).unwrap(), b"old");
    }
}

#[test]
fn files_are_named_and_never_replaced_unasked() {
    let set = Set::open(NEW);
    let here = set.place();
    let run = |args: &[&str]| set.run_in(here.path(), &set.data(), args);
    let want = fs::read(set.expected("steps/25.csv")).unwrap();

    assert_eq!(run(&["steps", "25", "-o", "s.csv"]).code, Some(0));
    assert_eq!(fs::read(here.path().join("s.csv")).unwrap(), want);
    fs::write(here.path().join("s.csv"), "mine").unwrap();
    let ran = run(&["steps", "25", "-o", "s.csv"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("s.csv") && ran.err.contains("--overwrite"), "{}", ran.err);
    assert_eq!(fs::read(here.path().join("s.csv")).unwrap(), b"mine");
    assert_eq!(run(&["steps", "25", "-o", "s.csv", "--overwrite"]).code, Some(0));
    assert_eq!(fs::read(here.path().join("s.csv")).unwrap(), want);

    assert_eq!(run(&["steps", "25", "-o", "-"]).out, want);
    for _ in 0..2 {
        assert_eq!(run(&["data", "25", "-O"]).code, Some(0));
    }
    let own: Vec<String> = names(here.path()).into_iter().filter(|n| n != "s.csv").collect();
    let [first, second] = own.as_slice() else { panic!("{own:?}") };
    let number = |name: &str| name.replace(" (2)", "");
    assert!(first.contains(" (2).csv") ^ second.contains(" (2).csv"), "{own:?}");
    assert_eq!(number(first), number(second));

    let before = names(here.path());
    for (args, code) in [
        (&["steps", "25", "-o", "no/such/folder.csv"][..], 1),
        (&["steps", "25", "-o", "."], 1),
        (&["steps", "987654", "-o", "new.csv"], 3),
        (&["steps", "987654", "-O"], 3),
        (&["plots", "1", "-o", "new.csv"], 3),
        (&["log", "1", "-o", "s.csv/log"], 1),
    ] {
        let ran = run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert_eq!(names(here.path()), before, "{args:?} left something");
    }
}

/// All paths below a folder.
fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut at = 0;
    while let Some(path) = all.get(at).cloned() {
        all.extend(fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path()));
        at += 1;
    }
    all.sort();
    all
}

/// Also where a link, a detour or a folder that is yet to be made leads into it.
#[cfg(unix)]
#[test]
fn nothing_is_exported_into_the_labs_folder() {
    let set = Set::open(NEW);
    let data = set.copy();
    let here = set.place();
    std::os::unix::fs::symlink(data.join("results"), here.path().join("link")).unwrap();
    fs::create_dir(here.path().join("out")).unwrap();
    let before = everything_in(&data);
    let inside = data.join("logs").join("new.csv");
    for (folder, args) in [
        (data.as_path(), vec!["steps", "25", "-O"]),
        (&data.join("results"), vec!["log", "25", "-O"]),
        (here.path(), vec!["steps", "25", "-o", "link/x.csv"]),
        (here.path(), vec!["steps", "25", "-o", "link/../y.csv"]),
        (here.path(), vec!["data", "25", "-o", inside.to_str().unwrap(), "--overwrite"]),
    ] {
        let ran = set.run_in(folder, &data, &args);
        assert_eq!(ran.code, Some(1), "{args:?}: {}", ran.err);
        assert!(
            ran.err.contains("the lab's own folder") && ran.err.contains("with -o"),
            "{args:?}: {}",
            ran.err
        );
    }
    assert_eq!(everything_in(&data), before);
    // A database that lies alone among other things makes no folder the lab's.
    fs::copy(data.join("ivoryos.db"), here.path().join("mine.db")).unwrap();
    let ran = set.run_in(here.path(), &here.path().join("mine.db"), &["steps", "25", "-o", "out/s.csv"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_with_the_name_of_what_is_full() {
    let set = Set::open(NEW);
    refuses(
        &set,
        1,
        "/dev/full: the disk is full (No space left on device); make room",
        &["steps", "25", "-o", "/dev/full"],
    );
    for args in [&["steps", "25"][..], &["list"], &["show", "25"], &["show", "25", "--json"], &["man"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = program(&set.data(), args).stdout(full).output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains("stdout: the disk is full (No space left"), "{args:?}: {err}");
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_takes_an_export() {
    let set = Set::open(NEW);
    let here = set.place();
    let pipe = here.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    let ran = set.run_in(here.path(), &set.data(), &["steps", "25", "-o", "pipe"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(reader.join().unwrap(), fs::read(set.expected("steps/25.csv")).unwrap());
    assert_eq!(names(here.path()), ["pipe"], "it is still a pipe");
}

/// What the program writes on a terminal, with `answer` typed once `question` is there.
#[cfg(unix)]
fn on_terminal(data: &Path, args: &[&str], question: &str, answer: &str) -> (u32, String) {
    on_wide_terminal(120, data, args, question, answer)
}

#[cfg(unix)]
fn on_wide_terminal(cols: u16, data: &Path, args: &[&str], question: &str, answer: &str) -> (u32, String) {
    let pair =
        native_pty_system().openpty(PtySize { rows: 24, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(args);
    command.env("IVORYLENS_DATA", data);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    command.env_remove("NO_COLOR");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let (mut all, mut piece, mut asked) = (Vec::new(), [0; 4096], question.is_empty());
    // The end of a terminal is an error on Linux.
    while let Ok(n) = reader.read(&mut piece) {
        if n == 0 {
            break;
        }
        all.extend_from_slice(&piece[..n]);
        if !asked && String::from_utf8_lossy(&all).contains(question) {
            asked = true;
            writer.write_all(answer.as_bytes()).unwrap();
        }
    }
    assert!(asked, "never asked {question:?}: {}", String::from_utf8_lossy(&all));
    (child.wait().unwrap().exit_code(), String::from_utf8_lossy(&all).into_owned())
}

/// A character that a terminal would act on, or that turns text around.
fn control(text: &str) -> Option<char> {
    let acts = |c: &char| match c {
        // A tab moves the cursor, no more; TSV and logs have them.
        '\n' | '\r' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    };
    text.chars().find(acts)
}

#[cfg(unix)]
#[test]
fn hostile_names_never_reach_a_terminal_as_control_codes() {
    let set = Set::open("odd");
    let all: Vec<String> = ids(&set, &[]).iter().map(ToString::to_string).collect();
    common::check_all(&all, |id| {
        let mut bad = Vec::new();
        for args in [
            &["show", id][..],
            &["plot", id],
            &["delete", id, "--dry-run"],
            &["delete", id],
            &["log", id, "-o", "no/such/x"],
        ] {
            let ran = set.run(args);
            if let Some(c) = control(&String::from_utf8_lossy(&ran.out)).or(control(&ran.err)) {
                bad.push(format!("{args:?} prints {c:?}"));
            }
        }
        for args in [&["show", id, "--json"][..], &["steps", id], &["data", id], &["log", id]] {
            let (_, text) = on_terminal(&set.data(), args, "", "");
            if let Some(c) = control(&text) {
                bad.push(format!("{args:?} sends {c:?} to a terminal"));
            }
        }
        bad
    });
    for format in ["table", "csv", "tsv", "jsonl"] {
        let (code, text) =
            on_terminal(&set.data(), &["list", "--color", "never", "--format", format], "", "");
        assert_eq!((code, control(&text)), (0, None), "{format}");
    }
    let (code, text) = on_terminal(&set.data(), &["file", "a\u{1b}[2Jb\n\u{202e}c"], "", "");
    assert_eq!((code, control(&text)), (3, None));
    assert_eq!(text.lines().count(), 1, "{text:?}");
    // In a pipe an export keeps its bytes.
    let raw = all
        .iter()
        .any(|id| set.run(&["steps", id]).out.contains(&0x1b) || set.run(&["log", id]).out.contains(&0x1b));
    assert!(raw, "the set has an escape to keep");
}

#[cfg(unix)]
#[test]
fn binary_is_not_written_to_a_terminal() {
    let set = Set::open("odd");
    let picture = names(&set.data().join("results")).into_iter().find(|n| n.ends_with(".png")).unwrap();
    let (code, text) = on_terminal(&set.data(), &["file", &picture], "", "");
    assert_eq!(code, 1);
    assert!(text.contains("binary") && text.contains("-O"), "{text}");
    assert_eq!(
        set.run(&["file", &picture]).out,
        fs::read(set.data().join("results").join(&picture)).unwrap()
    );
}

#[cfg(unix)]
#[test]
fn delete_asks_on_a_terminal_and_enter_is_no() {
    let set = Set::open(NEW);
    let data = set.copy();
    let left = || {
        let sql = "SELECT count(*) FROM workflow_runs";
        Connection::open(data.join("ivoryos.db")).unwrap().query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap()
    };
    for (args, answer, after) in [
        (&["delete", "3"][..], "\n", 61),
        (&["delete", "3"], "n\n", 61),
        (&["delete", "3"], "1\n", 61),
        (&["delete", "3", "4"], "y\n", 61),
        (&["delete", "3", "4"], "3\n", 61),
        (&["delete", "3", "4"], "2\n", 59),
        (&["delete", "5"], "y\n", 58),
    ] {
        let (code, text) = on_terminal(&data, args, "to delete", answer);
        assert_eq!((code, left()), (0, after), "{args:?} {answer:?}: {text}");
        assert_eq!(text.contains("nothing was deleted"), after == 61, "{text}");
    }
    let (code, text) = on_terminal(&data, &["delete", "61"], "", "");
    assert_eq!((code, left()), (1, 58), "{text}");
}

/// Without the escape codes of colours.
fn bare(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| all + piece.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(unix)]
#[test]
fn lists_and_tables_fit_a_terminal_and_are_whole_in_a_pipe() {
    let set = Set::open("odd");
    let all = String::from_utf8(set.run(&["list"]).out).unwrap();
    for cols in [40, 80, 160] {
        let (new, field) = (Set::open(NEW), Set::open("field/calls"));
        for (set, args) in
            [(&set, &["list"][..]), (&new, &["list"]), (&new, &["calls"]), (&field, &["calls"])]
        {
            let (code, text) = on_wide_terminal(cols, &set.data(), args, "", "");
            assert_eq!(code, 0);
            for line in text.lines().map(|line| bare(line.trim_end_matches('\r'))) {
                let wide = ivorylens::model::sanitize::width(&line);
                assert!(wide <= usize::from(cols), "{args:?} on {cols}: {line:?} is {wide} wide");
            }
        }
    }
    let db = Connection::open(set.data().join("ivoryos.db")).unwrap();
    let mut names = db.prepare("SELECT name FROM workflow_runs").unwrap();
    for name in names.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let name = ivorylens::model::sanitize::sanitize(&name.unwrap()).into_owned();
        assert!(all.contains(name.trim_end()), "{name:?} is cut");
    }
}

#[cfg(unix)]
#[test]
fn outcomes_have_colours_on_a_terminal_alone() {
    let set = Set::open(NEW);
    let (_, text) = on_terminal(&set.data(), &["list"], "", "");
    assert!(text.contains("\u{1b}[31mEnded with an error\u{1b}[0m"), "{text}");
    let (_, text) = on_terminal(&set.data(), &["list", "--color", "never"], "", "");
    assert!(!text.contains('\u{1b}'), "{text}");
    let piped = set.run(&["list"]);
    assert!(!piped.out.contains(&0x1b));
    let asked = set.run(&["list", "--color", "always"]);
    assert!(asked.out.contains(&0x1b), "it was asked for");
}

#[test]
fn packagers_get_completions_and_a_man_page() {
    let set = Set::open(NEW);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = set.run(&["completions", shell]);
        let text = String::from_utf8(ran.out).unwrap();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        for command in COMMANDS {
            assert!(text.contains(command), "{shell} knows no {command}");
        }
    }
    let man = String::from_utf8(set.run(&["man"]).out).unwrap();
    for command in COMMANDS {
        assert!(
            man.contains(&format!("ivorylens\\-{command}(1)"))
                || man.contains(&format!("ivorylens-{command}")),
            "{command}"
        );
    }
}

#[test]
fn man_pages_have_what_help_and_keymap_say() {
    let set = Set::open(NEW);
    let man = String::from_utf8(set.run(&["man"]).out).unwrap();
    for words in [
        ".SH KEYS",
        ".SS \"Go to\"",
        "next record of the list, same tab",
        "\\fBEnter\\fR",
        ":per\\-page 10|20|50",
        ".SH ENVIRONMENT",
        "IVORYLENS_DATA",
        ".SH FILES",
        ".SH \"EXIT STATUS\"",
        "OPTIONS OF EVERY COMMAND",
    ] {
        assert!(man.contains(words), "{words} is not in {man}");
    }
    for command in COMMANDS {
        let ran = set.run(&["man", command]);
        let page = String::from_utf8(ran.out).unwrap();
        assert!(
            page.contains(&format!(".TH ivorylens\\-{command}"))
                || page.contains(&format!("ivorylens-{command} 1")),
            "{page}"
        );
        assert!(page.contains("\\-\\-data") && page.contains(&format!("ivorylens {command}")), "{page}");
        // Which version it is of, and where the keys are.
        assert!(page.contains(concat!("\"ivorylens ", env!("CARGO_PKG_VERSION"), "\"")), "{page}");
        assert!(page.contains(".SH \"SEE ALSO\""), "{page}");
    }
    refuses(&set, 2, "there is no command \"lsit\"", &["man", "lsit"]);
}

/// Wrong words come from scripts too: no control codes of theirs reach the terminal, and no more than a line of them.
#[test]
fn wrong_words_are_shown_without_control_codes_and_cut() {
    let set = Set::open(NEW);
    let ran = set.run(&["list", "--filter", "foo\u{1b}]0;evil\u{7}\u{1b}[31m\r\u{202e}>x"]);
    assert_eq!(ran.code, Some(2));
    assert!(!ran.err.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{:?}", ran.err);
    // A command line of Windows has 32,767 letters at most.
    let many = if cfg!(windows) { 12_000 } else { 40_000 };
    let ran = set.run(&["list", "--filter", &format!("{})", "a ".repeat(many))]);
    assert!(ran.code == Some(2) && ran.err.len() < 1_500, "{} bytes", ran.err.len());
}

#[cfg(unix)]
#[test]
fn every_help_fits_and_has_an_example_that_parses() {
    let set = Set::open(NEW);
    for command in COMMANDS {
        let ran = set.run(&[command, "--help"]);
        let text = String::from_utf8(ran.out).unwrap();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{command}");
        let (_, shown) = on_wide_terminal(80, &set.data(), &[command, "--help"], "", "");
        assert!(shown.lines().count() <= 40, "{command}: {} lines", shown.lines().count());
        assert!(text.contains("\nOptions of every command:\n"), "{text}");
        let (_, examples) = text.split_once("Example").unwrap_or_else(|| panic!("{command} has no example"));
        assert!(examples.contains(&format!("ivorylens {command}")), "{examples}");
    }
    let version = set.run(&["--version"]);
    assert_eq!(version.out, format!("ivorylens {}\n", env!("CARGO_PKG_VERSION")).into_bytes());
}

#[test]
fn colours_are_only_where_they_are_wanted() {
    let set = Set::open(NEW);
    for more in [&[][..], &["--color", "never"], &["--ascii"]] {
        let ran = set.run(&[&["show", "25"], more].concat());
        assert!(!ran.out.contains(&0x1b), "{more:?}");
        if more == ["--ascii"] {
            let text = String::from_utf8(ran.out).unwrap();
            assert!(text.is_ascii(), "{text}");
        }
    }
}

/// A folder that is linked or moved is still one folder; a link out of results/ is not followed.
#[cfg(unix)]
#[test]
fn links_lead_nowhere_outside() {
    let set = Set::open(NEW);
    let data = set.copy();
    let secret: PathBuf = set.place().keep().join("secret.txt");
    fs::write(&secret, "secret").unwrap();
    std::os::unix::fs::symlink(&secret, data.join("results/link.csv")).unwrap();
    std::os::unix::fs::symlink(secret.parent().unwrap(), data.join("results/folder")).unwrap();
    for name in ["link.csv", "folder/secret.txt"] {
        let ran = set.run_in(&data, &data, &["file", name]);
        assert_eq!((ran.code, ran.out.len()), (Some(1), 0), "{name}: {}", ran.err);
    }
    let moved = set.place().keep().join("linked");
    std::os::unix::fs::symlink(&data, &moved).unwrap();
    assert_eq!(set.run_in(&data, &moved, &["log", "1"]).code, Some(0));
}

/// Every reason is told before a screen is drawn: a line, no control code, and the terminal as it was.
#[cfg(unix)]
#[test]
fn what_cannot_be_opened_never_gets_a_screen() {
    let place = tempfile::tempdir().unwrap();
    let text = place.path().join("notes.txt");
    fs::write(&text, "no database ".repeat(20)).unwrap();
    let nowhere = place.path().join("nowhere");
    for (path, words) in [(&text, "not a SQLite file"), (&nowhere, "no such file or folder")] {
        let (code, shown) = on_terminal(path, &[], "", "");
        assert_eq!((code, control(&shown)), (1, None), "{shown:?}");
        assert!(shown.contains(words), "{shown:?}");
    }
    let set = Set::open(NEW);
    let ran = set.run(&[]);
    assert_eq!((ran.code, ran.out.len()), (Some(2), 0), "screens need a terminal: {}", ran.err);
    assert!(ran.err.contains("ivorylens list") && ran.err.lines().count() == 1, "{}", ran.err);
}

#[test]
fn where_no_file_can_be_made_the_folder_and_the_way_out_are_named() {
    let set = Set::open(NEW);
    refuses(&set, 1, "no/such: there is no such folder; make it", &["steps", "25", "-o", "no/such/x.csv"]);
}

#[cfg(unix)]
#[test]
fn exports_never_replace_the_database_nor_make_it_a_journal() {
    let set = Set::open(NEW);
    let data = set.copy();
    let before = fs::read(data.join("ivoryos.db")).unwrap();
    std::os::unix::fs::symlink(data.join("ivoryos.db"), data.join("link")).unwrap();
    for name in ["ivoryos.db", "link", "ivoryos.db-journal", "ivoryos.db-wal"] {
        for copy in [&["--copy"][..], &[]] {
            let args = [&["steps", "25", "--overwrite", "-o", name], copy].concat();
            let ran = set.run_in(&data, &data, &args);
            assert_eq!(ran.code, Some(1), "{name}: {}", ran.err);
            assert!(ran.err.contains(name) && ran.err.contains("the lab's database"), "{}", ran.err);
        }
    }
    assert_eq!(fs::read(data.join("ivoryos.db")).unwrap(), before);
    assert!(!data.join("ivoryos.db-journal").exists() && !data.join("ivoryos.db-wal").exists());
    assert_eq!(set.run_in(&data, &data, &["steps", "25", "-o", "mine.db"]).code, Some(1));
    assert!(!data.join("mine.db").exists(), "it is the lab's folder");
}
