//! The exports: each streams the bytes that IvoryOS gives for a record, in pieces.

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    ask::{ExportKind, Exported},
    chart, files,
    lab::Lab,
    optimizer,
    pulse::{Progress, Pulse},
    steps::{Parameters, turns},
};
use crate::{
    error::{Error, Result},
    export::{
        chart::Chart,
        columns::{self, Frame},
        json::Layout,
        names,
        plot::PlotWriter,
        pycsv::{Dialect, RowWriter},
        repr::{repr, repr_entries},
        svg,
        write::{Sink, Target, free_folder},
    },
    model::{
        run::{Phase, Run, Step},
        value::{Cell, Dict, RawCell, Value},
    },
    store::PhaseSpan,
};

/// Where an export's bytes go, and what it wants the user to know.
pub struct Outlet<'a> {
    pub out: &'a mut dyn Write,
    /// The name of where it goes, for messages.
    pub target: PathBuf,
    pub notes: Vec<String>,
    dropped: usize,
}

/// Notes about odd cells that are kept; the rest is counted.
const NOTES: usize = 20;

impl<'a> Outlet<'a> {
    pub fn new(out: &'a mut dyn Write, target: impl Into<PathBuf>) -> Self {
        Self { out, target: target.into(), notes: Vec::new(), dropped: 0 }
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        if self.notes.len() < NOTES {
            self.notes.push(text());
        } else {
            self.dropped += 1;
        }
    }

    /// Writes bytes that are made already.
    pub fn all(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(io_error(&self.target))
    }

    /// All notes.
    pub fn finish(mut self) -> Vec<String> {
        if self.dropped > 0 {
            self.notes.push(format!("and {} more cells like these", self.dropped));
        }
        self.notes
    }
}

fn io_error(target: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::Io { path: target.to_path_buf(), source }
}

/// Writes one export of a record.
///
/// # Errors
/// [`Error::Missing`] where there is no such record, log, file, or no data yet: nothing is written then.
pub fn write(
    lab: &Lab,
    run: &Run,
    kind: ExportKind,
    outlet: &mut Outlet<'_>,
    pulse: &mut dyn Pulse,
) -> Result<()> {
    let before = lab.store.data_version().ok();
    match kind {
        ExportKind::StepsCsv => steps_csv(lab, run, outlet, pulse)?,
        ExportKind::DataCsv => data_csv(lab, run, outlet, pulse)?,
        ExportKind::PlotJson => plot_json(lab, run, outlet, pulse)?,
        ExportKind::ChartSvg => chart_svg(lab, run, outlet, pulse)?,
        ExportKind::Log => copy(&files::existing_log(lab, run)?, outlet, pulse)?,
        ExportKind::ResultFile => copy(&files::existing_result(lab, run)?, outlet, pulse)?,
        ExportKind::OptimizerPlots => copy(&optimizer::source(lab, run)?, outlet, pulse)?,
        ExportKind::Everything => {
            return Err(Error::Usage("everything goes into a folder, not into one file".into()));
        }
    }
    if run.end.is_none() && before != lab.store.data_version().ok() {
        outlet.notes.push(format!("the database changed while record {} was exported: it may go on", run.id));
    }
    Ok(())
}

/// Phases between two beats.
const PHASES: usize = 64;

fn steps_csv(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, pulse: &mut dyn Pulse) -> Result<()> {
    let heads = lab.heads(run.id, pulse)?;
    let total = heads.len() as u64;
    let target = outlet.target.clone();
    let mut rows = Vec::new();
    let mut csv = RowWriter::new(&mut rows, Dialect::Excel);
    csv.row([
        "Phase Name",
        "Phase Repeat Index",
        "Step Index",
        "Step Start Time",
        "Step End Time",
        "Step Run Error",
        "Step Method Name",
        "Step Output",
        "Step Parameters",
    ])
    .map_err(io_error(&target))?;
    drop(csv);
    let spans: Vec<_> = heads.iter().map(|(_, span)| span).collect();
    let mut done = 0;
    for some in spans.chunks(PHASES) {
        // Text is made first and written after: nothing is open in the database while a slow pipe takes it.
        let read = lab.store.phase_rows(some)?.into_iter().zip(lab.store.step_rows(some)?);
        for (phase, steps) in read {
            if let Some(phase) = phase {
                phase_rows(&phase, &steps, &mut rows, outlet).map_err(io_error(&target))?;
            }
        }
        if rows.len() > 1 << 16 {
            outlet.out.write_all(&rows).map_err(io_error(&target))?;
            rows.clear();
        }
        done += some.len() as u64;
        pulse.beat(Progress { done, total: Some(total) })?;
    }
    outlet.out.write_all(&rows).map_err(io_error(&target))
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
        empty if columns::is_empty(&empty) => return None,
        Cell::Null => return None,
        Cell::Json(value) => {
            let mut text = String::new();
            repr(&value, &mut text);
            text
        }
        Cell::Odd(text) => text.lossy().into_owned(),
    };
    outlet.note(|| odd_cell(phase, "parameters"));
    Some(text)
}

