//! Columns of text for people, as wide as what stands in them.

use std::borrow::Cow;

use crate::model::sanitize::{ascii, cut, sanitize, width};

/// Rows of cells; text out of the data is cleaned on its way in.
pub struct TextTable<'a> {
    titles: &'a [&'a str],
    /// Titles of the columns that are aligned to the right.
    right: &'a [&'a str],
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

/// A cell is cut at this many columns of the terminal.
const WIDEST: usize = 60;

fn cleaned(cells: &[String]) -> Vec<String> {
    cells.iter().map(|c| cut(&sanitize(c), WIDEST).into_owned()).collect()
}

impl<'a> TextTable<'a> {
    /// A table with these columns; those named in `right` too are aligned to the right.
    pub fn new(titles: &'a [&'a str], right: &'a [&'a str]) -> Self {
        Self { titles, right, widths: titles.iter().map(|title| width(title)).collect(), rows: Vec::new() }
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
        let titles: Vec<String> = self.titles.iter().map(|&title| title.to_owned()).collect();
        self.laid_out(&titles, plain)
    }

    /// A row that was measured before.
    pub fn line(&self, cells: &[String], plain: bool) -> String {
        self.laid_out(&cleaned(cells), plain)
    }

    fn laid_out(&self, cells: &[String], plain: bool) -> String {
        let mut row = String::new();
        for ((cell, title), wide) in cells.iter().zip(self.titles).zip(&self.widths) {
            let pad = " ".repeat(wide.saturating_sub(width(cell)));
            if self.right.contains(title) {
                row.extend([pad.as_str(), cell]);
            } else {
                row.extend([cell.as_str(), &pad]);
            }
            row.push_str("  ");
        }
        let shown = if plain { ascii(row.trim_end()) } else { Cow::Borrowed(row.trim_end()) };
        format!("{shown}\n")
    }
}
