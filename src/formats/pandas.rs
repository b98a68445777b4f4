//! `pandas.DataFrame(rows).to_csv(index=False)` over dicts, in two passes, so that memory does not grow with rows.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::{
    python_csv::{Dialect, LineBreaks, RowWriter},
    python_repr::{push_float, str_of},
};
use crate::model::value::{Cell, Dict, Text, Value};

/// The rows that a phase's outputs give: its dict, or the dicts of its list, nested lists opened one level.
/// Whatever else stands there gives none.
pub fn rows_of_outputs(outputs: &Cell) -> Vec<&Dict> {
    match outputs {
        Cell::Json(Value::Dict(dict)) => vec![dict],
        Cell::Json(Value::List(items)) => items.iter().flat_map(opened).collect(),
        _ => Vec::new(),
    }
}

/// The same with a place for each sample of a batch that gives no row: `None`.
pub fn rows_of_samples(outputs: &Cell) -> Vec<Option<&Dict>> {
    match outputs {
        Cell::Json(Value::List(items)) => {
            let mut rows = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Value::List(_) => rows.extend(opened(item).into_iter().map(Some)),
                    one => rows.push(one.dict()),
                }
            }
            rows
        }
        _ => rows_of_outputs(outputs).into_iter().map(Some).collect(),
    }
}

fn opened(item: &Value) -> Vec<&Dict> {
    match item {
        Value::Dict(dict) => vec![dict],
        Value::List(inner) => inner.iter().filter_map(Value::dict).collect(),
        _ => Vec::new(),
    }
}

/// The row that a step's output gives: its dict; pandas numbers the columns of a list or a single value.
pub fn row_of_step(output: Cell) -> Option<Dict> {
    if is_empty(&output) {
        return None;
    }
    match output {
        Cell::Json(Value::Dict(dict)) => Some(dict),
        Cell::Json(Value::List(items)) => {
            let numbered = items.into_iter().enumerate();
            Some(Dict::from_entries(numbered.map(|(n, v)| (Text::from(n.to_string().as_str()), v)).collect()))
        }
        Cell::Json(value) => Some(Dict::from_entries(vec![(Text::from("0"), value)])),
        Cell::Null | Cell::Odd(_) => None,
    }
}

/// Whether a cell holds nothing as Python's `if not outputs` sees it, so that the last step stands in for it.
pub fn is_empty(outputs: &Cell) -> bool {
    match outputs {
        Cell::Null | Cell::Json(Value::Null | Value::Bool(false) | Value::Int(0)) => true,
        Cell::Json(Value::Float(f)) => *f == 0.0,
        Cell::Json(Value::Str(text)) => text.as_wtf8().is_empty(),
        Cell::Json(Value::List(items)) => items.is_empty(),
        Cell::Json(Value::Dict(dict)) => dict.is_empty(),
        Cell::Json(_) | Cell::Odd(_) => false,
    }
}

/// What the first pass learns: the columns in order of first appearance, and what each holds.
#[derive(Debug, Default)]
pub struct DataFrame {
    columns: Vec<Column>,
    places: HashMap<Text, usize>,
    rows: u64,
}

#[derive(Debug)]
struct Column {
    name: Text,
    /// Rows that have a value here, `None` and NaN not counted.
    filled: u64,
    floats: bool,
    negative: bool,
    /// It holds an integer that fits into 64 bits only without a sign.
    unsigned: bool,
    /// Something that is no number, or an integer that fits into no 64 bits.
    other: bool,
}

impl DataFrame {
    pub fn new() -> Self {
        Self::default()
    }

    /// Has any row a value? Without, pandas writes empty lines.
    pub fn has_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    /// The first pass: takes note of a row.
    pub fn learn(&mut self, row: &Dict) {
        self.rows += 1;
        for (name, value) in row.iter() {
            let place = match self.places.get(name) {
                Some(place) => *place,
                None => {
                    self.places.insert(name.clone(), self.columns.len());
                    self.columns.push(Column::new(name.clone()));
                    self.columns.len() - 1
                }
            };
            if let Some(column) = self.columns.get_mut(place) {
                column.learn(value);
            }
        }
    }

