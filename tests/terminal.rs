//! The real program in a real (pseudo-)terminal: start, resize, every way out, an export, a delete.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use portable_pty::CommandBuilder;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use ivorylens::{
    checkpoint::Cx,
    services::{
        own_files::OwnFiles,
        request::{Answer, Ask},
    },
    style::Theme,
    tui::{
        self,
        action::Action,
        app::AppOptions,
        clipboard::Between,
        keymap::Context,
        screen::{Effect, Input, Screen, ScreenCx},
        tab::TabId,
    },
};

use common::{NEW, Set, terminal::Terminal};

const USUAL: (u16, u16) = (80, 24);

/// A copy of the reference lab, and the program open on it.
struct Opened {
    terminal: Terminal,
    here: tempfile::TempDir,
    data: PathBuf,
    _set: Set,
}

fn open(size: (u16, u16)) -> Opened {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let args = [data.to_str().unwrap()];
    let terminal = Terminal::start(program(), &args, here.path(), size);
    terminal.shows("still_going");
    Opened { terminal, here, data, _set: set }
}

fn program() -> &'static std::path::Path {
    env!("CARGO_BIN_EXE_ivorylens").as_ref()
}

#[test]
fn q_leaves_and_gives_the_terminal_back() {
    let mut opened = open(USUAL);
    assert!(opened.terminal.send("q").ends_restored().success());
}

/// What a user does on one day and finds on the next.
#[test]
fn the_screens_come_as_they_were_left() {
    let mut opened = open(USUAL);
    let terminal = &mut opened.terminal;
    terminal.send("/-status:completed\r").shows("with -status:completed");
    terminal.send(":sort took asc\r").shows("took \u{25b4}");
    terminal.send("jjj");
    let bar = |screen: &str| screen.lines().find(|line| line.starts_with('▌')).map(str::to_owned);
    terminal.send("5").shows("▌");
    terminal.shows("Charts");
    terminal.send("\x1b").shows("with -status:completed");
    let left = terminal.wait("a record", |screen| bar(screen).is_some());
    assert!(terminal.send("q").ends_restored().success());
    let again = |more: &[&str]| {
        let args: Vec<&str> =
            [opened.data.to_str().unwrap()].into_iter().chain(more.iter().copied()).collect();
        Terminal::start(program(), &args, opened.here.path(), USUAL)
    };
    let mut second = again(&[]);
    second.shows("As you left it: -status:completed; Esc shows all.");
    let came = second.wait("the record", |screen| bar(screen) == bar(&left));
    assert!(came.contains("9 of 61 records with -status:completed"), "{came}");
    second.send("\r").shows("volume");
    second.signal("HUP");
    assert_eq!(second.ends_restored().exit_code(), 129);
    let mut fresh = again(&["--fresh"]);
    assert!(!fresh.shows("61 records  ").contains("As you left it"));
    fresh.send("\r").shows("this step never ended");
    fresh.send("\x03").ends_restored();
    // It was left anew, by Ctrl-C from within a record.
    let mut last = again(&[]);
    assert!(!last.shows("61 records  ").contains("As you left it"));
    last.send("q").ends_restored();
    let state = opened.here.path().join("ivorylens");
    let labs: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<_> = labs.iter().filter(|lab| lab.join("screen.json").is_file()).collect();
    assert_eq!(files.len(), 1, "{labs:?}");
    assert!(opened.data.parent().unwrap().join("ivorylens").symlink_metadata().is_err());
}

/// A state folder that can't be written, or none, is no trouble.
#[test]
fn nothing_to_leave_anything_in_is_no_error() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    fs::write(here.path().join("taken"), "").unwrap();
    for state in ["/dev/null/none", "/proc/none", here.path().join("taken").to_str().unwrap()] {
        let mut command = CommandBuilder::new(program());
        command.args([data.to_str().unwrap()]);
        command.cwd(here.path());
        command.env("TERM", "xterm-256color");
        for name in ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(name, state);
        }
        let mut terminal = Terminal::start_command(command, USUAL);
        terminal.shows("61 records");
        assert!(terminal.send("q").ends_restored().success(), "{state}");
    }
}

/// Following can be tried on it; it ends with the screens.
#[test]
fn the_demos_newest_record_goes_on_while_it_is_looked_at() {
    let here = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(program(), &["demo"], here.path(), USUAL);
    terminal.shows("made-up lab");
    terminal.send("\r").shows(" since ");
    terminal.send("F").shows("40 iterations");
    assert!(terminal.send("Q").ends_restored().success());
}

