//! What is wrong with filter words, and where.

use std::ops::Range;

/// Bytes of long words that are shown before the place of an error, and behind its beginning.
const AROUND: usize = 120;

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
        let from = text.floor_char_boundary(self.at.start.saturating_sub(AROUND));
        let to = text.ceil_char_boundary(self.at.start.saturating_add(AROUND));
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let [left, right] = [from > 0, to < text.len()].map(|cut| if cut { "..." } else { "" });
        let before = width(left) + width(part(from, self.at.start));
        let marked = width(part(self.at.start, self.at.end.min(to))).max(1);
        let shown = part(from, to);
        format!("{}\n  {left}{shown}{right}\n  {}{}", self.message, " ".repeat(before), "^".repeat(marked))
    }
}
