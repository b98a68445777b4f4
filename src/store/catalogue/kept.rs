//! The catalogue's cache file, in which it is kept for the next start: used only for the database that it names, in exactly
//! the state that it was made of. Each column is a section with a checksum of its own, so that a question reads no more
//! than it needs; a section that is damaged counts as if there were no file.

use std::{
    fs::{self, File},
    io::{BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
    time::SystemTime,
};

use super::columns::{Columns, OddTime, RunKind};
use crate::store::{
    FactColumns, KeptPlace, cache_file,
    kept_file::{Checksum, checksum, prune},
};

/// The first bytes, with the format's version.
const MAGIC: &[u8] = b"ivorylens catalogue 1\n";

/// The sections in their order. What numbers in others mean comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    TextEnds,
    Texts,
    Kinds,
    OddTimes,
    Ids,
    NamesOfRuns,
    KindsOfRuns,
    Starts,
    Ends,
}

const SECTIONS: [Section; 9] = [
    Section::TextEnds,
    Section::Texts,
    Section::Kinds,
    Section::OddTimes,
    Section::Ids,
    Section::NamesOfRuns,
    Section::KindsOfRuns,
    Section::Starts,
    Section::Ends,
];

impl Section {
    fn is_wanted(self, columns: FactColumns) -> bool {
        match self {
            Section::TextEnds | Section::Texts | Section::Kinds | Section::OddTimes | Section::Ids => true,
            Section::NamesOfRuns => columns.names,
            Section::KindsOfRuns => columns.users || columns.kinds,
            Section::Starts | Section::Ends => columns.times,
        }
    }
}

/// Bytes of a section that are read or written at once.
const CHUNK: usize = 1 << 16;

/// Where a section's bytes end, counted from the first one's beginning, and their checksum.
type Entry = (u64, u64);

/// Reads the columns that are wanted; `None` where there is no such file of this state, or it lacks one of them.
pub fn read(place: &KeptPlace, wanted: FactColumns) -> Option<Columns> {
    let mut file = cache_file::open(&place.path, &place.owner)?;
    let (entries, has) = head(&mut file, place)?;
    if !has.has(wanted) {
        return None;
    }
    let start = file.stream_position().ok()?;
    let held = file.metadata().ok()?.len().checked_sub(start)?;
    let mut columns = Columns::default();
    // Kinds were made of users and the rest together.
    let kinds = wanted.users || wanted.kinds;
    columns.has = FactColumns { users: kinds && has.users, kinds: kinds && has.kinds, ..wanted };
    let mut from = 0;
    for (section, (end, sum)) in SECTIONS.into_iter().zip(entries) {
        if section.is_wanted(wanted) {
            file.seek(SeekFrom::Start(start.checked_add(from)?)).ok()?;
            let mut found = Checksum::default();
            // No room is made for more than there is.
            let mut left = usize::try_from(end.min(held).checked_sub(from)?).ok()?;
            reserve(&mut columns, section, left);
            while left > 0 {
                let mut bytes = [0; CHUNK];
                let bytes = bytes.get_mut(..left.min(CHUNK))?;
                file.read_exact(bytes).ok()?;
                found.add(bytes);
                take(&mut columns, section, bytes)?;
                left -= bytes.len();
            }
            if found.0 != sum {
                return None;
            }
        }
        from = end;
    }
    columns.finish()?;
    let _ =
        File::options().append(true).open(&place.path).and_then(|file| file.set_modified(SystemTime::now()));
    Some(columns)
}

/// Which columns the file has, if it is of this state.
pub fn columns_of(place: &KeptPlace) -> Option<FactColumns> {
    head(&mut cache_file::open(&place.path, &place.owner)?, place).map(|(_, has)| has)
}

fn head(file: &mut File, place: &KeptPlace) -> Option<([Entry; 9], FactColumns)> {
    let mut wanted = MAGIC.to_vec();
    for part in [&place.owner, &place.state] {
        wanted.extend((part.len() as u64).to_le_bytes());
        wanted.extend(part);
    }
    let mut found = vec![0; wanted.len()];
    file.read_exact(&mut found).ok()?;
    let mut table = [0; 8 + SECTIONS.len() * 16];
    file.read_exact(&mut table).ok()?;
    let mut sum = [0; 8];
    file.read_exact(&mut sum).ok()?;
    if found != wanted || checksum(&table) != u64::from_le_bytes(sum) {
        return None;
    }
    let (numbers, _) = table.as_chunks::<8>();
    let number = |at: usize| numbers.get(at).map(|bytes| u64::from_le_bytes(*bytes));
    let mut entries = [(0, 0); SECTIONS.len()];
    for (at, entry) in entries.iter_mut().enumerate() {
        *entry = (number(1 + at * 2)?, number(2 + at * 2)?);
    }
    let bits = number(0)?;
    let has = |bit: u64| bits & bit > 0;
    Some((entries, FactColumns { names: has(1), users: has(2), kinds: has(4), times: has(8) }))
}

/// Makes room for a section at once: doubled as it comes, a column would take more than it needs.
fn reserve(columns: &mut Columns, section: Section, bytes: usize) {
    let rows = &mut columns.rows;
    match section {
        Section::TextEnds => columns.texts.ends.reserve_exact(bytes / 4),
        Section::Texts => columns.texts.bytes.reserve_exact(bytes),
        Section::NamesOfRuns => rows.names.reserve_exact(bytes / 4),
        Section::KindsOfRuns => rows.kinds.reserve_exact(bytes / 4),
        Section::Starts => rows.starts.reserve_exact(bytes / 8),
        Section::Ends => rows.ends.reserve_exact(bytes / 8),
        Section::Ids | Section::Kinds | Section::OddTimes => {}
    }
}

