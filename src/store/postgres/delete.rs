//! Deleting records: their rows are given to the keeper, then taken in short transactions, each row compared with what was
//! kept.
//!
//! The phases of a transaction are locked first: no step can come to them any more, so that none goes by the tables' own
//! ON DELETE CASCADE that was not kept. A large record goes from its last phase to its first, the run at the very end.

use std::time::{Duration, Instant};

use postgres::{Row, Transaction, types::Type};

use super::{
    PgStore,
    cells::{id, stamp, text},
    columns::{PHASES, RUNS, STEPS},
    owners::StepsOfPhase,
    saved_tables::{AT_PHASES, AT_RUNS, AT_STEPS, LOOK, OTHERS, ServerTables},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    store::{
        DeleteTarget, Gone, Stopped,
        saved::{Keeper, PackedRows, SavedRows, row_hash},
    },
};

/// Bytes that are given to the keeper in one go.
const PACK: usize = 256 << 10;
/// Rows read by one statement.
const ROWS: i64 = 1_000;
/// How often a record that is being written meanwhile is kept anew.
const ATTEMPTS: usize = 50;

/// A column of a table of others that names rows of ours.
struct Reference {
    table: String,
    column: String,
    onto: String,
}

/// What is known of a record that is to go.
struct Doomed<'a> {
    target: &'a DeleteTarget<'a>,
    /// By id, each with its steps.
    phases: Vec<(i64, StepsOfPhase)>,
}

/// A delete under way.
struct Job<'a> {
    store: &'a PgStore,
    tables: ServerTables,
    references: Vec<Reference>,
    gone: Gone,
    saved_rows: u64,
    total: u64,
}

/// What ends a transaction before its end.
enum Halt {
    Said(Error),
    Sql(postgres::Error),
    /// A row is not as it was kept.
    Differs,
}

impl From<postgres::Error> for Halt {
    fn from(error: postgres::Error) -> Self {
        Halt::Sql(error)
    }
}

impl PgStore {
    pub(super) fn delete_all(
        &self,
        targets: &[DeleteTarget<'_>],
        mut keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        self.link.refuse_another()?;
        for target in targets {
            self.same_as_seen(target, cx).map_err(nothing)?;
        }
        let mut job = Job::of(self, cx)?;
        let mut doomed = Vec::with_capacity(targets.len());
        for target in targets {
            let phases = self.phases_with_steps(target.run, cx)?;
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
        for target in targets {
            let record = Doomed { target, phases: self.phases_with_steps(target.run, cx)? };
            job.save(&record, keeper, cx)?;
        }
        Ok(())
    }

    /// The phases of a record by id, each with its steps: what there is.
    pub(super) fn phases_with_steps(&self, run: i64, cx: &Cx<'_>) -> Result<Vec<(i64, StepsOfPhase)>> {
        let sql = format!("select id::int8 from {PHASES} where run_id = $1 order by id");
        let phases = self.rows(&sql, &[(&run, Type::INT8)], cx, |row| id(row, 0))?;
        let steps = self.steps_of_phases(&phases, cx)?;
        let of = |phase: i64| (phase, steps.get(&phase).copied().unwrap_or(StepsOfPhase::NONE));
        Ok(phases.into_iter().map(of).collect())
    }

    fn same_as_seen(&self, target: &DeleteTarget<'_>, cx: &Cx<'_>) -> Result<()> {
        let found = self.link.query(&seen_sql(""), &[(&target.run, Type::INT8)], cx)?;
        let another = another(&found, target).map_err(|error| self.link.fault(&error))?;
        another.map_or(Ok(()), |why| Err(Error::Refused(why)))
    }

    /// Whether a record is gone; false where that can't be told.
    fn is_gone(&self, run: i64, cx: &Cx<'_>) -> bool {
        let sql = format!("select 1 from {RUNS} where id = $1");
        self.link.query(&sql, &[(&run, Type::INT8)], cx).is_ok_and(|rows| rows.is_empty())
    }
}

fn seen_sql(lock: &str) -> String {
    format!("select name::text, start_time::timestamp from {RUNS} where id = $1 {lock}")
}

/// Why a record is not to be deleted: it is not the one that the user saw.
fn another(found: &[Row], target: &DeleteTarget<'_>) -> std::result::Result<Option<String>, postgres::Error> {
    let Some(row) = found.first() else {
        return Ok(Some(format!("record {} is gone already", target.run)));
    };
    let same = text(row, 0)?.unwrap_or_default() == target.name && stamp(row, 1)? == *target.start;
    Ok((!same).then(|| format!("record {} is another one by now", target.run)))
}

/// The same error where nothing was deleted yet.
fn nothing(error: Error) -> Error {
    match error {
        Error::Refused(why) => Error::Refused(format!("{why}; nothing was deleted, look at the list again")),
        other => other,
    }
}

impl<'a> Job<'a> {
    fn of(store: &'a PgStore, cx: &Cx<'_>) -> Result<Self> {
        let tables = ServerTables::of(&store.link.query(LOOK, &[], cx)?);
        let tables = tables.map_err(|error| store.link.fault(&error))?;
        let references = store.rows(OTHERS, &[], cx, |row| {
            let word = |at| text(row, at).map(|text| text.unwrap_or_default().to_owned());
            Ok(Reference { table: word(0)?, column: word(1)?, onto: word(2)? })
        })?;
        Ok(Self { store, tables, references, gone: Gone::default(), saved_rows: 0, total: 0 })
    }

    fn rows(&self) -> u64 {
        self.gone.phases + self.gone.steps
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
                None => None,
            };
            if self.pieces(record, saved.as_ref(), cx)? {
                self.gone.runs += 1;
                if let Some(keeper) = keeper {
                    // Without that note they count as unfinished, and come back all the same.
                    let _ = keeper.gone(&[run]);
                }
                return Ok(());
            }
            record.phases = self.store.phases_with_steps(run, cx)?;
        }
        Err(Error::Refused(format!("record {run} is being written faster than it can be kept in the trash")))
    }

