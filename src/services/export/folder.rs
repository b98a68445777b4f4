//! Exports into a folder under IvoryOS's own names: one, or everything of a record.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Outlet, outlet::is_same, write};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    formats::file_names,
    model::run::Run,
    output::{Sink, Target, free_folder},
    services::{
        export::Exported,
        export_kind::{ExportKind, ExportOrigin},
        files,
        lab::Lab,
        paths,
    },
};

/// Writes an export into a folder under IvoryOS's own name, or the next free one.
pub fn into_folder(lab: &Lab, id: i64, kind: ExportKind, folder: &Path, cx: &mut Cx<'_>) -> Result<Exported> {
    let run = lab.run(id, cx)?;
    if matches!(kind.describe().origin, ExportOrigin::Folder) {
        let all = everything(lab, &run, folder, cx)?;
        let missing = Some(all.missing.join(", ")).filter(|missing| !missing.is_empty());
        let notes = missing.into_iter().chain(all.unreadable).chain(all.notes).collect();
        return Ok(Exported { files: all.files, notes });
    }
    let name = files::export_name(lab, &run, kind);
    one(lab, &run, kind, folder, name, cx)
}

/// Can exports go into this folder, or could they if it was made? Nothing of the try stays.
///
/// # Errors
/// Where it lies in the lab's own, is no folder, or nothing can be written there.
pub fn check_folder(lab: &Lab, folder: &Path) -> Result<()> {
    lab.refuse_own_folder(folder)?;
    let there = folder.ancestors().find(|above| above.exists()).unwrap_or(Path::new("."));
    let refused = |reason: String| Err(Error::File { path: there.to_path_buf(), reason });
    if !there.is_dir() {
        return refused("this is a file, not a folder; name a folder".to_owned());
    }
    match tempfile::tempfile_in(there) {
        Ok(_) => Ok(()),
        // Folders that the system makes up hold no files.
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            refused("no file can be made there; name another folder".to_owned())
        }
        Err(source) => Err(Error::Io { path: there.to_path_buf(), source }),
    }
}

/// Makes the folder that exports are to go into, with those above it.
///
/// # Errors
/// Where it would lie in the lab's own, or can't be made.
pub fn make_folder(lab: &Lab, folder: &Path) -> Result<()> {
    lab.refuse_own_folder(folder)?;
    std::fs::create_dir_all(folder).map_err(Error::io(folder))
}

fn one(
    lab: &Lab,
    run: &Run,
    kind: ExportKind,
    folder: &Path,
    name: String,
    cx: &mut Cx<'_>,
) -> Result<Exported> {
    lab.refuse_own_folder(&folder.join(file_names::safe_file_name(&name).name))?;
    let target = Target::Free { folder: folder.to_path_buf(), name };
    let mut sink = Sink::open(&target)?;
    let mut outlet = Outlet::new(&mut sink, folder);
    write(lab, run, kind, &mut outlet, cx)?;
    let notes = outlet.finish();
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

/// The name of an export beside those that are written; none for a result file that is the data CSV. One that is
/// another file has its name too.
fn name_beside(
    lab: &Lab,
    run: &Run,
    kind: ExportKind,
    files: &[(PathBuf, u64)],
    cx: &mut Cx<'_>,
) -> Result<Option<String>> {
    let name = files::export_name(lab, run, kind);
    if kind != ExportKind::ResultFile {
        return Ok(Some(name));
    }
    let safe = file_names::safe_file_name(&name).name;
    let data = files.iter().find(|(path, _)| path.file_name().is_some_and(|own| own == safe.as_str()));
    let is_written = match (data, paths::existing_result(lab, run)) {
        _ if paths::is_data_csv(lab, run) => true,
        (Some((path, bytes)), Ok(file)) => is_same(path, *bytes, &file, cx)?,
        _ => false,
    };
    let other = || if data.is_some() { file_names::marked(&name, "_result") } else { name.clone() };
    Ok((!is_written).then(other))
}

/// All files of a record, in a folder of its own.
#[derive(Debug, Default)]
pub struct ExportedFolder {
    pub path: PathBuf,
    /// Files and their bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// What the user should know of them.
    pub notes: Vec<String>,
    /// What there is none of: `no log`.
    pub missing: Vec<String>,
    /// Files that are there and can't be read: why.
    pub unreadable: Vec<String>,
}

/// All that there is of a record, into a new folder of its own.
///
/// # Errors
/// Whatever keeps one of its files from being made; there is no half folder then.
pub fn everything(lab: &Lab, run: &Run, folder: &Path, cx: &mut Cx<'_>) -> Result<ExportedFolder> {
    lab.refuse_own_folder(folder)?;
    let path = free_folder(folder, &file_names::stem(run))?;
    let mut all = ExportedFolder { path, ..ExportedFolder::default() };
    for kind in ExportKind::listed() {
        let added = add(lab, run, kind, &mut all, cx);
        if let Err(error) = added {
            // No half folder: what was written so far goes again.
            let _ = std::fs::remove_dir_all(&all.path);
            return Err(error);
        }
    }
    Ok(all)
}

fn add(lab: &Lab, run: &Run, kind: ExportKind, all: &mut ExportedFolder, cx: &mut Cx<'_>) -> Result<()> {
    let Some(name) = name_beside(lab, run, kind, &all.files, cx)? else { return Ok(()) };
    // A file that can't be read must not cost the others.
    if let Some(Err(error @ (Error::File { .. } | Error::Io { .. }))) =
        files::opening(lab, kind).map(|open| open(lab, run))
    {
        all.unreadable.push(error.to_string());
        return Ok(());
    }
    match one(lab, run, kind, &all.path, name, cx) {
        Ok(done) => {
            all.files.extend(done.files);
            all.notes.extend(done.notes);
            Ok(())
        }
        Err(Error::Missing(what)) => {
            all.missing.push(what.brief(kind.title()));
            Ok(())
        }
        Err(error) => Err(error),
    }
}
