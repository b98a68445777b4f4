//! Whatever is done to the tables, the index says what plain queries say.

mod deeds;
mod first_walk;

use std::collections::BTreeMap;

use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::Kind;
use crate::{
    checkpoint::Cx,
    store::{
        Cache, Remains,
        sqlite::{Located, Options, Store},
    },
};
use deeds::{Deed, deed};

/// A lab that writes, and a store that watches.
struct Lab {
    folder: tempfile::TempDir,
    lab: Connection,
    store: Store,
    clock: i64,
    /// The step that was begun last.
    begun: i64,
    backup: Option<Vec<String>>,
    /// Something was done that only the audit promises to see.
    unsure: std::cell::Cell<bool>,
    /// Each question is a command's, of a program of its own, which waits for the audit of so small a file.
    by_commands: bool,
}

const TABLES: [(&str, &str); 3] = [
    ("workflow_runs", "id INTEGER PRIMARY KEY, name TEXT, start_time TEXT, end_time TEXT"),
    (
        "workflow_phases",
        "id INTEGER PRIMARY KEY, run_id INTEGER, name TEXT, start_time TEXT, repeat_index INTEGER",
    ),
    (
        "workflow_steps",
        "id INTEGER PRIMARY KEY, phase_id INTEGER, method_name TEXT, start_time TEXT, run_error BOOLEAN",
    ),
];

impl Lab {
    fn new(cached: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        let lab = Connection::open(&path).unwrap();
        lab.execute_batch("PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF").unwrap();
        for (name, columns) in TABLES {
            lab.execute_batch(&format!("CREATE TABLE {name} ({columns})")).unwrap();
        }
        let store = Self::open(&folder, cached);
        let unsure = std::cell::Cell::default();
        Self { folder, lab, store, clock: 0, begun: 0, backup: None, unsure, by_commands: false }
    }

    /// The next command begins.
    fn reopen(&mut self) {
        let mut options = Options { cache: Cache::Within(self.folder.path().into()), ..Options::tiny() };
        if self.by_commands {
            options.limits.awaited_audit = usize::MAX;
            self.unsure.set(false);
        }
        self.store = Store::open(&self.folder.path().join("ivoryos.db"), options).unwrap();
    }

    fn open(folder: &tempfile::TempDir, cached: bool) -> Store {
        let path = folder.path().join("ivoryos.db");
        let cache = if cached { Cache::Within(folder.path().into()) } else { Cache::Nowhere };
        let options = Options { cache, ..Options::tiny() };
        Store::open(&path, options).unwrap()
    }

