//! The config table of a batch run as IvoryOS shows it; for other runs iterations by parameters and outputs.

use std::collections::HashSet;

use super::{
    ask::{Table, TableRow},
    events,
    failures::phase_error,
    lab::Lab,
    pulse::Pulse,
};
use crate::{
    error::Result,
    model::{
        run::{Phase, Run},
        value::{Cell, Dict, Text, Value},
    },
};

/// Is this a run with a config table?
pub fn is_batch(run: &Run) -> bool {
    run.repeat_mode.as_deref() == Some("batch")
}

/// One row for each sample of each iteration, then the rows that did not run.
pub fn of(lab: &Lab, run: &Run, pulse: &mut dyn Pulse) -> Result<Table> {
    let heads = lab.heads(run.id, pulse)?;
    let mut heads: Vec<_> = heads.iter().filter(|h| h.is_main()).collect();
    // Stable: phases of the same iteration stay in the order of their start.
    heads.sort_by_key(|h| h.repeat_index);
    let mut made = Rows { batch: is_batch(run), ..Rows::default() };
    let spans: Vec<_> = heads.iter().map(|h| &h.span).collect();
    lab.each_phase(&spans, pulse, |_, phase| {
        made.phase(&phase);
        Ok(())
    })?;
    if made.batch {
        made.not_run(run);
    }
    Ok(made.table())
}

#[derive(Default)]
struct Rows {
    batch: bool,
    batched: bool,
    columns: Names,
    outputs: Names,
    rows: Vec<TableRow>,
}

/// Names in order of first appearance.
#[derive(Default)]
struct Names {
    order: Vec<Text>,
    seen: HashSet<Text>,
}

impl Names {
    fn learn(&mut self, dict: &Dict) {
        for (key, _) in dict.iter() {
            if !self.seen.contains(key) {
                self.seen.insert(key.clone());
                self.order.push(key.clone());
            }
        }
    }
}

impl Rows {
    fn phase(&mut self, phase: &Phase) {
        let results = dicts(&phase.outputs.read());
        let mut samples = match phase.parameters.read() {
            Cell::Json(Value::Dict(d)) => vec![d],
            Cell::Json(Value::List(items)) => items.into_iter().map(into_dict).collect(),
            _ => vec![Dict::default()],
        };
        if !self.batch && samples.len() < results.len() {
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
        let invalid = invalid.filter(|v| *v != Value::Null);
        self.batched |= samples.len() > 1;
        for (n, values) in samples.into_iter().enumerate() {
            let outputs = results.get(n).map(|r| without(r, &values)).unwrap_or_default();
            self.columns.learn(&values);
            self.outputs.learn(&outputs);
            self.rows.push(TableRow {
                row: self.rows.len() as u64 + 1,
                iteration: phase.repeat_index,
                status: status.clone(),
                values,
                outputs,
                reason: reason.clone(),
                invalid: invalid.clone().unwrap_or_else(|| Value::Dict(Dict::default())),
                starts_batch: n == 0,
            });
        }
    }

    fn not_run(&mut self, run: &Run) {
        for event in events::stored(run) {
            if events::text(&event, "kind").as_deref() != Some("rows_not_run") {
                continue;
            }
            let rows = event.get("rows").and_then(Value::list).unwrap_or_default();
            for (n, row) in rows.iter().enumerate() {
                let values = row.dict().cloned().unwrap_or_default();
                self.columns.learn(&values);
                self.rows.push(TableRow {
                    row: self.rows.len() as u64 + 1,
                    iteration: None,
                    status: "pending".to_owned(),
                    values,
                    outputs: Dict::default(),
                    reason: None,
                    invalid: Value::Dict(Dict::default()),
                    starts_batch: n == 0,
                });
            }
        }
    }

    fn table(self) -> Table {
        Table {
            batch: self.batch,
            batched: self.batched,
            columns: self.columns.order,
            outputs: self.outputs.order,
            rows: self.rows,
        }
    }
}

/// The results of the samples; here nested lists are not opened, unlike in the data CSV.
fn dicts(outputs: &Cell) -> Vec<Dict> {
    match outputs {
        Cell::Json(Value::Dict(d)) => vec![d.clone()],
        Cell::Json(Value::List(items)) => items.iter().cloned().map(into_dict).collect(),
        _ => Vec::new(),
    }
}

fn into_dict(value: Value) -> Dict {
    if let Value::Dict(d) = value { d } else { Dict::default() }
}

fn without(results: &Dict, values: &Dict) -> Dict {
    let known: HashSet<&Text> = values.iter().map(|(k, _)| k).collect();
    let rest = results.iter().filter(|(k, _)| !known.contains(k));
    Dict::from_entries(rest.map(|(k, v)| (k.clone(), v.clone())).collect())
}
