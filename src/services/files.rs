//! The list of a record's files, those on disk and those that an export makes, and what exports are called.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use super::{
    data_file::DataFile,
    export_kind::{ExportKind, ExportOrigin, MadeExport},
    lab::Lab,
    optimizer::{self, PlotsContent},
    paths,
};
use crate::{
    error::{Error, Missing, Result},
    model::{format::count_of, run::Run},
};

/// A file of a record, there already or made on export.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    pub kind: ExportKind,
    pub name: String,
    pub state: FileState,
}

/// Whether a file of a record is there.
#[derive(Debug, Clone, PartialEq)]
pub enum FileState {
    /// An export makes it: it is on no disk.
    Made,
    /// It is in the data folder.
    OnDisk {
        path: PathBuf,
        size: u64,
        content: Option<FileContent>,
    },
    Missing(Missing),
    /// Something is there that is no such file, or can't be read: why, with the path in front and without.
    Unusable {
        why: String,
        reason: String,
    },
}

/// What a file holds that its name does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileContent {
    HtmlPlots(u64),
    /// Too many bytes to count them.
    LargePlots,
    Picture,
}

impl FileState {
    fn of(found: Result<DataFile>) -> Self {
        match found {
            Ok(file) => Self::on_disk(file, None),
            Err(error) => Self::without(error),
        }
    }

    fn on_disk(file: DataFile, content: Option<FileContent>) -> Self {
        Self::OnDisk { path: file.path, size: file.size, content }
    }

    fn without(error: Error) -> Self {
        match error {
            Error::Missing(missing) => Self::Missing(missing),
            other => Self::Unusable { why: other.to_string(), reason: other.reason() },
        }
    }
}

impl FileEntry {
    pub fn path(&self) -> Option<&Path> {
        if let FileState::OnDisk { path, .. } = &self.state { Some(path) } else { None }
    }

    /// `None` when not there or not made yet.
    pub fn size(&self) -> Option<u64> {
        if let FileState::OnDisk { size, .. } = self.state { Some(size) } else { None }
    }

    /// What it holds, where that is worth a word: `1 HTML plot`, `PNG image`.
    pub fn content(&self) -> Option<String> {
        let FileState::OnDisk { content, .. } = &self.state else { return None };
        Some(match (*content)? {
            FileContent::HtmlPlots(plots) => count_of(plots, "HTML plot", "HTML plots"),
            FileContent::LargePlots => "HTML plots".to_owned(),
            FileContent::Picture => "PNG image".to_owned(),
        })
    }

    /// Why it is neither on disk nor made by an export.
    pub fn why_missing(&self) -> Option<String> {
        match &self.state {
            FileState::Made | FileState::OnDisk { .. } => None,
            FileState::Missing(missing) => Some(missing.to_string()),
            FileState::Unusable { why, .. } => Some(why.clone()),
        }
    }

    /// What it is or why it is missing, short, beside its name.
    pub fn note(&self) -> Cow<'_, str> {
        match &self.state {
            FileState::Made => "made on export".into(),
            FileState::OnDisk { .. } => self.content().unwrap_or_default().into(),
            FileState::Missing(missing) => missing.short(),
            FileState::Unusable { reason, .. } => reason.into(),
        }
    }

    /// Why it can't be read, where something is there.
    pub fn why_unusable(&self) -> Option<&str> {
        if let FileState::Unusable { why, .. } = &self.state { Some(why) } else { None }
    }
}

/// The name that an export gets, as the data has it: it is made safe when a file is made.
pub fn export_name(lab: &Lab, run: &Run, kind: ExportKind) -> String {
    if kind == ExportKind::OptimizerPlots
        && let Ok(plots) = optimizer::read(lab, run)
    {
        return plots.name(run);
    }
    (kind.describe().file_name)(run)
}

/// How an export's file is found, where it is one of the data folder.
pub fn opening(lab: &Lab, kind: ExportKind) -> Option<fn(&Lab, &Run) -> Result<DataFile>> {
    match kind.describe().origin {
        ExportOrigin::OnDisk(open) => Some(open),
        ExportOrigin::Made(MadeExport::DataCsv) if !lab.source().features().keeps_outputs => {
            Some(paths::legacy_data)
        }
        ExportOrigin::Made(_) | ExportOrigin::Folder => None,
    }
}

/// Files of a record that are on disk, and those that can't be looked at; a delete leaves them there.
pub fn on_disk(lab: &Lab, run: &Run) -> Vec<FileEntry> {
    let is_there = |file: &FileEntry| file.size().is_some() || file.why_unusable().is_some();
    entries(lab, run).into_iter().filter(is_there).collect()
}

/// The paths of a record's files that are on disk, without a look into them.
pub(super) fn paths_of(lab: &Lab, run: &Run) -> Vec<PathBuf> {
    let kinds = ExportKind::listed().into_iter();
    kinds.filter_map(|kind| Some(opening(lab, kind)?(lab, run).ok()?.path)).collect()
}

/// All files of a record: those on disk and those that an export makes.
pub fn entries(lab: &Lab, run: &Run) -> Vec<FileEntry> {
    ExportKind::listed().into_iter().map(|kind| entry(lab, run, kind)).collect()
}

fn entry(lab: &Lab, run: &Run, kind: ExportKind) -> FileEntry {
    let described = kind.describe();
    let mut name = (described.file_name)(run);
    let state = match described.origin {
        ExportOrigin::OnDisk(_) if kind == ExportKind::OptimizerPlots => match optimizer::read(lab, run) {
            Ok(plots) => {
                name = plots.name(run);
                FileState::on_disk(plots.file, Some(content(&plots.content)))
            }
            Err(error) => FileState::without(error),
        },
        _ => opening(lab, kind).map_or(FileState::Made, |open| FileState::of(open(lab, run))),
    };
    FileEntry { kind, name, state }
}

fn content(plots: &PlotsContent) -> FileContent {
    match plots {
        PlotsContent::Pieces(pieces) => FileContent::HtmlPlots(pieces.len() as u64),
        PlotsContent::Large => FileContent::LargePlots,
        PlotsContent::Picture => FileContent::Picture,
    }
}
