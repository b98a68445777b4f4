//! The files that IvoryOS keeps beside its database, opened: never one outside of the data folder, and only regular ones.
//!
//! Who runs an experiment can put links into `logs/` and `results/`, and whoever looks at the record may be somebody else
//! with more rights. So a link is followed while it stays in the data folder, or in the folder that `logs/` or `results/`
//! itself is a link to, as a lab may keep these on another disk.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::lab::Lab;
use crate::{
    error::{Error, Missing, Result},
    platform::files::{read_at, real_path},
    regular_file,
};

/// An open file of the data folder.
#[derive(Debug)]
pub struct DataFile {
    /// Where the record has it; a link may stand there.
    pub path: PathBuf,
    /// Bytes when it was opened.
    pub size: u64,
    file: File,
}

impl DataFile {
    /// Opens a file of a folder (`logs/`, `results/`).
    ///
    /// # Errors
    /// [`Error::Missing`] where nothing is there, [`Error::File`] for a link that leads outside, [`Error::Io`] for what
    /// can't be read.
    pub fn open(lab: &Lab, folder: &Path, path: PathBuf) -> Result<Self> {
        let real = real(lab, folder, &path)?;
        Self::of(path, regular_file::open_real(&real))
    }

    fn of(path: PathBuf, opened: io::Result<File>) -> Result<Self> {
        let sized = opened.and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size, file) = sized.map_err(Error::io(&path))?;
        Ok(Self { path, size, file })
    }

    /// One that is in no data folder.
    #[cfg(test)]
    pub fn anywhere(path: &Path) -> Result<Self> {
        Self::of(path.to_path_buf(), regular_file::open(path))
    }

    /// When it was written last.
    pub fn modified(&self) -> Option<SystemTime> {
        self.file.metadata().and_then(|about| about.modified()).ok()
    }

    /// At most so many bytes from a place on.
    ///
    /// # Errors
    /// [`Error::Io`] where the disk fails.
    pub fn read_at(&self, at: u64, most: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = &self.file;
        let read = file.seek(io::SeekFrom::Start(at)).and_then(|_| file.take(most).read_to_end(&mut bytes));
        read.map_err(Error::io(&self.path))?;
        Ok(bytes)
    }

    /// Reads it from the beginning.
    pub fn reader(&self) -> FileReader<'_> {
        FileReader { file: &self.file, at: 0 }
    }

    /// Fills the beginning of `buffer` from a place on, and gives that beginning; at the end nothing.
    ///
    /// # Errors
    /// As [`DataFile::read_at`].
    pub fn fill<'b>(&self, at: u64, buffer: &'b mut [u8]) -> Result<&'b [u8]> {
        let read = read_at(&self.file, buffer, at).map_err(Error::io(&self.path))?;
        Ok(buffer.get(..read).unwrap_or_default())
    }
}

/// Reads a file of the data folder, whoever else reads it.
#[derive(Debug)]
pub struct FileReader<'a> {
    file: &'a File,
    at: u64,
}

impl Read for FileReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// What the system tells about a file of a folder, without opening it; `None` for whatever can't be opened.
pub fn about(lab: &Lab, folder: &Path, path: &Path) -> Option<Metadata> {
    real(lab, folder, path).ok()?.symlink_metadata().ok().filter(Metadata::is_file)
}

/// The path without links, if that is in the data folder.
fn real(lab: &Lab, folder: &Path, path: &Path) -> Result<PathBuf> {
    let real = real_path(path).map_err(|source| not_found(path, source))?;
    let home = |folder: &Path| real_path(folder).is_ok_and(|home| real.starts_with(home));
    if home(folder) || home(lab.folder()) {
        if !lab.is_database(&real) {
            return Ok(real);
        }
        let reason =
            "this is the lab's database, not a file of a record; put the file itself there".to_owned();
        return Err(Error::File { path: path.to_path_buf(), reason });
    }
    let reason = format!(
        "a link out of the data folder, to {}, is not read; put the file itself there",
        real.display()
    );
    Err(Error::File { path: path.to_path_buf(), reason })
}

fn not_found(path: &Path, source: io::Error) -> Error {
    let path = path.to_path_buf();
    // No file can have a name that is too long.
    let is_missing = matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename);
    if !is_missing {
        return Error::Io { path, source };
    }
    match path.read_link() {
        Ok(target) => {
            let reason = format!(
                "this is a link to {}, which is not there; put the file itself there",
                target.display()
            );
            Error::File { path, reason }
        }
        Err(_) => Error::Missing(Missing::File { path }),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    /// The memory of a process is a regular file that has no byte at 0: the system answers EIO.
    #[cfg(unix)]
    #[test]
    fn a_disk_that_fails_while_it_is_read_is_told() {
        let file = DataFile::anywhere(Path::new("/proc/self/mem")).unwrap();
        let mut buffer = [0; 16];
        for read in [file.read_at(0, 16).map(drop), file.fill(0, &mut buffer).map(drop)] {
            let said = read.unwrap_err().to_string();
            let (what, advice) = said.split_once("; ").unwrap();
            assert_eq!(
                what,
                "/proc/self/mem: the disk or network share can't be read or written (Input/output error)"
            );
            assert!(advice.starts_with("check the disk"), "{advice}");
        }
    }
}
