//! The marks that were read last, and whether they are still those of the file: a look that costs less than reading them.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::Duration,
};

use super::table::{FoundMarks, MarkTable};
use crate::{
    error::{ErrorKind, Result},
    model::mark::RecordMark,
    platform::files::{FileIdentity, identity_at},
    store::own::{OwnFile, OwnPlace, OwnPlaces, OwnUse, Sharing},
};

/// A list does not wait longer for somebody who writes marks or deletes: it shows those that it knows.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is kept between two looks.
#[derive(Default)]
pub(in crate::services) struct KnownMarks {
    table: RefCell<Arc<MarkTable>>,
    /// The files as they were read; `None` where one could not be.
    seen: RefCell<Option<SeenFiles>>,
    number: Cell<u64>,
}

/// Which files there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ThoseThere {
    sharing: Sharing,
    own: Option<FileIdentity>,
    /// Of the shared file, where it is read.
    shared: Option<FileIdentity>,
}

/// The files, opened, each with its state.
struct SeenFiles {
    there: ThoseThere,
    files: Vec<(OwnFile, i64)>,
}

/// The place of a record in the catalogue, and its marks.
pub(super) type MarkedRow = (usize, Arc<RecordMark>);

/// The numbers of the marks and of the state of the catalogue.
type BothStates = (u64, u64);

/// The places of marked records in the catalogue, in one state of both.
#[derive(Default)]
pub(in crate::services) struct MarkedRows(RefCell<Option<(BothStates, Arc<Vec<MarkedRow>>)>>);

impl MarkedRows {
    pub(super) fn get(&self, states: BothStates) -> Option<Arc<Vec<MarkedRow>>> {
        self.0.borrow().as_ref().filter(|(of, _)| *of == states).map(|(_, rows)| Arc::clone(rows))
    }

    pub(super) fn keep(&self, states: BothStates, rows: &Arc<Vec<MarkedRow>>) {
        self.0.replace(Some((states, Arc::clone(rows))));
    }
}

impl ThoseThere {
    fn now(places: &OwnPlaces) -> Self {
        let sharing = places.sharing();
        let of = |place: &OwnPlace| identity_at(&place.file).ok();
        let shared = places.shared.as_ref().filter(|_| sharing != Sharing::Alone);
        Self { sharing, own: of(&places.own), shared: shared.and_then(of) }
    }
}

impl SeenFiles {
    /// Are they as they were read? `None` where that is not to be told now.
    fn are_as_seen(&self) -> Option<bool> {
        let mut all = self.files.iter().map(|(file, version)| Some(file.commits_of_others()? == *version));
        all.try_fold(true, |so_far, one| one.map(|one| so_far && one))
    }
}

impl KnownMarks {
    /// The marks as they are now.
    pub fn now(&self, places: Option<&OwnPlaces>) -> Arc<MarkTable> {
        if let Some(places) = places {
            let there = ThoseThere::now(places);
            // While one commits, what is known is shown; also while somebody writes for longer.
            if !self.is_as_seen(there).unwrap_or(true) {
                let _ = self.read(places, there, Some(PATIENCE));
            }
        }
        Arc::clone(&self.table.borrow())
    }

    /// The same for what acts on them: who writes is waited for, and marks that can't be read are no marks.
    ///
    /// # Errors
    /// Where they can't be read.
    pub fn for_sure(&self, places: Option<&OwnPlaces>) -> Result<Arc<MarkTable>> {
        if let Some(places) = places {
            let there = ThoseThere::now(places);
            if self.is_as_seen(there) != Some(true) {
                self.read(places, there, None)?;
            }
        }
        Ok(Arc::clone(&self.table.borrow()))
    }

    /// Could they be read the last time?
    pub fn are_known(&self) -> bool {
        self.seen.borrow().is_some()
    }

    fn is_as_seen(&self, there: ThoseThere) -> Option<bool> {
        match self.seen.borrow().as_ref().filter(|seen| seen.there == there) {
            Some(seen) => seen.are_as_seen(),
            None => Some(false),
        }
    }

    /// Reads them; `None` is the file's own patience, and then what can't be read is an error and not only told.
    fn read(&self, places: &OwnPlaces, there: ThoseThere, patience: Option<Duration>) -> Result<()> {
        let mut found = FoundMarks::default();
        let mut seen = Some(SeenFiles { there, files: Vec::new() });
        let shared = places.shared.as_ref().filter(|_| there.shared.is_some());
        for place in shared.into_iter().chain(there.own.map(|_| &places.own)) {
            match read(place, patience, &mut found) {
                Ok(None) => {}
                Ok(Some((file, Some(version)))) => {
                    seen = seen.map(|mut seen| {
                        seen.files.push((file, version));
                        seen
                    });
                }
                Ok(Some((_, None))) => seen = None,
                Err(error) if patience.is_none() || error.kind() == ErrorKind::Busy => return Err(error),
                Err(error) => {
                    seen = None;
                    found.notice.get_or_insert(error.to_string());
                }
            }
        }
        self.seen.replace(seen);
        self.table.replace(Arc::new(MarkTable::new(self.next(), there.sharing, found)));
        Ok(())
    }

    fn next(&self) -> u64 {
        self.number.update(|n| n + 1);
        self.number.get()
    }
}

/// Adds what is in a file; gives it with its state, which is told before it is read: a commit in between makes it be read
/// again.
fn read(
    place: &OwnPlace,
    patience: Option<Duration>,
    found: &mut FoundMarks,
) -> Result<Option<(OwnFile, Option<i64>)>> {
    let place = &OwnPlace { patience: patience.unwrap_or(place.patience), ..place.clone() };
    let Some(file) = OwnFile::look(place, OwnUse::Marks)? else { return Ok(None) };
    let version = file.commits_of_others();
    found.marks.extend(file.marks()?);
    if !place.is_shared {
        found.read = file.opened()?;
    }
    file.wait_at_most(PATIENCE);
    Ok(Some((file, version)))
}
