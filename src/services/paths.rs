//! Where a record's files lie in the data folder: its log, its result file, and any file of `results/` by its name.

use std::path::{Component, Path, PathBuf};

use super::lab::Lab;
use crate::{
    error::{Error, Missing, Result},
    formats::file_names,
    model::run::Run,
};

/// Where a record's log would be; none without a start, which is a part of its name.
pub fn log_path(lab: &Lab, run: &Run) -> Option<PathBuf> {
    Some(lab.logs().join(file_names::log(run)?))
}

/// # Errors
/// [`Error::Missing`] where there is none.
pub fn existing_log(lab: &Lab, run: &Run) -> Result<PathBuf> {
    match log_path(lab, run) {
        Some(path) if path.is_file() => Ok(path),
        Some(path) => Err(Error::Missing(Missing::Log { run: run.id, path })),
        None => Err(Error::Missing(Missing::LogWithoutStart { run: run.id })),
    }
}

/// # Errors
/// [`Error::Missing`] where the record names none or it is not there.
pub fn existing_result(lab: &Lab, run: &Run) -> Result<PathBuf> {
    let name = run.data_path.as_deref().filter(|n| !n.is_empty());
    let Some(name) = name else {
        return Err(Error::Missing(Missing::ResultName { run: run.id }));
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
        return Err(Error::Missing(Missing::File { path }));
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
            .map_err(|_| Error::Missing(Missing::Data { run: run.id })),
    }
}
