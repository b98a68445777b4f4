//! Regular expressions and words as one kind of pattern: neither minds case, by simple Unicode folding.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Bytes that a compiled expression may take: larger ones are made by few signs, as `(a{999}){999}`.
const SIZE: usize = 1 << 20;

/// Finds something in texts.
#[derive(Debug, Clone)]
pub struct TextPattern(Regex);

impl TextPattern {
    /// As it is written; `(?-i)` makes case count.
    ///
    /// # Errors
    /// What is wrong with it, in a line.
    pub fn regex(text: &str) -> Result<Self, String> {
        build(text).map(TextPattern)
    }

    /// These words anywhere; `None` for words that are too long to be looked for.
    pub fn words(words: &str) -> Option<Self> {
        build(&regex::escape(&normal(words))).ok().map(TextPattern)
    }

    /// Nothing but these words.
    pub fn whole(words: &str) -> Option<Self> {
        build(&format!(r"\A(?:{})\z", regex::escape(&normal(words)))).ok().map(TextPattern)
    }

    pub fn is_in(&self, text: &str) -> bool {
        // A letter alone is found also where an accent stands behind it.
        self.0.is_match(text) || !text.is_ascii() && self.0.is_match(&normal(text))
    }
}

/// The same for texts that are each other's [`TextPattern::whole`].
pub fn folded(text: &str) -> String {
    normal(text).chars().map(fold).collect()
}

/// The first of the letters that are the same but for case.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut same = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    match same.try_case_fold_simple() {
        Ok(()) => same.ranges().first().map_or(c, |range| range.start()),
        Err(_) => c,
    }
}

/// A letter with its accent is the same in one piece or two.
fn normal(text: &str) -> std::borrow::Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        _ => text.nfc().collect::<String>().into(),
    }
}

fn build(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(SIZE).build();
    built.map_err(|error| match error {
        regex::Error::Syntax(said) => {
            said.rsplit_once("error: ").map_or(said.as_str(), |(_, why)| why).trim().to_owned()
        }
        regex::Error::CompiledTooBig(_) => "it would need too much memory".to_owned(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fold_to_the_same_where_one_finds_the_other() {
        let texts = [
            "Kiel",
            "kiel",
            "\u{212a}iel",
            "STRASSE",
            "straße",
            "STRA\u{1e9e}E",
            "Σίσυφος",
            "σίσυφοσ",
            "ΣΊΣΥΦΟΣ",
            "é",
            "e\u{301}",
            "É",
            "ſ",
            "s",
            "İ",
            "i",
            "ı",
            "ǅ",
            "ǆ",
            "温度",
            "µ",
            "μ",
            "a.b",
            "axb",
            "",
        ];
        for one in texts {
            let pattern = TextPattern::whole(one).unwrap();
            for other in texts {
                assert_eq!(pattern.is_in(other), folded(one) == folded(other), "{one:?} {other:?}");
            }
        }
    }
}
