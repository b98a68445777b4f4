//! The map of a record: steps by iterations, small enough to hold those of the longest record.

use std::{ops::Range, sync::Arc};

use crate::model::map_cell::MapCell;

/// Steps by iterations. A row keeps only where its cells change, so that the longest record takes some kilobytes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordMap {
    pub run: i64,
    /// The repeat_index of each column, from the lowest.
    pub iterations: Vec<i64>,
    /// The steps of main by index, then name.
    pub rows: Vec<MapRow>,
    /// Of each column what is not told by its steps.
    pub(super) columns: Vec<MapColumn>,
    pub prep: Vec<EdgeCell>,
    pub cleanup: Vec<EdgeCell>,
    /// Every how many-th iteration is here: 1 for all of them, 0 where none was read yet.
    pub every: u64,
    /// It is known which steps were slow.
    pub knows_slow: bool,
    /// What it was made with.
    pub(super) open: LeftOpen,
}

/// A step of main in all iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct MapRow {
    pub step_index: Option<i64>,
    pub method: Arc<str>,
    pub(super) runs: Vec<CellRun>,
}

/// Columns beside each other that have the same cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CellRun {
    pub first: u32,
    pub last: u32,
    pub cell: MapCell,
}

/// An iteration.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct MapColumn {
    /// It ended early, or is not at its end: steps behind this index were not reached.
    pub reached: Option<i64>,
    /// It failed without a failed step.
    pub failed_alone: bool,
}

/// A step of prep or of cleanup.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeCell {
    pub step_index: Option<i64>,
    pub method: Arc<str>,
    pub cell: MapCell,
}

impl MapRow {
    /// The runs that have columns of a range.
    fn within(&self, columns: &Range<usize>) -> impl Iterator<Item = &CellRun> {
        let from = self.runs.partition_point(|run| (run.last as usize) < columns.start);
        self.runs.iter().skip(from).take_while(|run| (run.first as usize) < columns.end)
    }
}

impl RecordMap {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.prep.is_empty() && self.cleanup.is_empty()
    }

    /// The cell of a step in an iteration, both by their places.
    pub fn cell(&self, row: usize, column: usize) -> MapCell {
        self.first_of(row, &(column..column + 1)).map_or(MapCell::None, |(cell, _)| cell)
    }

    /// Of the cells of a step in some iterations the first in the order of [`MapCell`], and the first iteration that has
    /// it; `None` where there is no such row or iteration.
    pub fn first_of(&self, row: usize, columns: &Range<usize>) -> Option<(MapCell, usize)> {
        let row = self.rows.get(row)?;
        let columns = columns.start..columns.end.min(self.columns.len());
        let mut best: Option<(MapCell, usize)> = None;
        for run in row.within(&columns) {
            if best.is_none_or(|(known, _)| run.cell < known) {
                best = Some((run.cell, (run.first as usize).max(columns.start)));
            }
        }
        // A step that ran is shown before one that did not.
        match best {
            Some(best) if best.0 < MapCell::Unreached => Some(best),
            best => best.into_iter().chain(self.absent(row, columns)).min(),
        }
    }

    /// The same of columns in which the step did not run.
    fn absent(&self, row: &MapRow, columns: Range<usize>) -> Option<(MapCell, usize)> {
        let first = columns.start;
        let absent = self.columns.get(columns).filter(|columns| !columns.is_empty())?;
        let index = row.step_index.unwrap_or(i64::MAX);
        let unreached =
            absent.iter().position(|column| column.reached.is_some_and(|reached| index > reached));
        Some(unreached.map_or((MapCell::None, first), |n| (MapCell::Unreached, first + n)))
    }

    /// An iteration failed before any of its steps did.
    pub fn failed_alone(&self, columns: &Range<usize>) -> bool {
        self.columns
            .get(columns.start..columns.end.min(self.columns.len()))
            .unwrap_or_default()
            .iter()
            .any(|c| c.failed_alone)
    }

    /// The place of an iteration.
    pub fn place_of(&self, iteration: i64) -> Option<usize> {
        self.iterations.binary_search(&iteration).ok()
    }

    /// The failed cell next to a place, by iteration and then by row; one that failed without a step counts as the first
    /// cell of its iteration. From the start or the end where `from` is `None`.
    pub fn next_failed(&self, from: Option<(usize, usize)>, forward: bool) -> Option<(usize, usize)> {
        let rows = self.rows.iter().enumerate().flat_map(|(n, row)| {
            let failed = row.runs.iter().filter(|run| run.cell == MapCell::Failed);
            failed.filter_map(move |run| near((run.first as usize, run.last as usize), n, from, forward))
        });
        let alone = self.columns.iter().enumerate().filter(|(_, column)| column.failed_alone);
        let alone = alone.filter_map(|(n, _)| near((n, n), 0, from, forward));
        let all = rows.chain(alone);
        if forward { all.min() } else { all.max() }
    }

    /// Columns, with how many failed, or were slow, of which rows: for a summary.
    pub fn count(&self, wanted: MapCell) -> u64 {
        let of = |row: &MapRow| -> u64 {
            let runs = row.runs.iter().filter(|run| run.cell == wanted);
            runs.map(|run| u64::from(run.last - run.first) + 1).sum()
        };
        let edges = self.prep.iter().chain(&self.cleanup).filter(|edge| edge.cell == wanted).count() as u64;
        self.rows.iter().map(of).sum::<u64>() + edges
    }
}

/// What a step without an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeftOpen {
    Running,
    /// The record died with it, or ended with an error.
    Failed,
    /// The record ended without it.
    #[default]
    Left,
}

/// Of the cells of a row with columns from the first to the last the one next to a place.
fn near(
    (first, last): (usize, usize),
    row: usize,
    from: Option<(usize, usize)>,
    forward: bool,
) -> Option<(usize, usize)> {
    let Some((column, at)) = from else { return Some((if forward { first } else { last }, row)) };
    if forward {
        // In the same iteration only rows below.
        let least = if row > at { column } else { column + 1 };
        (last >= least).then_some((first.max(least), row))
    } else {
        let most = if row < at { column } else { column.checked_sub(1)? };
        (first <= most).then_some((last.min(most), row))
    }
}
