//! Files of records that go along into the trash and come back: at any moment a file is in its place, in the trash, or in
//! both.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, File},
    io,
    ops::ControlFlow,
    path::{Component, Path, PathBuf},
};

use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result, words},
    model::{query::Order, run::Run, timestamp::Timestamp},
    platform::{
        files::{mode, sync_folder},
        names::{bytes_of, path_of},
        shared_folder::{allow_all, make_folder_in},
    },
    regular_file,
    services::{
        files::{self, FileEntry},
        lab::Lab,
        paths,
    },
    store::{
        IdPlace,
        own::{OwnFile, TrashKeeper},
        saved::SavedRecord,
    },
};

/// Records that are read in one go.
const TOGETHER: usize = 1_000;

/// The folder of kept files, beside ivorylens.db.
const FOLDER: &str = "trash-files";

/// A file that came back, or stayed in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileBack {
    Back(PathBuf),
    /// Its place was taken: it is beside it under this name.
    Beside(PathBuf),
    /// It could not be put back; why.
    Stays(String),
    /// It is neither in its place nor in the trash: somebody removed it.
    Lost(PathBuf),
}

/// The files of each of these records, those left out that another record has too.
///
/// # Errors
/// As any read.
pub fn belonging_alone(lab: &Lab, runs: &[i64], cx: &mut Cx<'_>) -> Result<Vec<Vec<FileEntry>>> {
    let found = lab.runs(runs, cx)?;
    let mut own: Vec<Vec<FileEntry>> = found.iter().map(|run| files::on_disk(lab, run)).collect();
    let wanted: HashSet<PathBuf> =
        own.iter().flatten().filter_map(|file| file.path().map(Path::to_path_buf)).collect();
    if wanted.is_empty() {
        return Ok(own);
    }
    let ours: HashSet<i64> = runs.iter().copied().collect();
    let mut shared: HashSet<PathBuf> = HashSet::new();
    let mut place = IdPlace::Skip(0);
    let mut done = 0;
    loop {
        let ids = lab.source().run_ids(place, Order::Ascending, TOGETHER, cx)?;
        let Some(last) = ids.last() else { break };
        place = IdPlace::Behind(*last);
        for run in lab.source().runs(&ids, cx)?.iter().filter(|run| !ours.contains(&run.id)) {
            let paths = files::paths_of(lab, run);
            shared.extend(paths.into_iter().filter(|path| wanted.contains(path)));
        }
        done += ids.len() as u64;
        cx.check(Progress { done, total: None })?;
    }
    // Two of the records that go may share one, too: it goes with the first.
    let mut taken = shared;
    for file in &mut own {
        file.retain(|file| file.path().is_none_or(|path| taken.insert(path.to_path_buf())));
    }
    Ok(own)
}

/// Moves a file into the trash: it is noted first, so that nothing is there that nobody knows of. Gives its size.
pub(super) fn take(lab: &Lab, keeper: &mut TrashKeeper, run: i64, path: &Path) -> Result<u64> {
    let in_lab = in_lab(lab, path);
    let bytes = path.metadata().map_err(Error::io(path))?.len();
    let name = path.file_name().unwrap_or(OsStr::new("file")).to_string_lossy().into_owned();
    let Some(n) = keeper.entry_of(run) else { return Ok(0) };
    let folder = made_folder(keeper.file(), n)?;
    // Files of two folders may have one name.
    let free = free_beside(&folder.join(&name));
    let name = free.file_name().map_or(name, |name| name.to_string_lossy().into_owned());
    keeper.add_file(run, &bytes_of(in_lab), &name, bytes)?;
    match move_file(path, &folder.join(&name)) {
        Ok(()) => Ok(bytes),
        Err(error) => {
            // What is not there takes no room.
            keeper.forget_file(run, &name)?;
            let _ = fs::remove_dir(&folder);
            Err(Error::io(path)(plain(error)))
        }
    }
}

