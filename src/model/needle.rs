//! What is searched in a text: one rule of equal letters for all screens and for the files behind them.

use std::ops::Range;

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Words as they were typed: small letters find capitals too, a capital among them makes case exact. However an
/// accent is written, in one piece with its letter or behind it, it is the same letter (NFC), and both signs of micro
/// are one.
#[derive(Debug, Clone, Default)]
pub struct Needle {
    text: String,
    folded: String,
    ignores_case: bool,
    finder: Option<Finder<'static>>,
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Needle {}

impl Needle {
    pub fn new(words: &str) -> Self {
        let ignores_case = !words.chars().any(is_capital);
        let folded = folded(words, ignores_case);
        let finder = (!folded.is_empty()).then(|| Finder::new(folded.as_bytes()).into_owned());
        Needle { text: words.to_owned(), folded, ignores_case, finder }
    }

    /// The words as they were typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// No words: they are in no text.
    pub fn is_empty(&self) -> bool {
        self.finder.is_none()
    }

    pub fn is_in(&self, text: &str) -> bool {
        let Some(finder) = &self.finder else { return false };
        if !text.is_ascii() {
            return finder.find(folded(text, self.ignores_case).as_bytes()).is_some();
        }
        self.folded.is_ascii() && self.in_ascii(finder, text)
    }

    fn in_ascii(&self, finder: &Finder<'static>, text: &str) -> bool {
        if self.ignores_case {
            finder.find(text.to_ascii_lowercase().as_bytes()).is_some()
        } else {
            finder.find(text.as_bytes()).is_some()
        }
    }

    /// The first place of the words, in bytes of the text; letters are taken whole, with their accents.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        if self.is_in(text) { self.places(text, 1).into_iter().next() } else { None }
    }

    /// Words that begin in a text and end in the one that follows: where they begin in the first, and end in the second.
    pub fn across(&self, text: &str, next: &str) -> Option<(usize, usize)> {
        // A letter has its accents behind it, which may take some bytes.
        let reach = self.text.len().saturating_mul(4).saturating_add(64);
        let start = text.ceil_char_boundary(text.len().saturating_sub(reach));
        let tail = text.get(start..).unwrap_or_default();
        let head = next.get(..next.floor_char_boundary(reach)).unwrap_or_default();
        let both = [tail, head].concat();
        let over = self.ranges(&both).into_iter().find(|r| r.start < tail.len() && r.end > tail.len())?;
        Some((start + over.start, over.end - tail.len()))
    }

    /// The words as they are compared: see [`Needle::ignores_case`].
    pub fn folded(&self) -> &str {
        &self.folded
    }

    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// All places of the words that do not overlap, from the first on.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.is_in(text) { self.places(text, usize::MAX) } else { Vec::new() }
    }

    fn places(&self, text: &str, most: usize) -> Vec<Range<usize>> {
        let Some(finder) = &self.finder else { return Vec::new() };
        if text.is_ascii() {
            let lower = if self.ignores_case { text.to_ascii_lowercase() } else { text.to_owned() };
            let found = finder.find_iter(lower.as_bytes()).take(most);
            return found.map(|at| at..at + self.folded.len()).collect();
        }
        let letters = Letters::of(text, self.ignores_case);
        let (mut found, mut from) = (Vec::new(), 0);
        while found.len() < most {
            let rest = letters.folded.as_bytes().get(from..).unwrap_or_default();
            let Some(at) = finder.find(rest) else { break };
            let (place, next) = letters.around(from + at..from + at + self.folded.len());
            found.push(place);
            from = next;
        }
        found
    }
}

/// A folded text, and where each of its letters ends: in it, and in the text as it was.
struct Letters {
    folded: String,
    ends: Vec<(usize, usize)>,
}

impl Letters {
    fn of(text: &str, ignores_case: bool) -> Self {
        let mut letters = Letters { folded: String::with_capacity(text.len()), ends: Vec::new() };
        for (at, letter) in text.grapheme_indices(true) {
            letters.folded.push_str(&folded(letter, ignores_case));
            letters.ends.push((letters.folded.len(), at + letter.len()));
        }
        letters
    }

    /// The letters around a range of the folded text, in bytes of the text, and where the folded text goes on.
    fn around(&self, found: Range<usize>) -> (Range<usize>, usize) {
        let first = self.ends.partition_point(|(end, _)| *end <= found.start);
        let last = self.ends.partition_point(|(end, _)| *end < found.end);
        let start = first.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |(_, end)| *end);
        let (next, end) = self.ends.get(last).copied().unwrap_or((found.end, start));
        (start..end, next)
    }
}

fn is_capital(c: char) -> bool {
    c.is_uppercase() || !c.to_lowercase().eq([c])
}

/// The text as it is compared. Letters can be folded one by one: an accent is in the letter that it belongs to.
fn folded(text: &str, ignores_case: bool) -> String {
    let lower = if ignores_case { lowered(text) } else { text.to_owned() };
    let composed = if text.chars().all(stands_alone) { lower } else { lower.nfc().collect() };
    if composed.contains('µ') { composed.replace('µ', "μ") } else { composed }
}

fn lowered(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Most letters of most texts, for which no table is looked at.
            '\0'..='\x7f' => lowered.push(c.to_ascii_lowercase()),
            'ß'..='ÿ' | 'а'..='џ' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => lowered.push(c),
            _ => lowered.extend(lower(c)),
        }
    }
    lowered
}

fn lower(c: char) -> impl Iterator<Item = char> {
    // A sigma at the end of a word has its own small letter.
    (if c == 'ς' { 'σ' } else { c }).to_lowercase()
}

/// Whether a character is the same under NFC whatever stands beside it, as far as that is seen at once: in ordinary
/// texts of most languages all are.
fn stands_alone(c: char) -> bool {
    matches!(c,
        ..'\u{300}' | '\u{388}'..'\u{483}' | '\u{2010}'..'\u{2028}' | '\u{20a0}'..'\u{20d0}'
        | '\u{2190}'..'\u{2200}' | '\u{2500}'..'\u{2600}' | '\u{3001}'..'\u{302a}' | '\u{3041}'..'\u{3097}'
        | '\u{30a0}'..'\u{3100}' | '\u{4e00}'..'\u{a000}' | '\u{ac00}'..'\u{d7a4}' | '\u{ff01}'..'\u{ffa0}')
}

#[cfg(test)]
mod tests;
