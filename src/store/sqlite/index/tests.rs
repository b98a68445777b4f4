//! Whatever is done to the tables, the index says what plain queries say.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::Kind;
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Error,
    store::{
        Cache, DeleteTarget, Remains,
        sqlite::{Located, Options, Store},
    },
};

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

/// A lab that makes records, and goes on with the one that is deleted, between two pieces of a delete.
struct Beside {
    lab: Connection,
    clock: i64,
    run: i64,
    left: usize,
}

impl Checkpoint for Beside {
    fn check(&mut self, _: Progress) -> crate::error::Result<()> {
        self.left = self.left.checked_sub(1).ok_or(Error::Cancelled)?;
        for run in [None, Some(self.run)] {
            self.clock += 1;
            let now = format!("2026-02-01 00:00:00.{:06}", self.clock);
            let insert = |sql: &str, owner: i64| {
                self.lab.execute(sql, params![owner, now]).unwrap();
                self.lab.last_insert_rowid()
            };
            let new = "INSERT INTO workflow_runs (name, end_time, start_time) VALUES ('b', ?, ?)";
            let run = run.unwrap_or_else(|| insert(new, 0));
            let phase =
                insert("INSERT INTO workflow_phases (run_id, name, start_time) VALUES (?, 'main', ?)", run);
            for _ in 0..self.left {
                insert(
                    "INSERT INTO workflow_steps (phase_id, method_name, start_time) VALUES (?, 'stir', ?)",
                    phase,
                );
            }
        }
        Ok(())
    }
}

