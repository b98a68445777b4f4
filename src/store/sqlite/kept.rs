//! What tells one state of the database's file from every other, also for a later start.

use std::{io::Read, os::unix::fs::MetadataExt as _};

use super::Store;
use crate::{regular_file, store::KeptPlace};

impl Store {
    /// The cache file beside that of the index, and the file's state: where it lies, its size and times, and the counter
    /// in its head that each commit raises, as several commits fit between two ticks of the clock of files. `None` for a
    /// file in WAL mode, whose commits leave it as it is.
    ///
    /// It opens and closes the file, which gives up the locks that this process has on it: no statement may be open.
    pub(super) fn place_of_kept(&self) -> Option<KeptPlace> {
        let (path, owner) = self.index.borrow().keep.place("catalogue")?;
        let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).ok()?;
        if mode.eq_ignore_ascii_case("wal") {
            return None;
        }
        let file = regular_file::open(&self.path).ok()?;
        let about = file.metadata().ok()?;
        // What the connection reads is the opened file, also when another one is at its path by now.
        if !self.is_opened_file(&about) {
            return None;
        }
        let numbers = [
            about.dev().cast_signed(),
            about.ino().cast_signed(),
            about.size().cast_signed(),
            about.mtime(),
            about.mtime_nsec(),
            about.ctime(),
            about.ctime_nsec(),
        ];
        let mut state: Vec<u8> = numbers.into_iter().flat_map(i64::to_le_bytes).collect();
        // The first 100 bytes have the counter, the number of pages and the tables' version (sqlite.org/fileformat2.html).
        let head = state.len();
        let read = file.take(100).read_to_end(&mut state).ok()?;
        // The connection knows only what it has read since: the file may be in WAL mode by now.
        let is_wal = state.get(head + 18..head + 20) == Some(&[2, 2]);
        (read == 100 && !is_wal).then_some(KeptPlace { path, owner, state })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use crate::store::{
        Cache, Options,
        sqlite::{Store, index::Keep},
    };

    #[test]
    fn each_commit_makes_another_state_and_a_file_in_wal_mode_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivoryos.db");
        let set = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2");
        std::fs::write(&file, std::fs::read(set.join("ivoryos_data/ivoryos.db")).unwrap()).unwrap();
        let options = Options { cache: Cache::Within(folder.path().join("cache")), ..Options::tiny() };
        let store = Store::open(&file, options).unwrap();
        let lab = Connection::open(&file).unwrap();
        let mut seen = vec![store.place_of_kept().unwrap()];
        for _ in 0..20 {
            lab.execute_batch("UPDATE workflow_runs SET name = name || 'x' WHERE id = 1").unwrap();
            let now = store.place_of_kept().unwrap();
            assert!(!seen.contains(&now));
            assert_eq!(store.place_of_kept(), Some(now.clone()));
            seen.push(now);
        }
        lab.pragma_update(None, "journal_mode", "wal").unwrap();
        assert_eq!(store.place_of_kept(), None);
        drop(store);
        lab.pragma_update(None, "journal_mode", "delete").unwrap();
        let store = Store::open(&file, Options::tiny()).unwrap();
        assert_eq!(store.place_of_kept(), None, "nothing is to be kept");
        assert_eq!(Keep::default().place("catalogue"), None);
    }
}
