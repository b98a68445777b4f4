//! The order of a table's rows by what stands in one column.

use std::cmp::Ordering;

use super::types::{TableKey, TableRow, TableSort};
use crate::{export::repr::str_of, model::value::Value};

/// What a row is sorted by.
#[derive(Debug)]
pub(super) enum Key {
    Number(f64),
    Text(String),
    Nothing,
}

impl Key {
    pub fn of(row: &TableRow, by: &TableKey) -> Key {
        match by {
            TableKey::Row => Key::Number(row.row as f64),
            TableKey::Iteration => row.iteration.map_or(Key::Nothing, |n| Key::Number(n as f64)),
            TableKey::Status { running } if row.status == "running" => Key::text(running.clone()),
            TableKey::Status { .. } => Key::text(row.status.clone()),
            TableKey::Reason => Key::text(row.reason.clone().unwrap_or_default()),
            TableKey::Parameter(name) => Key::value(row.parameter(name)),
            TableKey::Output(name) => Key::value(row.output(name)),
        }
    }

    fn value(value: Option<&Value>) -> Key {
        match value {
            None | Some(Value::Null) => Key::Nothing,
            Some(Value::Float(f)) if f.is_nan() => Key::Nothing,
            Some(value) => match plain_number(value) {
                Some(number) => Key::Number(number),
                None => {
                    let mut text = String::new();
                    str_of(value, &mut text);
                    Key::text(text)
                }
            },
        }
    }

    fn text(text: String) -> Key {
        if text.is_empty() { Key::Nothing } else { Key::Text(text) }
    }

    fn compare(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Nothing, Key::Nothing) => Ordering::Equal,
            (Key::Number(_), _) | (_, Key::Nothing) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// A number as Python has it; booleans are words here.
pub fn plain_number(value: &Value) -> Option<f64> {
    if let Value::Bool(_) = value { None } else { value.number() }
}

/// The places of the keys in order; equal ones stay, and those without anything come last, also where it falls.
pub(super) fn order(keys: &[Key], sort: &TableSort) -> Vec<u32> {
    let mut keyed: Vec<(u32, &Key)> = (0..).zip(keys).collect();
    keyed.sort_by(|(_, a), (_, b)| match (a, b) {
        (Key::Nothing, _) | (_, Key::Nothing) => a.compare(b),
        _ if sort.rising => a.compare(b),
        _ => b.compare(a),
    });
    keyed.into_iter().map(|(n, _)| n).collect()
}
