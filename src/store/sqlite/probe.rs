//! What is behind a read that failed. SQLite calls a file damaged also where the disk could not read it, and keeps the
//! system's reason to itself: so the file is read once more, without SQLite and without a lock, to tell the two apart.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    io,
    path::Path,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    lock_wait::{Current, end_when_cancelled},
    read_connection::is_wal,
    side_files::{JOURNAL, WAL, beside},
};
use crate::{
    error::{Error, Result},
    platform::files::read_at,
    regular_file,
};

/// What was found about a file that SQLite calls damaged.
#[derive(Debug)]
pub enum Found {
    /// The system can't read it, or a file beside it.
    Unreadable(Error),
    Damaged,
    /// All of it can be read, and it is whole.
    Whole,
}

/// Looks at a file again. What it opened stays open as long as it lives: closing a file takes all locks on it from the
/// whole process (POSIX), also those that SQLite has just now.
pub struct Probe {
    current: Current,
    file: RefCell<Option<File>>,
    check: RefCell<Option<Connection>>,
    damaged: Cell<bool>,
}

/// Bytes read between two looks whether somebody still waits.
const STRIDE: usize = 1 << 20;

impl Probe {
    pub fn of(current: &Current) -> Self {
        Self {
            current: current.clone(),
            file: RefCell::default(),
            check: RefCell::default(),
            damaged: Cell::default(),
        }
    }

    /// Looks at the file and those beside it. Once found damaged, it is not looked at again.
    pub fn look(&self, path: &Path) -> Found {
        if self.damaged.get() {
            return Found::Damaged;
        }
        if let Err(error) = self.read(path, u64::MAX) {
            return Found::Unreadable(error);
        }
        if self.is_whole(path) {
            return Found::Whole;
        }
        self.damaged.set(!self.current.is_cancelled());
        Found::Damaged
    }

    /// Reads the bytes of the file and of those beside it, about so many of each, if nobody takes the work back.
    ///
    /// # Errors
    /// The system's, which SQLite does not tell.
    pub fn read(&self, path: &Path, most: u64) -> Result<()> {
        let mut held = self.file.borrow_mut();
        let file = match held.take() {
            Some(file) => file,
            None => regular_file::open(path).map_err(Error::io(path))?,
        };
        self.read_file(held.insert(file), most).map_err(Error::io(path))?;
        for path in [JOURNAL, WAL].map(|ending| beside(path, ending)) {
            match regular_file::open(&path).and_then(|file| self.read_file(&file, most)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => read.map_err(Error::io(&path))?,
            }
        }
        Ok(())
    }

    fn read_file(&self, file: &File, most: u64) -> io::Result<()> {
        let mut buffer = vec![0; STRIDE];
        let mut at = 0;
        while at < most && !self.current.is_cancelled() {
            match read_at(file, &mut buffer, at) {
                Ok(0) => break,
                Ok(read) => at += read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// SQLite's own check of the whole file, without a lock that the lab would have to wait for; false also where somebody
    /// wrote meanwhile.
    fn is_whole(&self, path: &Path) -> bool {
        // The check sees the file alone, not what is committed to its WAL.
        if beside(path, WAL).exists() {
            return false;
        }
        let state = || path.metadata().ok().map(|about| (about.len(), about.modified().ok()));
        let before = state();
        let said = self.quick_check(path);
        said.is_ok_and(|said| said == "ok") && before == state()
    }

    fn quick_check(&self, path: &Path) -> rusqlite::Result<String> {
        let mut held = self.check.borrow_mut();
        let mut connection = match held.take() {
            Some(connection) => connection,
            None => Connection::open_with_flags(
                immutable(path),
                OpenFlags::SQLITE_OPEN_READ_ONLY
                    | OpenFlags::SQLITE_OPEN_URI
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?,
        };
        end_when_cancelled(&mut connection, &self.current)?;
        let connection = held.insert(connection);
        let said = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        // Pages that were read are not looked at again: the next check is to read them anew.
        connection.execute_batch("PRAGMA shrink_memory")?;
        said
    }
}

impl Probe {
    /// Closes what is open, where a connection is closed, too.
    pub fn let_go(&self) {
        self.file.take();
        self.check.take();
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // As where a connection is dropped: in WAL mode others of ours hold a lock between two statements, too.
        let (file, check) = (self.file.take(), self.check.take());
        if file.as_ref().is_some_and(is_wal) {
            std::mem::forget(file);
            std::mem::forget(check);
        }
    }
}

/// The path as a URI that has SQLite take no locks.
fn immutable(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let encoded = |byte: &u8| {
        if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
    };
    let path: String = path.as_os_str().as_encoded_bytes().iter().map(encoded).collect();
    format!("file:{path}?immutable=1")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    fn file(folder: &Path) -> PathBuf {
        let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ivoryos-1.7.2");
        let name = if cfg!(windows) { "a%41 b#c.db" } else { "a%41 ?b#c.db" };
        let path = folder.join(name);
        fs::write(&path, fs::read(set.join("ivoryos_data/ivoryos.db")).unwrap()).unwrap();
        path
    }

    fn look(path: &Path) -> Found {
        Probe::of(&Current::default()).look(path)
    }

    #[test]
    fn a_whole_file_and_a_damaged_one_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        assert!(matches!(look(&path), Found::Whole));
        let mut bytes = fs::read(&path).unwrap();
        bytes[4096 * 3..4096 * 6].fill(0x5a);
        fs::write(&path, bytes).unwrap();
        let probe = Probe::of(&Current::default());
        assert!(matches!(probe.look(&path), Found::Damaged));
        // Somebody restored it: the opened file is damaged to whoever opened it.
        assert!(matches!(probe.look(&path), Found::Damaged) && probe.damaged.get());
    }

    /// The memory of a process has no byte at 0: the system answers EIO.
    #[cfg(unix)]
    #[test]
    fn one_that_cant_be_read_is_told_apart() {
        let Found::Unreadable(error) = look(Path::new("/proc/self/mem")) else { unreachable!() };
        assert!(error.to_string().contains("(Input/output error)"), "{error}");
    }

    /// SQLite would wait for a writer to come.
    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_a_journal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let pipe = beside(&path, "-journal");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let Found::Unreadable(error) = look(&path) else { unreachable!() };
        assert!(error.to_string().contains("this is a pipe"), "{error}");
    }
}
