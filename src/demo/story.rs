//! A run as it is told: its rows, events and log lines, with times counted from its start.

use std::fmt::Write;

use super::python::{made, repr, text};
use crate::model::value::{Dict, Value};

/// Microseconds from the start of the run.
pub type StoryMoment = i64;

#[derive(Default)]
pub struct Story {
    pub phases: Vec<StoryPhase>,
    pub log: Vec<(StoryMoment, String)>,
    pub events: Vec<StoryEvent>,
    /// How far the telling is.
    pub now: StoryMoment,
    pub status: Option<&'static str>,
    /// False where the server died, or the run still goes on.
    pub ended: bool,
    /// One dict for each sample of each finished iteration.
    pub returned: Vec<Dict>,
}

#[derive(Default)]
pub struct StoryPhase {
    pub name: &'static str,
    pub index: i64,
    pub parameters: Option<String>,
    pub outputs: Option<String>,
    pub status: Option<&'static str>,
    pub error: Option<String>,
    pub start: StoryMoment,
    pub end: Option<StoryMoment>,
    pub steps: Vec<StoryStep>,
}

pub struct StoryStep {
    pub index: i64,
    pub method: &'static str,
    pub start: StoryMoment,
    pub end: Option<StoryMoment>,
    pub failed: bool,
    pub output: String,
}

/// An event without its time.
pub struct StoryEvent {
    pub at: StoryMoment,
    pub kind: &'static str,
    pub detail: Option<String>,
    /// What comes after the detail: `rows` that were not run, or `changes` of a table (each gets the time too).
    pub more: Option<(&'static str, Vec<Dict>)>,
}

impl StoryEvent {
    /// As stored; `time` is `YYYY-MM-DDTHH:MM:SS`.
    pub fn value(&self, time: &str) -> Value {
        let detail = self.detail.as_deref().map_or(Value::Null, text);
        let mut entries = made([("time", text(time)), ("kind", text(self.kind)), ("detail", detail)]);
        if let Some((key, items)) = &self.more {
            let timed = |item: &Dict| {
                let first = (*key == "changes").then(|| ("time".into(), text(time)));
                Dict::from_entries(first.into_iter().chain(item.clone().into_entries()).collect())
            };
            entries.insert(
                (*key).into(),
                Value::List(items.iter().map(|item| Value::Dict(timed(item))).collect()),
            );
        }
        Value::Dict(entries)
    }
}

impl Story {
    pub fn pass(&mut self, seconds: f64) {
        self.now += (seconds * 1e6) as i64;
    }

    pub fn say(&mut self, line: impl Into<String>) {
        self.log.push((self.now, line.into()));
    }

    pub fn event(&mut self, kind: &'static str, detail: Option<&str>) {
        self.events.push(StoryEvent { at: self.now, kind, detail: detail.map(Into::into), more: None });
    }

    pub fn begin(&mut self, name: &'static str, index: i64, parameters: Option<String>) {
        self.pass(0.004);
        self.phases.push(StoryPhase { name, index, parameters, start: self.now, ..StoryPhase::default() });
    }

    pub fn end(&mut self, status: Option<&'static str>, outputs: Option<String>) {
        self.pass(0.003);
        let now = self.now;
        if let Some(phase) = self.phases.last_mut() {
            (phase.status, phase.outputs, phase.end) = (status, outputs, Some(now));
        }
    }

    pub fn step(&mut self, step: StoryStep) {
        if let Some(phase) = self.phases.last_mut() {
            phase.steps.push(step);
        }
    }

    /// The server is gone, or the run goes on: what was open stays open.
    pub fn cut(&mut self) {
        if let Some(step) = self.phases.last_mut().and_then(|phase| phase.steps.last_mut()) {
            (step.end, step.output) = (None, "{}".into());
        }
        self.status = None;
        self.ended = false;
    }
}

/// A list of dicts as Python prints it.
pub fn shown(items: &[Dict]) -> String {
    repr(&Value::List(items.iter().cloned().map(Value::Dict).collect()))
}

/// A traceback as IvoryOS logs it under an error.
pub fn traceback(method: &str, fault: &super::instruments::Fault) -> String {
    let mut out = String::from("Traceback (most recent call last):\n");
    let frames = [
        (
            "/opt/lab/site-packages/ivoryos/runtime/script_runner_steps.py",
            401,
            "_execute_action",
            "result = await asyncio.to_thread(attr, **call_args)",
        ),
        (
            "/opt/python/lib/asyncio/threads.py",
            25,
            "to_thread",
            "return await loop.run_in_executor(None, func_call)",
        ),
        (
            "/opt/python/lib/concurrent/futures/thread.py",
            58,
            "run",
            "result = self.fn(*self.args, **self.kwargs)",
        ),
        ("/opt/lab/deck.py", 94, method, fault.line),
    ];
    for (file, line, function, code) in frames {
        // a String takes whatever is written
        let _ = writeln!(out, "  File \"{file}\", line {line}, in {function}\n    {code}");
        if function != method {
            let skip = code.find("await").or_else(|| code.find("self")).unwrap_or(0);
            let _ = writeln!(out, "    {}{}", " ".repeat(skip), "^".repeat(code.len() - skip));
        }
    }
    let _ = write!(out, "{}: {}", fault.class, fault.message);
    out
}
