//! A lab and those who work with it: each with a state folder of their own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    model::{
        mark::{MarkChange, RecordMark},
        record_key::RecordKey,
    },
    services::{
        lab::Lab,
        marks::{self, Sharing},
        own_files::UserFolders,
    },
};

use crate::common::{
    NEW, Ran, Set,
    lab::{NOON, lab, stopped},
};

/// A lab that may be changed.
pub struct SharedLab {
    _set: Set,
    home: tempfile::TempDir,
    data: PathBuf,
}

/// Who works with it.
pub struct User {
    data: PathBuf,
    home: PathBuf,
    umask: Option<&'static str>,
}

impl SharedLab {
    pub fn new() -> Self {
        let set = Set::open(NEW);
        let data = set.copy();
        Self { _set: set, home: tempfile::tempdir().unwrap(), data }
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn folder(&self) -> PathBuf {
        self.data.join(".ivorylens")
    }

    pub fn user(&self, name: &str) -> User {
        self.user_at(name, &self.data)
    }

    /// The same user, where the lab has another path.
    pub fn user_at(&self, name: &str, data: &Path) -> User {
        let home = self.home.path().join(name);
        fs::create_dir_all(&home).unwrap();
        User { data: data.to_path_buf(), home, umask: None }
    }

    /// The folders of all users, for who is no root to go through.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Gives the data folder a mode, and, as root can, a group; gives that.
    pub fn give_group(&self, mode: u32) -> u32 {
        // Another user than root can give a folder no group that they are not in.
        let _ = chown(&self.data, None, Some(4_711));
        fs::set_permissions(&self.data, fs::Permissions::from_mode(mode)).unwrap();
        gid(&self.data)
    }

    /// Makes sure that a record has a log.
    pub fn set_log(&self, run: i64) {
        let server = self.server();
        let sql = "SELECT name, start_time FROM workflow_runs WHERE id = ?";
        let (name, start): (String, String) =
            server.query_row(sql, [run], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let start = start.get(..19).unwrap().replace(':', "-");
        fs::write(self.data.join(format!("logs/{name}_{start}.log")), "a log").unwrap();
    }

    pub fn server(&self) -> Connection {
        Connection::open(self.data.join("ivoryos.db")).unwrap()
    }

    /// All rows of the lab.
    pub fn rows(&self) -> Vec<String> {
        rows(&self.data)
    }

    /// Numbers of the entries in the shared trash, and their records.
    pub fn shared_entries(&self) -> Vec<(i64, i64)> {
        entries(&self.folder().join("ivorylens.db"))
    }

    /// All files of the data folder but those that are shared.
    pub fn files_of_lab(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(&self.data).into_iter().filter(|(path, _)| !path.starts_with(self.folder())).collect()
    }
}

impl User {
    pub fn with_umask(self, umask: &'static str) -> Self {
        Self { umask: Some(umask), ..self }
    }

    /// Opened as a new process would.
    pub fn open(&self) -> Lab {
        let folders = UserFolders { state: Some(self.home.join("ivorylens")), config: None };
        lab(&self.data, stopped(NOON)).keeping_in(&folders)
    }

    pub fn own_file(&self) -> PathBuf {
        self.open().own_place().unwrap().file.clone()
    }

    /// The program as this user starts it.
    pub fn command(&self, data: &Path, args: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_ivorylens");
        let mut command = match self.umask {
            None => Command::new(program),
            Some(umask) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\""), program]);
                shell
            }
        };
        command.arg("--data").arg(data).args(args).current_dir(&self.home).stdin(Stdio::null());
        command.envs(self.envs()).env_remove("IVORYLENS_DATA");
        command
    }

    pub fn envs(&self) -> Vec<(&'static str, OsString)> {
        let names = ["HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"];
        let mut all: Vec<_> = names.map(|name| (name, self.home.clone().into_os_string())).into();
        all.push(("NO_COLOR", "1".into()));
        all
    }

    pub fn run_on(&self, data: &Path, args: &[&str]) -> Ran {
        ran(&mut self.command(data, args))
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_on(&self.data, args)
    }

    /// Its stdout, where it ended well.
    pub fn said(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        String::from_utf8(ran.out).unwrap()
    }

    pub fn refuses(&self, code: i32, words: &str, args: &[&str]) {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{args:?}: {} has no {words:?}", ran.err);
    }

    /// Who runs this process.
    pub fn here(data: PathBuf) -> Self {
        Self { data, home: std::env::var_os("HOME").unwrap().into(), umask: None }
    }

    pub fn change(&self, run: i64, changes: &[MarkChange]) -> ivorylens::error::Result<marks::Marked> {
        marks::change(&self.open(), &[run], changes, &mut Cx::quiet())
    }

    /// Gives a record tags; gives what is told of the file.
    pub fn tags(&self, run: i64, tags: &[&str]) -> Option<String> {
        let changes: Vec<_> = tags.iter().map(|tag| MarkChange::Tag((*tag).to_owned())).collect();
        self.change(run, &changes).unwrap().notice
    }

    pub fn note(&self, run: i64, text: &str) {
        self.change(run, &[MarkChange::Note { text: text.to_owned(), was: None }]).unwrap();
    }

    pub fn mark_refused(&self, run: i64) -> String {
        self.change(run, &[MarkChange::Star(true)]).unwrap_err().to_string()
    }

    pub fn mark_of(&self, run: i64) -> Option<RecordMark> {
        let lab = self.open();
        let key = RecordKey::of(&lab.run(run, &Cx::quiet()).unwrap());
        marks::all(&lab).each().find(|(of, _)| **of == key).map(|(_, mark)| RecordMark::clone(mark))
    }

    pub fn tags_of(&self, run: i64) -> Vec<String> {
        self.mark_of(run).map(|mark| mark.tags.into_iter().collect()).unwrap_or_default()
    }

    pub fn note_of(&self, run: i64) -> Option<String> {
        self.mark_of(run).map(|mark| mark.note)
    }

    pub fn sharing(&self) -> Sharing {
        marks::all(&self.open()).sharing()
    }

    /// Why marks, or some of them, can't be read.
    pub fn told_of_marks(&self) -> Option<String> {
        marks::all(&self.open()).notice().map(str::to_owned)
    }

    /// Records with marks in the file of one's own.
    pub fn own_marks(&self) -> usize {
        let Ok(own) = Connection::open(self.own_file()) else { return 0 };
        own.query_row("SELECT count(*) FROM marks", [], |row| row.get(0)).unwrap_or_default()
    }

    pub fn own_entries(&self) -> Vec<(i64, i64)> {
        entries(&self.own_file())
    }
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran { code: output.status.code(), out: output.stdout, err }
}

/// Numbers of the entries of a trash that count, and their records; none where there is no trash.
pub fn entries(file: &Path) -> Vec<(i64, i64)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    let Ok(own) = Connection::open_with_flags(file, flags) else { return Vec::new() };
    let Ok(mut all) = own.prepare("SELECT n, run FROM trash WHERE state > 0 ORDER BY n") else {
        return Vec::new();
    };
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

pub fn rows(data: &Path) -> Vec<String> {
    let server = Connection::open(data.join("ivoryos.db")).unwrap();
    let mut all = Vec::new();
    for table in ["workflow_runs", "workflow_phases", "workflow_steps"] {
        let mut statement = server.prepare(&format!("SELECT * FROM {table} ORDER BY id")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            Ok((0..columns).map(|n| format!("{:?}|", row.get_ref(n).unwrap())).collect::<String>())
        };
        all.extend(statement.query_map([], row).unwrap().map(|row| format!("{table}: {}", row.unwrap())));
    }
    all
}

/// All files and folders below one, with the bytes of files.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
            all.insert(entry.path(), Vec::new());
        } else {
            all.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    all
}

pub fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

pub fn gid(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().gid()
}
