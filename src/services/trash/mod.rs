//! What was deleted and can be taken back: listed, restored, emptied, looked at.

mod batch;
mod empty;
mod files;
mod look;
mod moving;
mod restore;
mod size;

use std::cmp::Reverse;

use jiff::civil::DateTime;

use super::lab::Lab;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{format, record_key::RecordKey},
    platform::users::login_name,
    store::own::{OwnFile, OwnPlace, OwnPlaces, OwnUse, TrashLock, WROTE_IT},
};

pub use crate::store::own::{EntryState, TrashEntry};
pub use batch::{DeleteBatch, InTrash};
pub use empty::{due, empty};
pub use files::{FileBack, all_files, belonging_alone};
pub use look::open_entry;
pub(super) use moving::move_entries;
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
    /// It has what others deleted, too.
    pub is_shared: bool,
    /// What the user is to be told about the file.
    pub notice: Option<String>,
}

impl TrashList {
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }

    /// The entries of the newest delete, which may be a part of what it deleted; of a shared trash the user's own one.
    pub fn last_batch(&self) -> &[TrashEntry] {
        let user = self.is_shared.then(login_name);
        let is_own = |entry: &TrashEntry| user.as_ref().is_none_or(|user| entry.deleted_by == *user);
        let Some(start) = self.entries.iter().position(is_own) else { return &[] };
        let own = self.entries.get(start..).unwrap_or_default();
        own.chunk_by(|one, next| one.batch == next.batch).next().unwrap_or_default()
    }
}

/// What is in the trash of this lab; nothing where there is none yet.
///
/// # Errors
/// [`Error::File`] where it can't be read.
pub fn list(lab: &Lab) -> Result<TrashList> {
    let mut list = TrashList { as_of: lab.now(), ..TrashList::default() };
    let Some(places) = lab.own_places() else { return Ok(list) };
    let place = places.to_write();
    list.is_shared = place.is_shared;
    if let Some(file) = OwnFile::look(place, OwnUse::Trash)? {
        list.entries = file.entries()?;
        list.notice = file.notice().map(str::to_owned);
    }
    list.entries.sort_by_key(|entry| Reverse((entry.batch, entry.n)));
    if place.is_shared && list.notice.is_none() {
        list.notice = left_alone(places);
    }
    Ok(list)
}

/// What one deleted before somebody shared is in one's own file yet.
fn left_alone(places: &OwnPlaces) -> Option<String> {
    let entries = OwnFile::look(&places.own, OwnUse::Trash).ok()??.entries().ok()?.len() as u64;
    (entries > 0).then(|| {
        let records = format::count_of(entries, "record", "records");
        format!("{records} that you deleted before are in your own trash; ivorylens share brings them here")
    })
}

/// The place of the file with the trash, as it is now.
fn place(lab: &Lab) -> Result<&OwnPlace> {
    let places = lab.own_places().ok_or_else(|| Error::Advised {
        said: "there is no place for the trash: neither XDG_STATE_HOME nor HOME is set".to_owned(),
        command: "nothing was changed; set one, or delete with --permanent, without the trash".to_owned(),
        screen: "nothing was changed; set one and start again".to_owned(),
    })?;
    Ok(places.to_write())
}

/// How often somebody may share, or end that, before the lock is held.
const TRIES: usize = 10;

/// The file to write in, and the lock under which entries are changed: nobody shares, or ends that, while it is held.
fn to_write(lab: &Lab, cx: &Cx<'_>) -> Result<(OwnFile, TrashLock)> {
    let first = lab.first_record(cx)?;
    for _ in 1..TRIES {
        match opened(lab, &first, cx) {
            Err(Error::OwnMoved { .. }) => {}
            done => return done,
        }
    }
    opened(lab, &first, cx)
}

fn opened(lab: &Lab, first: &RecordKey, cx: &Cx<'_>) -> Result<(OwnFile, TrashLock)> {
    let place = place(lab)?;
    if !place.is_shared {
        OwnFile::make_folder(place, OwnUse::Trash)?;
    }
    let lock = TrashLock::take_told(place, lab.lock_news(), lab.told_wait(), cx)?;
    if self::place(lab)? != place {
        return Err(Error::OwnMoved { path: place.file.clone() });
    }
    Ok((OwnFile::open(place, first, OwnUse::Trash)?, lock))
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