    /// How many rows were learned; none means that there is nothing to write.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn columns(&self) -> impl Iterator<Item = &Text> {
        self.columns.iter().map(|column| &column.name)
    }

    /// The second pass: writes the header, then the same rows again by [`FrameWriter::row`].
    pub fn writer<W: Write>(&self, out: W) -> io::Result<FrameWriter<'_, W>> {
        self.writer_with(out, LineBreaks::default())
    }

    /// As [`DataFrame::writer`], with another rule for fields with line breaks.
    pub fn writer_with<W: Write>(&self, out: W, breaks: LineBreaks) -> io::Result<FrameWriter<'_, W>> {
        let mut rows = RowWriter::new(out, Dialect::Pandas).with_breaks(breaks);
        for column in &self.columns {
            rows.field(&column.name.lossy());
        }
        rows.end_row()?;
        Ok(FrameWriter { cells: self.cells(), rows })
    }

    /// The second pass without a file: the texts of the cells of a row.
    pub fn cells(&self) -> FrameCells<'_> {
        let as_floats = self.columns.iter().map(|column| column.prints_floats(self.rows)).collect();
        FrameCells { frame: self, as_floats, text: String::new(), places: vec![(0, 0); self.columns.len()] }
    }
}

impl Column {
    fn new(name: Text) -> Self {
        Self { name, filled: 0, floats: false, negative: false, unsigned: false, other: false }
    }

    fn learn(&mut self, value: &Value) {
        if is_missing(value) {
            // A NaN alone is a float, which makes floats of the integers beside it, as every gap does.
            return;
        }
        self.filled += 1;
        match value {
            Value::Int(i) => self.negative |= *i < 0,
            Value::BigInt(digits) if digits.parse::<u64>().is_ok() => self.unsigned = true,
            Value::Float(_) => self.floats = true,
            _ => self.other = true,
        }
    }

    /// Whether pandas turns the column's integers into floats: all are numbers, all integers fit into one kind
    /// of 64 bits, and a float or a gap is among them.
    fn prints_floats(&self, rows: u64) -> bool {
        let fits = !(self.other || self.negative && self.unsigned);
        fits && (self.floats || self.filled < rows)
    }
}

/// None, NaN: an empty field.
fn is_missing(value: &Value) -> bool {
    matches!(value, Value::Null) || matches!(value, Value::Float(f) if f.is_nan())
}

/// The cells of a row in the second pass.
pub struct FrameCells<'a> {
    frame: &'a DataFrame,
    as_floats: Vec<bool>,
    /// The texts of one row, in the order of its dict.
    text: String,
    /// Where in `text` each column's begins and ends.
    places: Vec<(usize, usize)>,
}

impl FrameCells<'_> {
    /// Takes the cells of this row. Keys that the first pass did not see are left out: the file changed in between.
    pub fn take(&mut self, row: &Dict) {
        self.text.clear();
        self.places.fill((0, 0));
        for (n, (name, value)) in row.iter().enumerate() {
            // Rows nearly always have the columns in the frame's order.
            let guessed = self.frame.columns.get(n).is_some_and(|column| column.name == *name);
            let place = if guessed { Some(n) } else { self.frame.places.get(name).copied() };
            let Some(place) = place else { continue };
            let begin = self.text.len();
            if !is_missing(value) {
                let float = if self.as_floats.get(place) == Some(&true) { value.number() } else { None };
                match float {
                    Some(f) => push_float(f, &mut self.text),
                    None => str_of(value, &mut self.text),
                }
            }
            if let Some(cell) = self.places.get_mut(place) {
                *cell = (begin, self.text.len());
            }
        }
    }

    /// The text in a column, counted from 0, of the row that was taken last.
    pub fn cell(&self, column: usize) -> &str {
        let (begin, end) = self.places.get(column).copied().unwrap_or_default();
        self.text.get(begin..end).unwrap_or_default()
    }
}

/// Writes the rows of the second pass.
pub struct FrameWriter<'a, W: Write> {
    cells: FrameCells<'a>,
    rows: RowWriter<W>,
}

impl<W: Write> FrameWriter<'_, W> {
    /// Keys that the first pass did not see are left out: the file changed in between.
    pub fn row(&mut self, row: &Dict) -> io::Result<()> {
        self.cells.take(row);
        for column in 0..self.cells.places.len() {
            self.rows.field(self.cells.cell(column));
        }
        self.rows.end_row()
    }

    /// Gives the writer back, unflushed.
    pub fn into_inner(self) -> W {
        self.rows.into_inner()
    }
}

#[cfg(test)]
mod tests;
