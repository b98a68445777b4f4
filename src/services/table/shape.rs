//! What is learned of a table from its rows, one after another, without keeping them.

use std::collections::{HashSet, VecDeque};

use super::types::{TableRow, TableShape};
use crate::model::value::{Dict, Text};

/// A table of up to so many rows is its own sample.
pub(super) const SAMPLE: usize = 400;
/// The first and the last rows of the sample of a longer one.
const ENDS: usize = SAMPLE / 4;

/// NameOrder in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct NameOrder {
    pub order: Vec<Text>,
    seen: HashSet<Text>,
}

impl NameOrder {
    pub fn learn(&mut self, dict: &Dict) {
        for (key, _) in dict.iter() {
            if !self.seen.contains(key) {
                self.seen.insert(key.clone());
                self.order.push(key.clone());
            }
        }
    }
}

/// A shape that grows row by row.
#[derive(Debug, Default)]
pub(super) struct Shaping {
    shape: TableShape,
    columns: NameOrder,
    outputs: NameOrder,
    sample: Sample,
}

impl Shaping {
    pub fn new(batch: bool) -> Self {
        Shaping { shape: TableShape { batch, ..TableShape::default() }, ..Shaping::default() }
    }

    pub fn rows(&self) -> u64 {
        self.shape.rows
    }

    /// The rows of one phase.
    pub fn phase(&mut self, rows: Vec<TableRow>) {
        self.shape.batched |= rows.len() > 1;
        rows.into_iter().for_each(|row| self.row(row));
    }

    pub fn row(&mut self, row: TableRow) {
        let shape = &mut self.shape;
        shape.rows += 1;
        shape.highest_iteration = shape.highest_iteration.max(row.iteration.unwrap_or(0));
        shape.reasons |= row.reason.is_some();
        if !shape.statuses.contains(&row.status) {
            shape.statuses.insert(row.status.clone());
        }
        self.columns.learn(&row.values);
        self.outputs.learn(&row.outputs);
        self.sample.take(row);
    }

    pub fn finish(self, look: u64, whole: bool) -> TableShape {
        let (columns, outputs) = (self.columns.order, self.outputs.order);
        TableShape { look, whole, columns, outputs, sample: self.sample.rows(), ..self.shape }
    }
}

/// The first and the last rows, and some between that lie equally apart.
#[derive(Debug, Default)]
struct Sample {
    seen: usize,
    first: Vec<TableRow>,
    last: VecDeque<TableRow>,
    between: Vec<TableRow>,
    /// Every how many-th row is taken between the first and the last ones.
    step: usize,
}

impl Sample {
    fn take(&mut self, row: TableRow) {
        let n = self.seen;
        self.seen += 1;
        if n < SAMPLE {
            self.first.push(row);
            return;
        }
        if n == SAMPLE {
            self.step = 4;
            self.between = self.first.iter().step_by(4).cloned().collect();
            self.last.extend(self.first.split_off(SAMPLE - ENDS));
            self.first.truncate(ENDS);
        }
        if n.is_multiple_of(self.step) {
            if self.between.len() == SAMPLE / 2 {
                self.step *= 2;
                let mut place = 0..;
                self.between.retain(|_| place.next().is_some_and(|n: usize| n.is_multiple_of(2)));
            }
            if n.is_multiple_of(self.step) {
                self.between.push(row.clone());
            }
        }
        self.last.pop_front();
        self.last.push_back(row);
    }

    fn rows(self) -> Vec<TableRow> {
        self.first.into_iter().chain(self.between).chain(self.last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rows::gone, *};

    #[test]
    fn a_sample_has_both_ends_and_is_spread_between_them() {
        for rows in [0, 1, 399, 400, 401, 1_000, 12_345] {
            let mut shaping = Shaping::new(false);
            (1..=rows).for_each(|n| shaping.row(gone(n)));
            let shape = shaping.finish(1, true);
            assert_eq!(shape.rows, rows);
            let numbers: Vec<u64> = shape.sample.iter().map(|row| row.row).collect();
            assert_eq!(shape.first_rows().len() as u64, if rows <= 400 { rows } else { 100 });
            if rows <= 400 {
                continue;
            }
            let (between, last) = numbers.get(100..).unwrap().split_at(numbers.len() - 200);
            assert_eq!(last, (rows - 99..=rows).collect::<Vec<_>>());
            let steps: HashSet<u64> = between.windows(2).map(|w| w[1] - w[0]).collect();
            assert_eq!(steps.len(), 1, "{rows}: {steps:?}");
            assert!((100..=200).contains(&between.len()), "{rows}: {}", between.len());
            assert!(rows - between.last().unwrap() < *steps.iter().next().unwrap());
        }
    }
}
