//! SQLite's LIKE for names in memory; it says where only SQLite itself can tell.

use memchr::memmem::Finder;

/// A pattern to be found anywhere in a text.
pub enum Pattern {
    /// Words without `%` and `_`; only ASCII ignores case. The text is folded into the buffer.
    Plain(Box<Finder<'static>>, Vec<u8>),
    /// `%` stands for any text, `_` for any character (`None`): what is between two `%`.
    Wild(Vec<Vec<Option<char>>>),
    /// Words that SQLite must match: with a NUL, where a text ends for SQLite, or about as long as its limit.
    Odd,
}

impl Pattern {
    pub fn of(keyword: &str) -> Self {
        if keyword.contains('\0') || keyword.len() > LONG {
            return Pattern::Odd;
        }
        let folded = keyword.to_ascii_lowercase();
        if !folded.contains(['%', '_']) {
            return Pattern::Plain(Box::new(Finder::new(&folded).into_owned()), Vec::new());
        }
        let part = |part: &str| part.chars().map(|c| Some(c).filter(|c| *c != '_')).collect();
        Pattern::Wild(folded.split('%').filter(|part| !part.is_empty()).map(part).collect())
    }

    /// Whether a text has the words; `None` where only SQLite can tell.
    pub fn are_in(&mut self, text: &[u8]) -> Option<bool> {
        let text = std::str::from_utf8(text).ok().filter(|text| !text.contains('\0'))?;
        match self {
            Pattern::Plain(finder, folded) => {
                folded.clear();
                folded.extend_from_slice(text.as_bytes());
                folded.make_ascii_lowercase();
                Some(finder.find(folded).is_some())
            }
            Pattern::Wild(parts) => {
                let mut rest = Some(text);
                for part in parts {
                    rest = rest.and_then(|rest| behind(rest, part));
                }
                Some(rest.is_some())
            }
            Pattern::Odd => None,
        }
    }
}

/// Bytes of words that come near SQLite's limit for patterns.
const LONG: usize = 10_000;

/// The text behind the first place where a part fits.
fn behind<'a>(text: &'a str, part: &[Option<char>]) -> Option<&'a str> {
    let mut from = text.chars();
    loop {
        let mut here = from.clone();
        let fits = |wanted: &Option<char>| {
            here.next().is_some_and(|c| wanted.is_none_or(|wanted| wanted == c.to_ascii_lowercase()))
        };
        if part.iter().all(fits) {
            return Some(here.as_str());
        }
        from.next()?;
    }
}
