//! The errors of Unix by their numbers.

use std::io;

use rustix::io::Errno;

use crate::platform::SystemFault;

/// What an error of the system means, if it is one that was thought of; `None` also for errors that the system did not
/// give a number.
pub fn fault(error: &io::Error) -> Option<SystemFault> {
    let code = Errno::from_io_error(error)?;
    device(code).or_else(|| share(code)).or_else(|| path(code)).or_else(|| process(code))
}

/// The error of a write to what is closed.
pub fn closed() -> io::Error {
    Errno::BADF.into()
}

fn device(code: Errno) -> Option<SystemFault> {
    Some(match code {
        Errno::IO => SystemFault::Disk,
        Errno::NXIO | Errno::NODEV => SystemFault::DeviceGone,
        Errno::NOSPC => SystemFault::DiskFull,
        Errno::DQUOT => SystemFault::Quota,
        Errno::FBIG => SystemFault::TooLarge,
        Errno::ROFS => SystemFault::ReadOnlyDisk,
        _ => return None,
    })
}

fn share(code: Errno) -> Option<SystemFault> {
    Some(match code {
        Errno::STALE | Errno::NOTCONN | Errno::CONNABORTED | Errno::CONNRESET => SystemFault::ShareLost,
        Errno::TIMEDOUT | Errno::HOSTDOWN | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::NETUNREACH => {
            SystemFault::ShareSilent
        }
        _ => return None,
    })
}

fn path(code: Errno) -> Option<SystemFault> {
    Some(match code {
        Errno::ACCESS | Errno::PERM => SystemFault::NoPermission,
        Errno::NOENT => SystemFault::Missing,
        Errno::NOTDIR => SystemFault::NoFolder,
        Errno::ISDIR => SystemFault::IsFolder,
        Errno::LOOP => SystemFault::Loop,
        Errno::NAMETOOLONG => SystemFault::LongName,
        Errno::EXIST => SystemFault::Exists,
        Errno::TXTBSY | Errno::BUSY => SystemFault::InUse,
        _ => return None,
    })
}

fn process(code: Errno) -> Option<SystemFault> {
    Some(match code {
        Errno::BADF => SystemFault::Closed,
        Errno::MFILE | Errno::NFILE => SystemFault::ManyOpen,
        Errno::NOMEM => SystemFault::Memory,
        Errno::AGAIN => SystemFault::Nothing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_meaning() {
        for (code, meaning) in [
            (Errno::IO, Some(SystemFault::Disk)),
            (Errno::NXIO, Some(SystemFault::DeviceGone)),
            (Errno::STALE, Some(SystemFault::ShareLost)),
            (Errno::TIMEDOUT, Some(SystemFault::ShareSilent)),
            (Errno::NOSPC, Some(SystemFault::DiskFull)),
            (Errno::DQUOT, Some(SystemFault::Quota)),
            (Errno::FBIG, Some(SystemFault::TooLarge)),
            (Errno::ROFS, Some(SystemFault::ReadOnlyDisk)),
            (Errno::ACCESS, Some(SystemFault::NoPermission)),
            (Errno::LOOP, Some(SystemFault::Loop)),
            (Errno::BADF, Some(SystemFault::Closed)),
            (Errno::DEADLK, None),
        ] {
            assert_eq!(fault(&code.into()), meaning, "{code:?}");
        }
        assert_eq!(fault(&io::Error::other("ours")), None);
    }
}
