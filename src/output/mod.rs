//! Safe writing of exports: a file appears whole or not at all, and nothing is overwritten unasked.

mod paced_file;
mod terminal_text;

use std::{
    cell::Cell,
    fs::{self, File},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::{
    checkpoint::Cancel,
    error::{Error, Result},
    formats::file_names::{numbered, safe_file_name},
    platform::{closed, files, streams},
};

pub use crate::platform::streams::Patient;
use paced_file::PacedFile;
use terminal_text::SanitizingWriter;

const BUFFER: usize = 64 * 1024;

/// Numbers that are tried for a free name.
const TRIES: u32 = 10_000;

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Stdout,
    /// This very file; one that exists is replaced only with `overwrite`. A pipe or device is written straight.
    File {
        path: PathBuf,
        overwrite: bool,
    },
    /// A file of this name in the folder, under the next free ` (2)` where it exists. The name may be any text.
    Free {
        folder: PathBuf,
        name: String,
    },
}

impl Target {
    /// What `-o` names: `-` is stdout.
    pub fn named(path: &Path, overwrite: bool) -> Self {
        if path == Path::new("-") {
            return Target::Stdout;
        }
        Target::File { path: path.to_owned(), overwrite }
    }

    /// What messages call it.
    pub fn shown(&self) -> PathBuf {
        match self {
            Target::Stdout => PathBuf::from("stdout"),
            Target::File { path, .. } => path.clone(),
            Target::Free { folder, name } => folder.join(name),
        }
    }
}

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// None for stdout.
    pub path: Option<PathBuf>,
    pub bytes: u64,
    /// The name was longer than a file's may be.
    pub cut: bool,
}

/// Stdout, if it is open, without the standard library's buffer; a signal ends a wait for its reader.
///
/// # Errors
/// [`Error::Io`] where it was closed when the program began.
pub fn stdout() -> Result<Patient> {
    let open = closed::refuse_closed_stdout().and_then(|()| Patient::stdout());
    open.map_err(Error::io(Path::new("stdout")))
}

/// An open export. Dropped without [`Sink::finish`] it leaves nothing behind.
pub struct Sink {
    out: Out,
    bytes: u64,
    cut: bool,
    cancel: Cancel,
}

type Stream = BufWriter<Patient>;

enum Out {
    /// Stdout (no path), a pipe or a device.
    Straight {
        out: Stream,
        path: Option<PathBuf>,
    },
    /// The same where it is a terminal.
    Shown {
        out: SanitizingWriter<Stream>,
        path: Option<PathBuf>,
    },
    Temporary {
        out: BufWriter<PacedFile>,
        temp: TempPath,
        landing: Landing,
    },
}

enum Landing {
    On { path: PathBuf, overwrite: bool },
    Beside { folder: PathBuf, name: String },
}

impl Sink {
    /// Opens what the target says; a file that may not be overwritten is refused here already.
    pub fn open(target: &Target) -> Result<Self> {
        match target {
            Target::Stdout => {
                let out = stdout()?;
                let terminal = io::stdout().is_terminal();
                Ok(Self::straight(out, terminal, None))
            }
            Target::File { path, overwrite } => Self::open_file(path, *overwrite),
            Target::Free { folder, name } => {
                let safe = safe_file_name(name);
                let landing = Landing::Beside { folder: folder.clone(), name: safe.name };
                Ok(Self { cut: safe.cut, ..Self::temporary(folder, landing)? })
            }
        }
    }

    /// Stops with [`Error::Cancelled`] at the next write after that.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Whether the bytes go to a terminal, which binary data must not.
    pub fn is_terminal(&self) -> bool {
        matches!(self.out, Out::Shown { .. })
    }

    /// Nobody sees a byte of it before it is finished: dropped, it can be begun anew.
    pub fn is_held(&self) -> bool {
        matches!(self.out, Out::Temporary { .. })
    }

