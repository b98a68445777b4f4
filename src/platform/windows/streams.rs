//! Pipes and consoles: whoever waits for the other end is woken by console events, as the wait itself is in a thread.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use super::signals;

/// One of the program's own streams, or an opened device.
enum Stream {
    Stdout,
    Stderr,
    File(File),
}

/// What came of a piece of work in a thread.
type Done<T> = Arc<Mutex<Option<io::Result<T>>>>;

/// Writes as soon as somebody reads.
pub struct Patient {
    /// To the thread that writes. Dropped, it ends when what it has is written.
    work: Sender<Vec<u8>>,
    done: Done<()>,
}

/// A piece that the thread has at once.
const PIECE: usize = 64 * 1024;

impl Patient {
    /// Standard output.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn stdout() -> io::Result<Self> {
        Self::of(Stream::Stdout)
    }

    /// Standard error.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn stderr() -> io::Result<Self> {
        Self::of(Stream::Stderr)
    }

    /// # Errors
    /// When the system gives no thread.
    pub fn new(out: File) -> io::Result<Self> {
        Self::of(Stream::File(out))
    }

    fn of(stream: Stream) -> io::Result<Self> {
        let (work, pieces) = channel();
        let done = Done::default();
        let told = Arc::clone(&done);
        thread::Builder::new().name("writes".to_owned()).spawn(move || write_all(stream, &pieces, &told))?;
        Ok(Self { work, done })
    }

    /// Sleeps for so long. That nobody reads any more is told by the next write here.
    ///
    /// # Errors
    /// When an event came, also before.
    pub fn pause_while_open(&self, time: Duration) -> io::Result<()> {
        signals::pause(time)
    }
}

fn write_all(mut stream: Stream, pieces: &Receiver<Vec<u8>>, done: &Done<()>) {
    for piece in pieces {
        let written = match &mut stream {
            // The standard library makes UTF-16 of it for a console, whatever its code page is.
            Stream::Stdout => io::stdout().write_all(&piece).and_then(|()| io::stdout().flush()),
            Stream::Stderr => io::stderr().write_all(&piece),
            Stream::File(file) => file.write_all(&piece),
        };
        tell(done, written);
    }
}

fn tell<T>(done: &Done<T>, result: io::Result<T>) {
    done.lock().unwrap_or_else(PoisonError::into_inner).replace(result);
    signals::ring();
}

fn wait<T>(done: &Done<T>) -> io::Result<T> {
    let answer = || done.lock().unwrap_or_else(PoisonError::into_inner).take();
    match signals::wait_for(answer, None) {
        Ok(done) => done.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into())),
        Err(ended) => signals::last_words(answer).unwrap_or(Err(ended)),
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut piece = bytes.get(..PIECE).unwrap_or(bytes);
        // A console is given whole signs.
        if piece.len() < bytes.len() {
            let whole = piece.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            piece = piece.get(..whole).filter(|whole| !whole.is_empty()).unwrap_or(piece);
        }
        self.work.send(piece.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        wait(&self.done).map(|()| piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a device to write.
///
/// # Errors
/// When it can't be opened.
pub fn open(path: &Path, _: bool) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// Does something that may wait for somebody in a thread, which goes on after an event and ends with the program.
fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let done = Done::default();
    let told = Arc::clone(&done);
    thread::Builder::new().name("reads".to_owned()).spawn(move || tell(&told, work()))?;
    wait(&done)
}

/// Reads standard input.
///
/// # Errors
/// Of the system, and when an event came.
pub fn read_stdin(into: &mut [u8]) -> io::Result<usize> {
    let long = into.len();
    let bytes = aside(move || {
        let mut bytes = vec![0; long];
        let read = io::stdin().read(&mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    })?;
    let (read, _) = into.split_at_mut(bytes.len().min(long));
    read.copy_from_slice(&bytes);
    Ok(read.len())
}

/// The next line that is typed.
///
/// # Errors
/// As [`read_stdin`].
pub fn typed_line() -> io::Result<String> {
    aside(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        Ok(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_arrives_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut out = Patient::new(File::create(&path).unwrap()).unwrap();
        let text = "µ°".repeat(100_000);
        out.write_all(text.as_bytes()).unwrap();
        drop(out);
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }
}
