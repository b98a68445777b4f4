//! The one error of the library: what happened, to which file or record, and what to do about it.

mod system;

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
};

use crate::model::format::count_of;

pub use system::words;

/// What a command's exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Exit 1.
    Failed,
    /// Exit 2.
    Usage,
    /// Exit 3: no such record, log, file, or no data yet.
    Missing,
    /// Exit 4: the database stayed busy for the patience.
    Busy,
    /// Taken back by the user (Esc, Ctrl-C) or replaced by a newer request.
    Cancelled,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {reason}; {advice}", path = .path.display())]
    Open { path: PathBuf, reason: String, advice: String },
    #[error("{path}: {words}", path = .path.display(), words = words(.source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: {reason}", path = .path.display())]
    File { path: PathBuf, reason: String },
    /// What is to be done has other words in a command than on a screen.
    #[error("{said}; {command}")]
    Advised { said: String, command: String, screen: String },
    /// An export's folder that is not there.
    #[error("{folder}: there is no such folder; make it (mkdir -p), or name another with -o", folder = .folder.display())]
    NoFolder { folder: PathBuf },
    #[error("{path}: the database stayed busy for {seconds} s; nothing was changed, try again or give --wait S", path = .path.display())]
    Busy { path: PathBuf, seconds: u64 },
    #[error("{path}: it could not be written ({source}); make room, or set TMPDIR to a folder on another disk", path = .path.display())]
    Sql { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("{0}")]
    Missing(Missing),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Refused(String),
    /// Whoever asked for something of the old one is to ask again, of the new one.
    #[error(
        "the database was replaced by another file meanwhile, or changed without a commit; look at it and try again"
    )]
    Replaced,
    #[error("{0}")]
    Unfinished(Unfinished),
    #[error("{0}")]
    HalfBack(HalfBack),
    /// Another process had ivorylens.db, or its trash, for the whole patience.
    #[error("{path}: another ivorylens has been using it for {seconds} s; what was not done yet was not done, try again", path = .path.display())]
    OwnBusy { path: PathBuf, seconds: u64 },
    /// What is kept of the lab is in another file by now.
    #[error("{path}: what is kept there was shared, or taken back, by somebody meanwhile; try again", path = .path.display())]
    OwnMoved { path: PathBuf },
    #[error("cancelled")]
    Cancelled,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A file that can't be opened: why, and what to do about it.
    pub fn open(path: &Path, reason: impl Into<String>, advice: impl Into<String>) -> Self {
        Error::Open { path: path.to_path_buf(), reason: reason.into(), advice: advice.into() }
    }

    /// The error for what reading or writing a file gave.
    pub fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Error::Io { path: path.to_path_buf(), source }
    }

    /// As it is said on a screen, where no option can be given.
    pub fn on_screen(&self) -> String {
        match self {
            Error::Advised { said, screen, .. } => format!("{said}; {screen}"),
            Error::NoFolder { folder } => {
                format!("{}: there is no such folder; an export offers to make it", folder.display())
            }
            Error::Missing(missing) => missing.on_screen(),
            Error::Busy { path, seconds } => format!(
                "{}: the database stayed busy for {seconds} s; nothing was changed, try again",
                path.display()
            ),
            // It is said at the start only.
            Error::Open { path, reason, advice } => {
                let advice = advice.replace("give --copy", "start again with --copy");
                format!("{}: {reason}; {advice}", path.display())
            }
            other => other.to_string(),
        }
    }

    /// The same about the file that the user knows, where it is about a private copy of it or what lies beside that.
    #[must_use]
    pub fn about(mut self, copy: &Path, file: &Path) -> Self {
        let path = match &mut self {
            Error::Open { path, .. }
            | Error::Io { path, .. }
            | Error::File { path, .. }
            | Error::Busy { path, .. }
            | Error::Sql { path, .. } => path,
            _ => return self,
        };
        if let Some(ending) =
            path.as_os_str().as_encoded_bytes().strip_prefix(copy.as_os_str().as_encoded_bytes())
        {
            let mut known = file.as_os_str().to_owned();
            known.push(String::from_utf8_lossy(ending).as_ref());
            *path = known.into();
        }
        self
    }

    /// What happened, without the path that stands in front of it.
    pub fn reason(&self) -> String {
        match self {
            Error::Open { reason, .. } | Error::File { reason, .. } => reason.clone(),
            Error::Io { source, .. } => words(source),
            other => other.to_string(),
        }
    }

    /// Whether the reader of our output went away (`| head`), which ends a command quietly.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }

    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Missing(_) => ErrorKind::Missing,
            Error::Usage(_) => ErrorKind::Usage,
            Error::Busy { .. } | Error::OwnBusy { .. } | Error::OwnMoved { .. } => ErrorKind::Busy,
            Error::Cancelled => ErrorKind::Cancelled,
            Error::Unfinished(unfinished) => unfinished.kind(),
            Error::HalfBack(half) => half.cause.kind(),
            _ => ErrorKind::Failed,
        }
    }
}