    /// Transactions from the last phase on; false where a row is not as it was kept.
    fn pieces(
        &mut self,
        record: &mut Doomed<'_>,
        saved: Option<&SavedRows>,
        cx: &mut Cx<'_>,
    ) -> Result<bool> {
        let most = self.store.limits.delete_rows;
        let rows =
            |phases: &[(i64, StepsOfPhase)]| phases.iter().map(|(_, steps)| 1 + steps.steps).sum::<u64>();
        loop {
            cx.check(self.progress())?;
            let mut from = record.phases.len();
            let mut taken = 0;
            let is_whole = rows(&record.phases) < most;
            while !is_whole && from > 0 && (taken == 0 || taken < most) {
                from -= 1;
                taken += record.phases.get(from).map_or(0, |(_, steps)| 1 + steps.steps);
            }
            if is_whole {
                from = 0;
            }
            let phases: Vec<i64> = record.phases.iter().skip(from).map(|(phase, _)| *phase).collect();
            if !self.piece(record.target, &phases, from == 0, saved, cx)? {
                return Ok(false);
            }
            record.phases.truncate(from);
            if from == 0 {
                return Ok(true);
            }
        }
    }

    /// One transaction: these phases with their steps, and at the end the run.
    fn piece(
        &mut self,
        target: &DeleteTarget<'_>,
        phases: &[i64],
        is_last: bool,
        saved: Option<&SavedRows>,
        cx: &Cx<'_>,
    ) -> Result<bool> {
        let link = &self.store.link;
        let begun = Instant::now();
        let done = link.with(|client| {
            let said = |error: postgres::Error| link.told(&error);
            let mut tx = client.build_transaction().read_only(false).start().map_err(said)?;
            let took = Taking { tables: &self.tables, references: &self.references, saved };
            match took.all(&mut tx, target, phases, is_last) {
                Ok(counts) => tx.commit().map(|()| Some(counts)).map_err(said),
                Err(Halt::Differs) => tx.rollback().map(|()| None).map_err(said),
                Err(Halt::Said(error)) => Err(error),
                Err(Halt::Sql(error)) => Err(refused(&error).unwrap_or_else(|| said(error))),
            }
        });
        self.gone.held = self.gone.held.max(begun.elapsed()).max(Duration::ZERO);
        match done {
            Ok(Some((phases, steps))) => {
                self.gone.phases += phases;
                self.gone.steps += steps;
                Ok(true)
            }
            Ok(None) => Ok(false),
            // The connection may have been lost behind the commit: what is gone is not to be deleted again.
            Err(Error::Open { .. }) if is_last && self.store.is_gone(target.run, cx) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Gives all rows of a record to the keeper, those that it has already as they are excepted; on disk when this returns.
    fn save(&mut self, record: &Doomed<'_>, keeper: &mut dyn Keeper, cx: &mut Cx<'_>) -> Result<SavedRows> {
        let run = record.target.run;
        let mut saved = keeper.begin(record.target, &self.tables.saved())?;
        let phases: Vec<i64> = record.phases.iter().map(|(phase, _)| *phase).collect();
        let from = record.phases.iter().map(|(_, steps)| steps.first).min().unwrap_or(i64::MAX);
        let to = record.phases.iter().map(|(_, steps)| steps.last).max().unwrap_or(i64::MIN);
        let owners = [
            (AT_RUNS, vec![run], (run, run)),
            (AT_PHASES, phases.clone(), (i64::MIN, i64::MAX)),
            (AT_STEPS, phases, (from, to)),
        ];
        for (at, owners, (mut from, to)) in owners {
            let Some(table) = self.tables.0.get(at) else { continue };
            let name = &table.table.name;
            let owned = if at == AT_STEPS { "phase_id" } else { "id" };
            let sql = format!(
                "select {} from {name} join unnest($1) as w(own) on {name}.{owned} = own \
                 where {name}.id between $2 and $3 order by {name}.id limit {ROWS}",
                table.columns
            );
            while from <= to && !owners.is_empty() {
                let values =
                    [(&owners as _, Type::INT8_ARRAY), (&from as _, Type::INT8), (&to as _, Type::INT8)];
                let (mut packed, mut last, mut rows) = (PackedRows::default(), from, 0);
                for row in self.store.link.query(&sql, &values, cx)? {
                    let read =
                        table.pack(&row, &mut packed).map_err(|error| self.store.link.fault(&error))?;
                    let (key, hash) = (read.0, row_hash(read.1));
                    (last, rows) = (key, rows + 1);
                    if saved.has(at, key, hash) {
                        packed.drop_last();
                    } else {
                        saved.add(at, key, hash);
                    }
                    if packed.bytes().len() >= PACK {
                        keeper.take(run, at, &packed)?;
                        packed.clear();
                    }
                }
                if !packed.keys().is_empty() {
                    keeper.take(run, at, &packed)?;
                }
                self.saved_rows += rows;
                if rows < ROWS.unsigned_abs() {
                    break;
                }
                from = last.saturating_add(1);
                cx.check(self.progress())?;
            }
        }
        keeper.sync(&[run])?;
        Ok(saved)
    }
}

/// What a row of somebody else's table keeps from going, or an own rule of the database.
fn refused(error: &postgres::Error) -> Option<Error> {
    let said = error.as_db_error().filter(|said| said.code().code().starts_with("23"))?;
    Some(Error::Refused(format!("the database refuses it ({})", said.message())))
}

/// One transaction of a delete.
struct Taking<'a> {
    tables: &'a ServerTables,
    references: &'a [Reference],
    saved: Option<&'a SavedRows>,
}

impl Taking<'_> {
    /// Gives the numbers of phases and steps that went.
    fn all(
        &self,
        tx: &mut Transaction<'_>,
        target: &DeleteTarget<'_>,
        phases: &[i64],
        is_last: bool,
    ) -> std::result::Result<(u64, u64), Halt> {
        let run = (&target.run as _, Type::INT8);
        let lock = if is_last { "for update" } else { "for key share" };
        let found = tx.query_typed(&seen_sql(lock), std::slice::from_ref(&run))?;
        if let Some(why) = another(&found, target)? {
            return Err(Halt::Said(Error::Refused(why)));
        }
        let (which, of) =
            if is_last { ("run_id = $1", run) } else { ("id = any($1)", (&phases as _, Type::INT8_ARRAY)) };
        let sql = format!("select id::int8 from {PHASES} where {which} order by id for update");
        let rows = tx.query_typed(&sql, &[of])?;
        let phases: Vec<i64> = rows.iter().map(|row| id(row, 0)).collect::<std::result::Result<_, _>>()?;
        self.refuse_others(tx, target.run, &phases, is_last)?;
        let steps = self.take(tx, AT_STEPS, "phase_id", &phases)?;
        let count = self.take(tx, AT_PHASES, "id", &phases)?;
        if is_last {
            self.take(tx, AT_RUNS, "id", &[target.run])?;
        }
        Ok((count, steps))
    }

