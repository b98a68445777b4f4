//! The cache file, in which the index is kept between two starts: in the user's cache folder, never in the lab's, and
//! not used when it is damaged or of another database.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Write},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    Index, Kind,
    id_ranges::{IdRange, IdRanges, put, take, unzigzag, zigzag},
    table::IndexTable,
};
use crate::store::{Cache, sqlite::Store};

/// The first bytes, with the format's version.
const MAGIC: &[u8] = b"ivorylens index 1\n";

/// The cache file of an index, and what changed since it was written.
#[derive(Debug, Default)]
pub struct Keep {
    /// `None` for a private copy and where there is no cache folder.
    path: Option<PathBuf>,
    /// The database's path, which the cache file must name.
    owner: Vec<u8>,
    /// The cache file was looked for already.
    recalled: bool,
    /// Rows that were read since the cache file was written.
    pub(super) changed: usize,
    /// The cache file says something else than the tables.
    wrong: bool,
    /// Rows of the tables that are known.
    known: usize,
}

impl Keep {
    /// The cache file of a database, named by the database's real path.
    pub fn of(database: &Path, cache: &Cache) -> Self {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let users = || folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
        let cache = match cache {
            Cache::User => users(),
            Cache::Within(folder) => Some(folder.clone()),
            Cache::Nowhere => None,
        };
        let (Some(cache), Ok(real)) = (cache, database.canonicalize()) else { return Self::default() };
        Self::within(&cache, &real)
    }

    fn within(cache: &Path, database: &Path) -> Self {
        let owner = database.as_os_str().as_encoded_bytes().to_vec();
        let name = format!("{:016x}.index", hash(&[&owner]));
        Self { path: Some(cache.join("ivorylens").join(name)), owner, ..Self::default() }
    }

    /// Another cache file of the same database, and the database's path; `None` where nothing is kept.
    pub fn place(&self, ending: &str) -> Option<(PathBuf, Vec<u8>)> {
        Some((self.path.as_ref()?.with_extension(ending), self.owner.clone()))
    }

    /// Does not read the cache file: it is of a database that was replaced.
    pub fn recall_nothing(&mut self) {
        self.recalled = true;
    }

    /// Notes that the cache file says something else than the tables.
    pub fn is_wrong(&mut self) {
        self.wrong = true;
    }

    /// Notes that so many rows were read.
    pub fn changed(&mut self, rows: usize) {
        self.changed = self.changed.saturating_add(rows);
        self.known = self.known.saturating_add(rows);
    }
}

impl Store {
    /// Reads the cache file, before the first question.
    pub(super) fn recall(&self) {
        let mut index = self.index.borrow_mut();
        if std::mem::replace(&mut index.keep.recalled, true) || index.phases.begun || index.steps.begun {
            return;
        }
        let Some((phases, steps, known)) =
            index.keep.path.as_deref().and_then(|p| read(p, &index.keep.owner))
        else {
            return;
        };
        if let Some(path) = &index.keep.path {
            used(path);
        }
        index.keep.known = known;
        (index.phases, index.steps) = (phases, steps);
        // Nobody watched the file since: gaps are looked into, and all is compared once, slowly.
        for kind in [Kind::Phases, Kind::Steps] {
            let table = index.table_mut(kind);
            table.audit = table.begun.then_some(i64::MIN);
        }
    }

    /// Reads and writes no cache file any more.
    pub(in crate::store::sqlite) fn keep_nothing(&self) {
        self.index.borrow_mut().keep = Keep::default();
    }

    /// Writes the cache file when much of the index is new. One that can't be written is no loss.
    pub fn keep_index(&self) {
        let mut index = self.index.borrow_mut();
        let Some(path) = index.keep.path.clone() else { return };
        let keep = &mut index.keep;
        let is_old = keep.wrong || keep.changed >= self.limits().cached_changes;
        if keep.known < self.limits().cached_rows || !is_old {
            return;
        }
        (keep.changed, keep.wrong) = (0, false);
        if write(&path, &bytes(&index)).is_ok() {
            prune(&path);
        }
    }
}

/// Cache files that were not used for so long are removed.
const OLD: Duration = Duration::from_secs(90 * 86_400);

