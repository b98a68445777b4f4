//! Where everything of a lab is kept, how large it is, and which versions are at work: looked at, nothing made.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    lab::Lab,
    marks::{self, MovedFrom, Sharing},
    own_files::UserFolders,
    trash,
};
use crate::{
    checkpoint::Cx,
    error::{Result, words},
    model::query::Order,
    store::{
        Engine, Features, IdPlace,
        own::{OwnFile, OwnUse},
    },
};

/// A file or folder, whether it is there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAt {
    pub path: PathBuf,
    /// `None` where nothing is there yet, or it can't be read.
    pub size: Option<KeptSize>,
    /// Why not all of it can be read.
    pub unread: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSize {
    /// Files of a folder; 1 for a file.
    pub files: u64,
    pub bytes: u64,
}

/// ivorylens.db, the user's own and the shared one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnInfo {
    pub at: KeptAt,
    pub sharing: Sharing,
    /// The shared one, where there is one.
    pub shared: Option<KeptAt>,
    /// The version of its tables, of the one that is written; `None` where it is not there or can't be read.
    pub version: Option<i64>,
    /// Records with marks that this user sees.
    pub marks: u64,
    /// Records in the trash, and the bytes that they take with their files; `None` where it can't be read.
    pub trash: Option<(u64, u64)>,
    /// Files that went along into the trash.
    pub trash_files: KeptAt,
    /// What is kept of this lab under a path that it had before.
    pub moved: Option<MovedFrom>,
    /// Why something can't be read, or what is to be known about it.
    pub notice: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabInfo {
    /// Of one on a server the address.
    pub database: KeptAt,
    pub is_on_server: bool,
    pub engine: Engine,
    pub features: Features,
    pub records: u64,
    /// `None` where the records are on a server and no data folder was named.
    pub logs: Option<KeptAt>,
    pub results: Option<KeptAt>,
    /// Cache files of this lab that are there.
    pub cache: Vec<KeptAt>,
    /// `None` for what has no place, as neither HOME nor a folder of its own is set.
    pub views: Option<KeptAt>,
    pub screen: Option<KeptAt>,
    pub own: Option<OwnInfo>,
}

/// What is known of an opened lab.
///
/// # Errors
/// As any read of the lab's database.
pub fn info(lab: &Lab, folders: &UserFolders, cx: &Cx<'_>) -> Result<LabInfo> {
    let engine = lab.source().engine(cx)?;
    let files = folders.of_lab(lab.file());
    Ok(LabInfo {
        database: kept_at(lab.file().to_path_buf()),
        is_on_server: lab.server().is_some(),
        cache: engine.cache.as_deref().map(cache_files).unwrap_or_default(),
        features: lab.source().features(),
        records: count(lab, cx)?,
        logs: lab.has_folder().is_ok().then(|| kept_at(lab.logs())),
        results: lab.has_folder().is_ok().then(|| kept_at(lab.results())),
        views: files.views.map(kept_at),
        screen: files.last_screen.map(kept_at),
        own: own(lab, cx),
        engine,
    })
}

/// Ids that are read in one go.
const TOGETHER: usize = 10_000;

fn count(lab: &Lab, cx: &Cx<'_>) -> Result<u64> {
    let (mut count, mut place) = (0, IdPlace::Skip(0));
    loop {
        let ids = lab.source().run_ids(place, Order::Ascending, TOGETHER, cx)?;
        let Some(last) = ids.last() else { return Ok(count) };
        count += ids.len() as u64;
        place = IdPlace::Behind(*last);
        cx.still_wanted()?;
    }
}

