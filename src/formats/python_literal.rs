//! Reads what Python's `repr` writes of arguments: dicts, lists, texts and numbers; any other object stays as its text.

#[cfg(any(test, fuzzing))]
pub mod fuzz;

use crate::model::value::{Dict, Text, Value};

/// Brackets nested deeper than this are kept as text.
const DEEPEST: usize = 100;

/// Reads the dict at the beginning of a text; what stands behind it does not matter.
///
/// `None` where there is no whole dict: a line of a log that was cut.
pub fn leading_dict(text: &str) -> Option<Dict> {
    let mut reader = Reader { text, at: 0 };
    match reader.dict(0)? {
        Value::Dict(dict) => Some(dict),
        _ => None,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn takes(&mut self, wanted: char) -> bool {
        let here = self.peek() == Some(wanted);
        if here {
            self.at += wanted.len_utf8();
        }
        here
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
    }

    /// A value that is read, or else the text of the expression up to the comma or bracket behind it.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.space();
        let start = self.at;
        if let Some(value) = self.literal(depth) {
            self.space();
            if matches!(self.peek(), None | Some(',' | ':' | ']' | '}' | ')')) {
                return Some(value);
            }
        }
        self.at = start;
        self.expression()?;
        let text = self.text.get(start..self.at)?.trim();
        (!text.is_empty()).then(|| Value::Str(Text::from(text)))
    }

    fn literal(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            _ if depth >= DEEPEST => None,
            '{' => self.dict(depth),
            '[' => self.sequence('[', ']', depth),
            '(' => self.sequence('(', ')', depth),
            '\'' | '"' => self.string().map(Value::Str),
            _ => self.word(),
        }
    }

    /// A dict, or a set as a list.
    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.space();
        if !self.takes('{') {
            return None;
        }
        let mut dict = Vec::new();
        loop {
            self.space();
            if self.takes('}') {
                return Some(Value::Dict(made(dict)));
            }
            let key = self.value(depth + 1)?;
            if !self.takes(':') {
                // What was read once is not read again: sets in sets would take twice the time for each.
                return if dict.is_empty() { self.items(vec![key], '}', depth) } else { None };
            }
            dict.push((key_text(&key), self.value(depth + 1)?));
            if !self.ends_or_goes_on('}') {
                return None;
            }
        }
    }

    fn sequence(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        if !self.takes(open) {
            return None;
        }
        self.space();
        if self.takes(close) {
            return Some(Value::List(Vec::new()));
        }
        let first = self.value(depth + 1)?;
        self.items(vec![first], close, depth)
    }

    /// What follows the first one.
    fn items(&mut self, mut items: Vec<Value>, close: char, depth: usize) -> Option<Value> {
        loop {
            if !self.ends_or_goes_on(close) {
                return None;
            }
            self.space();
            if self.takes(close) {
                return Some(Value::List(items));
            }
            items.push(self.value(depth + 1)?);
        }
    }

    /// Behind an entry: a comma, over which it steps, or the bracket.
    fn ends_or_goes_on(&mut self, close: char) -> bool {
        self.takes(',') || self.peek() == Some(close)
    }

    fn string(&mut self) -> Option<Text> {
        let quote = self.peek()?;
        self.takes(quote);
        let mut text = Vec::new();
        loop {
            let c = self.peek()?;
            self.takes(c);
            match c {
                '\\' => self.escape(&mut text)?,
                c if c == quote => return Some(Text::from_wtf8(text)),
                c => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let c = self.peek()?;
        self.takes(c);
        let code = match c {
            'n' => 10,
            'r' => 13,
            't' => 9,
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'v' => 11,
            '0' => 0,
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            'U' => self.hex(8)?,
            other => u32::from(other),
        };
        match char::from_u32(code) {
            Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            // A lone surrogate.
            None if code < 0x1_0000 => {
                text.extend(
                    [0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f].map(|b| b as u8),
                );
            }
            None => return None,
        }
        Some(())
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let code = u32::from_str_radix(self.rest().get(..digits)?, 16).ok()?;
        self.at += digits;
        Some(code)
    }

    /// A number, or a name that is a value.
    fn word(&mut self) -> Option<Value> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
        let end = self.rest().find(|c| !part(c)).unwrap_or(self.rest().len());
        let word = self.rest().get(..end)?;
        let value = match word {
            "None" => Value::Null,
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "nan" => Value::Float(f64::NAN),
            "inf" => Value::Float(f64::INFINITY),
            "-inf" => Value::Float(f64::NEG_INFINITY),
            _ => number(word)?,
        };
        self.at += end;
        Some(value)
    }

    /// Steps over an expression that is no literal, up to the comma or bracket that ends it.
    fn expression(&mut self) -> Option<()> {
        let mut open = Vec::new();
        // Quotes behind which no text ended: the next of their kind would be looked for in vain, too.
        let mut unclosed = Vec::new();
        loop {
            match self.peek()? {
                ',' | ']' | '}' | ')' | ':' if open.is_empty() => return Some(()),
                c @ ('(' | '[' | '{' | '<') => open.push(c),
                ')' | ']' | '}' => drop(open.pop()),
                // `<Kind.RED: 1>`; an arrow or a comparison closes nothing.
                '>' if open.last() == Some(&'<') => drop(open.pop()),
                quote @ ('\'' | '"') if !unclosed.contains(&quote) => {
                    let start = self.at;
                    if self.string().is_some() {
                        continue;
                    }
                    self.at = start;
                    unclosed.push(quote);
                }
                _ => {}
            }
            self.at += self.peek()?.len_utf8();
        }
    }
}

