//! The only writes to a lab's database: deleting records, rows by id, in one short transaction.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::{Located, PhaseSpan, Store, index::Kind, sql_error, wait::wait_for_locks};
use crate::{
    error::{Error, Result},
    model::stamp::Stamp,
};

/// Rows that a delete took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gone {
    pub phases: u64,
    pub steps: u64,
}

/// A record to delete: its id, and name and start as the user saw them.
pub struct Target<'a> {
    pub run: i64,
    pub name: &'a str,
    pub start: &'a Stamp,
}

// All that runs under the write lock; a test asks SQLite that none of them walks a whole table.
const SEEN: &str = "SELECT name, start_time FROM workflow_runs WHERE id = ?";
const LATE_PHASES: &str = "SELECT id FROM workflow_phases WHERE id > ? AND run_id = ?";
const PHASE: &str = "DELETE FROM workflow_phases WHERE id = ? AND run_id = ?";
const STEPS: &str = "DELETE FROM workflow_steps WHERE id BETWEEN ? AND ? AND phase_id = ?";
/// In files from before phases existed.
const OLD_STEPS: &str = "DELETE FROM workflow_steps WHERE id BETWEEN ? AND ? AND workflow_id = ?";
const RUN: &str = "DELETE FROM workflow_runs WHERE id = ?";

impl Store {
    /// Deletes records with their phases and steps, all or none. `located` was found before: inside the transaction
    /// only rows in its ranges and rows behind them are looked at, so the write lock is held for milliseconds.
    ///
    /// # Errors
    /// [`Error::Refused`] when a record is gone, or is another one than the user saw (ids are used again);
    /// [`Error::Busy`] after the patience. Nothing is changed then.
    pub fn delete(&self, targets: &[Target<'_>], located: &Located) -> Result<Gone> {
        let mut connection = self.writer()?;
        let error = |e| write_error(&self.path, self.patience, e);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
        for target in targets {
            self.same_as_seen(&transaction, target)?;
        }
        let mut gone = Gone::default();
        for target in targets {
            let run = self.delete_one(&transaction, target.run, located).map_err(error)?;
            gone.phases += run.phases;
            gone.steps += run.steps;
        }
        transaction.commit().map_err(error)?;
        let steps = located.phases.iter().flat_map(|p| p.ranges.iter().copied());
        self.forget(Kind::Steps, steps);
        if self.columns.has_phases {
            self.forget(Kind::Phases, located.phases.iter().map(|p| (p.id, p.id)));
        }
        Ok(gone)
    }

    fn writer(&self) -> Result<Connection> {
        let error = |e| write_error(&self.path, self.patience, e);
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.path, access).map_err(error)?;
        wait_for_locks(&mut connection, self.patience).map_err(error)?;
        connection.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF;").map_err(error)?;
        Ok(connection)
    }

    fn same_as_seen(&self, transaction: &Transaction<'_>, target: &Target<'_>) -> Result<()> {
        let now = transaction
            .query_row(SEEN, [target.run], |r| {
                Ok((super::runs::text(r, 0)?.unwrap_or_default(), super::runs::stamp(r, 1)?))
            })
            .optional()
            .map_err(|e| write_error(&self.path, self.patience, e))?;
        match now {
            None => Err(Error::Refused(format!(
                "record {} is gone already; nothing was deleted, look at the list again",
                target.run
            ))),
            Some((name, start)) if name != target.name || start != *target.start => Err(Error::Refused(
                format!("record {} is another one by now; nothing was deleted, look at it again", target.run),
            )),
            Some(_) => Ok(()),
        }
    }

    fn delete_one(&self, tx: &Transaction<'_>, run: i64, located: &Located) -> rusqlite::Result<Gone> {
        let mut gone = Gone::default();
        if !self.columns.has_phases {
            let mut steps = tx.prepare_cached(OLD_STEPS)?;
            for span in located.phases.iter().filter(|p| p.run == run) {
                for &(first, last) in &span.ranges {
                    gone.steps += count(steps.execute([first, last, run])?);
                }
            }
            gone.steps += count(steps.execute([located.last_step.saturating_add(1), i64::MAX, run])?);
        } else {
            let mut phase = tx.prepare_cached(PHASE)?;
            let mut steps = tx.prepare_cached(STEPS)?;
            let late = tx
                .prepare_cached(LATE_PHASES)?
                .query_map([located.last_phase, run], |r| {
                    Ok(PhaseSpan { id: r.get(0)?, run, ..PhaseSpan::default() })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let behind = located.last_step.saturating_add(1);
            for span in located.phases.iter().filter(|p| p.run == run).chain(&late) {
                if phase.execute([span.id, run])? == 0 {
                    continue;
                }
                gone.phases += 1;
                for &(first, last) in &span.ranges {
                    gone.steps += count(steps.execute([first, last, span.id])?);
                }
                gone.steps += count(steps.execute([behind, i64::MAX, span.id])?);
            }
        }
        tx.prepare_cached(RUN)?.execute([run])?;
        Ok(gone)
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn write_error(path: &std::path::Path, patience: Duration, source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => Error::Open {
            path: path.to_path_buf(),
            reason: "no permission to write this database or its folder; nothing was deleted".into(),
            advice: "delete as the user that IvoryOS runs as".into(),
        },
        _ => sql_error(path, patience, source),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::{ErrorCode, ffi};

    use super::*;
    use crate::error::Kind;

    #[test]
    fn nothing_under_the_lock_walks_a_table() {
        for (set, statements) in [
            ("ivoryos-1.7.2", &[SEEN, LATE_PHASES, PHASE, STEPS, RUN][..]),
            ("ivoryos-1.2.5", &[SEEN, OLD_STEPS, RUN]),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/data")
                .join(set)
                .join("ivoryos_data/ivoryos.db");
            let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
            file.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
            for sql in statements {
                let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                let places = vec![1_i64; plan.parameter_count()];
                let lines =
                    plan.query_map(rusqlite::params_from_iter(places), |r| r.get::<_, String>(3)).unwrap();
                for line in lines.map(|line| line.unwrap()) {
                    assert!(line.contains("USING INTEGER PRIMARY KEY"), "{sql}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_failed_write_says_what_to_do() {
        let error = |code| {
            write_error(
                Path::new("ivoryos.db"),
                Duration::ZERO,
                rusqlite::Error::SqliteFailure(ffi::Error::new(code), None),
            )
        };
        for code in [ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN, ffi::SQLITE_READONLY_DIRECTORY] {
            let text = error(code).to_string();
            assert!(
                text.contains("no permission to write") && text.contains("nothing was deleted"),
                "{text}"
            );
        }
        assert_eq!(error(ffi::SQLITE_BUSY).kind(), Kind::Busy);
        assert_eq!(
            error(ffi::SQLITE_FULL).to_string(),
            "ivoryos.db: the disk is full; make room and try again; nothing was changed"
        );
        assert_eq!(ffi::Error::new(ffi::SQLITE_FULL).code, ErrorCode::DiskFull);
    }
}
