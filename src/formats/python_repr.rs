//! Python 3.11's `repr` and `str` of stored values, byte for byte.

use std::fmt::Write;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::model::value::{Text, Value};

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
        Value::Dict(dict) => repr_entries(dict.iter(), out),
        plain => repr_plain(plain, out),
    }
}

/// Python's `repr(value)`.
pub fn py_repr(value: &Value) -> String {
    let mut out = String::new();
    repr(value, &mut out);
    out
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
mod tests;
