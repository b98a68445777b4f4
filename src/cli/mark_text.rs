//! The marks of a record as text for people.

use jiff::civil::DateTime;

use super::{look::Look, message};
use crate::{
    model::{
        format,
        mark::{RecordMark, Verdict},
        sanitize::{sanitize, sanitize_lines},
        timestamp::Timestamp,
    },
    services::{lab::Lab, marks},
    style::Role,
};

/// Reads all marks, however long somebody writes them; what keeps them from being read is said.
pub fn warn(lab: &Lab) {
    if let Err(error) = marks::for_sure(lab) {
        message(&error.to_string());
    }
}

/// Who said what of it and when, and below it the note, each line indented.
pub fn mark_text(mark: &RecordMark, look: Look, now: DateTime) -> String {
    let mut said = Vec::new();
    if mark.star {
        said.push("starred".to_owned());
    }
    if let Some(verdict) = mark.verdict {
        let role = if verdict == Verdict::Good { Role::Good } else { Role::Failed };
        said.push(look.paint(verdict.label(), role).into_owned());
    }
    if !mark.tags.is_empty() {
        let tags: Vec<&str> = mark.tags.iter().map(String::as_str).collect();
        said.push(format!("tags {}", sanitize(&tags.join(" "))));
    }
    if !mark.note.is_empty() {
        said.push("a note:".to_owned());
    }
    let by = if mark.by.is_empty() { "somebody".into() } else { sanitize(&mark.by) };
    let at = Timestamp::read(Some(&mark.at)).at();
    let at = at.map_or_else(|| sanitize(&mark.at).into_owned(), |at| format::clock(at, now));
    let mut text = format!("marked by {by}, {at}: {}\n", said.join(", "));
    for line in sanitize_lines(&mark.note).lines() {
        text.push_str(format!("  {line}").trim_end());
        text.push('\n');
    }
    text
}