/// Sets the cache file's time, as it was used. Where that fails, the file is removed the sooner.
fn used(path: &Path) {
    let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Removes other cache files whose database is gone or that were not used for long.
fn prune(written: &Path) {
    let Some(all) = written.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    for path in all.flatten().map(|entry| entry.path()).filter(|path| path != written) {
        if is_useless(&path) == Some(true) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether a cache file can be removed; `None` for a file that by its name or its first bytes is no cache file.
fn is_useless(path: &Path) -> Option<bool> {
    let name = path.file_name()?.to_str()?.strip_suffix(".index")?;
    if name.len() != 16 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut head = Vec::new();
    let file = File::open(path).ok()?;
    let age = file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    file.take(1 << 16).read_to_end(&mut head).ok()?;
    let mut code = head.strip_prefix(MAGIC)?;
    let long = usize::try_from(take(&mut code)?).ok()?;
    let owner = code.get(..long)?;
    let ours = hash(&[owner]) == u64::from_str_radix(name, 16).ok()?;
    let there = Path::new(OsStr::from_bytes(owner)).try_exists().unwrap_or(true);
    ours.then_some(age > OLD || !there)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

fn bytes(index: &Index) -> Vec<u8> {
    let mut code = MAGIC.to_vec();
    put(&mut code, index.keep.owner.len() as u64);
    code.extend(&index.keep.owner);
    put(&mut code, index.keep.known as u64);
    put_table(&mut code, &index.phases);
    put_table(&mut code, &index.steps);
    let sum = hash(&[&code]);
    code.extend(sum.to_le_bytes());
    code
}

fn read(path: &Path, owner: &[u8]) -> Option<(IndexTable, IndexTable, usize)> {
    let all = fs::read(path).ok()?;
    let (code, sum) = all.split_last_chunk::<8>()?;
    if hash(&[code]) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut code = code.strip_prefix(MAGIC)?;
    let long = usize::try_from(take(&mut code)?).ok()?;
    let (named, rest) = code.split_at_checked(long)?;
    code = rest;
    let known = usize::try_from(take(&mut code)?).ok()?;
    let tables = (take_table(&mut code)?, take_table(&mut code)?);
    (named == owner && code.is_empty()).then_some((tables.0, tables.1, known))
}

fn put_table(code: &mut Vec<u8>, table: &IndexTable) {
    put(code, u64::from(table.begun));
    put(code, zigzag(table.low));
    put(code, zigzag(table.high));
    put(code, table.ranges.iter().count() as u64);
    let (mut next, mut owner) = (0_i64, 0_i64);
    for range in table.ranges.iter() {
        put(code, zigzag(range.first.wrapping_sub(next)));
        put(code, range.last.wrapping_sub(range.first).cast_unsigned());
        put(code, zigzag(range.owner.wrapping_sub(owner)));
        (next, owner) = (range.last.wrapping_add(1), range.owner);
    }
    put(code, table.failed.len() as u64);
    let mut last = 0_i64;
    for &id in &table.failed {
        put(code, zigzag(id.wrapping_sub(last)));
        last = id;
    }
    put(code, table.marks.len() as u64);
    last = 0;
    for (&id, &mark) in &table.marks {
        put(code, zigzag(id.wrapping_sub(last)));
        code.extend(mark.to_le_bytes());
        last = id;
    }
}

fn take_table(code: &mut &[u8]) -> Option<IndexTable> {
    let begun = take(code)? == 1;
    let (low, high) = (unzigzag(take(code)?), unzigzag(take(code)?));
    // Rows behind the last one kept are read as if the file had just changed.
    let mut table = IndexTable { begun, low, high, ..IndexTable::default() };
    let count = take(code)?;
    let (mut next, mut owner) = (0_i64, 0_i64);
    // Packed as they come: unpacked, they would be the most that the program ever holds.
    table.ranges = IdRanges::packed((0..count).map(|_| {
        let first = next.wrapping_add(unzigzag(take(code)?));
        let last = first.wrapping_add(take(code)?.cast_signed());
        owner = owner.wrapping_add(unzigzag(take(code)?));
        next = last.wrapping_add(1);
        Some(IdRange { first, last, owner })
    }))?;
    let mut id = 0_i64;
    for _ in 0..take(code)? {
        id = id.wrapping_add(unzigzag(take(code)?));
        table.failed.insert(id);
    }
    id = 0;
    for _ in 0..take(code)? {
        id = id.wrapping_add(unzigzag(take(code)?));
        let (mark, rest) = code.split_first_chunk::<8>()?;
        *code = rest;
        table.marks.insert(id, u64::from_le_bytes(*mark));
    }
    Some(table)
}

/// A checksum of 64 bits: tells damage and other rows, not enemies.
pub fn hash(parts: &[&[u8]]) -> u64 {
    let mut sum = 0x9e37_79b9_7f4a_7c15_u64;
    let mut mix = |word: u64| {
        sum = (sum ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        sum ^= sum >> 32;
    };
    for part in parts {
        mix(part.len() as u64);
        let (words, rest) = part.as_chunks::<8>();
        words.iter().for_each(|w| mix(u64::from_le_bytes(*w)));
        rest.iter().for_each(|b| mix(u64::from(*b)));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_database_needs_any_more_is_removed_and_nothing_else() {
        let cache = tempfile::tempdir().unwrap();
        let database = |name: &str| cache.path().join(name);
        let keep = |name: &str| {
            let index = Index { keep: Keep::within(cache.path(), &database(name)), ..Index::default() };
            let path = index.keep.path.clone().unwrap();
            write(&path, &bytes(&index)).unwrap();
            path
        };
        for name in ["a.db", "old.db"] {
            fs::write(database(name), "").unwrap();
        }
        let (a, old, gone) = (keep("a.db"), keep("old.db"), keep("gone.db"));
        let long_ago = SystemTime::now() - OLD - Duration::from_secs(60);
        File::options().append(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        let folder = a.parent().unwrap();
        let others =
            ["0123456789abcdef.index", "notes.index", "fedcba9876543210.txt"].map(|n| folder.join(n));
        // By name and beginning as ours, but of a database that would have another name.
        let strange = folder.join("00000000000000aa.index");
        fs::copy(&gone, &strange).unwrap();
        for other in &others {
            fs::write(other, "somebody's").unwrap();
        }
        prune(&a);
        assert!(a.exists() && !old.exists() && !gone.exists());
        assert!(strange.exists() && others.iter().all(|other| other.exists()));

        let old = keep("old.db");
        File::options().append(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        used(&old);
        prune(&a);
        assert!(old.exists(), "it was used just now");
    }
}
