//! An opened step: its error and times as text, its inputs, what it added and its output as a JSON tree.

use crate::{
    model::{
        needle::Needle,
        value::{Dict, Text, Value},
    },
    services::{find_value, steps::StepDetail},
    style::{Role, Theme},
    tui::{
        screens::words::{cell_value, times},
        widgets::{opened::Opened, tree::TreeLine},
    },
};

/// How deep the lines of an opened step stand in the tree.
const DEPTH: usize = 2;

#[derive(Debug)]
pub(super) struct OpenStep {
    detail: Option<Box<StepDetail>>,
    /// Why there is no detail.
    failed: Option<String>,
    /// Must be read (again).
    pub stale: bool,
    /// Its error and its times, and below them its values.
    opened: Opened,
}

impl Default for OpenStep {
    fn default() -> Self {
        Self { detail: None, failed: None, stale: true, opened: Opened::new(DEPTH) }
    }
}

impl OpenStep {
    /// What was open in the tree stays so where the data is the same.
    pub fn learn(&mut self, detail: Box<StepDetail>, width: u16) {
        self.stale = false;
        self.failed = None;
        self.opened.set_value(root(&detail), opened(&detail), width);
        self.detail = Some(detail);
        self.lay_out(width);
    }

    pub fn fail(&mut self, why: String, width: u16) {
        self.stale = false;
        self.failed = Some(why);
        self.lay_out(width);
    }

    pub fn lay_out(&mut self, width: u16) {
        let mut texts: Vec<(&str, Role)> = Vec::new();
        texts.extend(self.failed.as_deref().map(|why| (why, Role::Failed)));
        let times = self.detail.as_deref().map(|detail| times(&detail.start, &detail.end));
        if let Some(detail) = &self.detail {
            if let Some(error) = &detail.error {
                texts.push((error, Role::Failed));
            } else if detail.failed == Some(true) {
                texts.push(("failed; the file has no text for it", Role::Failed));
            }
            texts.extend(times.as_deref().map(|times| (times, Role::Dim)));
        }
        self.opened.set_texts(texts);
        self.opened.lay_out(width);
    }

    pub fn detail(&self) -> Option<&StepDetail> {
        self.detail.as_deref()
    }

    pub fn len(&self) -> usize {
        self.opened.len().max(1)
    }

    pub fn open(&mut self, line: usize) -> bool {
        self.opened.open(line)
    }

    pub fn close(&mut self, line: usize) -> bool {
        self.opened.close(line)
    }

    pub fn toggle(&mut self, line: usize) -> bool {
        self.opened.toggle(line)
    }

    pub fn parent(&self, line: usize) -> Option<usize> {
        self.opened.parent(line)
    }

    /// The value of a line.
    pub fn value(&self, line: usize) -> Option<&Value> {
        self.opened.value(line)
    }

    /// A line with the words marked.
    pub fn line(&self, line: usize, needle: &Needle, theme: &Theme) -> Option<TreeLine<'static>> {
        self.opened.line(line, needle, theme)
    }

    /// Do the words begin on a line?
    pub fn line_has(&self, line: usize, needle: &Needle) -> bool {
        self.opened.line_has(line, needle)
    }

    /// Opens what hides the words; the line where they stand.
    pub fn reveal(&mut self, needle: &Needle) -> Option<usize> {
        if let Some(line) = (0..self.opened.text_lines()).find(|line| self.line_has(*line, needle)) {
            return Some(line);
        }
        let Value::Dict(parts) = self.opened.root() else { return None };
        let in_part = |name: &&str| {
            let (at, (_, value)) =
                parts.iter().enumerate().find(|(_, (known, _))| known.as_str() == Some(name))?;
            let mut path = find_value::path_to(value, needle)?;
            path.insert(0, at);
            Some(path)
        };
        // What it added is also in its output.
        let path = ["added", "arguments", "inputs", "output"].iter().find_map(in_part)?;
        self.opened.reveal(&path, needle)
    }
}

/// Arguments, inputs and what was added come first and are open; the whole output opens on demand.
fn root(detail: &StepDetail) -> Value {
    let output = cell_value(&detail.output);
    let entry = |name: &str, dict: &Dict| (Text::from(name), Value::Dict(dict.clone()));
    let mut entries = Vec::new();
    if let Some(arguments) = detail.arguments.as_ref().filter(|arguments| !arguments.is_empty()) {
        entries.push(entry("arguments", arguments));
    }
    if !detail.inputs.is_empty() {
        entries.push(entry("inputs", &detail.inputs));
    }
    if !detail.added.is_empty() {
        entries.push(entry("added", &detail.added));
    }
    entries.push((Text::from("output"), output));
    Value::Dict(Dict::from_entries(entries))
}

/// How many of the first entries are open at once.
fn opened(detail: &StepDetail) -> usize {
    let arguments = detail.arguments.as_ref().is_some_and(|arguments| !arguments.is_empty());
    usize::from(arguments) + usize::from(!detail.inputs.is_empty()) + usize::from(!detail.added.is_empty())
}
