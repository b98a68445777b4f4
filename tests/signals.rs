//! Signals at any time, in the real program: it ends with the code that says so and leaves nothing behind.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, PipeReader, PipeWriter, Read, Write},
    os::unix::{fs::OpenOptionsExt as _, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use portable_pty::CommandBuilder;
#[cfg(target_os = "linux")]
use portable_pty::{PtySize, native_pty_system};
use rusqlite::Connection;
#[cfg(target_os = "linux")]
use rustix::fs::inotify::{self, WatchFlags};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
};
use tempfile::TempDir;

use common::{NEW, Set, lab::Made, terminal::Terminal};

/// The signals that ask a program to end, and the exit code of each.
const ENDING: [(&str, i32); 4] = [("INT", 130), ("TERM", 143), ("HUP", 129), ("QUIT", 131)];

/// A reference lab, and a place for temporary folders that nobody else uses.
struct Place {
    set: Set,
    home: TempDir,
}

impl Place {
    fn new() -> Self {
        let set = Set::open(NEW);
        let home = set.place();
        fs::create_dir(home.path().join("tmp")).unwrap();
        Self { set, home }
    }

    fn here(&self) -> &Path {
        self.home.path()
    }

    fn temporary(&self) -> PathBuf {
        self.here().join("tmp")
    }

    /// The temporary folders that there are.
    fn left(&self) -> Vec<String> {
        names(&self.temporary())
    }

    /// The program on the reference lab, with nothing to read.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(args).stdin(Stdio::null()).stderr(Stdio::piped()).current_dir(self.here());
        command.env("IVORYLENS_DATA", self.set.data());
        for name in ["HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.here());
        }
        command.env("TMPDIR", self.temporary());
        command
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn send(signal: &str, process: u32) {
    assert!(Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap().success());
}

/// A program that stands still as nobody reads what it writes.
struct Standing {
    child: Child,
    messages: BufReader<ChildStderr>,
    /// What was in the pipe before it.
    filled: usize,
    reader: PipeReader,
}

impl Standing {
    fn start(mut command: Command) -> Self {
        let (reader, writer) = io::pipe().unwrap();
        let filled = fill(&writer);
        let mut child = command.stdout(writer).spawn().unwrap();
        // Its other handles of the pipe are to go.
        drop(command);
        let messages = BufReader::new(child.stderr.take().unwrap());
        Self { child, messages, filled, reader }
    }

    /// One that works on a private copy, from when it says so.
    fn on_a_copy(place: &Place, args: &[&str]) -> Self {
        let mut standing = Self::start(place.command(&[args, &["--copy"]].concat()));
        assert!(standing.message().contains("private copy made at "));
        standing
    }

    fn message(&mut self) -> String {
        let mut line = String::new();
        self.messages.read_line(&mut line).unwrap();
        line
    }

    fn signal(&self, name: &str) {
        send(name, self.child.id());
    }

