//! The cache file, in which the index is kept between two starts: in the user's cache folder, never in the lab's, and
//! not used when it is damaged, of another database, or of a state that this file can't have come from by commits.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    Index, Kind,
    codec::{ChunkReader, ChunkWriter, hash, put, take},
    id_ranges::IdRanges,
    id_set::IdSet,
    marks::RowMarks,
    table::IndexTable,
};
use crate::{
    platform::{files::real_path, names::path_of},
    regular_file,
    store::{
        Cache, cache_file,
        sqlite::{
            Store,
            disk_state::{DiskState, Since},
        },
    },
};

/// The first bytes, with the format's version. Behind them stands the database's path, and then chunks.
const MAGIC: &[u8] = b"ivorylens index 3\n";
/// Cache files of earlier versions are not read; those that nobody needs are removed as well.
const MAGICS: [&[u8]; 3] = [MAGIC, b"ivorylens index 2\n", b"ivorylens index 1\n"];

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
        let cache = match cache {
            Cache::User => cache_file::users_folder(),
            Cache::Within(folder) => Some(folder.clone()),
            Cache::Nowhere => None,
        };
        let (Some(cache), Ok(real)) = (cache, real_path(database)) else { return Self::default() };
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
    /// Reads the cache file, before the first question, when the file is in this state. True where that is still the one
    /// that the cache file is of.
    pub(super) fn recall(&self, now: &DiskState) -> bool {
        let mut index = self.index.borrow_mut();
        if std::mem::replace(&mut index.keep.recalled, true) || index.phases.begun || index.steps.begun {
            return false;
        }
        let Some((phases, steps, known, since)) =
            index.keep.path.as_deref().and_then(|p| read(p, &index.keep.owner, now))
        else {
            return false;
        };
        if let Some(path) = &index.keep.path {
            used(path);
        }
        index.keep.known = known;
        (index.phases, index.steps) = (phases, steps);
        // Of larger tables no answer waits for all of it, so it goes on in small steps.
        let most = self.limits().awaited_audit;
        let is_small = index.ids() <= most as u64;
        index.awaited_audit = if is_small { most } else { most / 4 };
        if since == Since::Nothing {
            return true;
        }
        // Nobody watched the file since: gaps are looked into, and all is compared.
        for kind in [Kind::Phases, Kind::Steps] {
            let table = index.table_mut(kind);
            if is_small && table.begun {
                table.audit_from_start();
            } else {
                table.audit_anew();
            }
            table.is_in_doubt |= now.is_wal();
        }
        false
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
        if keep.known < self.limits().cached_rows || !is_old || self.is_damaged.get() {
            return;
        }
        let Some(state) = index.state else { return };
        let keep = &mut index.keep;
        (keep.changed, keep.wrong) = (0, false);
        if write(&path, &index, &state).is_ok() {
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
    let file = regular_file::open(path).ok()?;
    let age = file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    file.take(1 << 16).read_to_end(&mut head).ok()?;
    let mut code = MAGICS.iter().find_map(|magic| head.strip_prefix(*magic))?;
    let long = usize::try_from(take(&mut code)?).ok()?;
    let owner = code.get(..long)?;
    let ours = hash(&[owner]) == u64::from_str_radix(name, 16).ok()?;
    let there = path_of(owner.to_vec()).try_exists().unwrap_or(true);
    ours.then_some(age > OLD || !there)
}

/// Writes an index a chunk at a time, and puts it in the place of the file before only when all is written.
fn write(path: &Path, index: &Index, state: &DiskState) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&head(&index.keep.owner))?;
    let mut out = ChunkWriter::new(&mut file);
    out.bytes(state.bytes())?;
    out.put(index.keep.known as u64)?;
    save(&index.phases, &mut out)?;
    save(&index.steps, &mut out)?;
    out.finish()?;
    file.persist(path)?;
    Ok(())
}

fn head(owner: &[u8]) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    put(&mut head, owner.len() as u64);
    head.extend(owner);
    head
}

fn read(path: &Path, owner: &[u8], now: &DiskState) -> Option<(IndexTable, IndexTable, usize, Since)> {
    let mut file = cache_file::open(path, owner)?;
    let expected = head(owner);
    let mut head = vec![0; expected.len()];
    file.read_exact(&mut head).ok()?;
    if head != expected {
        return None;
    }
    let mut from = ChunkReader::new(file);
    let since = now.since(&DiskState::from_bytes(from.bytes(now.bytes().len() as u64)?)?);
    if since == Since::Another {
        return None;
    }
    let known = usize::try_from(from.take()?).ok()?;
    let mut tables = (load(&mut from)?, load(&mut from)?);
    tables.0.shrink();
    tables.1.shrink();
    from.ends().then_some((tables.0, tables.1, known, since))
}

pub(super) fn save(table: &IndexTable, out: &mut ChunkWriter<impl Write>) -> io::Result<()> {
    out.put(u64::from(table.begun))?;
    out.put_signed(table.low)?;
    out.put_signed(table.high)?;
    let bits = [table.audit.is_some(), table.is_in_doubt, table.is_audit_late];
    out.put(bits.iter().rev().fold(0, |all, bit| all << 1 | u64::from(*bit)))?;
    out.put_signed(table.audit.unwrap_or_default())?;
    table.ranges.save(out)?;
    table.failed.save(out)?;
    table.marks.save(out)
}

/// Rows behind the last one kept are read as if the file had just changed.
pub(super) fn load(from: &mut ChunkReader<impl Read>) -> Option<IndexTable> {
    let begun = from.take()? == 1;
    let (low, high) = (from.take_signed()?, from.take_signed()?);
    let (bits, audit) = (from.take()?, from.take_signed()?);
    let audit = Some(audit).filter(|_| bits & 1 > 0);
    Some(IndexTable {
        begun,
        low,
        high,
        audit,
        is_audit_old: audit.is_some_and(|from| from > i64::MIN),
        is_in_doubt: bits & 2 > 0,
        is_audit_late: bits & 4 > 0,
        ranges: IdRanges::load(from)?,
        failed: IdSet::load(from)?,
        marks: RowMarks::load(from)?,
        ..IndexTable::default()
    })
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
            fs::write(cache.path().join("state"), [0; 100]).unwrap();
            let state = DiskState::of(&File::open(cache.path().join("state")).unwrap()).unwrap();
            write(&path, &index, &state).unwrap();
            path
        };
        for name in ["a.db", "old.db"] {
            fs::write(database(name), "").unwrap();
        }
        let (a, old, gone) = (keep("a.db"), keep("old.db"), keep("gone.db"));
        let earlier = keep("earlier.db");
        let code = fs::read(&earlier).unwrap();
        fs::write(&earlier, [MAGICS[1], code.strip_prefix(MAGIC).unwrap()].concat()).unwrap();
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
        assert!(a.exists() && !old.exists() && !gone.exists() && !earlier.exists());
        assert!(strange.exists() && others.iter().all(|other| other.exists()));

        let old = keep("old.db");
        File::options().append(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        used(&old);
        prune(&a);
        assert!(old.exists(), "it was used just now");
    }
}
