//! Pipes, terminals and devices: waits for whoever reads or writes there, until a signal ends the wait.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, Write},
    os::{fd::AsFd, unix::fs::OpenOptionsExt as _},
    path::Path,
    time::Duration,
};

use rustix::{event::PollFlags, fs::OFlags, io::Errno};

use super::signals;

/// What a pipe that can be written takes in any case: a longer write would wait in it, where no signal is heard.
const PIECE: usize = 4096;

/// Between two looks at whether a pipe has a reader; nothing tells it.
const PAUSE: Duration = Duration::from_millis(20);

/// Writes as soon as somebody reads.
pub struct Patient {
    out: File,
    /// Nobody reads from a file while it is written.
    waits: bool,
}

impl Patient {
    /// One of the program's own, as it began with.
    ///
    /// # Errors
    /// When the system gives no second handle.
    fn of(out: &impl AsFd) -> io::Result<Self> {
        Self::new(File::from(out.as_fd().try_clone_to_owned()?))
    }

    /// Standard output, without the standard library's buffer.
    ///
    /// # Errors
    /// When the system gives no second handle.
    pub fn stdout() -> io::Result<Self> {
        Self::of(&io::stdout())
    }

    /// Standard error.
    ///
    /// # Errors
    /// When the system gives no second handle.
    pub fn stderr() -> io::Result<Self> {
        Self::of(&io::stderr())
    }

    /// Sleeps for so long; a pipe or terminal that nobody has open any more ends it.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] then; when a signal came, also before.
    pub fn pause_while_open(&self, time: Duration) -> io::Result<()> {
        signals::pause_while_open(&self.out, time)
    }

    /// # Errors
    /// When the system does not tell what kind of file it is.
    pub fn new(out: File) -> io::Result<Self> {
        let waits = !out.metadata()?.is_file();
        Ok(Self { out, waits })
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.waits {
            return self.out.write(bytes);
        }
        loop {
            signals::wait(&self.out, PollFlags::OUT)?;
            match self.out.write(bytes.get(..PIECE).unwrap_or(bytes)) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens a pipe or device to write; a pipe waits for its reader.
///
/// # Errors
/// When it can't be opened, or a signal ended the wait.
pub fn open(path: &Path, is_pipe: bool) -> io::Result<File> {
    // To open a pipe that has no reader waits for one, where no signal is heard.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    loop {
        match OpenOptions::new().write(true).custom_flags(flags).open(path) {
            Err(e) if is_pipe && Errno::from_io_error(&e) == Some(Errno::NXIO) => signals::pause(PAUSE)?,
            done => return done,
        }
    }
}

/// Reads standard input without the standard library's buffer, in which bytes would wait that nothing tells of.
///
/// # Errors
/// Of the system, and when a signal came.
pub fn read_stdin(into: &mut [u8]) -> io::Result<usize> {
    let stdin = io::stdin();
    signals::wait(&stdin, PollFlags::IN)?;
    Ok(rustix::io::read(&stdin, into)?)
}

/// The next line that is typed.
///
/// # Errors
/// As [`read_stdin`].
pub fn typed_line() -> io::Result<String> {
    let mut line = String::new();
    signals::wait(&io::stdin(), PollFlags::IN)?;
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
