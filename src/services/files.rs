//! The list of a record's files, those on disk and those that an export makes, and what exports are called.

use std::{fs, path::PathBuf};

use super::{
    lab::Lab,
    optimizer,
    paths::{existing_log, existing_result, legacy_data},
};
use crate::{
    error::Result,
    formats::file_names,
    model::{format::count_of, run::Run},
    services::export_kind::ExportKind,
};

/// A file of a record, there already or made on export.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    pub kind: ExportKind,
    pub name: String,
    /// An export makes it: it is on no disk.
    pub made: bool,
    /// Where it is on disk.
    pub path: Option<PathBuf>,
    /// `None` when not there or not made yet.
    pub size: Option<u64>,
    /// Why it is not there, or what it is: `no data yet`, `PNG image`.
    pub note: Option<String>,
}

impl FileEntry {
    /// Neither on disk nor made by an export; the note says why.
    pub fn is_missing(&self) -> bool {
        !self.made && self.path.is_none()
    }
}

/// The name that an export gets, as the data has it: it is made safe when a file is made.
pub fn export_name(lab: &Lab, run: &Run, kind: ExportKind) -> String {
    match kind {
        ExportKind::StepsCsv => file_names::steps_csv(run),
        ExportKind::DataCsv => file_names::data_csv(run),
        ExportKind::PlotJson => file_names::plot_json(run),
        ExportKind::ChartSvg => file_names::plot_svg(run),
        ExportKind::Log => file_names::log(run).unwrap_or_else(|| format!("{}.log", file_names::stem(run))),
        ExportKind::ResultFile => run.data_path.clone().unwrap_or_else(|| file_names::data_csv(run)),
        ExportKind::OptimizerPlots => match optimizer::read(lab, run) {
            Ok(optimizer::Plots::Image(_)) => file_names::plots_png(run),
            _ => file_names::plots_json(run),
        },
        ExportKind::Everything => file_names::stem(run),
    }
}

/// Files of a record that are on disk; a delete leaves them there.
pub fn on_disk(lab: &Lab, run: &Run) -> Vec<FileEntry> {
    entries(lab, run).into_iter().filter(|e| e.size.is_some()).collect()
}

/// All files of a record: those on disk and those that an export makes.
pub fn entries(lab: &Lab, run: &Run) -> Vec<FileEntry> {
    let made = |kind| FileEntry {
        kind,
        name: export_name(lab, run, kind),
        made: true,
        path: None,
        size: None,
        note: None,
    };
    let data = match legacy_data(lab, run) {
        found if !lab.store.has_phases() => on_disk_or_not(lab, run, ExportKind::DataCsv, found),
        _ => made(ExportKind::DataCsv),
    };
    let mut plots = on_disk_or_not(lab, run, ExportKind::OptimizerPlots, optimizer::source(lab, run));
    if plots.path.is_some() {
        plots.note = Some(match optimizer::read(lab, run) {
            Ok(optimizer::Plots::Html(plots)) => count_of(plots.len() as u64, "HTML plot", "HTML plots"),
            Ok(optimizer::Plots::Image(_)) => "PNG image".to_owned(),
            Err(e) => e.to_string(),
        });
    }
    vec![
        data,
        made(ExportKind::StepsCsv),
        made(ExportKind::PlotJson),
        made(ExportKind::ChartSvg),
        on_disk_or_not(lab, run, ExportKind::Log, existing_log(lab, run)),
        on_disk_or_not(lab, run, ExportKind::ResultFile, existing_result(lab, run)),
        plots,
    ]
}

fn on_disk_or_not(lab: &Lab, run: &Run, kind: ExportKind, found: Result<PathBuf>) -> FileEntry {
    let name = export_name(lab, run, kind);
    match found {
        Ok(path) => {
            let size = fs::metadata(&path).map(|m| m.len()).ok();
            FileEntry { kind, name, made: false, path: Some(path), size, note: None }
        }
        Err(e) => FileEntry { kind, name, made: false, path: None, size: None, note: Some(e.to_string()) },
    }
}
