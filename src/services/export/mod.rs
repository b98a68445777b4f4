//! The exports: each streams the bytes that IvoryOS gives for a record, in pieces.

pub mod combined;
mod data_csv;
mod folder;
pub mod many;
mod outlet;
mod steps_csv;

use std::{
    io::{BufWriter, Write},
    path::PathBuf,
};

use super::{chart, data_file::DataFile, lab::Lab, why};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    formats::{chart::Chart, json::Layout, plot_json::PlotWriter, svg},
    model::{
        encoding::{BEGINNING, Encoding},
        run::Run,
        value::Cell,
    },
    services::export_kind::{ExportKind, ExportOrigin, MadeExport},
};

use outlet::PHASES;

pub use folder::{ExportedFolder, check_folder, everything, into_folder, make_folder};
pub use outlet::{Outlet, copy};

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exported {
    /// Files and their bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// What the user should know: odd cells, a name that was cut, data that changed meanwhile.
    pub notes: Vec<String>,
}

/// Writes one export of a record.
///
/// # Errors
/// [`Error::Missing`] where there is no such record, log, file, or no data yet: nothing is written then.
pub fn write(lab: &Lab, run: &Run, kind: ExportKind, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let before = lab.version(cx);
    match kind.describe().origin {
        ExportOrigin::Made(MadeExport::StepsCsv) => steps_csv::write(lab, run, outlet, cx)?,
        ExportOrigin::Made(MadeExport::DataCsv) => data_csv::write(lab, run, outlet, cx)?,
        ExportOrigin::Made(MadeExport::PlotJson) => plot_json(lab, run, outlet, cx)?,
        ExportOrigin::Made(MadeExport::ChartSvg) => chart_svg(lab, run, outlet, cx)?,
        ExportOrigin::Made(MadeExport::Why) => reason(lab, run, outlet, cx)?,
        ExportOrigin::OnDisk(open) => copy(&open(lab, run)?, outlet, cx)?,
        ExportOrigin::Folder => {
            return Err(Error::Usage("everything goes into a folder, not into one file".into()));
        }
    }
    if run.end.is_none() && before != lab.version(cx) {
        outlet.notes.push(format!("the database changed while record {} was exported: it may go on", run.id));
    }
    Ok(())
}

fn plot_json(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let summaries = lab.phase_summaries(run.id, cx)?.into(&mut outlet.lacks);
    let summaries = chart::shown_phases(Lab::main_phases(&summaries));
    let total = summaries.len() as u64;
    let target = &outlet.target;
    let out = BufWriter::with_capacity(1 << 16, &mut *outlet.out);
    let mut writer = PlotWriter::new(out, Layout::Line).map_err(Error::io(target))?;
    let mut done = 0;
    for some in summaries.chunks(PHASES) {
        let phase_refs: Vec<_> = some.iter().map(|h| &h.phase_ref).collect();
        for (phase, summary) in lab.source().phases(&phase_refs, cx)?.into_iter().zip(some) {
            let outputs = phase.map_or(Cell::Null, |p| p.outputs.read());
            writer.phase(summary.repeat_index, &outputs).map_err(Error::io(target))?;
        }
        done += some.len() as u64;
        cx.check(Progress { done, total: Some(total) })?;
    }
    writer.finish().and_then(|mut out| out.flush()).map_err(Error::io(target))
}

fn chart_svg(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let series = chart::series(lab, run.id, cx)?.into(&mut outlet.lacks);
    let title = format!("#{} {}", run.id, run.name);
    let charts: Vec<Chart> = series.iter().map(Chart::over_iterations).collect();
    outlet.all(svg::svg(&title, &charts).as_bytes())
}

/// All failures of a record as Markdown.
fn reason(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let told = why::of_record(lab, run.id, why::types::Depth::Whole, cx)?.into(&mut outlet.lacks);
    outlet.all(why::report::markdown(&told).as_bytes())
}

/// Would a terminal make nothing of this file? One with a zero byte near its beginning is no text, unless it is UTF-16,
/// nor is one that is no UTF-8 and has codes that no program writes into a text.
pub fn looks_binary(file: &DataFile) -> Result<bool> {
    let head = file.read_at(0, 8192)?;
    if Encoding::of(head.get(..BEGINNING).unwrap_or(&head)) != Encoding::Bytes {
        return Ok(false);
    }
    let is_utf8 = !std::str::from_utf8(&head).is_err_and(|e| e.error_len().is_some());
    let is_code = |b: &u8| matches!(b, 1..=6 | 14..=26 | 28..=31);
    Ok(head.contains(&0) || !is_utf8 && head.iter().any(is_code))
}
