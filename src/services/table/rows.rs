//! The rows that a phase gives to the table, and those that did not run.

use super::types::TableRow;
use crate::{
    model::{
        run::{Phase, Run},
        value::{Cell, Dict, Value},
    },
    services::{events, step_errors::phase_error},
};

/// Is this a run with a config table?
pub fn is_batch(run: &Run) -> bool {
    run.repeat_mode.as_deref() == Some("batch")
}

/// A row for each sample of a phase, numbered from `first`.
pub(super) fn of_phase(phase: &Phase, batch: bool, first: u64) -> Vec<TableRow> {
    // Nested lists are not opened here, unlike in the data CSV.
    let mut results = phase.outputs.read().into_dicts().unwrap_or_default().into_iter();
    let mut samples = phase.parameters.read().into_dicts().unwrap_or_else(|| vec![Dict::default()]);
    if !batch && samples.len() < results.len() {
        samples.resize(results.len(), Dict::default());
    }
    let status = phase
        .status
        .clone()
        .filter(|s| !s.is_empty())
        .unwrap_or_else(|| (if phase.end.is_none() { "running" } else { "done" }).to_owned());
    let (reason, invalid) = match phase.error.read() {
        Cell::Json(Value::Dict(d)) => (events::text(&d, "message"), d.get("fields").cloned()),
        _ => (phase_error(phase), None),
    };
    let invalid = invalid.filter(|v| *v != Value::Null).unwrap_or_else(|| Value::Dict(Dict::default()));
    let row = |(n, values): (u64, Dict)| TableRow {
        row: first + n,
        iteration: phase.repeat_index,
        status: status.clone(),
        outputs: results.next().map(|r| without(r, &values)).unwrap_or_default(),
        values,
        reason: reason.clone(),
        invalid: invalid.clone(),
        starts_batch: n == 0,
    };
    (0..).zip(samples).map(row).collect()
}

/// The rows of the config table that did not run, numbered from `first`.
pub(super) fn not_run(run: &Run, first: u64) -> Vec<TableRow> {
    let mut made: Vec<TableRow> = Vec::new();
    for event in events::stored(run) {
        if events::text(&event, "kind").as_deref() != Some("rows_not_run") {
            continue;
        }
        let rows = event.get("rows").and_then(Value::list).unwrap_or_default();
        for (n, row) in rows.iter().enumerate() {
            made.push(TableRow {
                row: first + made.len() as u64,
                iteration: None,
                status: "pending".to_owned(),
                values: row.dict().cloned().unwrap_or_default(),
                starts_batch: n == 0,
                ..blank(0)
            });
        }
    }
    made
}

/// In the place of a row that is not there any more.
pub(super) fn gone(row: u64) -> TableRow {
    TableRow { status: "gone".to_owned(), ..blank(row) }
}

fn blank(row: u64) -> TableRow {
    TableRow {
        row,
        iteration: None,
        status: String::new(),
        values: Dict::default(),
        outputs: Dict::default(),
        reason: None,
        invalid: Value::Dict(Dict::default()),
        starts_batch: false,
    }
}

fn without(results: Dict, values: &Dict) -> Dict {
    if values.iter().next().is_none() {
        return results;
    }
    let rest = results.without(values);
    Dict::from_entries(rest.into_iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}
