//! The table's columns: which there are, how wide, and how the numbers of each are written; made once for a table.

use std::collections::HashMap;

use super::super::status_word::NOT_FINISHED;
use crate::{
    formats::number::{self, PointColumn},
    model::{
        sanitize::sanitize,
        value::{Text, Value},
    },
    services::table::types::{TableKey, TableRow, TableShape},
    tui::{
        screens::words::value_text,
        widgets::{table::Column, text::width},
    },
};

/// A column of texts asks for no more than this where others wait for room, and where there is room for all.
const WIDE: usize = 24;
const WIDEST: usize = 80;
/// A column of numbers has so much where there is room: other rows may have longer ones.
const FEW: usize = 9;
/// Of longer lists only the length is shown.
const SHORT: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Where a batch begins and goes on.
    Bracket,
    Row,
    Iteration,
    Status,
    /// A rule between parameters and outputs.
    Rule,
    Parameter(Text),
    Output(Text),
    Reason,
}

impl What {
    /// To sort by it; `running` is the word shown for a phase without an end.
    pub fn key(&self, running: &str) -> Option<TableKey> {
        Some(match self {
            What::Bracket | What::Rule => return None,
            What::Row => TableKey::Row,
            What::Iteration => TableKey::Iteration,
            What::Status => TableKey::Status { running: running.to_owned() },
            What::Parameter(name) => TableKey::Parameter(name.clone()),
            What::Output(name) => TableKey::Output(name.clone()),
            What::Reason => TableKey::Reason,
        })
    }
}

#[derive(Debug, Clone)]
pub(super) struct TableColumn {
    pub what: What,
    pub title: String,
    /// Where the points of its numbers stand, for a column of numbers.
    points: Option<PointColumn>,
    /// Columns that its texts need, and those that are no numbers, as far as the sample tells.
    texts: usize,
    others: usize,
    /// As the user changed it.
    chosen: Option<u16>,
}

impl TableColumn {
    fn new(what: What, title: impl Into<String>, width: usize) -> Self {
        Self { what, title: title.into(), points: None, texts: width, others: 0, chosen: None }
    }

    pub fn can_be_active(&self) -> bool {
        !matches!(self.what, What::Bracket | What::Rule)
    }

    /// Wider, or narrower where negative.
    pub fn widen(&mut self, by: i16) {
        let now = self.chosen.unwrap_or_else(|| self.column().min);
        self.chosen = Some(now.saturating_add_signed(by).clamp(3, 200));
    }

    pub fn fit(&mut self) {
        self.chosen = None;
    }

    /// For the widget.
    pub fn column(&self) -> Column<'_> {
        let title = self.title.as_str();
        let columns = |wide: usize| u16::try_from(wide.min(WIDEST)).unwrap_or(u16::MAX);
        let column = match self.points {
            Some(points) => {
                let column = Column::of_numbers(title, points);
                let (min, want) = (columns(self.others.min(WIDE / 2)), columns(self.texts));
                Column { min: column.min.max(min), want: column.want.max(want).max(min), ..column }
            }
            None => Column::soft(title, columns(self.texts.min(WIDE)), columns(self.texts)),
        };
        let column = if matches!(self.what, What::Row | What::Iteration) { column.right() } else { column };
        let column = column.gap(if matches!(self.what, What::Rule) { 1 } else { 2 });
        match self.chosen {
            Some(width) => Column { min: width, want: width, ..column },
            None => column,
        }
    }

    /// A value as this column writes it.
    pub fn text(&self, value: &Value) -> String {
        number::value_text(value).unwrap_or_else(|| short(value))
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::List(items) if items.len() > SHORT => format!("[{} values]", items.len()),
        _ => value_text(value),
    };
    sanitize(&text).into_owned()
}

pub(super) fn value<'t>(row: &'t TableRow, what: &What) -> Option<&'t Value> {
    match what {
        What::Parameter(name) => row.parameter(name),
        What::Output(name) => row.output(name),
        _ => None,
    }
}

/// All columns of a table, and how many of the first stay when it scrolls sideways.
pub(super) fn of(table: &TableShape, ascii: bool) -> (Vec<TableColumn>, usize) {
    let digits = |n: u64| n.to_string().len();
    let mut cols = Vec::new();
    if table.batched {
        cols.push(TableColumn::new(What::Bracket, "", 1));
    }
    let most = table.highest_iteration.unsigned_abs();
    let iteration = TableColumn::new(What::Iteration, "iter", digits(most).max(4));
    // Of a beginning the number of rows is not known, that of iterations is.
    let rows = if table.whole { table.rows } else { table.rows.max(most) };
    let row = TableColumn::new(What::Row, "row", digits(rows).max(3));
    if table.batch || table.batched {
        cols.push(row);
    }
    cols.push(iteration);
    if table.batch || table.statuses.iter().any(|status| status != "done") {
        // A running record may turn out to have died: the column has room for that word from the start.
        let told = |status: &String| match status.as_str() {
            "running" => NOT_FINISHED.len(),
            status => width(status),
        };
        let widest = table.statuses.iter().map(told).max().unwrap_or(0).clamp(7, NOT_FINISHED.len());
        cols.push(TableColumn::new(What::Status, "status", widest));
    }
    let frozen = cols.len();
    let sample = &table.sample;
    let learn = |what: What, name: &Text| {
        let mut col = learn(what, name, sample);
        if table.rows > sample.len() as u64 && col.points.is_some() {
            col.texts = col.texts.max(FEW);
        }
        col
    };
    cols.extend(table.columns.iter().map(|name| learn(What::Parameter(name.clone()), name)));
    if !table.outputs.is_empty() && !table.columns.is_empty() {
        cols.push(TableColumn::new(What::Rule, if ascii { "|" } else { "│" }, 1));
    }
    cols.extend(table.outputs.iter().map(|name| learn(What::Output(name.clone()), name)));
    if table.reasons {
        let reasons = sample.iter().filter_map(|row| row.reason.as_deref()?.lines().next());
        let widest = reasons.map(width).max().unwrap_or(0).max(WIDE);
        cols.push(TableColumn::new(What::Reason, "reason", widest));
    }
    (cols, frozen)
}

/// Where its numbers have their points and how wide its texts are, from the rows of the sample.
fn learn(what: What, name: &Text, sample: &[TableRow]) -> TableColumn {
    let mut col = TableColumn::new(what, sanitize(&name.lossy()), 0);
    let values = || sample.iter().filter_map(|row| value(row, &col.what)).filter(|v| **v != Value::Null);
    let numbers: Vec<String> = values().filter_map(number::value_text).collect();
    if !numbers.is_empty() && numbers.len() * 2 > values().count() {
        let mut points = PointColumn::default();
        numbers.iter().for_each(|text| points.learn(text));
        col.points = Some(points);
    }
    let others = values().filter(|v| number::value_text(v).is_none_or(|text| !number::is_decimal(&text)));
    col.others = others.map(|v| width(&col.text(v))).max().unwrap_or(0);
    let widest = values().map(|v| width(&col.text(v))).max().unwrap_or(0);
    col.texts = widest.max(width(&col.title)).max(3);
    col
}

/// What was wrong with the fields of a row, by name; other shapes of it belong to no field.
pub(super) fn invalid(row: &TableRow) -> HashMap<&Text, String> {
    let Value::Dict(fields) = &row.invalid else { return HashMap::new() };
    fields.iter().map(|(name, why)| (name, value_text(why))).collect()
}
