//! PostgreSQL's answers to what a [`Source`] is asked.

use std::ops::ControlFlow;

use super::{PgStore, cells::text, owners::StepsOfPhase};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        activity::Activity,
        call::{Call, CallColumns},
        partial::{Lacks, Partial},
        phase_summary::{PhaseRef, PhaseSummary},
        query::Order,
        run::{Phase, Run, Step},
        run_facts::RunFacts,
        run_tally::RunTally,
        scanned::{CellColumns, ScannedCell},
        step_time::StepTime,
    },
    store::{
        Beginning, DeleteTarget, Engine, FactColumns, Features, Gone, IdPlace, KeptPlace, PhaseWalk,
        RowCounts, Source, TextColumn, Version, Worked,
        saved::{Keeper, SavedRecord, ToldBack},
    },
};

/// All transactions that are over and all that are not: another text after every commit.
const SNAPSHOT: &str = "select txid_current_snapshot()::text";

/// The counts of so many records are asked for without knowing whose all rows are.
const FEW: usize = 16;

impl Source for PgStore {
    fn features(&self) -> Features {
        Features { keeps_outcomes: self.columns.has_status, keeps_outputs: true, null_is_lowest: false }
    }

    fn engine(&self, cx: &Cx<'_>) -> Result<Engine> {
        let found = self.rows("select current_setting('server_version')", &[], cx, |row| {
            Ok(text(row, 0)?.unwrap_or_default().to_owned())
        })?;
        let version = found.into_iter().next().unwrap_or_default();
        Ok(Engine { name: "PostgreSQL", version, journal_mode: "write-ahead log".to_owned(), cache: None })
    }

    fn version(&self, cx: &Cx<'_>) -> Result<Version> {
        let found = self.rows(SNAPSHOT, &[], cx, |row| Ok(text(row, 0)?.map_or(0, number_of)))?;
        let now = found.into_iter().next().unwrap_or_default();
        self.commits.see(now);
        Ok(Version(now))
    }

    fn refuse_another(&self, cx: &Cx<'_>) -> Result<()> {
        self.link.refuse_another(cx)
    }

    fn reopened(&self, cx: &Cx<'_>) -> Result<Box<dyn Source>> {
        let address = self.link.address().clone();
        Ok(Box::new(Self::open(address, self.options.clone(), &|_| None, cx)?))
    }

    fn run_ids(&self, from: IdPlace, order: Order, count: usize, cx: &Cx<'_>) -> Result<Vec<i64>> {
        self.ids_from(from, order, count, cx)
    }

    fn runs(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        self.runs_of(ids, cx)
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
        self.facts_from(from, rows, columns, see, cx)
    }

    fn ranks(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        self.ranks_of(column, cells, cx)
    }

    fn matching(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
        self.like(keyword, cells, cx)
    }

    fn activity(&self, run: i64, cx: &Cx<'_>) -> Result<Activity> {
        self.activity_of(run, cx)
    }

    fn longest_step(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        self.longest_of(method, cx)
    }

    fn phase_summaries(&self, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSummary>>> {
        let summaries = self.summaries_of(&[run], cx)?;
        cx.check(Progress::default())?;
        Ok(Partial::whole(summaries))
    }

    fn summaries_of_many(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<Vec<PhaseSummary>>>> {
        self.summaries_by_run(runs, cx).map(Partial::whole)
    }

    fn tallies(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RunTally>>> {
        if runs.len() > FEW && self.owners.are_unknown() {
            if cx.is_at_once() {
                let lacks = Lacks { rows: true, ..Lacks::default() };
                return Ok(Partial::lacking(Vec::new(), lacks));
            }
            self.own_all(cx)?;
        }
        self.tallies_of(runs, cx).map(Partial::whole)
    }

    fn cells(
        &self,
        runs: &[i64],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<Partial<()>> {
        self.cells_of(runs, columns, see, cx).map(Partial::whole)
    }

    fn beginning(&self, run: i64, sums: bool, cx: &mut Cx<'_>) -> Result<Option<Beginning>> {
        self.beginning_of(run, sums, cx)
    }

    fn spread(&self, run: i64, phases: usize, cx: &mut Cx<'_>) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        self.spread_of(run, phases, cx)
    }

    fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        with_steps: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Partial<Vec<PhaseRef>>> {
        self.refs(run, phases, with_steps, cx).map(Partial::whole)
    }

    fn phase_of_step(&self, run: i64, step: i64, cx: &mut Cx<'_>) -> Result<Partial<Option<PhaseRef>>> {
        let Some(phase) = self.owner_of_step(step, cx)? else { return Ok(Partial::whole(None)) };
        Ok(Partial::whole(self.refs(run, &[phase], true, cx)?.pop()))
    }

    fn phases(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Option<Phase>>> {
        self.phase_rows(phases, cx)
    }

    fn failed_phases(&self, from: i64, see: &mut dyn FnMut(Phase), cx: &Cx<'_>) -> Result<PhaseWalk> {
        self.failed_from(from, see, cx)
    }

    fn steps(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Vec<Step>>> {
        self.step_rows(phases, cx)
    }

    fn step_times(
        &self,
        phases: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        self.times_of_steps(phases, see, cx)
    }

    fn calls(
        &self,
        ids: (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
        cx: &Cx<'_>,
    ) -> Result<()> {
        self.calls_between(ids, columns, see, cx)
    }

    fn row_counts(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Vec<RowCounts>> {
        // What is known of all rows may lack what others changed far back: a bill is made of what there is.
        let counts = |phases: &Vec<(i64, StepsOfPhase)>| {
            let mut counts = RowCounts { phases: phases.len() as u64, ..RowCounts::default() };
            for (_, steps) in phases {
                counts.steps += steps.steps;
                counts.failed_steps += steps.failed;
            }
            RowCounts { large: counts.phases + counts.steps > self.options.limits.delete_rows, ..counts }
        };
        Ok(self.phases_of_runs(runs, cx)?.iter().map(counts).collect())
    }

    fn give_rows(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: &mut dyn Keeper,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        self.give_all(targets, keeper, cx)
    }

    fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        self.owners.forget();
        let gone = self.delete_all(targets, keeper, cx);
        // A question between two of its transactions may have begun to find out again.
        self.owners.forget();
        gone
    }

    fn restore(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let done = self.restore_all(records, back, cx);
        // Rows came back under old ids.
        self.owners.forget();
        done
    }

    fn prepare(&self, _: &mut Cx<'_>) -> Result<()> {
        Ok(())
    }

    fn has_work(&self) -> bool {
        self.owners.has_work()
    }

    fn work(&self, cx: &mut Cx<'_>) -> Result<Worked> {
        self.work_on_owners(cx)
    }

    fn is_written(&self) -> bool {
        self.commits.are_recent()
    }
}

/// Tells a snapshot from others; FNV-1a.
fn number_of(snapshot: &str) -> i64 {
    let fold = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    snapshot.bytes().fold(0xcbf2_9ce4_8422_2325, fold).cast_signed()
}
