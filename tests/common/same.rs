//! IvoryOS's JSON against ours: the same but for the deliberate differences (full times, strict JSON).

use ivorylens::model::value::{Dict, Value};

/// What differs between `want` (IvoryOS's, with bare NaN) and `got` (ours), if anything; `place` leads to both.
pub fn difference(want: &Value, got: &Value, place: &str) -> Option<String> {
    match (want, got) {
        (Value::Dict(a), Value::Dict(b)) => dicts(a, b, place),
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (x, y))| difference(x, y, &format!("{place}[{i}]")))
        }
        (Value::List(a), Value::List(b)) => Some(format!("{place}: {} items, got {}", a.len(), b.len())),
        (Value::Float(f), _) if !f.is_finite() => {
            let word = match f {
                f if f.is_nan() => "NaN",
                f if *f > 0.0 => "Infinity",
                _ => "-Infinity",
            };
            unless(matches!(got, Value::Str(text) if text.lossy() == word), want, got, place)
        }
        (Value::Str(a), Value::Str(b)) => {
            let (a, b) = (a.lossy(), b.lossy());
            let time = place.ends_with(".start_time") || place.ends_with(".end_time");
            match web_time(&a) {
                Some(at) if time => unless(
                    b.get(..19).is_some_and(|seconds| seconds.replace(' ', "T") == at),
                    want,
                    got,
                    place,
                ),
                _ => unless(a == b, want, got, place),
            }
        }
        _ => unless(want == got, want, got, place),
    }
}

fn unless(right: bool, want: &Value, got: &Value, place: &str) -> Option<String> {
    (!right).then(|| format!("{place}: want {want:?} got {got:?}").chars().take(300).collect())
}

fn dicts(want: &Dict, got: &Dict, place: &str) -> Option<String> {
    let find = |dict: &Dict, key: &str| dict.iter().find(|(k, _)| k.lossy() == key).map(|(_, v)| v.clone());
    for (key, value) in want.iter() {
        let key = key.lossy();
        let Some(ours) = find(got, &key) else { return Some(format!("{place}: no key {key:?}")) };
        if let Some(found) = difference(value, &ours, &format!("{place}.{key}")) {
            return Some(found);
        }
    }
    let more = got.iter().find(|(key, _)| find(want, &key.lossy()).is_none());
    more.map(|(key, _)| format!("{place}: one key too many, {key:?}"))
}

/// `Tue, 24 Nov 2026 03:00:29 GMT` as `2026-11-24T03:00:29`.
fn web_time(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.strip_suffix(" GMT")?.split_once(", ")?.1.split(' ');
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    Some(format!("{year}-{month:02}-{day}T{clock}"))
}
