//! The folders in which programs keep what is theirs.

use std::{
    ffi::OsString,
    path::{Component, Path, PathBuf, Prefix},
};

use super::files::real_path;
use crate::platform::{LibpqFiles, ProgramFolders};

/// `%LOCALAPPDATA%` for cache and state, `%APPDATA%` for what the user sets; the names of other systems count first, so
/// that one setting does everywhere.
pub fn program_folders(env: impl Fn(&str) -> Option<OsString>) -> ProgramFolders {
    let folder = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let place = |name: &str, here: &str| folder(name).or_else(|| folder(here));
    ProgramFolders {
        cache: place("XDG_CACHE_HOME", "LOCALAPPDATA"),
        config: place("XDG_CONFIG_HOME", "APPDATA"),
        state: place("XDG_STATE_HOME", "LOCALAPPDATA"),
    }
}

/// Where libpq looks: in `%APPDATA%\postgresql`.
pub fn libpq_files(env: &dyn Fn(&str) -> Option<String>) -> LibpqFiles {
    let folder = env("APPDATA").map(|all| Path::new(&all).join("postgresql"));
    LibpqFiles {
        passwords: folder.as_ref().map(|folder| folder.join("pgpass.conf")),
        services: folder.as_ref().map(|folder| folder.join(".pg_service.conf")),
        certificates: folder,
    }
}

/// Servers of this machine are reached by their port here.
pub const SOCKET_FOLDERS: &[&str] = &[];

/// The user's own folder.
pub fn home(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|home| !home.is_empty()).map(PathBuf::from);
    set("HOME").or_else(|| set("USERPROFILE"))
}

/// Whether a path lies on a network share: by its own name, or by a drive letter that stands for one.
pub fn network_file_system(path: &Path) -> Option<String> {
    let real = real_path(path).ok()?;
    let Some(Component::Prefix(prefix)) = real.components().next() else { return None };
    matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)).then(|| "SMB".to_owned())
}

/// The name of a file that has nothing in it.
pub const NOTHING: &str = "NUL";
