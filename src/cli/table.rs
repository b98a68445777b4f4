//! Columns of text for people, as wide as what stands in them.

use std::borrow::Cow;

use crate::model::sanitize::{ascii, cut, sanitize, width};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

pub struct TextColumn {
    pub title: &'static str,
    pub align: Side,
}

/// Rows of cells; text out of the data is cleaned on its way in.
pub struct TextTable<'a> {
    columns: &'a [TextColumn],
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

/// A cell is cut at this many columns of the terminal.
const WIDEST: usize = 60;

fn cleaned(cells: &[String]) -> Vec<String> {
    cells.iter().map(|c| cut(&sanitize(c), WIDEST).into_owned()).collect()
}

impl<'a> TextTable<'a> {
    pub fn new(columns: &'a [TextColumn]) -> Self {
        Self { columns, widths: columns.iter().map(|c| width(c.title)).collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: &[String]) {
        let cells = self.measure(cells);
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes room for a row that is not kept; its cells as they will stand there.
    pub fn measure(&mut self, cells: &[String]) -> Vec<String> {
        let cells = cleaned(cells);
        for (wide, cell) in self.widths.iter_mut().zip(&cells) {
            *wide = (*wide).max(width(cell));
        }
        cells
    }

    /// All lines; with `plain`, in ASCII where marks and glyphs have one.
    pub fn text(&self, plain: bool) -> String {
        let rows = self.rows.iter().map(|cells| self.laid_out(cells, plain));
        std::iter::once(self.titles(plain)).chain(rows).collect()
    }

    pub fn titles(&self, plain: bool) -> String {
        let titles: Vec<String> = self.columns.iter().map(|c| c.title.to_owned()).collect();
        self.laid_out(&titles, plain)
    }

    /// A row that was measured before.
    pub fn line(&self, cells: &[String], plain: bool) -> String {
        self.laid_out(&cleaned(cells), plain)
    }

    fn laid_out(&self, cells: &[String], plain: bool) -> String {
        let mut row = String::new();
        for ((cell, column), wide) in cells.iter().zip(self.columns).zip(&self.widths) {
            let pad = " ".repeat(wide.saturating_sub(width(cell)));
            match column.align {
                Side::Left => row.extend([cell.as_str(), &pad]),
                Side::Right => row.extend([pad.as_str(), cell]),
            }
            row.push_str("  ");
        }
        let shown = if plain { ascii(row.trim_end()) } else { Cow::Borrowed(row.trim_end()) };
        format!("{shown}\n")
    }
}
