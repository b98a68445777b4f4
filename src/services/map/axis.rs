//! How many iterations share a column, and the numbers above the columns: the same on screen and in print.

use std::ops::Range;

/// Columns between two numbers.
const EVERY: usize = 10;

/// Iterations that share a column where all of them are to have room.
pub fn fitting(iterations: usize, columns: usize) -> usize {
    iterations.div_ceil(columns.max(1)).max(1)
}

/// The iterations of some columns from a place on, where so many share one.
pub fn columns(from: usize, each: usize, iterations: usize, columns: usize) -> Vec<Range<usize>> {
    let each = each.max(1);
    let starts = (from..iterations).step_by(each).take(columns);
    starts.map(|start| start..(start + each).min(iterations)).collect()
}

/// The numbers above the columns, each where its iteration begins: `1         11`.
pub fn numbers(iterations: &[i64], columns: &[Range<usize>]) -> String {
    let mut line = String::new();
    for (at, column) in columns.iter().enumerate().step_by(EVERY) {
        let Some(number) = iterations.get(column.start).map(i64::to_string) else { break };
        // ASCII digits: as many bytes as columns.
        if at < line.len() + usize::from(at > 0) || at + number.len() > columns.len().max(number.len()) {
            continue;
        }
        line.push_str(&" ".repeat(at - line.len()));
        line.push_str(&number);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_above_their_columns() {
        let iterations: Vec<i64> = (1..=95).collect();
        let four = columns(0, fitting(95, 30), 95, 30);
        assert_eq!((four.len(), four.last().cloned()), (24, Some(92..95)));
        assert_eq!(numbers(&iterations, &four), "1         41        81");
        assert_eq!(numbers(&iterations, &columns(90, 1, 95, 30)), "91");
        // One that has no room to the end is left out, but for the first.
        assert_eq!(numbers(&iterations, &columns(0, 1, 11, 30)), "1");
        assert_eq!(numbers(&[123_456], &columns(0, 1, 1, 30)), "123456");
        assert_eq!(numbers(&[], &columns(0, 1, 0, 30)), "");
        assert_eq!((fitting(0, 0), fitting(10, 10), fitting(11, 10)), (1, 1, 2));
    }
}
