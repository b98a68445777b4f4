//! The optimizer's plots of a record: pieces of HTML, or the path of a picture.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{lab::Lab, paths};
use crate::{
    error::{Error, Result},
    formats::file_names,
    model::{
        json,
        run::Run,
        value::{Dict, Value},
    },
};

/// What `results/..._plots.json` holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Plots {
    /// Pieces of HTML by name.
    Html(Dict),
    /// A picture's file.
    Image(PathBuf),
}

/// # Errors
/// [`Error::Missing`] where the record has no plots or the picture is gone, [`Error::File`] where the file holds
/// anything else.
pub fn read(lab: &Lab, run: &Run) -> Result<Plots> {
    let path = stored(lab, run)?;
    let bytes = fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let odd = |reason: &str| Error::File { path: path.clone(), reason: reason.to_owned() };
    match json::read(&bytes).map_err(|_| odd("this is no JSON, so no optimizer plots"))? {
        Value::Dict(plots) => Ok(Plots::Html(plots)),
        Value::Str(picture) if picture.lossy().ends_with(".png") => find_picture(lab, &picture.lossy())
            .map(Plots::Image)
            .ok_or_else(|| Error::Missing(format!("the optimizer plot {:?} is not there", picture.lossy()))),
        _ => Err(odd("neither plots by name nor the path of a picture")),
    }
}

/// The file whose bytes are the plots: the JSON itself, or the picture that it names.
pub fn source(lab: &Lab, run: &Run) -> Result<PathBuf> {
    match read(lab, run)? {
        Plots::Html(_) => stored(lab, run),
        Plots::Image(path) => Ok(path),
    }
}

fn stored(lab: &Lab, run: &Run) -> Result<PathBuf> {
    paths::result_file(lab, &file_names::plots_json(run))
        .map_err(|_| Error::Missing(format!("record {} has no optimizer plots", run.id)))
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
