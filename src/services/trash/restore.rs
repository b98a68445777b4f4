//! Putting entries of the trash back into the lab's database.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{FileBack, TrashEntry, files, to_write, unchanged};
use crate::{
    checkpoint::Cx,
    error::{Error, Missing, Result, StopCause},
    model::record_key::RecordKey,
    platform::users::login_name,
    services::{delete::refuse_copy, lab::Lab, marks},
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
    pub phases: u64,
    pub steps: u64,
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
    /// Numbers that were asked for beside others, and of which the entry is gone: taken back before, or removed.
    pub gone: Vec<i64>,
    /// Set where it ended before the last one.
    pub stopped: Option<StopCause>,
    pub notice: Option<String>,
}

/// Puts records back. A restore that ends when some are back is no error: the answer says so in `stopped`.
///
/// # Errors
/// [`Error::Missing`] for a number that never was there or where nothing is; [`Error::Refused`] for a private copy; where the
/// trash can't be read or written; as [`crate::store::Source::restore`].
pub fn restore(lab: &Lab, which: &Which, cx: &mut Cx<'_>) -> Result<Restored> {
    refuse_copy(lab)?;
    if super::list(lab)?.entries.is_empty() {
        return Err(Error::Missing(Missing::EmptyTrash));
    }
    let (file, _lock) = to_write(lab, cx).map_err(unchanged)?;
    let (mut entries, gone) = chosen(&file, which)?;
    // New ids are given in the old order. Of a record with several entries the last one has what it was at the end.
    entries.sort_by_key(|entry| (entry.run, Reverse(entry.n)));
    let notice = file.notice().map(str::to_owned);
    let mut done = Restored { of: entries.len(), gone, notice, ..Restored::default() };
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

/// The entries, and the numbers of those that are gone: a command that was ended half-way goes on with the others.
fn chosen(file: &OwnFile, which: &Which) -> Result<(Vec<TrashEntry>, Vec<i64>)> {
    let missing = |n: i64| Error::Missing(Missing::TrashEntry { n });
    let numbers = match which {
        Which::Last => {
            let last = Some(file.last_batch(&login_name())?).filter(|last| !last.is_empty());
            return Ok((last.ok_or(Error::Missing(Missing::EmptyTrash))?, Vec::new()));
        }
        Which::Entries(numbers) => numbers.iter().copied().collect::<BTreeSet<_>>(),
    };
    let (mut entries, mut gone) = (Vec::with_capacity(numbers.len()), Vec::new());
    for n in numbers {
        match file.entry(n)? {
            Some(entry) => entries.push(entry),
            None if file.is_gone(n)? => gone.push(n),
            None => return Err(missing(n)),
        }
    }
    if let (true, Some(n)) = (entries.is_empty(), gone.first()) {
        return Err(missing(*n));
    }
    Ok((entries, gone))
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
    // Files that went along with one record may be those of another, too.
    let runs = match file.has_files()? {
        true => records.iter().map(|record| files::run_of(&**record)).collect::<Result<Vec<_>>>()?,
        false => Vec::new(),
    };
    let mut numbers = Vec::with_capacity(entries.len());
    // Records with another id than before: their marks go along.
    let mut moved = Vec::new();
    let mut back = |backs: &[(usize, Back)]| -> Result<()> {
        for (at, back) in backs {
            let Some(entry) = entries.get(*at) else { continue };
            if back.run != back.was {
                let (run, start, name) = (back.was, entry.start.clone(), entry.name.clone());
                moved.push((RecordKey { run, start, name }, back.run));
            }
            let files = files::bring_back(lab, file, entry.n, runs.get(*at))?;
            let stays = files.iter().any(|file| matches!(file, FileBack::Stays(_)));
            done.records.push(RestoredRecord {
                n: entry.n,
                was: back.was,
                run: back.run,
                name: entry.name.clone(),
                phases: entry.phases,
                steps: entry.steps,
                rows: back.rows,
                files,
            });
            // An entry with a file that could not be put back stays, so that the same command can.
            if !stays {
                numbers.push(entry.n);
            }
        }
        Ok(())
    };
    let restored = lab.database().restore(&mut records, &mut back, cx);
    // All at once, as each removal waits for the disk, and the lab with it. An entry of a record that is back already is
    // nothing to the next restore.
    let removed =
        marks::follow(lab, file, &moved, cx).and_then(|()| file.remove(&numbers)).map_err(unchanged);
    restored.and(removed)
}
