//! The optimizer's plots of a record: pieces of HTML, or the path of a picture.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{lab::Lab, paths};
use crate::{
    error::{Error, Missing, Result},
    formats::file_names,
    model::{
        json,
        run::Run,
        value::{Dict, Value},
    },
};

/// The optimizer's plots of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotsFile {
    /// The file whose bytes are the plots: `results/..._plots.json` itself, or the picture that it names.
    pub path: PathBuf,
    /// Pieces of HTML by name; `None` for a picture.
    pub pieces: Option<Dict>,
}

impl PlotsFile {
    /// The name that an export of it gets.
    pub fn name(&self, run: &Run) -> String {
        if self.pieces.is_some() { file_names::plots_json(run) } else { file_names::plots_png(run) }
    }
}

/// The file whose bytes are the plots.
///
/// # Errors
/// As [`read`].
pub fn path(lab: &Lab, run: &Run) -> Result<PathBuf> {
    read(lab, run).map(|plots| plots.path)
}

/// # Errors
/// [`Error::Missing`] where the record has no plots or the picture is gone, [`Error::File`] where the file holds
/// anything else.
pub fn read(lab: &Lab, run: &Run) -> Result<PlotsFile> {
    #[cfg(test)]
    READS.set(READS.get() + 1);
    let path = paths::result_file(lab, &file_names::plots_json(run))
        .map_err(|_| Error::Missing(Missing::Plots { run: run.id }))?;
    let bytes = fs::read(&path).map_err(Error::io(&path))?;
    let odd = |reason: &str| Error::File { path: path.clone(), reason: reason.to_owned() };
    match json::read(&bytes).map_err(|_| odd("this is no JSON, so no optimizer plots"))? {
        Value::Dict(pieces) => Ok(PlotsFile { path, pieces: Some(pieces) }),
        Value::Str(picture) if picture.lossy().ends_with(".png") => {
            let name = picture.lossy();
            let path = find_picture(lab, &name)
                .ok_or_else(|| Error::Missing(Missing::Picture { name: name.into_owned() }))?;
            Ok(PlotsFile { path, pieces: None })
        }
        _ => Err(odd("neither plots by name nor the path of a picture")),
    }
}

#[cfg(test)]
thread_local! {
    /// How often optimizer plots were looked for.
    pub(super) static READS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// The path as the server wrote it, if that leads into the data folder; else the file of that name in `results/`
/// (the folder may have been moved).
fn find_picture(lab: &Lab, written: &str) -> Option<PathBuf> {
    let written = Path::new(written);
    let home = lab.folder().canonicalize().ok()?;
    let inside = |path: PathBuf| {
        let real = path.canonicalize().ok()?;
        (real.starts_with(&home) && real.is_file()).then_some(real)
    };
    // The server writes it from where it was started: the folder that holds the data folder.
    let direct = home.parent().map(|p| p.join(written)).and_then(inside);
    let name = written.components().next_back().and_then(|c| match c {
        Component::Normal(name) => Some(name.to_owned()),
        _ => None,
    });
    direct.or_else(|| inside(lab.results().join(name?)))
}
