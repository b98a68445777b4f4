//! The reader of JSON beside serde_json, which reads less: no NaN, no lone surrogates, nothing deep.

use crate::{
    formats::json::{JsonWriter, Layout},
    model::{json::read, value::Value},
};

/// What serde_json reads is read, and to the same; where it is refused, serde_json refuses it too. What is read can be
/// written and read again.
pub fn json(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<serde_json::Value>(bytes);
    let ours = read(bytes);
    let value = match ours {
        Ok(value) => value,
        Err(error) => {
            assert!(theirs.is_err() && error.at <= bytes.len(), "{error}, but it is {theirs:?}");
            return;
        }
    };
    assert!(
        theirs.as_ref().is_ok_and(|theirs| same(theirs, &value)) || theirs.is_err(),
        "{theirs:?} is not {value:?}"
    );
    // The writer has texts in place of numbers and surrogates that JSON lacks; what it wrote has all of it.
    let written = read(&write(&value));
    let again = written.as_ref().map(|written| read(&write(written)));
    assert_eq!(again.as_ref(), Ok(&written));
}

fn write(value: &Value) -> Vec<u8> {
    let mut writer = JsonWriter::new(Vec::new(), Layout::Line);
    let written = writer.value(value).and_then(|()| writer.finish());
    written.unwrap_or_default()
}

fn same(theirs: &serde_json::Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (serde_json::Value::Null, Value::Null) => true,
        (serde_json::Value::Bool(theirs), Value::Bool(ours)) => theirs == ours,
        (serde_json::Value::Number(theirs), ours) => same_number(theirs, ours),
        (serde_json::Value::String(theirs), Value::Str(ours)) => ours.as_str() == Some(theirs),
        (serde_json::Value::Array(theirs), Value::List(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| same(theirs, ours))
        }
        (serde_json::Value::Object(theirs), Value::Dict(ours)) => {
            let found = |(key, theirs): (&String, _)| ours.get(key).is_some_and(|ours| same(theirs, ours));
            theirs.len() == ours.len() && theirs.iter().all(found)
        }
        _ => false,
    }
}

fn same_number(theirs: &serde_json::Number, ours: &Value) -> bool {
    match ours {
        Value::Int(ours) => theirs.as_i64() == Some(*ours) || theirs.as_f64() == Some(*ours as f64),
        Value::BigInt(ours) => ours.parse().ok() == theirs.as_f64(),
        // Beyond all numbers.
        Value::Float(ours) if ours.is_infinite() => theirs.as_f64().is_none(),
        Value::Float(ours) => {
            // serde_json's default is quick and may miss the last bit.
            theirs
                .as_f64()
                .is_some_and(|theirs| theirs == *ours || (theirs - ours).abs() <= ours.abs() * 1e-15)
        }
        _ => false,
    }
}
