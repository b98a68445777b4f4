//! A lab with a trash, its tables as text, and a server that writes beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, types::ValueRef};
use tempfile::TempDir;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::{Error, Result},
    services::{
        delete::{Confirmed, DeleteHow, Deleted, delete},
        lab::Lab,
        own_files::UserFolders,
        trash::{Restored, TrashEntry, Which, list, restore},
    },
    store::{
        DeleteTarget, Options, Source,
        own::{OwnFile, OwnPlace, OwnUse, TrashKeeper, TrashLock, TrashedRecord},
        saved::{SavedCell, SavedRecord as _},
        sqlite::Store,
    },
};

use super::writers::Beside;
use crate::common::lab::{NOON, lab_with, stopped};

/// All rows of all tables: by table and number, the cells as text with their types.
pub type Dump = BTreeMap<String, BTreeMap<i64, Vec<String>>>;

pub const HOW: DeleteHow = DeleteHow { force: true, permanent: false, with_files: false };

pub struct TrashLab {
    lab: Lab,
    data: PathBuf,
    all: usize,
    state: TempDir,
}

impl TrashLab {
    pub fn of(data: PathBuf, options: Options) -> Self {
        let state = tempfile::tempdir().unwrap();
        let lab = lab_with(&data, options, stopped(NOON)).keeping_in(&folders(state.path()));
        // Such a lab knows no place by itself.
        let all = ids(&data.join("ivoryos.db")).len();
        Self { lab, data, all, state }
    }

    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    pub fn database(&self) -> PathBuf {
        self.data.join("ivoryos.db")
    }

    pub fn state(&self) -> &Path {
        self.state.path()
    }

    pub fn place(&self) -> OwnPlace {
        folders(self.state.path()).own_place(&self.database()).unwrap()
    }

    /// How many records there were.
    pub fn all(&self) -> usize {
        self.all
    }

    pub fn dump(&self) -> Dump {
        dump(&self.database())
    }

    pub fn runs(&self) -> Vec<i64> {
        ids(&self.database())
    }

    pub fn delete(&self, runs: &[i64]) -> Result<Deleted> {
        let deleted = self.delete_with(runs, &mut Cx::quiet())?;
        assert_eq!(deleted.stopped, None);
        Ok(deleted)
    }

    pub fn delete_with(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Deleted> {
        let runs = self.lab.runs(runs, &Cx::quiet()).unwrap().into_iter();
        let items: Vec<_> =
            runs.map(|run| Confirmed { run: run.id, name: run.name, start: run.start }).collect();
        delete(&self.lab, &items, HOW, cx)
    }

    pub fn restore_last(&self) -> Result<Restored> {
        let back = restore(&self.lab, &Which::Last, &mut Cx::quiet())?;
        assert_eq!(back.stopped, None);
        Ok(back)
    }

    pub fn entries(&self) -> Vec<TrashEntry> {
        list(&self.lab).unwrap().entries
    }

    /// As a delete that is killed behind the moment when all is on disk.
    pub fn keep_only(&self, run: i64) {
        let mut end = || Err(Error::Cancelled);
        let mut killed = Beside { keeper: self.keeper(), then: &mut end, synced: 0 };
        let store = Store::open(&self.database(), Options::without_cache()).unwrap();
        let seen = store.runs(&[run], &Cx::quiet()).unwrap().remove(0);
        let target = DeleteTarget { run, name: &seen.name, start: &seen.start };
        Source::delete(&store, &[target], Some(&mut killed), &mut Cx::quiet()).unwrap_err();
    }

    /// A delete of this trash.
    pub fn keeper(&self) -> TrashKeeper {
        let place = self.place();
        OwnFile::make_folder(&place, OwnUse::Trash).unwrap();
        let lock = TrashLock::take(&place, &Cx::quiet()).unwrap();
        let file = OwnFile::open(&place, &ivorylens::model::record_key::RecordKey::default(), OwnUse::Trash)
            .unwrap();
        TrashKeeper::begin_batch(file, lock, "2026-11-24T12:00:00".to_owned(), "mara".to_owned()).unwrap()
    }

    /// Each row that was there is in the database or in the trash as it was; the database is sound.
    pub fn assert_whole(&self, before: &Dump) {
        assert_whole(&self.database(), &self.place(), before);
    }

    pub fn has_no_orphans(&self) -> bool {
        has_no_orphans(&server(&self.database()))
    }

    /// The rows of a record in their order, without ids.
    pub fn without_ids(&self, run: i64) -> Vec<String> {
        let server = server(&self.database());
        let mut all = Vec::new();
        for sql in [
            "SELECT name, platform, start_time, end_time, data_path, repeat_mode, status, events, submitted_by
             FROM workflow_runs WHERE id = ?",
            "SELECT name, repeat_index, parameters, outputs, status, error, start_time, end_time
             FROM workflow_phases WHERE run_id = ? ORDER BY id",
            "SELECT p.repeat_index, p.name, s.step_index, s.method_name, s.start_time, s.end_time, s.run_error, s.output
             FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = ? ORDER BY s.id",
        ] {
            let mut statement = server.prepare(sql).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([run], |row| {
                Ok((0..columns).map(|at| text(row.get_ref(at).unwrap())).collect::<String>())
            });
            all.extend(rows.unwrap().map(rusqlite::Result::unwrap));
        }
        all
    }

    pub fn rows_but(&self, run: i64) -> BTreeSet<String> {
        self.rows_but_these(&[run])
    }

    pub fn rows_but_these(&self, runs: &[i64]) -> BTreeSet<String> {
        let others = self.runs().into_iter().filter(|run| !runs.contains(run));
        others
            .flat_map(|run| self.without_ids(run).into_iter().map(move |row| format!("{run}: {row}")))
            .collect()
    }

    /// A record as IvoryOS writes one, with phases of a step each; gives its id.
    pub fn new_record(&self, name: &str, phases: u32) -> i64 {
        let server = server(&self.database());
        let run =
            "INSERT INTO workflow_runs(name, platform, start_time) VALUES (?, 'deck', '2026-11-24 11:00:00')";
        server.execute(run, [name]).unwrap();
        let run = server.last_insert_rowid();
        for n in 0..phases {
            let phase = "INSERT INTO workflow_phases(run_id, name, repeat_index) VALUES (?, 'main', ?)";
            server.execute(phase, (run, n)).unwrap();
            let phase = server.last_insert_rowid();
            let step = "INSERT INTO workflow_steps(phase_id, step_index, method_name) VALUES (?, 0, 'stir')";
            server.execute(step, [phase]).unwrap();
        }
        run
    }
}

/// Ends the work at the checkpoint behind so many.
pub struct StopAfter(pub usize);

impl Checkpoint for StopAfter {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(Error::Cancelled)?;
        Ok(())
    }
}

