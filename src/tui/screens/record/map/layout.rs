//! What of the map stands where, and for how much there is room.

use ratatui::layout::Size;

use crate::{
    model::sanitize::{sanitize, width},
    services::map::types::{MapRow, RecordMap},
};

/// Columns that the names of steps take at most.
const NAME: usize = 28;

/// Rows and columns of the parts, from the top and the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MapLayout {
    /// Of the names of steps, behind the bar.
    pub name: usize,
    /// Where prep stands, where the iterations begin, and how many of them have room.
    pub prep: usize,
    pub cells: usize,
    pub columns: usize,
    /// The numbers above, and what is marked above a column.
    pub numbers: bool,
    pub marks: bool,
    /// Steps that are seen, of so many.
    pub rows: usize,
    pub all_rows: usize,
    /// Below: an empty line, the value or error, the signs.
    pub gap: bool,
    pub value: bool,
    pub legend: bool,
}

/// The name of a step with its number.
pub(super) fn name(row: &MapRow) -> String {
    let index = row.step_index.map_or_else(|| "?".to_owned(), |n| n.to_string());
    format!("{index:>2} {}", sanitize(&row.method))
}

impl MapLayout {
    pub fn of(map: &RecordMap, size: Size) -> Self {
        let (wide, high) = (usize::from(size.width), usize::from(size.height));
        let longest = map.rows.iter().map(|row| width(&name(row))).max().unwrap_or(0);
        let name = longest.min(NAME).min(wide / 3);
        let prep = 1 + name + 2;
        let cells = prep + if map.prep.is_empty() { 0 } else { 2 };
        let cleanup = if map.cleanup.is_empty() { 1 } else { 3 };
        let all_rows = map.rows.len().max(map.prep.len()).max(map.cleanup.len());
        let (numbers, value) = (high >= 4, high >= 5);
        let (legend, marks, gap) = (high >= 7, high >= 9, high >= 12);
        let others = [numbers, marks, gap, value, legend].into_iter().filter(|there| *there).count() + 1;
        MapLayout {
            name,
            prep,
            cells,
            columns: wide.saturating_sub(cells + cleanup).max(1),
            numbers,
            marks,
            rows: high.saturating_sub(others).clamp(1, all_rows.max(1)),
            all_rows,
            gap,
            value,
            legend,
        }
    }

    /// The row of the first step.
    pub fn first_row(&self) -> usize {
        usize::from(self.numbers) + usize::from(self.marks)
    }

    /// The row of the line that names the cursor's cell.
    pub fn below(&self) -> usize {
        self.first_row() + self.rows + usize::from(self.gap)
    }
}
