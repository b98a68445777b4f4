//! Deleting a record too large for one transaction: the lab writes in between, and whatever ends it leaves a record
//! that can be deleted again and no row without its owner.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::BTreeSet, time::Duration};

use rusqlite::Connection;
use tempfile::TempDir;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::{Error, ErrorKind, Result},
    services::{
        delete::{self, Confirmed, DeleteHow, Deleted},
        lab::Lab,
        own_files::UserFolders,
    },
    store::{Limits, Options},
};

use common::lab::{Made, NOON, impatient, lab_with, server, stopped};

/// Every row of the three tables as text.
type Rows = BTreeSet<String>;

/// A lab with one large record, open, and the server's own connection, which waits for nobody.
struct Opened {
    lab: Lab,
    server: Connection,
    large: i64,
    made: Made,
    /// Where the trash is.
    _state: TempDir,
}

/// Also what may be running, into the trash.
const HOW: DeleteHow = DeleteHow { force: true, permanent: false, with_files: false };

fn opened() -> Opened {
    let made = Made::with_long(40, (900, 8));
    let state = tempfile::tempdir().unwrap();
    let folders = UserFolders { state: Some(state.path().to_path_buf()), config: None };
    // What the lab does between two pieces it does at checkpoints: no pause is needed for it.
    let limits = Limits { delete_pause: Duration::ZERO, ..Limits::default() };
    let options = Options { limits, ..impatient() };
    let lab = lab_with(made.data(), options, stopped(NOON)).keeping_in(&folders);
    Opened { lab, server: server(made.data()), large: made.long, made, _state: state }
}

/// Does something between two pieces.
struct Between<F: FnMut() -> Result<()>>(F);

impl<F: FnMut() -> Result<()>> Checkpoint for Between<F> {
    fn check(&mut self, _: Progress) -> Result<()> {
        (self.0)()
    }
}

impl Opened {
    fn rows(&self, of: &str) -> Rows {
        let mut rows = Rows::new();
        for (table, owned) in [
            ("workflow_runs", "id IN (RUNS)"),
            ("workflow_phases", "run_id IN (RUNS)"),
            ("workflow_steps", "phase_id IN (SELECT id FROM workflow_phases WHERE run_id IN (RUNS))"),
        ] {
            let sql = format!("SELECT '{table}', * FROM {table} WHERE {}", owned.replace("RUNS", of));
            let mut statement = self.server.prepare(&sql).unwrap();
            let columns = statement.column_count();
            let text = |r: &rusqlite::Row<'_>| {
                Ok((0..columns).map(|n| format!("{:?}|", r.get_ref(n).unwrap())).collect::<String>())
            };
            rows.extend(statement.query_map([], text).unwrap().map(rusqlite::Result::unwrap));
        }
        rows
    }

    fn others(&self) -> Rows {
        self.rows(&format!("SELECT id FROM workflow_runs WHERE id <> {}", self.large))
    }

    fn all(&self) -> Rows {
        self.rows("SELECT id FROM workflow_runs")
    }

    fn number(&self, sql: &str) -> i64 {
        self.server.query_row(sql, [], |r| r.get(0)).unwrap()
    }

    fn has(&self, run: i64) -> bool {
        self.number(&format!("SELECT count(*) FROM workflow_runs WHERE id = {run}")) > 0
    }

    fn has_large(&self) -> bool {
        self.has(self.large)
    }

    fn phases(&self) -> i64 {
        self.number(&format!("SELECT count(*) FROM workflow_phases WHERE run_id = {}", self.large))
    }

    /// No phase without its record, no step without its phase.
    fn is_sound(&self) -> bool {
        let sql = "SELECT count(*) FROM pragma_foreign_key_check WHERE \"table\" LIKE 'workflow%'";
        self.number(sql) == 0
    }

    fn seen(&self, run: i64) -> Confirmed {
        let run = self.lab.run(run, &Cx::quiet()).unwrap();
        Confirmed { run: run.id, name: run.name, start: run.start }
    }

    fn delete(&self, between: impl FnMut() -> Result<()>) -> Deleted {
        let mut between = Between(between);
        delete::delete(&self.lab, &[self.seen(self.large)], HOW, &mut Cx::new(&mut between)).unwrap()
    }

    /// What a server writes: a record with a phase and two steps, and `more` steps of another phase.
    fn writes(&self, more: Option<i64>) {
        let step = "INSERT INTO workflow_steps(phase_id, step_index, method_name) VALUES (?, 1, 'weigh')";
        self.server.execute("INSERT INTO workflow_runs(name, platform) VALUES ('new', 'deck')", []).unwrap();
        let run = self.server.last_insert_rowid();
        let phase = self.phase(run);
        for owner in [Some(phase), Some(phase), more].into_iter().flatten() {
            self.server.execute(step, [owner]).unwrap();
        }
    }

    fn phase(&self, run: i64) -> i64 {
        let sql = "INSERT INTO workflow_phases(run_id, name, repeat_index) VALUES (?, 'main', 1)";
        self.server.execute(sql, [run]).unwrap();
        self.server.last_insert_rowid()
    }

    /// The large record becomes the newest: its ids are used again while it goes.
    fn newest(&self) {
        let newer: Vec<i64> = {
            let mut newer = self.server.prepare("SELECT id FROM workflow_runs WHERE id > ?").unwrap();
            newer.query_map([self.large], |r| r.get(0)).unwrap().map(rusqlite::Result::unwrap).collect()
        };
        for run in newer {
            self.server.execute("DELETE FROM workflow_runs WHERE id = ?", [run]).unwrap();
        }
    }
}

