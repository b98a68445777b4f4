//! What an error of the operating system means to somebody who reads or writes a file, and what to do about it.

use std::io;

use crate::platform::{SystemFault, faults};

/// The error in words: what happened, and behind a semicolon what to do. Errors of our own stand as they are.
pub fn words(error: &io::Error) -> String {
    if error.get_ref().is_some() {
        return error.to_string();
    }
    let said = said(error);
    match faults::fault(error) {
        Some(fault) => {
            let (what, advice) = meaning(fault);
            format!("{what} ({said}); {advice}")
        }
        None if error.raw_os_error().is_none() => without_code(error, said),
        None => format!("{said}; look at the path and try again"),
    }
}

/// Errors that the standard library or this program makes have a kind alone.
fn without_code(error: &io::Error, said: String) -> String {
    match error.kind() {
        io::ErrorKind::WriteZero => "not all of it could be written; make room and try again".to_owned(),
        io::ErrorKind::UnexpectedEof => {
            "it ends too early; it may still be written or copied, try again later".to_owned()
        }
        io::ErrorKind::PermissionDenied => format!("{NO_PERMISSION} ({said}); {ASK_THE_OWNER}"),
        io::ErrorKind::NotFound => format!("it is not there ({said}); check the path"),
        _ => format!("{said}; look at the path and try again"),
    }
}

const NO_PERMISSION: &str = "there is no permission to do this";
const ASK_THE_OWNER: &str = "ask its owner or the lab PC's administrator for access";

fn meaning(fault: SystemFault) -> (&'static str, &'static str) {
    let check_disk = "check the disk and its cable, copy what can still be read to another one";
    let make_room = "make room, or name a place on another disk";
    match fault {
        SystemFault::Disk => ("the disk or network share can't be read or written", check_disk),
        SystemFault::DeviceGone => ("the disk or device behind it is not there any more", check_disk),
        SystemFault::ShareLost => ("the network share was lost", "mount it again, then try again"),
        SystemFault::ShareSilent => {
            ("the network share does not answer", "check the network, then try again")
        }
        SystemFault::DiskFull => ("the disk is full", make_room),
        SystemFault::Quota => ("your quota on this disk is used up", make_room),
        SystemFault::TooLarge => (
            "the file would be larger than the disk or a limit of this session allows",
            "see ulimit -f, or name a place on another disk",
        ),
        SystemFault::ReadOnlyDisk => ("this disk is read-only", "name a place on another disk"),
        SystemFault::NoPermission => (NO_PERMISSION, ASK_THE_OWNER),
        SystemFault::Missing => ("it is not there", "check the path"),
        SystemFault::NoFolder => ("a part of this path is no folder", "check the path"),
        SystemFault::IsFolder => ("this is a folder, not a file", "check the path"),
        SystemFault::Loop => ("this is a loop of links, which leads to no file", "put the file itself there"),
        SystemFault::LongName => ("this name is too long for a file", "give a shorter one"),
        SystemFault::BadName => ("no file can have this name here", "give another one"),
        SystemFault::Exists => ("something is there already", "give another name"),
        SystemFault::InUse => ("another program is using it", "wait for that, then try again"),
        SystemFault::Closed => ("it is closed", "give it a terminal, a file or a pipe"),
        SystemFault::ManyOpen => ("too many files are open", "close other programs, then try again"),
        SystemFault::Memory => ("there is not enough memory", "close other programs, then try again"),
        SystemFault::Nothing => ("it has nothing to read now, so it is no file", "put the file itself there"),
    }
}

/// The system's own words without the number behind them.
fn said(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(at) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn every_error_says_what_happened_and_what_to_do() {
        use rustix::io::Errno;
        for (code, what, advice) in [
            (Errno::IO, "the disk or network share can't be read or written (", "check the disk"),
            (Errno::STALE, "the network share was lost (", "mount it again"),
            (Errno::NOSPC, "the disk is full (", "make room"),
            (Errno::FBIG, "larger than the disk or a limit", "ulimit -f"),
            (Errno::ACCESS, "no permission", "administrator"),
            // None that was thought of.
            (Errno::DEADLK, "deadlock", "try again"),
        ] {
            let said = words(&code.into()).to_lowercase();
            let (happened, to_do) = said.split_once("; ").unwrap();
            assert!(happened.contains(&what.to_lowercase()) && to_do.contains(advice), "{said}");
            assert!(!said.contains("os error"), "{said}");
        }
    }

    #[test]
    fn errors_of_our_own_stand_as_they_are() {
        assert_eq!(words(&io::Error::other("ours; do this")), "ours; do this");
    }
}
