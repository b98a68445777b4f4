use super::*;
use crate::model::json;

fn csv(outputs: &[&str]) -> String {
    let cells: Vec<Cell> = outputs.iter().map(|text| json::read_cell(text.as_bytes())).collect();
    let mut frame = DataFrame::new();
    cells.iter().flat_map(rows_of_outputs).for_each(|row| frame.learn(row));
    let mut writer = frame.writer(Vec::new()).unwrap();
    for row in cells.iter().flat_map(rows_of_outputs) {
        writer.row(row).unwrap();
    }
    String::from_utf8(writer.into_inner()).unwrap()
}

fn column(values: &str) -> String {
    let rows: Vec<String> = values
        .split(' ')
        .map(|v| match v {
            "-" => "{\"w\": 1}".to_owned(),
            v => format!("{{\"w\": 1, \"v\": {v}}}"),
        })
        .collect();
    let text = csv(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    text.lines().skip(1).map(|line| line.trim_start_matches("1,")).collect::<Vec<_>>().join(" ")
}

#[test]
fn integers_beside_floats_and_gaps_become_floats() {
    assert_eq!(column("1 2"), "1 2");
    assert_eq!(column("1 2.5"), "1.0 2.5");
    assert_eq!(column("1 null"), "1.0 ");
    assert_eq!(column("1 NaN"), "1.0 ");
    assert_eq!(column("- 1"), " 1.0");
    assert_eq!(column("9007199254740993 -"), "9007199254740992.0 ");
    assert_eq!(column("1 Infinity"), "1.0 inf");
}

#[test]
fn integers_keep_their_digits_where_64_bits_do_not_hold_them_all() {
    assert_eq!(column("9223372036854775808 null"), "9.223372036854776e+18 ");
    assert_eq!(column("9223372036854775808 -1 null"), "9223372036854775808 -1 ");
    assert_eq!(column("18446744073709551616 1.5 null"), "18446744073709551616 1.5 ");
    assert_eq!(column("-9223372036854775809 1 -"), "-9223372036854775809 1 ");
}

#[test]
fn mixed_columns_keep_each_values_own_text() {
    assert_eq!(column("true null 1"), "True  1");
    assert_eq!(column("true false -"), "True False ");
    assert_eq!(column("1 \"x\" 2.5 null"), "1 x 2.5 ");
    assert_eq!(column("[null,NaN] 1"), "\"[None, nan]\" 1");
}

#[test]
fn columns_come_in_order_of_first_appearance_and_rows_in_any() {
    assert_eq!(csv(&["{\"a\":1,\"b\":2}", "[{\"c\":3,\"a\":4}]"]), "a,b,c\n1,2.0,\n4,,3.0\n");
}

#[test]
fn lists_are_opened_one_level_and_what_is_no_dict_is_left_out() {
    assert_eq!(csv(&["[[{\"a\":1}], {\"a\":2}, 5, [6, [{\"a\":7}]]]", "8", "no", "\"x\""]), "a\n1\n2\n");
}

#[test]
fn rows_without_columns_are_empty_lines() {
    assert_eq!(csv(&["[{}, {}]"]), "\n\n\n");
    assert_eq!(csv(&["[{\"a\":null}]"]), "a\n\"\"\n");
}

#[test]
fn empty_is_what_python_calls_false() {
    for text in ["null", "{}", "[]", "0", "-0.0", "false", "\"\""] {
        assert!(is_empty(&json::read_cell(text.as_bytes())), "{text}");
    }
    for text in ["[{}]", "NaN", "1", "\"0\"", "no json", "{\"a\":1}"] {
        assert!(!is_empty(&json::read_cell(text.as_bytes())), "{text}");
    }
    assert!(is_empty(&Cell::Null));
}
