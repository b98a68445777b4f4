//! What a node's line says of its value: the value itself where that has room, else its beginning or how much it is.

use std::borrow::Cow;

use super::super::text::{Span, width};
use crate::{
    formats::python_repr::{repr, repr_text},
    model::{
        format::count_of,
        sanitize::sanitize,
        value::{Text, Value},
    },
};

/// Between a name and its value.
pub(super) const EQUALS: &str = " = ";
/// Lists and dicts that take more columns are shown as a count.
const SHORT: usize = 60;

/// Does all of it stand on its line, with nothing to open?
pub(super) fn fits(value: &Value, room: usize) -> bool {
    match value {
        Value::Dict(dict) => dict.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Str(text) => {
            let bytes = text.as_wtf8();
            !bytes.contains(&b'\n') && bytes.len() <= most_bytes(room) && width(&line(value)) <= room
        }
        Value::BigInt(digits) => digits.len() <= room,
        _ => width(&line(value)) <= room,
    }
}

/// A text with more bytes has no room in so many columns: a grapheme has seldom more than that for one.
fn most_bytes(room: usize) -> usize {
    room.saturating_mul(32)
}

/// The text that a value opens into.
pub(super) fn raw_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Str(text) => text.lossy(),
        Value::BigInt(digits) => Cow::Borrowed(digits),
        other => Cow::Owned(line(other)),
    }
}

/// Of an opened value: how much it is, as it stands below.
pub(super) fn opened_words(value: &Value) -> Span<'static> {
    let size = |n: usize, one, many| Span::dim(count_of(n as u64, one, many));
    match value {
        Value::Dict(dict) => size(dict.len(), "entry", "entries"),
        Value::List(list) => size(list.len(), "element", "elements"),
        other => size(raw_text(other).chars().count(), "character", "characters"),
    }
}

/// A value on one line, as Python writes it; long lists and dicts as a count, long texts with more than has room.
pub(super) fn value_span(value: &Value, room: usize) -> Span<'static> {
    match value {
        Value::Dict(_) | Value::List(_) if !is_small(value, room.min(SHORT)) => opened_words(value),
        Value::Str(text) if text.as_wtf8().len() > most_bytes(room) => {
            let head: String = text.chars().take(most_bytes(room)).map(|c| c.unwrap_or('\u{fffd}')).collect();
            Span::plain(line(&Value::Str(Text::from(head.as_str()))))
        }
        _ => Span::plain(line(value)),
    }
}

/// As Python writes it, cleaned.
fn line(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Str(text) => repr_text(text, &mut out),
        other => repr(other, &mut out),
    }
    sanitize(&out).into_owned()
}

/// A few values that have room on a line.
fn is_small(value: &Value, room: usize) -> bool {
    fn weigh(value: &Value, left: &mut usize) -> bool {
        let weight = match value {
            Value::Str(text) => text.as_wtf8().len() + 2,
            Value::BigInt(digits) => digits.len(),
            _ => 4,
        };
        let Some(rest) = left.checked_sub(weight) else { return false };
        *left = rest;
        match value {
            Value::List(list) => list.iter().all(|v| weigh(v, left)),
            Value::Dict(dict) => dict.iter().all(|(k, v)| {
                *left = left.saturating_sub(k.as_wtf8().len() + 2);
                weigh(v, left)
            }),
            _ => true,
        }
    }
    weigh(value, &mut room.clone()) && width(&line(value)) <= room
}
