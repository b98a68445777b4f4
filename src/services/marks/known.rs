//! The marks that were read last, and whether they are still those of the file: a look that costs less than reading them.

use std::{
    cell::{Cell, RefCell},
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};

use super::table::MarkTable;
use crate::{
    error::{Error, ErrorKind, Result},
    model::mark::RecordMark,
    store::own::{OwnFile, OwnPlace, OwnUse},
};

/// A list does not wait longer for somebody who writes marks or deletes: it shows those that it knows.
const PATIENCE: Duration = Duration::from_millis(50);

/// What acts on marks waits for those who write.
const LONG_PATIENCE: Duration = Duration::from_secs(5);

/// What is kept between two looks.
#[derive(Default)]
pub(in crate::services) struct KnownMarks {
    table: RefCell<Arc<MarkTable>>,
    /// The file as it was read; `None` where there was none, or it could not be read.
    seen: RefCell<Option<SeenFile>>,
    number: Cell<u64>,
    /// Who writes is waited for.
    is_patient: Cell<bool>,
    /// The last look met somebody who wrote, and read nothing.
    was_busy: Cell<bool>,
}

/// An opened file, and its state.
struct SeenFile {
    file: OwnFile,
    place: (u64, u64),
    version: i64,
}

/// The place of a record in the catalogue, and its marks.
pub(in crate::services) type MarkedRow = (usize, Arc<RecordMark>);

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

fn place_of(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|about| (about.dev(), about.ino()))
}

impl KnownMarks {
    /// The marks as they are now.
    pub fn now(&self, place: Option<&OwnPlace>) -> Arc<MarkTable> {
        let there = place.and_then(|place| Some((place, place_of(&place.file)?)));
        let Some((place, at)) = there else {
            if self.seen.take().is_some() || self.table.borrow().notice().is_some() {
                self.keep(MarkTable::new(self.next(), Vec::new(), None));
            }
            return Arc::clone(&self.table.borrow());
        };
        let is_as_seen = self.seen.borrow().as_ref().is_some_and(|seen| {
            seen.place == at && seen.file.commits_of_others().is_none_or(|now| now == seen.version)
        });
        if !is_as_seen {
            self.read(place, at);
        }
        Arc::clone(&self.table.borrow())
    }

    /// The same for what acts on them: who writes is waited for, and marks that can't be read are not taken for none.
    ///
    /// # Errors
    /// Where they can't be read.
    pub fn for_sure(&self, place: Option<&OwnPlace>) -> Result<Arc<MarkTable>> {
        self.is_patient.set(true);
        self.was_busy.set(false);
        let table = self.now(place);
        self.is_patient.set(false);
        match (self.was_busy.get(), table.notice(), place) {
            (true, _, Some(place)) => Err(Error::OwnBusy { path: place.file.clone() }),
            (_, Some(notice), _) => Err(Error::Refused(notice.to_owned())),
            _ => Ok(table),
        }
    }

    fn read(&self, place: &OwnPlace, at: (u64, u64)) {
        let read = || -> Result<Option<(MarkTable, Option<SeenFile>)>> {
            let Some(file) = OwnFile::look(place, OwnUse::Marks)? else { return Ok(None) };
            file.wait_at_most(if self.is_patient.get() { LONG_PATIENCE } else { PATIENCE });
            // Told before they are read: a commit in between makes them be read again.
            let version = file.commits_of_others();
            let table = MarkTable::new(self.next(), file.marks()?, file.opened()?);
            file.wait_at_most(PATIENCE);
            let seen = version.map(|version| SeenFile { file, place: at, version });
            Ok(Some((table, seen)))
        };
        match read() {
            Ok(Some((table, seen))) => {
                self.seen.replace(seen);
                self.keep(table);
            }
            Ok(None) => {
                self.seen.take();
                self.keep(MarkTable::new(self.next(), Vec::new(), None));
            }
            // Somebody writes: what is known is shown until that is over.
            Err(error) if error.kind() == ErrorKind::Busy => self.was_busy.set(true),
            Err(error) => {
                self.seen.take();
                self.keep(MarkTable::unreadable(self.next(), error.to_string()));
            }
        }
    }

    fn next(&self) -> u64 {
        self.number.update(|n| n + 1);
        self.number.get()
    }

    fn keep(&self, table: MarkTable) {
        self.table.replace(Arc::new(table));
    }
}