/// The folder for the files of an entry, made where it is not there yet.
fn made_folder(file: &OwnFile, n: i64) -> Result<PathBuf> {
    let (all, folder) = (all_files(file.path()), folder_of(file.path(), n));
    let own = file.path().parent().unwrap_or(Path::new("/"));
    make_folder_in(own, &all, file.is_shared()).map_err(Error::io(&all))?;
    make_folder_in(&all, &folder, file.is_shared()).map_err(Error::io(&folder))?;
    Ok(folder)
}

/// Copies the files of an entry to those of an entry of another trash, on disk; one that is not there never came, or was
/// put back by a restore that was killed.
pub(super) fn copy_all((from, n): (&OwnFile, i64), (to, now): (&OwnFile, i64)) -> Result<()> {
    let (old, new) = (folder_of(from.path(), n), made_folder(to, now)?);
    for (_, name) in from.files(n)? {
        let kept = old.join(&name);
        if !leads_down(name.as_ref()) {
            continue;
        }
        let copy = || -> io::Result<()> {
            let (copy, mode) = copied(regular_file::open_real(&kept)?, &new)?;
            if to.is_shared() {
                allow_all(copy.as_file(), &new, mode)?;
            }
            copy.persist(new.join(&name)).map_err(|error| error.error)?;
            sync_folder(&new)
        };
        match copy() {
            Err(error) if kept.symlink_metadata().is_ok() => return Err(Error::io(&kept)(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Puts the files of an entry back, and those that its record shares with one whose entry has them.
///
/// # Errors
/// Where the trash can't be read or written.
pub(super) fn bring_back(lab: &Lab, file: &OwnFile, n: i64, run: Option<&Run>) -> Result<Vec<FileBack>> {
    let folder = folder_of(file.path(), n);
    let mut back = Vec::new();
    for (path, name) in file.files(n)? {
        let path = path_of(path);
        if file.is_shared() && !(leads_down(&path) && leads_down(name.as_ref())) {
            back.push(FileBack::Stays(format!("{}: this leads out of the lab's folder", path.display())));
            continue;
        }
        back.extend(put(&folder.join(&name), lab.folder().join(path)));
    }
    let places = run.map(|run| paths::all_places(lab, run)).unwrap_or_default();
    for place in places.into_iter().filter(|place| place.symlink_metadata().is_err()) {
        let Some((other, name)) = file.file_of_another(n, &bytes_of(in_lab(lab, &place)))? else {
            continue;
        };
        let there = folder_of(file.path(), other);
        let leads_out = file.is_shared() && !(leads_down(in_lab(lab, &place)) && leads_down(name.as_ref()));
        if !leads_out && there.join(&name).symlink_metadata().is_ok() {
            let done = put(&there.join(&name), place);
            if done.as_ref().is_some_and(|done| matches!(done, FileBack::Back(_))) {
                file.forget_file(other, &name)?;
                let _ = fs::remove_dir(&there);
            }
            back.extend(done);
        }
    }
    if back.iter().all(|file| !matches!(file, FileBack::Stays(_))) {
        // It may never have been made.
        let _ = fs::remove_dir(&folder);
    }
    Ok(back)
}

/// Does a path stay below what it is joined to? What others wrote down may say anything.
fn leads_down(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Puts a file back; nothing where it never came, or a restore that was killed has put it back.
fn put(kept: &Path, place: PathBuf) -> Option<FileBack> {
    if kept.symlink_metadata().is_err() {
        return place.symlink_metadata().is_err().then_some(FileBack::Lost(place));
    }
    let stays =
        |why: &str| FileBack::Stays(format!("{}: {why} (it is in {})", place.display(), kept.display()));
    if let Some(folder) = place.parent().filter(|folder| !folder.is_dir()) {
        return Some(stays(&format!("the folder {} is gone, make it again", folder.display())));
    }
    let free = free_beside(&place);
    Some(match move_file(kept, &free) {
        Ok(()) if free == place => FileBack::Back(place),
        Ok(()) => FileBack::Beside(free),
        Err(error) => stays(&words(&plain(error))),
    })
}

/// The record of an entry, as far as that tells where its files are.
///
/// # Errors
/// Where the entry can't be read.
pub(super) fn run_of(record: &dyn SavedRecord) -> Result<Run> {
    let mut run = Run { id: record.run(), ..Run::default() };
    let Some(table) = record.tables().first() else { return Ok(run) };
    record.rows(0, &mut |row| {
        for (name, cell) in table.columns.iter().zip(&row.cells) {
            let text = cell.text();
            match name.to_ascii_lowercase().as_str() {
                "name" => run.name = text.unwrap_or_default(),
                "start_time" => run.start = Timestamp::read(text.as_deref()),
                "data_path" => run.data_path = text,
                _ => {}
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(run)
}

fn in_lab<'a>(lab: &Lab, path: &'a Path) -> &'a Path {
    path.strip_prefix(lab.folder()).unwrap_or(path)
}

/// Removes the files of an entry for good.
pub(super) fn remove(file: &OwnFile, n: i64) -> Result<()> {
    let folder = folder_of(file.path(), n);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(&folder)(error)),
        _ => Ok(()),
    }
}

/// The highest number of an entry that has kept files.
pub(super) fn highest(file: &OwnFile) -> i64 {
    let all = fs::read_dir(all_files(file.path())).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<i64>().ok();
    all.filter_map(number).max().unwrap_or_default()
}

/// The folder of all kept files of the lab with this file of its own.
pub fn all_files(own: &Path) -> PathBuf {
    own.with_file_name(FOLDER)
}

fn folder_of(own: &Path, n: i64) -> PathBuf {
    all_files(own).join(n.to_string())
}

/// The place itself, or a name beside it that is free.
fn free_beside(place: &Path) -> PathBuf {
    let (stem, ending) = (place.file_stem().unwrap_or_default(), place.extension());
    let beside = (1..).map(|n| {
        let mut name = stem.to_owned();
        name.push(format!(" (restored {n})"));
        if let Some(ending) = ending {
            name.push(".");
            name.push(ending);
        }
        place.with_file_name(name)
    });
    let mut all = std::iter::once(place.to_path_buf()).chain(beside);
    all.find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| place.to_path_buf())
}

/// The system's own error, without the name of a temporary file.
fn plain(error: io::Error) -> io::Error {
    let system = |error: &io::Error| error.raw_os_error().map(io::Error::from_raw_os_error);
    let mut source: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(inner) = source {
        if let Some(found) = inner.downcast_ref::<io::Error>().and_then(system) {
            return found;
        }
        source = inner.source();
    }
    error
}

/// Moves within a file system; to another one it is copied, on disk, and then removed.
fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        done => return done,
    }
    let folder = to.parent().unwrap_or(Path::new("/"));
    let (copy, _) = copied(regular_file::open(from)?, folder)?;
    copy.persist_noclobber(to).map_err(|error| error.error)?;
    sync_folder(folder)?;
    fs::remove_file(from)
}

/// A copy in a folder, on disk, that has no name yet, and the mode of the file.
fn copied(mut source: File, folder: &Path) -> io::Result<(tempfile::NamedTempFile, u32)> {
    let mut copy = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut source, &mut copy)?;
    let about = source.metadata()?;
    copy.as_file().set_permissions(about.permissions())?;
    copy.as_file().set_modified(about.modified()?)?;
    copy.as_file().sync_all()?;
    Ok((copy, mode(&about)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_a_temporary_file_is_said_as_the_systems() {
        let made = tempfile::NamedTempFile::new_in("/there/is/no/such/folder").unwrap_err();
        assert!(made.to_string().contains(".tmp"));
        assert_eq!(plain(made).kind(), io::ErrorKind::NotFound);
        assert_eq!(plain(io::ErrorKind::StorageFull.into()).kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a run.log");
        assert_eq!(free_beside(&place), place);
        fs::write(&place, "new").unwrap();
        assert_eq!(free_beside(&place), folder.path().join("a run (restored 1).log"));
    }
}