#[test]
fn every_signal_that_ends_gives_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let mut opened = open(USUAL);
        opened.terminal.signal(name);
        assert_eq!(opened.terminal.ends_restored().exit_code(), code, "{name}");
    }
}

#[test]
fn every_signal_that_nothing_answers_gives_the_terminal_back_and_ends_the_program() {
    for name in ["USR1", "USR2", "ALRM", "ABRT", "VTALRM", "PROF", "XCPU", "BUS", "SYS", "TRAP"] {
        let mut opened = open(USUAL);
        opened.terminal.signal(name);
        let status = opened.terminal.ends_restored();
        let mut same = Command::new("sh").args(["-c", &format!("kill -s {name} $$")]).spawn().unwrap();
        let want = portable_pty::ExitStatus::from(same.wait().unwrap());
        assert!(want.signal().is_some());
        assert_eq!(status.signal(), want.signal(), "{name}");
    }
}

/// Those that have a number but no name everywhere.
#[cfg(target_os = "linux")]
#[test]
fn even_a_signal_without_a_name_gives_the_terminal_back() {
    for number in [16, 29, 30, 40, 64] {
        let mut opened = open(USUAL);
        opened.terminal.signal(&number.to_string());
        assert_eq!(opened.terminal.ends_restored().exit_code(), 128 + number, "{number}");
    }
}

