//! A private copy of a database that can't be read in place, recovered there.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    Options, Store,
    side_files::{JOURNAL, WAL, beside},
};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    regular_file,
    temporary::{FolderUse, TemporaryFolder},
};

/// How often a copy that the lab wrote into meanwhile is made again.
const ATTEMPTS: usize = 5;

/// Copies a database with its journal or WAL into a folder of its own and opens it there, which rolls back or
/// brings in what was cut short. The folder goes with the returned guard.
///
/// # Errors
/// Where the file can't be read, the disk is full, or it kept changing while it was copied; [`Error::Cancelled`] for work
/// that was taken back.
pub fn private_copy(path: &Path, options: Options, cx: &Cx<'_>) -> Result<(Store, TemporaryFolder)> {
    let folder = TemporaryFolder::make(FolderUse::Copy)?;
    let target = folder.path().join("ivoryos.db");
    for _ in 0..ATTEMPTS {
        let before = state(path);
        copy_one(path, &target, cx)?;
        for ending in [JOURNAL, WAL] {
            let to = beside(&target, ending);
            match copy_one(&beside(path, ending), &to, cx) {
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    // An earlier attempt may have copied a journal that is gone by now.
                    let _ = std::fs::remove_file(to);
                }
                copied => copied?,
            }
        }
        if state(path) == before {
            return Ok((Store::open_copy(&target, path, options, cx)?, folder));
        }
    }
    let reason = format!("it changed each of the {ATTEMPTS} times it was copied");
    Err(Error::open(path, reason, "it is being written to: open it without --copy"))
}

/// Bytes copied between two looks at whether the copy is still wanted.
const STRIDE: usize = 1 << 20;

fn copy_one(from: &Path, to: &Path, cx: &Cx<'_>) -> Result<()> {
    let mut source = regular_file::open(from).map_err(Error::io(from))?;
    let unwritten = |e: io::Error| {
        let place = to.parent().and_then(Path::parent).unwrap_or(to).display();
        let reason = format!("its private copy can't be written in {place} ({})", e.kind());
        Error::open(from, reason, "make room there, or set TMPDIR to a folder that has it")
    };
    // Not `fs::copy`, which takes a write protection along: then nothing could be rolled back in the copy.
    let mut target = File::create(to).map_err(unwritten)?;
    let mut buffer = vec![0; STRIDE];
    loop {
        cx.still_wanted()?;
        let read = source.read(&mut buffer).map_err(Error::io(from))?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(()) };
        target.write_all(piece).map_err(unwritten)?;
    }
}

/// Size and time of the file and its side files: equal before and after a copy means nobody wrote.
fn state(path: &Path) -> Vec<Option<(u64, SystemTime)>> {
    let one = |p: PathBuf| std::fs::metadata(p).ok().and_then(|m| Some((m.len(), m.modified().ok()?)));
    ["", JOURNAL, WAL].iter().map(|ending| one(beside(path, ending))).collect()
}
