//! A call by hand as a line of a list.

use crate::{
    formats::call::{arguments_line, result_line},
    model::{
        call::Call,
        timestamp::{Timestamp, seconds_between},
        value::{Cell, RawCell},
    },
};

/// Characters of a text that a line has room for at most.
const SHORT: usize = 400;
/// Of a cell with more bytes the stored text is shown: reading its value for its beginning takes too long.
const LONG: usize = 1 << 15;

/// A call by hand as a line of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallLine {
    pub id: i64,
    pub method: String,
    pub arguments: String,
    /// What it returned.
    pub result: String,
    /// The text of what went wrong.
    pub error: Option<String>,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl CallLine {
    /// The beginnings of its texts.
    pub fn of(call: &Call) -> Self {
        let line = Self::made(call, begun(&call.kwargs, arguments_line), begun(&call.output, result_line));
        Self { method: short(line.method), error: line.error.map(short), ..line }
    }

    /// All of its texts.
    pub fn whole(call: &Call) -> Self {
        Self::made(call, arguments_line(&call.kwargs.read()), result_line(&call.output.read()))
    }

    fn made(call: &Call, arguments: String, result: String) -> Self {
        Self {
            id: call.id,
            method: call.method_name.clone(),
            arguments,
            result,
            error: call.run_error.clone().filter(|text| !text.is_empty()),
            start: call.start.clone(),
            end: call.end.clone(),
        }
    }

    /// Seconds; `None` without both times.
    pub fn took(&self) -> Option<f64> {
        Some(seconds_between(self.start.at()?, self.end.at()?))
    }
}

/// The beginning of a cell's line.
fn begun(cell: &RawCell, line: fn(&Cell) -> String) -> String {
    match &cell.0 {
        Some(bytes) if bytes.len() > LONG => {
            short(String::from_utf8_lossy(bytes.get(..LONG).unwrap_or_default()).into_owned())
        }
        _ => short(line(&cell.read())),
    }
}

fn short(text: String) -> String {
    match text.char_indices().nth(SHORT) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned() + "…",
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_cell_the_stored_beginning_is_shown() {
        let cell = |text: String| RawCell(Some(text.into_bytes().into()));
        let numbers = vec!["0.25"; 20_000].join(", ");
        let call =
            Call { output: cell(format!("[{numbers}]")), kwargs: cell("{}".into()), ..Call::default() };
        let line = CallLine::of(&call);
        assert!(line.result.starts_with("[0.25, 0.25, ") && line.result.ends_with('…'), "{}", line.result);
        assert_eq!(line.result.chars().count(), SHORT + 1);
        assert_eq!(CallLine::whole(&call).result, format!("[{numbers}]"));
    }
}