#[test]
fn ctrl_c_leaves_from_inside_a_record() {
    let mut opened = open(USUAL);
    opened.terminal.send("\r").shows("Overview");
    opened.terminal.send("\x03").ends_restored();
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_words() {
    // This test program itself, with the screen below in it: it is there in every profile and target folder.
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_screen_that_panics_at_the_first_key", "--nocapture"]);
    command.env(SHOW_TRAP, "1");
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start_command(command, USUAL);
    terminal.shows("press j");
    let status = terminal.send("j").ends_restored();
    assert_eq!(status.exit_code(), 101);
    let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let (left, words) = (sent.rfind("\x1b[?1049l").unwrap(), sent.find("a screen failed").unwrap());
    assert!(left < words, "the words are lost on the other screen");
}

/// Set where the screen that panics is to be shown; without it there is no terminal to show it in.
const SHOW_TRAP: &str = "IVORYLENS_TEST_TRAP";

#[derive(Debug)]
struct Trap;

impl Screen for Trap {
    fn context(&self) -> Context {
        Context::List
    }

    fn can(&self, _: Action) -> bool {
        true
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        if let Input::Action(action) = input {
            panic!("a screen failed at {action:?}");
        }
        Vec::new()
    }

    fn view(&self, _: &Theme, area: Rect, buf: &mut Buffer) {
        buf.set_string(area.x, area.y, "press j", Style::new());
    }
}

#[test]
fn a_screen_that_panics_at_the_first_key() {
    if std::env::var_os(SHOW_TRAP).is_none() {
        return;
    }
    let options = AppOptions {
        on_server: false,
        wrong: Vec::new(),
        opened: "nothing".to_owned(),
        export_folder: ".".into(),
        theme: Theme { ascii: false, color: false },
        between: Between::Nothing,
        slow: false,
        title: false,
        bell: false,
        messages: false,
        own: OwnFiles::default(),
        tab: TabId::default(),
    };
    let nothing = |_: &Ask, _: &mut Cx<'_>| Ok(Answer::Changed(false));
    tui::run(options, Box::new(Trap), nothing).unwrap();
}

#[test]
fn any_size_is_drawn_and_too_small_says_so() {
    let mut opened = open(USUAL);
    opened.terminal.resize(160, 50).wait("61 rows", |s| s.contains("alpha") && s.lines().count() > 40);
    opened.terminal.resize(20, 5).wait("too small", |s| s.contains("small"));
    for (columns, rows) in [(1, 1), (2, 3), (300, 100), (39, 10), (40, 9)] {
        opened.terminal.resize(columns, rows);
    }
    opened.terminal.resize(40, 10).shows("still_going");
    opened.terminal.resize(80, 24).shows("killed_halfway");
    opened.terminal.send("q").ends_restored();
}

/// A shell, and the command that opens the program on a copy of the reference lab.
struct Shell {
    terminal: Terminal,
    command: String,
    here: tempfile::TempDir,
    _set: Set,
}

fn shell() -> Shell {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.cwd(here.path());
    for (name, value) in
        [("PS1", "ready> "), ("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("HISTFILE", "")]
    {
        command.env(name, value);
    }
    let terminal = Terminal::start_command(command, USUAL);
    terminal.shows("ready>");
    let command = format!("{} {}", program().display(), data.display());
    Shell { terminal, command, here, _set: set }
}

#[test]
fn ctrl_z_stops_and_fg_draws_again() {
    let mut shell = shell();
    let terminal = &mut shell.terminal;
    terminal.send(&format!("{}\r", shell.command)).shows("still_going");
    terminal.send("\x1a").wait("the shell", |s| s.contains("Stopped") && !s.contains("killed_halfway"));
    terminal.send("fg\r").shows("killed_halfway");
    // The third prompt: keys typed before it could get lost between program and shell.
    terminal.send("q").wait("the shell", |s| s.matches("ready>").count() == 3);
    terminal.send("exit\r").ends_restored();
}

/// It can't give the terminal back then; the shell takes it, and sets the modes that it wants itself.
#[test]
fn what_was_stopped_by_force_takes_keys_again() {
    let mut shell = shell();
    let (terminal, process) = (&mut shell.terminal, shell.here.path().join("process"));
    let line = format!("sh -c 'echo $$ > process; exec {}'\r", shell.command);
    terminal.send(&line).shows("still_going");
    let process = fs::read_to_string(process).unwrap();
    assert!(Command::new("kill").args(["-s", "STOP", process.trim()]).status().unwrap().success());
    terminal.shows("Stopped");
    terminal.send("fg\r").lacks("Stopped");
    terminal.send("?").shows("PgDn");
    terminal.send("Q").wait("the shell", |s| s.matches("ready>").count() >= 2);
    terminal.send("exit\r").ends_restored();
}

/// A script of two lines that starts the program, in the shell's folder.
fn script(shell: &Shell) {
    let lines = format!("#!/bin/sh\n{}\necho the script goes on\n", shell.command);
    fs::write(shell.here.path().join("lens.sh"), lines).unwrap();
}

#[test]
fn ctrl_z_stops_the_script_that_started_it_too() {
    let mut shell = shell();
    script(&shell);
    let terminal = &mut shell.terminal;
    terminal.send("sh lens.sh\r").shows("still_going");
    terminal.send("\x1a").wait("the shell", |s| s.contains("Stopped") && !s.contains("killed_halfway"));
    terminal.send("fg\r").shows("killed_halfway");
    // In the background it stops by itself, with the script: else fg would not bring it back.
    terminal.send("\x1a").wait("the shell", |s| s.matches("Stopped").count() == 2);
    terminal.send("bg; until jobs -s | grep -q lens; do :; done; fg\r").shows("killed_halfway");
    terminal.send("q").shows("the script goes on");
    terminal.send("exit\r").ends_restored();
}

#[test]
fn where_nobody_could_bring_it_back_ctrl_z_says_so_and_goes_on() {
    let shell = shell();
    script(&shell);
    // The first of its session, as in `tmux new "ivorylens demo; true"`; and the program itself.
    for line in ["sh lens.sh", &format!("exec {}", shell.command)] {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", line]);
        command.cwd(shell.here.path());
        command.env("TERM", "xterm-256color");
        let mut terminal = Terminal::start_command(command, USUAL);
        terminal.shows("still_going");
        terminal.send("\x1a").shows("Not stopped");
        terminal.send("?").shows("PgDn");
        terminal.send("Q").ends_restored();
    }
}

#[test]
fn a_program_that_was_stopped_is_ended_from_the_shell_without_coming_back() {
    let mut shell = shell();
    let terminal = &mut shell.terminal;
    terminal.send(&format!("{}\r", shell.command)).shows("still_going");
    terminal.send("\x1a").wait("the shell", |s| s.contains("Stopped") && !s.contains("killed_halfway"));
    let end = "kill %1; while kill -0 %1; do :; done 2>/dev/null; wait %1; echo code $?\r";
    let screen = terminal.send(end).shows("code 143");
    assert!(!screen.contains("still_going"), "{screen}");
    terminal.send("exit\r").ends_restored();
}

#[test]
fn a_program_that_was_started_in_the_background_stops_and_can_be_ended_there() {
    let mut shell = shell();
    let terminal = &mut shell.terminal;
    terminal.send(&format!("{} &\r", shell.command));
    // The first wait is over when it stops. Not a word of it is on the terminal.
    terminal
        .send("wait %1; kill %1; while kill -0 %1; do :; done 2>/dev/null; wait $!; echo code $?\r")
        .wait("the end", |s| {
            assert!(!s.contains("still_going"), "{s}");
            s.contains("code 143")
        });
    terminal.send("exit\r").ends_restored();
}

#[test]
fn a_dumb_terminal_gets_a_word_and_the_commands() {
    let set = Set::open(NEW);
    let here = set.place();
    let mut command = CommandBuilder::new(program());
    command.args([set.data()]);
    command.cwd(here.path());
    command.env("TERM", "dumb");
    let mut terminal = Terminal::start_command(command, USUAL);
    assert_eq!(terminal.ends_restored().exit_code(), 2);
    assert!(String::from_utf8_lossy(&terminal.raw()).contains("ivorylens list"));
}

#[test]
fn hostile_names_send_no_control_codes() {
    let set = Set::open("odd");
    let here = set.place();
    let data = set.data();
    let mut terminal = Terminal::start(program(), &[data.to_str().unwrap()], here.path(), (160, 50));
    terminal.shows("title␇evil");
    terminal.send("/evil").wait("the evil ones", |s| s.contains("title␇evil") && !s.contains("a,b"));
    terminal.send("\r").send("\r").shows("Overview");
    terminal.send("Q").ends_restored();
    let sent = terminal.raw();
    assert!(!sent.windows(4).any(|w| w == b"\x1b]0;"), "a name set the terminal's title");
    assert!(!sent.windows(4).any(|w| w == "\u{202e}l".as_bytes()), "a name turned the text around");
}

#[test]
fn keys_lead_to_an_export() {
    let mut opened = open(USUAL);
    opened.terminal.send(":21\r").wait("record 21 selected", |s| s.contains("error_then_retry"));
    opened.terminal.send("x").shows("teps CSV");
    opened.terminal.send("s");
    opened.terminal.wait("the file's name", |s| s.contains("_steps.csv") && !s.contains("plot JSON"));
    let name = "error_then_retry_2026-11-24 03-00-44_steps.csv";
    let made = fs::read(opened.here.path().join(name)).unwrap();
    let want = fs::read(Set::open(NEW).expected("steps/21.csv")).unwrap();
    assert_eq!(made, want);
    opened.terminal.send("Q").ends_restored();
}

#[test]
fn keys_lead_to_a_delete_that_enter_does_not_do() {
    let mut opened = open(USUAL);
    let database = opened.data.join("ivoryos.db");
    let before = fs::read(&database).unwrap();
    opened.terminal.send(":21\r").wait("record 21", |s| s.contains("error_then_retry"));
    opened.terminal.send("D").shows("stay");
    opened.terminal.redrawn(82, 24).send("\r").shows("Enter does nothing");
    assert_eq!(fs::read(&database).unwrap(), before);
    opened.terminal.send("y").wait("60 records", |s| s.contains("60 records"));
    opened.terminal.send("q").ends_restored();
    let lab = rusqlite::Connection::open(&database).unwrap();
    let left = |table: &str, column: &str, id: i64| -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = {id}");
        lab.query_row(&sql, [], |r| r.get(0)).unwrap()
    };
    assert_eq!(left("workflow_runs", "id", 21), 0);
    assert_eq!(left("workflow_phases", "run_id", 21), 0);
    assert_eq!(left("workflow_steps", "phase_id", 90), 0);
}

/// A lab that holds its lock; dropping it lets go.
fn hold(data: &std::path::Path) -> rusqlite::Connection {
    let server = rusqlite::Connection::open(data.join("ivoryos.db")).unwrap();
    server.execute_batch("BEGIN EXCLUSIVE; UPDATE workflow_runs SET name = 'renamed' WHERE id = 61").unwrap();
    server
}

const WAITS: &str = "waits for the lab's lock";

#[test]
fn a_screen_says_that_it_waits_for_the_labs_lock() {
    let mut opened = open(USUAL);
    let server = hold(&opened.data);
    opened.terminal.send("R").shows(WAITS);
    server.execute_batch("COMMIT").unwrap();
    opened.terminal.wait("the answer", |screen| screen.contains("renamed") && !screen.contains(WAITS));
    opened.terminal.send("q").ends_restored();
}

#[test]
fn a_start_while_the_lab_holds_its_lock_shows_the_screens() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    for (wait, says) in [("3600", WAITS), ("0", "busy")] {
        let server = hold(&data);
        let args = [data.to_str().unwrap(), "--wait", wait];
        let mut terminal = Terminal::start(program(), &args, here.path(), USUAL);
        terminal.shows(says);
        terminal.send("?").shows("PgDn");
        terminal.send("q").wait("the list", |screen| !screen.contains("PgDn"));
        server.execute_batch("COMMIT").unwrap();
        terminal.wait("the list", |screen| screen.contains("renamed") && !screen.contains(says));
        terminal.send("q").ends_restored();
    }
    // Leaving does not wait for the lock.
    let _server = hold(&data);
    let args = [data.to_str().unwrap(), "--wait", "3600"];
    let mut terminal = Terminal::start(program(), &args, here.path(), USUAL);
    terminal.shows(WAITS);
    terminal.send("q").ends_restored();
}

/// Nothing is pressed between the message and the answer.
#[test]
fn a_screen_that_waited_in_vain_tries_again_by_itself() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let args = [data.to_str().unwrap(), "--wait", "0"];
    let mut terminal = Terminal::start(program(), &args, here.path(), USUAL);
    terminal.shows("still_going");
    let server = hold(&data);
    terminal.send("R").shows("busy");
    server.execute_batch("COMMIT").unwrap();
    terminal.wait("the answer", |screen| screen.contains("renamed") && !screen.contains("busy"));
    terminal.send("q").ends_restored();
}

