//! Searching a log of any size: blocks of bytes in which the words can't be are passed by; the rest is read as it is shown.

use std::{collections::VecDeque, ops::Range};

use memchr::{
    memmem::{Finder, rfind},
    memrchr,
};

use super::{LONGEST_LINE, Log, ROOM, STRIDE, first_piece, usize_of};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{encoding::Encoding, needle::Needle},
};

/// Lines of a log that have some words, and the lines around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogNarrow {
    /// Where each line begins in the file, and its bytes with the line end.
    pub lines: Vec<(u64, Vec<u8>)>,
    pub encoding: Encoding,
    /// Lines that have the words.
    pub matches: u64,
    /// There are more than are given.
    pub more: bool,
}

/// Lines of a narrowed log that are given, and their bytes: more than anybody reads.
const NARROW: usize = 20_000;
const NARROW_BYTES: u64 = 32 << 20;

/// Where in the bytes of a block a line with the words may be.
enum Spots<'n> {
    Nowhere,
    /// Where these bytes are, which stand in every line with the words.
    Bytes(&'n Finder<'n>),
    /// Each line is to be looked at.
    Everywhere,
}

impl Spots<'_> {
    fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        let rest = block.get(from..).filter(|rest| !rest.is_empty())?;
        match self {
            Spots::Nowhere => None,
            Spots::Bytes(finder) => Some(from + finder.find(rest)?),
            Spots::Everywhere => Some(from),
        }
    }

    fn last(&self, block: &[u8], end: usize, unit: usize) -> Option<usize> {
        match self {
            Spots::Nowhere => None,
            Spots::Bytes(finder) => rfind(block.get(..end)?, finder.needle()),
            Spots::Everywhere => end.checked_sub(unit),
        }
    }
}

/// The words, and what of them is seen in bytes.
struct Words<'n> {
    needle: &'n Needle,
    whole: Finder<'n>,
    part: Option<Finder<'n>>,
}

impl<'n> Words<'n> {
    fn new(needle: &'n Needle) -> Self {
        let part = surest(needle.folded());
        Words { needle, whole: Finder::new(needle.folded()), part: part.map(Finder::new) }
    }

    /// Where the words may be in a block, which is made small letters where these find capitals.
    fn spots(&self, block: &mut [u8], at: u64, encoding: Encoding) -> Spots<'_> {
        let spots = match &self.part {
            // Words may stand across a cut.
            _ if encoding != Encoding::Bytes || has_cuts(block, at) => Spots::Everywhere,
            _ if is_plain(block) && !self.needle.folded().is_ascii() => Spots::Nowhere,
            _ if is_plain(block) => Spots::Bytes(&self.whole),
            Some(part) => Spots::Bytes(part),
            None => Spots::Everywhere,
        };
        if self.needle.ignores_case() && matches!(spots, Spots::Bytes(_)) {
            block.make_ascii_lowercase();
            // Bytes that only look like these letters may change too: in such a line the words can't be.
            if let (Some(part), Spots::Bytes(_)) = (&self.part, &spots)
                && !part.needle().is_ascii()
            {
                make_cyrillic_lowercase(block);
            }
        }
        spots
    }
}

/// The longest part of folded words that is in the bytes of every line with them, whatever its encoding: letters of ASCII
/// or Russian that no other character becomes, no space (a tab shows as some), and nothing that may be a part of `\xNN`, as
/// which a byte without a meaning shows.
fn surest(folded: &str) -> Option<&str> {
    let is_sure = |c: char| match c {
        ';' | '`' | '\\' | 'k' | 'K' | 'i' | 'I' => false,
        // A letter of its own with a breve, which may stand behind it.
        'й' | 'Й' => false,
        c => matches!(c, '!'..='~' | 'А'..='я'),
    };
    let parts = folded.split(|c| !is_sure(c));
    let parts = parts.map(|part| part.trim_start_matches(|c: char| c == 'x' || c.is_ascii_hexdigit()));
    parts.filter(|part| !part.is_empty()).max_by_key(|part| part.len())
}

/// Small letters for capital ones of the Russian alphabet, in UTF-8.
fn make_cyrillic_lowercase(block: &mut [u8]) {
    let mut lead: Option<&mut u8> = None;
    for byte in block {
        if let Some(lead) = lead.take() {
            match *byte {
                0x90..=0x9f => *byte += 0x20,
                0xa0..=0xaf => {
                    *lead = 0xd1;
                    *byte -= 0x20;
                }
                _ => {}
            }
        }
        lead = Some(byte).filter(|byte| **byte == 0xd0);
    }
}

/// Only what shows as it is: printable ASCII and line ends.
fn is_plain(block: &[u8]) -> bool {
    let is_plain = |b: u8| matches!(b, b' '..=b'~' | b'\n' | b'\r');
    // Without a branch for each byte, which is much faster.
    block.chunks(4096).all(|chunk| chunk.iter().fold(true, |all, b| all & is_plain(*b)))
}

