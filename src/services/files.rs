//! The files of a record on disk: where they are, what their exports are called.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{lab::Lab, optimizer};
use crate::{
    error::{Error, Result},
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

/// Where a record's log would be; none without a start, which is a part of its name.
pub fn log_path(lab: &Lab, run: &Run) -> Option<PathBuf> {
    Some(lab.logs().join(file_names::log(run)?))
}

/// # Errors
/// [`Error::Missing`] where there is none.
pub fn existing_log(lab: &Lab, run: &Run) -> Result<PathBuf> {
    match log_path(lab, run) {
        Some(path) if path.is_file() => Ok(path),
        Some(path) => {
            Err(Error::Missing(format!("record {} has no log: {} is not there", run.id, path.display())))
        }
        None => Err(Error::Missing(format!("record {} has no start time, so no log", run.id))),
    }
}

/// # Errors
/// [`Error::Missing`] where the record names none or it is not there.
pub fn existing_result(lab: &Lab, run: &Run) -> Result<PathBuf> {
    let name = run.data_path.as_deref().filter(|n| !n.is_empty());
    let Some(name) = name else {
        return Err(Error::Missing(format!("record {} names no result file", run.id)));
    };
    result_file(lab, name)
}

/// A file of `results/` by its name.
///
/// # Errors
/// [`Error::Refused`] for a name that points outside, [`Error::Missing`] for one that is not there.
pub fn result_file(lab: &Lab, name: &str) -> Result<PathBuf> {
    let results = lab.results();
    let refused = || {
        Error::Refused(format!(
            "{name:?} is no name of a file in {}; give the name alone, without folders or links that lead outside",
            results.display()
        ))
    };
    let plain = |c: Component<'_>| matches!(c, Component::Normal(_));
    if name.is_empty() || name.contains('\0') || !Path::new(name).components().all(plain) {
        return Err(refused());
    }
    let path = results.join(name);
    if !path.is_file() {
        return Err(Error::Missing(format!("{} is not there", path.display())));
    }
    // A link inside may lead outside.
    match (path.canonicalize(), results.canonicalize()) {
        (Ok(real), Ok(home)) if real.starts_with(&home) => Ok(path),
        _ => Err(refused()),
    }
}

/// The data CSV that IvoryOS itself wrote for a record of a file from before phases existed.
///
/// # Errors
/// [`Error::Missing`] where there is none.
pub fn legacy_data(lab: &Lab, run: &Run) -> Result<PathBuf> {
    match &run.data_path {
        Some(_) => existing_result(lab, run),
        None => result_file(lab, &file_names::data_csv(run))
            .map_err(|_| Error::Missing(format!("record {} has no data yet", run.id))),
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