#[test]
fn a_command_says_once_that_it_waits_for_the_labs_lock() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let server = hold(&data);
    let args = ["show", "61", "-d", data.to_str().unwrap()];
    let mut terminal = Terminal::start(program(), &args, here.path(), (100, 40));
    terminal.shows(WAITS);
    server.execute_batch("COMMIT").unwrap();
    assert!(terminal.ends_restored().success());
    let told = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(told.contains("renamed") && told.contains("ivoryos.db: waits"), "{told}");
    assert_eq!(told.matches(WAITS).count(), 1, "{told}");
}

/// The end of pasted text was lost on the way: it ends by itself, and keys are keys again.
#[test]
fn pasted_text_without_its_end_does_not_swallow_the_keys() {
    let mut opened = open(USUAL);
    opened.terminal.send("\x1b[200~Dy").shows("Pasted text goes into text fields only");
    opened.terminal.send("?").shows("PgDn");
    opened.terminal.send("\x1b[200~Dy\x03").ends_restored();
}

/// What a terminal replies late, as when a program before this one had asked it.
#[test]
fn a_late_reply_of_the_terminal_is_no_keys() {
    let mut opened = open(USUAL);
    opened.terminal.send("\x1b]11;rgb:1e1e/6666/xxxx\x1b\\\x1bP>|XTerm(390)\x1b\\\x1b[?62c").send(":21\r");
    opened.terminal.wait("record 21 selected", |screen| screen.contains("error_then_retry"));
    opened.terminal.send("q").ends_restored();
}

