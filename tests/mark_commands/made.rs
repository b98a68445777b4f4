//! A copy of a set, marked through the binary, with a state folder of its own.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use ivorylens::services::own_files::UserFolders;

use crate::common::{NEW, Ran, Set};

pub struct MarkLab {
    _set: Set,
    pub data: PathBuf,
    pub state: TempDir,
}

impl MarkLab {
    pub fn new() -> Self {
        let set = Set::open(NEW);
        Self { data: set.copy(), _set: set, state: tempfile::tempdir().unwrap() }
    }

    /// The same lab for somebody else, who has marked nothing.
    pub fn folders(&self) -> UserFolders {
        UserFolders { state: Some(self.state.path().join("ivorylens")), config: None }
    }

    pub fn own_file(&self) -> PathBuf {
        self.folders().own_place(&self.data.join("ivoryos.db")).unwrap().file
    }

    pub fn command(&self, args: &[&str]) -> Command {
        command(&self.data, self.state.path(), args)
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, b"")
    }

    pub fn run_with(&self, args: &[&str], stdin: &[u8]) -> Ran {
        run(self.command(args), stdin)
    }

    /// What a run printed that went well and had nothing to say.
    pub fn out(&self, args: &[&str]) -> String {
        self.out_with(args, b"")
    }

    pub fn out_with(&self, args: &[&str], stdin: &[u8]) -> String {
        let ran = self.run_with(args, stdin);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}");
        String::from_utf8(ran.out).unwrap()
    }

    /// The ids that words mean, the newest first.
    pub fn ids(&self, words: &str) -> String {
        let csv = self.run(&["list", "--filter", words, "--columns", "id", "--format", "csv"]);
        assert_eq!(csv.code, Some(0), "{words}: {}", csv.err);
        String::from_utf8(csv.out).unwrap().lines().skip(1).collect::<Vec<_>>().join(" ")
    }

    /// The object of a record in the list.
    pub fn jsonl(&self, id: &str) -> Value {
        self.out(&["list", "--format", "jsonl", "--filter", &format!("id:{id}")]).parse().unwrap()
    }

    /// All files of the lab's folder with their bytes.
    pub fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut all, mut folders) = (BTreeMap::new(), vec![self.data.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => drop(all.insert(entry.path(), fs::read(entry.path()).unwrap())),
                }
            }
        }
        all
    }
}

pub fn command(data: &Path, state: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.arg("--data").arg(data).args(args).current_dir(state);
    command.env_remove("IVORYLENS_DATA").env("NO_COLOR", "1").env("HOME", state);
    command.env("XDG_STATE_HOME", state).env("XDG_CACHE_HOME", state).env("XDG_CONFIG_HOME", state);
    command
}

pub fn run(mut command: Command, stdin: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read all of it is not to be waited for.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran { code: output.status.code(), out: output.stdout, err }
}
