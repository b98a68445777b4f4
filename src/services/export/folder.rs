//! Exports into a folder under IvoryOS's own names: one, or everything of a record.

use std::path::Path;

use strum::VariantArray;

use super::{Outlet, write};
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
    },
};

/// Writes an export into a folder under IvoryOS's own name, or the next free one.
pub fn into_folder(lab: &Lab, id: i64, kind: ExportKind, folder: &Path, cx: &mut Cx<'_>) -> Result<Exported> {
    let run = lab.run(id, cx)?;
    if matches!(kind.describe().origin, ExportOrigin::Folder) {
        return everything(lab, &run, folder, cx);
    }
    one(lab, &run, kind, folder, cx)
}

/// Makes the folder that exports are to go into, with those above it.
///
/// # Errors
/// Where it would lie in the lab's own, or can't be made.
pub fn make_folder(lab: &Lab, folder: &Path) -> Result<()> {
    lab.refuse_own_folder(folder)?;
    std::fs::create_dir_all(folder).map_err(Error::io(folder))
}

fn one(lab: &Lab, run: &Run, kind: ExportKind, folder: &Path, cx: &mut Cx<'_>) -> Result<Exported> {
    let name = files::export_name(lab, run, kind);
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

/// All that there is of a record, into a new folder of its own.
fn everything(lab: &Lab, run: &Run, folder: &Path, cx: &mut Cx<'_>) -> Result<Exported> {
    lab.refuse_own_folder(folder)?;
    let own = free_folder(folder, &file_names::stem(run))?;
    let mut all = Exported::default();
    let one_file = |kind: &&ExportKind| kind.describe().listed.is_some();
    for kind in ExportKind::VARIANTS.iter().filter(one_file) {
        // A file that can't be read must not cost the others.
        if let ExportOrigin::OnDisk(open) = kind.describe().origin
            && let Err(error @ (Error::File { .. } | Error::Io { .. })) = open(lab, run)
        {
            all.notes.push(error.to_string());
            continue;
        }
        match one(lab, run, *kind, &own, cx) {
            Ok(done) => {
                all.files.extend(done.files);
                all.notes.extend(done.notes);
            }
            Err(Error::Missing(what)) => all.notes.push(what.to_string()),
            Err(e) => {
                // No half folder: what was written so far goes again.
                let _ = std::fs::remove_dir_all(&own);
                return Err(e);
            }
        }
    }
    Ok(all)
}
