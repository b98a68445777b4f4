//! The only writes to a lab's database: deleting records in short transactions, with pauses for the lab between them.
//!
//! Records of the usual size go whole, several in one transaction. A large one goes from its last iteration to its
//! first, each with its steps, and the record itself at the very end. So whatever ends it half-way (a crash, a full
//! disk, the user) leaves a smaller record that can be deleted again, and no row without its owner: a run or a phase
//! that gets a freed id inherits nothing.
//!
//! Where somebody keeps the rows, they have all rows of a transaction on disk before it begins; in it each row is compared
//! with what was kept, and where one differs the transaction is rolled back and the rows are kept again.

mod others;
mod parts;
mod piece;
mod saving;

use std::{
    collections::HashMap,
    path::Path,
    slice,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{
    DeleteTarget, Gone, Located, Stopped, Store, index::Kind, lock_wait::wait_to_write, probe::Probe,
    read_connection::plain, saved_tables::SavedTables, sql_error, turns::Turns,
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Result},
    model::phase_summary::PhaseRef,
    store::saved::{Keeper, SavedRows},
};
use others::{OtherRow, OtherRows, Owned};
use parts::{AIM, DeleteHalt, Enough, Left, Marks, Record, RowRange, Taken};
use piece::{DeletePiece, Kept};
use saving::{RowReading, runs_of};

/// Rows of so many transactions of the largest kind are kept before the first of them is deleted: the disk is waited for
/// each time, by the lab too.
const KEPT_TOGETHER: u64 = 4;

/// How often a record that is being written meanwhile is kept anew.
const ATTEMPTS: usize = 50;

impl Store {
    /// Deletes records with their phases and steps, in this order. `located` was found before: under the write lock
    /// only rows in its ranges, and rows that came later, are looked at. Rows go to `keeper` before they are deleted.
    ///
    /// # Errors
    /// [`Error::Refused`] when a record is gone, or is another one than the user saw (ids are used again);
    /// [`Error::Replaced`] when the file is another one; [`Error::Busy`] after the patience. Nothing is changed then.
    /// What comes later is told by [`Gone::stopped`].
    pub fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        located: &Located,
        mut keeper: Option<&mut dyn Keeper>,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Gone> {
        let mut job = Job::of(self, located)?;
        for target in targets {
            job.same_as_seen(target).map_err(nothing)?;
        }
        let records = records(targets, located);
        // Rows are read to be kept, then deleted.
        let ways = 1 + u64::from(keeper.is_some());
        let total = records.iter().map(|record| record.rows).sum::<u64>() * ways;
        let large = self.limits().delete_rows;
        for group in groups(&records, large.saturating_mul(KEPT_TOGETHER), large) {
            let before = job.rows();
            let kept = keeper.as_mut().map(|keeper| &mut **keeper as &mut dyn Keeper);
            let Err(error) = job.group(group, total, kept, checkpoint) else { continue };
            // Only a large record, which is a group by itself, goes in parts.
            let is_large = group.first().is_some_and(|record| record.rows > large);
            let is_part = is_large && job.rows() > before;
            let part = group.first().filter(|_| is_part).map(|record| record.target.run);
            if job.gone.runs == 0 && part.is_none() {
                return Err(nothing(error));
            }
            job.gone.stopped = Some(Stopped { error, part });
            break;
        }
        Ok(job.gone)
    }