#[test]
fn the_lab_writes_between_the_pieces_and_its_rows_stay() {
    for newest in [false, true] {
        let lab = opened();
        if newest {
            lab.newest();
        }
        let others = lab.others();
        let mut checks = 0;
        let deleted = lab.delete(|| {
            checks += 1;
            lab.writes(None);
            Ok(())
        });
        assert!(checks > 10, "{checks} checks");
        assert_eq!((deleted.runs, deleted.stopped), (vec![lab.large], None));
        let after = lab.all();
        assert!(others.is_subset(&after) && lab.is_sound());
        assert_eq!(
            after.len(),
            others.len() + checks * 4,
            "rows that the lab wrote are gone, or others are left"
        );
    }
}

#[test]
fn what_the_lab_adds_to_the_record_meanwhile_goes_too() {
    let lab = opened();
    lab.newest();
    let first = lab.number(&format!("SELECT min(id) FROM workflow_phases WHERE run_id = {}", lab.large));
    let others = lab.others();
    let mut checks = 0;
    let deleted = lab.delete(|| {
        checks += 1;
        lab.writes(Some(first));
        lab.phase(lab.large);
        Ok(())
    });
    assert_eq!((deleted.runs, deleted.stopped), (vec![lab.large], None));
    let after = lab.all();
    assert!(others.is_subset(&after) && lab.is_sound());
    assert_eq!(after.len(), others.len() + checks * 4);
}

