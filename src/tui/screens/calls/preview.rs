//! The selected call beside the list: its error and times, its arguments and what it returned.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    formats::python_repr::repr,
    model::{
        call::Call,
        value::{RawCell, Value},
    },
    style::{Role, Theme},
    tui::{
        screens::words::{cell_value, times, value_text},
        widgets::{pane::wrapped, text::put},
    },
};

/// More characters of a text have no room on any screen.
const LONGEST: usize = 20_000;

/// What is shown of a call, made once when it comes.
#[derive(Debug)]
pub struct CallPreview {
    pub call: Box<Call>,
    texts: Vec<(String, Role)>,
}

impl CallPreview {
    pub fn new(call: Box<Call>) -> Self {
        let mut texts =
            vec![(call.method_name.clone(), Role::Heading), (times(&call.start, &call.end), Role::Dim)];
        // An empty text has no row.
        let empty = || (" ".to_owned(), Role::Normal);
        if let Some(error) = call.run_error.as_deref().filter(|text| !text.is_empty()) {
            texts.extend([empty(), (error.to_owned(), Role::Failed)]);
        }
        for (title, cell) in [("arguments", &call.kwargs), ("result", &call.output)] {
            if !cell.is_null() {
                texts.extend([empty(), (title.to_owned(), Role::Dim)]);
                texts.extend(lines_of(cell).into_iter().map(|line| (line, Role::Normal)));
            }
        }
        for (text, _) in &mut texts {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
            }
        }
        CallPreview { call, texts }
    }

    /// Draws as much as has room; dim where it is not about the selected call.
    pub fn view(&self, is_dim: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width).max(1);
        let rows = self.texts.iter().flat_map(|(text, role)| {
            let role = if is_dim { Role::Dim } else { *role };
            wrapped(text, columns).map(move |row| (row, role))
        });
        for (y, (row, role)) in (0..area.height).zip(rows) {
            put(buf, area, 0, y, row, theme.style(role));
        }
    }
}

/// An argument or entry a line; else the value's text.
fn lines_of(cell: &RawCell) -> Vec<String> {
    match cell_value(&cell.read()) {
        Value::Dict(dict) if dict.is_empty() => vec!["none".to_owned()],
        Value::Dict(dict) => {
            let line = |(name, value): (&crate::model::value::Text, &Value)| {
                let mut line = format!("{} = ", name.lossy());
                repr(value, &mut line);
                line
            };
            dict.iter().map(line).collect()
        }
        value => vec![value_text(&value)],
    }
}