fn own(lab: &Lab, cx: &Cx<'_>) -> Option<OwnInfo> {
    let (places, marks) = (lab.own_places()?, marks::all(lab));
    let place = places.to_write();
    let shared = places.shared.as_ref().filter(|_| marks.sharing() != Sharing::Alone);
    let mut own = OwnInfo {
        at: kept_at(places.own.file.clone()),
        sharing: marks.sharing(),
        shared: shared.map(|shared| kept_at(shared.file.clone())),
        version: None,
        marks: marks.each().count() as u64,
        trash: Some((0, 0)),
        trash_files: kept_at(trash::all_files(&place.file)),
        moved: marks::moved(lab, cx),
        notice: None,
    };
    let read = OwnFile::look(place, OwnUse::Trash).and_then(|file| {
        let Some(file) = file else { return Ok(()) };
        own.version = Some(file.version());
        own.notice = file.notice().map(str::to_owned);
        let entries = file.entries()?;
        own.trash = Some((entries.len() as u64, entries.iter().map(|entry| entry.bytes).sum()));
        Ok(())
    });
    if let Err(error) = read {
        (own.trash, own.notice) = (None, Some(error.to_string()));
    }
    own.notice = own.notice.or(marks.notice().map(str::to_owned));
    Some(own)
}

/// Files of the cache folder that are named as this one but for their endings.
fn cache_files(one: &Path) -> Vec<KeptAt> {
    let all = one.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
    let mut ours: Vec<PathBuf> =
        all.map(|entry| entry.path()).filter(|path| path.file_stem() == one.file_stem()).collect();
    ours.sort();
    ours.into_iter().map(kept_at).collect()
}

/// A path, and what is there now.
pub fn kept_at(path: PathBuf) -> KeptAt {
    let (size, unread) = match path.metadata() {
        Ok(about) if about.is_dir() => {
            let (size, unread) = size_of(&path);
            (Some(size), unread)
        }
        Ok(about) => (Some(KeptSize { files: 1, bytes: about.len() }), None),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => (None, None),
        Err(error) => (None, Some(words(&error))),
    };
    KeptAt { path, size, unread }
}

/// What is in a folder and those below, and why some of it can't be read; links are not followed.
fn size_of(folder: &Path) -> (KeptSize, Option<String>) {
    let (mut size, mut left) = (KeptSize { files: 0, bytes: 0 }, vec![folder.to_path_buf()]);
    let mut unread = None;
    while let Some(folder) = left.pop() {
        let entries = match folder.read_dir() {
            Ok(entries) => Some(entries),
            Err(error) => {
                unread.get_or_insert_with(|| words(&error));
                None
            }
        };
        for entry in entries.into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => left.push(entry.path()),
                Ok(about) if about.is_file() => {
                    size.files += 1;
                    size.bytes += about.len();
                }
                _ => {}
            }
        }
    }
    (size, unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_has_the_size_of_what_is_in_it_and_a_link_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in/deep")).unwrap();
        std::fs::write(at("in/a"), "123").unwrap();
        std::fs::write(at("in/deep/b"), "45").unwrap();
        std::os::unix::fs::symlink(folder.path(), at("in/deep/round")).unwrap();
        // What can't be read is not what is not there.
        std::os::unix::fs::symlink(at("loop"), at("loop")).unwrap();
        let looped = kept_at(at("loop"));
        assert!(looped.size.is_none() && looped.unread.is_some_and(|why| why.contains("symbolic link")));
        assert_eq!(kept_at(at("in")).unread, None);
        assert_eq!(kept_at(at("in")).size, Some(KeptSize { files: 2, bytes: 5 }));
        assert_eq!(kept_at(at("in/a")).size, Some(KeptSize { files: 1, bytes: 3 }));
        assert_eq!(kept_at(at("none")).size, None);
    }

    #[test]
    fn cache_files_of_a_lab_are_those_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x1.index", "x1.catalogue", "x2.index"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let ours = cache_files(&folder.path().join("x1.catalogue"));
        let names: Vec<_> = ours.iter().filter_map(|at| at.path.file_name()).collect();
        assert_eq!(names, ["x1.catalogue", "x1.index"]);
    }
}
