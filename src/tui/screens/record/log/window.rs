//! The part of a log that is in memory: lines around the view, taken in from pieces of the file.

use std::path::PathBuf;

use super::lines::{add, split};
use crate::{
    model::encoding::Encoding,
    services::log::LogPiece,
    tui::widgets::reader::{Reader, TextLine},
};

/// Bytes of a piece.
pub(super) const PIECE: usize = 128 << 10;
/// More bytes than this are not kept, except for lines close to the view.
const KEPT: u64 = 1 << 20;

/// Which bytes of the file the lines of a [`Reader`] are.
#[derive(Debug, Default)]
pub(super) struct LogWindow {
    pub path: PathBuf,
    /// Bytes of the file, when it was looked at last.
    pub size: u64,
    pub start: u64,
    pub end: u64,
    /// The number of the first line, from 1, where it is known.
    first_line: Option<u64>,
    encoding: Encoding,
    /// A line of this file was read as Windows-1252.
    has_windows: bool,
}

impl LogWindow {
    /// A piece takes the place of all lines.
    pub fn replace(&mut self, piece: &LogPiece, reader: &mut Reader) {
        let new = split(&piece.bytes, piece.offset, piece.encoding);
        let met = self.has_windows && self.path == piece.path && self.size <= piece.size;
        *self = LogWindow {
            path: piece.path.clone(),
            size: piece.size,
            start: piece.offset,
            end: piece.offset + piece.bytes.len() as u64,
            first_line: piece.line,
            encoding: piece.encoding,
            has_windows: new.has_windows || met,
        };
        reader.change(0, |lines| *lines = new.lines);
        reader.top();
    }

    /// A piece that ends where the lines begin.
    pub fn above(&mut self, piece: &LogPiece, reader: &mut Reader, margin: usize) {
        if piece.offset + piece.bytes.len() as u64 != self.start {
            return;
        }
        let mut new = self.split(&piece.bytes, piece.offset);
        let ends = count(&new);
        self.first_line = piece.line.or(self.first_line.map(|n| n.saturating_sub(ends)));
        self.start = piece.offset;
        self.size = piece.size;
        // The first line goes on with one that was cut there, and writes over it.
        let first = reader.lines().first().filter(|line| line.is_bar).map(|line| line.at);
        let over = first.and_then(|first| Some((first, new.pop_if(|last| !last.ends)?.at)));
        if let Some((first, at)) = over
            && reader.hit() == Some(first)
        {
            reader.set_hit(Some(at));
        }
        reader.change(reader.first() + new.len(), |lines| {
            if let (Some((_, at)), Some(first)) = (over, lines.first_mut()) {
                first.at = at;
            }
            lines.splice(0..0, new);
        });
        self.drop_below(reader, margin);
    }

    /// A piece that begins at or before the end of the lines; false when it does not fit, since the file is another
    /// one now.
    pub fn below(&mut self, piece: &LogPiece, reader: &mut Reader, margin: usize) -> bool {
        let fits = piece.size >= self.end && piece.offset <= self.end;
        if !fits || piece.path != self.path || piece.encoding != self.encoding {
            return false;
        }
        self.size = piece.size;
        // The last line may have grown.
        let open = reader.lines().last().filter(|line| !line.ends);
        let from = open.map_or(self.end, |line| line.at.max(piece.offset));
        let skip = usize::try_from(from - piece.offset).unwrap_or(usize::MAX);
        let Some(bytes) = piece.bytes.get(skip..).filter(|b| from + b.len() as u64 > self.end) else {
            return true;
        };
        self.end = from + bytes.len() as u64;
        let new = self.split(bytes, from);
        reader.change(reader.first(), |lines| {
            lines.truncate(lines.partition_point(|line| line.at < from));
            new.into_iter().for_each(|line| add(lines, line));
        });
        self.drop_above(reader, margin);
        true
    }

    fn split(&mut self, bytes: &[u8], offset: u64) -> Vec<TextLine> {
        let new = split(bytes, offset, self.encoding);
        self.has_windows |= new.has_windows;
        new.lines
    }

    /// A line that is shown elsewhere was read as Windows-1252.
    pub fn met_windows(&mut self) {
        self.has_windows = true;
    }

    /// How its bytes are read, where that is not UTF-8.
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding.name().or(self.has_windows.then_some("Windows-1252"))
    }

    fn drop_above(&mut self, reader: &mut Reader, margin: usize) {
        let spare = reader.first().saturating_sub(margin);
        let (lines, end) = (reader.lines(), self.end);
        let gone = lines.iter().take(spare).take_while(|line| end - line.at > KEPT).count();
        let Some(first) = lines.get(gone).filter(|_| gone > 0) else { return };
        self.first_line = self.first_line.map(|n| n + count(lines.get(..gone).unwrap_or_default()));
        self.start = first.at;
        let top = reader.first() - gone;
        reader.change(top, |lines| {
            lines.drain(..gone);
        });
    }

    fn drop_below(&mut self, reader: &mut Reader, margin: usize) {
        let lines = reader.lines();
        let far = lines.partition_point(|line| line.at < self.start + KEPT);
        let keep = far.max(reader.last().saturating_add(margin));
        let Some(end) = lines.get(keep).map(|line| line.at) else { return };
        self.end = end;
        reader.change(reader.first(), |lines| lines.truncate(keep));
    }

    /// The number of a line, from 1, where it is known.
    pub fn number(&self, index: usize, lines: &[TextLine]) -> Option<u64> {
        Some(self.first_line? + count(lines.get(..index)?))
    }

    /// A line's number has become known.
    pub fn learn(&mut self, index: usize, number: u64, lines: &[TextLine]) {
        let before = count(lines.get(..index).unwrap_or_default());
        self.first_line = number.checked_sub(before).filter(|n| *n > 0);
    }

    /// The line that holds a byte, if it is in memory.
    pub fn line_at(&self, at: u64, lines: &[TextLine]) -> Option<usize> {
        let inside = at >= self.start && (at < self.end || at == self.start);
        let behind = lines.partition_point(|line| line.at <= at);
        if inside { behind.checked_sub(1) } else { None }
    }

    /// Where a line ends, in bytes of the file.
    pub fn end_of(&self, index: usize, lines: &[TextLine]) -> u64 {
        lines.get(index + 1).map_or(self.end, |next| next.at)
    }

    pub fn has_end(&self) -> bool {
        self.end >= self.size
    }
}

/// Lines that are whole.
fn count(lines: &[TextLine]) -> u64 {
    lines.iter().filter(|line| line.ends).count() as u64
}
