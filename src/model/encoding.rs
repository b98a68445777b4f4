//! Bytes of text files as text: programs of a lab write them in UTF-8, in a Windows PC's code page, or in UTF-16.
//!
//! Several programs may append to one log, each in its own way. So of a file with one byte a sign each line is looked at by
//! itself: one that is no UTF-8 is Windows-1252. UTF-16 is a matter of the whole file.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memchr_iter, memrchr};

use super::sanitize::{push_hex, sanitize_lines};

/// How a file's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, and Windows-1252 in lines that are no UTF-8.
    #[default]
    Bytes,
    Utf16Le,
    Utf16Be,
}

/// A text, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub is_windows: bool,
}

/// A line as it is shown, clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine<'a> {
    pub text: Cow<'a, str>,
    /// It is no UTF-8 and was read as Windows-1252.
    pub is_windows: bool,
    /// What stood in front of its last carriage return was written over, as by a progress bar.
    pub is_bar: bool,
}

/// As many bytes of a file as [`Encoding::of`] needs.
pub const BEGINNING: usize = 1024;

impl Encoding {
    /// By the beginning of a file: a byte-order mark, or every other byte a zero.
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0xff, 0xfe, ..] => Encoding::Utf16Le,
            [0xfe, 0xff, ..] => Encoding::Utf16Be,
            _ => Self::guessed(beginning),
        }
    }

    /// UTF-16 without a mark: characters of ASCII have a zero as their upper byte, always on the same side.
    fn guessed(beginning: &[u8]) -> Self {
        let (pairs, _) = beginning.as_chunks::<2>();
        let pairs = pairs.get(..pairs.len().min(512)).unwrap_or_default();
        let is_text = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xa0..);
        let le = pairs.iter().filter(|[low, high]| *high == 0 && is_text(*low)).count();
        let be = pairs.iter().filter(|[high, low]| *high == 0 && is_text(*low)).count();
        let zeros = |side: usize| pairs.iter().filter(|pair| pair.get(side) == Some(&0)).count();
        let many = |n: usize| n >= 4 && n * 4 >= pairs.len();
        if many(le) && zeros(0) == 0 && zeros(1) == le {
            Encoding::Utf16Le
        } else if many(be) && zeros(1) == 0 && zeros(0) == be {
            Encoding::Utf16Be
        } else {
            Encoding::Bytes
        }
    }

    /// For the head of a screen, where it is not what everybody expects.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Bytes => None,
            Encoding::Utf16Le | Encoding::Utf16Be => Some("UTF-16"),
        }
    }

    /// Bytes of the smallest piece of a character.
    pub fn unit(self) -> usize {
        match self {
            Encoding::Bytes => 1,
            Encoding::Utf16Le | Encoding::Utf16Be => 2,
        }
    }

    /// Without the byte-order mark at the beginning of a file.
    pub fn without_mark(self, bytes: &[u8]) -> &[u8] {
        let mark: &[u8] = match self {
            Encoding::Bytes => &[0xef, 0xbb, 0xbf],
            Encoding::Utf16Le => &[0xff, 0xfe],
            Encoding::Utf16Be => &[0xfe, 0xff],
        };
        bytes.strip_prefix(mark).unwrap_or(bytes)
    }

    /// Behind the first line break.
    pub fn line_end(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Encoding::Bytes => memchr(b'\n', bytes).map(|n| n + 1),
            _ => self.line_ends(bytes).next(),
        }
    }

    /// Behind the last line break.
    pub fn last_line_end(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Encoding::Bytes => memrchr(b'\n', bytes).map(|n| n + 1),
            _ => self.line_ends(bytes).next_back(),
        }
    }

    /// Behind each line break. In UTF-16 the bytes begin at a border of two.
    pub fn line_ends(self, bytes: &[u8]) -> impl DoubleEndedIterator<Item = usize> {
        memchr_iter(b'\n', bytes).filter_map(move |n| match self {
            Encoding::Bytes => Some(n + 1),
            Encoding::Utf16Le => (n % 2 == 0 && bytes.get(n + 1) == Some(&0)).then_some(n + 2),
            Encoding::Utf16Be => {
                (n % 2 == 1 && n.checked_sub(1).and_then(|n| bytes.get(n)) == Some(&0)).then_some(n + 1)
            }
        })
    }

    /// How many bytes at the end belong to what the next ones begin or end: a character or a line break.
    pub fn begun(self, bytes: &[u8]) -> usize {
        let last = |n: usize| bytes.len().checked_sub(n).and_then(|at| bytes.get(at)).copied();
        let upper = match self {
            Encoding::Bytes if last(1) == Some(b'\r') => return 1,
            Encoding::Bytes => {
                let lead = (1..=3).find(|n| !matches!(last(*n), Some(0x80..=0xbf)));
                let wants = match lead.and_then(last) {
                    Some(0xc2..=0xdf) => 2,
                    Some(0xe0..=0xef) => 3,
                    Some(0xf0..=0xf4) => 4,
                    _ => 0,
                };
                return lead.filter(|n| *n < wants).unwrap_or(0);
            }
            Encoding::Utf16Le => (last(1), last(2)),
            Encoding::Utf16Be => (last(2), last(1)),
        };
        if matches!(upper, (Some(0xd8..=0xdb), _) | (Some(0), Some(b'\r'))) { 2 } else { 0 }
    }

    /// One line or a cell. Only of a whole one it is certain that its last byte is no begun character.
    pub fn decoded(self, bytes: &[u8], is_whole: bool) -> Decoded<'_> {
        let text = match self {
            Encoding::Bytes => return one_byte(bytes, is_whole),
            Encoding::Utf16Le => UTF_16LE.decode_without_bom_handling(bytes).0,
            Encoding::Utf16Be => UTF_16BE.decode_without_bom_handling(bytes).0,
        };
        Decoded { text, is_windows: false }
    }

    /// A line, with its line break or without, as it is shown: what stands behind its last carriage return.
    pub fn shown(self, line: &[u8], is_first: bool) -> ShownLine<'_> {
        let line = if is_first { self.without_mark(line) } else { line };
        let (mut end, mut is_whole) = (line.len(), false);
        if self.last_line_end(line) == Some(end) {
            (end, is_whole) = (end - self.unit(), true);
        }
        while let Some(before) = self.ends_in_return(line.get(..end).unwrap_or_default()) {
            (end, is_whole) = (before, true);
        }
        let line = line.get(..end).unwrap_or_default();
        let start = self.behind_last_return(line);
        let decoded = self.decoded(line.get(start..).unwrap_or_default(), is_whole);
        let text = match decoded.text {
            Cow::Borrowed(text) => sanitize_lines(text),
            Cow::Owned(text) => Cow::Owned(sanitize_lines(&text).into_owned()),
        };
        ShownLine { text, is_windows: decoded.is_windows, is_bar: start > 0 }
    }

    fn ends_in_return(self, bytes: &[u8]) -> Option<usize> {
        let end: &[u8] = match self {
            Encoding::Bytes => b"\r",
            Encoding::Utf16Le => b"\r\0",
            Encoding::Utf16Be => b"\0\r",
        };
        bytes.strip_suffix(end).map(<[u8]>::len)
    }

    fn behind_last_return(self, line: &[u8]) -> usize {
        match self {
            Encoding::Bytes => memrchr(b'\r', line).map_or(0, |n| n + 1),
            _ => {
                let (units, _) = line.as_chunks::<2>();
                let sign = if self == Encoding::Utf16Le { [b'\r', 0] } else { [0, b'\r'] };
                units.iter().rposition(|unit| *unit == sign).map_or(0, |n| n * 2 + 2)
            }
        }
    }
}

