//! What is wrong with filter words, and where.

use std::ops::Range;

/// Words that mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong and what could stand there.
    pub message: String,
    /// The place, in bytes of the text; empty where something is missing.
    pub at: Range<usize>,
    /// It is the end of the text, which may be typed on.
    pub unfinished: bool,
}

impl FilterError {
    /// The message with the words below it, and a mark below the place. One column of the mark for each that `width` counts.
    pub fn marked(&self, text: &str, width: impl Fn(&str) -> usize) -> String {
        let before = width(text.get(..self.at.start).unwrap_or(text));
        let marked = width(text.get(self.at.clone()).unwrap_or_default()).max(1);
        format!("{}\n  {text}\n  {}{}", self.message, " ".repeat(before), "^".repeat(marked))
    }
}
