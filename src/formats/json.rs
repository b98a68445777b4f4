//! Strict JSON for stored values: NaN and infinities as strings, lone surrogates as U+FFFD, every digit and key order kept.

use std::io::{self, Write};

use super::python_repr::push_float;
use crate::model::value::{Cell, Dict, Value};

/// Whether JSON is for programs or for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// One line, `, ` and `: ` between the parts, as Python's `json.dumps`.
    #[default]
    Line,
    /// A line for each entry, indented by two spaces a level.
    Indented,
}

/// Writes JSON piece by piece, so that an answer of any size needs no memory of its own.
///
/// Entries of a dict are a [`JsonWriter::key`] and a value, or a [`JsonWriter::entry`]; entries of a list are values,
/// each after [`JsonWriter::item`].
pub struct JsonWriter<W: Write> {
    out: W,
    layout: Layout,
    /// For each open list or dict whether it has an entry yet.
    open: Vec<bool>,
    text: String,
}

impl<W: Write> JsonWriter<W> {
    /// `out` gets many small writes, so it should be buffered.
    pub fn new(out: W, layout: Layout) -> Self {
        Self { out, layout, open: Vec::new(), text: String::new() }
    }

    pub fn begin_dict(&mut self) -> io::Result<()> {
        self.open.push(false);
        self.out.write_all(b"{")
    }

    pub fn end_dict(&mut self) -> io::Result<()> {
        self.end(b"}")
    }

    pub fn begin_list(&mut self) -> io::Result<()> {
        self.open.push(false);
        self.out.write_all(b"[")
    }

    pub fn end_list(&mut self) -> io::Result<()> {
        self.end(b"]")
    }

    /// The next entry of a list; its value follows.
    pub fn item(&mut self) -> io::Result<()> {
        let separator = match (self.open.last_mut(), self.layout) {
            (Some(has @ false), _) => {
                *has = true;
                ""
            }
            (_, Layout::Line) => ", ",
            (_, Layout::Indented) => ",",
        };
        self.out.write_all(separator.as_bytes())?;
        self.new_line()
    }

    /// The next entry of a dict; its value follows.
    pub fn key(&mut self, key: &str) -> io::Result<()> {
        self.item()?;
        self.string(key)?;
        self.out.write_all(b": ")
    }

    /// The next entry of a dict, with a value that `value` writes.
    pub fn entry(&mut self, key: &str, value: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.key(key)?;
        value(self)
    }

