//! The selected call beside the list: its error and times, its arguments and what it returned.

use crate::{
    formats::python_repr::repr,
    model::{call::Call, value::Value},
    style::Role,
    tui::{
        screens::words::{cell_value, times, value_text},
        widgets::{pane::wrapped, text::Span},
    },
};

/// The lines of a call in so many columns and rows.
pub(super) fn lines(call: &Call, columns: usize, rows: usize) -> Vec<Span<'static>> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut add = |text: &str, role: Role| {
        let left = rows.saturating_sub(lines.len());
        lines.extend(wrapped(text, columns).take(left).map(|row| Span::new(row.to_owned(), role)));
    };
    add(&call.method_name, Role::Heading);
    add(&times(&call.start, &call.end), Role::Dim);
    if let Some(error) = call.run_error.as_deref().filter(|text| !text.is_empty()) {
        add("", Role::Normal);
        add(error, Role::Failed);
    }
    for (title, cell) in [("arguments", &call.kwargs), ("result", &call.output)] {
        if cell.is_null() {
            continue;
        }
        add("", Role::Normal);
        add(title, Role::Dim);
        match cell_value(&cell.read()) {
            Value::Dict(dict) if dict.is_empty() => add("none", Role::Normal),
            Value::Dict(dict) => dict.iter().for_each(|(name, value)| {
                let mut line = format!("{} = ", name.lossy());
                repr(value, &mut line);
                add(&line, Role::Normal);
            }),
            value => add(&value_text(&value), Role::Normal),
        }
    }
    lines
}
