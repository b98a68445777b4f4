//! Opening files that somebody else may have put there: only regular ones are read, and nothing can hold us up.
//!
//! A pipe waits for its other end, a device may do anything when it is opened. So what a path leads to is looked at
//! before it is opened, and again afterwards, as it may be another one by then.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::Path,
};

use crate::platform::files;

/// Opens a regular file for reading.
///
/// # Errors
/// For anything else that is there, with a text of our own.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(path, false)
}

/// The same at the end of a path that has no links any more: one that was put there since is refused.
///
/// # Errors
/// As [`open`].
pub fn open_real(path: &Path) -> io::Result<File> {
    open_with(path, true)
}

fn open_with(path: &Path, is_real: bool) -> io::Result<File> {
    refuse_others(&fs::metadata(path)?)?;
    let file = files::open_unheld(path, is_real)?;
    refuse_others(&file.metadata()?)?;
    Ok(file)
}

/// Refuses what is no regular file.
///
/// # Errors
/// With a text of our own.
pub fn refuse_others(about: &Metadata) -> io::Result<()> {
    if about.is_file() {
        return Ok(());
    }
    let what = files::kind_name(about.file_type());
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("this is {what}, not a file; put the file itself there"),
    ))
}

/// All bytes of a small file.
///
/// # Errors
/// As [`open`], and for one that is larger than `most`, of which no more than that is read.
pub fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody writes into the pipe: opening it as a file would wait without end.
    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        fs::create_dir(path("folder")).unwrap();
        fs::write(path("file"), "text").unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        for (name, what) in [("pipe", "a pipe"), ("folder", "a folder"), ("socket", "a socket")] {
            let said = open(&path(name)).unwrap_err().to_string();
            assert!(said.starts_with(&format!("this is {what}, not a file; ")), "{said}");
        }
        assert!(open(Path::new("/dev/zero")).unwrap_err().to_string().contains("a device"));
        assert_eq!(open(&path("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(read_small(&path("file"), 4).unwrap(), b"text");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_unless_the_path_was_real() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read_small(&link, 10).unwrap(), b"text");
        assert!(open_real(&file).is_ok() && open_real(&link).is_err());
    }

    /// Of a file with 4 TB of holes no more than the bound is read.
    #[test]
    fn no_more_is_read_than_was_meant() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(4 << 40).unwrap();
        assert_eq!(read_small(file.path(), 1 << 16).unwrap_err().to_string(), "it is too large");
    }
}
