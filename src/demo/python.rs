//! Values as Python's `json.dumps` writes them.

use crate::{
    formats::python_repr::push_float,
    model::value::{Dict, Text, Value},
};

pub use crate::formats::python_repr::py_repr as repr;

/// Appends what `json.dumps` gives.
pub fn dumps(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::BigInt(digits) => out.push_str(digits),
        Value::Float(f) => float(out, *f),
        Value::Str(text) => quoted(out, text),
        Value::List(items) => list(out, items),
        Value::Dict(entries) => dict(out, entries),
    }
}

/// What `json.dumps` gives for a dict.
pub fn dumped(entries: &Dict) -> String {
    let mut out = String::new();
    dict(&mut out, entries);
    out
}

/// What `json.dumps` gives for a list of dicts.
pub fn dumped_list(items: &[Dict]) -> String {
    let inner: Vec<String> = items.iter().map(dumped).collect();
    format!("[{}]", inner.join(", "))
}

fn dict(out: &mut String, entries: &Dict) {
    out.push('{');
    for (i, (key, value)) in entries.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        quoted(out, key);
        out.push_str(": ");
        dumps(out, value);
    }
    out.push('}');
}

fn list(out: &mut String, items: &[Value]) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        dumps(out, item);
    }
    out.push(']');
}

fn float(out: &mut String, f: f64) {
    match f {
        _ if f.is_nan() => out.push_str("NaN"),
        f64::INFINITY => out.push_str("Infinity"),
        f64::NEG_INFINITY => out.push_str("-Infinity"),
        _ => push_float(f, out),
    }
}

fn quoted(out: &mut String, text: &Text) {
    out.push('"');
    for c in text.chars() {
        match c {
            Ok('"') => out.push_str("\\\""),
            Ok('\\') => out.push_str("\\\\"),
            Ok('\n') => out.push_str("\\n"),
            Ok('\r') => out.push_str("\\r"),
            Ok('\t') => out.push_str("\\t"),
            Ok('\u{8}') => out.push_str("\\b"),
            Ok('\u{c}') => out.push_str("\\f"),
            Ok(c @ ' '..='\u{7f}') => out.push(c),
            Ok(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            Err(code) => out.push_str(&format!("\\u{code:04x}")),
        }
    }
    out.push('"');
}

/// A dict made of known entries.
pub fn made<const N: usize>(entries: [(&str, Value); N]) -> Dict {
    Dict::from_entries(entries.into_iter().map(|(k, v)| (Text::from(k), v)).collect())
}

pub fn text(text: &str) -> Value {
    Value::Str(Text::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_as_python_writes_it() {
        let value = made([
            ("state", Value::Dict(made([("T", Value::Float(60.0)), ("unit", text("°C"))]))),
            ("emoji 🧪", Value::List(vec![Value::Int(1), Value::Null, Value::Bool(true)])),
            ("odd", text("a\n\"b\"\\\u{7f}\u{1}")),
        ]);
        assert_eq!(
            dumped(&value),
            r#"{"state": {"T": 60.0, "unit": "\u00b0C"}, "emoji \ud83e\uddea": [1, null, true], "odd": "a\n\"b\"\\"#
                .to_owned()
                + "\u{7f}"
                + r#"\u0001"}"#
        );
    }

    #[test]
    fn floats_are_as_python_writes_them() {
        let cases: [(f64, &str); 11] = [
            (1e16, "1e+16"),
            (1e22, "1e+22"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (5e-324, "5e-324"),
            (-0.0, "-0.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1_000_000_000_000_000.0, "1000000000000000.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (f, want) in cases {
            let mut out = String::new();
            float(&mut out, f);
            assert_eq!(out, want);
        }
    }
}
