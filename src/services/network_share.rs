//! On a network share SQLite's locks can fail: whether a path lies on one.

use std::path::Path;

/// The kind of network file system that a path lies on, by the system's table of mounts (Linux).
pub fn network_file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let kind = mounts
        .lines()
        .filter_map(|line| {
            let mut parts = line.split(' ');
            Some((parts.nth(1)?, parts.next()?))
        })
        .filter(|(place, _)| path.starts_with(place.replace("\\040", " ")))
        .max_by_key(|(place, _)| place.len())?
        .1;
    let network = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "ceph", "glusterfs"];
    network.contains(&kind).then(|| kind.to_owned())
}
