//! Whether the opened file is still the one at its path, with the tables that it had (a backup may be put in its place),
//! and opening the one that is there by now.

use std::{cell::Cell, io::ErrorKind};

use rusqlite::Connection;

use super::{Store, disk_state::DiskState};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    platform::files::{FileIdentity, identity_at},
};

/// What tells the opened file from another one that is put in its place.
pub(super) struct Identity {
    /// Which file it is.
    place: Option<FileIdentity>,
    tables: Option<String>,
    /// The `data_version` that the tables were looked at last, and the file's state then where it can be told.
    version: Cell<i64>,
    state: Cell<Option<DiskState>>,
}

impl Identity {
    /// `place` is where the path led before the connection was opened: one that leads elsewhere by then is noticed.
    pub(super) fn of(place: Option<FileIdentity>, connection: &Connection) -> rusqlite::Result<Self> {
        let tables = tables(connection)?;
        Ok(Self { place, tables, version: Cell::new(-1), state: Cell::default() })
    }
}

impl Store {
    /// Makes sure that the path still leads to the opened file, with the tables that it had. SQLite itself would go on
    /// reading a file that was moved away, would take the tables of one that was written over it for the old ones, and
    /// would go on with pages in its memory where something else than SQLite wrote into the file.
    ///
    /// # Errors
    /// [`Error::Replaced`] where the path leads elsewhere by now, the tables are others or the file was written to
    /// without a commit, [`Error::Open`] where it leads nowhere.
    pub fn refuse_another(&self) -> Result<()> {
        self.refuse_elsewhere()?;
        // Where it is busy, the question itself says so.
        let Ok((version, state)) = self.version_and_state() else { return Ok(()) };
        if version == self.identity.version.get() {
            if let (Some(before), Some(now)) = (self.identity.state.get(), state)
                && !before.is_wal()
                && !now.is_wal()
                && !now.has_content_of(&before)
            {
                return Err(Error::Replaced);
            }
            self.identity.state.set(state.or(self.identity.state.get()));
            return Ok(());
        }
        if tables(self.lent()?).map_err(|e| self.error(e))? != self.identity.tables {
            return Err(Error::Replaced);
        }
        self.identity.version.set(version);
        self.identity.state.set(state);
        Ok(())
    }

    /// `PRAGMA data_version`, and the file's state where it is surely the one of this version. The version is read under
    /// SQLite's lock, so what was written before that belongs to it, and what is written behind it makes another state.
    pub(super) fn version_and_state(&self) -> Result<(i64, Option<DiskState>)> {
        let before = self.connection.state();
        let version = self.data_version()?;
        Ok((version, before.filter(|before| self.connection.state().as_ref() == Some(before))))
    }

    /// Makes sure that the path still leads to the opened file, which needs no lock; its tables are not looked at.
    pub(super) fn refuse_elsewhere(&self) -> Result<()> {
        match identity_at(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound && self.copy_of.is_some() => {
                let gone = "the private copy of it is not there any more";
                Err(self.told(Error::open(&self.path, gone, "leave and open it again")))
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {
                Err(Error::open(&self.path, "the file is not there any more", "put it back and try again"))
            }
            Err(e) => Err(self.told(Error::io(&self.path)(e))),
            Ok(now) if Some(now) != self.identity.place => Err(Error::Replaced),
            Ok(_) => Ok(()),
        }
    }

    /// Opens the file that is at the path now, with an empty index and without the old file's cache file.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn reopened(&self, cx: &Cx<'_>) -> Result<Self> {
        let store = Self::open_for(&self.path, self.options.clone(), cx)?;
        store.index.borrow_mut().keep.recall_nothing();
        self.keep_nothing();
        Ok(store)
    }
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
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::store::sqlite::Options;

    fn backup(set: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set).join("ivoryos_data/ivoryos.db")
    }

    fn opened(folder: &Path) -> (PathBuf, Store) {
        let file = folder.join("ivoryos.db");
        fs::write(&file, fs::read(backup("ivoryos-1.7.2")).unwrap()).unwrap();
        let store = Store::open(&file, Options::without_cache()).unwrap();
        store.refuse_another().unwrap();
        (file, store)
    }

    fn is_replaced(store: &Store) -> bool {
        matches!(store.refuse_another(), Err(Error::Replaced))
    }

    #[cfg(unix)]
    #[test]
    fn a_file_put_in_its_place_or_taken_away_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, store) = opened(folder.path());
        fs::rename(&file, folder.path().join("moved")).unwrap();
        assert!(store.refuse_another().unwrap_err().to_string().contains("not there any more"));
        // What can't be looked at may well be there.
        std::os::unix::fs::symlink(&file, &file).unwrap();
        assert!(store.refuse_another().unwrap_err().to_string().contains("a loop of links"));
        fs::remove_file(&file).unwrap();
        fs::write(&file, fs::read(backup("ivoryos-1.7.2")).unwrap()).unwrap();
        assert!(is_replaced(&store));
        fs::rename(folder.path().join("moved"), &file).unwrap();
        store.refuse_another().unwrap();
    }

    /// A copy over it keeps the file and, between versions of IvoryOS, even SQLite's own mark of the tables.
    #[test]
    fn other_tables_written_over_it_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, store) = opened(folder.path());
        fs::write(&file, fs::read(backup("ivoryos-1.2.5")).unwrap()).unwrap();
        assert!(is_replaced(&store));
        store.reopened(&Cx::quiet()).unwrap().refuse_another().unwrap();
        fs::write(&file, "").unwrap();
        assert!(is_replaced(&store));
        assert!(store.reopened(&Cx::quiet()).is_err_and(|e| e.to_string().contains("empty")));
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
