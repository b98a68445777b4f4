//! Kept views: lists of records under names of the user's own, in one file for all labs that people can read and edit.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::{make_folder, replace};
use crate::{
    error::{Error, Result},
    model::kept_list::KeptList,
    platform::files::for_user_alone,
    regular_file::read_small,
};

/// A list under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptView {
    pub name: String,
    pub list: KeptList,
}

/// What came of keeping a view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ViewKept {
    /// Another list was under this name before.
    pub replaced: bool,
    /// Where the file was put that could not be read.
    pub set_aside: Option<PathBuf>,
}

/// The version of the file's form.
const VERSION: u64 = 1;
/// Larger than anybody's views.
const MOST: u64 = 1 << 20;
const LONGEST_NAME: usize = 60;
/// How often another session's lock is tried, and how long apart: it holds it for a millisecond.
const TRIES: u32 = 50;
const APART: Duration = Duration::from_millis(10);

/// All kept views in the file's order; none where there is no file.
///
/// # Errors
/// Where it can't be read.
pub fn all(file: &Path) -> Result<Vec<KeptView>> {
    Ok(views_of(&read(file)?))
}

/// Keeps a list under a name.
///
/// # Errors
/// [`Error::Refused`] for a name that can't be one; else where the file can't be read or written, or is of a newer version.
pub fn keep(file: &Path, name: &str, list: &KeptList) -> Result<ViewKept> {
    let name = name_of(name)?;
    let _lock = lock(file)?;
    let mut kept = ViewKept::default();
    let (mut root, is_readable) = match read(file) {
        // It holds no views that could be lost, but perhaps words of the user's own.
        Err(Error::File { .. }) => (Map::new(), false),
        read => (read?, true),
    };
    let views = views_in(file, &mut root)?;
    let known = views.entry(name).or_insert_with(|| json!({}));
    kept.replaced = is_view(known);
    let KeptList { filter, sort, order, columns } = list;
    let written = json!({"filter": filter, "sort": sort, "order": order, "columns": columns});
    match (known.as_object_mut(), written) {
        // What somebody noted beside it stays.
        (Some(known), Value::Object(written)) => known.extend(written),
        (_, written) => *known = written,
    }
    if !is_readable {
        kept.set_aside = Some(set_aside(file)?);
    }
    let written = write(file, &root);
    if let (Err(_), Some(aside)) = (&written, &kept.set_aside) {
        let _ = fs::rename(aside, file);
    }
    written.map(|()| kept)
}

/// Takes a view away; false where there is none of this name.
///
/// # Errors
/// Where the file can't be read or written.
pub fn forget(file: &Path, name: &str) -> Result<bool> {
    if !file.exists() {
        return Ok(false);
    }
    let _lock = lock(file)?;
    let mut root = read(file)?;
    let was_there = views_in(file, &mut root)?.shift_remove(name.trim()).is_some();
    if was_there {
        write(file, &root)?;
    }
    Ok(was_there)
}

fn name_of(name: &str) -> Result<String> {
    let name = name.trim();
    let long = name.chars().count();
    let wrong = match long {
        _ if name.chars().any(char::is_control) => "it has control characters",
        0 => "it is empty",
        1..=LONGEST_NAME => return Ok(name.to_owned()),
        _ => "it has more than 60 signs",
    };
    Err(Error::Refused(format!("this can't be the name of a view: {wrong}; say :view NAME")))
}

/// The file's whole content, whoever wrote it.
fn read(file: &Path) -> Result<Map<String, Value>> {
    let wrong = |reason: String| Error::File { path: file.to_path_buf(), reason };
    let bytes = match read_small(file, MOST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(source) => return Err(Error::Io { path: file.to_path_buf(), source }),
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(root)) if root.get("views").is_none_or(Value::is_object) => Ok(root),
        Ok(_) => Err(wrong("has no views: {\"views\": {NAME: {\"filter\": ...}}} is wanted".to_owned())),
        Err(error) => Err(wrong(format!("is no JSON: {error}"))),
    }
}

/// The views of a file, to change them.
fn views_in<'a>(file: &Path, root: &'a mut Map<String, Value>) -> Result<&'a mut Map<String, Value>> {
    let version = root.entry("version").or_insert(VERSION.into());
    if version.as_u64() != Some(VERSION) {
        let reason =
            format!("is of version {version}, which this ivorylens can't write; its views can be used");
        return Err(Error::File { path: file.to_path_buf(), reason });
    }
    let views = root.entry("views").or_insert_with(|| json!({}));
    views.as_object_mut().ok_or_else(|| Error::File {
        path: file.to_path_buf(),
        reason: "has no views that can be changed".to_owned(),
    })
}

fn is_view(value: &Value) -> bool {
    value.as_object().is_some_and(|view| !view.is_empty())
}

fn views_of(root: &Map<String, Value>) -> Vec<KeptView> {
    let views = root.get("views").and_then(Value::as_object);
    let all = views.into_iter().flatten().filter(|(_, view)| view.is_object());
    all.map(|(name, view)| KeptView { name: name.clone(), list: list_of(view) }).collect()
}

/// A list as it stands in JSON; what is missing is as at first.
pub(super) fn list_of(view: &Value) -> KeptList {
    let text = |name: &str| match view.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        // It is said that this means nothing, when it is used.
        Some(other) => other.to_string(),
    };
    KeptList { filter: text("filter"), sort: text("sort"), order: text("order"), columns: text("columns") }
}

fn write(file: &Path, root: &Map<String, Value>) -> Result<()> {
    let mut text = serde_json::to_string_pretty(root).map_err(|error| Error::File {
        path: file.to_path_buf(),
        reason: format!("can't be written: {error}"),
    })?;
    text.push('\n');
    replace(file, text.as_bytes(), true).map_err(Error::io(file))
}

/// Two sessions that change the file do it one after the other. The lock is a file of its own, as the other is replaced.
fn lock(file: &Path) -> Result<File> {
    let open = || {
        make_folder(file)?;
        for_user_alone(File::options().write(true).create(true).truncate(false))
            .open(file.with_extension("lock"))
    };
    let lock = open().map_err(Error::io(file))?;
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => thread::sleep(APART),
            // A file system without locks: the file is read just before it is written.
            Err(TryLockError::Error(_)) => return Ok(lock),
        }
    }
    Err(Error::File {
        path: file.to_path_buf(),
        reason: "another session is changing it; try again".to_owned(),
    })
}

/// Puts a file that can't be read beside itself, where nothing is overwritten.
fn set_aside(file: &Path) -> Result<PathBuf> {
    let names =
        (0..100).map(|n| file.with_extension(if n == 0 { "bad".to_owned() } else { format!("bad{n}") }));
    let free = names.into_iter().find(|path| path.symlink_metadata().is_err());
    let aside = free.ok_or_else(|| Error::File {
        path: file.to_path_buf(),
        reason: "is no JSON, and there is no room beside it; move it away".to_owned(),
    })?;
    fs::rename(file, &aside).map_err(Error::io(file))?;
    Ok(aside)
}

#[cfg(test)]
mod tests;
