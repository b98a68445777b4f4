//! A run of a command under strace in which a system call fails.

use std::{
    fmt, fs,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use super::check::Ended;

/// System calls, and the errors that they can meet.
pub const CALLS: [(&str, &[&str]); 16] = [
    ("pread64", &["EIO", "ENXIO"]),
    ("read", &["EIO"]),
    ("openat", &["EACCES", "EIO", "ENXIO"]),
    ("write", &["EIO", "ENOSPC", "EDQUOT"]),
    ("pwrite64", &["EIO", "ENOSPC", "EDQUOT"]),
    ("fsync", &["EIO", "ENOSPC"]),
    ("fdatasync", &["EIO", "ENOSPC"]),
    ("ftruncate", &["EIO"]),
    ("mkdir", &["EACCES", "ENOSPC"]),
    ("rename", &["EACCES", "EIO", "ENOSPC"]),
    ("renameat", &["EACCES", "EIO", "ENOSPC"]),
    ("renameat2", &["EACCES", "EIO", "ENOSPC"]),
    ("link", &["EACCES", "EIO"]),
    ("linkat", &["EACCES", "EIO"]),
    ("unlink", &["EACCES", "EIO"]),
    ("unlinkat", &["EACCES", "EIO"]),
];

/// The n-th call of this name fails, or that and all later ones.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'a> {
    pub call: &'a str,
    pub error: &'a str,
    pub when: u32,
    pub lasting: bool,
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not every machine has each call.
        let Self { call, error, when, lasting } = self;
        let onwards = if *lasting { "+" } else { "" };
        write!(f, "-e trace=?{call} -e inject=?{call}:error={error}:when={when}{onwards}")
    }
}

/// Longer than any command takes under strace.
const BOUND: Duration = Duration::from_secs(30);

/// Runs a command, which meets the fault or not.
pub fn run(
    fault: &Fault<'_>,
    trace: &Path,
    program: &Path,
    words: &[String],
    surroundings: &Surroundings<'_>,
) -> (Ended, bool) {
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-qq", "-o"]).arg(trace);
    strace.args(fault.to_string().split(' ')).arg(program).args(words);
    surroundings.set(&mut strace);
    let ended = bounded(strace, trace);
    let met = fs::read_to_string(trace).unwrap_or_default().contains("(INJECTED)");
    (ended, met)
}

/// Runs a command as it is.
pub fn plain(program: &Path, words: &[String], surroundings: &Surroundings<'_>) -> Ended {
    let mut command = Command::new(program);
    command.args(words);
    surroundings.set(&mut command);
    bounded(command, Path::new(""))
}

/// Where a command runs.
pub struct Surroundings<'a> {
    pub here: &'a Path,
    /// `None`: there is no place for a cache.
    pub cache: Option<&'a Path>,
}

impl Surroundings<'_> {
    fn set(&self, command: &mut Command) {
        let nowhere = self.here.join("no folder");
        let cache = self.cache.unwrap_or(&nowhere);
        command.current_dir(self.here).env("HOME", &nowhere).env("XDG_CACHE_HOME", cache);
        command.env("NO_COLOR", "1").env_remove("IVORYLENS_DATA").stdin(Stdio::null());
    }
}

fn bounded(mut command: Command, trace: &Path) -> Ended {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (give, done) = channel();
    let waits = thread::spawn(move || give.send(child.wait_with_output().unwrap()));
    let output = match done.recv_timeout(BOUND) {
        Ok(output) => output,
        Err(RecvTimeoutError::Disconnected) => {
            return Ended { err: "the output could not be read".to_owned(), ..Ended::default() };
        }
        Err(RecvTimeoutError::Timeout) => {
            // The traced program outlives strace: its id begins each line.
            let traced = fs::read_to_string(trace).unwrap_or_default();
            let traced = traced.split_whitespace().next().map(str::to_owned);
            for id in traced.into_iter().chain([id.to_string()]) {
                let _ = Command::new("kill").args(["-KILL", &id]).status();
            }
            drop(waits.join());
            return Ended { hung: true, ..Ended::default() };
        }
    };
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ended { code: output.status.code(), out: output.stdout, err, hung: false }
}
