//! A second database behind the services: a lab's file read whole into plain lists, with rules of order and search that
//! may be another engine's.

#![allow(dead_code, reason = "the unit tests and the test programs each use a part")]

mod again;
mod cells;
mod rules;
mod tables;
mod trash;
#[cfg(all(unix, feature = "postgres"))]
mod twin;
#[cfg(all(unix, feature = "postgres"))]
mod twin_source;

use std::{
    cell::RefCell,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Row, TransactionBehavior};

use ivorylens::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{
        activity::{Activity, LONGEST_STEP, StepBegun},
        call::{Call, CallColumns},
        event_end::EventEnd,
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        query::Order,
        run::{Phase, Run, Step},
        run_facts::RunFacts,
        run_tally::RunTally,
        scanned::{CellColumns, ScannedCell},
        step_time::StepTime,
        timestamp::seconds_between,
    },
    store::{
        Beginning, DeleteTarget, Engine, FactColumns, Features, Gone, IdPlace, KeptPlace, PhaseWalk, Remains,
        RowCounts, Source, TextColumn, Version, Worked,
        saved::{Keeper, SavedRecord, ToldBack},
    },
};

pub use again::*;
pub use rules::Rules;
use tables::{Tables, text, time};
#[cfg(all(unix, feature = "postgres"))]
pub use twin_source::TwinSource;

/// A lab's file in memory. It is read anew after each commit; whatever it answers is whole.
pub struct MemorySource {
    file: PathBuf,
    rules: Rules,
    /// Device and inode of the file that was opened.
    place: (u64, u64),
    connection: Connection,
    read: RefCell<Arc<Tables>>,
}

/// A record of more phases is long: its beginning is shown first.
const LONG: usize = 1_000;
/// So many phases of it, and so many of those that failed.
const FIRST: usize = 128;
const FAILED: usize = 6;

impl MemorySource {
    /// # Errors
    /// Whatever keeps the file from being read.
    pub fn open(file: &Path, rules: Rules) -> Result<Self> {
        let place = place(file)?;
        let sql = |error| sql_error(file, error);
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sql)?;
        connection.busy_timeout(Duration::ZERO).map_err(sql)?;
        let version = version(&connection).map_err(sql)?;
        let read = RefCell::new(Arc::new(Tables::read(&connection, version).map_err(sql)?));
        Ok(Self { file: file.to_path_buf(), rules, place, connection, read })
    }

    /// The tables as the file is now.
    fn tables(&self, cx: &Cx<'_>) -> Result<Arc<Tables>> {
        let version = self.version(cx)?.0;
        if self.read.borrow().version != version {
            let read = Tables::read(&self.connection, version).map_err(|e| sql_error(&self.file, e))?;
            *self.read.borrow_mut() = Arc::new(read);
        }
        Ok(Arc::clone(&self.read.borrow()))
    }

    /// Deletes in one transaction; the error of the first target that is not what the user saw.
    fn delete_all(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        tables: &Tables,
    ) -> rusqlite::Result<Result<Gone>> {
        let mut writer = Connection::open_with_flags(&self.file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        writer.busy_timeout(Duration::ZERO)?;
        writer.execute_batch("PRAGMA foreign_keys=OFF")?;
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for target in targets {
            let sql = "SELECT name, start_time FROM workflow_runs WHERE id = ?";
            let seen = |row: &Row<'_>| Ok((text(row, "name").unwrap_or_default(), time(row, "start_time")));
            let why = match tx.query_row(sql, [target.run], seen).optional()? {
                Some((name, start)) if name == target.name && start == *target.start => continue,
                Some(_) => "is another one by now",
                None => "is gone already",
            };
            let nothing = "nothing was deleted, look at the list again";
            return Ok(Err(Error::Refused(format!("record {} {why}; {nothing}", target.run))));
        }
        let runs: Vec<i64> = targets.iter().map(|target| target.run).collect();
        let mut keeper = keeper;
        if let Some(keeper) = keeper.as_mut()
            && let Err(error) = trash::keep(&tx, targets, tables.keeps_outputs, *keeper)?
        {
            return Ok(Err(error));
        }
        let mut gone = Gone { runs: targets.len(), ..Gone::default() };
        for target in targets {
            let run = [target.run];
            if tables.keeps_outputs {
                let of_run = "(SELECT id FROM workflow_phases WHERE run_id = ?)";
                let steps = format!("DELETE FROM workflow_steps WHERE phase_id IN {of_run}");
                gone.steps += tx.execute(&steps, run)? as u64;
                gone.phases += tx.execute("DELETE FROM workflow_phases WHERE run_id = ?", run)? as u64;
            } else {
                gone.steps += tx.execute("DELETE FROM workflow_steps WHERE workflow_id = ?", run)? as u64;
            }
            tx.execute("DELETE FROM workflow_runs WHERE id = ?", run)?;
        }
        tx.commit()?;
        let noted = keeper.map_or(Ok(()), |keeper| keeper.gone(&runs));
        Ok(noted.map(|()| gone))
    }
}

