//! A record's log of any size, read in pieces by byte offset: no index over its lines is needed.

use std::{collections::VecDeque, path::PathBuf};

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::{data_file::DataFile, lab::Lab, paths};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
};

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
    /// The next line with these words, behind or in front of a byte.
    Find {
        words: String,
        from: u64,
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
    /// For `Find`: where the line with the words begins; `None` when nothing was found.
    pub found: Option<u64>,
    /// The number of the first line, from 1, where it is known.
    pub line: Option<u64>,
}

/// Lines of a log that have some words, and the lines around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogNarrow {
    /// Where each line begins in the file, and its bytes with the line end.
    pub lines: Vec<(u64, Vec<u8>)>,
    /// Lines that have the words.
    pub matches: u64,
    /// There are more than are given.
    pub more: bool,
}

/// Bytes read between two checkpoints while searching or counting lines: about 20 ms.
const STRIDE: u64 = 4 << 20;
/// A line longer than this is cut into pieces of this length, so that a file without line ends still opens at once.
pub const LONGEST_LINE: u64 = 64 << 10;

/// Lines of a narrowed log that are given, and their bytes: more than anybody reads.
const NARROW: usize = 20_000;
const NARROW_BYTES: u64 = 32 << 20;

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
    open(lab, run, cx)?.narrow(words.as_bytes(), context, cx)
}

fn open(lab: &Lab, run: i64, cx: &Cx<'_>) -> Result<Log> {
    paths::existing_log(lab, &lab.run(run, cx)?).map(Log::of)
}

/// An open log file.
pub struct Log {
    file: DataFile,
    size: u64,
}