#[test]
fn stopped_half_way_it_is_smaller_and_can_be_deleted_again() {
    let lab = opened();
    let others = lab.others();
    let size = |lab: &Opened| lab.all().len() - others.len();
    let mut before = size(&lab);
    let phases = |lab: &Opened| -> BTreeSet<(i64, i64)> {
        let sql = format!(
            "SELECT p.id, count(s.id) FROM workflow_phases p LEFT JOIN workflow_steps s ON s.phase_id = p.id \
             WHERE p.run_id = {} GROUP BY p.id",
            lab.large
        );
        let mut statement = lab.server.prepare(&sql).unwrap();
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        rows.map(rusqlite::Result::unwrap).collect()
    };
    let whole = phases(&lab);
    for _ in 0..2 {
        let phases_before = lab.phases();
        let deleted =
            lab.delete(|| if lab.phases() < phases_before { Err(Error::Cancelled) } else { Ok(()) });
        let stopped = deleted.stopped.unwrap();
        assert_eq!(
            (deleted.runs, stopped.kind(), stopped.part),
            (vec![], ErrorKind::Cancelled, Some(lab.large))
        );
        let gone = usize::try_from(deleted.phases + deleted.steps).unwrap();
        assert!(gone > 0);
        assert_eq!(size(&lab), before - gone);
        before -= gone;
        let words = format!("steps of record {} are gone", lab.large);
        assert!(
            stopped.to_string().contains(&words) && stopped.to_string().contains("delete it again"),
            "{stopped}"
        );
        assert!(lab.is_sound() && lab.has_large());
        // The last iterations went, with all their steps.
        let last =
            "SELECT max(repeat_index) = count(*) FROM workflow_phases WHERE name = 'main' AND run_id =";
        assert_eq!(lab.number(&format!("{last} {}", lab.large)), 1);
        assert!(whole.is_superset(&phases(&lab)), "a phase is left without all of its steps");
    }
    assert_eq!(lab.delete(|| Ok(())).stopped, None);
    assert_eq!(lab.all(), others);
}

#[test]
fn a_record_that_takes_its_place_half_way_is_left_alone() {
    let lab = opened();
    lab.newest();
    let (whole, mut replaced) = (lab.phases(), false);
    let deleted = lab.delete(|| {
        if lab.phases() < whole && !replaced {
            replaced = true;
            lab.server.execute("DELETE FROM workflow_runs WHERE id = ?", [lab.large]).unwrap();
            lab.writes(None);
        }
        Ok(())
    });
    let stopped = deleted.stopped.unwrap();
    assert_eq!((deleted.runs, stopped.kind()), (vec![], ErrorKind::Failed));
    assert!(stopped.to_string().contains("another one by now"), "{stopped}");
    assert_eq!(lab.rows(&lab.large.to_string()).len(), 4);
    assert!(lab.is_sound());
}

#[test]
fn a_reader_in_the_way_half_way_leaves_it_smaller() {
    let lab = opened();
    let reader = Connection::open(lab.made.database()).unwrap();
    let whole = lab.phases();
    let deleted = lab.delete(|| {
        if lab.phases() < whole && reader.is_autocommit() {
            reader.execute_batch("BEGIN; SELECT count(*) FROM workflow_runs").unwrap();
        }
        Ok(())
    });
    let stopped = deleted.stopped.unwrap();
    assert_eq!((stopped.kind(), stopped.part), (ErrorKind::Busy, Some(lab.large)));
    assert!(stopped.to_string().contains("stayed busy"), "{stopped}");
    reader.execute_batch("COMMIT").unwrap();
    assert!(lab.is_sound() && lab.has_large());
    assert_eq!(lab.delete(|| Ok(())).runs, [lab.large]);
}

#[test]
fn several_go_in_order_and_the_end_says_which() {
    let lab = opened();
    let mut usual = vec![3, 5, lab.large, 7];
    usual.retain(|id| lab.has(*id));
    let items: Vec<Confirmed> = usual.iter().map(|id| lab.seen(*id)).collect();
    let mut stop = Between(|| {
        let gone = lab.number("SELECT count(*) FROM workflow_runs WHERE id IN (3, 5)") == 0;
        if gone { Err(Error::Cancelled) } else { Ok(()) }
    });
    let deleted = delete::delete(&lab.lab, &items, HOW, &mut Cx::new(&mut stop)).unwrap();
    let stopped = deleted.stopped.unwrap();
    assert_eq!((deleted.runs, stopped.part), (vec![3, 5], None));
    assert!(
        stopped.to_string().contains("2 of 4 records are gone, the others are as they were"),
        "{stopped}"
    );
    assert!(lab.has_large() && lab.has(7));
    let rest: Vec<Confirmed> = [lab.large, 7].map(|id| lab.seen(id)).into();
    assert_eq!(delete::delete(&lab.lab, &rest, HOW, &mut Cx::quiet()).unwrap().runs, [lab.large, 7]);
}
