//! Values as Python and pandas print them: every case of `tests/data/values.jsonl` against the byte formats.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

use ivorylens::{
    formats::{
        pandas::{DataFrame, is_empty, rows_of_outputs},
        python_csv::{Dialect, RowWriter},
        python_repr::{repr, repr_entries},
    },
    model::{
        json,
        value::{Cell, Dict, Value},
    },
};

fn cases() -> Vec<Dict> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/values.jsonl")).unwrap();
    let cases = text.lines().map(|line| match json::read(line.as_bytes()) {
        Ok(Value::Dict(case)) => case,
        other => panic!("{line}: {other:?}"),
    });
    cases.collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.lossy().into_owned(),
        other => panic!("{other:?} is no text"),
    }
}

fn texts(value: &Value) -> Vec<String> {
    let item = |v: &Value| if *v == Value::Null { String::new() } else { text(v) };
    value.list().unwrap().iter().map(item).collect()
}

fn data_csv(outputs: &[String]) -> Option<String> {
    let cells: Vec<Cell> = outputs.iter().map(|o| json::read_cell(o.as_bytes())).collect();
    let rows = || cells.iter().filter(|cell| !is_empty(cell)).flat_map(rows_of_outputs);
    let mut frame = DataFrame::new();
    rows().for_each(|row| frame.learn(row));
    if frame.rows() == 0 {
        return None;
    }
    let mut writer = frame.writer(Vec::new()).unwrap();
    rows().for_each(|row| writer.row(row).unwrap());
    Some(String::from_utf8(writer.into_inner()).unwrap())
}

#[test]
fn reprs_are_pythons() {
    let mut seen = 0;
    for case in cases() {
        let (Some(json), Some(want)) = (case.get("json"), case.get("repr")) else { continue };
        let mut got = String::new();
        repr(&json::read(text(json).as_bytes()).unwrap(), &mut got);
        assert_eq!(got, text(want), "{json:?}");
        seen += 1;
    }
    assert_eq!(seen, 400);
}

#[test]
fn data_csvs_are_pandas() {
    let mut seen = 0;
    for case in cases() {
        let (Some(outputs), Some(want)) = (case.get("outputs"), case.get("csv")) else { continue };
        let want = (*want != Value::Null).then(|| text(want));
        assert_eq!(data_csv(&texts(outputs)), want, "{outputs:?}");
        seen += 1;
    }
    assert_eq!(seen, 400);
}

#[test]
fn rows_are_pythons() {
    let mut seen = 0;
    for case in cases() {
        let (Some(fields), Some(want)) = (case.get("fields"), case.get("row")) else { continue };
        let mut writer = RowWriter::new(Vec::new(), Dialect::Excel);
        writer.row(texts(fields).iter().map(String::as_str)).unwrap();
        assert_eq!(String::from_utf8(writer.into_inner()).unwrap(), text(want), "{fields:?}");
        seen += 1;
    }
    assert_eq!(seen, 100);
}

#[test]
fn odd_values_are_read_and_printed_everywhere() {
    let mut seen = 0;
    for case in cases() {
        if case.get("reads").is_none() {
            continue;
        }
        let cell = format!("{{\"v\": {}}}", text(case.get("json").unwrap()));
        let Ok(Value::Dict(dict)) = json::read(cell.as_bytes()) else { panic!("{cell} was not read") };
        let mut printed = String::new();
        repr_entries(dict.iter(), &mut printed);
        assert!(printed.starts_with("{'v': "), "{printed}");
        assert!(data_csv(&[cell]).is_some());
        seen += 1;
    }
    assert_eq!(seen, 8);
}
