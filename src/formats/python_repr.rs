//! Python 3.11's `repr` and `str` of stored values, byte for byte.

use std::fmt::Write;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::model::value::{Dict, Text, Value};

/// Appends Python's `repr(value)`.
pub fn repr(value: &Value, out: &mut String) {
    match value {
        Value::Str(text) => repr_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                repr(item, out);
            }
            out.push(']');
        }
        Value::Dict(dict) => repr_dict(dict, out),
        plain => repr_plain(plain, out),
    }
}

/// Appends Python's `repr` of a dict.
pub fn repr_dict(dict: &Dict, out: &mut String) {
    repr_entries(dict.iter(), out);
}

/// Appends Python's `repr` of a dict that has just these entries.
pub fn repr_entries<'a>(entries: impl Iterator<Item = (&'a Text, &'a Value)>, out: &mut String) {
    out.push('{');
    for (n, (key, value)) in entries.enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        repr_text(key, out);
        out.push_str(": ");
        repr(value, out);
    }
    out.push('}');
}

/// Appends Python's `str(value)`: a string as it stands (lone surrogates as U+FFFD), else its `repr`.
pub fn str_of(value: &Value, out: &mut String) {
    match value {
        Value::Str(text) => out.push_str(&text.lossy()),
        other => repr(other, out),
    }
}

fn repr_plain(value: &Value, out: &mut String) {
    match value {
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(i) => push_int(*i, out),
        Value::BigInt(digits) => out.push_str(digits),
        Value::Float(f) => push_float(*f, out),
        _ => out.push_str("None"),
    }
}

/// Appends an integer's digits.
pub fn push_int(i: i64, out: &mut String) {
    // Writing into a String cannot fail.
    let _ = write!(out, "{i}");
}

/// Python's `repr` of a float.
pub fn py_float(f: f64) -> String {
    let mut out = String::new();
    push_float(f, &mut out);
    out
}

/// Appends Python's `repr` of a float: the shortest digits, an exponent below 1e-4 and from 1e16 on.
pub fn push_float(f: f64, out: &mut String) {
    if !f.is_finite() {
        return out.push_str(if f.is_nan() {
            "nan"
        } else if f > 0.0 {
            "inf"
        } else {
            "-inf"
        });
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(f);
    let plain_range = f == 0.0 || (1e-4..1e16).contains(&f.abs());
    if plain_range && !shortest.contains('e') {
        return out.push_str(shortest);
    }
    let (sign, unsigned) = shortest.strip_prefix('-').map_or(("", shortest), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let both = format!("{whole}{part}");
    let digits = both.trim_start_matches('0');
    // The power of ten of the first digit that counts.
    let lead = (whole.len() + digits.len()) as i32 - both.len() as i32 - 1;
    let power = exponent.parse::<i32>().unwrap_or(0) + lead;
    out.push_str(sign);
    lay_out(digits.trim_end_matches('0'), power, out);
}

/// `digits` are `d.ddd` times ten to the `power`.
fn lay_out(digits: &str, power: i32, out: &mut String) {
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    if !(-4..16).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        let dot = if rest.is_empty() { "" } else { "." };
        let _ = write!(out, "{first}{dot}{rest}e{sign}{:02}", power.unsigned_abs());
    } else if power < 0 {
        out.push_str("0.");
        (1..power.unsigned_abs()).for_each(|_| out.push('0'));
        out.push_str(digits);
    } else {
        let whole = power.unsigned_abs() as usize + 1;
        let (front, back) = digits.split_at_checked(whole).unwrap_or((digits, ""));
        out.push_str(front);
        (front.len()..whole).for_each(|_| out.push('0'));
        out.push('.');
        out.push_str(if back.is_empty() { "0" } else { back });
    }
}

/// Appends Python's `repr` of a string: its choice of quotes and its escapes.
pub fn repr_text(text: &Text, out: &mut String) {
    let bytes = text.as_wtf8();
    let single = bytes.contains(&b'\'');
    let quote = if single && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push(quote);
    match text.as_str() {
        Some(whole) => push_escaped(whole, quote, out),
        None => {
            for c in text.chars() {
                match c {
                    Ok(c) => push_escaped(c.encode_utf8(&mut [0; 4]), quote, out),
                    Err(lone) => {
                        let _ = write!(out, "\\u{lone:04x}");
                    }
                }
            }
        }
    }
    out.push(quote);
}

/// Copies the runs between characters that are escaped.
fn push_escaped(text: &str, quote: char, out: &mut String) {
    let mut done = 0;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let plain = matches!(byte, b' '..=b'~') && *byte != b'\\' && char::from(*byte) != quote;
        if plain {
            at += 1;
            continue;
        }
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        if !c.is_ascii() && is_printable(c) {
            at += c.len_utf8();
            continue;
        }
        out.push_str(text.get(done..at).unwrap_or_default());
        push_escape(c, out);
        at += c.len_utf8();
        done = at;
    }
    out.push_str(text.get(done..).unwrap_or_default());
}

