//! The exports: each streams the bytes that IvoryOS gives for a record, in pieces.

mod data_csv;
mod folder;
mod steps_csv;

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use super::{chart, files, lab::Lab, optimizer};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Result},
    formats::{chart::Chart, json::Layout, plot_json::PlotWriter, svg},
    model::{
        run::{Phase, Run},
        value::Cell,
    },
    services::export_kind::ExportKind,
};

pub use folder::into_folder;

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exported {
    /// Files and their bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// What the user should know: odd cells, a name that was cut, data that changed meanwhile.
    pub notes: Vec<String>,
}

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
    checkpoint: &mut dyn Checkpoint,
) -> Result<()> {
    let before = lab.store.data_version().ok();
    match kind {
        ExportKind::StepsCsv => steps_csv::write(lab, run, outlet, checkpoint)?,
        ExportKind::DataCsv => data_csv::write(lab, run, outlet, checkpoint)?,
        ExportKind::PlotJson => plot_json(lab, run, outlet, checkpoint)?,
        ExportKind::ChartSvg => chart_svg(lab, run, outlet, checkpoint)?,
        ExportKind::Log => copy(&files::existing_log(lab, run)?, outlet, checkpoint)?,
        ExportKind::ResultFile => copy(&files::existing_result(lab, run)?, outlet, checkpoint)?,
        ExportKind::OptimizerPlots => copy(&optimizer::source(lab, run)?, outlet, checkpoint)?,
        ExportKind::Everything => {
            return Err(Error::Usage("everything goes into a folder, not into one file".into()));
        }
    }
    if run.end.is_none() && before != lab.store.data_version().ok() {
        outlet.notes.push(format!("the database changed while record {} was exported: it may go on", run.id));
    }
    Ok(())
}

/// Phases between two checkpoints.
const PHASES: usize = 64;

fn odd_cell(phase: &Phase, column: &str) -> String {
    format!("record {}, phase {}: {column} is not as IvoryOS writes it", phase.run_id, phase.id)
}

fn plot_json(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, checkpoint: &mut dyn Checkpoint) -> Result<()> {
    let summaries = lab.phase_summaries(run.id, checkpoint)?;
    let summaries = chart::shown_phases(Lab::main_phases(&summaries));
    let total = summaries.len() as u64;
    let target = outlet.target.clone();
    let out = BufWriter::with_capacity(1 << 16, &mut *outlet.out);
    let mut writer = PlotWriter::new(out, Layout::Line).map_err(io_error(&target))?;
    let mut done = 0;
    for some in summaries.chunks(PHASES) {
        let phase_refs: Vec<_> = some.iter().map(|h| &h.phase_ref).collect();
        for (phase, summary) in lab.store.phase_rows(&phase_refs)?.into_iter().zip(some) {
            let outputs = phase.map_or(Cell::Null, |p| p.outputs.read());
            writer.phase(summary.repeat_index, &outputs).map_err(io_error(&target))?;
        }
        done += some.len() as u64;
        checkpoint.check(Progress { done, total: Some(total) })?;
    }
    writer.finish().and_then(|mut out| out.flush()).map_err(io_error(&target))
}

fn chart_svg(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, checkpoint: &mut dyn Checkpoint) -> Result<()> {
    let series = chart::series(lab, run.id, checkpoint)?;
    if series.iter().all(|s| s.stats().is_none()) {
        return Err(Error::Missing(format!("record {} has no numbers to chart", run.id)));
    }
    let title = format!("#{} {}", run.id, run.name);
    let target = outlet.target.clone();
    let charts: Vec<Chart> =
        series.iter().filter(|s| s.stats().is_some()).map(Chart::over_iterations).collect();
    outlet.out.write_all(svg::svg(&title, &charts).as_bytes()).map_err(io_error(&target))
}

/// Bytes of a file copied between two checkpoints.
const STRIDE: usize = 1 << 20;

/// The bytes of a file as they are.
pub fn copy(path: &Path, outlet: &mut Outlet<'_>, checkpoint: &mut dyn Checkpoint) -> Result<()> {
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
        checkpoint.check(Progress { done, total: Some(total) })?;
    }
}

/// Would a terminal make nothing of this file? One with a zero byte near its beginning is no text.
pub fn looks_binary(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(8192).read_to_end(&mut head)).map_err(io_error(path))?;
    Ok(head.contains(&0) || std::str::from_utf8(&head).is_err_and(|e| e.error_len().is_some()))
}