    /// Gives all rows of records to a keeper as a delete would.
    ///
    /// # Errors
    /// As any read, and what the keeper says.
    pub fn give_rows(
        &self,
        targets: &[DeleteTarget<'_>],
        located: &Located,
        keeper: &mut dyn Keeper,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let tables = SavedTables::of(self.lent()?, self.columns.has_phases).map_err(|e| self.error(e))?;
        let marks = Marks { phases: located.last_phase, steps: located.last_step };
        for record in &records(targets, located) {
            let reading = RowReading { store: self, connection: self.lent()?, tables: &tables, marks };
            reading.save(slice::from_ref(record), None, keeper, Progress::default(), checkpoint)?;
        }
        Ok(())
    }

    /// A connection for writing.
    pub(in crate::store::sqlite) fn writer(&self) -> Result<Connection> {
        // Writing makes the side files of WAL mode just as reading does.
        self.lent()?;
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(plain(&self.path), access).map_err(|e| self.write_error(e))?;
        wait_to_write(&mut connection, &self.current).map_err(|e| self.write_error(e))?;
        // Pages that spill out of the cache would lock out readers long before the commit.
        let settings = "PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF; PRAGMA cache_spill=OFF;";
        connection.execute_batch(settings).map_err(|e| self.write_error(e))?;
        Ok(connection)
    }

    pub(in crate::store::sqlite) fn write_error(&self, source: rusqlite::Error) -> Error {
        match write_error(&self.path, self.options.patience, &self.probe, source) {
            // The wait for the lock was ended.
            Error::Busy { .. } if self.current.is_cancelled() => Error::Cancelled,
            error => error,
        }
    }
}

/// A delete under way.
struct Job<'a> {
    store: &'a Store,
    connection: Connection,
    tables: SavedTables,
    marks: Marks,
    /// As they were when the rows were looked for.
    first_marks: Marks,
    /// Rows of other tables that go with the records of this group.
    others: OtherRows,
    /// How many such rows are gone, of all groups.
    others_taken: u64,
    /// Rows that were read to be kept.
    saved_rows: u64,
    turns: Turns,
    /// The disk failed in a commit.
    is_unsure: bool,
    /// What the next piece may take before its commit.
    work: Duration,
    gone: Gone,
}

/// How far a group has come.
struct Way {
    /// Of a large record.
    left: Option<Left>,
    /// The last commit.
    since: Instant,
}

/// How a transaction ended.
enum End {
    /// What is left of the record, and how many rows of other tables went.
    Done(Option<Left>, usize),
    /// Somebody reads: nothing was changed, and nobody waits for us.
    Readers,
    /// A row is not as it was kept: nothing was changed.
    Differs(Option<RowRange>),
}

impl<'a> Job<'a> {
    fn of(store: &'a Store, located: &Located) -> Result<Self> {
        let connection = store.writer()?;
        let marks = Marks { phases: located.last_phase, steps: located.last_step };
        let tables = SavedTables::of(&connection, store.columns.has_phases);
        Ok(Self {
            tables: tables.map_err(|e| store.write_error(e))?,
            store,
            connection,
            marks,
            first_marks: marks,
            others: OtherRows::default(),
            others_taken: 0,
            saved_rows: 0,
            turns: Turns::new(store.limits().delete_pause),
            is_unsure: false,
            work: AIM / 4,
            gone: Gone::default(),
        })
    }

    /// The last commit waited for readers no longer than the lab can; what reads waits as ever.
    fn wait_again(&mut self) -> Result<()> {
        wait_to_write(&mut self.connection, &self.store.current).map_err(|e| self.store.write_error(e))
    }

    fn rows(&self) -> u64 {
        self.gone.phases + self.gone.steps + self.others_taken
    }

    fn progress(&self, total: u64) -> Progress {
        Progress { done: (self.rows() + self.saved_rows).min(total), total: Some(total) }
    }