    fn ids(&self, table: &str) -> Vec<i64> {
        let mut all = self.lab.prepare(&format!("SELECT id FROM workflow_{table} ORDER BY id")).unwrap();
        let ids = all.query_map([], |r| r.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }

    fn pick(&self, table: &str, n: usize) -> Option<i64> {
        let ids = self.ids(table);
        ids.get(n % ids.len().max(1)).copied()
    }

    fn stamp(&mut self) -> String {
        self.clock += 1;
        format!("2026-01-01 00:{:02}:{:02}.{:06}", self.clock / 60 % 60, self.clock % 60, self.clock)
    }

    fn phase(&mut self, id: Option<i64>, run: i64) -> i64 {
        let now = self.stamp();
        let sql = "INSERT INTO workflow_phases (id, run_id, name, start_time) VALUES (?, ?, 'main', ?)";
        self.lab.execute(sql, params![id, run, now]).unwrap();
        self.lab.last_insert_rowid()
    }

    fn step(&mut self, id: Option<i64>, phase: i64, failed: bool) -> i64 {
        let now = self.stamp();
        let sql = "INSERT INTO workflow_steps VALUES (?, ?, 'stir', ?, ?)";
        self.lab.execute(sql, params![id, phase, now, failed.then_some(1)]).unwrap();
        self.begun = if id.is_none() { self.lab.last_insert_rowid() } else { 0 };
        self.lab.last_insert_rowid()
    }

    fn run(&mut self) -> i64 {
        let now = self.stamp();
        self.lab.execute("INSERT INTO workflow_runs (name, start_time) VALUES ('r', ?)", [now]).unwrap();
        self.lab.last_insert_rowid()
    }

    /// The phases of a record, each with its steps' ids and how many of them failed.
    fn plain(&self, run: i64) -> BTreeMap<i64, (Vec<i64>, u64)> {
        let query = |sql: &str, id: i64| -> Vec<(i64, Option<i64>)> {
            let mut all = self.lab.prepare_cached(sql).unwrap();
            let rows = all.query_map([id], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let phases = query("SELECT id, NULL FROM workflow_phases WHERE run_id = ?", run).into_iter();
        let steps = |id| query("SELECT id, run_error FROM workflow_steps WHERE phase_id = ? ORDER BY id", id);
        let both = phases.map(|(id, _)| {
            let steps = steps(id);
            let failed = steps.iter().filter(|s| s.1 == Some(1)).count() as u64;
            (id, (steps.into_iter().map(|s| s.0).collect(), failed))
        });
        both.collect()
    }

    fn indexed(&self, located: &Located, run: i64) -> BTreeMap<i64, (Vec<i64>, u64)> {
        let phase_refs = located.phases.iter().filter(|p| p.run == run);
        let one = |phase_ref: &crate::model::phase_summary::PhaseRef| {
            let ids: Vec<i64> = phase_ref.ranges.iter().flat_map(|(a, b)| *a..=*b).collect();
            assert_eq!(ids.len() as u64, phase_ref.steps);
            (phase_ref.id, (ids, phase_ref.failed))
        };
        phase_refs.map(one).collect()
    }

    fn audit(&self) {
        self.unsure.set(false);
        for kind in [Kind::Phases, Kind::Steps] {
            self.store.index.borrow_mut().table_mut(kind).audit = Some(i64::MIN);
        }
        while self.store.index_piece().unwrap() != Remains::Nothing {}
    }

    fn compare(&self) -> Result<(), TestCaseError> {
        let runs = self.ids("runs");
        let together = self.store.locate(&runs, &mut Cx::quiet()).unwrap();
        prop_assert!(!together.provisional);
        for run in runs {
            let alone = self.store.locate(&[run], &mut Cx::quiet()).unwrap();
            prop_assert_eq!(self.indexed(&alone, run), self.plain(run), "run {}", run);
            let summaries = self.store.phase_summaries(run, false, &mut Cx::quiet()).unwrap();
            let phases = summaries.value.into_iter().map(|summary| summary.phase_ref).collect();
            let summaries = Located { phases, ..Located::default() };
            prop_assert_eq!(self.indexed(&summaries, run), self.plain(run), "summaries of run {}", run);
            prop_assert_eq!(self.indexed(&together, run), self.plain(run), "run {} among others", run);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_index_says_what_plain_queries_say(
        cached in any::<bool>(),
        deeds in prop::collection::vec((deed(), any::<bool>()), 1..60),
    ) {
        let mut lab = Lab::new(cached);
        let mut audit = false;
        for (deed, look) in &deeds {
            audit |= lab.act(deed);
            if *look {
                if std::mem::take(&mut audit) {
                    lab.audit();
                }
                lab.compare()?;
            }
        }
        lab.audit();
        lab.compare()?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Also what only the audit sees: ids that others freed and used again, backups, rows changed by hand.
    #[test]
    fn each_command_says_what_plain_queries_say(deeds in prop::collection::vec(deed(), 1..40)) {
        let mut lab = Lab::new(true);
        lab.by_commands = true;
        for deed in &deeds {
            lab.reopen();
            lab.act(deed);
            lab.reopen();
            lab.compare()?;
        }
    }

    /// Also while the screens stay open, and so did nothing since that shows what others did.
    #[test]
    fn a_delete_takes_what_plain_queries_say(
        deeds in prop::collection::vec(deed().prop_filter("stays open", |d| !matches!(d, Deed::Reopen)), 1..60),
    ) {
        let mut lab = Lab::new(true);
        lab.by_commands = true;
        lab.reopen();
        for deed in &deeds {
            lab.act(deed);
            lab.unsure.set(false);
        }
    }
}

#[test]
fn what_is_far_from_its_neighbours_is_found_when_the_index_is_complete() {
    let mut lab = Lab::new(false);
    lab.many(40, &Deed::Run { phases: 3, steps: 7, fail: 2 });
    lab.act(&Deed::LatePhase { run: 4, steps: 2 });
    let soon = locate_soon(&lab.store, &[5, 20, 40]).unwrap();
    assert!(soon.provisional);
    for run in [20, 40] {
        assert_eq!(lab.indexed(&soon, run), lab.plain(run));
    }
    while lab.store.index_piece().unwrap() != Remains::Nothing {}
    let later = locate_soon(&lab.store, &[5]).unwrap();
    assert!(!later.provisional);
    assert_eq!(lab.indexed(&later, 5), lab.plain(5));
}

#[test]
fn a_look_after_a_commit_reads_only_the_end() {
    let mut lab = Lab::new(false);
    lab.many(100, &Deed::Run { phases: 3, steps: 7, fail: 9 });
    lab.store.locate(&[1], &mut Cx::quiet()).unwrap();
    let before = lab.store.index.borrow().keep.changed;
    lab.act(&Deed::Run { phases: 1, steps: 1, fail: 9 });
    lab.store.locate(&[101], &mut Cx::quiet()).unwrap();
    let read = lab.store.index.borrow().keep.changed - before;
    assert!(read < 60, "{read} rows of 2,400");
}

#[test]
fn only_after_a_commit_is_a_kept_index_compared_with_the_tables() {
    let mut lab = Lab::new(true);
    lab.many(40, &Deed::Run { phases: 3, steps: 7, fail: 9 });
    lab.reopen();
    let audits = |lab: &Lab| {
        lab.store.notice().unwrap();
        let index = lab.store.index.borrow();
        assert!(index.table(Kind::Steps).begun);
        [Kind::Phases, Kind::Steps].map(|kind| index.table(kind).audit)
    };
    lab.store.locate(&[1], &mut Cx::quiet()).unwrap();
    lab.reopen();
    assert_eq!(audits(&lab), [None, None]);
    lab.act(&Deed::Run { phases: 1, steps: 1, fail: 9 });
    lab.reopen();
    assert_eq!(audits(&lab), [Some(i64::MIN), Some(i64::MIN)]);
}

/// Whatever a cache file says by now, the answers are those of plain queries.
#[test]
fn a_damaged_cache_file_changes_no_answer() {
    let mut lab = Lab::new(true);
    // So many ranges of steps that they take several blocks, with failed ones, and with gaps.
    lab.lab.execute_batch("BEGIN").unwrap();
    lab.many(160, &Deed::Run { phases: 4, steps: 2, fail: 1 });
    for n in 0..20 {
        lab.act(&Deed::LabDeletes { run: n * 7 });
    }
    lab.lab.execute_batch("COMMIT").unwrap();
    lab.store = Lab::open(&lab.folder, true);
    lab.store.locate(&[1], &mut Cx::quiet()).unwrap();
    lab.store.keep_index();
    let folder = lab.folder.path().join("ivorylens");
    let path = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 1_500, "{}", whole.len());
    let runs = lab.ids("runs");
    let plain: Vec<_> = runs.iter().map(|run| lab.plain(*run)).collect();
    let mut answer = |bytes: &[u8]| {
        // The store before writes its own when it goes; a new one reads at the first question.
        lab.store = Lab::open(&lab.folder, true);
        std::fs::write(&path, bytes).unwrap();
        lab.store.notice().unwrap();
        let was_used = lab.store.index.borrow().table(Kind::Steps).begun;
        let found = lab.store.locate(&runs, &mut Cx::quiet()).unwrap();
        let indexed: Vec<_> = runs.iter().map(|run| lab.indexed(&found, *run)).collect();
        assert_eq!(indexed, plain);
        was_used
    };
    assert!(answer(&whole));
    for at in (0..whole.len()).step_by(31) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(!answer(&damaged), "damaged at {at}");
        assert!(!answer(&whole[..at]), "cut at {at}");
    }
    let old = [b"ivorylens index 1\n", whole.get(18..).unwrap()].concat();
    assert!(!answer(&old));
    assert!(answer(&whole));
}

/// Where the rows of these records stand, without waiting for the index.
fn locate_soon(store: &Store, runs: &[i64]) -> crate::error::Result<Located> {
    store.catch_up()?;
    store.find(runs, &mut Cx::quiet())
}
