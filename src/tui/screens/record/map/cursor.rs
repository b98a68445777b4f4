//! Where the cursor of the map stands, which iterations share a column, and which part of the map is seen.

use std::{cmp::Ordering, ops::Range};

use crate::{
    model::map_cell::MapCell,
    services::map::{
        CellPlace, MapPart,
        axis::fitting,
        types::{EdgeCell, RecordMap},
    },
};

/// A part of the map, from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Side {
    Prep,
    #[default]
    Main,
    Cleanup,
}

/// A cell: its part, the place of its iteration, and its row. In the order in which things happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct MapCursor {
    pub side: Side,
    pub at: usize,
    pub row: usize,
}

fn edge(map: &RecordMap, side: Side) -> &[EdgeCell] {
    match side {
        Side::Prep => &map.prep,
        Side::Main => &[],
        Side::Cleanup => &map.cleanup,
    }
}

/// Rows of a part.
pub(super) fn rows(map: &RecordMap, side: Side) -> usize {
    if side == Side::Main { map.rows.len() } else { edge(map, side).len() }
}

impl MapCursor {
    /// What the cell is.
    pub fn cell(self, map: &RecordMap) -> MapCell {
        match self.side {
            Side::Main => map.cell(self.row, self.at),
            side => edge(map, side).get(self.row).map_or(MapCell::None, |edge| edge.cell),
        }
    }

    /// The cursor on a cell, if there is one.
    pub fn on(self, map: &RecordMap, place: &CellPlace) -> Option<Self> {
        let is_it =
            |(index, method): (Option<i64>, &str)| index == place.step_index && *method == *place.method;
        let on_edge = |side: Side| {
            let row = edge(map, side).iter().position(|cell| is_it((cell.step_index, &cell.method)))?;
            Some(Self { side, row, ..self })
        };
        match place.part {
            MapPart::Prep => on_edge(Side::Prep),
            MapPart::Cleanup => on_edge(Side::Cleanup),
            MapPart::Iteration(n) => {
                let row = map.rows.iter().position(|row| is_it((row.step_index, &row.method)));
                Some(Self { side: Side::Main, at: map.place_of(n)?, row: row.unwrap_or(self.row) })
            }
        }
    }

    /// The cell by what it is.
    pub fn place(self, map: &RecordMap) -> Option<CellPlace> {
        let (part, step_index, method) = match self.side {
            Side::Main => {
                let row = map.rows.get(self.row)?;
                (MapPart::Iteration(*map.iterations.get(self.at)?), row.step_index, &row.method)
            }
            side => {
                let edge = edge(map, side).get(self.row)?;
                let part = if side == Side::Prep { MapPart::Prep } else { MapPart::Cleanup };
                (part, edge.step_index, &edge.method)
            }
        };
        Some(CellPlace { part, step_index, method: method.clone() })
    }

    /// The same cell in a map that was read anew, or the nearest one.
    pub fn in_new(self, old: &RecordMap, new: &RecordMap) -> Self {
        let same = |step_index, method: &str| -> Option<usize> {
            match self.side {
                Side::Main => {
                    new.rows.iter().position(|row| row.step_index == step_index && *row.method == *method)
                }
                side => {
                    edge(new, side).iter().position(|e| e.step_index == step_index && *e.method == *method)
                }
            }
        };
        let row = self.place(old).and_then(|place| same(place.step_index, &place.method)).unwrap_or(self.row);
        let iteration = old.iterations.get(self.at).copied().unwrap_or_default();
        let at = new.iterations.partition_point(|known| *known < iteration);
        MapCursor { at, row, ..self }.inside(new)
    }

    /// Onto a cell that there is.
    pub fn inside(self, map: &RecordMap) -> Self {
        let side = match self.side {
            side if rows(map, side) > 0 => side,
            _ => [Side::Main, Side::Prep, Side::Cleanup]
                .into_iter()
                .find(|side| rows(map, *side) > 0)
                .unwrap_or_default(),
        };
        let last = |len: usize| len.saturating_sub(1);
        MapCursor {
            side,
            at: self.at.min(last(map.iterations.len())),
            row: self.row.min(last(rows(map, side))),
        }
    }

    /// The next failed cell in the order in which they ran.
    pub fn next_failed(self, map: &RecordMap, forward: bool) -> Option<Self> {
        let edges = [Side::Prep, Side::Cleanup].into_iter().flat_map(|side| {
            let failed = edge(map, side).iter().enumerate().filter(|(_, edge)| edge.cell == MapCell::Failed);
            failed.map(move |(row, _)| MapCursor { side, at: self.at, row })
        });
        let beyond = if forward { Ordering::Greater } else { Ordering::Less };
        let edges = edges.filter(|one| (one.side, one.row).cmp(&(self.side, self.row)) == beyond);
        let from = match (self.side, forward) {
            (Side::Main, _) => Some(Some((self.at, self.row))),
            (Side::Prep, true) | (Side::Cleanup, false) => Some(None),
            _ => None,
        };
        let main = from.and_then(|from| map.next_failed(from, forward));
        let main = main.map(|(at, row)| MapCursor { side: Side::Main, at, row });
        let all = edges.chain(main);
        let key = |one: &MapCursor| (one.side, if one.side == Side::Main { one.at } else { 0 }, one.row);
        if forward { all.min_by_key(key) } else { all.max_by_key(key) }
    }
}

/// Which iterations are seen, and how many share a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct MapWindow {
    /// Iterations that share a column; `None` where all are to be seen.
    each: Option<usize>,
    /// The first that is seen.
    pub first: usize,
    /// Columns that there are.
    pub columns: usize,
}

impl MapWindow {
    /// Iterations that share a column.
    pub fn each(self, iterations: usize) -> usize {
        let fit = fitting(iterations, self.columns);
        self.each.map_or(fit, |each| each.clamp(1, fit))
    }

    pub fn can_zoom_in(self, iterations: usize) -> bool {
        self.each(iterations) > 1
    }

    pub fn is_zoomed(self, iterations: usize) -> bool {
        self.each(iterations) < fitting(iterations, self.columns)
    }

    /// Half as many iterations share a column, or twice as many.
    pub fn zoom(&mut self, nearer: bool, iterations: usize) {
        let each = self.each(iterations);
        let new = if nearer { each.div_ceil(2) } else { each * 2 };
        self.each = (new < fitting(iterations, self.columns)).then_some(new);
    }

    pub fn fit(&mut self) {
        self.each = None;
    }

    /// The iterations that share the column of one.
    pub fn shared(self, at: usize, iterations: usize) -> Range<usize> {
        let each = self.each(iterations);
        let start = at / each * each;
        start..(start + each).min(iterations)
    }

    /// Moves so that an iteration is seen: no farther than needed, in whole columns.
    pub fn reveal(&mut self, at: usize, iterations: usize) {
        let (each, columns) = (self.each(iterations), self.columns.max(1));
        let column = at / each;
        let last = iterations.div_ceil(each).saturating_sub(columns);
        let first = (self.first / each).clamp((column + 1).saturating_sub(columns), column).min(last);
        self.first = first * each;
    }
}