impl Log {
    pub fn of(file: DataFile) -> Self {
        Self { size: file.size, file }
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
                let found = self.find(words.as_bytes(), *from, *forward, cx)?;
                LogPiece { found, ..self.forward(found.unwrap_or(*from), bytes)? }
            }
        };
        if piece.offset == 0 {
            piece.line = Some(1);
        }
        Ok(piece)
    }

    /// Reads the whole file in pieces; of more lines than [`NARROW`], or more bytes, the first are given.
    fn narrow(&mut self, words: &[u8], context: usize, cx: &mut Cx<'_>) -> Result<LogNarrow> {
        let fold = !words.iter().any(u8::is_ascii_uppercase);
        let finder = memmem::Finder::new(words);
        let mut found = LogNarrow::default();
        let mut before: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
        let (mut at, mut behind, mut held) = (0, 0, 0);
        while at < self.size {
            let read = self.read_lines(at, STRIDE)?;
            if read.is_empty() {
                break;
            }
            for line in read.split_inclusive(|b| *b == b'\n') {
                let hit = if fold { finder.find(&line.to_ascii_lowercase()) } else { finder.find(line) };
                if hit.is_some() {
                    found.matches += 1;
                    held += before.iter().map(|(_, line)| line.len() as u64).sum::<u64>();
                    found.lines.extend(before.drain(..));
                    behind = context + 1;
                }
                if behind > 0 {
                    behind -= 1;
                    held += line.len() as u64;
                    found.lines.push((at, line.to_vec()));
                } else if context > 0 {
                    if before.len() == context {
                        before.pop_front();
                    }
                    before.push_back((at, line.to_vec()));
                }
                if found.lines.len() >= NARROW || held >= NARROW_BYTES {
                    found.more = true;
                    return Ok(found);
                }
                at += line.len() as u64;
            }
            cx.check(Progress { done: at, total: Some(self.size) })?;
        }
        Ok(found)
    }

    fn forward(&mut self, at: u64, bytes: u64) -> Result<LogPiece> {
        let start = self.start_of_line(at.min(self.size))?;
        let read = self.read_lines(start, bytes.saturating_add(at.saturating_sub(start)))?;
        Ok(self.made(start, read))
    }

    fn backward(&mut self, end: u64, bytes: u64) -> Result<LogPiece> {
        let end = end.min(self.size);
        let start = self.start_of_line(end.saturating_sub(bytes))?;
        let read = self.read(start, end - start)?;
        Ok(self.made(start, read))
    }

    fn made(&self, offset: u64, bytes: Vec<u8>) -> LogPiece {
        LogPiece { path: self.file.path.clone(), size: self.size, offset, bytes, found: None, line: None }
    }

    /// Where the line that holds this byte begins; [`LONGEST_LINE`] in front of the byte where it begins before that.
    fn start_of_line(&mut self, at: u64) -> Result<u64> {
        let from = at.saturating_sub(LONGEST_LINE);
        let before = self.read(from, at - from)?;
        Ok(match memrchr(b'\n', &before) {
            Some(n) => from + n as u64 + 1,
            None => from,
        })
    }

    /// Where the line with this number begins, and that number; those of the last line where there are fewer lines.
    fn line_start(&mut self, line: u64, cx: &mut Cx<'_>) -> Result<(u64, u64)> {
        let (mut number, mut start, mut at) = (1_u64, 0_u64, 0_u64);
        while number < line && at < self.size {
            let read = self.read(at, STRIDE)?;
            for n in memchr_iter(b'\n', &read) {
                let next = at + n as u64 + 1;
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

    /// The start of the next line with the words: the first that begins behind `from`, or the last in front of it.
    /// Small letters find capitals too (ASCII); a capital in the words makes the search exact.
    fn find(&mut self, words: &[u8], from: u64, forward: bool, cx: &mut Cx<'_>) -> Result<Option<u64>> {
        if words.is_empty() {
            return Ok(None);
        }
        let fold = !words.iter().any(u8::is_ascii_uppercase);
        let finder = memmem::Finder::new(words);
        let overlap = words.len() as u64 - 1;
        let (mut low, mut high) = if forward {
            let first = self.end_of_line(from)?;
            (first, (first + STRIDE).min(self.size))
        } else {
            (from.saturating_sub(STRIDE), from.min(self.size))
        };
        while low < high {
            let mut read = self.read(low, high - low + if forward { overlap } else { 0 })?;
            if fold {
                read.make_ascii_lowercase();
            }
            let hit = if forward { finder.find(&read) } else { memmem::rfind(&read, words) };
            if let Some(n) = hit {
                return self.start_of_line(low + n as u64).map(Some);
            }
            cx.check(Progress {
                done: if forward { high } else { self.size - low },
                total: Some(self.size),
            })?;
            if forward {
                (low, high) = (high, (high + STRIDE).min(self.size));
            } else if low == 0 {
                break;
            } else {
                (low, high) = (low.saturating_sub(STRIDE), low + overlap);
            }
        }
        Ok(None)
    }

    /// The end of the line that holds this byte, behind its line break; [`LONGEST_LINE`] behind the byte where it is
    /// longer.
    fn end_of_line(&mut self, at: u64) -> Result<u64> {
        let read = self.read(at, LONGEST_LINE)?;
        let len = memchr(b'\n', &read).map_or(read.len(), |n| n + 1);
        Ok(at.min(self.size) + len as u64)
    }

    /// Whole lines from a place on; a line that is longer than `bytes` is cut.
    fn read_lines(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>> {
        let mut read = self.read(at, bytes)?;
        let is_end = at + read.len() as u64 >= self.size;
        if let Some(end) = memrchr(b'\n', &read).filter(|_| !is_end) {
            read.truncate(end + 1);
        }
        Ok(read)
    }

    fn read(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>> {
        if at >= self.size || bytes == 0 {
            return Ok(Vec::new());
        }
        self.file.read_at(at, bytes.min(self.size - at))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::checkpoint::Cx;

    fn open(file: &tempfile::NamedTempFile) -> Log {
        Log::of(DataFile::anywhere(file.path()).unwrap())
    }

    fn with(text: &[u8], at: LogAt, bytes: u64) -> LogPiece {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        open(&file).piece(&at, bytes, &mut Cx::quiet()).unwrap()
    }

    fn text(piece: &LogPiece) -> &str {
        std::str::from_utf8(&piece.bytes).unwrap()
    }

    const LINES: &[u8] = b"one\ntwo\nthree Pump\nfour\npump five\n";

    #[test]
    fn pieces_are_whole_lines() {
        assert_eq!(text(&with(LINES, LogAt::Start, 9)), "one\ntwo\n");
        assert_eq!(text(&with(LINES, LogAt::Offset(5), 4)), "two\n");
        assert_eq!(text(&with(LINES, LogAt::End, 3)), "pump five\n");
        assert_eq!(text(&with(LINES, LogAt::Before(8), 2)), "two\n");
        assert_eq!(text(&with(LINES, LogAt::Start, 1000)).len(), LINES.len());
        assert_eq!(text(&with(b"", LogAt::End, 1000)), "");
    }

    fn narrowed(words: &str, context: usize) -> (String, u64) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(LINES).unwrap();
        let found = open(&file).narrow(words.as_bytes(), context, &mut Cx::quiet()).unwrap();
        let texts =
            found.lines.iter().map(|(at, line)| format!("{at}:{}", String::from_utf8_lossy(line).trim()));
        (texts.collect::<Vec<_>>().join(" "), found.matches)
    }

    #[test]
    fn a_narrowed_log_has_the_lines_with_the_words_and_their_context() {
        assert_eq!(narrowed("pump", 0), ("8:three Pump 24:pump five".to_owned(), 2));
        assert_eq!(narrowed("Pump", 1), ("4:two 8:three Pump 19:four".to_owned(), 1));
        assert_eq!(narrowed("pump", 9).0.split(' ').filter(|w| w.contains(':')).count(), 5);
        assert_eq!(narrowed("nothing", 2), (String::new(), 0));
    }

    #[test]
    fn lines_have_numbers() {
        let piece = with(LINES, LogAt::Line(3), 5);
        assert_eq!((piece.offset, piece.line), (8, Some(3)));
        let piece = with(LINES, LogAt::Line(300), 20);
        assert_eq!((piece.offset, piece.line, text(&piece)), (24, Some(5), "pump five\n"));
    }

    fn find(words: &str, from: u64, forward: bool) -> Option<u64> {
        with(LINES, LogAt::Find { words: words.into(), from, forward }, 100).found
    }

    #[test]
    fn search_finds_the_next_and_the_last_line() {
        assert_eq!(find("pump", 0, true), Some(8));
        assert_eq!(find("pump", 8, true), Some(24));
        assert_eq!(find("pump", 24, true), None);
        assert_eq!(find("pump", 24, false), Some(8));
        assert_eq!(find("Pump", 8, true), None);
        assert_eq!(find("pump", 8, false), None);
        assert_eq!(find("", 0, true), None);
    }

    #[test]
    fn words_across_two_reads_are_found() {
        let mut long = vec![b'x'; usize::try_from(STRIDE).unwrap() - 3];
        *long.last_mut().unwrap() = b'\n';
        long.extend_from_slice(b"needle\n");
        long.extend(vec![b'y'; usize::try_from(STRIDE).unwrap()]);
        let start = STRIDE - 3;
        let at = |from, forward| LogAt::Find { words: "needle".into(), from, forward };
        assert_eq!(with(&long, at(0, true), 10).found, Some(start));
        assert_eq!(with(&long, at(start + STRIDE, false), 10).found, Some(start));
        assert_eq!(with(&long, at(start + 2 + STRIDE, false), 10).found, Some(start));
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let long = vec![b'z'; 300_000];
        let piece = with(&long, LogAt::Offset(250_000), 10);
        assert_eq!(piece.offset, 250_000 - LONGEST_LINE);
        assert!(piece.bytes.len() as u64 <= LONGEST_LINE + 10);
    }
}