    /// Bytes that were written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes out what is buffered, waits for the disk, and gives the file its name.
    pub fn finish(self) -> Result<Written> {
        if let Err(e) = self.refuse_if_cancelled() {
            return Err(self.error(e));
        }
        let (bytes, cut) = (self.bytes, self.cut);
        let path = match self.out {
            Out::Straight { mut out, path } => {
                out.flush().map_err(|e| stream_error(path.as_deref(), e))?;
                path
            }
            Out::Shown { out, path } => {
                out.finish().map_err(|e| stream_error(path.as_deref(), e))?;
                path
            }
            Out::Temporary { out, temp, landing } => Some(landing.land(out, temp)?),
        };
        Ok(Written { path, bytes, cut })
    }

    /// The error of this export for one that writing to it gave.
    pub fn error(&self, source: io::Error) -> Error {
        if self.refuse_if_cancelled().is_err() {
            return Error::Cancelled;
        }
        match &self.out {
            Out::Straight { path, .. } | Out::Shown { path, .. } => stream_error(path.as_deref(), source),
            Out::Temporary { landing, .. } => Error::Io { path: landing.path(), source },
        }
    }

    fn open_file(path: &Path, overwrite: bool) -> Result<Self> {
        let refused = |reason: &str| Err(Error::File { path: path.to_owned(), reason: reason.to_owned() });
        let failed = |source| Error::Io { path: path.to_owned(), source };
        let landing = match fs::metadata(path) {
            Ok(there) if there.is_dir() => return refused("is a folder; name a file in it"),
            Ok(there) if !there.is_file() => {
                let file = streams::open(path, files::is_pipe(&there)).map_err(failed)?;
                let terminal = file.is_terminal();
                let out = Patient::new(file).map_err(failed)?;
                return Ok(Self::straight(out, terminal, Some(path.to_owned())));
            }
            Ok(_) if !overwrite => return Err(exists(path)),
            // Through a link, so that the file is replaced and not the link.
            Ok(_) => fs::canonicalize(path).map_err(failed)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(e) => return Err(failed(e)),
        };
        let folder =
            landing.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        Self::temporary(&folder, Landing::On { path: landing, overwrite })
    }

    fn straight(out: Patient, terminal: bool, path: Option<PathBuf>) -> Self {
        let out = BufWriter::with_capacity(BUFFER, out);
        let out = if terminal {
            Out::Shown { out: SanitizingWriter::new(out), path }
        } else {
            Out::Straight { out, path }
        };
        Self { out, bytes: 0, cut: false, cancel: Cancel::default() }
    }

    fn temporary(folder: &Path, landing: Landing) -> Result<Self> {
        // The system's own error: tempfile's tells the temporary name, which nobody asked for.
        let code = Cell::new(None);
        // Opened as any new file, so that the umask decides; tempfile's own way is for secrets.
        let make = |path: &Path| File::create_new(path).inspect_err(|e| code.set(e.raw_os_error()));
        let made = tempfile::Builder::new().prefix(".ivorylens-").suffix(".part").make_in(folder, make);
        let (file, temp) = made
            .map_err(|e| no_file(folder, code.get().map_or(e, io::Error::from_raw_os_error)))?
            .into_parts();
        let out = BufWriter::with_capacity(BUFFER, PacedFile::new(file));
        Ok(Self {
            out: Out::Temporary { out, temp, landing },
            bytes: 0,
            cut: false,
            cancel: Cancel::default(),
        })
    }

    fn refuse_if_cancelled(&self) -> io::Result<()> {
        // Not `Interrupted`, which writers answer by trying again.
        if self.cancel.is_cancelled() { Err(io::Error::other("cancelled")) } else { Ok(()) }
    }
}

/// Why nothing can be made in a folder, and what to do.
fn no_file(folder: &Path, source: io::Error) -> Error {
    let reason = match source.kind() {
        io::ErrorKind::NotFound => return Error::NoFolder { folder: folder.to_owned() },
        io::ErrorKind::NotADirectory => "this is a file, not a folder",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "no file can be made here",
        _ => return Error::Io { path: folder.to_owned(), source },
    };
    elsewhere(folder, reason)
}

/// A place where an export can't go: how another one is named.
pub fn elsewhere(path: &Path, reason: &str) -> Error {
    Error::Advised {
        said: format!("{}: {reason}", path.display()),
        command: "name another with -o".to_owned(),
        screen: "choose another folder: f in the export menu (x)".to_owned(),
    }
}