impl Source for MemorySource {
    fn engine(&self, _: &Cx<'_>) -> Result<Engine> {
        let (version, journal_mode) = ("1".to_owned(), "memory".to_owned());
        Ok(Engine { name: "memory", version, journal_mode, cache: None })
    }

    fn features(&self) -> Features {
        let tables = self.read.borrow();
        Features {
            keeps_outcomes: tables.keeps_outcomes,
            keeps_outputs: tables.keeps_outputs,
            null_is_lowest: self.rules.nulls_lowest,
        }
    }

    fn version(&self, cx: &Cx<'_>) -> Result<Version> {
        cx.still_wanted()?;
        version(&self.connection).map(Version).map_err(|e| sql_error(&self.file, e))
    }

    fn refuse_another(&self, _: &Cx<'_>) -> Result<()> {
        if place(&self.file)? == self.place { Ok(()) } else { Err(Error::Replaced) }
    }

    fn reopened(&self, _: &Cx<'_>) -> Result<Box<dyn Source>> {
        Ok(Box::new(Self::open(&self.file, self.rules)?))
    }

    fn run_ids(&self, from: IdPlace, order: Order, count: usize, cx: &Cx<'_>) -> Result<Vec<i64>> {
        let mut ids: Vec<i64> = self.tables(cx)?.runs.iter().map(|row| row.run.id).collect();
        if order == Order::Descending {
            ids.reverse();
        }
        let passed = |id: i64, last: i64| if order == Order::Ascending { id <= last } else { id >= last };
        let skipped = match from {
            IdPlace::Skip(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
            IdPlace::Behind(last) => ids.partition_point(|id| passed(*id, last)),
        };
        Ok(ids.into_iter().skip(skipped).take(count).collect())
    }

    fn runs(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        let tables = self.tables(cx)?;
        Ok(ids.iter().filter_map(|id| tables.run(*id).cloned()).collect())
    }

    fn kept_place(&self, _: &Cx<'_>) -> Option<KeptPlace> {
        None
    }

    fn run_facts(
        &self,
        from: i64,
        rows: usize,
        columns: FactColumns,
        see: &mut dyn FnMut(&RunFacts<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        let tables = self.tables(cx)?;
        let first = tables.runs.partition_point(|row| row.run.id < from);
        tables.runs.iter().skip(first).take(rows).for_each(|row| see(&row.facts(columns)));
        Ok(())
    }

    fn ranks(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        cx.still_wanted()?;
        let rules = if column == TextColumn::OddTime { Rules::sqlite() } else { self.rules };
        let keys: Vec<_> = cells.iter().map(|cell| rules.key(&String::from_utf8_lossy(cell))).collect();
        let mut order: Vec<_> = keys.iter().collect();
        order.sort();
        order.dedup();
        let rank = |key| order.binary_search(&key).unwrap_or_default();
        Ok(keys.iter().map(|key| u32::try_from(rank(key)).unwrap_or(u32::MAX)).collect())
    }

    fn matching(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
        cx.still_wanted()?;
        let pattern = self.rules.pattern(keyword);
        Ok(cells.iter().map(|cell| self.rules.matches(&pattern, cell)).collect())
    }

    fn activity(&self, run: i64, cx: &Cx<'_>) -> Result<Activity> {
        let tables = self.tables(cx)?;
        let mut activity = Activity::default();
        let phases = tables.phases_of(run);
        let mut steps: Vec<_> = phases.iter().flat_map(|phase| tables.steps_of(phase.id)).collect();
        phases.iter().for_each(|phase| activity.see(&phase.start, &phase.end));
        steps.sort_by_key(|step| step.id);
        for step in steps {
            activity.see(&step.start, &step.end);
            if step.end.is_none() && step.start.at().is_some() {
                activity.open =
                    Some(StepBegun { method_name: step.method_name.clone(), start: step.start.clone() });
            }
        }
        Ok(activity)
    }

    fn longest_step(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        let tables = self.tables(cx)?;
        let steps = tables.steps.iter().filter(|step| step.method_name == method);
        let took = steps.filter_map(|step| Some(seconds_between(step.start.at()?, step.end.at()?)));
        Ok(took.filter(|took| *took <= LONGEST_STEP).reduce(f64::max))
    }

    fn phase_summaries(&self, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSummary>>> {
        let tables = self.tables(cx)?;
        cx.check(Progress::default())?;
        Ok(Partial::whole(tables.phases_of(run).iter().map(|phase| tables.summary(phase)).collect()))
    }

    fn summaries_of_many(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<Vec<PhaseSummary>>>> {
        let tables = self.tables(cx)?;
        let of = |run: &i64| tables.phases_of(*run).iter().map(|phase| tables.summary(phase)).collect();
        Ok(Partial::whole(runs.iter().map(of).collect()))
    }

    fn tallies(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RunTally>>> {
        let tables = self.tables(cx)?;
        let stopped_in_error = |run: i64| {
            let run = tables.run(run).filter(|run| run.status.as_deref() == Some("stopped"));
            run.is_some_and(|run| EventEnd::of(&run.events).in_error)
        };
        let summaries = self.summaries_of_many(runs, cx)?;
        Ok(summaries.map(|all| {
            let counted = runs.iter().zip(&all);
            counted
                .map(|(run, phases)| RunTally {
                    stopped_in_error: stopped_in_error(*run),
                    ..RunTally::of(phases)
                })
                .collect()
        }))
    }

    fn cells(
        &self,
        runs: &[i64],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<Partial<()>> {
        let tables = self.tables(cx)?;
        for run in runs {
            let phases = tables.phases_of(*run);
            let cells = phases.iter().filter_map(|phase| tables.cells.phase(phase, columns));
            cells.for_each(|cell| see(*run, &cell));
            let steps = phases.iter().flat_map(|phase| tables.steps_of(phase.id)).filter(|_| columns.methods);
            steps.filter_map(|step| tables.cells.step(step.id)).for_each(|cell| see(*run, &cell));
            cx.check(Progress::default())?;
        }
        Ok(Partial::whole(()))
    }

    fn beginning(&self, run: i64, sums: bool, cx: &mut Cx<'_>) -> Result<Option<Beginning>> {
        let tables = self.tables(cx)?;
        let all = tables.phases_of(run);
        if all.len() <= LONG || !tables.keeps_outputs {
            return Ok(None);
        }
        let summaries = || all.iter().map(|phase| tables.summary(phase));
        let counts = tables.counts(run);
        let failed =
            summaries().filter(|summary| summary.failed_steps() > 0).take(FAILED * usize::from(sums));
        let shown = all.get(FIRST - 1).map_or(i64::MAX, |phase| phase.id);
        let mut notable: Vec<_> =
            failed.chain(summaries().next_back()).filter(|one| one.id() > shown).collect();
        notable.dedup_by_key(|one| one.id());
        Ok(Some(Beginning {
            first: summaries().take(FIRST).collect(),
            notable,
            phases: all.len() as u64,
            steps: sums.then_some((counts.steps, counts.failed_steps)),
        }))
    }

    fn spread(&self, run: i64, phases: usize, cx: &mut Cx<'_>) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        let tables = self.tables(cx)?;
        let all = tables.phases_of(run);
        if all.len() <= LONG || !tables.keeps_outputs {
            return Ok(None);
        }
        let every = all.len().div_ceil(phases.max(1));
        let mut spread: Vec<_> =
            all.iter().rev().step_by(every).map(|phase| tables.phase_ref(run, phase.id)).collect();
        spread.reverse();
        Ok(Some((spread, every as u64)))
    }

    fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        _: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Partial<Vec<PhaseRef>>> {
        let tables = self.tables(cx)?;
        let mut ids = phases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Ok(Partial::whole(ids.into_iter().map(|id| tables.phase_ref(run, id)).collect()))
    }

    fn phase_of_step(&self, run: i64, step: i64, cx: &mut Cx<'_>) -> Result<Partial<Option<PhaseRef>>> {
        let tables = self.tables(cx)?;
        let has_it = |phase: &&Phase| tables.steps_of(phase.id).iter().any(|one| one.id == step);
        let phase = tables.phases_of(run).iter().find(has_it);
        Ok(Partial::whole(phase.map(|phase| tables.phase_ref(run, phase.id))))
    }

    fn phases(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Option<Phase>>> {
        let tables = self.tables(cx)?;
        Ok(phases.iter().map(|one| tables.phase(one.run, one.id).cloned()).collect())
    }

    fn failed_phases(&self, from: i64, see: &mut dyn FnMut(Phase), cx: &Cx<'_>) -> Result<PhaseWalk> {
        let tables = self.tables(cx)?;
        let mut failed: Vec<&Phase> =
            tables.runs.iter().flat_map(|row| tables.phases_of(row.run.id)).collect();
        failed.retain(|phase| phase.id >= from);
        failed.sort_by_key(|phase| phase.id);
        let last = failed.last().map(|phase| phase.id);
        let says_why = |phase: &&Phase| phase.status.as_deref() == Some("failed") && !phase.error.is_null();
        failed.into_iter().filter(says_why).cloned().for_each(see);
        Ok(PhaseWalk { next: None, last })
    }

    fn steps(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Vec<Step>>> {
        let tables = self.tables(cx)?;
        Ok(phases.iter().map(|one| tables.steps_of(one.id).to_vec()).collect())
    }

    fn step_times(
        &self,
        phases: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        let tables = self.tables(cx)?;
        for (place, phase) in phases.iter().enumerate() {
            tables.steps_of(phase.id).iter().for_each(|step| see(place, &StepTime::of(step)));
        }
        Ok(())
    }

    fn calls(
        &self,
        (from, to): (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
        cx: &Cx<'_>,
    ) -> Result<()> {
        let tables = self.tables(cx)?;
        let of = |call: &Call| match columns {
            CallColumns::All => call.clone(),
            CallColumns::Times => {
                Call { id: call.id, start: call.start.clone(), end: call.end.clone(), ..Call::default() }
            }
        };
        let mut wanted = tables.calls.iter().rev().filter(|call| (from..=to).contains(&call.id)).map(of);
        let _ = wanted.try_for_each(see);
        Ok(())
    }

    fn row_counts(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Vec<RowCounts>> {
        let tables = self.tables(cx)?;
        Ok(runs.iter().map(|run| tables.counts(*run)).collect())
    }

    fn give_rows(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: &mut dyn Keeper,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let tables = self.tables(cx)?;
        let mut reader = Connection::open(&self.file).map_err(|e| sql_error(&self.file, e))?;
        let tx = reader.transaction().map_err(|e| sql_error(&self.file, e))?;
        trash::keep(&tx, targets, tables.keeps_outputs, keeper).map_err(|e| sql_error(&self.file, e))?
    }

    fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        cx.check(Progress::default())?;
        self.refuse_another(cx)?;
        let tables = self.tables(cx)?;
        self.delete_all(targets, keeper, &tables).map_err(|e| sql_error(&self.file, e))?
    }

    fn restore(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        self.refuse_another(cx)?;
        for (at, record) in records.iter().enumerate() {
            cx.check(Progress::default())?;
            let told = trash::put_back(&self.file, &**record);
            back(&[(at, told.map_err(|e| sql_error(&self.file, e))??)])?;
        }
        Ok(())
    }

    fn prepare(&self, _: &mut Cx<'_>) -> Result<()> {
        Ok(())
    }

    fn has_work(&self) -> bool {
        false
    }

    fn work(&self, _: &mut Cx<'_>) -> Result<Worked> {
        Ok(Worked { remains: Remains::Nothing, news: false, progress: None })
    }

    fn is_written(&self) -> bool {
        false
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

fn place(file: &Path) -> Result<(u64, u64)> {
    let gone = |_| Error::open(file, "the file is not there any more", "put it back and try again");
    ivorylens::platform::files::identity_at(file).map_err(gone)
}

fn sql_error(file: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => Error::Busy { path: file.to_path_buf(), seconds: 0 },
        _ => Error::Sql { path: file.to_path_buf(), source: error.into() },
    }
}