fn odd_cell(phase: &Phase, column: &str) -> String {
    format!("record {}, phase {}: {column} is not as IvoryOS writes it", phase.run_id, phase.id)
}

/// The stored dict without the keys that are in the parameters.
fn output_repr(step: &Step, parameters: Option<&Dict>, text: &mut String, outlet: &mut Outlet<'_>) {
    match step.output.read() {
        Cell::Null | Cell::Json(Value::Null) => text.push_str("{}"),
        Cell::Json(Value::Dict(output)) => {
            let known = |key| parameters.is_some_and(|p| p.has(key));
            repr_entries(output.iter().filter(|(k, _)| !known(k)), text);
        }
        Cell::Json(value) => repr(&value, text),
        Cell::Odd(odd) => {
            outlet.note(|| format!("step {}: output is no JSON", step.id));
            text.push_str(&odd.lossy());
        }
    }
}

/// Bytes of outputs up to which they are kept between the two passes, so that both see the same.
const KEPT: usize = 8 << 20;

fn data_csv(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, pulse: &mut dyn Pulse) -> Result<()> {
    if !lab.store.has_phases() {
        return copy(&files::legacy_data(lab, run)?, outlet, pulse);
    }
    let heads = lab.heads(run.id, pulse)?;
    let heads = Lab::main_heads(&heads);
    let total = heads.len() as u64 * 2;
    let mut frame = Frame::new();
    let (mut kept, mut bytes) = (Some(Vec::new()), 0);
    let spans: Vec<_> = heads.iter().map(|(_, span)| span).collect();
    let mut done = 0;
    for some in spans.chunks(PHASES) {
        for given in given(lab, some, Some(outlet))? {
            given
                .each_row(|row| {
                    frame.learn(row);
                    Ok(())
                })
                .map_err(io_error(&outlet.target))?;
            bytes += given.bytes();
            if bytes > KEPT {
                kept = None;
            } else if let Some(kept) = &mut kept {
                kept.push(given);
            }
        }
        done += some.len() as u64;
        pulse.beat(Progress { done, total: Some(total) })?;
    }
    if frame.rows() == 0 {
        return Err(Error::Missing(format!("record {} has no data yet", run.id)));
    }
    let target = outlet.target.clone();
    let out = BufWriter::with_capacity(1 << 16, &mut *outlet.out);
    let mut writer = frame.writer(out).map_err(io_error(&target))?;
    let mut kept = kept.map(Vec::into_iter);
    for some in spans.chunks(PHASES) {
        let given = match &mut kept {
            Some(kept) => kept.take(some.len()).collect(),
            None => given(lab, some, None)?,
        };
        for given in given {
            given.each_row(|row| writer.row(row)).map_err(io_error(&target))?;
        }
        done += some.len() as u64;
        pulse.beat(Progress { done, total: Some(total) })?;
    }
    writer.into_inner().flush().map_err(io_error(&target))
}

/// What a phase gives to the data CSV.
enum Given {
    /// Its outputs.
    Outputs(RawCell),
    /// The output of its last finished step, where it has no outputs.
    LastStep(RawCell),
}

/// What each of some phases gives.
fn given(lab: &Lab, spans: &[&PhaseSpan], mut outlet: Option<&mut Outlet<'_>>) -> Result<Vec<Given>> {
    let phases = lab.store.phase_rows(spans)?.into_iter().zip(spans);
    phases.map(|(phase, span)| Given::by(lab, phase, span, outlet.as_deref_mut())).collect()
}

impl Given {
    fn by(
        lab: &Lab,
        phase: Option<Phase>,
        span: &PhaseSpan,
        outlet: Option<&mut Outlet<'_>>,
    ) -> Result<Self> {
        let Some(phase) = phase else {
            return Ok(Given::LastStep(RawCell(None)));
        };
        let outputs = phase.outputs.read();
        if let (Cell::Odd(_), Some(outlet)) = (&outputs, outlet) {
            outlet.note(|| odd_cell(&phase, "outputs"));
        }
        if !columns::is_empty(&outputs) {
            return Ok(Given::Outputs(phase.outputs));
        }
        let finished = lab.store.steps(span)?.into_iter().filter(|s| !s.end.is_none());
        // Of several with the largest index the lowest id: the first, as steps come by id.
        let last = finished.reduce(|best, s| if s.step_index > best.step_index { s } else { best });
        Ok(Given::LastStep(last.map(|s| s.output).unwrap_or_default()))
    }

    fn bytes(&self) -> usize {
        let (Given::Outputs(cell) | Given::LastStep(cell)) = self;
        cell.0.as_ref().map_or(0, |c| c.len())
    }

    fn each_row(&self, each: impl FnMut(&Dict) -> std::io::Result<()>) -> std::io::Result<()> {
        match self {
            Given::Outputs(cell) => columns::rows_of_outputs(&cell.read()).into_iter().try_for_each(each),
            Given::LastStep(cell) => columns::row_of_step(cell.read()).iter().try_for_each(each),
        }
    }
}

