//! Paths as bytes, and names that files can have.

use std::{
    borrow::Cow,
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
};

/// What stands between the parts of a path.
pub const SEPARATORS: &[char] = &['/'];

/// A path as it is kept in a file.
pub fn bytes_of(path: &Path) -> Cow<'_, [u8]> {
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// The path that these bytes were kept of.
pub fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// The word as it is typed in a shell.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A name that a file can have here; names out of the data have no separators and control codes by then.
pub fn writable(name: String) -> String {
    name
}
