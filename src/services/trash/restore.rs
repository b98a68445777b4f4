//! Putting entries of the trash back into the lab's database.

use std::cmp::Reverse;

use super::{FileBack, TrashEntry, files, to_write};
use crate::{
    checkpoint::Cx,
    error::{Error, Result, StopCause},
    services::{delete::refuse_copy, lab::Lab},
    store::{
        own::{OwnFile, TrashedRecord},
        saved::{Back, SavedRecord},
    },
};

/// Entries that are read and put back together.
const TOGETHER: usize = 200;

/// What is to be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Entries by their numbers.
    Entries(Vec<i64>),
    /// The newest delete that was not taken back yet.
    Last,
}

/// A record that is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredRecord {
    pub n: i64,
    /// Its id before, and now: another one where that was given away since.
    pub was: i64,
    pub run: i64,
    pub name: String,
    /// Rows that were put back; 0 where all were in place.
    pub rows: u64,
    /// The files that had gone along.
    pub files: Vec<FileBack>,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    pub records: Vec<RestoredRecord>,
    /// How many were to be put back.
    pub of: usize,
    /// Set where it ended before the last one.
    pub stopped: Option<StopCause>,
    pub notice: Option<String>,
}

/// Puts records back. A restore that ends when some are back is no error: the answer says so in `stopped`.
///
/// # Errors
/// [`Error::Refused`] for a number that is not there, where nothing is in the trash, and for a private copy; where the
/// trash can't be read or written; as [`crate::store::Source::restore`].
pub fn restore(lab: &Lab, which: &Which, cx: &mut Cx<'_>) -> Result<Restored> {
    refuse_copy(lab)?;
    if super::list(lab)?.entries.is_empty() {
        return Err(Error::Refused("the trash is empty: there is nothing to take back".to_owned()));
    }
    let (file, _lock) = to_write(lab, cx)?;
    let mut entries = chosen(&file, which)?;
    // New ids are given in the old order. Of a record with several entries the last one has what it was at the end.
    entries.sort_by_key(|entry| (entry.run, Reverse(entry.n)));
    let mut done =
        Restored { of: entries.len(), notice: file.notice().map(str::to_owned), ..Restored::default() };
    for some in entries.chunks(TOGETHER) {
        if let Err(error) = put_back(lab, &file, some, &mut done, cx) {
            if done.records.is_empty() {
                return Err(error);
            }
            done.stopped = Some(StopCause::of(&error));
            break;
        }
    }
    Ok(done)
}

fn chosen(file: &OwnFile, which: &Which) -> Result<Vec<TrashEntry>> {
    let numbers = match which {
        Which::Last => return file.last_batch(),
        Which::Entries(numbers) => numbers,
    };
    let mut entries = Vec::with_capacity(numbers.len());
    for n in numbers {
        let entry = file.entry(*n)?.ok_or_else(|| no_entry(*n))?;
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn put_back(
    lab: &Lab,
    file: &OwnFile,
    entries: &[TrashEntry],
    done: &mut Restored,
    cx: &mut Cx<'_>,
) -> Result<()> {
    let mut records: Vec<Box<dyn SavedRecord + '_>> = Vec::with_capacity(entries.len());
    for entry in entries {
        records.push(Box::new(TrashedRecord::of(file, entry.n)?));
    }
    let mut back = |backs: &[(usize, Back)]| -> Result<()> {
        let mut numbers = Vec::with_capacity(backs.len());
        for (at, back) in backs {
            let Some(entry) = entries.get(*at) else { continue };
            let files = files::bring_back(lab, file, entry.n)?;
            let stays = files.iter().any(|file| matches!(file, FileBack::Stays(_)));
            done.records.push(RestoredRecord {
                n: entry.n,
                was: back.was,
                run: back.run,
                name: entry.name.clone(),
                rows: back.rows,
                files,
            });
            // An entry with a file that could not be put back stays, so that the same command can.
            if !stays {
                numbers.push(entry.n);
            }
        }
        file.remove(&numbers)
    };
    lab.database().restore(&mut records, &mut back, cx)
}

fn no_entry(n: i64) -> Error {
    Error::Advised {
        said: format!("there is no entry {n} in the trash"),
        command: "nothing was put back; ivorylens trash lists those there are".to_owned(),
        screen: "nothing was put back; :trash shows those there are".to_owned(),
    }
}
