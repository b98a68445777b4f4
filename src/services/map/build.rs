//! Makes the map of a record's phases and steps.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::types::{CellRun, EdgeCell, LeftOpen, MapColumn, MapRow, RecordMap};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{map_cell::MapCell, phase_summary::PhaseSummary, run::Step, step_time::StepKey},
    services::{
        lab::Lab,
        sample_steps::Parameters,
        slow_steps::types::SlowSteps,
        step_scan::{ScannedStep, StepEnd, StepScan},
        why::{attempts::shares, types::Share},
    },
};

/// What a map is made with.
pub struct Build<'a> {
    pub lab: &'a Lab,
    pub open: LeftOpen,
    /// Failed steps that were tried again; `None` where no event tells.
    pub tried_again: Option<HashSet<i64>>,
    pub slow: Option<&'a SlowSteps>,
}

/// Where the steps of a key stand.
#[derive(Debug, Clone, Copy)]
enum Place {
    Row(usize),
    Prep(usize),
    Cleanup(usize),
    Nowhere,
}

/// How often a long map looks whether it is still wanted, in phases.
const PIECE: usize = 1_000;

impl Build<'_> {
    /// The map of these phases, which stand in the order of their iterations, and their steps.
    pub fn map(
        &self,
        run: i64,
        phases: &[&PhaseSummary],
        scan: &StepScan,
        cx: &mut Cx<'_>,
    ) -> Result<RecordMap> {
        let (mut map, places) = empty(phases, scan);
        let mut rows = vec![RowCells::default(); map.rows.len()];
        let mut steps = scan.steps.as_slice();
        for (n, phase) in phases.iter().enumerate() {
            let own = steps.iter().take_while(|step| step.phase as usize == n).count();
            let (own, rest) = steps.split_at_checked(own).unwrap_or((steps, &[]));
            steps = rest;
            if is_nowhere(phase) {
                continue;
            }
            let cells = self.cells(phase, own, scan)?;
            if let Some(iteration) = phase.repeat_index.filter(|_| phase.is_main()) {
                if map.iterations.last() != Some(&iteration) {
                    map.iterations.push(iteration);
                    map.columns.push(MapColumn::default());
                }
                if let Some(column) = map.columns.last_mut() {
                    column.add(phase, own, &cells, scan);
                }
            }
            let column = u32::try_from(map.columns.len().saturating_sub(1)).unwrap_or(u32::MAX);
            for (step, cell) in own.iter().zip(cells) {
                match places.get(step.key as usize) {
                    Some(Place::Row(row)) => {
                        rows.get_mut(*row).into_iter().for_each(|row| row.see(column, cell));
                    }
                    Some(Place::Prep(at)) => see_edge(map.prep.get_mut(*at), cell),
                    Some(Place::Cleanup(at)) => see_edge(map.cleanup.get_mut(*at), cell),
                    _ => {}
                }
            }
            if n % PIECE == PIECE - 1 {
                cx.check(Progress::default())?;
            }
        }
        for (row, cells) in map.rows.iter_mut().zip(rows) {
            row.runs = cells.finish();
        }
        Ok(RecordMap { run, every: 1, knows_slow: self.slow.is_some(), open: self.open, ..map })
    }

    /// The cell of each step of a phase.
    fn cells(&self, phase: &PhaseSummary, steps: &[ScannedStep], scan: &StepScan) -> Result<Vec<MapCell>> {
        let alone = |step: &ScannedStep| match (step.end, self.open) {
            (StepEnd::Failed, _) | (StepEnd::Open, LeftOpen::Failed) => MapCell::Failed,
            (StepEnd::Open, LeftOpen::Running) => MapCell::Running,
            (StepEnd::Open, LeftOpen::Left) => MapCell::Unreached,
            (StepEnd::Well, _) if self.slow.is_some_and(|slow| slow.step(step.id).is_some()) => MapCell::Slow,
            (StepEnd::Well, _) => MapCell::Ok,
        };
        let mut cells: Vec<MapCell> = steps.iter().map(alone).collect();
        let index = |step: &ScannedStep| scan.keys.get(step.key as usize).and_then(|key| key.step_index);
        if self.may_be_tried_again(steps, index) {
            let parameters = self.lab.phase(&phase.phase_ref, &Cx::quiet())?;
            let samples = parameters.map_or(0, |phase| Parameters::of(&phase).samples());
            let bare = |step: &ScannedStep| Step {
                id: step.id,
                step_index: index(step),
                run_error: Some(step.end == StepEnd::Failed),
                ..Step::default()
            };
            let bare: Vec<Step> = steps.iter().map(bare).collect();
            fold_tries(&bare, &shares(&bare, samples, self.tried_again.as_ref()), &mut cells);
        }
        Ok(cells)
    }

    /// Is there a failed step behind which the same one ran again, that may have been the next try?
    fn may_be_tried_again(&self, steps: &[ScannedStep], index: impl Fn(&ScannedStep) -> Option<i64>) -> bool {
        if steps.iter().all(|step| step.end != StepEnd::Failed) {
            return false;
        }
        let mut later = HashSet::new();
        let again = |step: &ScannedStep| {
            let was_tried = self.tried_again.as_ref().is_none_or(|known| known.contains(&step.id));
            !later.insert(index(step)) && step.end == StepEnd::Failed && was_tried
        };
        steps.iter().rev().any(again)
    }
}

