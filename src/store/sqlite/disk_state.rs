//! What tells one state of the database's file from every other, also for a later start.

use std::{fs::File, io};

use crate::platform::files::{read_exact_at, state_numbers};

/// The first bytes of a SQLite file (sqlite.org/fileformat2.html).
const HEAD: usize = 100;
/// In front of them: device, inode, size, and the times of the last change of content and of anything.
const ABOUT: usize = 7 * 8;
/// Device and inode.
const PLACE: usize = 2 * 8;
/// These, the size and the time of the last change of content.
const CONTENT: usize = 5 * 8;

/// Where a file lies, its size and times, and its first bytes, which hold a counter that each commit raises: several
/// commits fit between two ticks of the clock of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskState([u8; ABOUT + HEAD]);

/// What happened to a file since an earlier state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Not a byte was written.
    Nothing,
    /// It is the same file, and all that can be told is that SQLite wrote into it.
    Commits,
    /// It is another file, an earlier state of it, or somebody wrote into it without SQLite.
    Another,
}

impl DiskState {
    /// The state of an open file. The descriptor stays open: closing one gives up all of SQLite's locks on the file.
    pub fn of(file: &File) -> io::Result<Self> {
        let mut state = [0; ABOUT + HEAD];
        let (about, head) = state.split_at_mut(ABOUT);
        read_exact_at(file, head, 0)?;
        let numbers = state_numbers(file)?;
        for (bytes, number) in about.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
            *bytes = number.to_le_bytes();
        }
        Ok(Self(state))
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn since(&self, earlier: &Self) -> Since {
        if self.0.get(..PLACE) != earlier.0.get(..PLACE) || !self.is_sound() || !earlier.is_sound() {
            return Since::Another;
        }
        // In WAL mode commits leave the file as it is, and what was committed is written into it without being counted.
        let is_counted = !self.is_wal() && !earlier.is_wal();
        match self.commits().cmp(&earlier.commits()) {
            std::cmp::Ordering::Less => Since::Another,
            std::cmp::Ordering::Equal if is_counted && self == earlier => Since::Nothing,
            std::cmp::Ordering::Equal if is_counted => Since::Another,
            _ => Since::Commits,
        }
    }

    /// Nothing was written since, as far as the times of the file say; it may have been moved, or its permissions changed.
    pub fn has_content_of(&self, earlier: &Self) -> bool {
        let content = |state: &Self| (state.0.first_chunk::<CONTENT>().copied(), state.head::<HEAD>(0));
        content(self) == content(earlier)
    }

    pub fn is_wal(&self) -> bool {
        self.head(19) == Some([2])
    }

    /// The counter stands there twice. Where the two differ, something else than SQLite wrote there.
    fn is_sound(&self) -> bool {
        self.is_wal() || self.head::<4>(24) == self.head(92)
    }

    fn commits(&self) -> u32 {
        self.head(24).map_or(0, u32::from_be_bytes)
    }

    fn head<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(ABOUT + at..)?.first_chunk().copied()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::fs;
    use std::io::{Seek as _, SeekFrom, Write as _};

    use rusqlite::Connection;

    use super::*;

    fn state(path: &std::path::Path) -> DiskState {
        DiskState::of(&File::open(path).unwrap()).unwrap()
    }

    /// Overwrites bytes at a place.
    fn write_at(path: &std::path::Path, bytes: &[u8], at: u64) {
        let mut file = File::options().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(bytes).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn commits_are_told_from_what_sqlite_did_not_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let lab = Connection::open(&path).unwrap();
        lab.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES (1)").unwrap();
        let backup = fs::read(&path).unwrap();
        let first = state(&path);
        assert_eq!(first.since(&first), Since::Nothing);
        assert_eq!(DiskState::from_bytes(first.bytes()), Some(first));
        lab.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        let second = state(&path);
        assert_eq!((second.since(&first), first.since(&second)), (Since::Commits, Since::Another));

        // The same commit as before, but written over the file.
        fs::write(&path, &backup).unwrap();
        assert_eq!(state(&path).since(&second), Since::Another, "an earlier state");
        let restored = state(&path);
        write_at(&path, b"x", backup.len() as u64 - 1);
        assert_eq!(state(&path).since(&restored), Since::Another, "a byte, and no commit");
        let written = state(&path);
        assert!(!written.has_content_of(&restored));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&path, mode).unwrap();
        assert!(state(&path).has_content_of(&written));
        fs::copy(&path, folder.path().join("b.db")).unwrap();
        fs::rename(folder.path().join("b.db"), &path).unwrap();
        assert_eq!(state(&path).since(&restored), Since::Another, "another file");
    }

    #[test]
    fn in_wal_mode_and_with_a_damaged_head_nothing_is_sure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let lab = Connection::open(&path).unwrap();
        lab.execute_batch("CREATE TABLE t(a)").unwrap();
        write_at(&path, &[9], 24);
        let damaged = state(&path);
        assert_eq!(damaged.since(&damaged), Since::Another);
        lab.pragma_update(None, "journal_mode", "wal").unwrap();
        let wal = state(&path);
        assert!(wal.is_wal());
        assert_eq!(wal.since(&wal), Since::Commits);
    }
}
