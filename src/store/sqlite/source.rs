//! SQLite's answers to what a [`Source`] is asked.

use std::{collections::HashMap, ops::ControlFlow};

use super::{Store, index::lookup::Located};
use crate::{
    checkpoint::{Cancel, Checkpoint, Cx},
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

/// While it lives, statements and waits for locks end when this work is taken back. Work may run inside other work, at its
/// checkpoints: then the inner one's flag counts.
struct Inside<'a> {
    store: &'a Store,
    before: Cancel,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.store.current.set(std::mem::take(&mut self.before));
    }
}

impl Store {
    fn inside(&self, cx: &Cx<'_>) -> Inside<'_> {
        Inside { store: self, before: self.current.set(cx.cancel().clone()) }
    }

    /// Asks the index; where it turns out to have been wrong, again, unless something else will do at once.
    fn asked<T>(
        &self,
        cx: &mut Cx<'_>,
        mut ask: impl FnMut(bool, &mut dyn Checkpoint) -> Result<T>,
    ) -> Result<T> {
        if cx.is_at_once() {
            return ask(true, cx);
        }
        self.uncontradicted(cx, |_, checkpoint| ask(false, checkpoint))
    }

    /// Where a record's rows stand, as fresh as it is wanted.
    fn found(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Located>> {
        let located = self.asked(cx, |soon, checkpoint| {
            Store::prepare(self, soon, checkpoint)?;
            self.find(runs, checkpoint)
        })?;
        let lacks = lacking_rows(located.provisional);
        Ok(Partial::lacking(located, lacks))
    }
}

pub(super) fn lacking_rows(rows: bool) -> Lacks {
    Lacks { rows, ..Lacks::default() }
}

impl Source for Store {
    fn features(&self) -> Features {
        Features {
            keeps_outcomes: self.columns.has_status,
            keeps_outputs: self.columns.has_phases,
            null_is_lowest: true,
        }
    }

    fn engine(&self, cx: &Cx<'_>) -> Result<Engine> {
        let _inside = self.inside(cx);
        let mode = self.lent()?.pragma_query_value(None, "journal_mode", |row| row.get(0));
        let journal_mode = mode.map_err(|e| self.error(e))?;
        let cache = self.index.borrow().keep.place("catalogue").map(|(path, _)| path);
        Ok(Engine { name: "SQLite", version: rusqlite::version().to_owned(), journal_mode, cache })
    }

    fn version(&self, cx: &Cx<'_>) -> Result<Version> {
        let _inside = self.inside(cx);
        let version = self.data_version()?;
        self.seen.set(version);
        Ok(Version(version))
    }

    fn refuse_another(&self, cx: &Cx<'_>) -> Result<()> {
        let _inside = self.inside(cx);
        Store::refuse_another(self)
    }

    fn reopened(&self, cx: &Cx<'_>) -> Result<Box<dyn Source>> {
        Ok(Box::new(Store::reopened(self, cx)?))
    }

    fn run_ids(&self, from: IdPlace, order: Order, count: usize, cx: &Cx<'_>) -> Result<Vec<i64>> {
        let _inside = self.inside(cx);
        self.ids_from(from, order, count)
    }

    fn runs(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        let _inside = self.inside(cx);
        self.runs_of(ids)
    }

    fn kept_place(&self, cx: &Cx<'_>) -> Option<KeptPlace> {
        let _inside = self.inside(cx);
        self.place_of_kept()
    }

    fn run_facts(
        &self,
        from: i64,
        rows: usize,
        columns: FactColumns,
        see: &mut dyn FnMut(&RunFacts<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        let _inside = self.inside(cx);
        self.facts_from(from, rows, columns, see)
    }

    fn ranks(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        let _inside = self.inside(cx);
        self.ranks_of(column, cells, cx)
    }

    fn matching(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
        let _inside = self.inside(cx);
        self.like(keyword, cells, cx)
    }

    fn activity(&self, run: i64, cx: &Cx<'_>) -> Result<Activity> {
        let _inside = self.inside(cx);
        self.activity_of(run)
    }

    fn longest_step(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        let _inside = self.inside(cx);
        self.longest_step_of(method, cx)
    }

    fn phase_summaries(&self, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSummary>>> {
        let _inside = self.inside(cx);
        self.asked(cx, |soon, checkpoint| Store::phase_summaries(self, run, soon, checkpoint))
    }

    fn summaries_of_many(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<Vec<PhaseSummary>>>> {
        let _inside = self.inside(cx);
        self.found(runs, cx)?
            .try_map(|located| runs.iter().map(|run| self.phase_summaries_of(&located.of(*run))).collect())
    }

    fn tallies(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RunTally>>> {
        let _inside = self.inside(cx);
        self.asked(cx, |soon, checkpoint| self.tallies_of(runs, soon, checkpoint))
    }

    fn cells(
        &self,
        runs: &[i64],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<Partial<()>> {
        let _inside = self.inside(cx);
        // What was seen can't be taken back: only where the rows stand is asked for again.
        let (found, is_whole) =
            self.asked(cx, |soon, checkpoint| self.wanted_rows(runs, columns, soon, checkpoint))?;
        let lacks = lacking_rows(!is_whole);
        for wanted in found {
            self.read_cells(&wanted, see, cx)?;
        }
        Ok(Partial::lacking((), lacks))
    }

    fn beginning(&self, run: i64, sums: bool, cx: &mut Cx<'_>) -> Result<Option<Beginning>> {
        let _inside = self.inside(cx);
        Store::beginning(self, run, sums, cx)
    }

    fn spread(&self, run: i64, phases: usize, cx: &mut Cx<'_>) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        let _inside = self.inside(cx);
        Store::spread(self, run, phases)
    }

    fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        with_steps: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Partial<Vec<PhaseRef>>> {
        let _inside = self.inside(cx);
        if !self.columns.has_phases {
            let wanted = |phase: &PhaseRef| phases.contains(&phase.id);
            return Ok(self
                .found(&[run], cx)?
                .map(|located| located.phases.into_iter().filter(wanted).collect()));
        }
        if !with_steps {
            let mut ids = phases.to_vec();
            ids.sort_unstable();
            ids.dedup();
            let phase_ref = |id| PhaseRef { id, run, ..PhaseRef::default() };
            return Ok(Partial::whole(ids.into_iter().map(phase_ref).collect()));
        }
        let (phase_refs, provisional) =
            self.asked(cx, |soon, checkpoint| Store::phase_refs(self, run, phases, soon, checkpoint))?;
        Ok(Partial::lacking(phase_refs, lacking_rows(provisional)))
    }

    fn phase_of_step(&self, run: i64, step: i64, cx: &mut Cx<'_>) -> Result<Partial<Option<PhaseRef>>> {
        let _inside = self.inside(cx);
        if !self.columns.has_phases {
            let of = |phase: &PhaseRef| phase.ranges.hold(step);
            return Ok(self.found(&[run], cx)?.map(|located| located.phases.into_iter().find(of)));
        }
        let Some(step) = self.step(step)? else { return Ok(Partial::whole(None)) };
        let phase = [step.phase_id];
        let (mut phases, provisional) =
            self.asked(cx, |soon, checkpoint| Store::phase_refs(self, run, &phase, soon, checkpoint))?;
        Ok(Partial::lacking(phases.pop(), lacking_rows(provisional)))
    }

    fn phases(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Option<Phase>>> {
        let _inside = self.inside(cx);
        self.phase_rows(phases)
    }

    fn failed_phases(&self, from: i64, see: &mut dyn FnMut(Phase), cx: &Cx<'_>) -> Result<PhaseWalk> {
        let _inside = self.inside(cx);
        self.failed_from(from, see)
    }

    fn steps(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Vec<Step>>> {
        let _inside = self.inside(cx);
        self.step_rows(phases)
    }

    fn step_times(
        &self,
        phases: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        let _inside = self.inside(cx);
        Store::step_times(self, phases, see)
    }

    fn calls(
        &self,
        ids: (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
        cx: &Cx<'_>,
    ) -> Result<()> {
        let _inside = self.inside(cx);
        self.calls_between(ids, columns, see)
    }

    fn row_counts(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Vec<RowCounts>> {
        let _inside = self.inside(cx);
        let located = self.locate_surely(runs, cx)?;
        let mut of_run: HashMap<i64, RowCounts> = HashMap::with_capacity(runs.len());
        for phase in &located.phases {
            let counts = of_run.entry(phase.run).or_default();
            counts.phases += 1;
            counts.steps += phase.steps;
            counts.failed_steps += phase.failed;
        }
        let counts = |run: &i64| {
            let counts = of_run.get(run).copied().unwrap_or_default();
            let large = counts.phases + counts.steps > self.limits().delete_rows;
            let phases = if self.columns.has_phases { counts.phases } else { 0 };
            RowCounts { phases, large, ..counts }
        };
        Ok(runs.iter().map(counts).collect())
    }

    fn give_rows(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: &mut dyn Keeper,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let _inside = self.inside(cx);
        let runs: Vec<i64> = targets.iter().map(|target| target.run).collect();
        let located = self.locate(&runs, cx)?;
        Store::give_rows(self, targets, &located, keeper, cx)
    }

    fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        let _inside = self.inside(cx);
        let runs: Vec<i64> = targets.iter().map(|target| target.run).collect();
        let located = self.locate_surely(&runs, cx)?;
        // The last checkpoint at which nothing is deleted yet.
        cx.check(crate::checkpoint::Progress::default())?;
        Store::delete(self, targets, &located, keeper, cx)
    }

    fn restore(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let _inside = self.inside(cx);
        Store::restore(self, records, back, cx)
    }

    fn prepare(&self, cx: &mut Cx<'_>) -> Result<()> {
        let _inside = self.inside(cx);
        self.complete(cx)
    }

    fn rest(&mut self) {
        Store::rest(self);
    }

    fn has_work(&self) -> bool {
        self.index_wants()
    }

    fn work(&self, cx: &mut Cx<'_>) -> Result<Worked> {
        let _inside = self.inside(cx);
        let remains = self.index_piece()?;
        Ok(Worked { remains, news: self.index_news(), progress: self.index_progress() })
    }

    fn is_written(&self) -> bool {
        Store::is_written(self)
    }
}
