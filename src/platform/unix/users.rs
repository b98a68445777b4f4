//! Who is logged in, who can write in a folder, and the machine's name.

use std::{
    ffi::OsString,
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::process::getuid;

use super::files::system_file;
use crate::platform::FolderWriters;

/// Longer than any list of users or groups.
const LONGEST: u64 = 1 << 20;

/// The login name; the number of the user where it has none.
pub fn login_name() -> String {
    let passwd = system_file("/etc/passwd", LONGEST).unwrap_or_default();
    name(getuid().as_raw(), &passwd, |name| std::env::var_os(name))
}

fn name(user: u32, passwd: &[u8], env: impl Fn(&str) -> Option<OsString>) -> String {
    let text = String::from_utf8_lossy(passwd);
    let known = text.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, number) = (parts.next()?, parts.next()?, parts.next()?);
        (number.parse() == Ok(user)).then(|| name.to_owned())
    });
    let told = || ["LOGNAME", "USER"].into_iter().find_map(|name| env(name)?.into_string().ok());
    known.or_else(told).filter(|name| !name.is_empty()).unwrap_or_else(|| user.to_string())
}

/// Who can write in a folder.
///
/// # Errors
/// Where the folder can't be looked at.
pub fn writers(folder: &Path) -> io::Result<FolderWriters> {
    let about = folder.metadata()?;
    let mode = about.permissions().mode();
    if mode & 0o003 == 0o003 {
        return Ok(FolderWriters::All);
    }
    let owner = name_in("/etc/passwd", about.uid());
    Ok(match mode & 0o030 == 0o030 {
        true => FolderWriters::Group { owner, group: name_in("/etc/group", about.gid()) },
        false => FolderWriters::Owner(owner),
    })
}

/// The name of a number in a file of the system.
fn name_in(file: &str, number: u32) -> String {
    let text = system_file(file, LONGEST).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let named = text.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, of) = (parts.next()?, parts.next()?, parts.next()?);
        (of.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}

/// The machine's whole name, where the system tells it (Linux).
pub fn host_name() -> Option<String> {
    String::from_utf8(system_file("/proc/sys/kernel/hostname", 4096)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_the_name_and_else_the_environment() {
        let passwd = b"root:x:0:0::/root:/bin/sh\nmara:x:1001:1001::/home/mara:/bin/sh\n";
        let env = |name: &str| (name == "USER").then(|| OsString::from("lab"));
        assert_eq!(name(1001, passwd, env), "mara");
        assert_eq!(name(70_000, passwd, env), "lab", "a user of a directory that the file does not have");
        assert_eq!(name(70_000, b"", |_| None), "70000");
    }
}
