//! What is said where the trash can't be written.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Error, words};

/// Why SQLite could not do something with the file.
pub fn reason(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another ivorylens has been using it for 5 s".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "no permission to write it or its folder".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "it is damaged".to_owned(),
        Some(ErrorCode::SystemIoFailure) => "the disk failed to read or write it".to_owned(),
        _ => error.to_string(),
    }
}

/// SQLite could not write the file.
pub fn failed(path: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::TrashBusy { path: path.to_path_buf() }
        }
        _ => unwritable(path, &reason(error)),
    }
}

/// Nothing can be kept, so nothing is deleted.
pub fn unwritable(path: &Path, reason: &str) -> Error {
    Error::Advised {
        said: format!("the trash can't be written, {}: {reason}", path.display()),
        command: "what was not deleted yet stays; mend that, or give --permanent to delete without the trash".to_owned(),
        screen: "what was not deleted yet stays; mend that, or choose P in the question to delete without the trash"
            .to_owned(),
    }
}

/// The same for a failure of the system.
pub fn no_file(path: &Path, error: &std::io::Error) -> Error {
    unwritable(path, &words(error))
}
