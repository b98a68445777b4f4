//! A record's log of any size, read in pieces by byte offset: no index over its lines is needed.

mod errors;
mod pieces;
mod scan;

use std::path::PathBuf;

use super::{data_file::DataFile, lab::Lab, paths};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        encoding::{BEGINNING, Encoding},
        needle::Needle,
    },
};
use pieces::ROOM;
pub use pieces::{LONGEST_LINE, first_piece};
pub use scan::LogNarrow;

/// Where a piece of a log begins.
#[derive(Debug, Clone, PartialEq)]
pub enum LogAt {
    Start,
    /// The piece that ends with the file's last byte.
    End,
    /// The line that holds this byte.
    Offset(u64),
    /// The piece that ends in front of this byte, which starts a line.
    Before(u64),
    /// The line with this number, from 1.
    Line(u64),
    /// The next line with these words, behind or in front of a byte; from the other end again where there is none.
    Find {
        words: String,
        from: u64,
        forward: bool,
    },
    /// The next error behind the line with a byte (all of them for `None`), or in front of it; not from the other end again.
    Error {
        from: Option<u64>,
        forward: bool,
    },
}

/// Whole lines of a log; a line longer than the piece is cut at its border.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogPiece {
    pub path: PathBuf,
    /// Bytes of the whole file.
    pub size: u64,
    /// Where the piece begins in the file.
    pub offset: u64,
    pub bytes: Vec<u8>,
    pub encoding: Encoding,
    /// For `Find` and `Error`: where the line with the words begins; `None` when nothing was found.
    pub found: Option<u64>,
    /// It was found only from the other end again.
    pub wrapped: bool,
    /// The number of the first line, from 1, where it is known.
    pub line: Option<u64>,
}

/// Bytes read between two checkpoints while searching or counting lines: about 20 ms.
const STRIDE: u64 = 4 << 20;

/// A piece of a record's log.
///
/// # Errors
/// [`crate::error::Error::Missing`] where the record has no log on disk.
pub fn piece(lab: &Lab, run: i64, at: &LogAt, bytes: usize, cx: &mut Cx<'_>) -> Result<LogPiece> {
    open(lab, run, cx)?.piece(at, u64::try_from(bytes).unwrap_or(u64::MAX), cx)
}

/// The lines of a record's log that have some words, with `context` lines before and behind each.
///
/// # Errors
/// [`crate::error::Error::Missing`] where the record has no log on disk.
pub fn narrow(lab: &Lab, run: i64, words: &str, context: usize, cx: &mut Cx<'_>) -> Result<LogNarrow> {
    open(lab, run, cx)?.narrow(&Needle::new(words), context, cx)
}

fn open(lab: &Lab, run: i64, cx: &Cx<'_>) -> Result<Log> {
    paths::existing_log(lab, &lab.run(run, cx)?).and_then(Log::of)
}

/// An open log file.
pub struct Log {
    file: DataFile,
    size: u64,
    encoding: Encoding,
}

impl Log {
    /// # Errors
    /// [`crate::error::Error::Io`] where the disk fails.
    pub fn of(file: DataFile) -> Result<Self> {
        let encoding = Encoding::of(&file.read_at(0, BEGINNING as u64)?);
        Ok(Self { size: file.size, file, encoding })
    }

    /// Whole lines of about `bytes` bytes at a place.
    pub fn piece(&mut self, at: &LogAt, bytes: u64, cx: &mut Cx<'_>) -> Result<LogPiece> {
        let bytes = bytes.max(1);
        let mut piece = match at {
            LogAt::Start => self.forward(0, bytes)?,
            LogAt::End => self.backward(self.size, bytes)?,
            LogAt::Offset(at) => self.forward(*at, bytes)?,
            LogAt::Before(at) => self.backward(*at, bytes)?,
            LogAt::Line(line) => {
                let (offset, line) = self.line_start(*line, cx)?;
                LogPiece { line: Some(line), ..self.forward(offset, bytes)? }
            }
            LogAt::Find { words, from, forward } => {
                let found = self.find(&Needle::new(words), *from, *forward, cx)?;
                let (at, wrapped) = found.unwrap_or((*from, false));
                LogPiece { found: found.map(|(at, _)| at), wrapped, ..self.forward(at, bytes)? }
            }
            LogAt::Error { from, forward } => {
                let found = self.find_error(*from, *forward, cx)?;
                LogPiece { found, ..self.forward(found.or(*from).unwrap_or(0), bytes)? }
            }
        };
        if piece.offset == 0 {
            piece.line = Some(1);
        }
        Ok(piece)
    }

