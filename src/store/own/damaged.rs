//! A damaged ivorylens.db is set aside under a new name, never removed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let odd = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase];
    let no_table = |text: &str| text.contains("no such table");
    match error {
        rusqlite::Error::SqliteFailure(failure, text) => {
            odd.contains(&failure.code) || text.as_deref().is_some_and(no_table)
        }
        rusqlite::Error::SqlInputError { msg, .. } => no_table(msg),
        _ => false,
    }
}

/// Gives a damaged file another name, where nothing is written over.
pub(super) fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let names = (1..).map(|n| path.with_extension(format!("db.damaged-{n}")));
    let free = names.take(1_000).find(|name| name.symlink_metadata().is_err());
    let aside = free.unwrap_or_else(|| path.with_extension("db.damaged"));
    for ending in ["-journal", ""] {
        let name = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        match fs::rename(name(path), name(&aside)) {
            Err(error) if ending.is_empty() => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

pub(super) fn notice_of_empty(path: &Path) -> String {
    format!(
        "{}: it was empty, so damaged: the marks and what was deleted before are not in it; a new one was begun",
        path.display()
    )
}

pub(super) fn notice_of(path: &Path, aside: &Path) -> String {
    let (path, aside) = (path.display(), aside.display());
    format!(
        "{path}: it was damaged and is kept as {aside}, with the marks and what was deleted before; a new one was begun"
    )
}
