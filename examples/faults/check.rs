//! Whether what a command left is right, whatever it met: each function names what is wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rusqlite::Connection;

use super::rows::Tables;

/// How a command ended.
#[derive(Debug, Clone, Default)]
pub struct Ended {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
    /// It had to be killed.
    pub hung: bool,
}

/// Files by their names, with their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// No panic, no hang, no signal; and a failure says something.
pub fn ending(ended: &Ended) -> Option<String> {
    let panics = ["panicked", "a fault in the program", "RUST_BACKTRACE"];
    if ended.hung {
        return Some("HANG".to_owned());
    }
    if let Some(words) = panics.iter().find(|words| ended.err.contains(**words)) {
        return Some(format!("PANIC ({words:?}): {}", ended.err.trim()));
    }
    match ended.code {
        None => Some(format!("ended by a signal: {}", ended.err.trim())),
        Some(code) if code != 0 && ended.err.trim().is_empty() => Some(format!("exit {code} without a word")),
        _ => None,
    }
}

/// A disk that can't be read is no damage, and a backup need not be restored.
pub fn words(ended: &Ended, error: &str, reads: bool) -> Option<String> {
    let blamed = reads && matches!(error, "EIO" | "ENXIO") && ended.err.contains("damaged");
    blamed.then(|| format!("a read error is called damage: {}", ended.err.trim()))
}

/// Success has the whole output.
pub fn output(ended: &Ended, right: &[u8]) -> Option<String> {
    let less = ended.code == Some(0) && ended.out != right;
    less.then(|| format!("exit 0 with {} bytes of {}: {}", ended.out.len(), right.len(), ended.err.trim()))
}

/// Every file is whole, there are no others, and success has all of them.
pub fn files(ended: &Ended, there: &Files, right: &Files) -> Option<String> {
    for (name, bytes) in there {
        match right.get(name) {
            None if name.ends_with('/') => return Some(format!("folder {name} is left")),
            None => return Some(format!("file {name} is left")),
            Some(whole) if whole != bytes => {
                return Some(format!("half file: {name} has {} bytes of {}", bytes.len(), whole.len()));
            }
            Some(_) => {}
        }
    }
    let missing = right.keys().find(|name| !there.contains_key(*name));
    missing.filter(|_| ended.code == Some(0)).map(|name| format!("exit 0 without file {name}"))
}

/// The files of a folder and the folders in it, whose names end with a slash.
pub fn files_of(folder: &Path) -> Files {
    let mut all = Files::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            let inner = files_of(&entry.path());
            all.extend(inner.into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
            all.insert(format!("{name}/"), Vec::new());
        } else {
            all.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    all
}

/// After the lab opened it: a sound database in which nobody lost a row but the record that was to go, which is whole, gone,
/// or, where it goes in pieces, has lost whole phases. Success means gone.
pub fn database(
    ended: &Ended,
    file: &Path,
    before: &Tables,
    run: Option<i64>,
    in_pieces: bool,
) -> Option<String> {
    match integrity(file) {
        Ok(word) if word == "ok" => {}
        Ok(word) => return Some(format!("integrity_check: {word}")),
        Err(error) => return Some(format!("the lab can't open it: {error}")),
    }
    let now = match Tables::of(file) {
        Ok(now) => now,
        Err(error) => return Some(format!("the lab can't read it: {error}")),
    };
    if let Some((table, id)) = now.orphans().first() {
        return Some(format!("{} orphans, the first is {id} of {table}", now.orphans().len()));
    }
    let Some(run) = run else {
        return (now.rows != before.rows).then(|| "rows changed".to_owned());
    };
    if now.without(run) != before.without(run) {
        return Some("rows of other records changed".to_owned());
    }
    let (whole, left) = (before.owned(run), now.owned(run));
    let there = now.rows.contains_key(&("workflow_runs", run));
    if ended.code == Some(0) && there {
        return Some("exit 0, and the record is still there".to_owned());
    }
    let phases: BTreeSet<_> = whole.iter().collect();
    let smaller = in_pieces && left.iter().all(|phase| phases.contains(phase));
    (there && left != whole && !smaller).then(|| "the record lost some of its rows".to_owned())
}

/// As the lab does at its next start: a commit that was cut short is rolled back by this.
fn integrity(file: &Path) -> rusqlite::Result<String> {
    let lab = Connection::open(file)?;
    lab.query_row("PRAGMA integrity_check", [], |row| row.get(0))
}
