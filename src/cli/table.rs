//! Columns of text for people, as wide as what stands in them.

use std::borrow::Cow;

use crate::model::clean::{ascii, clean, cut, width};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

pub struct Column {
    pub title: &'static str,
    pub align: Align,
}

/// Rows of cells; text out of the data is cleaned on its way in.
pub struct Table<'a> {
    columns: &'a [Column],
    rows: Vec<Vec<String>>,
}

/// A cell is cut at this many columns of the terminal.
const WIDEST: usize = 60;

impl<'a> Table<'a> {
    pub fn new(columns: &'a [Column]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.iter().map(|c| cut(&clean(c), WIDEST).into_owned()).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All lines; with `plain`, in ASCII where marks and glyphs have one.
    pub fn text(&self, plain: bool) -> String {
        let titles = self.columns.iter().map(|c| c.title.to_owned()).collect();
        let lines: Vec<&Vec<String>> = std::iter::once(&titles).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|n| lines.iter().filter_map(|l| l.get(n)).map(|c| width(c)).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for line in lines {
            let mut row = String::new();
            for ((cell, column), wide) in line.iter().zip(self.columns).zip(&widths) {
                let pad = " ".repeat(wide.saturating_sub(width(cell)));
                match column.align {
                    Align::Left => row.extend([cell.as_str(), &pad]),
                    Align::Right => row.extend([pad.as_str(), cell]),
                }
                row.push_str("  ");
            }
            let shown = if plain { ascii(row.trim_end()) } else { Cow::Borrowed(row.trim_end()) };
            text.push_str(&shown);
            text.push('\n');
        }
        text
    }
}