    /// A list with one entry for each item, which `each` writes.
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        self.begin_list()?;
        for item in items {
            self.item()?;
            each(self, item)?;
        }
        self.end_list()
    }

    pub fn null(&mut self) -> io::Result<()> {
        self.out.write_all(b"null")
    }

    pub fn boolean(&mut self, value: bool) -> io::Result<()> {
        self.out.write_all(if value { b"true" } else { b"false" })
    }

    pub fn integer(&mut self, value: i64) -> io::Result<()> {
        write!(self.out, "{value}")
    }

    /// A float with Python's digits; what JSON has no number for is the string `"NaN"`, `"Infinity"`, `"-Infinity"`.
    pub fn float(&mut self, value: f64) -> io::Result<()> {
        self.text.clear();
        if value.is_nan() {
            self.text.push_str("\"NaN\"");
        } else if value.is_infinite() {
            self.text.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        } else {
            push_float(value, &mut self.text);
        }
        self.out.write_all(self.text.as_bytes())
    }

    pub fn string(&mut self, text: &str) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, text).map_err(io::Error::from)
    }

    /// What `write` writes of a value, or null for none.
    pub fn or_null<T>(
        &mut self,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    /// A string, or null for none.
    pub fn string_or_null(&mut self, text: Option<&str>) -> io::Result<()> {
        self.or_null(text, Self::string)
    }

    pub fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::Null => self.null(),
            Value::Bool(b) => self.boolean(*b),
            Value::Int(i) => self.integer(*i),
            Value::BigInt(digits) => self.out.write_all(digits.as_bytes()),
            Value::Float(f) => self.float(*f),
            Value::Str(text) => self.string(&text.lossy()),
            Value::List(items) => self.list(items, Self::value),
            Value::Dict(dict) => self.dict(dict),
        }
    }

    pub fn dict(&mut self, dict: &Dict) -> io::Result<()> {
        self.begin_dict()?;
        for (key, value) in dict.iter() {
            self.key(&key.lossy())?;
            self.value(value)?;
        }
        self.end_dict()
    }

    /// A column's content: its value, or the text itself where it is no JSON.
    pub fn cell(&mut self, cell: &Cell) -> io::Result<()> {
        match cell {
            Cell::Null => self.null(),
            Cell::Json(value) => self.value(value),
            Cell::Odd(text) => self.string(&text.lossy()),
        }
    }

    /// Ends the text with a line break and gives the writer back, unflushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n")?;
        Ok(self.out)
    }

    /// A value that will stand inside `depth` lists or dicts of another writer.
    pub(super) fn nested(out: W, layout: Layout, depth: usize) -> Self {
        Self { open: vec![true; depth], ..Self::new(out, layout) }
    }

    /// Gives the writer back as it is.
    pub(super) fn into_inner(self) -> W {
        self.out
    }

    /// Bytes that are JSON already.
    pub(super) fn raw(&mut self, json: &[u8]) -> io::Result<()> {
        self.out.write_all(json)
    }

    fn end(&mut self, bracket: &[u8]) -> io::Result<()> {
        if self.open.pop() == Some(true) {
            self.new_line()?;
        }
        self.out.write_all(bracket)
    }

    fn new_line(&mut self) -> io::Result<()> {
        if self.layout == Layout::Line {
            return Ok(());
        }
        self.text.clear();
        self.text.push('\n');
        self.open.iter().for_each(|_| self.text.push_str("  "));
        self.out.write_all(self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::{self, DEEPEST};

    fn written(text: &str, layout: Layout) -> String {
        let mut writer = JsonWriter::new(Vec::new(), layout);
        writer.cell(&json::read_cell(text.as_bytes())).unwrap();
        String::from_utf8(writer.out).unwrap()
    }

    #[test]
    fn numbers_keep_their_kind_and_digits() {
        let line = written(
            "[1, 1.0, -0.0, 1e16, 1180591620717411303424, NaN, Infinity, -Infinity, -0]",
            Layout::Line,
        );
        assert_eq!(
            line,
            r#"[1, 1.0, -0.0, 1e+16, 1180591620717411303424, "NaN", "Infinity", "-Infinity", 0]"#
        );
    }

    #[test]
    fn strings_are_strict() {
        assert_eq!(
            written(r#""a\"\\\n\u0001\u001b\ud83dé""#, Layout::Line),
            r#""a\"\\\n\u0001\u001b"#.to_owned() + "\u{fffd}é\""
        );
        assert_eq!(written("no \"json\"", Layout::Line), r#""no \"json\"""#);
    }

    #[test]
    fn people_get_an_entry_a_line() {
        let text = r#"{"b": [1, {}], "a": {"c": []}}"#;
        assert_eq!(written(text, Layout::Line), text);
        let want = "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n    \"c\": []\n  }\n}";
        assert_eq!(written(text, Layout::Indented), want);
        let deep = format!("{}{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert_eq!(written(&deep, Layout::Line), deep);
    }

    proptest! {
        #[test]
        fn a_strict_reader_reads_the_same(texts in prop::collection::vec("[\\PC\\x00-\\x20\"\\\\]{0,10}", 0..5), number in any::<i64>(), bits in any::<u64>(), indented in any::<bool>()) {
            let layout = if indented { Layout::Indented } else { Layout::Line };
            let mut writer = JsonWriter::new(Vec::new(), layout);
            writer.begin_list().unwrap();
            for text in &texts {
                writer.item().unwrap();
                writer.string(text).unwrap();
            }
            writer.item().unwrap();
            writer.integer(number).unwrap();
            let float = f64::from_bits(bits);
            writer.item().unwrap();
            writer.float(float).unwrap();
            writer.end_list().unwrap();
            let back: serde_json::Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
            for (n, text) in texts.iter().enumerate() {
                prop_assert_eq!(back[n].as_str(), Some(text.as_str()));
            }
            prop_assert_eq!(back[texts.len()].as_i64(), Some(number));
            prop_assert_eq!(back[texts.len() + 1].is_string(), !float.is_finite());
        }
    }
}
