//! Reads JSON as Python's `json.loads` does: NaN, infinities, integers of any size, lone surrogates, key order.

#[cfg(any(test, fuzzing))]
pub mod fuzz;

use std::collections::HashMap;

use super::value::{Cell, Dict, Text, Value};

/// Text nested deeper than this is kept as text.
pub const DEEPEST: usize = 900;

/// Dicts up to this size are searched for doubled keys without a hash table.
const FEW_KEYS: usize = 12;

/// Why bytes are not the JSON that Python reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no JSON at byte {at}: {why}")]
pub struct NotJson {
    /// Bytes in front of the fault.
    pub at: usize,
    pub why: &'static str,
}

/// Reads a stored cell; text that is no JSON stays text, its invalid UTF-8 as U+FFFD.
pub fn read_cell(bytes: &[u8]) -> Cell {
    match read(bytes) {
        Ok(value) => Cell::Json(value),
        Err(_) => Cell::Odd(Text::from(String::from_utf8_lossy(bytes).as_ref())),
    }
}

/// Reads one JSON text, as Python's `json.loads` with its defaults.
///
/// One difference: Python 3.11 refuses integers of more than 4300 digits to save itself the conversion; digits
/// are kept as they stand here, so nothing is lost by reading them.
pub fn read(bytes: &[u8]) -> Result<Value, NotJson> {
    if let Err(e) = std::str::from_utf8(bytes) {
        return Err(NotJson { at: e.valid_up_to(), why: "invalid UTF-8" });
    }
    Reader { bytes, at: 0 }.document()
}

/// A list or dict whose end has not been read yet; kept on the heap, so that depth costs no stack.
enum Open {
    List(Vec<Value>),
    Dict { entries: Vec<(Text, Value)>, key: Text },
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value, NotJson> {
        let mut open: Vec<Open> = Vec::new();
        self.space();
        loop {
            let Some(mut value) = self.begin(&mut open)? else { continue };
            loop {
                self.space();
                let Some(top) = open.last_mut() else {
                    return if self.at == self.bytes.len() {
                        Ok(value)
                    } else {
                        self.no("more after the value")
                    };
                };
                if self.goes_on(top, value)? {
                    break;
                }
                value = match open.pop() {
                    Some(Open::List(items)) => Value::List(items),
                    Some(Open::Dict { entries, .. }) => Value::Dict(Dict::from_entries(last_wins(entries))),
                    None => return self.no("an end without a beginning"),
                };
            }
        }
    }

    /// A value that is whole at once, or `None` after opening a list or dict that has something in it.
    fn begin(&mut self, open: &mut Vec<Open>) -> Result<Option<Value>, NotJson> {
        let whole = match self.peek() {
            Some(b'{') => return self.begin_dict(open),
            Some(b'[') => return self.begin_list(open),
            Some(b'"') => Value::Str(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'n') => self.word(b"null", Value::Null)?,
            Some(b't') => self.word(b"true", Value::Bool(true))?,
            Some(b'f') => self.word(b"false", Value::Bool(false))?,
            Some(b'N') => self.word(b"NaN", Value::Float(f64::NAN))?,
            Some(b'I') => self.word(b"Infinity", Value::Float(f64::INFINITY))?,
            _ => return self.no("a value should be here"),
        };
        Ok(Some(whole))
    }

    fn begin_list(&mut self, open: &mut Vec<Open>) -> Result<Option<Value>, NotJson> {
        self.deeper(open.len())?;
        if self.takes(b']') {
            return Ok(Some(Value::List(Vec::new())));
        }
        open.push(Open::List(Vec::new()));
        Ok(None)
    }

    fn begin_dict(&mut self, open: &mut Vec<Open>) -> Result<Option<Value>, NotJson> {
        self.deeper(open.len())?;
        if self.takes(b'}') {
            return Ok(Some(Value::Dict(Dict::default())));
        }
        let key = self.key()?;
        open.push(Open::Dict { entries: Vec::new(), key });
        Ok(None)
    }