/// The tries of a step that worked in the end were one retried step.
fn fold_tries(steps: &[Step], shares: &[(Option<Share>, Option<Share>)], cells: &mut [MapCell]) {
    // Of each step index the tries that are not over.
    let mut chains: HashMap<Option<i64>, Vec<usize>> = HashMap::new();
    for (n, (step, (_, attempt))) in steps.iter().zip(shares).enumerate() {
        let Some(attempt) = attempt else { continue };
        let chain = chains.entry(step.step_index).or_default();
        if attempt.n == 1 {
            chain.clear();
        }
        chain.push(n);
        let worked = matches!(cells.get(n), Some(MapCell::Ok | MapCell::Slow));
        if attempt.n == attempt.of && worked {
            for place in chain.iter() {
                cells.get_mut(*place).into_iter().for_each(|cell| *cell = MapCell::Retried);
            }
        }
    }
}

/// A phase of main that is no iteration is no column.
fn is_nowhere(phase: &PhaseSummary) -> bool {
    phase.is_main() && phase.repeat_index.is_none()
}

/// A map with its rows, and where the steps of each key stand.
fn empty(phases: &[&PhaseSummary], scan: &StepScan) -> (RecordMap, Vec<Place>) {
    type Sorted = BTreeMap<(bool, Option<i64>, Arc<str>), usize>;
    let mut of_phase: [Sorted; 3] = Default::default();
    let kind = |phase: &str| ["main", "prep", "cleanup"].iter().position(|name| *name == phase);
    let order = |key: &StepKey| (key.step_index.is_none(), key.step_index, Arc::clone(&key.method));
    let mut shown = vec![false; scan.keys.len()];
    for step in &scan.steps {
        if phases.get(step.phase as usize).is_some_and(|phase| !is_nowhere(phase)) {
            shown.get_mut(step.key as usize).into_iter().for_each(|shown| *shown = true);
        }
    }
    for (key, _) in scan.keys.iter().zip(shown).filter(|(_, shown)| *shown) {
        if let Some(sorted) = kind(&key.phase).and_then(|kind| of_phase.get_mut(kind)) {
            sorted.insert(order(key), 0);
        }
    }
    for sorted in &mut of_phase {
        sorted.values_mut().zip(0..).for_each(|(place, n)| *place = n);
    }
    let place = |key: &StepKey| {
        let kind = kind(&key.phase)?;
        let place = *of_phase.get(kind)?.get(&order(key))?;
        [Place::Row(place), Place::Prep(place), Place::Cleanup(place)].get(kind).copied()
    };
    let places = scan.keys.iter().map(|key| place(key).unwrap_or(Place::Nowhere)).collect();
    let [main, prep, cleanup] = of_phase;
    let row = |((_, step_index, method), _)| MapRow { step_index, method, runs: Vec::new() };
    let edge = |((_, step_index, method), _)| EdgeCell { step_index, method, cell: MapCell::None };
    let map = RecordMap {
        rows: main.into_iter().map(row).collect(),
        prep: prep.into_iter().map(edge).collect(),
        cleanup: cleanup.into_iter().map(edge).collect(),
        ..RecordMap::default()
    };
    (map, places)
}

fn see_edge(edge: Option<&mut EdgeCell>, cell: MapCell) {
    edge.into_iter().for_each(|edge| edge.cell = edge.cell.min(cell));
}

/// The cells of a row so far: the last column may get others.
#[derive(Debug, Clone, Default)]
struct RowCells {
    runs: Vec<CellRun>,
    last: Option<(u32, MapCell)>,
}

impl RowCells {
    fn see(&mut self, column: u32, cell: MapCell) {
        match &mut self.last {
            Some((known, best)) if *known == column => *best = cell.min(*best),
            _ => {
                self.settle();
                self.last = Some((column, cell));
            }
        }
    }

    fn settle(&mut self) {
        let Some((column, cell)) = self.last.take() else { return };
        match self.runs.last_mut() {
            Some(run) if run.cell == cell && run.last + 1 == column => run.last = column,
            _ => self.runs.push(CellRun { first: column, last: column, cell }),
        }
    }

    fn finish(mut self) -> Vec<CellRun> {
        self.settle();
        self.runs
    }
}

impl MapColumn {
    /// A phase of the iteration: nearly always there is one.
    fn add(&mut self, phase: &PhaseSummary, steps: &[ScannedStep], cells: &[MapCell], scan: &StepScan) {
        let early = match phase.status.as_deref() {
            _ if phase.end.is_none() => true,
            Some("failed" | "stopped") => true,
            Some("done") => false,
            // Before phases had a status: it ended with the step that failed last.
            _ => cells.last() == Some(&MapCell::Failed),
        };
        if early {
            let index = |step: &ScannedStep| scan.keys.get(step.key as usize).and_then(|key| key.step_index);
            let reached = steps.iter().filter_map(index).max().unwrap_or(i64::MIN);
            self.reached = Some(self.reached.map_or(reached, |known| known.min(reached)));
        }
        self.failed_alone |= phase.failed_without_step();
    }
}
