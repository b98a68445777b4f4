//! `show --json` and `show --view`: a record as JSON with the keys of IvoryOS's own routes, written piece by piece.

use std::io::{self, Write};

use super::out::{stdout, stdout_error};
use crate::{
    checkpoint::Quiet,
    error::Result,
    formats::json::{JsonWriter, Layout},
    model::{
        phase_summary::{PhaseRef, PhaseSummary},
        run::{Phase, Run, Step},
        timestamp::Timestamp,
        value::{Text, Value},
    },
    services::{
        events,
        lab::Lab,
        table::{
            self,
            types::{TableRow, WholeTable},
        },
    },
};

/// Everything about a record: the columns of the newest version, null where the file has none.
pub fn record_json(lab: &Lab, id: i64) -> Result<()> {
    let run = lab.run(id)?;
    let summaries = lab.phase_summaries(id, &mut Quiet)?;
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    begin_record(&mut json, &run).map_err(stdout_error)?;
    for name in ["prep", "cleanup"] {
        json.key(name).and_then(|()| json.begin_list()).map_err(stdout_error)?;
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
    json.key("csv_file_name").and_then(|()| json.string(file)).map_err(stdout_error)?;
    json.end_dict().and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ())
}

/// `"script"`: the main phases under their repeat_index, in order of first appearance.
fn iterations<W: Write>(lab: &Lab, summaries: &[PhaseSummary], json: &mut JsonWriter<W>) -> Result<()> {
    json.key("script").and_then(|()| json.begin_dict()).map_err(stdout_error)?;
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

/// Phases that are read together with their steps.
const TOGETHER: usize = 64;

/// Reads phases with their steps and gives those that are still there, each with its place and id; nothing is open in
/// the database meanwhile.
fn each_phase(
    lab: &Lab,
    phase_refs: &[&PhaseRef],
    mut see: impl FnMut(usize, &Phase, Option<i64>, &[Step]) -> io::Result<()>,
) -> Result<()> {
    for (piece, some) in phase_refs.chunks(TOGETHER).enumerate() {
        let rows = lab.store.phase_rows(some)?.into_iter().zip(lab.store.step_rows(some)?);
        for (n, (phase, mut steps)) in rows.enumerate() {
            let Some(phase) = phase else { continue };
            steps.sort_by_key(|s| (s.step_index, s.id));
            // Phases that were made from old steps have no row, so no id.
            let id = lab.store.has_phases().then_some(phase.id);
            see(piece * TOGETHER + n, &phase, id, &steps).map_err(stdout_error)?;
        }
    }
    Ok(())
}

fn begin_record<W: Write>(json: &mut JsonWriter<W>, run: &Run) -> io::Result<()> {
    json.begin_dict()?;
    json.key("workflow_info")?;
    json.begin_dict()?;
    run_columns(json, run, true)?;
    json.end_dict()?;
    json.key("phases")?;
    json.begin_dict()
}

/// All columns of `workflow_runs` as entries of an open dict.
pub fn run_columns<W: Write>(json: &mut JsonWriter<W>, run: &Run, with_events: bool) -> io::Result<()> {
    json.key("id")?;
    json.integer(run.id)?;
    for (key, text) in [("name", Some(run.name.as_str())), ("platform", Some(run.platform.as_str()))] {
        json.key(key)?;
        json.string_or_null(text)?;
    }
    times(json, &run.start, &run.end)?;
    for (key, text) in
        [("data_path", &run.data_path), ("repeat_mode", &run.repeat_mode), ("status", &run.status)]
    {
        json.key(key)?;
        json.string_or_null(text.as_deref())?;
    }
    if with_events {
        json.key("events")?;
        json.cell(&run.events.read())?;
    }
    json.key("submitted_by")?;
    json.string_or_null(run.submitted_by.as_deref())
}

fn times<W: Write>(json: &mut JsonWriter<W>, start: &Timestamp, end: &Timestamp) -> io::Result<()> {
    json.key("start_time")?;
    json.string_or_null(start.iso().as_deref())?;
    json.key("end_time")?;
    json.string_or_null(end.iso().as_deref())
}

fn integer_or_null<W: Write>(json: &mut JsonWriter<W>, number: Option<i64>) -> io::Result<()> {
    match number {
        Some(n) => json.integer(n),
        None => json.null(),
    }
}

fn write_phase<W: Write>(
    phase: &Phase,
    id: Option<i64>,
    steps: &[Step],
    json: &mut JsonWriter<W>,
) -> io::Result<()> {
    json.item()?;
    json.begin_dict()?;
    json.key("id")?;
    integer_or_null(json, id)?;
    json.key("run_id")?;
    json.integer(phase.run_id)?;
    json.key("name")?;
    json.string(&phase.name)?;
    json.key("repeat_index")?;
    integer_or_null(json, phase.repeat_index)?;
    json.key("parameters")?;
    json.cell(&phase.parameters.read())?;
    json.key("outputs")?;
    json.cell(&phase.outputs.read())?;
    json.key("status")?;
    json.string_or_null(phase.status.as_deref())?;
    json.key("error")?;
    json.cell(&phase.error.read())?;
    times(json, &phase.start, &phase.end)?;
    json.key("steps")?;
    json.begin_list()?;
    for step in steps {
        write_step(step, id, json)?;
    }
    json.end_list()?;
    json.end_dict()
}

fn write_step<W: Write>(step: &Step, phase: Option<i64>, json: &mut JsonWriter<W>) -> io::Result<()> {
    json.item()?;
    json.begin_dict()?;
    json.key("id")?;
    json.integer(step.id)?;
    json.key("phase_id")?;
    integer_or_null(json, phase)?;
    json.key("step_index")?;
    integer_or_null(json, step.step_index)?;
    json.key("method_name")?;
    json.string(&step.method_name)?;
    times(json, &step.start, &step.end)?;
    json.key("run_error")?;
    match step.run_error {
        Some(failed) => json.boolean(failed)?,
        None => json.null()?,
    }
    json.key("output")?;
    json.cell(&step.output.read())?;
    json.end_dict()
}

/// The config table and the events as the page shows them.
pub fn view_json(lab: &Lab, id: i64) -> Result<()> {
    let run = lab.run(id)?;
    let table = if table::is_batch(&run) { Some(table::of(lab, &run, &mut Quiet)?) } else { None };
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    write_view(&run, table.as_ref(), &mut json).map_err(stdout_error)?;
    json.finish().map_err(stdout_error)?.finish().map(|_| ())
}

fn write_view<W: Write>(run: &Run, table: Option<&WholeTable>, json: &mut JsonWriter<W>) -> io::Result<()> {
    json.begin_dict()?;
    json.key("table")?;
    match table {
        Some(table) => write_table(table, json)?,
        None => json.null()?,
    }
    json.key("events")?;
    json.begin_list()?;
    for event in events::stored(run) {
        let kind = events::text(&event, "kind").unwrap_or_default();
        json.item()?;
        json.begin_dict()?;
        for (key, value) in event.iter().filter(|(k, _)| k.as_wtf8() != b"label") {
            json.key(&key.lossy())?;
            json.value(value)?;
        }
        json.key("label")?;
        json.string(events::label(&kind).unwrap_or(&kind))?;
        json.end_dict()?;
    }
    json.end_list()?;
    json.end_dict()
}

fn write_table<W: Write>(table: &WholeTable, json: &mut JsonWriter<W>) -> io::Result<()> {
    json.begin_dict()?;
    json.key("rows")?;
    json.begin_list()?;
    for row in &table.rows {
        json.item()?;
        write_row(row, json)?;
    }
    json.end_list()?;
    for (key, names) in [("columns", &table.columns), ("outputs", &table.outputs)] {
        json.key(key)?;
        write_names(names, json)?;
    }
    json.key("batched")?;
    json.boolean(table.batched)?;
    json.end_dict()
}

fn write_names<W: Write>(names: &[Text], json: &mut JsonWriter<W>) -> io::Result<()> {
    json.begin_list()?;
    for name in names {
        json.item()?;
        json.string(&name.lossy())?;
    }
    json.end_list()
}

fn write_row<W: Write>(row: &TableRow, json: &mut JsonWriter<W>) -> io::Result<()> {
    json.begin_dict()?;
    // A row that did not run has no iteration, reason or invalid fields, as on the page.
    if let Some(iteration) = row.iteration {
        json.key("iteration")?;
        json.integer(iteration)?;
    } else if row.ran() {
        json.key("iteration")?;
        json.null()?;
    }
    json.key("status")?;
    json.string(&row.status)?;
    json.key("values")?;
    json.dict(&row.values)?;
    json.key("outputs")?;
    json.dict(&row.outputs)?;
    if row.ran() {
        json.key("reason")?;
        json.string_or_null(row.reason.as_deref())?;
        json.key("invalid")?;
        json.value(&row.invalid)?;
    }
    json.key("starts_batch")?;
    json.boolean(row.starts_batch)?;
    json.key("row")?;
    json.value(&Value::Int(i64::try_from(row.row).unwrap_or(i64::MAX)))?;
    json.end_dict()
}
