//! Whether stdout was closed when the program began (`>&-`, a service without one).

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::{fs::MetadataExt as _, process::parent_id},
    },
};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl, fstat};

/// Refuses a stdout that was closed: what is written to it goes nowhere, and the command would have done nothing.
///
/// # Errors
/// As a write to a closed file.
pub fn refuse_closed_stdout() -> io::Result<()> {
    let (stdout, stdin, stderr) = (io::stdout(), io::stdin(), io::stderr());
    let others = [stdin.as_fd(), stderr.as_fd()];
    let was_closed = was_closed(stdout.as_fd(), &others).unwrap_or(false);
    if was_closed && !opens_it_so(starter().as_deref()) { Err(super::faults::closed()) } else { Ok(()) }
}

/// The program that started this one, where the system tells (Linux).
fn starter() -> Option<OsString> {
    let link = format!("/proc/{}/exe", parent_id());
    Some(fs::read_link(link).ok()?.file_name()?.to_owned())
}

/// Python's `DEVNULL` and Node's `ignore` are what Rust makes of a closed stdout. Of these two, it is taken for theirs.
fn opens_it_so(starter: Option<&OsStr>) -> bool {
    let name = starter.map(OsStr::to_string_lossy).unwrap_or_default();
    ["python", "pypy", "node"].iter().any(|one| name.starts_with(one))
}

/// Before `main`, Rust opens `/dev/null` in the place of what is closed, for reading and writing. Who wants nothing
/// printed opens it for writing only (shells), or once for several of the three (services).
fn was_closed(stdout: BorrowedFd<'_>, others: &[BorrowedFd<'_>]) -> io::Result<bool> {
    let null = fs::metadata("/dev/null")?;
    let is_null = u128::from(fstat(stdout)?.st_rdev) == u128::from(null.rdev());
    let flags = fcntl_getfl(stdout)?;
    if !is_null || !flags.contains(OFlags::RDWR) {
        return Ok(false);
    }
    // What is opened once has its flags together.
    fcntl_setfl(stdout, flags | OFlags::APPEND)?;
    let is_shared = others.iter().any(|other| fcntl_getfl(other).is_ok_and(|f| f.contains(OFlags::APPEND)));
    fcntl_setfl(stdout, flags)?;
    Ok(!is_shared)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn only_what_was_closed_is_taken_for_closed() {
        let open = |read: bool, path: &str| File::options().read(read).write(true).open(path).unwrap();
        let other = open(true, "/dev/null");
        let is_closed = |stdout: &File, other: &File| was_closed(stdout.as_fd(), &[other.as_fd()]).unwrap();
        assert!(is_closed(&open(true, "/dev/null"), &other));
        assert!(!is_closed(&open(false, "/dev/null"), &other), "a shell's");
        let stdout = open(true, "/dev/null");
        assert!(!is_closed(&stdout, &stdout.try_clone().unwrap()), "a service's");
        assert!(!is_closed(&open(true, "/dev/zero"), &other));
        for (starter, is) in [("python3.11", true), ("node", true), ("dash", false), ("cargo", false)] {
            assert_eq!(opens_it_so(Some(starter.as_ref())), is, "{starter}");
        }
        let file = tempfile::tempfile().unwrap();
        assert!(!is_closed(&file, &other));
    }
}
