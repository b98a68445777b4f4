//! The plot data of a record: each output's numbers over the iterations, as JSON and as points for a chart.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::{
    json::{JsonWriter, Layout},
    pandas::rows_of_outputs,
};
use crate::model::{
    series::{Point, PointPlace},
    value::{Cell, Dict, Text, Value},
};

/// The numbers of one output in one phase, in sample order.
pub type Numbers<'a> = Vec<&'a Value>;

/// A phase's outputs that have numbers, in order of first appearance: numbers (booleans are numbers in Python) and
/// lists made only of numbers, one point an element. An empty list gives a name without points.
pub fn numbers_of(outputs: &Cell) -> Vec<(&Text, Numbers<'_>)> {
    let found = gathered(rows_of_outputs(outputs).into_iter().map(Dict::iter));
    found.into_iter().map(|(name, all)| (name, all.into_iter().map(|(_, value)| value).collect())).collect()
}

/// Names and the numbers under each, every number with the row, from 0, that it stands in.
type InRows<'a> = Vec<(&'a Text, Vec<(usize, &'a Value)>)>;

fn gathered<'a>(rows: impl Iterator<Item = impl Iterator<Item = (&'a Text, &'a Value)>>) -> InRows<'a> {
    let mut places: HashMap<&Text, usize> = HashMap::new();
    let mut found: InRows<'a> = Vec::new();
    for (row, (name, value)) in rows.enumerate().flat_map(|(n, row)| row.map(move |entry| (n, entry))) {
        let Some(points) = points_of(value) else { continue };
        let place = *places.entry(name).or_insert(found.len());
        let numbers = points.iter().map(|value| (row, value));
        match found.get_mut(place) {
            Some((_, all)) => all.extend(numbers),
            None => found.push((name, numbers.collect())),
        }
    }
    found
}

fn points_of(value: &Value) -> Option<&[Value]> {
    match value {
        Value::List(items) if items.iter().all(is_number) => Some(items),
        one if is_number(one) => Some(std::slice::from_ref(one)),
        _ => None,
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_))
}

/// A number on a chart, and the row of its phase, from 0, that it stands in: of a batch the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedPoint {
    pub point: Point,
    pub row: usize,
}

/// The numbers of a phase's rows as points, output by output. Several of one iteration spread over it, so that none
/// hides another; where each stands in a row of its own, the row is the sample, also where another has none.
pub fn points<'a>(
    iteration: i64,
    rows: impl ExactSizeIterator<Item = impl Iterator<Item = (&'a Text, &'a Value)>>,
) -> Vec<(&'a Text, Vec<PlacedPoint>)> {
    let of_rows = rows.len();
    let found = gathered(rows);
    found.into_iter().map(|(name, numbers)| (name, spread(iteration, &numbers, of_rows))).collect()
}

fn spread(iteration: i64, numbers: &[(usize, &Value)], rows: usize) -> Vec<PlacedPoint> {
    let one_a_row = rows > 1 && numbers.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
    let of = if one_a_row { rows } else { numbers.len() };
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let place = |(n, (row, value)): (usize, &(usize, &Value))| {
        // The numbers of a row stand together.
        let (first, behind) =
            (numbers.partition_point(|(r, _)| r < row), numbers.partition_point(|(r, _)| r <= row));
        let place = PointPlace {
            sample: if rows > 1 { small(row + 1) } else { 0 },
            value: if behind - first > 1 { small(n - first + 1) } else { 0 },
        };
        let y = value.number().unwrap_or(f64::NAN);
        let is_integer = !matches!(value, Value::Float(_));
        let sample = if one_a_row { row + 1 } else { n + 1 };
        let point = if of == 1 {
            Point { x: iteration as f64, y, is_integer, iteration, place, ..Point::default() }
        } else {
            let x = iteration as f64 + sample as f64 / (of as f64 + 1.0);
            Point { x, y, is_integer, iteration, sample: small(sample), place, joined: false }
        };
        PlacedPoint { point, row: *row }
    };
    numbers.iter().enumerate().map(place).collect()
}

/// Writes `{"1": {"yield": [{"x": 1, "y": 0.81}]}}`, fed phase by phase.
///
/// The main phases come by repeat_index, then id, so of several with one repeat_index the last is kept, as
/// IvoryOS does.
pub struct PlotWriter<W: Write> {
    json: JsonWriter<W>,
    layout: Layout,
    /// The newest iteration, which a later phase may still replace.
    held: Option<(i64, Vec<u8>)>,
}

impl<W: Write> PlotWriter<W> {
    pub fn new(out: W, layout: Layout) -> io::Result<Self> {
        let mut json = JsonWriter::new(out, layout);
        json.begin_dict()?;
        Ok(Self { json, layout, held: None })
    }

    /// A main phase; one without repeat_index is left out.
    pub fn phase(&mut self, repeat_index: Option<i64>, outputs: &Cell) -> io::Result<()> {
        let Some(iteration) = repeat_index else { return Ok(()) };
        if self.held.as_ref().is_some_and(|(before, _)| *before != iteration) {
            self.release()?;
        }
        let mut entry = JsonWriter::nested(Vec::new(), self.layout, 1);
        entry.begin_dict()?;
        for (name, numbers) in numbers_of(outputs) {
            entry.key(&name.lossy())?;
            entry.begin_list()?;
            for number in numbers {
                entry.item()?;
                entry.begin_dict()?;
                entry.key("x")?;
                entry.integer(iteration)?;
                entry.key("y")?;
                entry.value(number)?;
                entry.end_dict()?;
            }
            entry.end_list()?;
        }
        entry.end_dict()?;
        self.held = Some((iteration, entry.into_inner()));
        Ok(())
    }

