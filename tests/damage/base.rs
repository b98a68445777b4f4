//! The databases that are damaged: made ones in several shapes, and the reference sets.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use rusqlite::Connection;
use tempfile::TempDir;

use ivorylens::demo::{self, Plan};

use crate::common::{NEW, Set, copy_folder, lab::NOON};

/// A sound database with its logs and results.
pub struct Base {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Its data folder.
    folder: PathBuf,
    /// Keeps the folder of a made one.
    _made: Option<TempDir>,
}

impl Base {
    /// A data folder of its own with these bytes as the database.
    pub fn data(&self, home: &Path) -> PathBuf {
        let data = home.join("ivoryos_data");
        for part in ["logs", "results"] {
            if self.folder.join(part).is_dir() {
                copy_folder(&self.folder.join(part), &data.join(part));
            }
        }
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("ivoryos.db"), &self.bytes).unwrap();
        data
    }

    fn reference(name: &'static str) -> Self {
        let folder = Set::open(name).data();
        let bytes = fs::read(folder.join("ivoryos.db")).unwrap();
        Self { name, bytes, folder, _made: None }
    }

    /// So many records, with pages of this size, and a long record in the middle.
    fn made(name: &'static str, records: u32, deep: (u32, u32), page_size: u32) -> Self {
        let made = tempfile::tempdir().unwrap();
        let plan = Plan::sized(records, 1..=6, 6, 5, NOON).with(|size| {
            size.deep = Some(deep);
            size.disorder = 6;
            size.logs = 3;
        });
        demo::make(&plan, made.path()).unwrap();
        let file = made.path().join("ivoryos.db");
        let db = Connection::open(&file).unwrap();
        db.execute_batch(&format!("PRAGMA journal_mode=OFF; PRAGMA page_size={page_size}; VACUUM")).unwrap();
        drop(db);
        Self { name, bytes: fs::read(&file).unwrap(), folder: made.path().to_path_buf(), _made: Some(made) }
    }
}

/// What poison rounds are played on. Small pages make the trees of a small file as deep as those of a large one.
pub fn poisoned() -> &'static [Base] {
    static BASES: OnceLock<Vec<Base>> = OnceLock::new();
    BASES.get_or_init(|| {
        vec![
            Base::made("made", 60, (40, 12), 4096),
            Base::made("made with a long record", 20, (250, 8), 4096),
            Base::made("made with small pages", 40, (60, 8), 512),
        ]
    })
}

/// What the sweep goes over.
pub fn swept() -> &'static [Base] {
    static BASES: OnceLock<Vec<Base>> = OnceLock::new();
    BASES.get_or_init(|| {
        let sets = [NEW, "odd", "ivoryos-1.4.0", "ivoryos-1.2.5"];
        let mut bases: Vec<Base> = sets.into_iter().map(Base::reference).collect();
        bases.push(Base::made("made with small pages", 12, (30, 4), 512));
        bases
    })
}