    /// Keeps records together and deletes them, as many in a transaction as are few rows, or one in pieces.
    fn group(
        &mut self,
        records: &[Record<'_>],
        total: u64,
        mut keeper: Option<&mut dyn Keeper>,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let large = records.first().filter(|record| record.rows > self.store.limits().delete_rows);
        let left = large.map(|record| Left::of(record.phases.len()));
        let mut way = Way { left, since: Instant::now() };
        let mut rest = records;
        for _ in 0..ATTEMPTS {
            let kept = keeper.as_mut().map(|keeper| &mut **keeper as &mut dyn Keeper);
            let mut saved = self.save(rest, way.left, kept, total, checkpoint)?;
            way.since = Instant::now();
            let together = self.store.limits().together_rows;
            for some in groups(rest, together, together) {
                let kept = keeper.as_mut().map(|keeper| &mut **keeper as &mut dyn Keeper);
                let done = self.pieces(some, &mut way, kept.zip(saved.as_mut()), total, checkpoint);
                if let (true, Some(keeper)) = (self.is_unsure, keeper.as_mut()) {
                    keeper.may_be_gone(&runs_of(some));
                }
                if !done? {
                    break;
                }
                self.gone.runs += some.len();
                rest = rest.get(some.len()..).unwrap_or_default();
                if let Some(keeper) = keeper.as_mut() {
                    // Without that note they count as unfinished, and come back all the same.
                    let _ = keeper.gone(&runs_of(some));
                }
            }
            if rest.is_empty() {
                return Ok(());
            }
            self.wait_again()?;
            let tables = SavedTables::of(&self.connection, self.store.columns.has_phases);
            self.tables = tables.map_err(|e| self.store.write_error(e))?;
        }
        let run = rest.first().map_or(0, |record| record.target.run);
        Err(Error::Refused(format!("record {run} is being written faster than it can be kept in the trash")))
    }

    /// Keeps all rows of these records where somebody does; finds those of other tables that go with them.
    fn save(
        &mut self,
        records: &[Record<'_>],
        left: Option<Left>,
        keeper: Option<&mut dyn Keeper>,
        total: u64,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<SavedRows>> {
        self.wait_again()?;
        let progress = self.progress(total);
        let Some(keeper) = keeper else {
            let owned = Owned::by(records, &self.tables);
            self.others = self.reading().find_others(owned, progress, checkpoint)?;
            return Ok(None);
        };
        let pass = self.reading().save(records, left, keeper, progress, checkpoint)?;
        self.others = pass.others;
        self.saved_rows += pass.rows;
        Ok(Some(pass.saved))
    }

    fn reading(&self) -> RowReading<'_> {
        let (store, connection, tables) = (self.store, &self.connection, &self.tables);
        RowReading { store, connection, tables, marks: self.first_marks }
    }

    /// Deletes records that were kept; rows that were changed since are kept again first. False where all has to be kept
    /// again.
    fn pieces(
        &mut self,
        records: &[Record<'_>],
        way: &mut Way,
        mut kept: Option<(&mut dyn Keeper, &mut SavedRows)>,
        total: u64,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<bool> {
        let own = self.others.of_records(records);
        let (mut others, mut changes) = (own.as_slice(), 0);
        loop {
            if changes == 0 {
                let progress = self.progress(total);
                self.turns.wait(&self.connection, progress, checkpoint)?;
            }
            let saved = kept.as_ref().map(|(_, saved)| &**saved);
            match self.piece(records, way.left, others, saved)? {
                End::Done(None, _) => return Ok(true),
                End::Done(still, gone) => {
                    (way.left, way.since, changes) = (still, Instant::now(), 0);
                    others = others.get(gone..).unwrap_or_default();
                }
                End::Differs(changed) => {
                    changes += 1;
                    let Some((changed, (keeper, saved))) =
                        changed.zip(kept.as_mut()).filter(|_| changes < ATTEMPTS)
                    else {
                        return Ok(false);
                    };
                    self.wait_again()?;
                    self.reading().top_up(records, way.left, changed, *keeper, saved)?;
                }
                End::Readers if way.since.elapsed() >= self.store.options.patience => {
                    let (path, seconds) = (self.store.path.clone(), self.store.options.patience.as_secs());
                    return Err(Error::Busy { path, seconds });
                }
                End::Readers => self.store.current.waits(way.since),
            }
        }
    }

    /// One transaction: a part of a large record (`left`), or whole records.
    fn piece(
        &mut self,
        records: &[Record<'_>],
        left: Option<Left>,
        others: &[OtherRow],
        saved: Option<&SavedRows>,
    ) -> Result<End> {
        let store = self.store;
        let error = |e| store.write_error(e);
        let enough = left.map(|_| Enough { rows: store.limits().delete_rows, time: self.work });
        wait_to_write(&mut self.connection, &store.current).map_err(error)?;
        // What was found in one file says nothing about another, and a journal would belong to that.
        store.refuse_elsewhere()?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
        let begun = Instant::now();
        for record in records {
            refuse_another(piece::another(&tx, record.target).map_err(error)?)?;
        }
        let kept = Kept { tables: &self.tables, rows: saved };
        let wanted = Wanted { left, marks: self.marks, others: (&self.others, others), enough };
        let (did, marks) = match take(&tx, kept, records, wanted) {
            Ok(did) => did,
            Err(DeleteHalt::Differs(changed)) => return Ok(End::Differs(changed)),
            Err(DeleteHalt::Sql(e)) => return Err(error(e)),
        };
        let worked = begun.elapsed();
        // The lab's writes wait as long as this commit waits for a reader.
        tx.busy_timeout(AIM).map_err(error)?;
        match tx.commit() {
            Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                return Ok(End::Readers);
            }
            Err(e) => {
                self.is_unsure = e.sqlite_error_code() != Some(rusqlite::ErrorCode::DiskFull);
                let failure = error(e);
                // The disk may have failed behind the commit: what is gone is not to be deleted again.
                if did.still.is_none() && are_gone(&self.connection, records) {
                    self.gone.runs += records.len();
                    self.count(did.taken);
                }
                return Err(failure);
            }
            Ok(()) => {}
        }
        store.current.goes_on();
        let held = begun.elapsed();
        let commit = held.saturating_sub(worked);
        self.work = AIM.saturating_sub(commit).max(commit / 2).min(AIM);
        self.gone.held = self.gone.held.max(held);
        self.marks = marks;
        self.count(did.taken);
        Ok(End::Done(did.still, did.others))
    }

    fn count(&mut self, taken: Taken) {
        self.gone.phases += taken.phases.len() as u64;
        self.gone.steps += taken.steps;
        for (table, rows) in taken.others {
            self.others_taken += rows;
            let Some(name) = self.tables.table(table).map(|table| &table.name) else { continue };
            match self.gone.others.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known += rows,
                None => self.gone.others.push((name.clone(), rows)),
            }
        }
        self.store.forget(Kind::Phases, taken.phases);
        self.store.forget(Kind::Steps, taken.step_ranges);
    }

    fn same_as_seen(&self, target: &DeleteTarget<'_>) -> Result<()> {
        refuse_another(piece::another(&self.connection, target).map_err(|e| self.store.write_error(e))?)
    }
}

/// Whether none of these records is there any more; false where that can't be told.
fn are_gone(connection: &Connection, records: &[Record<'_>]) -> bool {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM workflow_runs WHERE id = ?)";
    let is_gone = |record: &Record<'_>| connection.query_row(sql, [record.target.run], |row| row.get(0));
    records.iter().all(|record| is_gone(record).unwrap_or(false))
}

/// What a transaction is to take.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    left: Option<Left>,
    marks: Marks,
    /// All rows of other tables, and those of these records that are there.
    others: (&'a OtherRows, &'a [OtherRow]),
    enough: Option<Enough>,
}

/// What a transaction did.
struct Did {
    /// `None` when the records themselves went.
    still: Option<Left>,
    others: usize,
    taken: Taken,
}

/// Deletes the rows of one transaction; those of other tables go first, as they name the others.
fn take(
    tx: &Transaction<'_>,
    kept: Kept<'_>,
    records: &[Record<'_>],
    wanted: Wanted<'_>,
) -> std::result::Result<(Did, Marks), DeleteHalt> {
    let Wanted { left, marks, others: (all, others), enough } = wanted;
    let mut piece = DeletePiece::new(tx, kept)?;
    let gone = piece.others(all, others, enough)?;
    if gone < others.len() {
        return Ok((Did { still: left, others: gone, taken: piece.taken }, marks));
    }
    let still = own(&mut piece, records, left, marks, enough)?;
    let marks = piece.marks()?;
    Ok((Did { still, others: gone, taken: piece.taken }, marks))
}

/// Deletes the rows of IvoryOS's tables; `None` when the records themselves went with them.
fn own(
    piece: &mut DeletePiece<'_>,
    records: &[Record<'_>],
    left: Option<Left>,
    marks: Marks,
    enough: Option<Enough>,
) -> std::result::Result<Option<Left>, DeleteHalt> {
    piece.late(records, left, marks)?;
    for record in records {
        let still = piece.phases(record, left.unwrap_or_else(|| Left::of(record.phases.len())), enough)?;
        if still.phases > 0 {
            return Ok(Some(still));
        }
        piece.run(record.target.run)?;
    }
    Ok(None)
}

/// The targets with their rows.
fn records<'a>(targets: &'a [DeleteTarget<'a>], located: &'a Located) -> Vec<Record<'a>> {
    let mut of_run: HashMap<i64, Vec<&PhaseRef>> = HashMap::new();
    for phase_ref in &located.phases {
        of_run.entry(phase_ref.run).or_default().push(phase_ref);
    }
    let record = |target: &'a DeleteTarget<'a>| {
        let phases = of_run.remove(&target.run).unwrap_or_default();
        let rows = phases.iter().map(|phase_ref| phase_ref.steps + 1).sum();
        Record { target, phases, rows }
    };
    targets.iter().map(record).collect()
}

/// Neighbours that go together: no more rows than these, or one record alone, as one with more than `large` rows always is.
fn groups<'a, 'r>(mut records: &'a [Record<'r>], most: u64, large: u64) -> Vec<&'a [Record<'r>]> {
    let mut groups = Vec::new();
    while !records.is_empty() {
        let mut rows = 0_u64;
        let fits = |record: &&Record<'_>| {
            rows = rows.saturating_add(record.rows + 1);
            rows <= most && record.rows <= large
        };
        let many = records.iter().take_while(fits).count().max(1);
        let Some((group, rest)) = records.split_at_checked(many) else { break };
        groups.push(group);
        records = rest;
    }
    groups
}

fn refuse_another(why: Option<String>) -> Result<()> {
    why.map_or(Ok(()), |why| Err(Error::Refused(why)))
}

/// The same error where nothing was deleted yet.
fn nothing(error: Error) -> Error {
    match error {
        Error::Refused(why) => Error::Refused(format!("{why}; nothing was deleted, look at the list again")),
        other => other,
    }
}

fn write_error(path: &Path, patience: Duration, probe: &Probe, source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => Error::open(
            path,
            "no permission to write this database or its folder",
            "nothing was changed, do this as the user that IvoryOS runs as",
        ),
        _ => sql_error(path, patience, probe, source),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{ErrorCode, ffi};

    use super::*;
    use crate::store::sqlite::lock_wait::Current;

    /// What a commit that failed behind its work has done is looked up, not guessed.
    #[test]
    fn records_are_gone_when_none_of_them_is_there() {
        let connection = Connection::open_in_memory().unwrap();
        let start = crate::model::timestamp::Timestamp::default();
        let targets = [1, 2].map(|run| DeleteTarget { run, name: "", start: &start });
        let records = targets.each_ref().map(|target| Record { target, phases: Vec::new(), rows: 0 });
        assert!(!are_gone(&connection, &records), "it can't be told");
        connection
            .execute_batch("CREATE TABLE workflow_runs(id); INSERT INTO workflow_runs VALUES (2)")
            .unwrap();
        assert!(are_gone(&connection, &records[..1]) && !are_gone(&connection, &records));
        connection.execute_batch("DELETE FROM workflow_runs").unwrap();
        assert!(are_gone(&connection, &records));
    }

    #[test]
    fn a_failed_write_says_what_to_do() {
        let error = |code| {
            write_error(
                Path::new("ivoryos.db"),
                Duration::ZERO,
                &Probe::of(&Current::default()),
                rusqlite::Error::SqliteFailure(ffi::Error::new(code), None),
            )
        };
        for code in [ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN, ffi::SQLITE_READONLY_DIRECTORY] {
            let text = error(code).to_string();
            assert!(
                text.contains("no permission to write") && text.contains("nothing was changed"),
                "{text}"
            );
        }
        assert_eq!(error(ffi::SQLITE_BUSY).kind(), crate::error::ErrorKind::Busy);
        assert_eq!(
            error(ffi::SQLITE_FULL).to_string(),
            "ivoryos.db: the disk is full; make room and try again; nothing was changed"
        );
        assert_eq!(ffi::Error::new(ffi::SQLITE_FULL).code, ErrorCode::DiskFull);
    }
}
