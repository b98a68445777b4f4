//! A JSON value as Python stored it: key order, `1` against `1.0`, integers of any size, NaN and lone surrogates all kept.

use std::{borrow::Cow, collections::HashSet};

/// Dicts up to this size are searched from end to end.
const FEW: usize = 12;

/// One value of a stored JSON text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer beyond 64 bits, as its canonical decimal digits (a `-` in front where negative).
    BigInt(Box<str>),
    /// Any double, NaN and infinities included.
    Float(f64),
    Str(Text),
    List(Vec<Value>),
    Dict(Dict),
}

/// A Python string: UTF-8, with lone surrogates in their three-byte form (WTF-8).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Box<[u8]>);

impl Text {
    /// `bytes` are WTF-8: what the JSON reader makes.
    pub fn from_wtf8(bytes: Vec<u8>) -> Self {
        Self(bytes.into_boxed_slice())
    }

    pub fn as_wtf8(&self) -> &[u8] {
        &self.0
    }

    /// The text itself, where it has no lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The text for people and for strict JSON: each lone surrogate is U+FFFD.
    pub fn lossy(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(self.chars().map(|c| c.unwrap_or('\u{fffd}')).collect()),
        }
    }

    /// The characters in order; a lone surrogate is `Err` with its code.
    pub fn chars(&self) -> impl Iterator<Item = Result<char, u16>> + '_ {
        let mut rest: &[u8] = &self.0;
        std::iter::from_fn(move || {
            let (item, used) = first_char(rest)?;
            rest = rest.get(used..).unwrap_or_default();
            Some(item)
        })
    }
}

fn first_char(bytes: &[u8]) -> Option<(Result<char, u16>, usize)> {
    let lead = *bytes.first()?;
    if lead < 0x80 {
        return Some((Ok(char::from(lead)), 1));
    }
    if let [0xed, b @ 0xa0..=0xbf, c, ..] = *bytes {
        return Some((Err(0xd000 | (u16::from(b & 0x3f) << 6) | u16::from(c & 0x3f)), 3));
    }
    let width = match lead {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let whole = bytes.get(..width).and_then(|w| std::str::from_utf8(w).ok()).and_then(|t| t.chars().next());
    Some((Ok(whole.unwrap_or('\u{fffd}')), if whole.is_some() { width } else { 1 }))
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.lossy())
    }
}

/// A JSON object in stored order; a doubled key keeps its first place and its last value, as in Python.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dict(Vec<(Text, Value)>);

impl Dict {
    /// Entries whose keys are known to differ (the JSON reader's own work).
    pub fn from_entries(entries: Vec<(Text, Value)>) -> Self {
        Self(entries)
    }

    /// Sets as Python does: a known key keeps its place.
    pub fn insert(&mut self, key: Text, value: Value) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key, value)),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k.as_wtf8() == key.as_bytes()).map(|(_, v)| v)
    }

    pub fn has(&self, key: &Text) -> bool {
        self.0.iter().any(|(k, _)| k == key)
    }

    /// The entries whose keys `other` has not, quick for any size.
    pub fn without<'a>(&'a self, other: &Dict) -> Vec<(&'a Text, &'a Value)> {
        if other.len() <= FEW {
            return self.iter().filter(|(key, _)| !other.has(key)).collect();
        }
        let taken: HashSet<&Text> = other.iter().map(|(key, _)| key).collect();
        self.iter().filter(|(key, _)| !taken.contains(key)).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.0.iter().map(|(k, v)| (k, v))
    }

    pub fn into_entries(self) -> Vec<(Text, Value)> {
        self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    /// As Python's `isinstance(v, (int, float))`: booleans count. An integer beyond 64 bits is rounded.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Bool(b) => Some(f64::from(u8::from(*b))),
            Value::Int(i) => Some(*i as f64),
            Value::BigInt(digits) => digits.parse().ok(),
            Value::Float(f) => Some(*f),
            _ => None,
        }
    }

    pub fn dict(&self) -> Option<&Dict> {
        if let Value::Dict(d) = self { Some(d) } else { None }
    }

    pub fn list(&self) -> Option<&[Value]> {
        if let Value::List(l) = self { Some(l) } else { None }
    }
}

/// What a JSON column holds, read: nothing, a value, or text that is no JSON (a hand-edited file).
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Json(Value),
    /// No JSON, or nested deeper than [`super::json::DEEPEST`]: shown as text, never a failure of the record.
    Odd(Text),
}

impl Cell {
    /// Its dict, or the items of its list, of which those that are no dicts count as empty ones; `None` for all else.
    pub fn into_dicts(self) -> Option<Vec<Dict>> {
        let into_dict = |item| if let Value::Dict(dict) = item { dict } else { Dict::default() };
        match self {
            Cell::Json(Value::Dict(dict)) => Some(vec![dict]),
            Cell::Json(Value::List(items)) => Some(items.into_iter().map(into_dict).collect()),
            _ => None,
        }
    }
}

/// What a JSON column holds, unread: parsing is put off until somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawCell(pub Option<Box<[u8]>>);

impl RawCell {
    pub fn is_null(&self) -> bool {
        self.0.is_none()
    }

    pub fn read(&self) -> Cell {
        match &self.0 {
            None => Cell::Null,
            Some(bytes) => super::json::read_cell(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(keys: std::ops::Range<i64>) -> Dict {
        Dict::from_entries(keys.map(|n| (Text::from(n.to_string().as_str()), Value::Int(n))).collect())
    }

    #[test]
    fn without_takes_keys_away_whatever_their_values_and_number() {
        for taken in [0..3, 0..30_000] {
            let left = numbered(0..60_000);
            let left = left.without(&numbered(taken.clone()));
            assert_eq!(left.len() as i64, 60_000 - taken.end);
            assert_eq!(left.first().map(|(_, v)| *v), Some(&Value::Int(taken.end)));
        }
    }

    #[test]
    fn lone_surrogates_show_as_replacement_and_keep_their_code() {
        let text = Text::from_wtf8(b"a\xed\xa0\xbd\xc3\xa9".to_vec());
        assert_eq!((text.lossy().as_ref(), text.as_str()), ("a\u{fffd}é", None));
        assert_eq!(text.chars().collect::<Vec<_>>(), [Ok('a'), Err(0xd83d), Ok('é')]);
    }
}
