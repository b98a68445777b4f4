//! Values as Python prints them.

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
