//! Stored JSON read and refused as Python does it.

use proptest::prelude::*;

use super::*;

fn ok(text: &str) -> Value {
    read(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn wtf8(value: &Value) -> &[u8] {
    match value {
        Value::Str(text) => text.as_wtf8(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_are_pythons() {
    assert_eq!(ok("-0"), Value::Int(0));
    assert_eq!(ok("9223372036854775807"), Value::Int(i64::MAX));
    assert_eq!(ok("-9223372036854775809"), Value::BigInt("-9223372036854775809".into()));
    assert_eq!(ok("1E400"), Value::Float(f64::INFINITY));
    assert_eq!(ok("-Infinity"), Value::Float(f64::NEG_INFINITY));
    assert!(matches!(ok("NaN"), Value::Float(f) if f.is_nan()));
    assert!(matches!(ok("-0.0"), Value::Float(f) if f == 0.0 && f.is_sign_negative()));
    assert_eq!(ok("1e5"), Value::Float(1e5));
    let long = "7".repeat(5000);
    assert_eq!(ok(&long), Value::BigInt(long.as_str().into()));
}

#[test]
fn what_python_refuses_is_refused() {
    let refused = [
        "",
        " ",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
        "1e",
        "1e+",
        "-NaN",
        "nan",
        "tru",
        "[1,]",
        "{,}",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{1:2}",
        "[1 2]",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"a\nb\"",
        "1 2",
        "[1]]",
        "\u{feff}1",
        "\u{a0}1",
        "'a'",
        "[1\u{c}]",
        "{\"a\" 1}",
        "\"\\",
        "[",
        "{\"a\":",
        "-I",
    ];
    for text in refused {
        assert!(read(text.as_bytes()).is_err(), "{text:?} was read");
    }
    assert_eq!(read(b"[1, \xff]"), Err(NotJson { at: 4, why: "invalid UTF-8" }));
    assert_eq!(read(b"\"\xed\xa0\x80\"").map_err(|e| e.why), Err("invalid UTF-8"));
    assert_eq!(read_cell(b"\xffno"), Cell::Odd(Text::from("\u{fffd}no")));
}

#[test]
fn surrogates_join_in_pairs_and_stay_when_alone() {
    assert_eq!(wtf8(&ok(r#""\ud83e\uddea""#)), "\u{1f9ea}".as_bytes());
    assert_eq!(wtf8(&ok(r#""\ud83d""#)), b"\xed\xa0\xbd");
    assert_eq!(wtf8(&ok(r#""\udc00x""#)), b"\xed\xb0\x80x");
    assert_eq!(wtf8(&ok(r#""\ud83d\ud83e\uddea""#)), b"\xed\xa0\xbd\xf0\x9f\xa7\xaa");
    assert_eq!(wtf8(&ok(r#""\ud83d\u0041""#)), b"\xed\xa0\xbdA");
}

#[test]
fn a_doubled_key_keeps_its_first_place_and_last_value() {
    let Value::Dict(small) = ok(r#"{"a": 1, "b": 2, "a": 3}"#) else { panic!("no dict") };
    let items: Vec<_> = small.iter().map(|(k, v)| (k.lossy().into_owned(), v.clone())).collect();
    assert_eq!(items, [("a".to_owned(), Value::Int(3)), ("b".to_owned(), Value::Int(2))]);
    let many: Vec<String> = (0..200_000).map(|n| format!("\"k{}\":{n}", n % 100_000)).collect();
    let Value::Dict(big) = ok(&format!("{{{}}}", many.join(","))) else { panic!("no dict") };
    assert_eq!(big.len(), 100_000);
    assert_eq!(big.iter().next(), Some((&Text::from("k0"), &Value::Int(100_000))));
}

#[test]
fn depth_is_limited_and_costs_no_stack() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(read(nested(DEEPEST).as_bytes()).is_ok());
    assert_eq!(read(nested(DEEPEST + 1).as_bytes()).map_err(|e| e.why), Err("nested too deep"));
    assert!(read("{\"a\":".repeat(5_000_000).as_bytes()).is_err());
}

/// Writes what was read in the one form that reads back the same.
fn dump(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::BigInt(digits) => out.push_str(digits),
        Value::Float(f) if f.is_nan() => out.push_str("NaN"),
        Value::Float(f) if f.is_infinite() => out.push_str(if *f > 0.0 { "Infinity" } else { "-Infinity" }),
        Value::Float(f) => out.push_str(&format!("{f:e}")),
        Value::Str(text) => dump_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { " ,\n" } else { "" });
                dump(item, out);
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push('{');
            for (n, (key, item)) in dict.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                dump_text(key, out);
                out.push(':');
                dump(item, out);
            }
            out.push('}');
        }
    }
}

fn dump_text(text: &Text, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            Ok(c) if c.is_ascii_alphanumeric() => out.push(c),
            Ok(c) => c.encode_utf16(&mut [0; 2]).iter().for_each(|u| out.push_str(&format!("\\u{u:04x}"))),
            Err(lone) => out.push_str(&format!("\\u{lone:04X}")),
        }
    }
    out.push('"');
}

fn text() -> impl Strategy<Value = Text> {
    let piece = prop_oneof![".{0,4}".prop_map(String::into_bytes), Just(b"\xed\xa0\xbd".to_vec())];
    // A low surrogate is left out: behind a high one it would be a pair, which WTF-8 writes otherwise.
    prop::collection::vec(piece, 0..3).prop_map(|p| Text::from_wtf8(p.concat()))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        "-?[1-9][0-9]{20,40}".prop_map(|d| Value::BigInt(d.as_str().into())),
        prop::num::f64::NORMAL.prop_map(Value::Float),
        Just(Value::Float(f64::INFINITY)),
        text().prop_map(Value::Str),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::List),
            prop::collection::vec((text(), inner), 0..20)
                .prop_map(|e| Value::Dict(Dict::from_entries(last_wins(e)))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in value()) {
        let mut text = String::new();
        dump(&value, &mut text);
        prop_assert_eq!(read(text.as_bytes()), Ok(value));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes);
    }

    #[test]
    fn almost_json_is_read_or_refused(text in r#"[\[\]{}",:\\ua0-9eE.+\- NIntf]{0,40}"#) {
        if let Err(e) = read(text.as_bytes()) {
            prop_assert!(e.at <= text.len());
        }
    }
}
