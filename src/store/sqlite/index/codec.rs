//! Numbers as few bytes, and the cache file's chunks: each has its own checksum and is checked before it is read.

use std::io::{self, Read, Write};

/// Seven bits a byte, the lowest first; the eighth says that more follow.
pub fn put(code: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        code.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    code.push(number as u8);
}

/// Reads what [`put`] wrote; `None` at the end, or where the bytes are none of its.
pub fn take(code: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = code.split_first()?;
        *code = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

pub fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// A hash of 64 bits: tells rows and names from others, not enemies.
pub fn hash(parts: &[&[u8]]) -> u64 {
    let mut sum = 0x9e37_79b9_7f4a_7c15_u64;
    let mut mix = |word: u64| {
        sum = mixed(sum, word);
    };
    for part in parts {
        mix(part.len() as u64);
        let (words, rest) = part.as_chunks::<8>();
        words.iter().for_each(|w| mix(u64::from_le_bytes(*w)));
        rest.iter().for_each(|b| mix(u64::from(*b)));
    }
    sum
}

/// Another word gives another sum, always, and so does another sum before.
fn mixed(sum: u64, word: u64) -> u64 {
    let sum = (sum ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
    sum ^ (sum >> 32)
}

/// The checksum of a chunk, which also says the how manieth it is. Four sums side by side, as each waits for itself.
fn checksum(number: u64, bytes: &[u8]) -> u64 {
    let mut sums = [1, 2, 3, 4];
    let (stripes, rest) = bytes.as_chunks::<32>();
    for stripe in stripes {
        let words = stripe.as_chunks::<8>().0;
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = mixed(*sum, u64::from_le_bytes(*word));
        }
    }
    hash(&[&number.to_le_bytes(), sums.map(u64::to_le_bytes).as_flattened(), rest])
}

/// A chunk is written when it has so many bytes.
const FULL: usize = 1 << 16;
/// No chunk is larger; what says so is damaged.
const MOST: usize = 1 << 20;

/// Writes numbers and bytes in chunks, of which one is in memory.
pub struct ChunkWriter<W> {
    out: W,
    chunk: Vec<u8>,
    number: u64,
}

impl<W: Write> ChunkWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, chunk: Vec::with_capacity(FULL + 1024), number: 0 }
    }

    pub fn put(&mut self, number: u64) -> io::Result<()> {
        self.make_room()?;
        put(&mut self.chunk, number);
        Ok(())
    }

    pub fn put_signed(&mut self, number: i64) -> io::Result<()> {
        self.put(zigzag(number))
    }

    /// Bytes that are taken at once, by whoever knows how many they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.make_room()?;
        self.chunk.extend(bytes);
        Ok(())
    }

    /// A chunk ends between two things that are put, so that none is torn apart.
    fn make_room(&mut self) -> io::Result<()> {
        if self.chunk.len() >= FULL { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let long = u32::try_from(self.chunk.len()).map_err(io::Error::other)?;
        self.out.write_all(&long.to_le_bytes())?;
        self.out.write_all(&checksum(self.number, &self.chunk).to_le_bytes())?;
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes what is left, and an empty chunk as the end.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.chunk.is_empty() {
            self.flush()?;
        }
        self.flush()
    }
}

/// Reads what a [`ChunkWriter`] wrote; all of it is `None` from the first damage on.
pub struct ChunkReader<R> {
    from: R,
    chunk: Vec<u8>,
    at: usize,
    number: u64,
}

impl<R: Read> ChunkReader<R> {
    pub fn new(from: R) -> Self {
        Self { from, chunk: Vec::new(), at: 0, number: 0 }
    }

    pub fn take(&mut self) -> Option<u64> {
        self.refill()?;
        let mut rest = self.chunk.get(self.at..)?;
        let number = take(&mut rest)?;
        self.at = self.chunk.len() - rest.len();
        Some(number)
    }

    pub fn take_signed(&mut self) -> Option<i64> {
        self.take().map(unzigzag)
    }

    pub fn bytes(&mut self, count: u64) -> Option<&[u8]> {
        // Of no bytes the writer may have left out the chunk.
        if count > 0 {
            self.refill()?;
        }
        let end = self.at.checked_add(usize::try_from(count).ok()?)?;
        let bytes = self.chunk.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn refill(&mut self) -> Option<()> {
        if self.at < self.chunk.len() {
            Some(())
        } else {
            self.next_chunk().filter(|_| !self.chunk.is_empty())
        }
    }

    fn next_chunk(&mut self) -> Option<()> {
        let mut head = [0; 12];
        self.from.read_exact(&mut head).ok()?;
        let (long, sum) = (*head.first_chunk()?, *head.last_chunk()?);
        let long = usize::try_from(u32::from_le_bytes(long)).ok().filter(|long| *long <= MOST)?;
        self.chunk.resize(long, 0);
        self.at = 0;
        self.from.read_exact(&mut self.chunk).ok()?;
        let whole = checksum(self.number, &self.chunk) == u64::from_le_bytes(sum);
        self.number += 1;
        whole.then_some(())
    }

    /// Whether all was taken, and nothing follows the end.
    pub fn ends(mut self) -> bool {
        self.at == self.chunk.len()
            && self.next_chunk().is_some()
            && self.chunk.is_empty()
            && self.from.read(&mut [0]).is_ok_and(|more| more == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_come_back() {
        for n in [0, 1, -1, 63, -64, 64, 12345, i64::MAX, i64::MIN] {
            let mut code = Vec::new();
            put(&mut code, zigzag(n));
            assert_eq!(take(&mut code.as_slice()).map(unzigzag), Some(n));
            assert_eq!(take(&mut &code[..code.len() - 1]), None);
        }
    }

    fn read(code: &[u8]) -> Option<Vec<u64>> {
        let mut from = ChunkReader::new(code);
        let numbers = (0..60_000).map(|_| from.take()).collect::<Option<Vec<_>>>()?;
        let tail = from.bytes(5)? == b"bytes";
        (from.ends() && tail).then_some(numbers)
    }

    #[test]
    fn chunks_come_back_whole_or_not_at_all() {
        let mut code = Vec::new();
        let mut out = ChunkWriter::new(&mut code);
        let numbers: Vec<u64> = (0..60_000).map(|n| n * 7).collect();
        numbers.iter().for_each(|n| out.put(*n).unwrap());
        out.bytes(b"bytes").unwrap();
        out.finish().unwrap();
        assert!(code.len() > 2 * FULL);
        assert_eq!(read(&code), Some(numbers));
        for at in (0..code.len()).step_by(997).chain(0..13).chain(code.len() - 30..code.len()) {
            assert_eq!(read(&code[..at]), None, "cut at {at}");
            let mut bad = code.clone();
            bad[at] ^= 1;
            assert_eq!(read(&bad), None, "damaged at {at}");
        }
        code.push(0);
        assert_eq!(read(&code), None);
    }
}
