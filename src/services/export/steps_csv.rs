//! The steps CSV: a row for each step, with its sample's parameters and what is not among them.

use super::outlet::{Outlet, PHASES, odd_cell};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    formats::{
        pandas,
        python_csv::{Dialect, RowWriter},
        python_repr::{py_repr, repr, repr_entries},
    },
    model::{
        run::{Phase, Run, Step},
        value::{Cell, Dict, Value},
    },
    services::{lab::Lab, sample_steps::Parameters, steps::turns},
};

/// Bytes of text between two checkpoints, about: a step's output may be a megabyte.
const MUCH: usize = 1 << 20;

/// The titles of the columns.
const COLUMNS: &str = "Phase Name,Phase Repeat Index,Step Index,Step Start Time,Step End Time,Step Run Error,\
                       Step Method Name,Step Output,Step Parameters";

pub(super) fn write(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let summaries = lab.phase_summaries(run.id, cx)?.into(&mut outlet.lacks);
    let total = summaries.len() as u64;
    let mut rows = Vec::new();
    let head = RowWriter::new(&mut rows, Dialect::Excel).row(COLUMNS.split(','));
    head.map_err(Error::io(&outlet.target))?;
    let phase_refs: Vec<_> = summaries.iter().map(|h| &h.phase_ref).collect();
    let (mut left, mut many) = (phase_refs.as_slice(), PHASES / 8);
    while let Some((some, rest)) = left.split_at_checked(many.min(left.len())).filter(|_| !left.is_empty()) {
        let before = rows.len();
        // Text is made first and written after: nothing is open in the database while a slow pipe takes it.
        let read = lab.source().phases(some, cx)?.into_iter().zip(lab.source().steps(some, cx)?);
        for (phase, steps) in read {
            if let Some(phase) = phase {
                phase_rows(&phase, &steps, &mut rows, outlet).map_err(Error::io(&outlet.target))?;
            }
        }
        many = if rows.len() - before > MUCH { many.div_ceil(2) } else { (many * 2).min(PHASES) };
        if rows.len() > 1 << 16 {
            outlet.all(&rows)?;
            rows.clear();
        }
        left = rest;
        cx.check(Progress { done: total - left.len() as u64, total: Some(total) })?;
    }
    outlet.all(&rows)
}

/// The rows of one phase: steps by id, grouped by step_index in the order in which each index first appears; the
/// n-th step of a group is sample n.
fn phase_rows(
    phase: &Phase,
    steps: &[Step],
    rows: &mut Vec<u8>,
    outlet: &mut Outlet<'_>,
) -> std::io::Result<()> {
    let parameters = Parameters::of(phase);
    let whole = odd_parameters(phase, outlet);
    let repeat_index = phase.repeat_index.map(|n| n.to_string()).unwrap_or_default();
    let mut first_at = std::collections::HashMap::new();
    let mut order: Vec<usize> = (0..steps.len()).collect();
    for (n, step) in steps.iter().enumerate() {
        first_at.entry(step.step_index).or_insert(n);
    }
    order.sort_by_key(|n| steps.get(*n).and_then(|s| first_at.get(&s.step_index)).copied());
    let turns = turns(steps);
    let mut csv = RowWriter::new(rows, Dialect::Excel);
    let (mut output, mut inputs) = (String::new(), String::new());
    for n in order {
        let (Some(step), Some((turn, _))) = (steps.get(n), turns.get(n)) else { continue };
        let own = parameters.sample(*turn).filter(|_| whole.is_none());
        output.clear();
        output_repr(step, own, &mut output, outlet);
        inputs.clear();
        match (&whole, own) {
            (Some(text), _) => inputs.push_str(text),
            (None, Some(dict)) => repr_entries(dict.iter(), &mut inputs),
            (None, None) => inputs.push_str("{}"),
        }
        csv.row([
            phase.name.as_str(),
            &repeat_index,
            &step.step_index.map(|n| n.to_string()).unwrap_or_default(),
            &step.start.python(),
            &step.end.python(),
            match step.run_error {
                Some(true) => "True",
                Some(false) => "False",
                None => "",
            },
            &step.method_name,
            &output,
            &inputs,
        ])?;
    }
    Ok(())
}

/// Parameters that are no dict and no list, as text for each row.
fn odd_parameters(phase: &Phase, outlet: &mut Outlet<'_>) -> Option<String> {
    let text = match phase.parameters.read() {
        Cell::Json(Value::Dict(_) | Value::List(_)) => return None,
        // Python's `if params`: zero, false and the empty text count as none.
        empty if pandas::is_empty(&empty) => return None,
        Cell::Null => return None,
        Cell::Json(value) => py_repr(&value),
        Cell::Odd(text) => text.lossy().into_owned(),
    };
    outlet.note(|| odd_cell(phase, "parameters"));
    Some(text)
}

/// The stored dict without the keys that are in the parameters.
fn output_repr(step: &Step, parameters: Option<&Dict>, text: &mut String, outlet: &mut Outlet<'_>) {
    match step.output.read() {
        Cell::Null | Cell::Json(Value::Null) => text.push_str("{}"),
        Cell::Json(Value::Dict(output)) => {
            let known = |key| parameters.is_some_and(|p| p.has(key));
            repr_entries(output.iter().filter(|(k, _)| !known(k)), text);
        }
        // What holds nothing beside the parameters' names is nothing to IvoryOS, whatever its type.
        Cell::Json(Value::List(items)) if items.iter().all(|i| is_name(i, parameters)) => text.push_str("{}"),
        Cell::Json(Value::Str(output)) if output.as_wtf8().is_empty() => text.push_str("{}"),
        Cell::Json(value) => repr(&value, text),
        Cell::Odd(odd) => {
            outlet.note(|| format!("step {}: output is no JSON", step.id));
            text.push_str(&odd.lossy());
        }
    }
}

/// Is this a parameter's name?
fn is_name(item: &Value, parameters: Option<&Dict>) -> bool {
    matches!((item, parameters), (Value::Str(name), Some(all)) if all.has(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::RawCell;

    fn shown(output: &str) -> String {
        let step = Step { output: RawCell(Some(output.as_bytes().into())), ..Step::default() };
        let parameters = Dict::from_entries(vec![("n".into(), Value::Int(1))]);
        let (mut text, mut bytes) = (String::new(), Vec::new());
        output_repr(&step, Some(&parameters), &mut text, &mut Outlet::new(&mut bytes, "memory"));
        text
    }

    #[test]
    fn outputs_that_are_no_dict_are_their_repr_unless_they_add_nothing() {
        for (output, want) in [
            (r#"{"n": 1, "yield": 0.5}"#, "{'yield': 0.5}"),
            ("null", "{}"),
            ("[]", "{}"),
            ("\"\"", "{}"),
            (r#"["n"]"#, "{}"),
            (r#"["n", "m"]"#, "['n', 'm']"),
            ("[1, 2]", "[1, 2]"),
            ("5", "5"),
            ("no json", "no json"),
        ] {
            assert_eq!(shown(output), want, "{output}");
        }
    }
}
