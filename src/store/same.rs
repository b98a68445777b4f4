//! Whether the opened file is still the one at its path, with the tables that it had: a backup may be put in its place.

use std::{cell::Cell, os::unix::fs::MetadataExt, path::Path};

use rusqlite::Connection;

use super::Store;
use crate::error::{Error, Result};

/// What a file is known by.
pub(super) struct Identity {
    /// Device and number on it.
    place: Option<(u64, u64)>,
    tables: Option<String>,
    /// The `data_version` that the tables were looked at last.
    version: Cell<i64>,
}

impl Identity {
    pub(super) fn of(path: &Path, connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self { place: place(path), tables: tables(connection)?, version: Cell::new(-1) })
    }
}

impl Store {
    /// SQLite would go on reading a file that was taken away, and takes tables of a file that was written over it for
    /// those that it knows.
    ///
    /// # Errors
    /// [`Error::Open`] where the path leads elsewhere by now or the tables are others.
    pub fn refuse_another(&self) -> Result<()> {
        let refuse = |reason: &str, advice: &str| {
            let (reason, advice) = (reason.to_owned(), advice.to_owned());
            Err(Error::Open { path: self.path.clone(), reason, advice })
        };
        match place(&self.path) {
            None => return refuse("the file is not there any more", "put it back and press R"),
            now if now != self.identity.place => {
                return refuse("another file was put in its place", "leave (Q) and open it again");
            }
            _ => {}
        }
        // Where it is busy, the question itself says so.
        let Ok(version) = self.data_version() else { return Ok(()) };
        if version == self.identity.version.get() {
            return Ok(());
        }
        match tables(&self.connection).map_err(|e| self.error(e))? {
            None => refuse("the file is empty now", "restore a backup and press R"),
            now if now != self.identity.tables => {
                refuse("its tables are others than when it was opened", "leave (Q) and open it again")
            }
            _ => {
                self.identity.version.set(version);
                Ok(())
            }
        }
    }
}

fn place(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|about| (about.dev(), about.ino()))
}

/// Names and columns of the tables that are read. Not where they begin in the file: VACUUM may move that.
fn tables(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT group_concat(name || ' ' || coalesce(sql, ''), char(10)) FROM \
               (SELECT * FROM sqlite_schema WHERE type IN ('table', 'view') \
               AND name GLOB 'workflow_*' ORDER BY name)";
    connection.query_row(sql, [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::store::Options;

    fn backup(set: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set).join("ivoryos_data/ivoryos.db")
    }

    fn opened(folder: &Path) -> (PathBuf, Store) {
        let file = folder.join("ivoryos.db");
        fs::write(&file, fs::read(backup("ivoryos-1.7.2")).unwrap()).unwrap();
        let store = Store::open(&file, Options::default()).unwrap();
        store.refuse_another().unwrap();
        (file, store)
    }

    fn refusal(store: &Store) -> String {
        store.refuse_another().unwrap_err().to_string()
    }

    #[test]
    fn a_file_put_in_its_place_or_taken_away_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, store) = opened(folder.path());
        fs::rename(&file, folder.path().join("moved")).unwrap();
        assert!(refusal(&store).contains("not there any more"));
        fs::write(&file, fs::read(backup("ivoryos-1.7.2")).unwrap()).unwrap();
        assert!(refusal(&store).contains("put in its place"));
        fs::rename(folder.path().join("moved"), &file).unwrap();
        store.refuse_another().unwrap();
    }

    /// A copy over it keeps the file and, between versions of IvoryOS, even SQLite's own mark of the tables.
    #[test]
    fn other_tables_written_over_it_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, store) = opened(folder.path());
        fs::write(&file, fs::read(backup("ivoryos-1.2.5")).unwrap()).unwrap();
        assert!(refusal(&store).contains("its tables are others"));
        fs::write(&file, "").unwrap();
        assert!(refusal(&store).contains("empty now"));
    }

    /// The lab's own work is no other file.
    #[test]
    fn commits_of_the_lab_are_no_news_here() {
        let folder = tempfile::tempdir().unwrap();
        let (file, store) = opened(folder.path());
        let lab = Connection::open(file).unwrap();
        lab.execute_batch(
            "DELETE FROM workflow_runs WHERE id = 3; CREATE INDEX faster ON workflow_runs(name)",
        )
        .unwrap();
        store.refuse_another().unwrap();
    }
}