/// What is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("no record {run} in {folder}; it may have been deleted, ivorylens list shows those there are", folder = .folder.display())]
    Record { run: i64, folder: PathBuf },
    #[error("no records {} in {folder}; they may have been deleted, ivorylens list shows those there are", joined(.runs), folder = .folder.display())]
    Records { runs: Vec<i64>, folder: PathBuf },
    #[error("record {run} has no log: {path} is not there", path = .path.display())]
    Log { run: i64, path: PathBuf },
    /// The start is a part of a log's name.
    #[error("record {run} has no start time, so no log")]
    LogWithoutStart { run: i64 },
    /// The records are on a server, and the folder beside it was not named.
    #[error(
        "logs and results are in the data folder of the lab PC, which is not named; give --data FOLDER beside --db"
    )]
    Folder,
    #[error("record {run} names no result file")]
    ResultName { run: i64 },
    #[error("{path} is not there; ivorylens show ID lists the files of a record", path = .path.display())]
    File { path: PathBuf },
    #[error("record {run} has no data yet")]
    Data { run: i64 },
    /// Of several records.
    #[error("none of the {records} records has data yet")]
    NoData { records: usize },
    #[error("record {run} has no optimizer plots")]
    Plots { run: i64 },
    /// The picture that the optimizer's file names.
    #[error("the optimizer plot {name:?} is not there, nor in {folder}; copy it there", folder = .folder.display())]
    Picture { name: String, folder: PathBuf },
    #[error("record {run} has no numbers to chart")]
    Numbers { run: i64 },
    #[error("step {step} of record {run} is gone")]
    Step { run: i64, step: i64 },
    #[error(
        "there is no entry {n} in the trash; nothing was put back, ivorylens trash lists those there are"
    )]
    TrashEntry { n: i64 },
    #[error("the trash is empty: there is nothing to take back")]
    EmptyTrash,
}

impl Missing {
    /// As it is said on a screen.
    pub fn on_screen(&self) -> String {
        match self {
            Missing::Record { run, folder } => {
                format!(
                    "no record {run} in {}; it may have been deleted, the list has those there are",
                    folder.display()
                )
            }
            Missing::Records { runs, folder } => {
                format!(
                    "no records {} in {}; they may have been deleted, the list has those there are",
                    joined(runs),
                    folder.display()
                )
            }
            Missing::Folder => {
                "logs and results are in the data folder of the lab PC, which was not named at the start"
                    .to_owned()
            }
            Missing::File { path } => {
                format!("{} is not there; the tab Files has those of a record", path.display())
            }
            Missing::TrashEntry { n } => {
                format!(
                    "there is no entry {n} in the trash; nothing was put back, :trash shows those there are"
                )
            }
            other => other.to_string(),
        }
    }

    /// As one of several that are not there, each by what it is called: `no result file`. What is to be done about it stays.
    pub fn brief(&self, title: &str) -> String {
        match self {
            Missing::File { .. } | Missing::ResultName { .. } => format!("no {title}"),
            other => other.short().into_owned(),
        }
    }

    /// Without what stands beside it on screen: the record's id, the file's path.
    pub fn short(&self) -> Cow<'static, str> {
        match self {
            Missing::Log { .. } => "no log".into(),
            Missing::LogWithoutStart { .. } => "no start time, so no log".into(),
            Missing::ResultName { .. } => "names no result file".into(),
            Missing::File { .. } => "not there".into(),
            Missing::Folder => "no data folder".into(),
            Missing::Data { .. } | Missing::NoData { .. } => "no data yet".into(),
            Missing::Plots { .. } => "no optimizer plots".into(),
            Missing::Numbers { .. } => "no numbers to chart".into(),
            Missing::Record { .. }
            | Missing::Records { .. }
            | Missing::Picture { .. }
            | Missing::TrashEntry { .. }
            | Missing::EmptyTrash
            | Missing::Step { .. } => self.to_string().into(),
        }
    }
}

