//! Fingerprints of some rows of a table, by id.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};

use super::codec::{ChunkReader, ChunkWriter};

/// Ids with the fingerprints of their rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowMarks {
    /// By id. Pieces come at both ends, which costs a queue nothing.
    all: VecDeque<(i64, u64)>,
}

impl RowMarks {
    /// Takes `fresh`, which is in either order, as all that are known of the ids from `from` to `to`.
    pub fn replace(&mut self, from: i64, to: i64, fresh: &[(i64, u64)]) {
        let start = self.all.partition_point(|(id, _)| *id < from);
        let end = self.all.partition_point(|(id, _)| *id <= to).max(start);
        self.all.drain(start..end);
        let falls = fresh.first().map(|m| m.0) > fresh.last().map(|m| m.0);
        for at in 0..fresh.len() {
            // The highest first, as each goes in front of those before.
            let mark = fresh.get(if falls { at } else { fresh.len() - 1 - at });
            mark.into_iter().for_each(|mark| self.all.insert(start, *mark));
        }
    }

    /// Those from an id on.
    pub fn up_from(&self, from: i64) -> impl Iterator<Item = (i64, u64)> {
        self.all.range(self.all.partition_point(|(id, _)| *id < from)..).copied()
    }

    pub fn get(&self, id: i64) -> Option<u64> {
        let at = self.all.binary_search_by_key(&id, |mark| mark.0).ok()?;
        self.all.get(at).map(|mark| mark.1)
    }

    /// Those up to an id, from the highest down.
    pub fn down_from(&self, to: i64) -> impl Iterator<Item = (i64, u64)> {
        let end = self.all.partition_point(|(id, _)| *id <= to);
        self.all.range(..end).rev().copied()
    }

    /// The highest id below this one.
    pub fn below(&self, id: i64) -> Option<i64> {
        self.down_from(id.checked_sub(1)?).next().map(|mark| mark.0)
    }

    /// The lowest id above this one.
    pub fn above(&self, id: i64) -> Option<i64> {
        self.all.get(self.all.partition_point(|mark| mark.0 <= id)).map(|mark| mark.0)
    }

    /// Of the ids from `from` to `to`, leaves only those that `keep` wants, asked from the lowest up.
    pub fn retain_within(&mut self, from: i64, to: i64, mut keep: impl FnMut(i64) -> bool) {
        let mut behind = self.all.split_off(self.all.partition_point(|(id, _)| *id < from));
        behind.retain(|(id, _)| *id > to || keep(*id));
        self.all.append(&mut behind);
    }

    /// Gives back memory that growing left over.
    pub fn shrink(&mut self) {
        self.all.shrink_to_fit();
    }

    pub fn save(&self, out: &mut ChunkWriter<impl Write>) -> io::Result<()> {
        out.put(self.all.len() as u64)?;
        let mut last = 0_i64;
        for (id, mark) in &self.all {
            out.put_signed(id.wrapping_sub(last))?;
            out.bytes(&mark.to_le_bytes())?;
            last = *id;
        }
        Ok(())
    }

    pub fn load(from: &mut ChunkReader<impl Read>) -> Option<Self> {
        let mut marks = Self::default();
        let mut id = 0_i64;
        for _ in 0..from.take()? {
            id = id.wrapping_add(from.take_signed()?);
            marks.all.push_back((id, u64::from_le_bytes(*from.bytes(8)?.first_chunk()?)));
        }
        Some(marks)
    }

    /// The bytes that it holds.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.all.capacity() * size_of::<(i64, u64)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replaced_taken_out_and_left_is_what_was_meant() {
        let mut marks = RowMarks::default();
        marks.replace(i64::MIN, i64::MAX, &[(30, 3), (20, 2), (10, 1)]);
        marks.replace(15, 25, &[(16, 6), (18, 8)]);
        assert!(marks.down_from(i64::MAX).eq([(30, 3), (18, 8), (16, 6), (10, 1)]));
        assert_eq!((marks.get(18), marks.get(20)), (Some(8), None));
        assert_eq!((marks.below(16), marks.below(10), marks.below(i64::MIN)), (Some(10), None, None));
        assert_eq!((marks.above(16), marks.above(30)), (Some(18), None));
        marks.retain_within(16, 29, |id| id == 18);
        assert!(marks.down_from(i64::MAX).eq([(30, 3), (18, 8), (10, 1)]));
        assert!(marks.up_from(11).eq([(18, 8), (30, 3)]));
        let mut code = Vec::new();
        let mut out = ChunkWriter::new(&mut code);
        marks.save(&mut out).unwrap();
        out.finish().unwrap();
        assert_eq!(RowMarks::load(&mut ChunkReader::new(&*code)), Some(marks));
    }
}