/// A whole file that was read: its text, with line breaks as they are.
pub fn file_text(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = Encoding::of(bytes.get(..bytes.len().min(BEGINNING)).unwrap_or_default());
    let bytes = encoding.without_mark(bytes);
    if encoding != Encoding::Bytes || std::str::from_utf8(bytes).is_ok() {
        return encoding.decoded(bytes, true).text;
    }
    let lines = bytes.split_inclusive(|b| *b == b'\n');
    Cow::Owned(lines.map(|line| encoding.decoded(line, line.ends_with(b"\n")).text).collect::<String>())
}

/// UTF-8 where that is what it is but for damage, which shows as `\xNN`; else Windows-1252.
fn one_byte(bytes: &[u8], is_whole: bool) -> Decoded<'_> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded { text: Cow::Borrowed(text), is_windows: false },
        Err(error) => error,
    };
    let is_begun = error.error_len().is_none() && !is_whole;
    // The longer a letter in UTF-8, the less likely it is one by chance.
    let (mut letters, mut strange) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().map(|c| c.len_utf8() - 1).sum::<usize>();
        strange += chunk.invalid().len();
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 4);
    if is_begun || letters > strange {
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            push_hex(chunk.invalid(), &mut text);
        }
        return Decoded { text: Cow::Owned(text), is_windows: false };
    }
    for c in WINDOWS_1252.decode_without_bom_handling(bytes).0.chars() {
        match u8::try_from(c) {
            // Five bytes mean nothing there.
            Ok(byte @ 0x80..=0x9f) => push_hex(&[byte], &mut text),
            _ => text.push(c),
        }
    }
    Decoded { text: Cow::Owned(text), is_windows: true }
}

#[cfg(test)]
mod tests;
