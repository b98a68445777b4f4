//! The table's columns: which there are, how wide, and how the numbers of each are written; made once for a table.

use std::collections::HashMap;

use super::super::status_word::NOT_FINISHED;
use crate::{
    formats::scale::heading,
    model::{
        format::{format_column, number},
        sanitize::sanitize,
        value::{Text, Value},
    },
    services::table::{
        plain_number,
        types::{TableKey, TableRow, TableShape},
    },
    tui::{
        screens::words::value_text,
        widgets::{
            table::Column,
            text::{Align, width},
        },
    },
};

/// A column asks for no more than this by itself.
const WIDEST: usize = 24;
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

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Text,
    Decimals(usize),
    Scientific(usize),
}

#[derive(Debug, Clone)]
pub(super) struct TableColumn {
    pub what: What,
    pub title: String,
    style: Style,
    /// By itself, and as the user changed it.
    natural: u16,
    pub width: u16,
}

impl TableColumn {
    fn new(what: What, title: impl Into<String>, width: u16) -> Self {
        Self { what, title: title.into(), style: Style::Text, natural: width, width }
    }

    pub fn can_be_active(&self) -> bool {
        !matches!(self.what, What::Bracket | What::Rule)
    }

    pub fn fit(&mut self) {
        self.width = self.natural;
    }

    /// For the widget.
    pub fn column(&self) -> Column<'_> {
        let right = self.style != Style::Text || matches!(self.what, What::Row | What::Iteration);
        let gap = if matches!(self.what, What::Rule) { 1 } else { 2 };
        let column = Column::new(self.title.as_str(), self.width).gap(gap);
        if right { Column { align: Align::Right, ..column } } else { column }
    }

    /// A value as this column writes it.
    pub fn text(&self, value: &Value) -> String {
        match (self.style, plain_number(value)) {
            (Style::Decimals(n), Some(v)) if v.is_finite() => {
                let text = format!("{v:.n$}");
                // So small that nothing of it would be seen.
                let lost = v != 0.0 && text.chars().all(|c| matches!(c, '-' | '0' | '.'));
                if lost { number(v) } else { text }
            }
            (Style::Scientific(n), Some(v)) if v.is_finite() => format!("{v:.n$e}"),
            _ => short(value),
        }
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
    let digits = |n: u64| u16::try_from(n.to_string().len()).unwrap_or(20);
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
        cols.push(TableColumn::new(What::Status, "status", u16::try_from(widest).unwrap_or(7)));
    }
    let frozen = cols.len();
    let sample = &table.sample;
    cols.extend(table.columns.iter().map(|name| learn(What::Parameter(name.clone()), name, sample)));
    if !table.outputs.is_empty() && !table.columns.is_empty() {
        cols.push(TableColumn::new(What::Rule, if ascii { "|" } else { "│" }, 1));
    }
    cols.extend(table.outputs.iter().map(|name| learn(What::Output(name.clone()), name, sample)));
    if table.reasons {
        cols.push(TableColumn::new(What::Reason, "reason", 24));
    }
    (cols, frozen)
}

/// Alignment, precision and width, from the rows of the sample.
fn learn(what: What, name: &Text, sample: &[TableRow]) -> TableColumn {
    let mut col = TableColumn::new(what, heading(&sanitize(&name.lossy())), 0);
    let values: Vec<&Value> =
        sample.iter().filter_map(|row| value(row, &col.what)).filter(|v| **v != Value::Null).collect();
    let numbers: Vec<f64> = values.iter().filter_map(|v| plain_number(v)).collect();
    if !values.is_empty() && numbers.len() * 2 > values.len() {
        col.style = style(&numbers);
    }
    let widest = values.iter().map(|v| width(&col.text(v))).max().unwrap_or(0);
    let natural = widest.max(width(&col.title)).clamp(3, WIDEST);
    col.natural = u16::try_from(natural).unwrap_or(u16::MAX);
    col.width = col.natural;
    col
}

fn style(numbers: &[f64]) -> Style {
    let texts = format_column(numbers);
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, rest)| rest.len());
    if texts.iter().any(|text| text.contains('e')) {
        let most = texts.iter().map(|text| decimals(text.split('e').next().unwrap_or_default())).max();
        return Style::Scientific(most.unwrap_or(0));
    }
    Style::Decimals(texts.iter().map(|text| decimals(text)).max().unwrap_or(0))
}

/// What was wrong with the fields of a row, by name; other shapes of it belong to no field.
pub(super) fn invalid(row: &TableRow) -> HashMap<&Text, String> {
    let Value::Dict(fields) = &row.invalid else { return HashMap::new() };
    fields.iter().map(|(name, why)| (name, value_text(why))).collect()
}
