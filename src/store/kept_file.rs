//! Cache files with what was found out about a database: used only for the one that they name, in exactly the state that
//! it was made of, and never when a byte of it is damaged.

use std::{
    fs,
    io::{BufWriter, Read, Write},
    path::Path,
    time::Duration,
};

use super::{KeptPlace, cache_file};
use crate::{platform::names::path_of, regular_file};

/// Cache files that were not used for so long are removed.
const OLD: Duration = Duration::from_secs(90 * 86_400);

/// The first bytes of a file of this kind, with the format's version.
fn magic(kind: &str) -> Vec<u8> {
    format!("ivorylens {kind} 1\n").into_bytes()
}

/// What was kept; `None` where there is no such file of this state.
pub fn read(place: &KeptPlace, kind: &str) -> Option<Vec<u8>> {
    let mut file = cache_file::open(&place.path.with_extension(kind), &place.owner)?;
    let head = head(place, kind);
    let mut found = vec![0; head.len()];
    file.read_exact(&mut found).ok().filter(|()| found == head)?;
    let mut sum = [0; 8];
    file.read_exact(&mut sum).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    (checksum(&bytes) == u64::from_le_bytes(sum)).then_some(bytes)
}

/// Keeps something for the next start. What can't be kept is found out anew.
pub fn write(place: &KeptPlace, kind: &str, bytes: &[u8]) {
    let path = place.path.with_extension(kind);
    let written = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        let mut out = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
        out.write_all(&head(place, kind))?;
        out.write_all(&checksum(bytes).to_le_bytes())?;
        out.write_all(bytes)?;
        out.into_inner()?.persist(&path)?;
        Ok(())
    };
    if written().is_ok() {
        prune(&path, &magic(kind));
    }
}

fn head(place: &KeptPlace, kind: &str) -> Vec<u8> {
    let mut head = magic(kind);
    for part in [&place.owner, &place.state] {
        head.extend((part.len() as u64).to_le_bytes());
        head.extend(part);
    }
    head
}

/// Removes other cache files of a kind whose database is gone or that were not used for long.
pub(super) fn prune(written: &Path, magic: &[u8]) {
    let Some(all) = written.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    for path in all.flatten().map(|entry| entry.path()).filter(|path| path != written) {
        if path.extension() == written.extension() && is_useless(&path, magic) == Some(true) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether a cache file can be removed; `None` for a file that by its first bytes is none.
fn is_useless(path: &Path, magic: &[u8]) -> Option<bool> {
    let mut file = regular_file::open(path).ok()?;
    let age = file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    let mut head = vec![0; magic.len() + 8];
    file.read_exact(&mut head).ok()?;
    let long = u64::from_le_bytes(*head.strip_prefix(magic)?.first_chunk()?);
    let mut owner = Vec::new();
    file.take(long.min(1 << 16)).read_to_end(&mut owner).ok()?;
    let there = path_of(owner).try_exists().unwrap_or(true);
    Some(age > OLD || !there)
}

pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut sum = Checksum::default();
    sum.add(bytes);
    sum.0
}

/// Tells damage, not enemies: four sums side by side, eight bytes a step.
#[derive(Default)]
pub(super) struct Checksum(pub u64);

impl Checksum {
    /// Adds a chunk; the same bytes in other chunks have another sum.
    pub fn add(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut sums = [self.0 ^ 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64, 1, 2, 3];
        let mix = |sum: &mut u64, word: u64| {
            *sum = (*sum ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
            *sum ^= *sum >> 32;
        };
        let (blocks, rest) = bytes.as_chunks::<32>();
        for block in blocks {
            for (sum, word) in sums.iter_mut().zip(block.as_chunks::<8>().0) {
                mix(sum, u64::from_le_bytes(*word));
            }
        }
        let [first, others @ ..] = &mut sums;
        others.iter().for_each(|sum| mix(first, *sum));
        rest.iter().for_each(|byte| mix(first, u64::from(*byte)));
        self.0 = *first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::names::bytes_of;

    #[test]
    fn only_what_is_whole_and_of_this_state_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("ivoryos.db");
        fs::write(&database, [0; 100]).unwrap();
        let owner = bytes_of(&database).into_owned();
        let place = KeptPlace { path: folder.path().join("a.catalogue"), owner, state: vec![1] };
        assert_eq!(read(&place, "notes"), None);
        write(&place, "notes", b"something");
        assert_eq!(read(&place, "notes").as_deref(), Some(b"something".as_slice()));
        assert_eq!(read(&KeptPlace { state: vec![2], ..place.clone() }, "notes"), None);
        assert_eq!(read(&place, "others"), None);
        let path = folder.path().join("a.notes");
        let mut bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(read(&place, "notes"), None, "byte {at}");
            bytes[at] ^= 0x10;
        }
        fs::remove_file(&database).unwrap();
        write(&KeptPlace { path: folder.path().join("b.catalogue"), ..place }, "notes", b"");
        assert!(!path.exists(), "its database is gone");
    }
}
