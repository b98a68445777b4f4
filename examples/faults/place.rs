//! Where the commands run: a lab's data, a cache folder, a folder for files, and what is right there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::date;
use rusqlite::Connection;
use tempfile::TempDir;

use ivorylens::demo::{self, Plan};

use super::{
    check::{self, Ended, Files, files_of},
    commands::{Command, EVERYTHING, Leaves},
    figures::Outcome,
    inject::{self, Fault, Surroundings},
    rows::Tables,
};

pub struct Place {
    folder: TempDir,
    program: PathBuf,
    /// The database as it was made.
    bytes: Vec<u8>,
    before: Tables,
    run: i64,
    long: i64,
    logged: i64,
    cache: PathBuf,
    /// An index is kept from before; else there is no folder for it.
    kept: bool,
    /// What the command prints and writes where nothing fails.
    right: (Vec<u8>, Files),
}

impl Place {
    /// A small lab without a cache folder, or a large one whose index is kept.
    pub fn made(large: bool, program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("ivoryos_data");
        let (records, iterations) = if large { (450, 8..=12) } else { (30, 1..=3) };
        let plan = Plan::sized(records, iterations, 10, 7, date(2026, 11, 24).at(12, 0, 0, 0)).with(|size| {
            size.deep = Some((600, 8));
            size.logs = 2;
        });
        demo::make(&plan, &data).unwrap();
        let file = data.join("ivoryos.db");
        let before = Tables::of(&file).unwrap();
        let one = |sql: &str| Connection::open(&file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap();
        Self {
            program: program.to_path_buf(),
            bytes: fs::read(&file).unwrap(),
            before,
            run: one("SELECT max(run_id) / 2 FROM workflow_phases"),
            long: one("SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1"),
            logged: one("SELECT max(id) FROM workflow_runs"),
            cache: folder.path().join("cache"),
            kept: large,
            right: Default::default(),
            folder,
        }
    }

    pub fn title(&self, command: &Command) -> String {
        let lab = if self.kept { "large lab, kept index" } else { "small lab, no cache folder" };
        format!("{lab}, {}", command.name)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ivoryos_data/ivoryos.db")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// Learns what is right.
    pub fn begin(&mut self, command: &Command) {
        self.restore();
        let ended = self.plain(command);
        assert_eq!(ended.code, Some(0), "{}: {}", command.name, ended.err);
        self.right = (ended.out, files_of(&self.out()));
        self.restore();
    }

    /// The database as it was made, an empty folder for files, and the index kept of it.
    fn restore(&self) {
        for journal in ["ivoryos.db-journal", "ivoryos.db"] {
            let _ = fs::remove_file(self.folder.path().join("ivoryos_data").join(journal));
        }
        fs::write(self.file(), &self.bytes).unwrap();
        for folder in [self.out(), self.cache.clone()] {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir(folder).unwrap();
        }
        if self.kept {
            let warm = ["steps", &self.run.to_string()].map(str::to_owned);
            let data = ["--data", "ivoryos_data"].map(str::to_owned);
            let ended = inject::plain(&self.program, &[&data[..], &warm[..]].concat(), &self.surroundings());
            assert_eq!(ended.code, Some(0), "{}", ended.err);
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { here: self.folder.path(), cache: self.kept.then_some(self.cache.as_path()) }
    }

    /// The program and its words.
    fn words(&self, command: &Command) -> (PathBuf, Vec<String>) {
        let mut all: Vec<String> = ["--data", "ivoryos_data"].map(str::to_owned).to_vec();
        if command.words == EVERYTHING {
            let run = self.logged.to_string();
            return (
                std::env::current_exe().unwrap(),
                [EVERYTHING, "ivoryos_data", &run, "out"].map(str::to_owned).to_vec(),
            );
        }
        all.extend(command.words.split(' ').map(|word| match word {
            "RUN" => self.run.to_string(),
            "LONG" => self.long.to_string(),
            "LOGGED" => self.logged.to_string(),
            other => other.replace("OUT", "out"),
        }));
        (self.program.clone(), all)
    }

    fn plain(&self, command: &Command) -> Ended {
        let (program, words) = self.words(command);
        inject::plain(&program, &words, &self.surroundings())
    }

    /// Runs a command with a fault, and looks at what it left.
    pub fn run(&mut self, command: &Command, fault: &Fault<'_>) -> Outcome {
        let (program, words) = self.words(command);
        let trace = self.folder.path().join("trace");
        let (ended, met) = inject::run(fault, &trace, &program, &words, &self.surroundings());
        if !met {
            return Outcome { met, code: ended.code, wrong: None, excused: false };
        }
        let left = check::files(&ended, &files_of(&self.out()), &self.right.1);
        // What can't be removed stays.
        let excused = left.is_some() && fault.call.starts_with("unlink");
        let what = check::ending(&ended)
            .or_else(|| check::words(&ended, fault.error, matches!(fault.call, "pread64" | "read")))
            .or_else(|| left.filter(|_| !excused))
            .or_else(|| {
                (command.leaves == Leaves::Output).then(|| check::output(&ended, &self.right.0)).flatten()
            })
            .or_else(|| self.database(command, &ended))
            .or_else(|| self.later(command));
        let again = format!("strace -f {fault} ivorylens {}   # {}", words.join(" "), self.title(command));
        let wrong = what.map(|what| (what, again));
        if excused || wrong.is_some() || command.leaves != Leaves::Output {
            self.restore();
        }
        Outcome { met, code: ended.code, wrong, excused }
    }

    fn database(&self, command: &Command, ended: &Ended) -> Option<String> {
        if command.leaves != Leaves::LessRows {
            let same = fs::read(self.file()).unwrap() == self.bytes;
            return (!same).then(|| "the database was written to".to_owned());
        }
        let long = command.words.contains("LONG");
        let run = if long { self.long } else { self.run };
        check::database(ended, &self.file(), &self.before, Some(run), long)
    }

    /// The command again, or another one where that would change something: right, whatever is in the cache by now.
    fn later(&self, command: &Command) -> Option<String> {
        if !self.kept {
            return None;
        }
        match command.leaves {
            Leaves::Output => {
                let ended = self.plain(command);
                let right = ended.code == Some(0) && ended.out == self.right.0;
                (!right).then(|| {
                    format!("the next time it is wrong: exit {:?}, {}", ended.code, ended.err.trim())
                })
            }
            Leaves::Files => None,
            Leaves::LessRows => self.others_are_right(),
        }
    }

    /// What is said of the records that are left, with the cache and without.
    fn others_are_right(&self) -> Option<String> {
        let there = Tables::of(&self.file()).unwrap().runs();
        let near = |run: i64| there.iter().copied().filter(move |other| (*other - run).abs() <= 1);
        let asked = near(self.run).chain(near(self.long)).chain([there[there.len() - 1]]);
        for run in asked {
            let words = ["--data", "ivoryos_data", "steps", &run.to_string()].map(str::to_owned);
            let with = inject::plain(&self.program, &words, &self.surroundings());
            let nowhere = Surroundings { here: self.folder.path(), cache: None };
            let without = inject::plain(&self.program, &words, &nowhere);
            if with.code != Some(0) || with.out != without.out {
                return Some(format!(
                    "afterwards steps {run} is wrong: exit {:?} {}",
                    with.code,
                    with.err.trim()
                ));
            }
        }
        None
    }
}