fn exists(path: &Path) -> Error {
    Error::Advised {
        said: format!("{}: exists", path.display()),
        command: "--overwrite replaces it".to_owned(),
        screen: "choose another folder: f in the export menu (x)".to_owned(),
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.refuse_if_cancelled()?;
        let written = match &mut self.out {
            Out::Straight { out, .. } => out.write(bytes),
            Out::Shown { out, .. } => out.write(bytes),
            Out::Temporary { out, .. } => out.write(bytes),
        }?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Straight { out, .. } => out.flush(),
            Out::Shown { out, .. } => out.flush(),
            Out::Temporary { out, .. } => out.flush(),
        }
    }
}

impl Landing {
    fn path(&self) -> PathBuf {
        match self {
            Landing::On { path, .. } => path.clone(),
            Landing::Beside { folder, name } => folder.join(name),
        }
    }

    fn land(self, out: BufWriter<PacedFile>, temp: TempPath) -> Result<PathBuf> {
        let path = self.path();
        let failed = |source| Error::Io { path: path.clone(), source };
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        file.finish().map_err(failed)?;
        match self {
            Landing::On { path, overwrite: true } => {
                temp.persist(&path).map_err(|e| failed(e.error))?;
                sync_folder(&path);
                Ok(path)
            }
            Landing::On { path, overwrite: false } => match name_new(temp, &path) {
                Ok(()) => Ok(path),
                Err((e, _)) if e.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
                Err((e, _)) => Err(failed(e)),
            },
            Landing::Beside { folder, name } => beside(temp, &folder, &name),
        }
    }
}

/// Names the file by the first number that is free, also when others take names at the same time.
fn beside(mut temp: TempPath, folder: &Path, name: &str) -> Result<PathBuf> {
    for n in 1..TRIES {
        let path = folder.join(numbered(name, n));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match name_new(temp, &path) {
            Ok(()) => return Ok(path),
            Err((e, back)) if e.kind() == io::ErrorKind::AlreadyExists => temp = back,
            Err((source, _)) => return Err(Error::Io { path, source }),
        }
    }
    Err(elsewhere(&folder.join(name), "no free name is left"))
}

/// Makes the next free folder of this name, for exports of several files.
pub fn free_folder(parent: &Path, name: &str) -> Result<PathBuf> {
    let safe = safe_file_name(name).name;
    for n in 1..TRIES {
        let path = parent.join(numbered(&safe, n));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(no_file(parent, source)),
        }
    }
    Err(elsewhere(&parent.join(safe), "no free name is left"))
}

/// Gives a file a name that nothing has yet; the file comes back where that fails.
fn name_new(temp: TempPath, path: &Path) -> std::result::Result<(), (io::Error, TempPath)> {
    match temp.persist_noclobber(path) {
        Ok(()) => {
            sync_folder(path);
            Ok(())
        }
        // How file systems answer that cannot do it in one step (FAT, some network ones).
        Err(e) if matches!(e.error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {
            take_name(e.path, path)
        }
        Err(e) => Err((e.error, e.path)),
    }
}

/// Takes the name with an empty file, which only one can do, then puts the whole one in its place.
fn take_name(temp: TempPath, path: &Path) -> std::result::Result<(), (io::Error, TempPath)> {
    if let Err(e) = File::create_new(path) {
        return Err((e, temp));
    }
    match temp.persist(path) {
        Ok(()) => {
            sync_folder(path);
            Ok(())
        }
        Err(e) => {
            // What is there is ours and empty; the failure that counts is the other one.
            let _ = fs::remove_file(path);
            Err((e.error, e.path))
        }
    }
}

/// Makes the new name itself durable. Not every system can, and the bytes are on the disk already.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = files::sync_folder(folder);
}

fn stream_error(path: Option<&Path>, source: io::Error) -> Error {
    Error::Io { path: path.unwrap_or(Path::new("stdout")).to_owned(), source }
}

#[cfg(test)]
mod tests;
