//! What an error of the operating system means to somebody who reads or writes a file, and what to do about it.

use std::io;

use rustix::io::Errno;

/// The error in words: what happened, and behind a semicolon what to do. Errors of our own stand as they are.
pub fn words(error: &io::Error) -> String {
    if error.get_ref().is_some() {
        return error.to_string();
    }
    let said = said(error);
    let Some(code) = Errno::from_io_error(error) else { return without_code(error, said) };
    match meaning(code) {
        Some((what, advice)) => format!("{what} ({said}); {advice}"),
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

fn meaning(code: Errno) -> Option<(&'static str, &'static str)> {
    device(code)
        .or_else(|| share(code))
        .or_else(|| room(code))
        .or_else(|| path(code))
        .or_else(|| process(code))
}

fn device(code: Errno) -> Option<(&'static str, &'static str)> {
    let advice = "check the disk and its cable, copy what can still be read to another one";
    match code {
        Errno::IO => Some(("the disk or network share can't be read or written", advice)),
        Errno::NXIO | Errno::NODEV => Some(("the disk or device behind it is not there any more", advice)),
        _ => None,
    }
}

fn share(code: Errno) -> Option<(&'static str, &'static str)> {
    let gone = matches!(code, Errno::STALE | Errno::NOTCONN | Errno::CONNABORTED | Errno::CONNRESET);
    let silent = matches!(
        code,
        Errno::TIMEDOUT | Errno::HOSTDOWN | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::NETUNREACH
    );
    if gone {
        return Some(("the network share was lost", "mount it again, then try again"));
    }
    silent.then_some(("the network share does not answer", "check the network, then try again"))
}

fn room(code: Errno) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Errno::NOSPC => ("the disk is full", "make room, or name a place on another disk"),
        Errno::DQUOT => ("your quota on this disk is used up", "make room, or name a place on another disk"),
        Errno::FBIG => (
            "the file would be larger than the disk or a limit of this session allows",
            "see ulimit -f, or name a place on another disk",
        ),
        Errno::ROFS => ("this disk is read-only", "name a place on another disk"),
        _ => return None,
    })
}

fn path(code: Errno) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Errno::ACCESS | Errno::PERM => (NO_PERMISSION, ASK_THE_OWNER),
        Errno::NOENT => ("it is not there", "check the path"),
        Errno::NOTDIR => ("a part of this path is no folder", "check the path"),
        Errno::ISDIR => ("this is a folder, not a file", "check the path"),
        Errno::LOOP => ("this is a loop of links, which leads to no file", "put the file itself there"),
        Errno::NAMETOOLONG => ("this name is too long for a file", "give a shorter one"),
        Errno::EXIST => ("something is there already", "give another name"),
        Errno::TXTBSY | Errno::BUSY => ("another program is using it", "wait for that, then try again"),
        _ => return None,
    })
}

fn process(code: Errno) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Errno::BADF => ("it is closed", "give it a terminal, a file or a pipe"),
        Errno::MFILE | Errno::NFILE => ("too many files are open", "close other programs, then try again"),
        Errno::NOMEM => ("there is not enough memory", "close other programs, then try again"),
        Errno::AGAIN => ("it has nothing to read now, so it is no file", "put the file itself there"),
        _ => return None,
    })
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

    fn of(code: Errno) -> String {
        words(&code.into())
    }

    #[test]
    fn every_error_says_what_happened_and_what_to_do() {
        for (code, what, advice) in [
            (Errno::IO, "the disk or network share can't be read or written (", "check the disk"),
            (Errno::NXIO, "the disk or device behind it is not there any more (", "check the disk"),
            (Errno::STALE, "the network share was lost (", "mount it again"),
            (Errno::TIMEDOUT, "the network share does not answer (", "check the network"),
            (Errno::NOSPC, "the disk is full (", "make room"),
            (Errno::DQUOT, "your quota on this disk is used up (", "make room"),
            (Errno::FBIG, "larger than the disk or a limit", "ulimit -f"),
            (Errno::ROFS, "read-only", "another disk"),
            (Errno::ACCESS, "no permission", "administrator"),
            (Errno::LOOP, "a loop of links", "the file itself"),
            (Errno::BADF, "it is closed", "a pipe"),
            // None that was thought of.
            (Errno::DEADLK, "deadlock", "try again"),
        ] {
            let said = of(code).to_lowercase();
            let (happened, to_do) = said.split_once("; ").unwrap();
            assert!(happened.contains(&what.to_lowercase()) && to_do.contains(advice), "{said}");
            assert!(!said.contains("os error"), "{said}");
        }
        assert_eq!(words(&io::Error::other("ours; do this")), "ours; do this");
    }
}
