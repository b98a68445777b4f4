//! A private copy of a database that can't be read in place, recovered there.

use std::{
    fs::{File, Permissions},
    io::ErrorKind,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use tempfile::TempDir;

use super::{
    Options, Store,
    side_files::{JOURNAL, WAL, beside},
};
use crate::{
    error::{Error, Result, is_of_room},
    regular_file,
};

/// How often a copy that the lab wrote into meanwhile is made again.
const ATTEMPTS: usize = 5;

/// Copies a database with its journal or WAL into a folder of its own and opens it there, which rolls back or
/// brings in what was cut short. The folder goes with the returned guard.
///
/// # Errors
/// Where the file can't be read, the disk is full, or it kept changing while it was copied.
pub fn private_copy(path: &Path, options: Options) -> Result<(Store, TempDir)> {
    let folder = tempfile::Builder::new()
        .prefix("ivorylens-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(Error::io(&std::env::temp_dir()))?;
    let target = folder.path().join("ivoryos.db");
    for _ in 0..ATTEMPTS {
        let before = state(path);
        copy_one(path, &target)?;
        for ending in [JOURNAL, WAL] {
            let to = beside(&target, ending);
            match copy_one(&beside(path, ending), &to) {
                Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                    // An earlier attempt may have copied a journal that is gone by now.
                    let _ = std::fs::remove_file(to);
                }
                copied => copied?,
            }
        }
        if state(path) == before {
            return Ok((Store::open_copy(&target, options)?, folder));
        }
    }
    let reason = format!("it changed each of the {ATTEMPTS} times it was copied");
    Err(Error::open(path, reason, "it is being written to: open it without --copy"))
}

fn copy_one(from: &Path, to: &Path) -> Result<()> {
    // Not `fs::copy`, which takes a write protection along: then nothing could be rolled back in the copy.
    let mut read = regular_file::open(from).map_err(Error::io(from))?;
    let mut written = File::create(to).map_err(Error::io(to))?;
    let copied = std::io::copy(&mut read, &mut written).map(|_| ());
    copied.map_err(|source| Error::io(if is_of_room(&source) { to } else { from })(source))
}

/// Size and time of the file and its side files: equal before and after a copy means nobody wrote.
fn state(path: &Path) -> Vec<Option<(u64, SystemTime)>> {
    let one = |p: PathBuf| std::fs::metadata(p).ok().and_then(|m| Some((m.len(), m.modified().ok()?)));
    ["", JOURNAL, WAL].iter().map(|ending| one(beside(path, ending))).collect()
}
