//! Deleting records: their rows are given to the keeper, then taken in short transactions, each row compared with what was
//! kept.
//!
//! The phases of a transaction are locked first: no step can come to them any more, so that none goes by the tables' own
//! ON DELETE CASCADE that was not kept. A large record goes from its last phase to its first, the run at the very end.
//!
//! Rows of other tables that name a record's by a foreign key go first, whatever that says of a delete (CASCADE, RESTRICT,
//! SET NULL ...), as they do from SQLite's files: they come back with the record as they were.

mod parts;
mod piece;
mod saving;

use std::time::{Duration, Instant};

use tokio_postgres::types::Type;

use super::{
    PgStore,
    columns::RUNS,
    foreign_keys::keys_sql,
    owners::StepsOfPhase,
    saved_tables::{ServerTables, columns_sql},
    transaction::Committed,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    store::{
        DeleteTarget, Gone, Stopped,
        saved::{Keeper, SavedRows},
    },
};
use parts::{DeletePart, Doomed, TakenRows, ended};
use piece::{Taking, another, seen_sql};
use saving::SavingRows;

/// How often a record that is being written meanwhile is kept anew.
const ATTEMPTS: usize = 50;

/// A delete under way.
struct Job<'a> {
    store: &'a PgStore,
    tables: ServerTables,
    gone: Gone,
    others_taken: u64,
    saved_rows: u64,
    total: u64,
    /// The connection was lost within a commit.
    is_unsure: bool,
}

