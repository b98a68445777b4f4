//! What an error of the operating system means, whatever its number is there.

/// The meaning of an error of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemFault {
    /// The disk can't be read or written.
    Disk,
    /// The disk or device is gone.
    DeviceGone,
    ShareLost,
    ShareSilent,
    DiskFull,
    Quota,
    TooLarge,
    ReadOnlyDisk,
    NoPermission,
    Missing,
    NoFolder,
    IsFolder,
    Loop,
    LongName,
    /// A name that no file can have here.
    BadName,
    Exists,
    /// Another program has it open, or holds a lock on it.
    InUse,
    Closed,
    ManyOpen,
    Memory,
    /// It has nothing to read now.
    Nothing,
}