/// A word of another program on the same terminal, such as `wall`, is gone after Ctrl-L, and after R.
#[cfg(target_os = "linux")]
#[test]
fn what_another_program_wrote_over_the_screen_is_drawn_over() {
    let mut opened = open(USUAL);
    for key in ["\x0c", "R"] {
        let theirs = format!("/proc/{}/fd/1", opened.terminal.process());
        fs::write(theirs, "\x1b[5;9HBroadcast message\x1b[2;9r").unwrap();
        opened.terminal.shows("Broadcast message");
        opened.terminal.send(key).lacks("Broadcast message");
    }
    opened.terminal.send("q").ends_restored();
}

/// `y` and `i` inside a tmux with its default settings: the id is in tmux's buffer and on its way to the clipboard.
#[test]
fn a_copy_inside_tmux_arrives() {
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("there is no tmux here: nothing was tried");
        return;
    }
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let socket = here.path().join("tmux.sock");
    let (socket, data) = (socket.to_str().unwrap(), data.to_str().unwrap());
    let args = ["-S", socket, "-f", "/dev/null", "new-session", program().to_str().unwrap(), "-d", data];
    let mut terminal = Terminal::start("tmux".as_ref(), &args, here.path(), (120, 30));
    terminal.shows("still_going");
    terminal.send("y").shows("id");
    terminal.send("i");
    let said =
        terminal.wait("a word", |screen| screen.contains("Copied id to") || screen.contains("Sent id"));
    let asked = |words: &[&str]| Command::new("tmux").args(["-S", socket]).args(words).output().unwrap();
    if said.contains("Copied id to tmux's buffer") {
        assert_eq!(String::from_utf8_lossy(&asked(&["show-buffer"]).stdout), "61");
        let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
        assert!(sent.contains("\x1b]52;") && sent.contains(";NjE="), "tmux passes it on");
    } else {
        let version = asked(&["-V"]).stdout;
        assert!(version < b"tmux 3.2".to_vec(), "{}", String::from_utf8_lossy(&version));
    }
    asked(&["kill-server"]);
}

