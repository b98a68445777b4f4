//! Files: which one it is, opening what somebody else may have put there, and reading at a place.

use std::{
    fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions, Permissions},
    io::{self, Read as _},
    os::unix::fs::{
        DirBuilderExt as _, FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
        PermissionsExt as _,
    },
    path::Path,
};

use rustix::fs::{Access, OFlags, access};

/// What tells a file from every other that is there now: device and inode.
pub type FileIdentity = (u64, u64);

/// Does a file that SQLite has open keep others from renaming, replacing or deleting it?
pub const OPEN_FILES_HOLD_OTHERS: bool = false;

/// # Errors
/// Of the system.
pub fn identity(file: &File) -> io::Result<FileIdentity> {
    file.metadata().map(|about| of(&about))
}

/// Of the file that a path leads to.
///
/// # Errors
/// Of the system.
pub fn identity_at(path: &Path) -> io::Result<FileIdentity> {
    path.metadata().map(|about| of(&about))
}

/// The same of a link itself.
///
/// # Errors
/// Of the system.
pub fn identity_of_link(path: &Path) -> io::Result<FileIdentity> {
    path.symlink_metadata().map(|about| of(&about))
}

fn of(about: &Metadata) -> FileIdentity {
    (about.dev(), about.ino())
}

/// Identity, size, and the times of the last change of content and of anything, in seconds and nanoseconds.
///
/// # Errors
/// Of the system.
pub fn state_numbers(file: &File) -> io::Result<[i64; 7]> {
    let about = file.metadata()?;
    Ok([
        about.dev().cast_signed(),
        about.ino().cast_signed(),
        about.size().cast_signed(),
        about.mtime(),
        about.mtime_nsec(),
        about.ctime(),
        about.ctime_nsec(),
    ])
}

/// Opens a file for reading so that nothing can hold it up: without NONBLOCK a pipe would be waited for. With `is_real`
/// a link at the end of the path is refused.
///
/// # Errors
/// Of the system.
pub fn open_unheld(path: &Path, is_real: bool) -> io::Result<File> {
    let real = if is_real { OFlags::NOFOLLOW } else { OFlags::empty() };
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | real;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// What stands in a file of the system, at most so many bytes of it.
pub(super) fn system_file(path: &str, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    open_unheld(path.as_ref(), false).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What is there in the place of a file.
pub fn kind_name(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Reads at a place, wherever others read.
///
/// # Errors
/// Of the system.
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(buffer, at)
}

/// Fills a buffer from a place on.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] where the file ends before; else of the system.
pub fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact_at(buffer, at)
}

/// Tells the system that a stretch is read soon; false where that can't be told.
#[cfg(not(target_vendor = "apple"))]
pub fn will_read(file: &File, from: u64, long: u64) -> bool {
    rustix::fs::fadvise(file, from, std::num::NonZero::new(long), rustix::fs::Advice::WillNeed).is_ok()
}

/// Tells the system that a stretch is read soon; false where that can't be told.
#[cfg(target_vendor = "apple")]
pub fn will_read(_: &File, _: u64, _: u64) -> bool {
    false
}

/// Whoever makes a file with these options makes it for its user alone.
pub fn for_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Opens a lock file to write, made for its user alone where it may be made; no link is followed, and no pipe waited for.
///
/// # Errors
/// Of the system.
pub fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    File::options().write(true).create(create).truncate(false).mode(0o600).custom_flags(flags).open(path)
}

/// Makes a folder and those above it, for their user alone.
///
/// # Errors
/// Of the system.
pub fn make_private_folders(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A temporary folder that is made by this is for its user alone.
pub fn temporary_for_user_alone<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder.permissions(Permissions::from_mode(0o700))
}

/// May this user read and write a file, or make files in a folder?
pub fn may_write(path: &Path) -> bool {
    let writes = Access::READ_OK | Access::WRITE_OK;
    let is_folder = path.is_dir();
    let all = if is_folder { writes | Access::EXEC_OK } else { writes };
    access(path, all).is_ok()
}

/// What others may do with a file, to give a copy of it the same.
pub fn mode(about: &Metadata) -> u32 {
    about.permissions().mode()
}

/// Makes the names in a folder durable.
///
/// # Errors
/// Of the system: not every one can.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Is it a pipe, which waits for its other end?
pub fn is_pipe(about: &Metadata) -> bool {
    about.file_type().is_fifo()
}

/// Can others read a file than its user? Secrets are not taken from such a one.
pub fn is_open_to_others(about: &Metadata) -> bool {
    about.permissions().mode() & 0o077 != 0
}

/// The real path, without links.
///
/// # Errors
/// Of the system.
pub fn real_path(path: &Path) -> io::Result<std::path::PathBuf> {
    fs::canonicalize(path)
}
