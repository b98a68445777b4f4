//! The errors of Windows by their numbers (winerror.h).

use std::io;

use crate::platform::SystemFault;

/// What an error of the system means, if it is one that was thought of; `None` also for errors that the system did not
/// give a number.
pub fn fault(error: &io::Error) -> Option<SystemFault> {
    let code = error.raw_os_error()?;
    disk(code).or_else(|| share(code)).or_else(|| path(code)).or_else(|| process(code))
}

/// The error of a write to what is closed.
pub fn closed() -> io::Error {
    // ERROR_INVALID_HANDLE
    io::Error::from_raw_os_error(6)
}

fn disk(code: i32) -> Option<SystemFault> {
    Some(match code {
        // ERROR_CRC, _SEEK, _SECTOR_NOT_FOUND, _READ_FAULT, _WRITE_FAULT, _GEN_FAILURE, _IO_DEVICE, _DISK_CORRUPT
        23 | 25 | 27 | 29 | 30 | 31 | 1117 | 1393 => SystemFault::Disk,
        // ERROR_NOT_READY, _BAD_UNIT, _DEV_NOT_EXIST, _NO_SUCH_DEVICE, _DEVICE_NOT_CONNECTED
        20 | 21 | 55 | 433 | 1167 => SystemFault::DeviceGone,
        // ERROR_HANDLE_DISK_FULL, _DISK_FULL
        39 | 112 => SystemFault::DiskFull,
        // ERROR_DISK_QUOTA_EXCEEDED, _NOT_ENOUGH_QUOTA
        1295 | 1816 => SystemFault::Quota,
        // ERROR_FILE_TOO_LARGE
        223 => SystemFault::TooLarge,
        // ERROR_WRITE_PROTECT
        19 => SystemFault::ReadOnlyDisk,
        _ => return None,
    })
}

fn share(code: i32) -> Option<SystemFault> {
    Some(match code {
        // ERROR_UNEXP_NET_ERR, _NETNAME_DELETED, _BAD_NET_NAME, _CONNECTION_ABORTED, _CONNECTION_UNAVAIL
        59 | 64 | 67 | 1236 | 1201 => SystemFault::ShareLost,
        // ERROR_BAD_NETPATH, _SEM_TIMEOUT, _NETWORK_UNREACHABLE, _HOST_UNREACHABLE, _TIMEOUT
        53 | 121 | 1231 | 1232 | 1460 => SystemFault::ShareSilent,
        _ => return None,
    })
}

fn path(code: i32) -> Option<SystemFault> {
    Some(match code {
        // ERROR_ACCESS_DENIED, _PRIVILEGE_NOT_HELD
        5 | 1314 => SystemFault::NoPermission,
        // ERROR_FILE_NOT_FOUND, _PATH_NOT_FOUND, _INVALID_DRIVE
        2 | 3 | 15 => SystemFault::Missing,
        // ERROR_DIRECTORY
        267 => SystemFault::NoFolder,
        // ERROR_CANT_RESOLVE_FILENAME
        1921 => SystemFault::Loop,
        // ERROR_FILENAME_EXCED_RANGE, _BUFFER_OVERFLOW
        206 | 111 => SystemFault::LongName,
        // ERROR_INVALID_NAME, _BAD_PATHNAME
        123 | 161 => SystemFault::BadName,
        // ERROR_FILE_EXISTS, _ALREADY_EXISTS
        80 | 183 => SystemFault::Exists,
        // ERROR_SHARING_VIOLATION, _LOCK_VIOLATION, _BUSY, _USER_MAPPED_FILE
        32 | 33 | 170 | 1224 => SystemFault::InUse,
        _ => return None,
    })
}

fn process(code: i32) -> Option<SystemFault> {
    Some(match code {
        // ERROR_INVALID_HANDLE
        6 => SystemFault::Closed,
        // ERROR_TOO_MANY_OPEN_FILES
        4 => SystemFault::ManyOpen,
        // ERROR_NOT_ENOUGH_MEMORY, _OUTOFMEMORY, _COMMITMENT_LIMIT, _NO_SYSTEM_RESOURCES
        8 | 14 | 1450 | 1455 => SystemFault::Memory,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_meaning() {
        for (code, meaning) in [
            (2, Some(SystemFault::Missing)),
            (5, Some(SystemFault::NoPermission)),
            (32, Some(SystemFault::InUse)),
            (53, Some(SystemFault::ShareSilent)),
            (64, Some(SystemFault::ShareLost)),
            (112, Some(SystemFault::DiskFull)),
            (123, Some(SystemFault::BadName)),
            (1117, Some(SystemFault::Disk)),
            (999, None),
        ] {
            assert_eq!(fault(&io::Error::from_raw_os_error(code)), meaning, "{code}");
        }
        assert_eq!(fault(&io::Error::other("ours")), None);
    }
}