/// Is a line of this block, which begins at `at`, longer than a line may be? See [`LONGEST_LINE`].
fn has_cuts(block: &[u8], at: u64) -> bool {
    let longest = usize_of(LONGEST_LINE);
    let first = usize_of(at.next_multiple_of(LONGEST_LINE) - at);
    let spaces = block.get(first..).unwrap_or_default().chunks(longest);
    // The last bytes of a character that a cut would split are in the next block.
    spaces.filter(|space| space.len() + 4 > longest).any(|space| memrchr(b'\n', space).is_none())
}

/// What is searched, and how far it is.
struct Way {
    done: u64,
    total: u64,
}

impl Way {
    fn went(&mut self, bytes: usize, cx: &mut Cx<'_>) -> Result<()> {
        self.done += bytes as u64;
        cx.check(Progress { done: self.done.min(self.total), total: Some(self.total) })
    }
}

impl Log {
    /// The start of the next line with the words: the first that begins behind the line with the byte `from`, or the
    /// last in front of it; else, and then the answer says so, from the other end on.
    pub(super) fn find(
        &mut self,
        needle: &Needle,
        from: u64,
        forward: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Option<(u64, bool)>> {
        if needle.is_empty() {
            return Ok(None);
        }
        let words = Words::new(needle);
        let mut way = Way { done: 0, total: self.size };
        let from = from.min(self.size);
        let border = if forward { self.piece_end(from)? } else { self.piece_start(from)? };
        let (low, high) = (0..border, border..self.size);
        let ranges = if forward { [high, low] } else { [low, high] };
        for (range, wrapped) in ranges.into_iter().zip([false, true]) {
            let found = if forward {
                self.first_in(&words, range, &mut way, cx)?
            } else {
                self.last_in(&words, range, &mut way, cx)?
            };
            if let Some(at) = found {
                return Ok(Some((at, wrapped)));
            }
        }
        Ok(None)
    }

    fn first_in(
        &mut self,
        words: &Words<'_>,
        range: Range<u64>,
        way: &mut Way,
        cx: &mut Cx<'_>,
    ) -> Result<Option<u64>> {
        let mut at = range.start;
        while at < range.end {
            let mut block = self.read_pieces(at, STRIDE.min(range.end - at))?;
            let spots = words.spots(&mut block, at, self.encoding);
            let mut from = 0;
            while let Some(spot) = spots.next(&block, from) {
                let line = self.line_around(&block, at, from, spot);
                if self.has(words.needle, &block, at, &line)? == Some(true) {
                    return Ok(Some(at + line.start as u64));
                }
                from = line.end;
            }
            if block.is_empty() {
                break;
            }
            at += block.len() as u64;
            way.went(block.len(), cx)?;
        }
        Ok(None)
    }

    fn last_in(
        &mut self,
        words: &Words<'_>,
        range: Range<u64>,
        way: &mut Way,
        cx: &mut Cx<'_>,
    ) -> Result<Option<u64>> {
        let mut end = range.end;
        while end > range.start {
            let at = self.piece_start(end.saturating_sub(STRIDE).max(range.start))?.max(range.start);
            let mut block = self.read(at, end - at)?;
            let spots = words.spots(&mut block, at, self.encoding);
            let mut to = block.len();
            while let Some(spot) = spots.last(&block, to, self.encoding.unit()) {
                let line = self.line_around(&block, at, 0, spot);
                if self.has(words.needle, &block, at, &line)? == Some(true) {
                    return Ok(Some(at + line.start as u64));
                }
                to = line.start;
            }
            end = at;
            way.went(block.len(), cx)?;
        }
        Ok(None)
    }

    /// Reads the whole file; of more lines than [`NARROW`], or more bytes, the first are given.
    pub(super) fn narrow(&mut self, needle: &Needle, context: usize, cx: &mut Cx<'_>) -> Result<LogNarrow> {
        let words = Words::new(needle);
        let mut found = Narrowing::new(self.encoding, context);
        let mut way = Way { done: 0, total: self.size };
        let mut at = 0;
        while at < self.size {
            let block = self.read_pieces(at, STRIDE)?;
            let mut small = block.clone();
            let spots = words.spots(&mut small, at, self.encoding);
            let (mut start, mut spot) = (0, spots.next(&small, 0));
            while let Some(rest) = block.get(start..).filter(|rest| !rest.is_empty()) {
                let (len, ends) = first_piece(rest, at + start as u64, self.encoding);
                let line = start..start + len.max(1);
                let may_have = spot.is_some_and(|spot| spot < line.end);
                // One that was cut may be written over, and then is not shown.
                let has = if may_have || !ends { self.has(needle, &block, at, &line)? } else { Some(false) };
                start = line.end;
                if may_have {
                    spot = spots.next(&small, start);
                }
                if let Some(has) = has {
                    found.take(at + line.start as u64, block.get(line).unwrap_or_default(), has);
                    if found.is_full() {
                        return Ok(found.found);
                    }
                }
            }
            if block.is_empty() {
                break;
            }
            at += block.len() as u64;
            way.went(block.len(), cx)?;
        }
        Ok(found.found)
    }

    /// The line, or the piece of one, around a spot of a block; one begins at `from`.
    fn line_around(&self, block: &[u8], at: u64, from: usize, spot: usize) -> Range<usize> {
        let before = block.get(from..spot).unwrap_or_default();
        let mut start = from + self.encoding.last_line_end(before).unwrap_or(0);
        loop {
            let rest = block.get(start..).unwrap_or_default();
            let (len, _) = first_piece(rest, at + start as u64, self.encoding);
            if start + len > spot || len == 0 {
                return start..start + len.max(1);
            }
            start += len;
        }
    }

    /// Does a line, as it is shown, have the words? `None` for one that is not shown, as what follows is written over it.
    fn has(&mut self, needle: &Needle, block: &[u8], at: u64, line: &Range<usize>) -> Result<Option<bool>> {
        let bytes = block.get(line.clone()).unwrap_or_default();
        let (start, end) = (at + line.start as u64, at + line.end as u64);
        let shown = self.encoding.shown(bytes, start == 0).text;
        if end >= self.size || self.encoding.last_line_end(bytes) == Some(bytes.len()) {
            return Ok(Some(needle.is_in(&shown)));
        }
        let read = self.read(end, ROOM)?;
        let (len, _) = first_piece(&read, end, self.encoding);
        let next = self.encoding.shown(read.get(..len).unwrap_or_default(), false);
        if next.is_bar {
            return Ok(None);
        }
        Ok(Some(needle.is_in(&shown) || needle.across(&shown, &next.text).is_some()))
    }
}

/// The lines that are taken into a narrowed log.
struct Narrowing {
    found: LogNarrow,
    context: usize,
    /// The last lines without the words.
    before: VecDeque<(u64, Vec<u8>)>,
    /// How many of the next lines are wanted.
    behind: usize,
    held: u64,
}

impl Narrowing {
    fn new(encoding: Encoding, context: usize) -> Self {
        let found = LogNarrow { encoding, ..LogNarrow::default() };
        Narrowing { found, context, before: VecDeque::new(), behind: 0, held: 0 }
    }