    /// Ends the answer with a line break and gives the writer back, unflushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.release()?;
        self.json.end_dict()?;
        self.json.finish()
    }

    fn release(&mut self) -> io::Result<()> {
        let Some((iteration, entry)) = self.held.take() else { return Ok(()) };
        self.json.key(&iteration.to_string())?;
        self.json.raw(&entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json;

    fn plot(phases: &[(Option<i64>, &str)]) -> String {
        let mut writer = PlotWriter::new(Vec::new(), Layout::Line).unwrap();
        for (index, outputs) in phases {
            writer.phase(*index, &json::read_cell(outputs.as_bytes())).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn numbers_and_lists_of_numbers_are_taken() {
        let outputs = r#"[{"a": 1, "b": true, "c": [1.5, 2], "d": [], "e": [1, "x"], "f": "x", "g": null}, [{"a": NaN}]]"#;
        let want = concat!(
            r#"{"1": {"a": [{"x": 1, "y": 1}, {"x": 1, "y": "NaN"}], "b": [{"x": 1, "y": true}], "#,
            r#""c": [{"x": 1, "y": 1.5}, {"x": 1, "y": 2}], "d": []}}"#,
            "\n"
        );
        assert_eq!(plot(&[(Some(1), outputs)]), want);
    }

    #[test]
    fn a_later_phase_replaces_the_iteration_and_none_is_left_out() {
        let phases =
            [(None, r#"{"n": 0}"#), (Some(1), r#"{"a": 1}"#), (Some(1), r#"{"b": 2}"#), (Some(2), "no json")];
        assert_eq!(plot(&phases), "{\"1\": {\"b\": [{\"x\": 1, \"y\": 2}]}, \"2\": {}}\n");
        assert_eq!(plot(&[]), "{}\n");
    }

    #[test]
    fn indented_entries_stand_at_their_depth() {
        let mut writer = PlotWriter::new(Vec::new(), Layout::Indented).unwrap();
        writer.phase(Some(7), &json::read_cell(b"{\"a\": []}")).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert_eq!(text, "{\n  \"7\": {\n    \"a\": []\n  }\n}\n");
    }

    fn spread_of(outputs: &str, name: &str) -> Vec<(f64, f64, u32)> {
        let cell = json::read_cell(outputs.as_bytes());
        let found = points(4, rows_of_outputs(&cell).into_iter().map(Dict::iter));
        let (_, all) = found.into_iter().find(|(known, _)| known.as_str() == Some(name)).unwrap();
        all.iter().map(|placed| (placed.point.x, placed.point.y, placed.point.sample)).collect()
    }

    /// Samples are counted among all that the phase has, values of a list within their sample.
    #[test]
    fn numbers_are_called_what_they_are() {
        let called = |outputs: &str| {
            let cell = json::read_cell(outputs.as_bytes());
            let rows = crate::formats::pandas::rows_of_samples(&cell);
            let found = points(1, rows.into_iter().map(|row| row.into_iter().flat_map(Dict::iter)));
            found[0].1.iter().map(|p| (p.point.place.sample, p.point.place.value)).collect::<Vec<_>>()
        };
        assert_eq!(called(r#"[{"y": 1}, null, {"y": 3}]"#), [(1, 0), (3, 0)]);
        assert_eq!(
            called(r#"[{"y": [1, 2]}, {"y": [3, 4]}, {"y": 5}]"#),
            [(1, 1), (1, 2), (2, 1), (2, 2), (3, 0)]
        );
        assert_eq!(called(r#"{"y": [1, 2, 3]}"#), [(0, 1), (0, 2), (0, 3)]);
        assert_eq!(called(r#"{"y": 1}"#), [(0, 0)]);
    }

    #[test]
    fn samples_spread_between_their_iteration_and_the_next() {
        let batch = r#"[{"y": 5}, {"y": 6, "z": 1}, {"y": true, "z": 2}]"#;
        assert_eq!(spread_of(batch, "y"), [(4.25, 5.0, 1), (4.5, 6.0, 2), (4.75, 1.0, 3)]);
        // A sample is called by its row, also where another one has no number.
        assert_eq!(spread_of(batch, "z"), [(4.5, 1.0, 2), (4.75, 2.0, 3)]);
        assert_eq!(spread_of(r#"{"y": 5}"#, "y"), [(4.0, 5.0, 0)]);
        assert_eq!(spread_of(r#"[{}, {"y": 5}]"#, "y"), [(4.0 + 2.0 / 3.0, 5.0, 2)]);
        assert_eq!(
            spread_of(r#"[{"y": [5, 6]}, {"y": 7}]"#, "y"),
            [(4.25, 5.0, 1), (4.5, 6.0, 2), (4.75, 7.0, 3)]
        );
    }
}