    /// Steps over the bracket in front, if the depth allows it.
    fn deeper(&mut self, depth: usize) -> Result<(), NotJson> {
        if depth >= DEEPEST {
            return self.no("nested too deep");
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// Puts a value into the innermost list or dict; `false` where that ends with it.
    fn goes_on(&mut self, top: &mut Open, value: Value) -> Result<bool, NotJson> {
        let end = match top {
            Open::List(items) => {
                items.push(value);
                b']'
            }
            Open::Dict { entries, key } => {
                entries.push((std::mem::take(key), value));
                b'}'
            }
        };
        if self.takes(b',') {
            self.space();
            if let Open::Dict { key, .. } = top {
                *key = self.key()?;
            }
            return Ok(true);
        }
        if self.takes(end) { Ok(false) } else { self.no("a comma or an end should be here") }
    }

    /// A dict's key and its colon, up to the value.
    fn key(&mut self) -> Result<Text, NotJson> {
        if self.peek() != Some(b'"') {
            return self.no("a key should be here");
        }
        let key = self.string()?;
        self.space();
        if !self.takes(b':') {
            return self.no("a colon should be here");
        }
        self.space();
        Ok(key)
    }

    fn string(&mut self) -> Result<Text, NotJson> {
        self.at += 1;
        let run = self.run()?;
        if self.takes(b'"') {
            return Ok(Text::from_wtf8(run.to_vec()));
        }
        let mut text = run.to_vec();
        loop {
            self.escape(&mut text)?;
            text.extend_from_slice(self.run()?);
            if self.takes(b'"') {
                return Ok(Text::from_wtf8(text));
            }
        }
    }

    /// The bytes up to the next quote or backslash.
    fn run(&mut self) -> Result<&'a [u8], NotJson> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(long) = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)) else {
            self.at = self.bytes.len();
            return self.no("a string without an end");
        };
        self.at += long;
        if self.peek().is_some_and(|b| b < 0x20) {
            return self.no("a control character in a string");
        }
        Ok(rest.get(..long).unwrap_or_default())
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), NotJson> {
        let plain = match self.bytes.get(self.at + 1) {
            Some(b @ (b'"' | b'\\' | b'/')) => *b,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode(text),
            _ => return self.no("an unknown escape"),
        };
        text.push(plain);
        self.at += 2;
        Ok(())
    }

    /// `\uXXXX`; a high surrogate and a low one behind it become one character.
    fn unicode(&mut self, text: &mut Vec<u8>) -> Result<(), NotJson> {
        let Some(mut code) = self.hex(self.at) else { return self.no("four hex digits should be here") };
        self.at += 6;
        if (0xd800..0xdc00).contains(&code)
            && let Some(low @ 0xdc00..0xe000) = self.hex(self.at)
        {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            self.at += 6;
        }
        match char::from_u32(code) {
            Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                text.extend([0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f].map(|b| b as u8))
            }
        }
        Ok(())
    }

    /// The code of a `\uXXXX` that stands at `at`.
    fn hex(&self, at: usize) -> Option<u32> {
        let (b"\\u", digits) = self.bytes.get(at..at + 6)?.split_at(2) else { return None };
        digits.iter().try_fold(0, |code, b| Some(code << 4 | char::from(*b).to_digit(16)?))
    }

    fn number(&mut self) -> Result<Value, NotJson> {
        let start = self.at;
        let minus = self.takes(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(b'I') if minus => return self.word(b"Infinity", Value::Float(f64::NEG_INFINITY)),
            _ => return self.no("a digit should be here"),
        }
        let whole = self.at;
        if self.peek() == Some(b'.') && self.digit_at(self.at + 1) {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(self.at + 1), Some(b'+' | b'-')));
            if self.digit_at(self.at + 1 + sign) {
                self.at += 1 + sign;
                self.digits();
            }
        }
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        if whole < self.at {
            return text.parse().map(Value::Float).or_else(|_| self.no("no number"));
        }
        // Read digits have no leading zeros and -0 fits, so what does not parse is only too large.
        Ok(text.parse().map_or_else(|_| Value::BigInt(text.into()), Value::Int))
    }

    fn digits(&mut self) {
        while self.digit_at(self.at) {
            self.at += 1;
        }
    }

    fn digit_at(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(u8::is_ascii_digit)
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, NotJson> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return self.no("a value should be here");
        }
        self.at += word.len();
        Ok(value)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn no<T>(&self, why: &'static str) -> Result<T, NotJson> {
        Err(NotJson { at: self.at, why })
    }
}

/// A doubled key keeps its first place and its last value.
fn last_wins(entries: Vec<(Text, Value)>) -> Vec<(Text, Value)> {
    if entries.len() <= FEW_KEYS {
        let differ =
            entries.iter().enumerate().all(|(n, (key, _))| entries.iter().take(n).all(|(k, _)| k != key));
        if differ {
            return entries;
        }
    }
    let mut places: HashMap<Text, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<(Text, Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        match places.get(&key).and_then(|place| kept.get_mut(*place)) {
            Some((_, slot)) => *slot = value,
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests;