/// What can happen between two questions. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Deed {
    /// A run as IvoryOS writes it: phases and steps get the next ids.
    Run {
        phases: usize,
        steps: usize,
        fail: usize,
    },
    /// A record of old gets another phase, as from a run that was stuck.
    LatePhase {
        run: usize,
        steps: usize,
    },
    LateStep {
        phase: usize,
    },
    /// The step that was begun last ends with an error.
    Fail,
    /// The lab deletes a record with all that belongs to it.
    LabDeletes {
        run: usize,
    },
    LabDeletesNewest,
    /// In pieces, between which the lab makes records; so many of them at most.
    WeDelete {
        run: usize,
        pieces: usize,
    },
    /// Another database's record comes in, with ids of its own.
    Merge {
        phases: usize,
        steps: usize,
        skip: usize,
    },
    /// Somebody deletes or changes rows by hand.
    Hand {
        step: usize,
        delete: bool,
    },
    Backup,
    Restore,
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    use Deed::*;
    prop_oneof![
        6 => (0..9_usize, 0..9_usize, 0..12_usize).prop_map(|(phases, steps, fail)| Run { phases, steps, fail }),
        2 => (any::<usize>(), 0..4_usize).prop_map(|(run, steps)| LatePhase { run, steps }),
        2 => any::<usize>().prop_map(|phase| LateStep { phase }),
        2 => Just(Fail),
        2 => any::<usize>().prop_map(|run| LabDeletes { run }),
        2 => Just(LabDeletesNewest),
        2 => (any::<usize>(), 1..9_usize).prop_map(|(run, pieces)| WeDelete { run, pieces }),
        2 => (1..4_usize, 0..6_usize, 0..9_usize).prop_map(|(phases, steps, skip)| Merge { phases, steps, skip }),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(step, delete)| Hand { step, delete }),
        1 => Just(Backup),
        1 => Just(Restore),
        1 => Just(Reopen),
    ]
}

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

    fn cascade(&self, run: i64) {
        for sql in [
            "DELETE FROM workflow_steps WHERE phase_id IN (SELECT id FROM workflow_phases WHERE run_id = ?)",
            "DELETE FROM workflow_phases WHERE run_id = ?",
            "DELETE FROM workflow_runs WHERE id = ?",
        ] {
            self.lab.execute(sql, [run]).unwrap();
        }
    }

    fn free(&self, table: &str) -> Vec<i64> {
        let used = self.ids(table);
        (1..used.last().copied().unwrap_or(0)).filter(|id| used.binary_search(id).is_err()).collect()
    }

    /// Does something; true when only the audit promises to see it.
    fn act(&mut self, deed: &Deed) -> bool {
        let unsure = self.carry_out(deed);
        self.unsure.set(self.unsure.get() || unsure);
        unsure
    }

    fn carry_out(&mut self, deed: &Deed) -> bool {
        match *deed {
            Deed::Run { phases, steps, fail } => {
                let run = self.run();
                for _ in 0..phases {
                    let phase = self.phase(None, run);
                    for n in 0..steps {
                        self.step(None, phase, n == fail);
                    }
                }
            }
            Deed::LatePhase { run, steps } => {
                let Some(run) = self.pick("runs", run) else { return false };
                let phase = self.phase(None, run);
                for _ in 0..steps {
                    self.step(None, phase, false);
                }
            }
            Deed::LateStep { phase } => {
                let Some(phase) = self.pick("phases", phase) else { return false };
                self.step(None, phase, true);
            }
            Deed::Fail => {
                let sql = "UPDATE workflow_steps SET run_error = 1 WHERE id = ?";
                self.lab.execute(sql, [self.begun]).unwrap();
            }
            Deed::LabDeletes { run } => {
                let Some(run) = self.pick("runs", run) else { return false };
                self.cascade(run);
            }
            Deed::LabDeletesNewest => {
                let Some(run) = self.ids("runs").last().copied() else { return false };
                self.cascade(run);
            }
            Deed::WeDelete { run, pieces } => {
                let Some(run) = self.pick("runs", run) else { return false };
                self.we_delete(run, pieces);
            }
            Deed::Merge { phases, steps, skip } => return self.merge(phases, steps, skip),
            Deed::Hand { step, delete } => {
                let Some(step) = self.pick("steps", step) else { return false };
                let sql = if delete {
                    "DELETE FROM workflow_steps WHERE id = ?"
                } else {
                    "UPDATE workflow_steps SET run_error = NOT coalesce(run_error, 0) WHERE id = ?"
                };
                self.lab.execute(sql, [step]).unwrap();
                return true;
            }
            Deed::Backup => self.backup = Some(self.dump()),
            Deed::Restore => return self.restore(),
            Deed::Reopen => self.reopen(),
        }
        false
    }

    fn many(&mut self, times: usize, deed: &Deed) {
        for _ in 0..times {
            self.act(deed);
        }
    }

    fn we_delete(&mut self, run: i64, pieces: usize) {
        let seen = self.store.run(run).unwrap().unwrap();
        let located = self.store.locate_surely(&[run], &mut Cx::quiet()).unwrap();
        let target = DeleteTarget { run, name: &seen.name, start: &seen.start };
        let before = self.plain(run);
        let other = Connection::open(self.folder.path().join("ivoryos.db")).unwrap();
        let mut beside = Beside { lab: other, clock: self.clock, run, left: pieces };
        let gone = self.store.delete(&[target], &located, None, &mut beside);
        if beside.clock != self.clock {
            // Others were begun since.
            (self.clock, self.begun) = (beside.clock, 0);
        }
        match gone {
            // Of a backup restored over a merge the index promises all rows only after its audit.
            Ok(gone) if gone.stopped.is_none() => {
                assert!(self.unsure.get() || self.plain(run).is_empty(), "{:?}", self.plain(run));
            }
            Ok(gone) => {
                assert_eq!(gone.stopped.unwrap().part, Some(run));
                assert!(self.ids("runs").contains(&run));
            }
            Err(error) => assert!(matches!(error, Error::Cancelled) && self.plain(run) == before),
        }
        if self.unsure.get() {
            return;
        }
        for orphans in [
            "SELECT count(*) FROM workflow_phases WHERE run_id NOT IN (SELECT id FROM workflow_runs)",
            "SELECT count(*) FROM workflow_steps WHERE phase_id NOT IN (SELECT id FROM workflow_phases)",
        ] {
            assert_eq!(self.lab.query_row(orphans, [], |r| r.get::<_, i64>(0)), Ok(0));
        }
    }

    /// A record whose phases and steps get free ids, from the lowest on.
    fn merge(&mut self, phases: usize, steps: usize, skip: usize) -> bool {
        let run = self.run();
        let (free_phases, free_steps) = (self.free("phases"), self.free("steps"));
        let mut step_ids = free_steps.iter().skip(skip);
        for id in free_phases.iter().skip(skip).take(phases) {
            let phase = self.phase(Some(*id), run);
            for id in step_ids.by_ref().take(steps) {
                self.step(Some(*id), phase, *id % 3 == 0);
            }
        }
        true
    }

    fn dump(&self) -> Vec<String> {
        let mut sql = Vec::new();
        for (table, _) in TABLES {
            let mut all = self.lab.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let mut rows = all.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let value = |n| match row.get(n).unwrap() {
                    rusqlite::types::Value::Integer(i) => i.to_string(),
                    rusqlite::types::Value::Text(t) => format!("'{t}'"),
                    _ => "NULL".to_owned(),
                };
                let values: Vec<String> = (0..row.as_ref().column_count()).map(value).collect();
                sql.push(format!("INSERT INTO {table} VALUES ({})", values.join(",")));
            }
        }
        sql
    }

    fn restore(&mut self) -> bool {
        let Some(rows) = &self.backup else { return false };
        let empty = TABLES.map(|(table, _)| format!("DELETE FROM {table};")).concat();
        self.lab.execute_batch(&format!("BEGIN; {empty} {}; COMMIT", rows.join(";"))).unwrap();
        self.begun = 0;
        // A merge may have put rows where those of the backup stood.
        true
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

/// A lab that writes, and screens that ask, between two pieces of the first walk.
struct Meanwhile<'a> {
    store: &'a Store,
    lab: Connection,
    run: i64,
    pieces: usize,
    cancel: usize,
}

