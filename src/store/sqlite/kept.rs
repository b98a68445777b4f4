//! Where the catalogue is kept for a later start, and of which state of the file.

use super::Store;
use crate::store::KeptPlace;

impl Store {
    /// The cache file beside that of the index, and the file's state. `None` for a file in WAL mode, whose commits leave
    /// it as it is, and for a damaged one.
    pub(super) fn place_of_kept(&self) -> Option<KeptPlace> {
        let (path, owner) = self.index.borrow().keep.place("catalogue")?;
        let state = self.connection.state().filter(|state| !state.is_wal() && !self.is_damaged.get())?;
        Some(KeptPlace { path, owner, state: state.bytes().to_vec() })
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
