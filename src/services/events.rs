//! The events of a run and IvoryOS's labels for them.

use crate::model::{
    run::Run,
    timestamp::Timestamp,
    value::{Cell, Dict, Value},
};

/// An event of the run, with IvoryOS's label for its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    pub time: Timestamp,
    pub kind: String,
    pub label: String,
    pub detail: Option<String>,
}

/// The stored list of events; anything that is no list of objects has none.
pub fn stored(run: &Run) -> Vec<Dict> {
    let Cell::Json(Value::List(items)) = run.events.read() else {
        return Vec::new();
    };
    items.into_iter().filter_map(|i| if let Value::Dict(d) = i { Some(d) } else { None }).collect()
}

/// The events as people read them.
pub fn of(run: &Run) -> Vec<RunEvent> {
    stored(run)
        .iter()
        .map(|e| {
            let kind = text(e, "kind").unwrap_or_default();
            RunEvent {
                time: Timestamp::read(text(e, "time").as_deref()),
                label: label(&kind).unwrap_or(&kind).to_owned(),
                kind,
                detail: text(e, "detail"),
            }
        })
        .collect()
}

/// IvoryOS's word for an event kind; `None` for a kind it does not know.
pub fn label(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "paused" => "Paused",
        "resumed" => "Resumed",
        "retried" => "Retried step",
        "stop_after_iteration" => "Stop after this iteration",
        "stop_now" => "Stopped",
        "cleanup_skipped" => "Cleanup skipped",
        "table_edited" => "Table edited",
        "error" => "Error",
        "intervention" => "Intervention needed",
        "early_stop" => "Early stop",
        "rows_not_run" => "Rows not run",
        _ => return None,
    })
}

/// An entry of an event as text; `None` for null or none.
pub fn text(dict: &Dict, key: &str) -> Option<String> {
    match dict.get(key)? {
        Value::Str(t) => Some(t.lossy().into_owned()),
        Value::Null => None,
        other => {
            let mut text = String::new();
            crate::formats::python_repr::repr(other, &mut text);
            Some(text)
        }
    }
}