    /// The exit code, and what it said last.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.messages.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// Fills a pipe to the brim; gives how much that is.
fn fill(mut pipe: &PipeWriter) -> usize {
    let flags = fcntl_getfl(pipe).unwrap();
    fcntl_setfl(pipe, flags | OFlags::NONBLOCK).unwrap();
    let mut filled = 0;
    for piece in [4096, 1] {
        while let Ok(written) = pipe.write(&vec![b'-'; piece]) {
            filled += written;
        }
    }
    fcntl_setfl(pipe, flags).unwrap();
    filled
}

#[test]
fn a_command_on_a_private_copy_that_nobody_reads_ends_and_takes_the_copy_along() {
    for (signal, code) in ENDING {
        for args in [&["list"][..], &["steps", "25"], &["show", "25"], &["data", "25"], &["plot", "25"]] {
            let place = Place::new();
            let standing = Standing::on_a_copy(&place, args);
            assert_eq!(place.left().len(), 1, "{args:?}");
            standing.signal(signal);
            let (ended, said) = standing.end();
            assert_eq!((ended, said.as_str()), (Some(code), "ivorylens: cancelled\n"), "{signal} {args:?}");
            assert!(place.left().is_empty(), "{signal} {args:?} left {:?}", place.left());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_whose_messages_nobody_reads_ends_too() {
    let place = Place::new();
    let (reader, writer) = io::pipe().unwrap();
    let filled = fill(&writer);
    let events = Watched::folder(&place.temporary());
    let mut child = place.command(&["list", "--copy"]).stderr(writer).stdout(Stdio::null()).spawn().unwrap();
    events.next();
    send("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(place.left().is_empty());
    drop((reader, filled));
}

#[test]
fn a_pipe_that_nobody_opens_is_waited_for_no_longer_than_until_a_signal() {
    for (signal, code) in ENDING {
        let place = Place::new();
        assert!(Command::new("mkfifo").arg(place.here().join("pipe")).status().unwrap().success());
        let standing = Standing::on_a_copy(&place, &["steps", "25", "-o", "pipe"]);
        standing.signal(signal);
        assert_eq!(standing.end(), (Some(code), "ivorylens: cancelled\n".to_owned()), "{signal}");
        assert!(place.left().is_empty());
        assert_eq!(names(place.here()), ["pipe", "tmp"], "{signal}");
    }
}

#[test]
fn an_export_that_nobody_stops_goes_through_a_pipe_whole() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.here().join("pipe")).status().unwrap().success());
    let standing = Standing::on_a_copy(&place, &["steps", "25", "-o", "pipe"]);
    let got = fs::read(place.here().join("pipe")).unwrap();
    assert_eq!(got, fs::read(place.set.expected("steps/25.csv")).unwrap());
    assert_eq!(standing.end(), (Some(0), String::new()));

    let mut standing = Standing::on_a_copy(&place, &["steps", "25"]);
    let mut got = Vec::new();
    standing.reader.read_to_end(&mut got).unwrap();
    assert_eq!(got.get(standing.filled..), Some(&*fs::read(place.set.expected("steps/25.csv")).unwrap()));
    assert_eq!(standing.end(), (Some(0), String::new()));
    assert!(place.left().is_empty());
}

/// Longer than anything takes; a test that waits this long has failed.
#[cfg(target_os = "linux")]
const PATIENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

/// Hears of what happens in a folder, or to a file.
#[cfg(target_os = "linux")]
struct Watched(fs::File);

#[cfg(target_os = "linux")]
impl Watched {
    fn folder(path: &Path) -> Self {
        Self::new(path, WatchFlags::CREATE)
    }

    fn file(path: &Path) -> Self {
        Self::new(path, WatchFlags::OPEN)
    }

    fn new(path: &Path, what: WatchFlags) -> Self {
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
        inotify::add_watch(&watch, path, what).unwrap();
        Self(fs::File::from(watch))
    }

    /// Waits until something is made in the folder, or the file is opened.
    fn next(&self) {
        let mut watched = [PollFd::new(&self.0, PollFlags::IN)];
        assert_eq!(poll(&mut watched, Some(&PATIENCE)).unwrap(), 1, "nothing happens");
        let mut event = [0; 4096];
        assert!((&self.0).read(&mut event).unwrap() > 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_made_up_lab_goes_with_the_command_that_made_it() {
    for (signal, code) in ENDING {
        let place = Place::new();
        let made = Watched::folder(&place.temporary());
        let standing = Standing::start(place.command(&["demo"]));
        made.next();
        standing.signal(signal);
        assert_eq!(standing.end(), (Some(code), "ivorylens: cancelled\n".to_owned()), "{signal}");
        assert!(place.left().is_empty(), "{signal} left {:?}", place.left());
    }
}

#[test]
fn a_made_up_lab_and_a_private_copy_go_with_the_screens() {
    for (signal, code) in ENDING {
        for (args, shown) in [(&["demo"][..], "made-up lab"), (&["--copy"], "private copy of")] {
            let place = Place::new();
            let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ivorylens"));
            command.args(args);
            command.cwd(place.here());
            command.env("IVORYLENS_DATA", place.set.data());
            command.env("TMPDIR", place.temporary());
            command.env("HOME", place.here());
            command.env("TERM", "xterm-256color");
            let mut terminal = Terminal::start_command(command, (80, 24));
            terminal.shows(shown);
            assert_eq!(place.left().len(), 1);
            terminal.signal(signal);
            assert_eq!(
                terminal.ends_restored().exit_code(),
                u32::try_from(code).unwrap(),
                "{signal} {args:?}"
            );
            assert!(place.left().is_empty(), "{signal} {args:?} left {:?}", place.left());
        }
    }
}

/// The lock is never given back: only the signal ends the wait.
#[cfg(target_os = "linux")]
#[test]
fn a_wait_for_the_labs_lock_ends_with_a_signal() {
    for (signal, code) in ENDING {
        for args in [&["list"][..], &["show", "21"], &["steps", "21", "-O"], &["delete", "21", "--yes"]] {
            let place = Place::new();
            let database = place.set.copy().join("ivoryos.db");
            let lab = Connection::open(&database).unwrap();
            lab.execute_batch("BEGIN EXCLUSIVE").unwrap();
            let opened = Watched::file(&database);
            let mut command = place.command(&[args, &["--wait", "3600"]].concat());
            command.env("IVORYLENS_DATA", &database);
            let standing = Standing::start(command);
            opened.next();
            standing.signal(signal);
            assert_eq!(
                standing.end(),
                (Some(code), "ivorylens: cancelled\n".to_owned()),
                "{signal} {args:?}"
            );
            assert_eq!(names(place.here()), ["tmp"], "{signal} {args:?}");
        }
    }
}

#[test]
fn ctrl_c_at_the_question_of_a_delete_deletes_nothing() {
    let place = Place::new();
    let database = place.set.copy().join("ivoryos.db");
    let before = fs::read(&database).unwrap();
    let args = ["delete", "21", "--data", database.to_str().unwrap()];
    let mut terminal =
        Terminal::start(env!("CARGO_BIN_EXE_ivorylens").as_ref(), &args, place.here(), (80, 24));
    terminal.shows("Type y to delete");
    let status = terminal.send("\x03").ends_restored();
    assert_eq!((status.exit_code(), status.signal()), (130, None));
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn what_a_killed_process_left_goes_at_the_next_start_and_what_is_used_stays() {
    let place = Place::new();
    let used = Standing::on_a_copy(&place, &["list"]);
    let [folder] = place.left().try_into().unwrap_or_else(|left| panic!("{left:?}"));
    let mut killed = Standing::on_a_copy(&place, &["list"]);
    killed.signal("KILL");
    assert_eq!(killed.child.wait().unwrap().signal(), Some(9));
    assert_eq!(place.left().len(), 2, "what is killed can't take its folder along");
    // Neither is ours.
    fs::create_dir(place.temporary().join("ivorylens-copy-of-mine")).unwrap();
    fs::write(place.temporary().join("ivorylens-copy-abcdefgh"), "x").unwrap();

    for args in [&["list", "--copy"][..], &["demo"]] {
        let next = place.command(args).stdout(Stdio::null()).output().unwrap();
        assert!(next.status.success());
        let mut left = [folder.as_str(), "ivorylens-copy-abcdefgh", "ivorylens-copy-of-mine"];
        left.sort_unstable();
        assert_eq!(place.left(), left, "{args:?}");
    }
    assert!(place.temporary().join(&folder).join("ivoryos.db").exists());
    used.signal("TERM");
    assert_eq!(used.end().0, Some(143));
    assert!(!place.temporary().join(&folder).exists());
}

/// A program that was started so that a hangup is ignored, as nohup does, goes on.
#[test]
fn a_signal_that_is_ignored_from_the_start_ends_nothing() {
    let place = Place::new();
    let made = Made::with_long(3, (3_000, 8));
    let mut command = Command::new("sh");
    let start = r#"trap "" HUP INT; exec "$0" "$@""#;
    let long = made.long.to_string();
    command.args(["-c", start, env!("CARGO_BIN_EXE_ivorylens"), "steps", &long, "--copy"]);
    command.env("IVORYLENS_DATA", made.data()).env("HOME", place.here()).env("TMPDIR", place.temporary());
    let mut standing = Standing::start({
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command
    });
    assert!(standing.message().contains("private copy"));
    standing.signal("HUP");
    standing.signal("INT");
    let mut got = Vec::new();
    standing.reader.read_to_end(&mut got).unwrap();
    assert_eq!(standing.end(), (Some(0), String::new()));
    assert!(place.left().is_empty());
}

/// A terminal whose other end reads nothing, such as that of a link that hangs: it is full.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_reads_nothing_is_given_back_too() {
    for signal in ["TERM", "USR1"] {
        let place = Place::new();
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
        let modes = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.cwd(place.here());
        command.env("IVORYLENS_DATA", place.set.data());
        command.env("HOME", place.here());
        command.env("TERM", "xterm-256color");
        let mut child = pair.slave.spawn_command(command).unwrap();
        let (mut reader, mut got) = (pair.master.try_clone_reader().unwrap(), Vec::new());
        while !String::from_utf8_lossy(&got).contains("still_going") {
            let mut piece = [0; 4096];
            let read = reader.read(&mut piece).unwrap();
            got.extend_from_slice(&piece[..read]);
        }
        let mut full = OpenOptions::new();
        full.write(true).custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
        let mut full = full.open(pair.master.tty_name().unwrap()).unwrap();
        while full.write(&[b'-'; 64]).is_ok() {}
        // A key that wants a frame, if the signal is not there before it.
        pair.master.take_writer().unwrap().write_all(b"j").unwrap();
        send(signal, child.process_id().unwrap());
        let status = child.wait().unwrap();
        assert!(
            if signal == "TERM" { status.exit_code() == 143 } else { status.signal().is_some() },
            "{status:?}"
        );
        assert_eq!(
            format!("{:?}", pair.master.get_termios()),
            modes,
            "{signal}: line modes are not restored"
        );
    }
}

/// The program where no file may be larger than some kilobytes.
fn limited(place: &Place, data: &Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -f 8; exec "$0" "$@""#, env!("CARGO_BIN_EXE_ivorylens")]);
    command.args(args).stdin(Stdio::null()).current_dir(place.here());
    command.env("IVORYLENS_DATA", data).env("HOME", place.here()).env("TMPDIR", place.temporary());
    command.output().unwrap()
}

#[test]
fn a_file_that_grows_larger_than_it_may_is_an_error_and_leaves_no_half_of_it() {
    let place = Place::new();
    let made = Made::with_long(3, (200, 8));
    let long = made.long.to_string();
    let whole = place.here().join("whole.csv");
    fs::write(&whole, "old").unwrap();
    for (args, name) in [
        (&["steps", long.as_str(), "-o", "out.csv"][..], "out.csv"),
        (&["data", &long, "-O"], ".csv"),
        (&["steps", &long, "-o", "whole.csv", "--overwrite"], "whole.csv"),
    ] {
        let ran = limited(&place, made.data(), args);
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{args:?}: {:?} {said}", ran.status);
        assert!(said.contains("File too large") && said.contains(name), "{said}");
        let left = names(place.here()).into_iter().filter(|name| !name.starts_with("ivorylens"));
        assert_eq!(left.collect::<Vec<_>>(), ["tmp", "whole.csv"], "{args:?}");
        assert_eq!(fs::read(&whole).unwrap(), b"old");
    }
}

#[test]
fn a_private_copy_that_grows_larger_than_a_file_may_says_where_it_could_go() {
    let place = Place::new();
    let ran = limited(&place, &place.set.data(), &["list", "--copy"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{:?} {said}", ran.status);
    assert!(said.contains("(file too large)") && said.contains("TMPDIR"), "{said}");
    assert!(place.left().is_empty());
}

/// A delete that can't write its journal changes nothing and leaves nothing that IvoryOS would have to roll back.
#[test]
fn a_delete_whose_journal_grows_larger_than_a_file_may_changes_nothing() {
    let place = Place::new();
    let data = place.set.copy();
    let before = fs::read(data.join("ivoryos.db")).unwrap();
    let ran = limited(&place, &data, &["delete", "25", "--yes", "--force"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert_eq!(fs::read(data.join("ivoryos.db")).unwrap(), before);
    assert!(!names(&data).contains(&"ivoryos.db-journal".to_owned()));
}
