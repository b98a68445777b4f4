//! The events of a run and IvoryOS's labels for them.

use std::cell::OnceCell;

use crate::{
    formats::python_repr,
    model::{
        run::Run,
        timestamp::Timestamp,
        value::{Cell, Dict, Value},
    },
};

/// A step failed, or was tried again behind it.
pub const ERROR: &str = "error";
pub const RETRIED: &str = "retried";

/// An event of the run, with IvoryOS's label for its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    pub time: Timestamp,
    pub kind: String,
    pub label: String,
    pub detail: Option<String>,
}

/// A run with its events, which are read when they are needed first, and only once.
#[derive(Debug)]
pub struct LazyEvents<'a> {
    pub run: &'a Run,
    read: OnceCell<ReadEvents>,
}

#[derive(Debug)]
struct ReadEvents {
    all: Vec<RunEvent>,
    odd: bool,
}

impl<'a> LazyEvents<'a> {
    pub fn of(run: &'a Run) -> Self {
        Self { run, read: OnceCell::new() }
    }

    /// The events as people read them.
    pub fn all(&self) -> &[RunEvent] {
        &self.read().all
    }

    pub fn into_all(self) -> Vec<RunEvent> {
        self.read();
        self.read.into_inner().map(|read| read.all).unwrap_or_default()
    }

    /// The cell is no JSON.
    pub fn are_odd(&self) -> bool {
        self.read().odd
    }

    fn read(&self) -> &ReadEvents {
        self.read.get_or_init(|| {
            #[cfg(test)]
            READS.set(READS.get() + 1);
            let cell = self.run.events.read();
            let odd = matches!(cell, Cell::Odd(_));
            ReadEvents { all: dicts(cell).iter().map(RunEvent::of).collect(), odd }
        })
    }
}

#[cfg(test)]
thread_local! {
    /// How often events were read.
    pub(super) static READS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

impl RunEvent {
    fn of(event: &Dict) -> Self {
        let kind = text(event, "kind").unwrap_or_default();
        RunEvent {
            time: Timestamp::read(text(event, "time").as_deref()),
            label: label(&kind).unwrap_or(&kind).to_owned(),
            kind,
            detail: text(event, "detail"),
        }
    }
}

/// The events as they are stored.
pub fn stored(run: &Run) -> Vec<Dict> {
    dicts(run.events.read())
}

/// The stored list of events; anything that is no list of objects has none.
fn dicts(cell: Cell) -> Vec<Dict> {
    let Cell::Json(Value::List(items)) = cell else {
        return Vec::new();
    };
    items.into_iter().filter_map(|i| if let Value::Dict(d) = i { Some(d) } else { None }).collect()
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
        other => Some(python_repr::py_repr(other)),
    }
}
