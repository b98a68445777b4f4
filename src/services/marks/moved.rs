//! The own file of a lab that had another path before: it is found by the lab's first record.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    checkpoint::Cx,
    error::Result,
    model::record_key::RecordKey,
    platform::names::{bytes_of, path_of},
    services::lab::Lab,
    store::{
        Cache, Options,
        own::{OwnFile, OwnPlace, OwnPlaces, OwnUse},
    },
};

/// Marks that move together.
const TOGETHER: usize = 1_000;

/// What is kept of this lab under the path that it had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedFrom {
    /// The lab's database then.
    pub database: PathBuf,
    /// Its file of marks and trash.
    pub file: PathBuf,
    pub marks: u64,
    /// Records in the trash.
    pub entries: u64,
}

impl MovedFrom {
    /// The place of the file.
    pub(in crate::services) fn place(&self) -> OwnPlace {
        let lab = bytes_of(&self.database).into_owned();
        let patience = Options::default().patience;
        OwnPlace { file: self.file.clone(), lab, is_shared: false, patience }
    }
}

/// What is kept of this lab under another path, where that leads to it no more and under this one nothing is kept; the one
/// that was written last where there are several.
pub fn moved(lab: &Lab, cx: &Cx<'_>) -> Option<MovedFrom> {
    let places = lab.own_places()?;
    let first = lab.first_record(cx).ok().filter(|first| *first != RecordKey::default())?;
    let own_folder = places.own.folder();
    let folders = own_folder.parent()?.read_dir().ok()?.flatten().map(|entry| entry.path());
    let others = folders.filter(|folder| folder != own_folder).map(|folder| folder.join("ivorylens.db"));
    let mut files: Vec<(SystemTime, PathBuf)> = others
        .filter_map(|file| {
            let about = file.symlink_metadata().ok().filter(|about| about.is_file())?;
            Some((about.modified().ok()?, file))
        })
        .collect();
    files.sort();
    files.into_iter().rev().find_map(|(_, file)| of_lab(places, file, &first, cx))
}

/// The file, if it is this lab's and nothing, or a part of it only, was taken over.
fn of_lab(places: &OwnPlaces, file: PathBuf, first: &RecordKey, cx: &Cx<'_>) -> Option<MovedFrom> {
    let patience = places.own.patience;
    let place = OwnPlace { file, lab: Vec::new(), is_shared: false, patience };
    let kept = OwnFile::look(&place, OwnUse::Moving).ok()??;
    let (path, known) = kept.lab().ok()?;
    if known != *first {
        return None;
    }
    let (marks, entries) = counts(&kept).ok()?;
    let is_begun = || {
        let to = OwnFile::look(places.to_write(), OwnUse::Moving);
        to.is_ok_and(|to| to.is_some_and(|to| to.waits_for(&kept)))
    };
    let own = OwnFile::look(&places.own, OwnUse::Moving).ok()?;
    let has_own = own.map(|own| counts(&own)).transpose().ok()?.is_some_and(|counts| counts != (0, 0));
    let database = path_of(path);
    let is_it = (marks, entries) != (0, 0) && (!has_own || is_begun()) && is_gone(&database, first, cx);
    is_it.then_some(MovedFrom { database, file: place.file, marks, entries })
}

/// How many records are marked, and how many in the trash.
fn counts(file: &OwnFile) -> Result<(u64, u64)> {
    let marked = file.marks()?.iter().filter(|(_, mark)| !mark.is_empty()).count();
    Ok((marked as u64, file.entries()?.len() as u64))
}

/// Is nothing there any more, or another database? What can't be told counts as still there.
fn is_gone(database: &Path, first: &RecordKey, cx: &Cx<'_>) -> bool {
    match database.try_exists() {
        Ok(false) => return true,
        Ok(true) if database.is_file() => {}
        Ok(true) => return true,
        Err(_) => return false,
    }
    let options = Options { cache: Cache::Nowhere, ..Options::default() };
    let clock = crate::services::lab::wall_clock();
    let there = Lab::open_for(database, options, false, clock, cx).and_then(|lab| lab.first_record(cx));
    there.is_ok_and(|there| there != *first)
}

/// Moves all marks of a file into another, where they are brought together with those that are there; gives of how many
/// records. What somebody marks meanwhile comes along.
///
/// # Errors
/// Where either can't be read or written: the others are where they were.
pub(in crate::services) fn move_marks(from: &OwnFile, to: &OwnFile, cx: &Cx<'_>) -> Result<u64> {
    let mut moved = 0;
    loop {
        let marks = from.marks()?;
        if marks.is_empty() {
            return Ok(moved);
        }
        for some in marks.chunks(TOGETHER) {
            to.join_marks(some, true)?;
            from.take_marks(some)?;
            cx.still_wanted()?;
        }
        moved = moved.max(marks.iter().filter(|(_, mark)| !mark.is_empty()).count() as u64);
    }
}
