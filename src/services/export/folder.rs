//! Exports into a folder under IvoryOS's own names: one, or everything of a record.

use std::{io, path::Path};

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
        return everything(lab, &run, folder, cx);
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
    all: &Exported,
    cx: &mut Cx<'_>,
) -> Result<Option<String>> {
    let name = files::export_name(lab, run, kind);
    if kind != ExportKind::ResultFile {
        return Ok(Some(name));
    }
    let safe = file_names::safe_file_name(&name).name;
    let data = all.files.iter().find(|(path, _)| path.file_name().is_some_and(|own| own == safe.as_str()));
    let is_written = match (data, paths::existing_result(lab, run)) {
        _ if paths::is_data_csv(lab, run) => true,
        (Some((path, bytes)), Ok(file)) => is_same(path, *bytes, &file, cx)?,
        _ => false,
    };
    let other = || if data.is_some() { file_names::marked(&name, "_result") } else { name.clone() };
    Ok((!is_written).then(other))
}

/// All that there is of a record, into a new folder of its own.
fn everything(lab: &Lab, run: &Run, folder: &Path, cx: &mut Cx<'_>) -> Result<Exported> {
    lab.refuse_own_folder(folder)?;
    let own = free_folder(folder, &file_names::stem(run))?;
    let mut all = Exported::default();
    let mut missing = Vec::new();
    for kind in ExportKind::listed() {
        let Some(name) = name_beside(lab, run, kind, &all, cx)? else { continue };
        // A file that can't be read must not cost the others.
        if let Some(Err(error @ (Error::File { .. } | Error::Io { .. }))) =
            files::opening(lab, kind).map(|open| open(lab, run))
        {
            all.notes.push(error.to_string());
            continue;
        }
        match one(lab, run, kind, &own, name, cx) {
            Ok(done) => {
                all.files.extend(done.files);
                all.notes.extend(done.notes);
            }
            Err(Error::Missing(what)) => missing.push(what.brief(kind.title())),
            Err(e) => {
                // No half folder: what was written so far goes again.
                let _ = std::fs::remove_dir_all(&own);
                return Err(e);
            }
        }
    }
    if !missing.is_empty() {
        all.notes.insert(0, missing.join(", "));
    }
    Ok(all)
}
