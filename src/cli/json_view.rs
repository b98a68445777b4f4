//! `show --json` and `show --view`: a record as JSON with the keys of IvoryOS's own routes, written piece by piece.

use std::io::{self, Write};

use super::out::{stdout, stdout_error};
use crate::{
    error::Result,
    formats::json::{JsonWriter, Layout},
    model::{
        phase_summary::{PhaseRef, PhaseSummary},
        run::{Phase, Run, Step},
        timestamp::Timestamp,
        value::Dict,
    },
    services::{
        events,
        lab::Lab,
        table::{
            self,
            types::{TableRow, WholeTable},
        },
    },
    signals,
};

/// Everything about a record: the columns of the newest version, null where the file has none.
pub fn record_json(lab: &Lab, id: i64) -> Result<()> {
    let run = lab.run(id, &signals::cx())?;
    let summaries = lab.phase_summaries(id, &mut signals::cx())?.value;
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    begin_record(&mut json, &run).map_err(stdout_error)?;
    for name in ["prep", "cleanup"] {
        json.entry(name, JsonWriter::begin_list).map_err(stdout_error)?;
        let phase_refs: Vec<_> =
            summaries.iter().filter(|h| &*h.name == name).map(|h| &h.phase_ref).collect();
        each_phase(lab, &phase_refs, |_, phase, id, steps| write_phase(phase, id, steps, &mut json))?;
        json.end_list().map_err(stdout_error)?;
        if name == "prep" {
            iterations(lab, &summaries, &mut json)?;
        }
    }
    json.end_dict().map_err(stdout_error)?;
    // Python's str(data_path).
    let file = run.data_path.as_deref().unwrap_or("None");
    json.entry("csv_file_name", |json| json.string(file)).map_err(stdout_error)?;
    json.end_dict().and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ())
}

/// `"script"`: the main phases under their repeat_index, in order of first appearance.
fn iterations<W: Write>(lab: &Lab, summaries: &[PhaseSummary], json: &mut JsonWriter<W>) -> Result<()> {
    json.entry("script", JsonWriter::begin_dict).map_err(stdout_error)?;
    let mut order: Vec<(Option<i64>, Vec<&PhaseRef>)> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for summary in summaries.iter().filter(|h| h.is_main()) {
        let n = *place.entry(summary.repeat_index).or_insert(order.len());
        match order.get_mut(n) {
            Some((_, phase_refs)) => phase_refs.push(&summary.phase_ref),
            None => order.push((summary.repeat_index, vec![&summary.phase_ref])),
        }
    }
    // Where the phases of an iteration begin among those of all.
    let mut places = Vec::with_capacity(order.len());
    let mut all = Vec::with_capacity(summaries.len());
    for (index, phase_refs) in order {
        places.push((all.len(), index));
        all.extend(phase_refs);
    }
    let mut places = places.into_iter().peekable();
    let mut begun = false;
    each_phase(lab, &all, |n, phase, id, steps| {
        while let Some((_, index)) = places.next_if(|(first, _)| *first <= n) {
            if std::mem::replace(&mut begun, true) {
                json.end_list()?;
            }
            json.key(&index.map_or_else(|| "null".to_owned(), |n| n.to_string()))?;
            json.begin_list()?;
        }
        write_phase(phase, id, steps, json)
    })?;
    if begun {
        json.end_list().map_err(stdout_error)?;
    }
    json.end_dict().map_err(stdout_error)
}

/// Reads phases with their steps and gives those that are still there, each with its place and id; nothing is open in
/// the database meanwhile.
fn each_phase(
    lab: &Lab,
    phase_refs: &[&PhaseRef],
    mut see: impl FnMut(usize, &Phase, Option<i64>, &[Step]) -> io::Result<()>,
) -> Result<()> {
    lab.each_phase_with_steps(phase_refs, &mut signals::cx(), |n, phase, id, mut steps| {
        steps.sort_by_key(|s| (s.step_index, s.id));
        see(n, &phase, id, &steps).map_err(stdout_error)
    })
}

fn begin_record<W: Write>(json: &mut JsonWriter<W>, run: &Run) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("workflow_info", JsonWriter::begin_dict)?;
    run_columns(json, run)?;
    json.end_dict()?;
    json.entry("phases", JsonWriter::begin_dict)
}

/// All columns of `workflow_runs` as entries of an open dict.
pub fn run_columns<W: Write>(json: &mut JsonWriter<W>, run: &Run) -> io::Result<()> {
    json.entry("id", |json| json.integer(run.id))?;
    for (key, text) in [("name", Some(run.name.as_str())), ("platform", Some(run.platform.as_str()))] {
        json.entry(key, |json| json.string_or_null(text))?;
    }
    times(json, &run.start, &run.end)?;
    for (key, text) in
        [("data_path", &run.data_path), ("repeat_mode", &run.repeat_mode), ("status", &run.status)]
    {
        json.entry(key, |json| json.string_or_null(text.as_deref()))?;
    }
    json.entry("events", |json| json.cell(&run.events.read()))?;
    json.entry("submitted_by", |json| json.string_or_null(run.submitted_by.as_deref()))
}