fn runs_of(targets: &[DeleteTarget<'_>]) -> Vec<i64> {
    targets.iter().map(|target| target.run).collect()
}

impl PgStore {
    pub(super) fn delete_all(
        &self,
        targets: &[DeleteTarget<'_>],
        mut keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        self.link.refuse_another(cx)?;
        for target in targets {
            self.same_as_seen(target, cx).map_err(nothing)?;
        }
        let mut job = Job::of(self, cx)?;
        let mut doomed = Vec::with_capacity(targets.len());
        for (target, phases) in targets.iter().zip(self.phases_of_runs(&runs_of(targets), cx)?) {
            job.total += 1 + phases.iter().map(|(_, steps)| 1 + steps.steps).sum::<u64>();
            doomed.push(Doomed { target, phases });
        }
        job.total *= 1 + u64::from(keeper.is_some());
        // The last checkpoint at which nothing is deleted yet.
        cx.check(Progress::default())?;
        for record in &mut doomed {
            let before = job.rows();
            let kept = keeper.as_mut().map(|keeper| &mut **keeper as &mut dyn Keeper);
            let Err(error) = job.record(record, kept, cx) else { continue };
            let part = (job.rows() > before).then_some(record.target.run);
            if job.gone.runs == 0 && part.is_none() {
                return Err(nothing(error));
            }
            job.gone.stopped = Some(Stopped { error, part });
            break;
        }
        Ok(job.gone)
    }

    pub(super) fn give_all(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: &mut dyn Keeper,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let mut job = Job::of(self, cx)?;
        for (target, phases) in targets.iter().zip(self.phases_of_runs(&runs_of(targets), cx)?) {
            let record = Doomed { target, phases };
            job.save(&record, keeper, cx)?;
        }
        Ok(())
    }

    fn same_as_seen(&self, target: &DeleteTarget<'_>, cx: &Cx<'_>) -> Result<()> {
        let found = self.link.query(&seen_sql(""), &[(&target.run, Type::INT8)], cx)?;
        let another = another(&found, target).map_err(|error| self.link.fault(&error))?;
        another.map_or(Ok(()), |why| Err(Error::Refused(why)))
    }

    /// Whether a record is gone; false where that can't be told.
    fn is_gone(&self, run: i64) -> bool {
        let sql = format!("select 1 from {RUNS} where id = $1");
        // Also for work that is not wanted any more.
        self.link.query(&sql, &[(&run, Type::INT8)], &Cx::quiet()).is_ok_and(|rows| rows.is_empty())
    }

    /// The tables of records, and those of others with rows that go along.
    fn saved_tables(&self, cx: &Cx<'_>) -> Result<ServerTables> {
        let none: [&str; 0] = [];
        let columns = self.link.query(&columns_sql(), &[(&none.as_slice(), Type::TEXT_ARRAY)], cx)?;
        let keys = self.link.query(&keys_sql(), &[], cx)?;
        ServerTables::of(&columns, &keys).map_err(|error| self.link.fault(&error))
    }
}

/// The same error where nothing was deleted yet.
fn nothing(error: Error) -> Error {
    match error {
        Error::Refused(why) => Error::Refused(format!("{why}; nothing was deleted, look at the list again")),
        other => other,
    }
}

/// What a rule of the database keeps from going.
fn refused(said: &str) -> Error {
    Error::Refused(format!("the database refuses it ({said})"))
}

impl<'a> Job<'a> {
    fn of(store: &'a PgStore, cx: &Cx<'_>) -> Result<Self> {
        let tables = store.saved_tables(cx)?;
        let gone = Gone::default();
        Ok(Self { store, tables, gone, others_taken: 0, saved_rows: 0, total: 0, is_unsure: false })
    }

    fn rows(&self) -> u64 {
        self.gone.phases + self.gone.steps + self.others_taken
    }

    fn progress(&self) -> Progress {
        let done = self.rows() + self.saved_rows + self.gone.runs as u64;
        Progress { done: done.min(self.total), total: Some(self.total) }
    }

    /// Deletes a record; rows that changed since they were kept are kept again first.
    fn record(
        &mut self,
        record: &mut Doomed<'_>,
        mut keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let run = record.target.run;
        for _ in 0..ATTEMPTS {
            let saved = match keeper.as_mut() {
                Some(keeper) => Some(self.save(record, &mut **keeper, cx)?),
                None => {
                    self.saving().refuse_strays(record, cx)?;
                    None
                }
            };
            let done = self.parts(record, saved.as_ref(), cx);
            if let (true, Some(keeper)) = (self.is_unsure, keeper.as_mut()) {
                keeper.may_be_gone(&[run]);
            }
            if done? {
                self.gone.runs += 1;
                if let Some(keeper) = keeper {
                    // Without that note they count as unfinished, and come back all the same.
                    let _ = keeper.gone(&[run]);
                }
                return Ok(());
            }
            record.phases = self.store.phases_of_runs(&[run], cx)?.pop().unwrap_or_default();
            self.tables = self.store.saved_tables(cx)?;
        }
        Err(Error::Refused(format!("record {run} is being written faster than it can be kept in the trash")))
    }

    fn save(&mut self, record: &Doomed<'_>, keeper: &mut dyn Keeper, cx: &mut Cx<'_>) -> Result<SavedRows> {
        let (saved, rows) = self.saving().save(record, keeper, cx)?;
        self.saved_rows += rows;
        Ok(saved)
    }

    fn saving(&self) -> SavingRows<'_> {
        SavingRows { store: self.store, tables: &self.tables, progress: self.progress() }
    }

    /// Transactions from the last phase on; false where something is not as it was kept.
    fn parts(&mut self, record: &mut Doomed<'_>, saved: Option<&SavedRows>, cx: &mut Cx<'_>) -> Result<bool> {
        let most = self.store.options.limits.delete_rows;
        let rows =
            |phases: &[(i64, StepsOfPhase)]| phases.iter().map(|(_, steps)| 1 + steps.steps).sum::<u64>();
        if rows(&record.phases) >= most && !self.tables.others().is_empty() {
            // All of them, as they may name each other across phases.
            cx.check(self.progress())?;
            let phases = record.phase_ids(0);
            if !self.part(record.target, DeletePart::Others(&phases), saved, cx)? {
                return Ok(false);
            }
        }
        loop {
            cx.check(self.progress())?;
            if rows(&record.phases) < most {
                return self.part(record.target, DeletePart::Last, saved, cx);
            }
            let mut from = record.phases.len();
            let mut taken = 0;
            while from > 0 && (taken == 0 || taken < most) {
                from -= 1;
                taken += record.phases.get(from).map_or(0, |(_, steps)| 1 + steps.steps);
            }
            let phases = record.phase_ids(from);
            let part = if from == 0 { DeletePart::Last } else { DeletePart::Phases(&phases) };
            if !self.part(record.target, part, saved, cx)? {
                return Ok(false);
            }
            record.phases.truncate(from);
            if from == 0 {
                return Ok(true);
            }
        }
    }

    /// One transaction.
    fn part(
        &mut self,
        target: &DeleteTarget<'_>,
        part: DeletePart<'_>,
        saved: Option<&SavedRows>,
        cx: &Cx<'_>,
    ) -> Result<bool> {
        let begun = Instant::now();
        let done = self.store.link.write(cx, &refused, |tx| {
            let taking = Taking { tables: &self.tables, saved, target };
            match taking.take(tx, part) {
                Ok(taken) => Ok(Some(taken)),
                Err(halt) => ended(halt).map_or(Ok(None), Err),
            }
        });
        self.gone.held = self.gone.held.max(begun.elapsed()).max(Duration::ZERO);
        match done? {
            Committed::Done(Some(taken)) => {
                self.count(taken);
                Ok(true)
            }
            Committed::Done(None) => Ok(false),
            // What is gone is not to be deleted again.
            Committed::Unsure(_) if matches!(part, DeletePart::Last) && self.store.is_gone(target.run) => {
                Ok(true)
            }
            Committed::Unsure(error) => {
                self.is_unsure = true;
                Err(error)
            }
        }
    }

    fn count(&mut self, taken: TakenRows) {
        self.gone.phases += taken.phases;
        self.gone.steps += taken.steps;
        for (at, rows) in taken.others.into_iter().filter(|(_, rows)| *rows > 0) {
            self.others_taken += rows;
            let Some(name) = self.tables.tables.get(at).map(|table| &table.table.name) else { continue };
            match self.gone.others.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known += rows,
                None => self.gone.others.push((name.clone(), rows)),
            }
        }
    }
}