fn push_escape(c: char, out: &mut String) {
    let code = u32::from(c);
    let _ = match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\\' | '\'' | '"' => write!(out, "\\{c}"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ if code < 0x10000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Python's `str.isprintable` of a character that is not ASCII.
fn is_printable(c: char) -> bool {
    use GeneralCategory as G;
    !matches!(
        c.general_category(),
        G::Control
            | G::Format
            | G::Surrogate
            | G::PrivateUse
            | G::Unassigned
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::SpaceSeparator
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::{self, DEEPEST};

    fn of(text: &str) -> String {
        let mut out = String::new();
        repr(&json::read(text.as_bytes()).unwrap(), &mut out);
        out
    }

    #[test]
    fn strings_choose_their_quotes() {
        assert_eq!(of(r#""plain""#), "'plain'");
        assert_eq!(of(r#""it's""#), r#""it's""#);
        assert_eq!(of(r#""\"x\"""#), r#"'"x"'"#);
        assert_eq!(of(r#""it's \"x\"""#), r#"'it\'s "x"'"#);
        assert_eq!(of(r#"["it's", "\\ \t"]"#), r#"["it's", '\\ \t']"#);
    }

    #[test]
    fn unprintables_are_escaped_in_three_lengths() {
        assert_eq!(of(r#""\u0000\u001b\u007f\u0085\u00a0\u00ad""#), r"'\x00\x1b\x7f\x85\xa0\xad'");
        assert_eq!(of(r#""\u2028\u3000\ufeff\ue000\u0378""#), r"'\u2028\u3000\ufeff\ue000\u0378'");
        assert_eq!(of(r#""\udb40\udc01\ud83e\uddea""#), "'\\U000e0001\u{1f9ea}'");
        assert_eq!(of(r#""a\ud83db's""#), r#""a\ud83db's""#);
        assert_eq!(of(r#""\ud83d\u00e9\"'""#), r#"'\ud83dé"\''"#);
    }

    #[test]
    fn floats_are_laid_out_as_pythons() {
        let facts = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (1.5e-5, "1.5e-05"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568e+17"),
            (1e22, "1e+22"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-1e-7, "-1e-07"),
            // Two texts are equally short and equally near.
            (f64::from_bits(0x431e400cb807c035), "2128668168155149.2"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (f, text) in facts {
            assert_eq!(py_float(f), text);
        }
    }

    #[test]
    fn containers_and_constants() {
        assert_eq!(of("[null, true, false, {}, []]"), "[None, True, False, {}, []]");
        assert_eq!(of(r#"{"a": [1, 2.0], "b": {"c": NaN}}"#), "{'a': [1, 2.0], 'b': {'c': nan}}");
        assert_eq!(of("1180591620717411303424"), "1180591620717411303424");
        let deep = format!("{}{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert_eq!(of(&deep), deep);
    }

    proptest! {
        #[test]
        fn any_float_reads_back_the_same(bits in any::<u64>()) {
            let f = f64::from_bits(bits);
            prop_assume!(f.is_finite());
            let text = py_float(f);
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(bits));
            prop_assert!(text.contains('.') || text.contains('e'));
        }

        #[test]
        fn a_string_reads_back_and_shows_no_control(text in r#"[\PC\x00-\x20\x7f-\xa0'"\\\u{2028}]{0,20}"#) {
            let mut out = String::new();
            repr_text(&Text::from(text.as_str()), &mut out);
            prop_assert!(!out.chars().any(char::is_control));
            prop_assert_eq!(literal(&out), text);
        }
    }

    /// Reads a Python string literal.
    fn literal(text: &str) -> String {
        let inner = &text[1..text.len() - 1];
        let mut chars = inner.chars();
        let mut out = String::new();
        while let Some(c) = chars.next() {
            if c != '\\' {
                assert!(!text.starts_with(c), "a bare quote in {text}");
                out.push(c);
                continue;
            }
            let width = match chars.next().unwrap() {
                'n' => {
                    out.push('\n');
                    continue;
                }
                'r' => {
                    out.push('\r');
                    continue;
                }
                't' => {
                    out.push('\t');
                    continue;
                }
                'x' => 2,
                'u' => 4,
                'U' => 8,
                same => {
                    out.push(same);
                    continue;
                }
            };
            let digits: String = chars.by_ref().take(width).collect();
            out.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
        }
        out
    }
}