fn joined(runs: &[i64]) -> String {
    runs.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// What ended a delete or a restore half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopCause {
    Cancelled,
    Busy,
    Replaced,
    Failed { kind: ErrorKind, reason: String },
}

impl StopCause {
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Cancelled => Self::Cancelled,
            Error::Busy { .. } => Self::Busy,
            Error::Replaced => Self::Replaced,
            Error::Open { reason, .. } => Self::Failed { kind: error.kind(), reason: reason.clone() },
            other => Self::Failed { kind: other.kind(), reason: other.to_string() },
        }
    }

    /// In front of what was done until then, on screen.
    pub fn on_screen(&self) -> String {
        match self {
            Self::Cancelled => "Ended".to_owned(),
            Self::Busy => "The database stayed busy".to_owned(),
            Self::Replaced => Error::Replaced.on_screen(),
            Self::Failed { reason, .. } => reason.clone(),
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            StopCause::Cancelled => ErrorKind::Cancelled,
            StopCause::Busy => ErrorKind::Busy,
            StopCause::Replaced => ErrorKind::Failed,
            StopCause::Failed { kind, .. } => *kind,
        }
    }
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopCause::Cancelled => write!(f, "stopped"),
            StopCause::Busy => write!(f, "the database stayed busy"),
            StopCause::Replaced => write!(f, "{}", Error::Replaced),
            StopCause::Failed { reason, .. } => write!(f, "{reason}"),
        }
    }
}

/// A restore that ended half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfBack {
    pub cause: StopCause,
    /// Records that are back.
    pub back: usize,
    /// Records that were to come back.
    pub of: usize,
}

impl fmt::Display for HalfBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = count_of(self.of as u64, "record", "records");
        let are = if self.back == 1 { "is" } else { "are" };
        write!(f, "{}; {} of {of} {are} back, ", self.cause, self.back)?;
        match self.back == self.of {
            true => write!(f, "yet still in the trash, too: the same again ends that"),
            false => write!(f, "the others are in the trash: the same again goes on"),
        }
    }
}

/// A delete that ended half-way: what is gone, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    pub cause: StopCause,
    /// Records that are gone whole.
    pub runs: usize,
    /// Records that were to go.
    pub of: usize,
    /// Phases and steps that are gone.
    pub phases: u64,
    pub steps: u64,
    /// The record that is left without some of its rows.
    pub part: Option<i64>,
}

