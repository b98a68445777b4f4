//! The errors of Unix by their numbers.

use std::io;

use rustix::io::Errno;

use crate::platform::Fault;

/// What an error of the system means, if it is one that was thought of; `None` also for errors that the system did not
/// give a number.
pub fn fault(error: &io::Error) -> Option<Fault> {
    let code = Errno::from_io_error(error)?;
    device(code).or_else(|| share(code)).or_else(|| path(code)).or_else(|| process(code))
}

/// The error of a write to what is closed.
pub fn closed() -> io::Error {
    Errno::BADF.into()
}

fn device(code: Errno) -> Option<Fault> {
    Some(match code {
        Errno::IO => Fault::Disk,
        Errno::NXIO | Errno::NODEV => Fault::DeviceGone,
        Errno::NOSPC => Fault::DiskFull,
        Errno::DQUOT => Fault::Quota,
        Errno::FBIG => Fault::TooLarge,
        Errno::ROFS => Fault::ReadOnlyDisk,
        _ => return None,
    })
}

fn share(code: Errno) -> Option<Fault> {
    Some(match code {
        Errno::STALE | Errno::NOTCONN | Errno::CONNABORTED | Errno::CONNRESET => Fault::ShareLost,
        Errno::TIMEDOUT | Errno::HOSTDOWN | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::NETUNREACH => {
            Fault::ShareSilent
        }
        _ => return None,
    })
}

fn path(code: Errno) -> Option<Fault> {
    Some(match code {
        Errno::ACCESS | Errno::PERM => Fault::NoPermission,
        Errno::NOENT => Fault::Missing,
        Errno::NOTDIR => Fault::NoFolder,
        Errno::ISDIR => Fault::IsFolder,
        Errno::LOOP => Fault::Loop,
        Errno::NAMETOOLONG => Fault::LongName,
        Errno::EXIST => Fault::Exists,
        Errno::TXTBSY | Errno::BUSY => Fault::InUse,
        _ => return None,
    })
}

fn process(code: Errno) -> Option<Fault> {
    Some(match code {
        Errno::BADF => Fault::Closed,
        Errno::MFILE | Errno::NFILE => Fault::ManyOpen,
        Errno::NOMEM => Fault::Memory,
        Errno::AGAIN => Fault::Nothing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_meaning() {
        for (code, meaning) in [
            (Errno::IO, Some(Fault::Disk)),
            (Errno::NXIO, Some(Fault::DeviceGone)),
            (Errno::STALE, Some(Fault::ShareLost)),
            (Errno::TIMEDOUT, Some(Fault::ShareSilent)),
            (Errno::NOSPC, Some(Fault::DiskFull)),
            (Errno::DQUOT, Some(Fault::Quota)),
            (Errno::FBIG, Some(Fault::TooLarge)),
            (Errno::ROFS, Some(Fault::ReadOnlyDisk)),
            (Errno::ACCESS, Some(Fault::NoPermission)),
            (Errno::LOOP, Some(Fault::Loop)),
            (Errno::BADF, Some(Fault::Closed)),
            (Errno::DEADLK, None),
        ] {
            assert_eq!(fault(&code.into()), meaning, "{code:?}");
        }
        assert_eq!(fault(&io::Error::other("ours")), None);
    }
}
