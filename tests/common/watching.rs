//! The `watch` command under way: its lines and messages as they come.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

use std::{
    io::{BufRead as _, BufReader, Read},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use ivorylens::model::{
    json,
    value::{Dict, Value},
};

use super::{played::Played, text};

/// A line that does not come in this time never will.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// So many seconds from now, as IvoryOS stores it.
pub fn soon(seconds: i64) -> String {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC).datetime();
    let time = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

pub fn now() -> String {
    soon(0)
}

/// The command under way.
pub struct Watching {
    pub child: Child,
    pub lines: Receiver<String>,
    pub messages: Receiver<String>,
    pub home: TempDir,
}

pub fn lines(of: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    thread::spawn(move || {
        // Nobody wants them any more where it can't be told.
        BufReader::new(of).lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
    });
    told
}

pub fn command(data: &Path, home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.arg("watch").args(args).arg("--data").arg(data).current_dir(home).stdin(Stdio::null());
    command.process_group(0);
    command.env_remove("IVORYLENS_DATA").env("TZ", "UTC").env("HOME", home).env("XDG_CACHE_HOME", home);
    command
}

impl Watching {
    /// From when it says what it watches.
    pub fn start(data: &Path, args: &[&str]) -> Self {
        let watching = Self::begin(data, args);
        let said = watching.message();
        assert!(said.contains("watching "), "{said}");
        watching
    }

    pub fn begin(data: &Path, args: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(data, home.path(), args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { lines: lines(out), messages: lines(err), child, home }
    }

    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// A line of text without its clock: `#1 dye started`.
    pub fn said(&self) -> String {
        let line = self.line();
        line.get(line.find('#').unwrap()..).unwrap().to_owned()
    }

    pub fn json(&self) -> Told {
        let line = self.line();
        match json::read(line.as_bytes()) {
            Ok(Value::Dict(told)) => Told(told),
            _ => panic!("{line} is no object"),
        }
    }

    pub fn message(&self) -> String {
        self.messages.recv_timeout(PATIENCE).unwrap()
    }

    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// The exit code, and the lines that nobody has read.
    pub fn end(mut self) -> (Option<i32>, Vec<String>) {
        let code = self.child.wait().unwrap().code();
        (code, self.lines.iter().collect())
    }
}

/// Whatever a script started ends with it, also where a test fails.
impl Drop for Watching {
    fn drop(&mut self) {
        if let (Some(group), Ok(None)) = (Pid::from_raw(self.child.id() as i32), self.child.try_wait()) {
            let _ = kill_process_group(group, Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

/// A line of jsonl.
pub struct Told(pub Dict);

impl Told {
    pub fn keys(&self) -> Vec<String> {
        self.0.iter().map(|(key, _)| key.lossy().into_owned()).collect()
    }

    pub fn get(&self, key: &str) -> String {
        text(self.0.get(key).unwrap())
    }

    /// `failed #1 1/2 jam`; `None` for null.
    pub fn short(&self) -> String {
        let [what, id, iteration, of, said] =
            ["what", "id", "iteration", "of", "text"].map(|key| self.get(key));
        format!("{what} #{id} {iteration}/{of} {said}")
    }
}

/// A record that has begun: in the first of two iterations.
pub fn begin(played: &mut Played, name: &str) -> i64 {
    let time = now();
    played.start(name, &time);
    played.log(&format!("Executing {name} experiment: 1/2"), &time);
    played.phase("main", 1, &time);
    played.step(1, "stir", &time);
    played.run
}
