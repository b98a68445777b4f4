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
    series::Point,
    value::{Cell, Text, Value},
};

/// The numbers of one output in one phase, in sample order.
pub type Numbers<'a> = Vec<&'a Value>;

/// A phase's outputs that have numbers, in order of first appearance: numbers (booleans are numbers in Python) and
/// lists made only of numbers, one point an element. An empty list gives a name without points.
pub fn numbers_of(outputs: &Cell) -> Vec<(&Text, Numbers<'_>)> {
    let mut places: HashMap<&Text, usize> = HashMap::new();
    let mut found: Vec<(&Text, Numbers<'_>)> = Vec::new();
    for (name, value) in rows_of_outputs(outputs).into_iter().flat_map(|row| row.iter()) {
        let Some(points) = points_of(value) else { continue };
        let place = *places.entry(name).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, numbers)) => numbers.extend(points),
            None => found.push((name, points.iter().collect())),
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

/// A phase's numbers of one output as points: several spread over the iteration, so that none hides another.
pub fn spread<'a>(iteration: i64, numbers: &'a [&'a Value]) -> impl Iterator<Item = Point> + 'a {
    let n = numbers.len();
    numbers.iter().zip(1_u32..).map(move |(value, sample)| {
        let y = value.number().unwrap_or(f64::NAN);
        let is_integer = !matches!(value, Value::Float(_));
        if n == 1 {
            return Point { x: iteration as f64, y, is_integer, iteration, sample: 0 };
        }
        let x = iteration as f64 + f64::from(sample) / (n as f64 + 1.0);
        Point { x, y, is_integer, iteration, sample }
    })
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

    #[test]
    fn samples_spread_between_their_iteration_and_the_next() {
        let cell = json::read_cell(b"[{\"y\": 5}, {\"y\": 6}, {\"y\": true}]");
        let numbers = numbers_of(&cell);
        let points: Vec<Point> = spread(4, &numbers[0].1).collect();
        assert_eq!(points.iter().map(|p| p.x).collect::<Vec<_>>(), [4.25, 4.5, 4.75]);
        assert_eq!(
            points.iter().map(|p| (p.y, p.sample)).collect::<Vec<_>>(),
            [(5.0, 1), (6.0, 2), (1.0, 3)]
        );
        let one: Vec<Point> = spread(4, &numbers[0].1[..1]).collect();
        assert_eq!(one, [Point { x: 4.0, y: 5.0, is_integer: true, iteration: 4, sample: 0 }]);
    }
}