impl Checkpoint for Meanwhile<'_> {
    fn check(&mut self, progress: Progress) -> crate::error::Result<()> {
        assert!(progress.total.is_none_or(|total| progress.done <= total));
        self.pieces += 1;
        if self.pieces == self.cancel {
            return Err(Error::Cancelled);
        }
        if self.pieces % 3 == 1 {
            locate_soon(self.store, &[self.run])?;
        }
        if self.pieces % 5 == 1 {
            let sql = "INSERT INTO workflow_phases (run_id, name, start_time) VALUES (?, 'main', 'now')";
            self.lab.execute(sql, [self.run]).unwrap();
            let phase = self.lab.last_insert_rowid();
            let sql =
                "INSERT INTO workflow_steps (phase_id, method_name, start_time) VALUES (?, 'stir', 'now')";
            self.lab.execute(sql, [phase]).unwrap();
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whether all was read in one walk, or the walk was broken off and the newest rows were read first.
    #[test]
    fn however_the_first_walk_goes_the_index_says_what_plain_queries_say(
        deeds in prop::collection::vec(deed(), 1..30),
        more in prop::collection::vec(deed(), 0..6),
        cancel in 0..30_usize,
        begun in any::<bool>(),
    ) {
        let mut lab = Lab::new(false);
        let mut audit = false;
        for deed in &deeds {
            audit |= lab.act(deed);
        }
        let run = lab.run();
        if begun {
            lab.store.index_piece().unwrap();
        }
        let writer = Connection::open(lab.folder.path().join("ivoryos.db")).unwrap();
        let mut meanwhile = Meanwhile { store: &lab.store, lab: writer, run, pieces: 0, cancel };
        match lab.store.complete(&mut meanwhile) {
            Ok(()) => prop_assert!(lab.store.is_whole()),
            Err(error) => prop_assert!(matches!(error, Error::Cancelled) && meanwhile.pieces == cancel),
        }
        drop(meanwhile);
        // Others were begun since.
        lab.begun = 0;
        if std::mem::take(&mut audit) {
            lab.audit();
        }
        lab.compare()?;
        for deed in &more {
            audit |= lab.act(deed);
        }
        if audit {
            lab.audit();
        }
        lab.compare()?;
    }
}

/// A walk up leaves what a walk down leaves.
#[test]
fn both_walks_find_the_same() {
    let mut lab = Lab::new(false);
    lab.many(60, &Deed::Run { phases: 3, steps: 7, fail: 2 });
    lab.act(&Deed::LatePhase { run: 4, steps: 2 });
    lab.many(3, &Deed::LabDeletes { run: 9 });
    lab.step(Some(i64::MAX), 1, true);
    lab.step(Some(i64::MIN), 2, true);
    lab.store.complete(&mut Cx::quiet()).unwrap();
    let down = Lab::open(&lab.folder, false);
    while down.index_piece().unwrap() != Remains::Nothing {}
    for kind in [Kind::Phases, Kind::Steps] {
        let (up, down) = (lab.store.index.borrow(), down.index.borrow());
        let (up, down) = (up.table(kind), down.table(kind));
        assert!(up.ranges.iter().eq(down.ranges.iter()));
        assert!(up.failed.within(i64::MIN, i64::MAX).eq(down.failed.within(i64::MIN, i64::MAX)));
        let what = |t: &super::IndexTable| (t.begun, t.low, t.high, t.tail, t.probe, t.audit);
        assert_eq!(what(up), what(down));
    }
    // As many fingerprints as a walk down makes: not one for each phase.
    let marks = lab.store.index.borrow().table(Kind::Phases).marks.up_from(0).count();
    assert!(marks < 60 * 3 / 4, "{marks}");
}

/// Where the rows of these records stand, without waiting for the index.
fn locate_soon(store: &Store, runs: &[i64]) -> crate::error::Result<Located> {
    store.catch_up()?;
    store.find(runs, &mut Cx::quiet())
}
