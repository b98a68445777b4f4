//! The folder in the lab's that is shared, and the files in it: Windows gives what is made in a folder the lists of who may
//! do what that the folder has, so there is nothing to give.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
};

/// Makes the folder, or goes on where making it was ended; gives whether it is new.
///
/// # Errors
/// Of the system; where something else is in its place, with a text of our own.
pub fn make_shared_folder(folder: &Path) -> io::Result<bool> {
    match fs::create_dir(folder) {
        Ok(()) => return Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let about = folder.symlink_metadata()?;
    if about.is_dir() {
        return Ok(false);
    }
    let what = if about.is_symlink() { "a link" } else { "a file" };
    let text = format!("this is {what}, where a folder is to be; remove it first");
    Err(io::Error::new(ErrorKind::InvalidInput, text))
}

/// Makes a file in the shared folder; nothing where it is there.
///
/// # Errors
/// Of the system.
pub fn make_shared_file(path: &Path) -> io::Result<()> {
    match File::create_new(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Nothing to do here.
///
/// # Errors
/// None here.
pub fn allow_all(_: &File, _: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes a folder in one of the own folders.
///
/// # Errors
/// Of the system.
pub fn make_folder_in(_: &Path, folder: &Path, _: bool) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