    /// Deletes the rows of a table with these owners, and compares each with what was kept.
    fn take(
        &self,
        tx: &mut Transaction<'_>,
        at: usize,
        column: &str,
        owners: &[i64],
    ) -> std::result::Result<u64, Halt> {
        let Some(table) = self.tables.0.get(at).filter(|_| !owners.is_empty()) else { return Ok(0) };
        let name = &table.table.name;
        let columns = if self.saved.is_some() { table.columns.clone() } else { format!("{name}.id::int8") };
        let sql = format!(
            "delete from {name} using unnest($1) as w(own) where {name}.{column} = own returning {columns}"
        );
        let rows = tx.query_typed(&sql, &[(&owners, Type::INT8_ARRAY)])?;
        let mut packed = PackedRows::default();
        for row in rows.iter().filter(|_| self.saved.is_some()) {
            packed.clear();
            let (key, bytes) = table.pack(row, &mut packed)?;
            if self.saved.is_some_and(|saved| !saved.has(at, key, row_hash(bytes))) {
                return Err(Halt::Differs);
            }
        }
        Ok(rows.len() as u64)
    }

    /// Rows of other tables that name these are not kept, and would go along or stand in the way.
    fn refuse_others(
        &self,
        tx: &mut Transaction<'_>,
        run: i64,
        phases: &[i64],
        is_last: bool,
    ) -> std::result::Result<(), Halt> {
        for Reference { table, column, onto } in self.references {
            let runs = [run];
            let (sql, ids): (String, &[i64]) = if onto.ends_with(RUNS) {
                (
                    format!("select 1 from {table} where {column} = any($1) limit 1"),
                    if is_last { &runs } else { &[] },
                )
            } else if onto.ends_with(PHASES) {
                (format!("select 1 from {table} where {column} = any($1) limit 1"), phases)
            } else {
                let steps = format!("select id from {STEPS} where phase_id = any($1)");
                (format!("select 1 from {table} where {column} in ({steps}) limit 1"), phases)
            };
            if !ids.is_empty() && !tx.query_typed(&sql, &[(&ids, Type::INT8_ARRAY)])?.is_empty() {
                let why =
                    format!("rows of the table {table} name record {run}, and can't be kept in the trash");
                return Err(Halt::Said(Error::Refused(why)));
            }
        }
        Ok(())
    }
}
