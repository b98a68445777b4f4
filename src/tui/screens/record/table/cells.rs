//! How the cells of a row are drawn, and the line that shows the one under the cursor in full.

use super::columns::{TableColumn, What, invalid, value};
use crate::{
    model::value::Value,
    services::table::types::TableRow,
    style::{Role, Theme},
    tui::{
        screens::words::value_text,
        widgets::{table::Placed, text::Span},
    },
};

/// The cells of a row, one for each column, empty for those out of sight; `active` stands under the cursor.
pub(super) fn row(
    row: &TableRow,
    cols: &[TableColumn],
    placed: &[Placed],
    active: Option<usize>,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let wrong = invalid(row);
    let base = if row.ran() { Role::Normal } else { Role::Dim };
    let cell = |(n, col): (usize, &TableColumn)| {
        let mut span = match &col.what {
            What::Bracket if row.starts_batch => Span::dim(if theme.ascii { "+" } else { "┌" }),
            What::Bracket | What::Rule => Span::dim(theme.upright_rule()),
            What::Row => Span::new(row.row.to_string(), Role::Dim),
            What::Iteration => Span::new(row.iteration.map(|n| n.to_string()).unwrap_or_default(), base),
            What::Status => Span::new(row.status.clone(), status_kind(&row.status, base)),
            What::Reason => Span::new(first_line(row.reason.as_deref()), Role::Failed),
            What::Parameter(name) if wrong.contains_key(name) => {
                let text = value(row, &col.what).map(|v| col.text(v)).unwrap_or_default();
                // A mark too, since red is not seen without colours; in front, where it is never cut off.
                Span::new(format!("!{text}"), Role::Failed)
            }
            What::Parameter(_) | What::Output(_) => {
                Span::new(value(row, &col.what).map(|v| col.text(v)).unwrap_or_default(), base)
            }
        };
        if active == Some(n) {
            span.kind = Role::CurrentHit;
        }
        span
    };
    let mut cells = vec![Span::default(); cols.len()];
    for n in placed.iter().map(|place| place.column) {
        if let (Some(slot), Some(col)) = (cells.get_mut(n), cols.get(n)) {
            *slot = cell((n, col));
        }
    }
    cells
}

fn status_kind(status: &str, base: Role) -> Role {
    match status {
        "failed" => Role::Failed,
        "running" => Role::Accent,
        "done" => Role::Dim,
        _ => base,
    }
}

fn first_line(text: Option<&str>) -> String {
    text.and_then(|text| text.lines().next()).unwrap_or_default().to_owned()
}

/// Name, value in full, and what is wrong with it.
pub(super) fn told(row: &TableRow, col: &TableColumn) -> Vec<Span<'static>> {
    let mut spans = vec![Span::dim(format!(" {}  ", col.title)), Span::plain(full(row, col))];
    if let What::Parameter(name) = &col.what
        && let Some(why) = invalid(row).remove(name)
    {
        spans.push(Span::new(format!("  {why}"), Role::Failed));
    }
    spans
}

/// The whole text of a cell.
pub(super) fn full(row: &TableRow, col: &TableColumn) -> String {
    match &col.what {
        What::Row => row.row.to_string(),
        What::Iteration => row.iteration.map(|n| n.to_string()).unwrap_or_default(),
        What::Status => row.status.clone(),
        What::Reason => row.reason.clone().unwrap_or_default(),
        What::Bracket | What::Rule => String::new(),
        What::Parameter(_) | What::Output(_) => match value(row, &col.what) {
            None | Some(Value::Null) => String::new(),
            Some(value) => value_text(value),
        },
    }
}
