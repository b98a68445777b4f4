//! Where a record's files lie in the data folder: its log, its result file, and any file of `results/` by its name.

use std::{
    fs::Metadata,
    path::{Component, Path, PathBuf},
};

use super::{
    data_file::{self, DataFile},
    lab::Lab,
};
use crate::{
    error::{Error, Missing, Result},
    formats::file_names,
    model::run::Run,
};

/// Where a record's log would be; none without a start, which is a part of its name.
pub fn log_path(lab: &Lab, run: &Run) -> Option<PathBuf> {
    Some(lab.logs().join(file_names::log(run)?))
}

/// Size and time of a record's log; `None` for one that can't be opened.
pub fn about_log(lab: &Lab, run: &Run) -> Option<Metadata> {
    data_file::about(lab, &lab.logs(), &log_path(lab, run)?)
}

/// # Errors
/// [`Error::Missing`] where there is none, and as [`DataFile::open`].
pub fn existing_log(lab: &Lab, run: &Run) -> Result<DataFile> {
    lab.has_folder()?;
    let Some(path) = log_path(lab, run) else {
        return Err(Error::Missing(Missing::LogWithoutStart { run: run.id }));
    };
    DataFile::open(lab, &lab.logs(), path).map_err(|error| match error {
        Error::Missing(Missing::File { path }) => Error::Missing(Missing::Log { run: run.id, path }),
        other => other,
    })
}

/// # Errors
/// [`Error::Missing`] where the record names none or it is not there, and as [`DataFile::open`].
pub fn existing_result(lab: &Lab, run: &Run) -> Result<DataFile> {
    let name = run.data_path.as_deref().filter(|n| !n.is_empty());
    let Some(name) = name else {
        return Err(Error::Missing(Missing::ResultName { run: run.id }));
    };
    result_file(lab, name)
}

/// A file of `results/` by its name.
///
/// # Errors
/// [`Error::Refused`] for a name that points outside, [`Error::Missing`] for one that is not there, and as
/// [`DataFile::open`].
pub fn result_file(lab: &Lab, name: &str) -> Result<DataFile> {
    lab.has_folder()?;
    let results = lab.results();
    let plain = |c: Component<'_>| matches!(c, Component::Normal(_));
    if name.is_empty() || name.contains('\0') || !Path::new(name).components().all(plain) {
        return Err(Error::Refused(format!(
            "{name:?} is no name of a file in {}; give the name alone, without folders that lead outside",
            results.display()
        )));
    }
    let opened = DataFile::open(lab, &results, results.join(name));
    match opened {
        // A lab that was moved here from Windows has folders in such a name.
        Err(Error::Missing(_))
            if name.contains('\\') && Path::new(&name.replace('\\', "/")).components().all(plain) =>
        {
            DataFile::open(lab, &results, results.join(name.replace('\\', "/")))
        }
        opened => opened,
    }
}

/// The data CSV that IvoryOS itself wrote for a record of a file from before phases existed.
///
/// # Errors
/// [`Error::Missing`] where there is none, and as [`DataFile::open`].
pub fn legacy_data(lab: &Lab, run: &Run) -> Result<DataFile> {
    match &run.data_path {
        Some(_) => existing_result(lab, run),
        None => made_by_ivoryos(lab, &file_names::data_csv(run), Missing::Data { run: run.id }),
    }
}

/// Where a record's files are, or would be.
pub(super) fn all_places(lab: &Lab, run: &Run) -> Vec<PathBuf> {
    let result = run.data_path.clone().filter(|name| !name.is_empty());
    let result = result.unwrap_or_else(|| file_names::data_csv(run));
    let in_results = [result, file_names::plots_json(run), file_names::plots_png(run)];
    let in_results = in_results.map(|name| lab.results().join(name));
    log_path(lab, run).into_iter().chain(in_results).collect()
}

/// Is a record's result file its data CSV: the one that IvoryOS wrote before phases existed?
pub fn is_data_csv(lab: &Lab, run: &Run) -> bool {
    !lab.source().features().keeps_outputs && run.data_path.is_some()
}

/// A file of `results/` whose name follows from the record; what is missing without it.
///
/// # Errors
/// That, and as [`DataFile::open`].
pub fn made_by_ivoryos(lab: &Lab, name: &str, missing: Missing) -> Result<DataFile> {
    result_file(lab, name).map_err(|error| match error {
        Error::Missing(Missing::Folder) => error,
        // A name of the data that is none of a file: IvoryOS made none either.
        Error::Missing(_) | Error::Refused(_) => Error::Missing(missing),
        other => other,
    })
}
