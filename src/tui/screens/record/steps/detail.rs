//! An opened step: its error and times as text, its inputs, what it added and its output as a JSON tree.

use std::ops::Range;

use crate::{
    model::{
        format::duration,
        needle::Needle,
        sanitize::sanitize_lines,
        timestamp::{Timestamp, seconds_between},
        value::{Cell, Dict, Text, Value},
    },
    services::{find_value, steps::StepDetail},
    style::{Role, Theme},
    tui::widgets::{
        json_tree::JsonTree,
        marks::{begins_in, marked_row},
        pane::wrapped_rows,
        tree::{TreeLine, label_columns},
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
    /// Its error and its times, and the rows of them, as bytes.
    texts: Vec<(String, Role)>,
    rows: Vec<(usize, Range<usize>)>,
    root: Value,
    tree: JsonTree,
}

impl Default for OpenStep {
    fn default() -> Self {
        let (root, tree) = (Value::Null, JsonTree::default());
        let (texts, rows) = (Vec::new(), Vec::new());
        Self { detail: None, failed: None, stale: true, texts, rows, root, tree }
    }
}

impl OpenStep {
    /// What was open in the tree stays so where the data is the same.
    pub fn learn(&mut self, detail: Box<StepDetail>, width: u16) {
        self.stale = false;
        self.failed = None;
        let root = root(&detail);
        if self.detail.is_none() || self.root != root {
            self.tree = JsonTree::new(&root, width, DEPTH);
            // From the last on, so that opening one does not move the others.
            for line in (0..opened(&detail)).rev() {
                self.tree.open(&root, line);
            }
            self.root = root;
        }
        self.detail = Some(detail);
        self.lay_out(width);
    }

    pub fn fail(&mut self, why: String, width: u16) {
        self.stale = false;
        self.failed = Some(why);
        self.lay_out(width);
    }

    pub fn lay_out(&mut self, width: u16) {
        self.tree.lay_out(&self.root, width);
        self.texts.clear();
        let clean = |text: &str, kind| (sanitize_lines(text).into_owned(), kind);
        self.texts.extend(self.failed.iter().map(|why| clean(why, Role::Failed)));
        if let Some(detail) = &self.detail {
            if let Some(error) = &detail.error {
                self.texts.push(clean(error, Role::Failed));
            } else if detail.failed == Some(true) {
                self.texts.push(clean("failed; the file has no text for it", Role::Failed));
            }
            self.texts.push(clean(&times(detail), Role::Dim));
        }
        let columns = label_columns(width, DEPTH);
        let rows = |(n, (text, _)): (usize, &(String, Role))| -> Vec<_> {
            wrapped_rows(text, columns).map(|row| (n, row)).collect()
        };
        self.rows = self.texts.iter().enumerate().flat_map(rows).collect();
    }

    pub fn detail(&self) -> Option<&StepDetail> {
        self.detail.as_deref()
    }

    pub fn len(&self) -> usize {
        (self.rows.len() + self.tree.len()).max(1)
    }

    /// The tree's line for one of ours.
    fn inside(&self, line: usize) -> Option<usize> {
        line.checked_sub(self.rows.len()).filter(|n| *n < self.tree.len())
    }

    pub fn open(&mut self, line: usize) -> bool {
        self.inside(line).is_some_and(|n| self.tree.open(&self.root, n))
    }

    pub fn close(&mut self, line: usize) -> bool {
        self.inside(line).is_some_and(|n| self.tree.close(&self.root, n))
    }

    pub fn toggle(&mut self, line: usize) -> bool {
        self.inside(line).is_some_and(|n| self.tree.toggle(&self.root, n))
    }

    pub fn parent(&self, line: usize) -> Option<usize> {
        Some(self.tree.parent(self.inside(line)?)? + self.rows.len())
    }

    /// The value of a line.
    pub fn value(&self, line: usize) -> Option<&Value> {
        self.tree.value(&self.root, self.inside(line)?)
    }

    /// A line with the words marked.
    pub fn line(&self, line: usize, needle: &Needle, theme: &Theme) -> Option<TreeLine<'static>> {
        let Some((n, row)) = self.rows.get(line) else {
            return self.tree.line(&self.root, self.inside(line)?, needle, theme);
        };
        let (text, kind) = self.texts.get(*n)?;
        Some(TreeLine { depth: DEPTH, label: marked_row(text, row, needle, *kind), ..TreeLine::default() })
    }

    /// Do the words begin on a line?
    pub fn line_has(&self, line: usize, needle: &Needle) -> bool {
        match self.rows.get(line) {
            Some((n, row)) => self.texts.get(*n).is_some_and(|(text, _)| begins_in(text, row, needle)),
            None => self.inside(line).is_some_and(|line| self.tree.line_has(&self.root, line, needle)),
        }
    }

    /// Opens what hides the words; the line where they stand.
    pub fn reveal(&mut self, needle: &Needle) -> Option<usize> {
        if let Some(line) = (0..self.rows.len()).find(|line| self.line_has(*line, needle)) {
            return Some(line);
        }
        let Value::Dict(parts) = &self.root else { return None };
        let in_part = |name: &&str| {
            let (at, (_, value)) =
                parts.iter().enumerate().find(|(_, (known, _))| known.as_str() == Some(name))?;
            let mut path = find_value::path_to(value, needle)?;
            path.insert(0, at);
            Some(path)
        };
        // What it added is also in its output.
        let path = ["added", "arguments", "inputs", "output"].iter().find_map(in_part)?;
        Some(self.tree.reveal(&self.root, &path, needle)? + self.rows.len())
    }
}

/// Arguments, inputs and what was added come first and are open; the whole output opens on demand.
fn root(detail: &StepDetail) -> Value {
    let output = match &detail.output {
        Cell::Null => Value::Null,
        Cell::Json(value) => value.clone(),
        Cell::Odd(text) => Value::Str(text.clone()),
    };
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

/// `03:00:44.812 to 03:00:45.310, 0.5 s`.
fn times(detail: &StepDetail) -> String {
    let moment = |stamp: &Timestamp| match stamp {
        Timestamp::At(at) => at.strftime("%H:%M:%S%.3f").to_string(),
        Timestamp::Odd(text) => text.to_string(),
        Timestamp::None => "no time".to_owned(),
    };
    match (&detail.start, &detail.end) {
        (start, Timestamp::None) => format!("{}, no end time", moment(start)),
        (Timestamp::At(from), Timestamp::At(to)) => {
            let took = duration(seconds_between(*from, *to));
            format!("{} to {}, {took}", moment(&detail.start), moment(&detail.end))
        }
        (start, end) => format!("{} to {}", moment(start), moment(end)),
    }
}
