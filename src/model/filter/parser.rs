//! What reading filter words goes on with: the place in the text, and how what is wrong there is said.

use std::ops::Range;

use super::{
    error::FilterError,
    lexer::{Enclosed, Lexer},
};

pub type Read<T> = Result<T, FilterError>;

/// Reads filter words; `parse.rs` knows the grammar, `parse_term.rs` the terms.
pub struct Parser<'a> {
    pub lexer: Lexer<'a>,
    /// What is not finished at the end is left out.
    pub lenient: bool,
    /// Brackets and negations around this place.
    pub depth: usize,
}

impl Parser<'_> {
    /// The text of something that needs a closing sign.
    pub fn closed(&self, enclosed: Enclosed, from: usize, why: &str) -> Read<String> {
        if enclosed.closed || self.lenient && !enclosed.text.is_empty() {
            return Ok(enclosed.text);
        }
        Err(FilterError { unfinished: true, ..wrong_at(from..from + 1, why.to_owned()) })
    }

    /// Nothing may be missing here, as the rest is yet to be typed.
    pub fn may_end(&self) -> bool {
        self.lenient && self.lexer.is_at_end()
    }

    /// At so many signs from here.
    pub fn wrong_here(&self, signs: usize, why: &str) -> FilterError {
        let rest = self.lexer.rest();
        let long = rest.char_indices().nth(signs).map_or(rest.len(), |(at, _)| at);
        self.missing(self.lexer.at()..self.lexer.at() + long, why)
    }

    pub fn no_op(&self, at: Range<usize>, example: &str) -> FilterError {
        let message = format!("an operator belongs behind this, as in {example}");
        // The first sign of one may be there.
        let unfinished = self.lexer.is_at_end() || self.lexer.rest() == "!";
        FilterError { unfinished, ..wrong_at(at, message) }
    }

    pub fn missing(&self, at: Range<usize>, why: &str) -> FilterError {
        FilterError { message: why.to_owned(), at, unfinished: self.lexer.is_at_end() }
    }

    /// A value that may be a whole one when it is typed on.
    pub fn value_wrong(&self, at: Range<usize>, why: String) -> FilterError {
        let unfinished = self.lexer.is_at_end() && !self.lexer.slice(at.clone()).ends_with(['"', '/']);
        FilterError { unfinished, ..wrong_at(at, why) }
    }
}

/// What is wrong, with something behind it.
pub fn wrong_at(at: Range<usize>, message: String) -> FilterError {
    FilterError { message, at, unfinished: false }
}
