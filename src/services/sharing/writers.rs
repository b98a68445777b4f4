//! Who can write in a folder, in words.

use std::{
    fmt,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use crate::{
    error::{Error, Result},
    regular_file::read_small,
};

/// Who can write in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writers {
    /// The login name of its owner, or their number.
    pub owner: String,
    /// The name of its group, or its number, if it may.
    pub group: Option<String>,
    /// Everybody on this computer may.
    pub all: bool,
}

impl Writers {
    /// # Errors
    /// Where the folder can't be looked at.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let about = folder.metadata().map_err(Error::io(folder))?;
        let mode = about.permissions().mode();
        let group = (mode & 0o030 == 0o030).then(|| name("/etc/group", about.gid()));
        Ok(Self { owner: name("/etc/passwd", about.uid()), group, all: mode & 0o003 == 0o003 })
    }
}

impl fmt::Display for Writers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.group, self.all) {
            (_, true) => write!(f, "everybody who can log in here"),
            (Some(group), false) => write!(f, "{} and the group {group}", self.owner),
            (None, false) => write!(f, "only {}", self.owner),
        }
    }
}

/// The name of a number in a file of the system.
fn name(file: &str, number: u32) -> String {
    let text = read_small(file.as_ref(), 1 << 20).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let named = text.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, of) = (parts.next()?, parts.next()?, parts.next()?);
        (of.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_is_told() {
        let writers = |group: Option<&str>, all| {
            Writers { owner: "mara".to_owned(), group: group.map(str::to_owned), all }.to_string()
        };
        assert_eq!(writers(None, false), "only mara");
        assert_eq!(writers(Some("lab"), false), "mara and the group lab");
        assert_eq!(writers(Some("lab"), true), "everybody who can log in here");
    }
}