impl Unfinished {
    pub fn kind(&self) -> ErrorKind {
        self.cause.kind()
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        let phases = count_of(self.phases, "phase", "phases");
        let steps = count_of(self.steps, "step", "steps");
        let whole = format!("{} of {}", self.runs, count_of(self.of as u64, "record", "records"));
        match self.part {
            // The error came when all was done: there is nothing to do again.
            None if self.runs == self.of && self.cause != StopCause::Replaced => {
                let are = if self.of == 1 { "is" } else { "are" };
                write!(
                    f,
                    "; yet {} {are} gone, with {phases} and {steps}",
                    count_of(self.of as u64, "record", "records")
                )
            }
            _ if self.cause == StopCause::Replaced => {
                write!(f, " ({phases} and {steps} of the old one are gone)")
            }
            Some(part) if self.of == 1 => write!(
                f,
                "; {phases} and {steps} of record {part} are gone, the rest is there: delete it again to finish"
            ),
            Some(part) => write!(
                f,
                "; {whole} and a part of record {part} are gone ({phases} and {steps}), the rest is there: delete \
                 them again to finish"
            ),
            None => write!(f, "; {whole} are gone, the others are as they were"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a screen says names no option of a command.
    #[test]
    fn screens_have_words_of_their_own() {
        let path = || PathBuf::from("/data/a");
        for error in [
            Error::NoFolder { folder: path() },
            Error::Missing(Missing::Record { run: 5, folder: path() }),
            Error::Missing(Missing::Records { runs: vec![5, 7], folder: path() }),
            Error::Missing(Missing::File { path: path() }),
            Error::Missing(Missing::TrashEntry { n: 7 }),
            Error::Advised { said: "x".into(), command: "give -o".into(), screen: "press x".into() },
        ] {
            let (command, screen) = (error.to_string(), error.on_screen());
            assert_ne!(command, screen);
            for word in ["-o", "--", "mkdir", "ivorylens "] {
                assert!(!screen.contains(word), "{screen}");
            }
        }
        assert_eq!(Error::Cancelled.on_screen(), "cancelled");
        let busy = Error::Busy { path: path(), seconds: 5 };
        assert_eq!(
            busy.on_screen(),
            "/data/a: the database stayed busy for 5 s; nothing was changed, try again"
        );
        let hot = Error::open(&path(), "x", "start IvoryOS, or give --copy");
        assert_eq!(hot.on_screen(), "/data/a: x; start IvoryOS, or start again with --copy");
    }

    #[test]
    fn a_restore_that_ends_half_way_says_how_far_it_is_and_ends_as_its_cause_does() {
        let half = |error: &Error| {
            let half = Error::HalfBack(HalfBack { cause: StopCause::of(error), back: 1, of: 12 });
            (half.kind(), half.to_string())
        };
        let path = PathBuf::from("/s/trash.lock");
        let (kind, said) = half(&Error::OwnBusy { path, seconds: 5 });
        assert_eq!(kind, ErrorKind::Busy);
        assert!(said.starts_with("/s/trash.lock: another ivorylens has been using it for 5 s"), "{said}");
        assert!(
            said.ends_with("; 1 of 12 records is back, the others are in the trash: the same again goes on")
        );
        let all = HalfBack { cause: StopCause::Busy, back: 3, of: 3 }.to_string();
        assert!(all.contains("; 3 of 3 records are back, yet still in the trash, too"), "{all}");
        assert_eq!(half(&Error::Cancelled).0, ErrorKind::Cancelled);
        assert_eq!(half(&Error::Refused("no".to_owned())).0, ErrorKind::Failed);
    }

    #[test]
    fn errors_of_a_copy_are_about_the_file() {
        let (copy, file) = (Path::new("/tmp/copy/ivoryos.db"), Path::new("/lab/my.db"));
        let about = |path: &str| Error::open(Path::new(path), "x", "y").about(copy, file).to_string();
        assert_eq!(about("/tmp/copy/ivoryos.db"), "/lab/my.db: x; y");
        assert_eq!(about("/tmp/copy/ivoryos.db-wal"), "/lab/my.db-wal: x; y");
        assert_eq!(about("/elsewhere"), "/elsewhere: x; y");
    }

    #[test]
    fn what_is_missing_is_said_long_and_short() {
        let path = || PathBuf::from("/data/a");
        for (missing, long, short) in [
            (
                Missing::File { path: path() },
                "/data/a is not there; ivorylens show ID lists the files of a record",
                "not there",
            ),
            (Missing::Log { run: 5, path: path() }, "record 5 has no log: /data/a is not there", "no log"),
            (Missing::Plots { run: 5 }, "record 5 has no optimizer plots", "no optimizer plots"),
            (Missing::Data { run: 5 }, "record 5 has no data yet", "no data yet"),
            (Missing::ResultName { run: 5 }, "record 5 names no result file", "names no result file"),
            (
                Missing::LogWithoutStart { run: 5 },
                "record 5 has no start time, so no log",
                "no start time, so no log",
            ),
        ] {
            assert_eq!((missing.to_string().as_str(), &*missing.short()), (long, short));
        }
    }

    #[test]
    fn a_delete_that_ended_half_way_says_what_is_gone_and_what_is_left() {
        let said =
            |cause, of, part| Unfinished { cause, runs: 1, of, phases: 1, steps: 20, part }.to_string();
        assert_eq!(
            said(StopCause::Cancelled, 1, Some(7)),
            "stopped; 1 phase and 20 steps of record 7 are gone, the rest is there: delete it again to finish"
        );
        assert_eq!(
            said(StopCause::Busy, 3, Some(7)),
            "the database stayed busy; 1 of 3 records and a part of record 7 are gone (1 phase and 20 steps), the \
             rest is there: delete them again to finish"
        );
        let full = || StopCause::Failed { kind: ErrorKind::Failed, reason: "the disk is full".into() };
        assert_eq!(
            said(full(), 1, None),
            "the disk is full; yet 1 record is gone, with 1 phase and 20 steps"
        );
        assert_eq!(
            said(full(), 3, None),
            "the disk is full; 1 of 3 records are gone, the others are as they were"
        );
        assert!(
            said(StopCause::Replaced, 3, None).ends_with(" (1 phase and 20 steps of the old one are gone)")
        );
    }
}