/// The program of that name on PATH is asked, and a copy that it does not take goes to the terminal.
#[test]
fn a_tmux_that_is_too_old_is_passed_by() {
    let set = Set::open(NEW);
    let (data, here) = (set.copy(), set.place());
    let fake = here.path().join("tmux");
    fs::write(&fake, "#!/bin/sh\necho \"$*\" > \"$0.asked\"\nexit 1\n").unwrap();
    fs::set_permissions(&fake, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", here.path().display(), std::env::var("PATH").unwrap());
    let mut command = CommandBuilder::new(program());
    command.args([data.to_str().unwrap()]);
    command.cwd(here.path());
    for (name, value) in
        [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("TMUX", "/x,1,0"), ("PATH", &path)]
    {
        command.env(name, value);
    }
    command.env("XDG_CACHE_HOME", here.path());
    let mut terminal = Terminal::start_command(command, USUAL);
    terminal.shows("still_going");
    terminal.send("y").shows("id");
    terminal.send("i").shows("Sent id through tmux");
    assert_eq!(fs::read_to_string(here.path().join("tmux.asked")).unwrap(), "load-buffer -w -\n");
    terminal.send("q").ends_restored();
    assert!(String::from_utf8_lossy(&terminal.raw()).contains("\x1bPtmux;\x1b\x1b]52;c;NjE="));
}

/// What the window is called, from the terminal's own point of view: the last title that was set.
fn title(terminal: &Terminal) -> String {
    let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let last = sent.rsplit("\x1b]2;").next().unwrap().to_owned();
    last.split("\x1b\\").next().unwrap().to_owned()
}

#[test]
fn the_window_is_called_by_what_is_on_screen() {
    let mut opened = open(USUAL);
    opened.terminal.sends("· 1 stopped after an error\x1b\\");
    let list = title(&opened.terminal);
    assert!(list.starts_with("ivorylens ") && list.contains(":ivoryos_data · "), "{list}");
    assert!(list.ends_with(" failed · 2 died · 1 stopped after an error"), "{list}");
    opened.terminal.send(":21\r\r").shows("Overview");
    opened.terminal.sends("\x1b]2;#21 error_then_retry · ");
    opened.terminal.send("\x03").ends_restored();
    let sent = String::from_utf8_lossy(&opened.terminal.raw()).into_owned();
    assert!(sent.contains("\x1b[22;2t"), "the window's own title is kept");
}

#[test]
fn a_window_whose_title_is_to_be_left_alone_gets_none() {
    for (option, term) in [("--no-title", "xterm-256color"), ("--slow", "linux")] {
        let set = Set::open(NEW);
        let (data, here) = (set.copy(), set.place());
        let mut command = CommandBuilder::new(program());
        command.args([option, data.to_str().unwrap()]);
        command.cwd(here.path());
        command.env("TERM", term);
        command.env("XDG_CACHE_HOME", here.path());
        let mut terminal = Terminal::start_command(command, USUAL);
        terminal.shows("61 records");
        terminal.send("q").ends_restored();
        let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
        assert!(!sent.contains("\x1b]2;") && !sent.contains(";2t"), "{option} {term}");
    }
}

/// Downs in two pieces each, among replies in two pieces each: five downs from the newest record, and nothing else.
#[test]
fn cut_keys_among_cut_replies_are_those_keys() {
    let replies = [
        "\x1b]11;rgb:jjjj/qqqq/xxxx\x07",
        "\x1bP>|XTerm(390)\x1b\\",
        "\x1b[?62;22c",
        "\x1b[24;80R",
        "\x1b_Gi=1;D\x1b\\",
        "\x1b^x\x1b\\",
        "\x1bXq\x1b\\",
    ];
    let mut opened = open(USUAL);
    for (n, reply) in replies.iter().enumerate() {
        // Behind ESC and a byte a busy machine has the most time for the second piece.
        let (first, rest) = reply.split_at(2 + n % (reply.len() - 2));
        opened.terminal.send(first).send(rest);
        if n < 5 {
            opened.terminal.send("\x1b[").send("B");
        }
    }
    opened.terminal.send("\r").shows("#56  ");
    opened.terminal.send("\x03").ends_restored();
}
