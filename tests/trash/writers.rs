//! A lab that writes into a record while it is being deleted: what is kept is what was deleted.

use std::{
    sync::{Mutex, mpsc::channel},
    thread,
    time::Duration,
};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, LockNews, Progress},
    error::Result,
    services::trash::{Which, restore},
    store::{
        DeleteTarget, Limits, Options, Source,
        own::TrashKeeper,
        saved::{Keeper, PackedRows, SavedRows, SavedTable},
        sqlite::Store,
    },
};

use super::lab::{TrashLab, dump, server};
use crate::common::lab::Made;

/// A keeper behind whose back something happens, each time all is on disk.
pub struct Beside<'a> {
    pub keeper: TrashKeeper,
    pub then: &'a mut dyn FnMut() -> Result<()>,
    pub synced: usize,
}

impl Keeper for Beside<'_> {
    fn begin(&mut self, target: &DeleteTarget<'_>, tables: &[SavedTable]) -> Result<SavedRows> {
        self.keeper.begin(target, tables)
    }

    fn take(&mut self, run: i64, table: usize, rows: &PackedRows) -> Result<()> {
        self.keeper.take(run, table, rows)
    }

    fn sync(&mut self, runs: &[i64]) -> Result<()> {
        self.keeper.sync(runs)?;
        self.synced += 1;
        (self.then)()
    }

    fn gone(&mut self, runs: &[i64]) -> Result<()> {
        self.keeper.gone(runs)
    }
}

/// Deletes a record while something is written each time that all was kept; gives how often that was, and the tables
/// before the last of it.
fn delete_beside(
    lab: &TrashLab,
    run: i64,
    limits: Limits,
    mut writes: impl FnMut(&Connection, usize),
) -> usize {
    let (server, mut times) = (server(&lab.database()), 0);
    let mut write = || {
        writes(&server, times);
        times += 1;
        Ok(())
    };
    let mut beside = Beside { keeper: lab.keeper(), then: &mut write, synced: 0 };
    let store = Store::open(&lab.database(), Options { limits, ..Options::without_cache() }).unwrap();
    let seen = store.runs(&[run], &Cx::quiet()).unwrap().remove(0);
    let target = DeleteTarget { run, name: &seen.name, start: &seen.start };
    let gone = Source::delete(&store, &[target], Some(&mut beside), &mut Cx::quiet()).unwrap();
    assert!(gone.stopped.is_none() && gone.runs == 1);
    beside.synced
}

#[test]
fn what_changed_since_it_was_kept_is_kept_again() {
    for limits in [Limits::default(), Limits::tiny()] {
        let made = Made::with_long(4, (6, 4));
        let lab = TrashLab::of(made.data().to_path_buf(), Options::without_cache());
        let run = made.long;
        let (before, mut last) = (lab.dump(), None);
        let times = delete_beside(&lab, run, limits, |server, time| {
            // A step's output, the record's end, a new column and a step that came.
            let sql = match time {
                0 => "UPDATE workflow_steps SET output = 'late' WHERE id = (SELECT max(s.id) FROM workflow_steps s
                      JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = RUN)",
                1 => "UPDATE workflow_phases SET status = 'late' WHERE id = (SELECT max(id) FROM workflow_phases
                      WHERE run_id = RUN)",
                2 => "ALTER TABLE workflow_phases ADD COLUMN later DEFAULT 'x'",
                3 => "INSERT INTO workflow_steps(phase_id, step_index, method_name)
                      SELECT max(id), 9, 'late' FROM workflow_phases WHERE run_id = RUN",
                _ => "",
            };
            server.execute_batch(&sql.replace("RUN", &run.to_string())).unwrap();
            last = Some(dump(&lab.database()));
        });
        assert_eq!(times, 5, "kept {times} times");
        assert!(!lab.runs().contains(&run) && lab.has_no_orphans());
        lab.restore_last().unwrap();
        let (now, last) = (lab.dump(), last.unwrap());
        for (table, rows) in &last {
            for (id, row) in rows {
                assert_eq!(now[table].get(id), Some(row), "{table} {id}");
            }
        }
        // A first piece may have gone before a change was met; nothing else is there.
        for (table, rows) in &now {
            for (id, row) in rows.iter().filter(|(id, _)| !last[table].contains_key(id)) {
                let was = &before[table][id];
                assert_eq!(row.get(..was.len()), Some(was.as_slice()), "{table} {id}");
            }
        }
    }
}

/// Calls something at each checkpoint.
struct Between<F: FnMut()>(F);

impl<F: FnMut()> Checkpoint for Between<F> {
    fn check(&mut self, _: Progress) -> Result<()> {
        (self.0)();
        Ok(())
    }
}

/// The commit before waits for readers some milliseconds only; what is read behind it waits as long as ever.
#[test]
fn a_lock_between_two_records_is_waited_for() {
    for restores in [false, true] {
        let made = Made::with_long(5, (6, 4));
        let (news, (tell, told)) = (LockNews::default(), channel());
        let tell = Mutex::new(tell);
        news.hear(move |waits| {
            if waits {
                let _ = tell.lock().unwrap().send(());
            }
        });
        let options = Options { patience: Duration::from_secs(60), lock_news: news, ..Options::tiny() };
        let lab = TrashLab::of(made.data().to_path_buf(), options);
        let before = lab.dump();
        let runs = lab.runs();
        if restores {
            lab.delete(&runs).unwrap();
        }
        let at_first = lab.runs().len();
        let (database, mut told, mut locked) = (lab.database(), Some(told), None);
        let mut between = Between(|| {
            if told.is_none() || lab.runs().len() == at_first {
                return;
            }
            let (told, database, (taken, is_taken)) = (told.take().unwrap(), database.clone(), channel());
            locked = Some(thread::spawn(move || {
                let server = server(&database);
                server.execute_batch("BEGIN EXCLUSIVE").unwrap();
                taken.send(()).unwrap();
                // It is given back when somebody is heard to wait for it.
                told.recv().unwrap();
                server.execute_batch("COMMIT").unwrap();
            }));
            is_taken.recv().unwrap();
        });
        let mut cx = Cx::new(&mut between);
        if restores {
            assert_eq!(restore(lab.lab(), &Which::Last, &mut cx).unwrap().stopped, None);
            assert_eq!(lab.dump(), before);
        } else {
            assert_eq!(lab.delete_with(&runs, &mut cx).unwrap().stopped, None);
            assert!(lab.runs().is_empty());
        }
        locked.unwrap().join().unwrap();
    }
}