fn plot_json(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, pulse: &mut dyn Pulse) -> Result<()> {
    let heads = lab.heads(run.id, pulse)?;
    let heads = chart::shown_phases(Lab::main_heads(&heads));
    let total = heads.len() as u64;
    let target = outlet.target.clone();
    let out = BufWriter::with_capacity(1 << 16, &mut *outlet.out);
    let mut writer = PlotWriter::new(out, Layout::Line).map_err(io_error(&target))?;
    let mut done = 0;
    for some in heads.chunks(PHASES) {
        let spans: Vec<_> = some.iter().map(|(_, span)| span).collect();
        for (phase, (head, _)) in lab.store.phase_rows(&spans)?.into_iter().zip(some) {
            let outputs = phase.map_or(Cell::Null, |p| p.outputs.read());
            writer.phase(head.repeat_index, &outputs).map_err(io_error(&target))?;
        }
        done += some.len() as u64;
        pulse.beat(Progress { done, total: Some(total) })?;
    }
    writer.finish().and_then(|mut out| out.flush()).map_err(io_error(&target))
}

fn chart_svg(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, pulse: &mut dyn Pulse) -> Result<()> {
    let series = chart::series(lab, run.id, pulse)?;
    if series.iter().all(|s| s.stats().is_none()) {
        return Err(Error::Missing(format!("record {} has no numbers to chart", run.id)));
    }
    let title = format!("#{} {}", run.id, run.name);
    let target = outlet.target.clone();
    let charts: Vec<Chart> =
        series.iter().filter(|s| s.stats().is_some()).map(Chart::over_iterations).collect();
    outlet.out.write_all(svg::svg(&title, &charts).as_bytes()).map_err(io_error(&target))
}

/// Bytes of a file copied between two beats.
const STRIDE: usize = 1 << 20;

/// The bytes of a file as they are.
pub fn copy(path: &Path, outlet: &mut Outlet<'_>, pulse: &mut dyn Pulse) -> Result<()> {
    let mut file = File::open(path).map_err(io_error(path))?;
    let total = file.metadata().map_err(io_error(path))?.len();
    let mut buffer = vec![0; STRIDE];
    let mut done = 0;
    loop {
        let n = file.read(&mut buffer).map_err(io_error(path))?;
        let Some(piece) = buffer.get(..n).filter(|p| !p.is_empty()) else {
            return Ok(());
        };
        outlet.out.write_all(piece).map_err(io_error(&outlet.target.clone()))?;
        done += n as u64;
        pulse.beat(Progress { done, total: Some(total) })?;
    }
}

/// Would a terminal make nothing of this file? One with a zero byte near its beginning is no text.
pub fn looks_binary(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(8192).read_to_end(&mut head)).map_err(io_error(path))?;
    Ok(head.contains(&0) || std::str::from_utf8(&head).is_err_and(|e| e.error_len().is_some()))
}

/// Writes an export into a folder under IvoryOS's own name, or the next free one.
pub fn into_folder(
    lab: &Lab,
    id: i64,
    kind: ExportKind,
    folder: &Path,
    pulse: &mut dyn Pulse,
) -> Result<Exported> {
    let run = lab.run(id)?;
    if kind == ExportKind::Everything {
        return everything(lab, &run, folder, pulse);
    }
    one(lab, &run, kind, folder, pulse)
}

fn one(lab: &Lab, run: &Run, kind: ExportKind, folder: &Path, pulse: &mut dyn Pulse) -> Result<Exported> {
    let target = Target::Free { folder: folder.to_path_buf(), name: files::export_name(lab, run, kind) };
    let mut sink = Sink::open(&target)?;
    let notes = {
        let mut outlet = Outlet::new(&mut sink, folder);
        write(lab, run, kind, &mut outlet, pulse)?;
        outlet.finish()
    };
    let written = sink.finish()?;
    let mut done = Exported { files: Vec::new(), notes };
    if let Some(path) = written.path {
        if written.cut {
            done.notes.push(format!("the name was too long and was cut: {}", path.display()));
        }
        done.files.push((path, written.bytes));
    }
    Ok(done)
}

/// All that there is of a record, into a new folder of its own.
fn everything(lab: &Lab, run: &Run, folder: &Path, pulse: &mut dyn Pulse) -> Result<Exported> {
    let own = free_folder(folder, &names::stem(run))?;
    let mut all = Exported::default();
    let kinds = [
        ExportKind::StepsCsv,
        ExportKind::DataCsv,
        ExportKind::PlotJson,
        ExportKind::ChartSvg,
        ExportKind::Log,
        ExportKind::ResultFile,
        ExportKind::OptimizerPlots,
    ];
    for kind in kinds {
        match one(lab, run, kind, &own, pulse) {
            Ok(done) => {
                all.files.extend(done.files);
                all.notes.extend(done.notes);
            }
            Err(Error::Missing(what)) => all.notes.push(what),
            Err(e) => {
                // No half folder: what was written so far goes again.
                let _ = std::fs::remove_dir_all(&own);
                return Err(e);
            }
        }
    }
    Ok(all)
}
