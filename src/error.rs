//! The one error of the library: what happened, to which file or record, and what to do about it.

use std::path::PathBuf;

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
    #[error("{path}: {source}", path = .path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: {reason}", path = .path.display())]
    File { path: PathBuf, reason: String },
    #[error("{path}: the database stayed busy for {seconds} s; nothing was changed, try again or give --wait S", path = .path.display())]
    Busy { path: PathBuf, seconds: u64 },
    #[error("{path}: {source}", path = .path.display())]
    Sql { path: PathBuf, source: rusqlite::Error },
    #[error("{0}")]
    Missing(String),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Refused(String),
    /// Whoever asked for something of the old one is to ask again, of the new one.
    #[error("the database was replaced by another file meanwhile; look at the new one and try again")]
    Replaced,
    /// A delete that ended half-way.
    #[error("{text}")]
    Unfinished { text: String, why: ErrorKind },
    #[error("cancelled")]
    Cancelled,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the reader of our output went away (`| head`), which ends a command quietly.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }

    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Missing(_) => ErrorKind::Missing,
            Error::Usage(_) => ErrorKind::Usage,
            Error::Busy { .. } => ErrorKind::Busy,
            Error::Cancelled => ErrorKind::Cancelled,
            Error::Unfinished { why, .. } => *why,
            _ => ErrorKind::Failed,
        }
    }
}