fn number(word: &str) -> Option<Value> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(word.parse().map_or_else(|_| Value::BigInt(word.into()), Value::Int));
    }
    word.parse().ok().map(Value::Float)
}

/// A key as `json.dumps` would write it.
fn key_text(key: &Value) -> Text {
    match key {
        Value::Str(text) => text.clone(),
        Value::Null => Text::from("null"),
        Value::Bool(yes) => Text::from(if *yes { "true" } else { "false" }),
        other => Text::from(super::python_repr::py_repr(other).as_str()),
    }
}

/// Equal keys of a `repr` only come from objects that read alike: the last one counts, as in a dict.
fn made(entries: Vec<(Text, Value)>) -> Dict {
    let mut dict = Dict::default();
    for (key, value) in entries {
        dict.insert(key, value);
    }
    dict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::python_repr::py_repr;

    fn read(text: &str) -> String {
        leading_dict(text).map_or_else(|| "none".to_owned(), |dict| py_repr(&Value::Dict(dict)))
    }

    #[test]
    fn literals_are_read_as_they_were_written() {
        for text in [
            "{}",
            "{'volume': 1.0, 'solvent': 'a, b', 'n': -3, 'big': 123456789012345678901234567890}",
            "{'deep': [{'x': [1, 2.5e-07, None]}, True], 'quote': \"it's\", 'µ': '日本語'}",
            "{'inf': inf, 'nan': nan, 'minus': -inf}",
            r"{'path': 'C:\\new', 'lines': 'a\nb\t', 'bell': '\x07'}",
        ] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn tuples_and_sets_are_lists_and_keys_are_texts() {
        assert_eq!(
            read("{'t': (1, 2), 'one': (1,), 's': {1, 2}, 3: 'x', None: 0} tail"),
            "{'t': [1, 2], 'one': [1], 's': [1, 2], '3': 'x', 'null': 0}"
        );
        // As deep as brackets are read.
        let deep = format!("{{'s': {}1{}}}", "{".repeat(90), "}".repeat(90));
        assert_eq!(read(&deep), format!("{{'s': {}1{}}}", "[".repeat(90), "]".repeat(90)));
        assert_eq!(read("{'s': {1: 2, 3}}"), "{'s': '{1: 2, 3}'}");
    }

    #[test]
    fn objects_stay_as_their_text() {
        assert_eq!(
            read(
                "{'when': datetime.datetime(2026, 1, 2, 3, 4), 'k': <Kind.RED: 1>, 'c': (1+2j), 'b': b'x, y', 'n': 1}"
            ),
            "{'when': 'datetime.datetime(2026, 1, 2, 3, 4)', 'k': '<Kind.RED: 1>', 'c': ['1+2j'], 'b': \"b'x, y'\", 'n': 1}"
        );
        assert_eq!(
            read("{'a': np.float64(1.5), 'd': <deck.Pump object at 0x7f>}"),
            "{'a': 'np.float64(1.5)', 'd': '<deck.Pump object at 0x7f>'}"
        );
    }

    #[test]
    fn what_was_cut_is_none() {
        for text in ["", "{", "{'a': 1", "{'a': 'x", "[1]", "{'a' 1}", "{'a': }"] {
            assert_eq!(read(text), "none", "{text}");
        }
        for open in ["[", "(", "{", "{0: ", "f(", "'\\'"] {
            assert_eq!(read(&format!("{{'a': {}1", open.repeat(5000))), "none", "{open}");
        }
    }
}
