//! One transaction of a delete: what it takes under the write lock.

use std::time::Instant;

use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};

use super::{
    others::{OtherRow, OtherRows, delete_row},
    parts::{DeleteHalt, Enough, Left, Marks, Record, RowRange, Taken},
};
use crate::{
    model::{phase_summary::PhaseRef, timestamp::Timestamp},
    store::{
        DeleteTarget,
        saved::{PackedRows, SavedRows, row_hash},
        sqlite::{
            runs::{stamp, text},
            saved_tables::{SavedTables, pack, schema_version},
        },
    },
};

// All that runs under the write lock; a test asks SQLite that none of it walks a whole table.
const SEEN: &str = "SELECT name, start_time FROM workflow_runs WHERE id = ?";
const OWNS: &str = "SELECT 1 FROM workflow_phases WHERE id = ? AND run_id = ?";
const LATE_PHASES: &str = "SELECT id FROM workflow_phases WHERE id > ? AND run_id = ?";
const LAST_PHASE: &str = "SELECT max(id) FROM workflow_phases";
const LAST_STEP: &str = "SELECT max(id) FROM workflow_steps";
const PHASE: &str = "DELETE FROM workflow_phases WHERE id = ? AND run_id = ?";
const RUN: &str = "DELETE FROM workflow_runs WHERE id = ?";
const LATE_STEPS: &str = "SELECT id, phase_id FROM workflow_steps WHERE id > ?";
const STEPS: &str = "DELETE FROM workflow_steps WHERE id BETWEEN ? AND ? AND phase_id = ?";
// In files from before phases existed.
const OLD_LATE_STEPS: &str = "SELECT id, workflow_id FROM workflow_steps WHERE id > ?";
const OLD_STEPS: &str = "DELETE FROM workflow_steps WHERE id BETWEEN ? AND ? AND workflow_id = ?";

/// Places of the tables.
const RUNS: usize = 0;
const PHASES: usize = 1;

/// Steps that one statement deletes: with outputs of a megabyte each still some milliseconds.
const SLICE: i64 = 16;

/// What was kept of the records, where anything is: only rows that are still the same may be deleted.
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    pub tables: &'a SavedTables,
    pub rows: Option<&'a SavedRows>,
}

/// A transaction under way.
pub struct DeletePiece<'a> {
    tx: &'a Transaction<'a>,
    kept: Kept<'a>,
    has_phases: bool,
    begun: Instant,
    pub taken: Taken,
    /// The row that is looked at.
    row: PackedRows,
}

impl<'a> DeletePiece<'a> {
    /// # Errors
    /// [`DeleteHalt::Differs`] where the tables have other columns by now.
    pub fn new(tx: &'a Transaction<'a>, kept: Kept<'a>) -> Result<Self, DeleteHalt> {
        if schema_version(tx)? != kept.tables.schema {
            return Err(DeleteHalt::Differs(None));
        }
        let has_phases = kept.tables.has_phases;
        let (taken, row) = (Taken::default(), PackedRows::default());
        Ok(Self { tx, kept, has_phases, begun: Instant::now(), taken, row })
    }

    /// Rows of other tables that name these records, until the transaction has enough; says how many of them went.
    pub fn others(
        &mut self,
        all: &OtherRows,
        others: &[OtherRow],
        enough: Option<Enough>,
    ) -> Result<usize, DeleteHalt> {
        all.refuse_late(self.tx, self.kept.tables)?;
        for (at, other) in others.iter().enumerate() {
            if enough.is_some_and(|enough| self.is_enough(enough)) {
                return Ok(at);
            }
            // One that names another record by now stays.
            if let Some(row) = all.row(self.tx, self.kept.tables, other.table, other.key)? {
                self.same(row)?;
                delete_row(self.tx, self.kept.tables, other.table, other.key)?;
                *self.taken.others.entry(other.table).or_default() += 1;
            }
        }
        Ok(others.len())
    }

    /// Makes sure that all rows of a range are as they were kept.
    fn same(&mut self, range: RowRange) -> Result<(), DeleteHalt> {
        let Kept { tables, rows: Some(kept) } = self.kept else { return Ok(()) };
        let RowRange { table, from, to, owner, .. } = range;
        let mut statement = self.tx.prepare_cached(tables.select(table, owner.is_some()))?;
        let columns = tables.table(table).map_or(0, |table| table.columns.len());
        let values = [Some(from), Some(to), owner];
        let mut rows = statement.query(params_from_iter(values.into_iter().flatten()))?;
        while let Some(row) = rows.next()? {
            self.row.clear();
            let (key, bytes) = pack(row, columns, &mut self.row)?;
            if !kept.has(table, key, row_hash(bytes)) {
                return Err(DeleteHalt::Differs(Some(range)));
            }
        }
        Ok(())
    }

