//! What the tests of the real binary share: the reference sets, running the program, comparing JSON.

#![allow(dead_code, reason = "the helpers serve several test programs")]

pub mod lab;
pub mod memory;
pub mod played;
pub mod proxy;
pub mod same;
#[cfg(all(unix, feature = "postgres"))]
pub mod server;
pub mod sha256;
pub mod terminal;
#[cfg(unix)]
pub mod watching;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
};

use tempfile::TempDir;

use ivorylens::model::{
    json,
    value::{Dict, Value},
};

/// The newest IvoryOS that a reference set is of.
pub const NEW: &str = "ivoryos-1.7.2";

/// A reference set, and a place of its own for whatever the program writes.
pub struct Set {
    folder: PathBuf,
    home: TempDir,
    /// The address of the database, where the records are on a server.
    db: Option<String>,
}

/// How a run of the program ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
}

impl Set {
    pub fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        assert!(folder.is_dir(), "{} is missing", folder.display());
        Self { folder, home: tempfile::tempdir().unwrap(), db: None }
    }

    /// The same with the records on a server.
    pub fn on_server(name: &str, db: String) -> Self {
        Self { db: Some(db), ..Self::open(name) }
    }

    pub fn is_on_server(&self) -> bool {
        self.db.is_some()
    }

    /// The folder of the set.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("ivoryos_data")
    }

    /// A file of `expected/`.
    pub fn expected(&self, name: &str) -> PathBuf {
        self.folder.join("expected").join(name)
    }

    pub fn expected_json(&self, name: &str) -> Value {
        read_json(&self.expected(name))
    }

    /// What IvoryOS answered for each id: status and file name of each download.
    pub fn index(&self) -> Vec<(String, Dict)> {
        let Value::Dict(index) = self.expected_json("index.json") else { panic!("index.json is no dict") };
        let entry = |(id, answers): (ivorylens::model::value::Text, Value)| match answers {
            Value::Dict(answers) => (id.lossy().into_owned(), answers),
            other => panic!("{other:?} is no dict"),
        };
        index.into_entries().into_iter().map(entry).collect()
    }

    /// A copy of the data folder that may be changed.
    pub fn copy(&self) -> PathBuf {
        let to = self.home.path().join("copy/ivoryos_data");
        copy_folder(&self.data(), &to);
        to
    }

    /// A new empty folder.
    pub fn place(&self) -> TempDir {
        tempfile::tempdir_in(self.home.path()).unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_in(self.home.path(), &self.data(), args)
    }

    /// Runs the program in `here` on `data`, without a terminal.
    pub fn run_in(&self, here: &Path, data: &Path, args: &[&str]) -> Ran {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(self.db.iter().flat_map(|db| ["--db", db]));
        command.arg("--data").arg(data).args(args).current_dir(here).stdin(Stdio::null());
        command.env_remove("IVORYOS_DB_URI").env_remove("DATABASE_URL");
        command.env_remove("IVORYLENS_DATA").env_remove("IVORYLENS_CONFIG");
        command.env("NO_COLOR", "1").env("HOME", home);
        for (name, folder) in [
            ("XDG_CACHE_HOME", "c"),
            ("XDG_CONFIG_HOME", "k"),
            ("XDG_STATE_HOME", "s"),
            ("XDG_DATA_HOME", "d"),
        ] {
            command.env(name, home.join(folder));
        }
        let output = command.output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        Ran { code: output.status.code(), out: output.stdout, err }
    }
}

impl Ran {
    /// What differs from `want` as JSON, if anything.
    pub fn differs_from_json(&self, want: &Value) -> Option<String> {
        if self.code != Some(0) {
            return Some(self.ended());
        }
        match json::read(&self.out) {
            Err(_) => Some(format!("no JSON: {}", start(&self.out))),
            Ok(got) => same::difference(want, &got, ""),
        }
    }

    /// What differs from `want` byte for byte, if anything.
    pub fn differs_from_bytes(&self, want: &[u8]) -> Option<String> {
        if self.code != Some(0) {
            return Some(self.ended());
        }
        if self.out == want {
            return None;
        }
        let shorter = want.len().min(self.out.len());
        let at = want.iter().zip(&self.out).position(|(a, b)| a != b).unwrap_or(shorter);
        let around = |bytes: &[u8]| start(bytes.get(at.saturating_sub(20)..).unwrap_or_default());
        Some(format!("at byte {at}: want {} got {}", around(want), around(&self.out)))
    }

    /// Nothing but an exit code of `codes` and a reason on stderr is right.
    pub fn should_refuse(&self, codes: &[i32]) -> Option<String> {
        let right = self.code.is_some_and(|code| codes.contains(&code))
            && self.out.is_empty()
            && !self.err.is_empty();
        (!right).then(|| format!("should refuse: {}, stdout {}", self.ended(), start(&self.out)))
    }

    pub fn ended(&self) -> String {
        format!("exit {:?}, {}", self.code, start(self.err.as_bytes()))
    }
}

/// The first bytes as Rust would write them.
pub fn start(bytes: &[u8]) -> String {
    let end = bytes.len().min(120);
    format!("{:?}", String::from_utf8_lossy(bytes.get(..end).unwrap_or(bytes)))
}

pub fn read_json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    json::read(&bytes).unwrap_or_else(|_| panic!("{} is no JSON", path.display()))
}

/// The text of a string, what Python's `str` gives for anything else.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    ivorylens::formats::python_repr::str_of(value, &mut out);
    out
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            // Some systems copy the time, too: a lab that wrote just now is wanted.
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Checks every item, a few at a time, and fails with the first of those that are not as they should be.
pub fn check_all<T: Sync>(items: &[T], check: impl Fn(&T) -> Vec<String> + Sync) {
    assert!(!items.is_empty(), "nothing to check");
    let left = Mutex::new(items.iter());
    let bad = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(item) = left.lock().unwrap().next() else { break };
                    let found = check(item);
                    bad.lock().unwrap().extend(found);
                }
            });
        }
    });
    let bad = bad.into_inner().unwrap();
    let shown = bad.iter().take(12).fold(String::new(), |all, line| all + "\n  " + line);
    assert!(bad.is_empty(), "{} differences in {} items:{shown}", bad.len(), items.len());
}
