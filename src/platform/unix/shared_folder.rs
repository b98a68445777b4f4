//! The folder in the lab's that is shared, and the files in it: whoever may write the data folder may write them, whatever
//! the umask of who makes them.

use std::{
    fs::{DirBuilder, File, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown},
    path::Path,
};

use rustix::fs::OFlags;

/// New files in a folder with it get its group.
const SET_GROUP: u32 = 0o2000;
const GROUP: u32 = 0o070;

/// Makes the folder, or goes on where making it was ended; gives whether it is new. It gets the mode and the group of
/// the data folder that it is in; where this user can't give it that group, what the data folder allows all.
///
/// # Errors
/// Of the system; where something else is in its place, with a text of our own.
pub fn make_shared_folder(folder: &Path) -> io::Result<bool> {
    let data = folder.parent().unwrap_or(Path::new("/")).metadata()?;
    let is_new = match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    let about = folder.symlink_metadata()?;
    if !about.is_dir() {
        let what = if about.is_symlink() { "a link" } else { "a file" };
        let text = format!("this is {what}, where a folder is to be; remove it first");
        return Err(io::Error::new(ErrorKind::InvalidInput, text));
    }
    // Whoever made it has given it what it is to have, or has changed that since.
    let is_begun = about.mode() & 0o077 == 0 && about.uid() == rustix::process::geteuid().as_raw();
    if is_new || is_begun {
        let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
        let opened = File::options().read(true).custom_flags(flags).open(folder)?;
        let mode = SET_GROUP | given(&opened, data.uid(), data.gid(), data.mode())? & 0o777;
        opened.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(is_new)
}

/// Gives an opened file the owner (as root can) and the group; gives the mode, without what the group may where that is
/// another one.
fn given(file: &File, owner: u32, group: u32, mode: u32) -> io::Result<u32> {
    // Only root can give things away.
    let _ = fchown(file, Some(owner), Some(group)).or_else(|_| fchown(file, None, Some(group)));
    let has = file.metadata()?.gid() == group;
    let others = mode & 0o007;
    Ok(if has { mode } else { mode & !GROUP | others << 3 })
}

/// Makes a file in the shared folder that all may write who may write there; nothing where it is there. It is there with
/// its mode or not at all.
///
/// # Errors
/// Of the system.
pub fn make_shared_file(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let made = tempfile::NamedTempFile::new_in(folder)?;
    allow_all(made.as_file(), folder, 0)?;
    match made.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// A file in the shared folder, or below it, may be read and written by all who may write there.
///
/// # Errors
/// Of the system.
pub fn allow_all(file: &File, folder: &Path, mode: u32) -> io::Result<()> {
    let about = folder.metadata()?;
    let allowed = given(file, about.uid(), about.gid(), about.mode())? & 0o666;
    file.set_permissions(Permissions::from_mode(mode & 0o777 | allowed))
}

/// Makes a folder in one of the own folders: as that one is where it is shared, else for its user alone.
///
/// # Errors
/// Of the system.
pub fn make_folder_in(parent: &Path, folder: &Path, is_shared: bool) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) if is_shared => {
            let about = parent.metadata()?;
            let opened = File::open(folder)?;
            let mode = given(&opened, about.uid(), about.gid(), about.mode())?;
            opened.set_permissions(Permissions::from_mode(mode & 0o777 | SET_GROUP))
        }
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
