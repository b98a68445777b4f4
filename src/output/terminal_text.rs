//! Between an export and a terminal: the text of its bytes, with marks for what a terminal would obey.

use std::io::{self, Write};

use memchr::memrchr;

use crate::model::{
    encoding::{BEGINNING, Encoding},
    sanitize::mark,
};

/// Lets line breaks and tabs through, shows every other control code as its mark, and bytes that are no UTF-8 as the
/// screens do: as Windows-1252 or UTF-16, or as `\xNN`. Pieces may end anywhere, also inside a character.
pub struct SanitizingWriter<W: Write> {
    out: W,
    /// Known once enough has been seen.
    encoding: Option<Encoding>,
    /// A line that has no end yet.
    pending: Vec<u8>,
}

/// Of a longer line without an end the beginning is shown.
const LONGEST: usize = 64 << 10;

impl<W: Write> SanitizingWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, encoding: None, pending: Vec::new() }
    }

    /// Shows what waits for its line's end, flushes, and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        let encoding = self.known();
        self.show(encoding, self.pending.len())?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn known(&mut self) -> Encoding {
        if let Some(known) = self.encoding {
            return known;
        }
        let encoding = Encoding::of(self.pending.get(..BEGINNING).unwrap_or(&self.pending));
        let mark = self.pending.len() - encoding.without_mark(&self.pending).len();
        self.pending.drain(..mark);
        *self.encoding.insert(encoding)
    }

    /// Shows the first bytes that wait, line by line.
    fn show(&mut self, encoding: Encoding, len: usize) -> io::Result<()> {
        let mut shown = String::new();
        let mut rest = self.pending.get(..len).unwrap_or_default();
        while !rest.is_empty() {
            let end = encoding.line_end(rest);
            let (line, later) = rest.split_at(end.unwrap_or(rest.len()));
            let text = encoding.decoded(line, end.is_some()).text;
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                match (c, chars.peek()) {
                    ('\n' | '\t', _) | ('\r', Some('\n')) => shown.push(c),
                    _ => shown.push(mark(c).unwrap_or(c)),
                }
            }
            rest = later;
        }
        self.pending.drain(..len);
        self.out.write_all(shown.as_bytes())
    }
}

impl<W: Write> Write for SanitizingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.encoding.is_none() && self.pending.len() < BEGINNING {
            return Ok(bytes.len());
        }
        let encoding = self.known();
        // UTF-16 has this byte in other characters too: then there is just more to wait for.
        let end = if memrchr(b'\n', bytes).is_some() { encoding.last_line_end(&self.pending) } else { None };
        if let Some(end) = end {
            self.show(encoding, end)?;
        }
        let len = self.pending.len();
        if len > LONGEST {
            let even = len - len % encoding.unit();
            let begun = encoding.begun(self.pending.get(..even).unwrap_or_default());
            self.show(encoding, even - begun)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(pieces: &[&[u8]]) -> String {
        let mut writer = SanitizingWriter::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_terminal_gets_lines_and_tabs_but_no_codes() {
        assert_eq!(through(&[b"a\tb\r", b"\nc\rd\x1b[2J\n"]), "a\tb\r\nc␍d␛[2J\n");
        assert_eq!(through(&[b"\xe6\x97", b"\xa5\xc2", b"x\r"]), "日\\xc2x␍");
        assert_eq!(through(&[b"\xf0\x9f"]), "\\xf0\\x9f");
        assert_eq!(through(&[b"\xc2", b"\x9b"]), "\u{fffd}");
    }

    #[test]
    fn what_windows_wrote_is_read() {
        assert_eq!(through(&[b"\xef\xbb\xbf40 \xb5L \x81\n", "ß\n".as_bytes()]), "40 µL \\x81\nß\n");
        let text = "Überlauf bei 40 µL\r\n".repeat(200);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xfe, 0xff], &utf16[..]].concat();
        for bytes in [&utf16, &marked] {
            assert_eq!(through(&bytes.chunks(7).collect::<Vec<_>>()), text);
        }
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in "[\\PC\\x00-\\x20\u{80}-\u{9f}]{0,20}",
            odd in prop::collection::vec(any::<u8>(), 0..6),
            size in 1_usize..5,
        ) {
            let bytes = [text.as_bytes(), &odd, text.as_bytes()].concat().repeat(40);
            let whole = through(&[&bytes]);
            prop_assert_eq!(&through(&bytes.chunks(size).collect::<Vec<_>>()), &whole);
            let marked = |c: char| matches!(c, '\n' | '\t') || mark(c).is_none();
            prop_assert!(whole.replace("\r\n", "\n").chars().all(marked));
        }
    }
}
