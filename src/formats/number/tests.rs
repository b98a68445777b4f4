//! A number in a cell is the stored one, or says that it is cut and is true as far as it goes.

use proptest::prelude::*;

use super::*;
use crate::model::series::{Number, Point, Series};

/// Sign, digits that count, and the power of ten of the first one, read without the code under test.
fn meaning(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{behind}");
    if whole.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let zeros = digits.bytes().take_while(|b| *b == b'0').count();
    let power = whole.len() as i64 - 1 - zeros as i64 + exponent;
    let digits = digits[zeros..].trim_end_matches('0').to_owned();
    let power = if digits.is_empty() { 0 } else { power };
    Some((negative, digits, power))
}

/// Is this what a cell may show of a stored number: all of it, or the first digits of it with a mark, of the right size?
pub(crate) fn tells(cell: &str, stored: &str, ellipsis: &str) -> bool {
    let cell = cell.trim();
    if !cell.contains(ellipsis) {
        return cell == stored || meaning(cell).is_some() && meaning(cell) == meaning(stored);
    }
    if cell == ellipsis {
        return true;
    }
    let (Some(shown), Some(whole)) = (meaning(&cell.replace(ellipsis, "")), meaning(stored)) else {
        return false;
    };
    // The mark must stand behind the point or in front of the power of ten: digits cut in front of the point would
    // make another size.
    let sized = cell.contains('.') || cell.contains('e');
    sized && !shown.1.is_empty() && (shown.0, shown.2) == (whole.0, whole.2) && whole.1.starts_with(&shown.1)
}

fn cuts(text: &str, widths: &[usize]) -> Vec<String> {
    widths.iter().map(|columns| cut(text, *columns, "…")).collect()
}

#[test]
fn what_has_no_room_is_cut_so_that_it_is_seen() {
    assert_eq!(cuts("1250.75", &[7, 6, 5, 4]), ["1250.75", "1250.…", "1…e3", "1…e3"]);
    assert_eq!(cuts("0.00493211", &[10, 7, 6, 5]), ["0.00493211", "0.0049…", "0.004…", "4…e-3"]);
    assert_eq!(cuts("0.00011", &[6, 5]), ["1.1e-4", "1…e-4"]);
    assert_eq!(cuts("99.996", &[5, 4]), ["99.9…", "99.…"]);
    assert_eq!(cuts("-7.38105", &[7, 5, 4, 3]), ["-7.381…", "-7.3…", "-7.…", "…"]);
    assert_eq!(cuts("123456789", &[8, 6, 5, 4]), ["1.234…e8", "1.2…e8", "1…e8", "1…e8"]);
    assert_eq!(cuts("4500000.0", &[8, 7, 6, 5]), ["4500000", "4500000", "4.5e6", "4.5e6"]);
    assert_eq!(cuts("1.5e-07", &[6, 5]), ["1.5e-7", "1…e-7"]);
    assert_eq!(cuts("-1e+300", &[7, 6, 5]), ["-1e+300", "-1e300", "…"]);
    assert_eq!(cuts("µ no number", &[5, 1, 0]), ["µ no…", "…", ""]);
    assert_eq!(cut("0.00493211", 7, ".."), "0.004..");
}

#[test]
fn points_stand_below_each_other() {
    let texts = ["1000", "316.2", "0.03", "-5.5", "2.5e-07"];
    let mut column = PointColumn::default();
    texts.iter().for_each(|text| column.learn(text));
    assert_eq!((column.width(), column.width_with(3)), (10, 7));
    let placed = texts.map(|text| column.place(text, 11, "…"));
    assert_eq!(placed, [" 1000      ", "  316.2    ", "    0.03   ", "   -5.5    ", "    2.5e-07"]);
    let narrow = texts.map(|text| column.place(text, 6, "…"));
    assert_eq!(narrow, ["1000  ", " 316.2", "  0.03", "  -5.5", "2.5e-7"]);
    assert_eq!(column.place("nan", 11, "…"), "        nan");
}

#[test]
fn computed_figures_have_the_digits_of_their_data() {
    let figure = |data: &[f64]| {
        let point = |y: &f64| Point { y: *y, ..Point::default() };
        let series = Series { points: data.iter().map(point).collect(), ..Series::default() };
        figures(&series.stats().unwrap())[2].clone()
    };
    assert_eq!(figure(&[10.41, 9.17, 9.786]), "9.789");
    assert_eq!(figure(&[0.1, 0.2, 0.3]), "0.2");
    assert_eq!(figure(&[20.0, 20.0, 21.0]), "20.3");
    assert_eq!(figure(&[1000.0, 1001.0, 1001.0]), "1001");
    assert_eq!(figure(&[1.0, 2.0]), "1.5");
    assert_eq!(figure(&[0.00011, 0.00013]), "0.00012");
    assert_eq!(figure(&[1e-9, 2e-9]), "1.5e-9");
    assert_eq!(figure(&[2e20, 3e20]), "2.5e20");
    assert_eq!(figure(&[0.30000000000000004]), "0.3");
    assert_eq!(
        (computed(0.0, 3, 0.0), computed(-0.0, 3, 1.0), computed(f64::NAN, 3, 1.0)),
        ("0".into(), "0".into(), String::new())
    );
    // What cancels out is nothing, and no digits are made up for large integers.
    assert_eq!(figure(&[3.0, -3.0, 3.0, -3.0, 3.0, -3.0, 3.0, -3.0, 3.0, -3.0]), "0");
    assert_eq!(figure(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, -0.7]), "0");
    assert_eq!(figure(&[1000.1, 1000.2, -2000.3]), "0");
    assert_eq!(figure(&[0.0001, -0.00005]), "2.5e-5");
    let few = figure(&[9007199254740993.0, 9007199254740992.0, 1.0]);
    assert_eq!(few, "6.00479950316066e15");
}

#[test]
fn integers_stay_integers() {
    let text = |value, is_integer| stored(Number { value, is_integer });
    assert_eq!([text(3.0, true), text(3.0, false), text(-0.0, false)], ["3", "3.0", "-0.0"]);
    assert_eq!(text(1e19, true), "~1e19");
    assert_eq!(value_text(&Value::Int(9_007_199_254_740_993)).unwrap(), "9007199254740993");
    assert_eq!(value_text(&Value::Bool(true)), None);
}

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(|v| {
            let mut text = String::new();
            push_float(v, &mut text);
            text
        }),
        (-12i32..12, -99_999i64..99_999).prop_map(|(power, n)| {
            let mut text = String::new();
            push_float(n as f64 * 10f64.powi(power), &mut text);
            text
        }),
        any::<i64>().prop_map(|n| n.to_string()),
        (-2_000i64..2_000).prop_map(|n| n.to_string()),
        "[1-9][0-9]{20,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_number_at_any_width_is_true(text in numbers(), columns in 0usize..30, ascii in any::<bool>()) {
        let ellipsis = if ascii { ".." } else { "…" };
        let cell = cut(&text, columns, ellipsis);
        prop_assert!(width(&cell) <= columns);
        prop_assert!(cell.is_empty() || tells(&cell, &text, ellipsis), "{cell:?} for {text:?}");
        // Sign, digit, mark, e, sign and three digits always tell something.
        prop_assert!(columns < 9 || cell != ellipsis, "{text:?} in {columns}");
    }

    #[test]
    fn computed_figures_are_near(value in any::<f64>(), decimals in 0u16..20) {
        let text = computed(value, decimals, value);
        if value.is_finite() {
            let read: f64 = text.parse().unwrap();
            prop_assert!((read - value).abs() <= value.abs() * 0.006, "{text} for {value}");
        }
    }
}
