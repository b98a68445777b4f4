//! What can happen to the tables between two questions: the lab's doings, ours, and those of who repairs files by hand.

use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::{Lab, TABLES};
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Error,
    store::DeleteTarget,
};

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
pub enum Deed {
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

pub fn deed() -> impl Strategy<Value = Deed> {
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
    pub fn act(&mut self, deed: &Deed) -> bool {
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

    pub fn many(&mut self, times: usize, deed: &Deed) {
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
}