    fn forward(&mut self, at: u64, bytes: u64) -> Result<LogPiece> {
        let start = self.piece_start(at.min(self.size))?;
        let read = self.read_pieces(start, bytes.saturating_add(at.saturating_sub(start)))?;
        Ok(self.made(start, read))
    }

    fn backward(&mut self, end: u64, bytes: u64) -> Result<LogPiece> {
        let end = end.min(self.size);
        let start = self.piece_start(end.saturating_sub(bytes))?;
        let read = self.read(start, end - start)?;
        Ok(self.made(start, read))
    }

    fn made(&self, offset: u64, bytes: Vec<u8>) -> LogPiece {
        let (path, size, encoding) = (self.file.path.clone(), self.size, self.encoding);
        LogPiece { path, size, offset, bytes, encoding, ..LogPiece::default() }
    }

    /// Where the line that holds this byte begins, or where it was cut last in front of it.
    fn piece_start(&mut self, at: u64) -> Result<u64> {
        let at = at - at % self.encoding.unit() as u64;
        let border = at - at % LONGEST_LINE;
        let next = border + LONGEST_LINE;
        let from = border.saturating_sub(LONGEST_LINE);
        // A character that a border would split belongs to what is behind it.
        let to = if at + 4 > next { next } else { at };
        let read = self.read(from, to - from)?;
        let (before, here) = read.split_at_checked(usize_of(border - from)).unwrap_or((&read, &[]));
        if to == next && here.len() as u64 == LONGEST_LINE && self.encoding.line_end(here).is_none() {
            let cut = next - self.encoding.begun(here) as u64;
            if cut <= at {
                return Ok(cut);
            }
        }
        let here = here.get(..usize_of(at - border)).unwrap_or(here);
        Ok(match (self.encoding.last_line_end(here), self.encoding.last_line_end(before)) {
            (Some(end), _) => border + end as u64,
            (None, Some(end)) => from + end as u64,
            (None, None) => border - self.encoding.begun(before) as u64,
        })
    }

    /// Where the line that holds this byte ends, behind its line break, or is cut.
    fn piece_end(&mut self, at: u64) -> Result<u64> {
        let start = self.piece_start(at.min(self.size))?;
        let read = self.read(start, ROOM)?;
        Ok(start + first_piece(&read, start, self.encoding).0 as u64)
    }

    /// Where the line with this number begins, and that number; those of the last line where there are fewer lines.
    fn line_start(&mut self, line: u64, cx: &mut Cx<'_>) -> Result<(u64, u64)> {
        let (mut number, mut start, mut at) = (1_u64, 0_u64, 0_u64);
        while number < line && at < self.size {
            let read = self.read(at, STRIDE)?;
            for end in self.encoding.line_ends(&read) {
                let next = at + end as u64;
                if next >= self.size {
                    break;
                }
                (number, start) = (number + 1, next);
                if number == line {
                    return Ok((start, number));
                }
            }
            if read.is_empty() {
                break;
            }
            at += read.len() as u64;
            cx.check(Progress { done: at, total: Some(self.size) })?;
        }
        Ok((start, number))
    }

    /// Whole lines, or pieces of those that are too long, from the start of one on: at least one.
    fn read_pieces(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>> {
        for bytes in [bytes, ROOM] {
            let mut read = self.read(at, bytes)?;
            if at + read.len() as u64 >= self.size {
                return Ok(read);
            }
            let mut end = self.encoding.last_line_end(&read).unwrap_or(0);
            while let Some(rest) = read.get(end..).filter(|rest| !rest.is_empty()) {
                let (len, _) = first_piece(rest, at + end as u64, self.encoding);
                if len == rest.len() {
                    break;
                }
                end += len;
            }
            if end > 0 {
                read.truncate(end);
                return Ok(read);
            }
        }
        self.read(at, ROOM)
    }

    fn read(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>> {
        if at >= self.size || bytes == 0 {
            return Ok(Vec::new());
        }
        self.file.read_at(at, bytes.min(self.size - at))
    }
}

fn usize_of(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
