//! What was deleted and can be taken back: listed, restored, emptied, looked at.

mod batch;
mod empty;
mod files;
mod look;
mod restore;
mod user;

use std::cmp::Reverse;

use super::lab::Lab;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    store::own::{FirstRecord, OwnFile, OwnPlace, TrashLock},
};

pub use crate::store::own::{EntryState, TrashEntry};
pub(super) use batch::deleted_nothing;
pub use batch::{DeleteBatch, InTrash};
pub use empty::{due, empty};
pub use files::{FileBack, all_files, belonging_alone};
pub use look::open_entry;
pub use restore::{Restored, RestoredRecord, Which, restore};

/// All that is in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrashList {
    /// Newest first.
    pub entries: Vec<TrashEntry>,
    /// What the user is to be told about the file.
    pub notice: Option<String>,
}

impl TrashList {
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }
}

/// What is in the trash of this lab; nothing where there is none yet.
///
/// # Errors
/// [`Error::File`] where it can't be read.
pub fn list(lab: &Lab) -> Result<TrashList> {
    let Some(file) = lab.own_place().map(OwnFile::look).transpose()?.flatten() else {
        return Ok(TrashList::default());
    };
    let mut entries = file.entries()?;
    entries.sort_by_key(|entry| Reverse((entry.batch, entry.n)));
    Ok(TrashList { entries, notice: file.notice().map(str::to_owned) })
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
    let file = OwnFile::open(place, &first_record(lab, cx)?)?;
    let lock = TrashLock::take(&place.file, cx)?;
    Ok((file, lock))
}

/// The same where nothing was to be deleted: there is no way without the trash.
fn unchanged(error: Error) -> Error {
    match error {
        Error::Advised { said, .. } => {
            let advice = "the rest was left as it is; mend that and try again";
            Error::Advised { said, command: advice.to_owned(), screen: advice.to_owned() }
        }
        other => other,
    }
}

fn first_record(lab: &Lab, cx: &Cx<'_>) -> Result<FirstRecord> {
    let first = lab.first_run(cx)?;
    let record =
        |run: crate::model::run::Run| FirstRecord { run: run.id, start: run.start.python(), name: run.name };
    Ok(first.map(record).unwrap_or_default())
}
