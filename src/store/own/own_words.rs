//! What is said where ivorylens.db can't be read or written, by what it was wanted for.

use std::{path::Path, time::Duration};

use rusqlite::ErrorCode;

use crate::error::{Error, words};

/// What the file is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnUse {
    Trash,
    Marks,
    /// Both, to move them.
    Moving,
}

impl OwnUse {
    /// What of it can't be read or written, in a sentence.
    pub fn what(self) -> &'static str {
        match self {
            OwnUse::Trash => "the trash",
            OwnUse::Marks => "the file of marks",
            OwnUse::Moving => "the file of marks and trash",
        }
    }
}

/// Why SQLite could not do something with the file.
pub fn reason(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another ivorylens is using it".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "no permission to write it or its folder".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "it is damaged".to_owned(),
        Some(ErrorCode::SystemIoFailure) if is_write(error) => {
            "the disk failed to write it, or the system allows no file so large (ulimit -f)".to_owned()
        }
        Some(ErrorCode::SystemIoFailure) => "the disk failed to read or write it".to_owned(),
        _ => error.to_string(),
    }
}

/// `SQLITE_IOERR_WRITE`: with its low byte that is the failure, with the rest the call.
fn is_write(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|failure| failure.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE)
}

/// SQLite could not write the file.
pub fn failed(path: &Path, error: &rusqlite::Error, about: OwnUse, patience: Duration) -> Error {
    if is_busy(error) {
        return Error::OwnBusy { path: path.to_path_buf(), seconds: patience.as_secs() };
    }
    unwritable(path, &reason(error), about)
}

/// Another process had it for the whole patience.
pub fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The end of what is said of a file that a newer program wrote.
pub const WROTE_IT: &str = "a newer ivorylens wrote it";

/// A newer program wrote the file: only that one may write it.
pub fn newer(path: &Path, about: OwnUse) -> Error {
    let said = format!("{} can't be written, {}: {WROTE_IT}", about.what(), path.display());
    let (command, screen) = match about {
        OwnUse::Trash => (
            "nothing was changed; use that one, or give --permanent to delete without the trash",
            "nothing was changed; use that one, or choose P in the question to delete without the trash",
        ),
        OwnUse::Marks => ("nothing was marked; use that one", "nothing was marked; use that one"),
        OwnUse::Moving => ("nothing was moved; use that one", "nothing was moved; use that one"),
    };
    Error::Advised { said, command: command.to_owned(), screen: screen.to_owned() }
}

/// A write met damage, and the file was set aside.
pub fn was_damaged(path: &Path, aside: &Path, about: OwnUse) -> Error {
    let said = format!("{} was damaged, {}: it is kept as {}", about.what(), path.display(), aside.display());
    let command = match about {
        OwnUse::Trash => "what was not deleted yet stays; the same again begins a new one",
        OwnUse::Marks => "nothing was marked; the same again begins a new one",
        OwnUse::Moving => "what was not moved yet is where it was; the same again begins a new one",
    };
    Error::Advised { said, command: command.to_owned(), screen: command.to_owned() }
}

/// Nothing can be kept: so nothing is deleted, or marked.
pub fn unwritable(path: &Path, reason: &str, about: OwnUse) -> Error {
    let said = format!("{} can't be written, {}: {reason}", about.what(), path.display());
    let (command, screen) = match about {
        OwnUse::Trash => (
            "what was not deleted yet stays; mend that, or give --permanent to delete without the trash",
            "what was not deleted yet stays; mend that, or choose P in the question to delete without the trash",
        ),
        OwnUse::Marks => {
            ("nothing was marked; mend that and try again", "nothing was marked; mend that and try again")
        }
        OwnUse::Moving => (
            "what was not moved yet is where it was; mend that and try again",
            "what was not moved yet is where it was; mend that and try again",
        ),
    };
    Error::Advised { said, command: command.to_owned(), screen: screen.to_owned() }
}

/// The same for a failure of the system.
pub fn no_file(path: &Path, error: &std::io::Error, about: OwnUse) -> Error {
    unwritable(path, &words(error), about)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn each_reason_has_its_words_and_a_lock_its_kind() {
        let of = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let said = |code| {
            let error = failed(Path::new("/s/ivorylens.db"), &of(code), OwnUse::Trash, Duration::ZERO);
            (error.kind(), error.to_string())
        };
        for (code, words) in [
            (ffi::SQLITE_FULL, "/s/ivorylens.db: the disk is full; what was not deleted yet stays"),
            (ffi::SQLITE_IOERR_WRITE, "no file so large (ulimit -f); "),
            (ffi::SQLITE_IOERR_FSYNC, "the disk failed to read or write it; "),
            (ffi::SQLITE_READONLY, "no permission to write it or its folder; "),
            (ffi::SQLITE_NOTADB, "it is damaged; "),
        ] {
            let (kind, said) = said(code);
            assert!(kind == ErrorKind::Failed && said.contains(words), "{code}: {said}");
            assert!(said.contains("give --permanent"), "{said}");
        }
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED] {
            assert_eq!(said(code).0, ErrorKind::Busy);
        }
    }
}
