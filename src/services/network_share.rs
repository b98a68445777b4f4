//! Databases on network file systems, where SQLite's locks can fail.

use std::path::Path;

use crate::regular_file::read_small;

/// A warning for a database on a network share, where SQLite's locks can fail.
pub fn share_warning(file: &Path) -> Option<String> {
    let kind = network_file_system(file)?;
    Some(format!(
        "{} lies on a network file system ({kind}), where SQLite's locks may not work: open it on the lab PC",
        file.display()
    ))
}

/// The kind of network file system that a path lies on, by the system's table of mounts (Linux).
fn network_file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = read_small("/proc/self/mounts".as_ref(), 16 << 20).ok()?;
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
