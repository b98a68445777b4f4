//! While nobody asks, the connection is closed on systems where an open database can't be replaced: a backup can be put in
//! its place, or the folder moved. The next question opens it again and goes on with all that is known.

use rusqlite::{Connection, OpenFlags};

use super::{
    Store,
    disk_state::Since,
    read_connection::{LeftAt, connect, only_read},
};
use crate::{
    error::{Error, Result},
    platform::files::{OPEN_FILES_HOLD_OTHERS, identity, identity_at},
};

impl Store {
    /// Nobody asks for a while.
    pub fn rest(&mut self) {
        if OPEN_FILES_HOLD_OTHERS {
            self.let_go();
        }
    }

    /// Closes the connection, where that changes nothing in the lab's folder.
    fn let_go(&mut self) {
        // In WAL mode who closes last may take the files beside it away; and a private copy keeps nobody from anything.
        let is_apart = self.connection.state().is_none_or(|state| state.is_wal());
        if is_apart || !self.connection.is_open() {
            return;
        }
        if let Ok((version, state)) = self.version_and_state() {
            self.connection.close(LeftAt { version, state });
            self.probe.let_go();
        }
    }

    /// Opens the connection again. The version of the file is the one before where not a byte was written since.
    pub(super) fn wake(&self) -> Result<&Connection> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY, &self.current)
            .map_err(|e| self.error(e))?;
        only_read(&connection).map_err(|e| self.error(e))?;
        let is_there = |file| identity(file).ok() == identity_at(&self.path).ok();
        if !self.connection.file().is_some_and(is_there) {
            return Err(Error::Replaced);
        }
        let number = version_of(&connection).map_err(|e| self.error(e))?;
        if let Some(left) = self.connection.left_at() {
            let now = self.connection.state();
            let is_same = left.state.zip(now).is_some_and(|(left, now)| now.since(&left) == Since::Nothing);
            let version = if is_same { left.version } else { left.version.saturating_add(1) };
            self.connection.set_ahead(version.saturating_sub(number));
        }
        Ok(self.connection.opened(connection))
    }

    /// A number that another process's commit changes.
    ///
    /// # Errors
    /// As any read.
    pub fn data_version(&self) -> Result<i64> {
        let number = version_of(self.lent()?).map_err(|e| self.error(e))?;
        Ok(number.saturating_add(self.connection.ahead()))
    }
}

/// `PRAGMA data_version`, which each connection counts by itself.
fn version_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::store::sqlite::Options;

    fn opened(folder: &Path) -> (PathBuf, Store) {
        let set =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2/ivoryos_data/ivoryos.db");
        let file = folder.join("ivoryos.db");
        fs::write(&file, fs::read(set).unwrap()).unwrap();
        let store = Store::open(&file, Options::without_cache()).unwrap();
        store.refuse_another().unwrap();
        (file, store)
    }

    #[test]
    fn what_is_known_is_known_behind_a_rest_and_commits_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, mut store) = opened(folder.path());
        let before = store.data_version().unwrap();
        store.let_go();
        assert!(!store.connection.is_open());
        assert_eq!(store.data_version().unwrap(), before);
        assert!(store.connection.is_open());
        store.let_go();
        let lab = Connection::open(&file).unwrap();
        lab.execute("DELETE FROM workflow_runs WHERE id = 3", []).unwrap();
        let behind = store.data_version().unwrap();
        assert_ne!(behind, before);
        lab.execute("DELETE FROM workflow_runs WHERE id = 4", []).unwrap();
        assert_ne!(store.data_version().unwrap(), behind);
        store.refuse_another().unwrap();
    }

    #[test]
    fn a_file_that_is_put_in_its_place_meanwhile_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, mut store) = opened(folder.path());
        store.let_go();
        fs::rename(&file, folder.path().join("moved")).unwrap();
        fs::copy(folder.path().join("moved"), &file).unwrap();
        assert!(matches!(store.data_version(), Err(Error::Replaced)));
        assert!(matches!(store.refuse_another(), Err(Error::Replaced)));
        assert!(store.reopened(&crate::checkpoint::Cx::quiet()).unwrap().data_version().is_ok());
    }

    #[test]
    fn in_wal_mode_the_connection_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (file, mut store) = opened(folder.path());
        let lab = Connection::open(&file).unwrap();
        lab.pragma_update(None, "journal_mode", "wal").unwrap();
        store.let_go();
        assert!(store.connection.is_open());
    }
}