/// Takes a chunk of a section, which ends between two numbers.
fn take(columns: &mut Columns, section: Section, bytes: &[u8]) -> Option<()> {
    let small = || bytes.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number));
    let large = || bytes.as_chunks().0.iter().map(|number| i64::from_le_bytes(*number));
    let rows = &mut columns.rows;
    match section {
        Section::TextEnds => columns.texts.ends.extend(small()),
        Section::Texts => columns.texts.bytes.extend_from_slice(bytes),
        Section::Kinds => {
            let kind = |[user, deck, mode, status]: &[u32; 4]| RunKind {
                user: *user,
                deck: *deck,
                mode: *mode,
                status: *status,
            };
            columns.kinds.extend(small().collect::<Vec<_>>().as_chunks().0.iter().map(kind));
        }
        Section::OddTimes => {
            for [cell, before] in large().collect::<Vec<_>>().as_chunks().0 {
                columns.odd_times.push(OddTime { cell: u32::try_from(*cell).ok()?, before: *before });
            }
        }
        Section::Ids => large().for_each(|id| rows.ids.push(id)),
        Section::NamesOfRuns => rows.names.extend(small()),
        Section::KindsOfRuns => rows.kinds.extend(small()),
        Section::Starts => rows.starts.extend(large()),
        Section::Ends => rows.ends.extend(large()),
    }
    Some(())
}

/// Writes the columns. A file that can't be written is no loss.
pub fn write(place: &KeptPlace, columns: &Columns) {
    if write_file(place, columns).is_ok() {
        prune(&place.path, MAGIC);
    }
}

fn write_file(place: &KeptPlace, columns: &Columns) -> std::io::Result<()> {
    let folder = place.path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut out = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    out.write_all(MAGIC)?;
    for part in [&place.owner, &place.state] {
        out.write_all(&(part.len() as u64).to_le_bytes())?;
        out.write_all(part)?;
    }
    let has = columns.has;
    let bits = [has.names, has.users, has.kinds, has.times].into_iter().rev();
    let bits = bits.fold(0_u64, |bits, has| bits << 1 | u64::from(has));
    let mut table = bits.to_le_bytes().to_vec();
    // Once for the table of sections in front of them, once for themselves: bytes are made twice, but never held whole.
    let mut end = 0;
    for section in SECTIONS {
        let mut sum = Checksum::default();
        give(columns, section, |bytes| {
            end += bytes.len() as u64;
            sum.add(bytes);
            Ok(())
        })?;
        table.extend(end.to_le_bytes());
        table.extend(sum.0.to_le_bytes());
    }
    out.write_all(&table)?;
    out.write_all(&checksum(&table).to_le_bytes())?;
    for section in SECTIONS {
        give(columns, section, |bytes| out.write_all(bytes))?;
    }
    out.into_inner()?.persist(&place.path)?;
    Ok(())
}

/// Gives a section's bytes, a chunk at a time.
fn give(
    columns: &Columns,
    section: Section,
    mut to: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let rows = &columns.rows;
    match section {
        Section::TextEnds => give_numbers(columns.texts.ends.iter().map(|n| n.to_le_bytes()), to),
        Section::Texts => columns.texts.bytes.chunks(CHUNK).try_for_each(to),
        Section::Kinds => {
            let numbers =
                columns.kinds.iter().flat_map(|kind| [kind.user, kind.deck, kind.mode, kind.status]);
            give_numbers(numbers.map(u32::to_le_bytes), &mut to)
        }
        Section::OddTimes => {
            let numbers = columns.odd_times.iter().flat_map(|odd| [i64::from(odd.cell), odd.before]);
            give_numbers(numbers.map(i64::to_le_bytes), &mut to)
        }
        Section::Ids => give_numbers(rows.ids.iter().map(i64::to_le_bytes), to),
        Section::NamesOfRuns => give_numbers(rows.names.iter().map(|n| n.to_le_bytes()), to),
        Section::KindsOfRuns => give_numbers(rows.kinds.iter().map(|n| n.to_le_bytes()), to),
        Section::Starts => give_numbers(rows.starts.iter().map(|n| n.to_le_bytes()), to),
        Section::Ends => give_numbers(rows.ends.iter().map(|n| n.to_le_bytes()), to),
    }
}

fn give_numbers<const N: usize>(
    numbers: impl Iterator<Item = [u8; N]>,
    mut to: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK);
    for number in numbers {
        chunk.extend_from_slice(&number);
        if chunk.len() == CHUNK {
            to(&chunk)?;
            chunk.clear();
        }
    }
    to(&chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::names::bytes_of;

    /// The table of sections, with a checksum that is right, says that each has more bytes than any computer.
    #[test]
    fn no_room_is_made_for_more_than_the_file_has() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("ivoryos.db");
        fs::write(&database, "").unwrap();
        let owner = bytes_of(&database).into_owned();
        let place = KeptPlace { path: folder.path().join("a.catalogue"), owner, state: vec![1] };
        let mut bytes = MAGIC.to_vec();
        for part in [&place.owner, &place.state] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        let mut table = 15_u64.to_le_bytes().to_vec();
        for n in 1..=SECTIONS.len() as u64 {
            table.extend((n << 59).to_le_bytes());
            table.extend(0_u64.to_le_bytes());
        }
        bytes.extend(&table);
        bytes.extend(checksum(&table).to_le_bytes());
        bytes.extend([0; 64]);
        fs::write(&place.path, bytes).unwrap();
        let all = FactColumns { names: true, users: true, kinds: true, times: true };
        assert_eq!(columns_of(&place), Some(all), "the table is believed");
        assert!(read(&place, all).is_none());
    }
}
