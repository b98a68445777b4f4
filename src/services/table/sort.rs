//! The order of a table's rows by what stands in one column.

use std::cmp::Ordering;

use super::types::{TableKey, TableRow, TableSort};
use crate::{
    formats::python_repr::str_of,
    model::{natural_order, value::Value},
};

/// What a row is sorted by.
#[derive(Debug)]
pub(super) enum SortValue {
    /// As a double, and the digits of an integer that a double may not hold.
    Number(f64, Option<Box<str>>),
    Text(String),
    Nothing,
}

impl SortValue {
    pub fn of(row: &TableRow, by: &TableKey) -> SortValue {
        match by {
            TableKey::Row => SortValue::Number(row.row as f64, None),
            TableKey::Iteration => {
                row.iteration.map_or(SortValue::Nothing, |n| SortValue::Number(n as f64, None))
            }
            TableKey::Status { running } if row.status == "running" => SortValue::text(running.clone()),
            TableKey::Status { .. } => SortValue::text(row.status.clone()),
            TableKey::Reason => SortValue::text(row.reason.clone().unwrap_or_default()),
            TableKey::Parameter(name) => SortValue::value(row.parameter(name)),
            TableKey::Output(name) => SortValue::value(row.output(name)),
        }
    }

    fn value(value: Option<&Value>) -> SortValue {
        match value {
            None | Some(Value::Null) => SortValue::Nothing,
            Some(Value::Float(f)) if f.is_nan() => SortValue::Nothing,
            Some(value) => match plain_number(value) {
                Some(number) => SortValue::Number(number, digits(value)),
                None => {
                    let mut text = String::new();
                    str_of(value, &mut text);
                    SortValue::text(text)
                }
            },
        }
    }

    fn text(text: String) -> SortValue {
        if text.is_empty() { SortValue::Nothing } else { SortValue::Text(text) }
    }

    fn compare(&self, other: &SortValue) -> Ordering {
        match (self, other) {
            (SortValue::Number(a, digits), SortValue::Number(b, others)) => a.total_cmp(b).then_with(|| {
                let both = digits.as_deref().zip(others.as_deref());
                both.map_or(Ordering::Equal, |(a, b)| compare_integers(a, b))
            }),
            (SortValue::Text(a), SortValue::Text(b)) => natural_order::compare(a, b),
            (SortValue::Nothing, SortValue::Nothing) => Ordering::Equal,
            (SortValue::Number(..), _) | (_, SortValue::Nothing) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// Of an integer that a double may not hold.
fn digits(value: &Value) -> Option<Box<str>> {
    match value {
        Value::Int(i) if i.unsigned_abs() >= 1 << 53 => Some(i.to_string().into()),
        Value::BigInt(digits) => Some(digits.clone()),
        _ => None,
    }
}

/// Integers as they are written.
fn compare_integers(a: &str, b: &str) -> Ordering {
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (Some(a), Some(b)) => (b.len(), b).cmp(&(a.len(), a)),
        (None, None) => (a.len(), a).cmp(&(b.len(), b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

/// A value that is a number; booleans are none here, unlike in Python.
pub fn plain_number(value: &Value) -> Option<f64> {
    if let Value::Bool(_) = value { None } else { value.number() }
}

/// The positions of the keys in sorted order: equal keys stay in the order they have, empty ones come last, also in a
/// falling sort.
pub(super) fn order(keys: &[SortValue], sort: &TableSort) -> Vec<u32> {
    let mut keyed: Vec<(u32, &SortValue)> = (0..).zip(keys).collect();
    keyed.sort_by(|(_, a), (_, b)| match (a, b) {
        (SortValue::Nothing, _) | (_, SortValue::Nothing) => a.compare(b),
        _ if sort.rising => a.compare(b),
        _ => b.compare(a),
    });
    keyed.into_iter().map(|(n, _)| n).collect()
}
