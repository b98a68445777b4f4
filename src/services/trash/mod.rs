//! What was deleted and can be taken back: listed, restored, emptied, looked at.

mod batch;
mod empty;
mod files;
mod look;
mod restore;
mod size;

use std::cmp::Reverse;

use jiff::civil::DateTime;

use super::lab::Lab;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    store::own::{OwnFile, OwnPlace, OwnUse, TrashLock, WROTE_IT},
};

pub use crate::store::own::{EntryState, TrashEntry};
pub use batch::{DeleteBatch, InTrash};
pub use empty::{due, empty};
pub use files::{FileBack, all_files, belonging_alone};
pub use look::open_entry;
pub use restore::{Restored, RestoredRecord, Which, restore};
pub use size::SizeInTrash;
pub(super) use size::size;

/// All that is in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrashList {
    /// Newest first.
    pub entries: Vec<TrashEntry>,
    /// When this was read, by the lab PC's clock.
    pub as_of: DateTime,
    /// What the user is to be told about the file.
    pub notice: Option<String>,
}

impl TrashList {
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }

    /// The entries of the newest delete, which may be a part of what it deleted.
    pub fn last_batch(&self) -> &[TrashEntry] {
        let Some(first) = self.entries.first() else { return &[] };
        let end = self.entries.iter().position(|entry| entry.batch != first.batch);
        self.entries.get(..end.unwrap_or(self.entries.len())).unwrap_or_default()
    }
}

/// What is in the trash of this lab; nothing where there is none yet.
///
/// # Errors
/// [`Error::File`] where it can't be read.
pub fn list(lab: &Lab) -> Result<TrashList> {
    let look = |place| OwnFile::look(place, OwnUse::Trash);
    let Some(file) = lab.own_place().map(look).transpose()?.flatten() else {
        return Ok(TrashList { as_of: lab.now(), ..TrashList::default() });
    };
    let mut entries = file.entries()?;
    entries.sort_by_key(|entry| Reverse((entry.batch, entry.n)));
    Ok(TrashList { entries, as_of: lab.now(), notice: file.notice().map(str::to_owned) })
}

/// The place of the lab's own file.
fn place(lab: &Lab) -> Result<&OwnPlace> {
    lab.own_place().ok_or_else(|| Error::Advised {
        said: "there is no place for the trash: neither XDG_STATE_HOME nor HOME is set".to_owned(),
        command: "nothing was changed; set one, or delete with --permanent, without the trash".to_owned(),
        screen: "nothing was changed; set one and start again".to_owned(),
    })
}

/// The file to write in, and the lock under which entries are changed.
fn to_write(lab: &Lab, cx: &Cx<'_>) -> Result<(OwnFile, TrashLock)> {
    let place = place(lab)?;
    OwnFile::make_folder(place, OwnUse::Trash)?;
    let lock = TrashLock::take_told(place, lab.lock_news(), lab.told_wait(), cx)?;
    Ok((OwnFile::open(place, &lab.first_record(cx)?, OwnUse::Trash)?, lock))
}

/// Makes sure that the trash can be written, before anything is asked; gives what the user is to be told about it.
///
/// # Errors
/// Where it can't.
pub fn ready(lab: &Lab, cx: &Cx<'_>) -> Result<Option<String>> {
    let (file, _lock) = to_write(lab, cx)?;
    Ok(file.notice().map(str::to_owned))
}

/// Why the trash of a lab can't be written where a newer program wrote it; whatever else keeps it from that shows when it
/// is written.
pub(super) fn only_read(lab: &Lab) -> Option<String> {
    OwnFile::look(lab.own_place()?, OwnUse::Trash).ok()??.notice().map(str::to_owned)
}

/// The same where nothing was to be deleted: there is no way without the trash.
fn unchanged(error: Error) -> Error {
    match error {
        // There is other advice for one that a newer program wrote, and none to be mended where it was set aside.
        Error::Advised { said, .. } if said.ends_with(WROTE_IT) => {
            advised(said, "nothing was changed; use that one")
        }
        Error::Advised { said, command, .. } if command.contains("--permanent") => {
            advised(said, "the rest was left as it is; mend that and try again")
        }
        other => other,
    }
}

fn advised(said: String, advice: &str) -> Error {
    Error::Advised { said, command: advice.to_owned(), screen: advice.to_owned() }
}