/// The user's folders within this one.
pub fn folders(state: &Path) -> UserFolders {
    UserFolders { state: Some(state.join("ivorylens")), config: None }
}

/// The database as a server has it.
pub fn server(database: &Path) -> Connection {
    let connection = Connection::open(database).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    connection.execute_batch("PRAGMA foreign_keys=ON").unwrap();
    connection
}

fn ids(database: &Path) -> Vec<i64> {
    let server = server(database);
    let mut all = server.prepare("SELECT id FROM workflow_runs ORDER BY id").unwrap();
    all.query_map([], |row| row.get(0)).unwrap().map(rusqlite::Result::unwrap).collect()
}

/// Every table, with the numbers of its rows where it has such.
pub fn dump(database: &Path) -> Dump {
    let server = server(database);
    let mut tables = server
        .prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND wr = 0")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let table = |name: String| {
        let mut all = server.prepare(&format!("SELECT rowid, * FROM \"{name}\"")).unwrap();
        let columns = all.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cells = (1..columns).map(|at| text(row.get_ref(at).unwrap())).collect();
            Ok((row.get(0).unwrap(), cells))
        };
        let rows = all.query_map([], row).unwrap().map(rusqlite::Result::unwrap).collect();
        (name, rows)
    };
    tables.map(|name| table(name.unwrap())).collect()
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => format!("t{:?}", String::from_utf8_lossy(bytes)),
        other => format!("{other:?}"),
    }
}

fn saved(cell: &SavedCell) -> String {
    text(match cell {
        SavedCell::Null => ValueRef::Null,
        SavedCell::Integer(number) => ValueRef::Integer(*number),
        SavedCell::Real(number) => ValueRef::Real(*number),
        SavedCell::Text(bytes) => ValueRef::Text(bytes),
        SavedCell::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

pub fn has_no_orphans(server: &Connection) -> bool {
    let count = |sql: &str| server.query_row(sql, [], |row| row.get::<_, i64>(0));
    let owned = "SELECT count(*) FROM workflow_steps WHERE phase_id NOT IN (SELECT id FROM workflow_phases)";
    let old = "SELECT count(*) FROM workflow_steps WHERE workflow_id NOT IN (SELECT id FROM workflow_runs)";
    let phases = "SELECT count(*) FROM workflow_phases WHERE run_id NOT IN (SELECT id FROM workflow_runs)";
    let of_steps = count(owned).or_else(|_| count(old)).unwrap();
    of_steps == 0 && count(phases).unwrap_or_default() == 0
}

/// Each row that was there is in the database or in the trash as it was; the database is sound.
pub fn assert_whole(database: &Path, place: &OwnPlace, before: &Dump) {
    let connection = server(database);
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    assert!(has_no_orphans(&connection));
    let mut there = dump(database);
    if let Some(file) = OwnFile::look(place, OwnUse::Trash).unwrap() {
        for entry in file.entries().unwrap() {
            let record = TrashedRecord::of(&file, entry.n).unwrap();
            for (at, table) in record.tables().iter().enumerate() {
                let rows = there.entry(table.name.clone()).or_default();
                record
                    .rows(at, &mut |row| {
                        rows.entry(row.key).or_insert_with(|| row.cells.iter().map(saved).collect());
                        Ok(std::ops::ControlFlow::Continue(()))
                    })
                    .unwrap();
            }
        }
    }
    for (table, rows) in before {
        for (id, row) in rows {
            let found = there.get(table).and_then(|rows| rows.get(id)).map_or(&[][..], Vec::as_slice);
            // A generated column is not kept; what is kept has the row's own number behind the others.
            let same = row.iter().zip(found).all(|(a, b)| a == b) && found.len() + 1 >= row.len();
            assert!(same, "{table} {id} is in neither: {row:?} {found:?}");
        }
    }
}
