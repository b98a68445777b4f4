//! The marks that were read last, and whether they are still those of the file: a look that costs less than reading them.

use std::{
    cell::{Cell, RefCell},
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};

use super::MarkTable;
use crate::store::own::{OwnFile, OwnPlace, OwnUse};

/// A list does not wait longer for somebody who writes marks or deletes: it shows those that it knows.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is kept between two looks.
#[derive(Default)]
pub(in crate::services) struct KnownMarks {
    table: RefCell<Arc<MarkTable>>,
    /// The file as it was read; `None` where there was none, or it could not be read.
    seen: RefCell<Option<SeenFile>>,
    number: Cell<u64>,
}

/// An opened file, and its state.
struct SeenFile {
    file: OwnFile,
    place: (u64, u64),
    version: i64,
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
            seen.place == at && seen.file.data_version().is_none_or(|now| now == seen.version)
        });
        if !is_as_seen {
            self.read(place, at);
        }
        Arc::clone(&self.table.borrow())
    }

    fn read(&self, place: &OwnPlace, at: (u64, u64)) {
        let read = || -> crate::error::Result<Option<(MarkTable, Option<SeenFile>)>> {
            let Some(file) = OwnFile::look(place, OwnUse::Marks)? else { return Ok(None) };
            file.wait_at_most(PATIENCE);
            // Told before they are read: a commit in between makes them be read again.
            let version = file.data_version();
            let table = MarkTable::new(self.next(), file.marks()?, file.opened()?);
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
            Err(error) if error.kind() == crate::error::ErrorKind::Busy => {}
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