fn times<W: Write>(json: &mut JsonWriter<W>, start: &Timestamp, end: &Timestamp) -> io::Result<()> {
    json.entry("start_time", |json| json.string_or_null(start.iso().as_deref()))?;
    json.entry("end_time", |json| json.string_or_null(end.iso().as_deref()))
}

fn write_phase<W: Write>(
    phase: &Phase,
    id: Option<i64>,
    steps: &[Step],
    json: &mut JsonWriter<W>,
) -> io::Result<()> {
    json.item()?;
    json.begin_dict()?;
    json.entry("id", |json| json.or_null(id, JsonWriter::integer))?;
    json.entry("run_id", |json| json.integer(phase.run_id))?;
    json.entry("name", |json| json.string(&phase.name))?;
    json.entry("repeat_index", |json| json.or_null(phase.repeat_index, JsonWriter::integer))?;
    json.entry("parameters", |json| json.cell(&phase.parameters.read()))?;
    json.entry("outputs", |json| json.cell(&phase.outputs.read()))?;
    json.entry("status", |json| json.string_or_null(phase.status.as_deref()))?;
    json.entry("error", |json| json.cell(&phase.error.read()))?;
    times(json, &phase.start, &phase.end)?;
    json.entry("steps", |json| json.list(steps, |json, step| write_step(json, step, id)))?;
    json.end_dict()
}

fn write_step<W: Write>(json: &mut JsonWriter<W>, step: &Step, phase: Option<i64>) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("id", |json| json.integer(step.id))?;
    json.entry("phase_id", |json| json.or_null(phase, JsonWriter::integer))?;
    json.entry("step_index", |json| json.or_null(step.step_index, JsonWriter::integer))?;
    json.entry("method_name", |json| json.string(&step.method_name))?;
    times(json, &step.start, &step.end)?;
    json.entry("run_error", |json| json.or_null(step.run_error, JsonWriter::boolean))?;
    json.entry("output", |json| json.cell(&step.output.read()))?;
    json.end_dict()
}

/// The config table and the events as the page shows them.
pub fn view_json(lab: &Lab, id: i64) -> Result<()> {
    let run = lab.run(id, &signals::cx())?;
    let table = if table::is_batch(&run) { Some(table::of(lab, &run, &mut signals::cx())?) } else { None };
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    write_view(&run, table.as_ref(), &mut json).map_err(stdout_error)?;
    json.finish().map_err(stdout_error)?.finish().map(|_| ())
}

fn write_view<W: Write>(run: &Run, table: Option<&WholeTable>, json: &mut JsonWriter<W>) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("table", |json| json.or_null(table, write_table))?;
    json.entry("events", |json| json.list(&events::stored(run), write_event))?;
    json.end_dict()
}

fn write_event<W: Write>(json: &mut JsonWriter<W>, event: &Dict) -> io::Result<()> {
    let kind = events::text(event, "kind").unwrap_or_default();
    json.begin_dict()?;
    for (key, value) in event.iter().filter(|(k, _)| k.as_wtf8() != b"label") {
        json.entry(&key.lossy(), |json| json.value(value))?;
    }
    json.entry("label", |json| json.string(events::label(&kind).unwrap_or(&kind)))?;
    json.end_dict()
}

fn write_table<W: Write>(json: &mut JsonWriter<W>, table: &WholeTable) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("rows", |json| json.list(&table.rows, write_row))?;
    for (key, names) in [("columns", &table.columns), ("outputs", &table.outputs)] {
        json.entry(key, |json| json.list(names, |json, name| json.string(&name.lossy())))?;
    }
    json.entry("batched", |json| json.boolean(table.batched))?;
    json.end_dict()
}

fn write_row<W: Write>(json: &mut JsonWriter<W>, row: &TableRow) -> io::Result<()> {
    json.begin_dict()?;
    // A row that did not run has no iteration, reason or invalid fields, as on the page.
    if row.iteration.is_some() || row.ran() {
        json.entry("iteration", |json| json.or_null(row.iteration, JsonWriter::integer))?;
    }
    json.entry("status", |json| json.string(&row.status))?;
    json.entry("values", |json| json.dict(&row.values))?;
    json.entry("outputs", |json| json.dict(&row.outputs))?;
    if row.ran() {
        json.entry("reason", |json| json.string_or_null(row.reason.as_deref()))?;
        json.entry("invalid", |json| json.value(&row.invalid))?;
    }
    json.entry("starts_batch", |json| json.boolean(row.starts_batch))?;
    json.entry("row", |json| json.integer(i64::try_from(row.row).unwrap_or(i64::MAX)))?;
    json.end_dict()
}