    /// Rows of these records that came after they were looked for, and were not seen by an earlier piece.
    pub fn late(
        &mut self,
        records: &[Record<'_>],
        left: Option<Left>,
        marks: Marks,
    ) -> Result<(), DeleteHalt> {
        let late = LateRows::of(self.tx, records, left, marks, self.has_phases)?;
        late.steps.iter().try_for_each(|step| self.steps(step.run, (step.id, step.id), step.owner))?;
        late.phases.into_iter().try_for_each(|(id, run)| self.phase(id, run))
    }

    /// Deletes phases with their steps, from the last phase on, until the transaction has enough; says what is left.
    pub fn phases(
        &mut self,
        record: &Record<'_>,
        mut left: Left,
        enough: Option<Enough>,
    ) -> Result<Left, DeleteHalt> {
        while let Some(phase_ref) = left.phases.checked_sub(1).and_then(|at| record.phases.get(at)) {
            let owner = if self.has_phases { phase_ref.id } else { phase_ref.run };
            if self.owns(owner, phase_ref.run)? {
                if let Some(below) = self.steps_of(phase_ref, owner, left.below, enough)? {
                    return Ok(Left { below, ..left });
                }
                if self.has_phases {
                    self.phase(phase_ref.id, phase_ref.run)?;
                }
            }
            left = Left::of(left.phases - 1);
            if enough.is_some_and(|enough| self.is_enough(enough)) {
                break;
            }
        }
        Ok(left)
    }

    /// The steps of a phase below an id, from the last on. A phase that takes very long is cut: then the id below
    /// which its steps are left.
    fn steps_of(
        &mut self,
        phase_ref: &PhaseRef,
        owner: i64,
        below: i64,
        enough: Option<Enough>,
    ) -> Result<Option<i64>, DeleteHalt> {
        let lowest = phase_ref.ranges.first().map_or(i64::MAX, |range| range.0);
        for &(first, last) in phase_ref.ranges.iter().rev().filter(|range| range.0 < below) {
            let mut to = last.min(below.saturating_sub(1));
            while to >= first {
                let from = first.max(to.saturating_sub(SLICE - 1));
                self.steps(phase_ref.run, (from, to), owner)?;
                if from > lowest && enough.is_some_and(|enough| self.is_late(enough)) {
                    return Ok(Some(from));
                }
                to = from.saturating_sub(1);
            }
        }
        Ok(None)
    }

    fn is_enough(&self, enough: Enough) -> bool {
        let others: u64 = self.taken.others.values().sum();
        let rows = self.taken.steps + others + self.taken.phases.len() as u64;
        rows >= enough.rows || self.begun.elapsed() >= enough.time
    }

    /// A phase is left half done only where it takes much longer than a piece should.
    fn is_late(&self, enough: Enough) -> bool {
        self.is_enough(Enough { rows: enough.rows * 2, time: enough.time * 2 })
    }

    /// In files from before phases existed steps belong to runs, which were looked at already.
    fn owns(&self, phase: i64, run: i64) -> rusqlite::Result<bool> {
        if !self.has_phases {
            return Ok(true);
        }
        owns(self.tx, phase, run)
    }

    fn steps(&mut self, run: i64, (from, to): (i64, i64), owner: i64) -> Result<(), DeleteHalt> {
        self.same(RowRange { run, table: self.kept.tables.steps(), from, to, owner: Some(owner) })?;
        let sql = if self.has_phases { STEPS } else { OLD_STEPS };
        self.taken.steps += self.tx.prepare_cached(sql)?.execute([from, to, owner])? as u64;
        self.taken.step_ranges.push((from, to));
        Ok(())
    }

    fn phase(&mut self, id: i64, run: i64) -> Result<(), DeleteHalt> {
        self.same(RowRange { run, table: PHASES, from: id, to: id, owner: Some(run) })?;
        if self.tx.prepare_cached(PHASE)?.execute([id, run])? > 0 {
            self.taken.phases.push((id, id));
        }
        Ok(())
    }

    pub fn run(&mut self, run: i64) -> Result<(), DeleteHalt> {
        self.same(RowRange { run, table: RUNS, from: run, to: run, owner: None })?;
        self.tx.prepare_cached(RUN)?.execute([run])?;
        Ok(())
    }

    /// Whatever is inserted after this transaction gets higher ids.
    pub fn marks(&self) -> rusqlite::Result<Marks> {
        let last = |sql| {
            let mut last = self.tx.prepare_cached(sql)?;
            last.query_row([], |r| Ok(r.get::<_, Option<i64>>(0)?.unwrap_or(i64::MIN)))
        };
        let phases = if self.has_phases { last(LAST_PHASE)? } else { i64::MIN };
        Ok(Marks { phases, steps: last(LAST_STEP)? })
    }
}

fn owns(connection: &Connection, phase: i64, run: i64) -> rusqlite::Result<bool> {
    connection.prepare_cached(OWNS)?.exists([phase, run])
}

/// A step that came after its record's rows were looked for.
#[derive(Debug, Clone, Copy)]
pub struct LateStep {
    pub id: i64,
    /// Its phase; its record in files from before phases existed.
    pub owner: i64,
    pub run: i64,
}

/// Rows of some records that came after they were looked for.
#[derive(Debug, Default)]
pub struct LateRows {
    /// With their records.
    pub phases: Vec<(i64, i64)>,
    pub steps: Vec<LateStep>,
}

impl LateRows {
    /// # Errors
    /// As any read.
    pub fn of(
        connection: &Connection,
        records: &[Record<'_>],
        left: Option<Left>,
        marks: Marks,
        has_phases: bool,
    ) -> rusqlite::Result<Self> {
        let mut phases = Vec::new();
        if has_phases {
            for record in records {
                let run = record.target.run;
                let mut found = connection.prepare_cached(LATE_PHASES)?;
                let ids = found.query_map([marks.phases, run], |r| r.get(0))?;
                phases.extend(ids.collect::<rusqlite::Result<Vec<i64>>>()?.into_iter().map(|id| (id, run)));
            }
        }
        let mut found = connection.prepare_cached(if has_phases { LATE_STEPS } else { OLD_LATE_STEPS })?;
        let found = found.query_map([marks.steps], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let found = found.collect::<rusqlite::Result<Vec<(i64, Option<i64>)>>>()?;
        let mut steps = Vec::new();
        if !found.is_empty() {
            let owners = owners(records, left, &phases, has_phases);
            for (id, owner) in found {
                let Some(owner) = owner else { continue };
                let Ok(at) = owners.binary_search_by_key(&owner, |(owner, _)| *owner) else { continue };
                let run = owners.get(at).map_or(owner, |(_, run)| *run);
                // In files from before phases existed steps belong to runs, which were looked at already.
                if !has_phases || owns(connection, owner, run)? {
                    steps.push(LateStep { id, owner, run });
                }
            }
        }
        Ok(Self { phases, steps })
    }
}

/// Who may own steps that came late, with their runs. Not the phases that are gone: their ids may be somebody else's by
/// now.
fn owners(
    records: &[Record<'_>],
    left: Option<Left>,
    late: &[(i64, i64)],
    has_phases: bool,
) -> Vec<(i64, i64)> {
    let mut owners: Vec<_> = if has_phases {
        let still = |record: &Record<'_>| left.map_or(record.phases.len(), |left| left.phases);
        let phases = records.iter().flat_map(|r| r.phases.iter().take(still(r)));
        phases.map(|p| (p.id, p.run)).chain(late.iter().copied()).collect()
    } else {
        records.iter().map(|r| (r.target.run, r.target.run)).collect()
    };
    owners.sort_unstable();
    owners
}

/// Why a record is not to be deleted: it is not the one that the user saw.
pub fn another(connection: &Connection, target: &DeleteTarget<'_>) -> rusqlite::Result<Option<String>> {
    let mut seen = connection.prepare_cached(SEEN)?;
    let now: Option<(String, Timestamp)> =
        seen.query_row([target.run], |r| Ok((text(r, 0)?.unwrap_or_default(), stamp(r, 1)?))).optional()?;
    Ok(match now {
        None => Some(format!("record {} is gone already", target.run)),
        Some((name, start)) if name != target.name || start != *target.start => {
            Some(format!("record {} is another one by now", target.run))
        }
        Some(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::OpenFlags;

    use super::*;

    #[test]
    fn nothing_under_the_lock_walks_a_table() {
        let new = [SEEN, OWNS, LATE_PHASES, LAST_PHASE, LAST_STEP, PHASE, RUN, LATE_STEPS, STEPS].as_slice();
        for (set, statements) in
            [("ivoryos-1.7.2", new), ("ivoryos-1.2.5", &[SEEN, LAST_STEP, RUN, OLD_LATE_STEPS, OLD_STEPS])]
        {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/data")
                .join(set)
                .join("ivoryos_data/ivoryos.db");
            let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
            file.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
            for sql in statements {
                let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                let places = vec![1_i64; plan.parameter_count()];
                let lines = plan.query_map(params_from_iter(places), |r| r.get::<_, String>(3)).unwrap();
                for line in lines.map(|line| line.unwrap()) {
                    // The highest id is the end of a table: SQLite calls that a search without a key.
                    let end = sql.starts_with("SELECT max(id)") && line.starts_with("SEARCH");
                    assert!(end || line.contains("USING INTEGER PRIMARY KEY"), "{sql}: {line}");
                }
            }
        }
    }
}