    fn take(&mut self, at: u64, line: &[u8], has: bool) {
        if has {
            self.found.matches += 1;
            self.held += self.before.iter().map(|(_, line)| line.len() as u64).sum::<u64>();
            self.found.lines.extend(self.before.drain(..));
            self.behind = self.context + 1;
        }
        if self.behind > 0 {
            self.behind -= 1;
            self.held += line.len() as u64;
            self.found.lines.push((at, line.to_vec()));
        } else if self.context > 0 {
            if self.before.len() == self.context {
                self.before.pop_front();
            }
            self.before.push_back((at, line.to_vec()));
        }
    }

    fn is_full(&mut self) -> bool {
        self.found.more = self.found.lines.len() >= NARROW || self.held >= NARROW_BYTES;
        self.found.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_part_of_the_words_is_in_the_bytes_of_each_line_with_them() {
        let sure = |words: &str| surest(Needle::new(words).folded()).map(str::to_owned);
        assert_eq!(sure("over pressure").as_deref(), Some("pressure"));
        assert_eq!(sure("25 °c"), None);
        assert_eq!(sure("x8dosung").as_deref(), Some("osung"));
        assert_eq!(sure("верхний насос").as_deref(), Some("верхни"));
        assert_eq!(sure("ü"), None);
        // Nothing else becomes one of these letters.
        let letters = |c: &char| matches!(c, 'А'..='И' | 'К'..='и' | 'к'..='я');
        for c in ('\u{80}'..=char::MAX).filter(|c| !letters(c)) {
            for needle in [Needle::new(&c.to_string()), Needle::new(&format!("A{c}"))] {
                assert_eq!(needle.folded().chars().filter(letters).count(), 0, "{c:?}");
            }
        }
    }

    #[test]
    fn capitals_of_utf8_become_small() {
        let text = "ЁЂАБВНОПРСТЯ абвя ё ÐÑ Ωß 日本";
        let mut bytes = text.as_bytes().to_vec();
        make_cyrillic_lowercase(&mut bytes);
        assert_eq!(String::from_utf8(bytes).unwrap(), "ЁЂабвнопрстя абвя ё ÐÑ Ωß 日本");
    }
}
