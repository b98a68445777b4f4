//! Where words stand in a stored value: in a name, or in what is written beside or below it.

use crate::{
    formats::python_repr::repr,
    model::{
        needle::Needle,
        value::{Cell, RawCell, Value},
    },
};

/// A text of more bytes is searched as it is, not as the line of a tree shows it.
const SHORT: usize = 200;
/// A list or dict of more elements never stands on one line.
const FEW: usize = 30;

/// Places from the value down to the first name or value that has the words; empty where it is the value itself.
pub fn path_to(value: &Value, needle: &Needle) -> Option<Vec<usize>> {
    let mut path = Vec::new();
    is_in("", value, needle, &mut path).then(|| {
        path.reverse();
        path
    })
}

/// Does the value have the words, anywhere in it?
pub fn has(value: &Value, needle: &Needle) -> bool {
    path_to(value, needle).is_some()
}

/// The path is made from its end. Children come first: a list on one line also shows what stands in it.
fn is_in(name: &str, value: &Value, needle: &Needle, path: &mut Vec<usize>) -> bool {
    if needle.is_in(name) {
        return true;
    }
    let at = match value {
        Value::Dict(dict) => dict.iter().position(|(name, child)| is_in(&name.lossy(), child, needle, path)),
        Value::List(list) => list.iter().position(|child| is_in("", child, needle, path)),
        Value::Str(text) if needle.is_in(&text.lossy()) => return true,
        _ => None,
    };
    path.extend(at);
    at.is_some() || stands_on_a_line(value) && needle.is_in(&line(name, value))
}

fn stands_on_a_line(value: &Value) -> bool {
    let is_scalar = |value: &Value| !matches!(value, Value::Dict(_) | Value::List(_));
    match value {
        Value::Str(text) => text.as_wtf8().len() <= SHORT,
        Value::List(list) => list.len() <= FEW && list.iter().all(is_scalar),
        Value::Dict(dict) => dict.len() <= FEW && dict.iter().all(|(_, child)| is_scalar(child)),
        _ => true,
    }
}

/// `name = value`
fn line(name: &str, value: &Value) -> String {
    let mut line = String::new();
    if !name.is_empty() {
        line.push_str(name);
        line.push_str(" = ");
    }
    repr(value, &mut line);
    line
}

/// Tells of most cells that the words are not in them, without reading their JSON.
pub struct CellFilter<'a> {
    needle: &'a Needle,
    /// Nothing in the words is written in another way in JSON.
    plain: bool,
}

impl<'a> CellFilter<'a> {
    pub fn new(needle: &'a Needle) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let words = needle.text().to_lowercase();
        let differs = ["true", "false", "null", "none", "nan", "infinity"].iter().any(|w| w.contains(&words));
        Self { needle, plain: words.chars().all(plain) && !differs }
    }

    /// The value of a cell that may have the words.
    pub fn read(&self, cell: &RawCell) -> Option<Cell> {
        self.may_be_in(cell).then(|| cell.read())
    }

    /// False where a cell has not the words for sure.
    pub fn may_be_in(&self, cell: &RawCell) -> bool {
        let Some(bytes) = cell.0.as_deref() else { return false };
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii() && !text.contains("\\u"));
        !text.is_some_and(|text| self.plain && !self.needle.is_in(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::read_cell;

    fn path(json: &str, words: &str) -> Option<Vec<usize>> {
        let Cell::Json(value) = read_cell(json.as_bytes()) else { return None };
        path_to(&value, &Needle::new(words))
    }

    #[test]
    fn names_values_and_lines_are_found_where_they_stand() {
        let json =
            r#"{"a": {"Peak": [1, {"area": 0.25}]}, "note": "Lauge zu heiß", "on": true, "pair": [1, 2.5]}"#;
        assert_eq!(path(json, "peak"), Some(vec![0, 0]));
        assert_eq!(path(json, "area = 0.2"), Some(vec![0, 0, 1, 0]));
        assert_eq!(path(json, "HEIß"), None);
        assert_eq!(path(json, "heiß"), Some(vec![1]));
        assert_eq!(path(json, "on = True"), Some(vec![2]));
        assert_eq!(path(json, "[1, 2.5]"), Some(vec![3]));
        assert_eq!(path("\"viscous\"", "visc"), Some(vec![]));
    }

    /// What the filter leaves out has not the words.
    #[test]
    fn the_filter_loses_nothing() {
        let cells =
            [r#"{"t": "Gr\u00f6\u00dfe", "ok": true}"#, r#"{"n": 12.5e-3}"#, r#"{"x": null, "y": [NaN]}"#];
        for words in ["größe", "e-3", "12.5", "tru", "none", "Non", "nan", "zzz", "y = ", "GR"] {
            let needle = Needle::new(words);
            for cell in cells {
                let raw = RawCell(Some(cell.as_bytes().into()));
                let Cell::Json(value) = raw.read() else { unreachable!() };
                let found = CellFilter::new(&needle).read(&raw).is_some();
                assert!(found || !has(&value, &needle), "{words} in {cell}");
            }
        }
        let needle = Needle::new("zzz");
        assert!(CellFilter::new(&needle).read(&RawCell(Some((*b"{\"n\": 1}").into()))).is_none());
    }
}
