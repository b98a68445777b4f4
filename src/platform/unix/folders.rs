//! The folders in which programs keep what is theirs (the XDG base directories).

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::files::{real_path, system_file};
use crate::platform::{LibpqFiles, ProgramFolders};

/// `$XDG_CACHE_HOME`, `$XDG_CONFIG_HOME` and `$XDG_STATE_HOME`, else those in `HOME`.
pub fn program_folders(env: impl Fn(&str) -> Option<OsString>) -> ProgramFolders {
    let folder = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let place =
        |name: &str, at_home: &str| folder(name).or_else(|| folder("HOME").map(|home| home.join(at_home)));
    ProgramFolders {
        cache: place("XDG_CACHE_HOME", ".cache"),
        config: place("XDG_CONFIG_HOME", ".config"),
        state: place("XDG_STATE_HOME", ".local/state"),
    }
}

/// Where libpq looks: in the user's own folder.
pub fn libpq_files(env: &dyn Fn(&str) -> Option<String>) -> LibpqFiles {
    let at_home = |name: &str| env("HOME").map(|home| Path::new(&home).join(name));
    LibpqFiles {
        passwords: at_home(".pgpass"),
        services: at_home(".pg_service.conf"),
        certificates: at_home(".postgresql"),
    }
}

/// Where servers of this machine have their sockets.
pub const SOCKET_FOLDERS: &[&str] = &["/var/run/postgresql", "/tmp"];

/// The user's own folder.
pub fn home(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    env("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The kind of network file system that a path lies on, by the system's table of mounts (Linux).
pub fn network_file_system(path: &Path) -> Option<String> {
    let path = real_path(path).ok()?;
    let mounts = system_file("/proc/self/mounts", 16 << 20)?;
    // One mount whose name is no UTF-8 must not hide the others.
    let kind = String::from_utf8_lossy(&mounts)
        .lines()
        .filter_map(|line| {
            let mut parts = line.split(' ');
            Some((parts.nth(1)?, parts.next()?))
        })
        .filter(|(place, _)| path.starts_with(place.replace("\\040", " ")))
        .max_by_key(|(place, _)| place.len())?
        .1
        .to_owned();
    let network = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "ceph", "glusterfs"];
    network.contains(&kind.as_str()).then_some(kind)
}

/// The name of a file that has nothing in it.
pub const NOTHING: &str = "/dev/null";
