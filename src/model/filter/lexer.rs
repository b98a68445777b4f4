//! The words, quotes and operators that filter words are made of.

use std::ops::Range;

use super::tree::FilterOp;

/// Operators, the longer ones first.
const OPS: [FilterOp; 8] = [
    FilterOp::IsNot,
    FilterOp::AtMost,
    FilterOp::AtLeast,
    FilterOp::Has,
    FilterOp::Is,
    FilterOp::Less,
    FilterOp::More,
    FilterOp::Matches,
];

/// A text in quotes or between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    pub text: String,
    /// The closing sign is there.
    pub closed: bool,
}

/// Reads a text from its beginning to its end.
#[derive(Debug, Clone, Copy)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub fn go_to_end(&mut self) {
        self.at = self.text.len();
    }

    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    pub fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Whether this comes next, which is then read.
    pub fn take(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len() } else { 0 };
        is_next
    }

    fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Does this word of the grammar come next?
    pub fn has_keyword(&self, word: &str) -> bool {
        let behind = self.rest().strip_prefix(word);
        behind.is_some_and(|behind| behind.chars().next().is_none_or(|c| c.is_whitespace() || is_bracket(c)))
    }

    pub fn op(&self) -> Option<FilterOp> {
        OPS.into_iter().find(|op| self.rest().starts_with(op.sign()))
    }

    /// What stands in front of an operator, a space, a bracket or a quote.
    pub fn head(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |at: usize, c: char| {
            c.is_whitespace() || is_bracket(c) || c == '"' || Lexer { text: rest, at }.op().is_some()
        };
        let end = rest.char_indices().find(|(at, c)| ends(*at, *c)).map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// A value without quotes: up to a space, a bracket, a comma or a quote.
    pub fn bare_value(&mut self) -> &'a str {
        self.take_while(is_of_value)
    }

    /// A text in quotes, in which a backslash stands before a quote and before itself.
    pub fn quoted(&mut self) -> Enclosed {
        self.enclosed('"', |c| matches!(c, '"' | '\\'), |_| "")
    }

    /// A regular expression between slashes, in which a backslash stands before a slash; all others are its own.
    pub fn slashed(&mut self) -> Enclosed {
        self.enclosed('/', |_| true, |c| if c == '/' { "" } else { "\\" })
    }

    /// `escapes` says which signs a backslash takes along, and `kept` what is kept of it before them.
    fn enclosed(
        &mut self,
        sign: char,
        escapes: fn(char) -> bool,
        kept: fn(char) -> &'static str,
    ) -> Enclosed {
        self.at += sign.len_utf8();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            if c == sign {
                return Enclosed { text, closed: true };
            }
            match self.peek() {
                Some(next) if c == '\\' && escapes(next) => {
                    self.at += next.len_utf8();
                    text.push_str(kept(next));
                    text.push(next);
                }
                _ => text.push(c),
            }
        }
        Enclosed { text, closed: false }
    }

    /// A regular expression without quotes: up to a space, or to a bracket that closes what was open before it.
    pub fn bare_regex(&mut self) -> &'a str {
        let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
        self.take_while(|c| {
            let literal = std::mem::take(&mut escaped);
            match c {
                _ if c.is_whitespace() => return false,
                _ if literal => {}
                '\\' => escaped = true,
                ']' => in_class = false,
                _ if in_class => {}
                '[' => in_class = true,
                '(' => depth += 1,
                ')' if depth == 0 => return false,
                ')' => depth -= 1,
                _ => {}
            }
            true
        })
    }
}

fn is_bracket(c: char) -> bool {
    matches!(c, '(' | ')')
}

fn is_of_value(c: char) -> bool {
    !(c.is_whitespace() || is_bracket(c) || matches!(c, ',' | '"'))
}

/// A word that means itself without quotes.
pub fn is_bare_word(word: &str) -> bool {
    let plain = |c: char| {
        !(c.is_whitespace() || is_bracket(c) || matches!(c, '"' | ':' | '=' | '!' | '<' | '>' | '~'))
    };
    !word.is_empty()
        && !word.starts_with(['-', '/'])
        && !matches!(word, "and" | "or" | "not")
        && word.chars().all(plain)
}

/// A value that means itself without quotes.
pub fn is_bare_value(value: &str) -> bool {
    !value.is_empty() && value.chars().all(is_of_value)
}

/// A name of a value that needs no quotes.
pub fn is_bare_name(name: &str) -> bool {
    is_bare_word(&format!("n{name}")) && !name.is_empty()
}
