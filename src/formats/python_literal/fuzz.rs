//! The reader of Python's literals beside the writer of Python's `repr`.

use crate::{
    formats::{python_literal::leading_dict, python_repr::py_repr},
    model::value::Value,
};

/// A dict that is read from a text is written so that it is read to the same again.
pub fn python(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(dict) = leading_dict(&text).map(Value::Dict) else { return };
    if !is_literal(&dict) {
        return;
    }
    let written = py_repr(&dict);
    let again = leading_dict(&written).map(|dict| py_repr(&Value::Dict(dict)));
    assert_eq!(again.as_deref(), Some(written.as_str()));
}

/// Infinities are written as names, which are read as texts.
fn is_literal(value: &Value) -> bool {
    match value {
        Value::Float(float) => float.is_finite(),
        Value::List(list) => list.iter().all(is_literal),
        Value::Dict(dict) => dict.iter().all(|(_, value)| is_literal(value)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Str(_) => true,
    }
}
