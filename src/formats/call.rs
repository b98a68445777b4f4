//! A call by hand as JSON, as a row of a CSV, and as a line for people.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{
    json::JsonWriter,
    python_repr::{repr, str_of},
};
use crate::model::{
    call::Call,
    value::{Cell, Dict, RawCell},
};

/// The columns of `single_steps`, in the order in which they are written.
pub const COLUMNS: [&str; 7] =
    ["id", "method_name", "kwargs", "start_time", "end_time", "run_error", "output"];

/// All of a call as a value of a JSON text; cells that are no JSON as strings.
pub fn write_call<W: Write>(json: &mut JsonWriter<W>, call: &Call) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("id", |json| json.integer(call.id))?;
    json.entry("method_name", |json| json.string(&call.method_name))?;
    json.entry("kwargs", |json| json.cell(&call.kwargs.read()))?;
    json.entry("start_time", |json| json.string_or_null(call.start.iso().as_deref()))?;
    json.entry("end_time", |json| json.string_or_null(call.end.iso().as_deref()))?;
    json.entry("run_error", |json| json.string_or_null(call.run_error.as_deref()))?;
    json.entry("output", |json| json.cell(&call.output.read()))?;
    json.end_dict()
}

/// The fields of a CSV row: cells as they are stored, nothing for NULL.
pub fn fields(call: &Call) -> [Cow<'_, str>; 7] {
    let stored = |cell: &'_ RawCell| match &cell.0 {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => String::new(),
    };
    [
        call.id.to_string().into(),
        call.method_name.as_str().into(),
        stored(&call.kwargs).into(),
        call.start.iso().unwrap_or_default().into(),
        call.end.iso().unwrap_or_default().into(),
        call.run_error.as_deref().unwrap_or_default().into(),
        stored(&call.output).into(),
    ]
}

/// `flow = 5, solvent = 'water'`: the arguments on one line.
pub fn arguments_line(cell: &Cell) -> String {
    let mut line = String::new();
    match cell {
        Cell::Null => {}
        Cell::Json(value) => match value.dict() {
            Some(dict) => entries(dict, &mut line),
            None => repr(value, &mut line),
        },
        Cell::Odd(text) => line.push_str(&text.lossy()),
    }
    line
}

fn entries(dict: &Dict, line: &mut String) {
    for (n, (name, value)) in dict.iter().enumerate() {
        if n > 0 {
            line.push_str(", ");
        }
        line.push_str(&name.lossy());
        line.push_str(" = ");
        repr(value, line);
    }
}

/// What a call returned, on one line; nothing where it returned nothing.
pub fn result_line(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Json(value) => {
            let mut line = String::new();
            str_of(value, &mut line);
            line
        }
        Cell::Odd(text) => text.lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        formats::{
            json::Layout,
            python_csv::{Dialect, RowWriter},
        },
        model::timestamp::Timestamp,
    };

    fn cell(text: &str) -> RawCell {
        RawCell(Some(text.as_bytes().into()))
    }

    fn call() -> Call {
        Call {
            id: 12,
            method_name: "deck.stage.move".to_owned(),
            kwargs: cell(r#"{"axis": "z", "steps": 1e3}"#),
            start: Timestamp::read(Some("2026-03-09 07:10:00")),
            end: Timestamp::default(),
            run_error: Some("limit \"top\", 4 mm".to_owned()),
            output: cell("[NaN, 2"),
        }
    }

    #[test]
    fn all_columns_are_written_as_they_are_stored() {
        let mut json = JsonWriter::new(Vec::new(), Layout::Line);
        write_call(&mut json, &call()).unwrap();
        assert_eq!(
            String::from_utf8(json.finish().unwrap()).unwrap(),
            concat!(
                r#"{"id": 12, "method_name": "deck.stage.move", "kwargs": {"axis": "z", "steps": 1000.0}, "#,
                r#""start_time": "2026-03-09T07:10:00.000000", "end_time": null, "#,
                r#""run_error": "limit \"top\", 4 mm", "output": "[NaN, 2"}"#,
                "\n"
            )
        );
        let mut csv = RowWriter::new(Vec::new(), Dialect::Pandas);
        csv.row(fields(&call()).iter().map(|field| &**field)).unwrap();
        assert_eq!(
            String::from_utf8(csv.into_inner()).unwrap(),
            concat!(
                r#"12,deck.stage.move,"{""axis"": ""z"", ""steps"": 1e3}",2026-03-09T07:10:00.000000,,"#,
                r#""limit ""top"", 4 mm","[NaN, 2""#,
                "\n"
            )
        );
    }

    #[test]
    fn arguments_and_results_have_a_line() {
        let line = |text: &str| arguments_line(&cell(text).read());
        assert_eq!(line(r#"{"axis": "z", "to": [1, null]}"#), "axis = 'z', to = [1, None]");
        assert_eq!([line("{}"), line("[1]"), line("x=1")], ["", "[1]", "x=1"].map(str::to_owned));
        let line = |text: &str| result_line(&cell(text).read());
        assert_eq!(
            [line("\"done\""), line("[true]"), line("null")],
            ["done", "[True]", "None"].map(str::to_owned)
        );
        assert_eq!((result_line(&Cell::Null), line("not {")), (String::new(), "not {".to_owned()));
    }
}
