//! Files: which one it is, opening so that the lab can replace, rename and delete its own, and reading at a place.

use std::{
    fs::{self, File, FileType, Metadata, OpenOptions},
    io,
    os::windows::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Component, Path, PathBuf},
};

use winapi_util::file::information;

use super::names::is_device;

/// What tells a file from every other that is there now: the volume's serial number and the file's number there.
pub type FileIdentity = (u64, u64);

// winnt.h. Whoever opens a file without FILE_SHARE_DELETE keeps others from renaming and deleting it; the standard
// library shares all three.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_ADD_FILE: u32 = 0x0002;

/// Does a file that SQLite has open keep others from renaming, replacing or deleting it? It does not share that.
pub const OPEN_FILES_HOLD_OTHERS: bool = true;

/// # Errors
/// Of the system.
pub fn identity(file: &File) -> io::Result<FileIdentity> {
    let about = information(file)?;
    Ok((about.volume_serial_number(), about.file_index()))
}

/// Of the file that a path leads to.
///
/// # Errors
/// Of the system.
pub fn identity_at(path: &Path) -> io::Result<FileIdentity> {
    identity(&open_to_look(path, FILE_FLAG_BACKUP_SEMANTICS)?)
}

/// The same of a link itself.
///
/// # Errors
/// Of the system.
pub fn identity_of_link(path: &Path) -> io::Result<FileIdentity> {
    identity(&open_to_look(path, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)?)
}

/// Opens a file or folder without the right to read it, as a look at it needs none.
fn open_to_look(path: &Path, flags: u32) -> io::Result<File> {
    refuse_device(path)?;
    OpenOptions::new().access_mode(0).custom_flags(flags).open(path)
}

/// Identity, size, and the times of the last write and of the creation, in units of 100 ns; the other two are not told.
///
/// # Errors
/// Of the system.
pub fn state_numbers(file: &File) -> io::Result<[i64; 7]> {
    let (volume, number) = identity(file)?;
    let about = file.metadata()?;
    Ok([
        volume.cast_signed(),
        number.cast_signed(),
        about.file_size().cast_signed(),
        about.last_write_time().cast_signed(),
        0,
        about.creation_time().cast_signed(),
        0,
    ])
}

/// Opens a file for reading. With `is_real` a link at the end of the path is opened itself, and refused.
///
/// # Errors
/// Of the system.
pub fn open_unheld(path: &Path, is_real: bool) -> io::Result<File> {
    refuse_device(path)?;
    let flags = if is_real { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if is_real && file.metadata()?.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is a link; put the file itself there"));
    }
    Ok(file)
}

/// CON, NUL, COM1 and their like are devices in every folder, and opening one can do anything.
fn refuse_device(path: &Path) -> io::Result<()> {
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if is_device(name) => {
            let text = "this is a device, not a file; put the file itself there";
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
        _ => Ok(()),
    }
}

/// What is there in the place of a file.
pub fn kind_name(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}

/// Reads at a place, wherever others read. The place of the handle itself moves along; nobody here relies on that.
///
/// # Errors
/// Of the system.
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(buffer, at)
}

/// Fills a buffer from a place on.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] where the file ends before; else of the system.
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                at += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Windows has no such word; it reads ahead by itself.
pub fn will_read(_: &File, _: u64, _: u64) -> bool {
    false
}

/// What is made in the user's own folders is theirs alone by the lists of these folders.
pub fn for_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Opens a lock file to write; no link is followed.
///
/// # Errors
/// Of the system.
pub fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    refuse_device(path)?;
    let mut options = File::options();
    options.write(true).create(create).truncate(false).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options.open(path)
}

/// Makes a folder and those above it, as the folder above them lets.
///
/// # Errors
/// Of the system.
pub fn make_private_folders(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// The folder of temporary files is the user's own.
pub fn temporary_for_user_alone<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder
}

/// May this user read and write a file, or make files in a folder? It is opened so, and nothing is written.
pub fn may_write(path: &Path) -> bool {
    let mut options = OpenOptions::new();
    if path.is_dir() {
        options.access_mode(FILE_ADD_FILE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    } else {
        options.read(true).write(true);
    }
    options.open(path).is_ok()
}

/// Who may do what stands in lists here, which a new file takes from its folder.
pub fn mode(_: &Metadata) -> u32 {
    0
}

/// The file systems of Windows keep names in a journal of their own.
///
/// # Errors
/// None here.
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Pipes are in no folder here.
pub fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Who may read a file stands in lists that are not looked at here, as libpq does not either.
pub fn is_open_to_others(_: &Metadata) -> bool {
    false
}

/// The real path, without links, drive letters of the network and `\\?\` where it can do without.
///
/// # Errors
/// Of the system.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    if path
        .components()
        .any(|part| matches!(part, Component::Normal(name) if name.to_str().is_some_and(is_device)))
    {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a part of this path is a device"));
    }
    dunce::canonicalize(path)
}
