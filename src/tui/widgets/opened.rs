//! Something that is opened: texts of several lines, and below them a value as a tree.

use std::ops::Range;

use super::{
    json_tree::JsonTree,
    marks::{begins_in, marked_row},
    pane::wrapped_rows,
    tree::{TreeLine, label_columns},
};
use crate::{
    model::{needle::Needle, sanitize::sanitize_lines, value::Value},
    style::{Role, Theme},
};

/// Texts above a value's tree, as lines of a tree.
#[derive(Debug)]
pub struct Opened {
    /// How deep its lines stand.
    depth: usize,
    /// Cleaned.
    texts: Vec<(String, Role)>,
    /// The rows of the texts, as bytes.
    rows: Vec<(usize, Range<usize>)>,
    root: Value,
    tree: JsonTree,
    /// A value was set.
    is_set: bool,
}

impl Opened {
    pub fn new(depth: usize) -> Self {
        let (texts, rows) = (Vec::new(), Vec::new());
        Self { depth, texts, rows, root: Value::Null, tree: JsonTree::default(), is_set: false }
    }

    /// Other texts; they are laid out with the next [`Opened::lay_out`].
    pub fn set_texts<'a>(&mut self, texts: impl IntoIterator<Item = (&'a str, Role)>) {
        let cleaned = texts.into_iter().map(|(text, role)| (sanitize_lines(text).into_owned(), role));
        self.texts = cleaned.collect();
    }

    /// Another value, of which the first entries are open. What was open stays so where the value is the same.
    pub fn set_value(&mut self, root: Value, open: usize, width: u16) {
        if self.is_set && self.root == root {
            return;
        }
        self.tree = JsonTree::new(&root, width, self.depth);
        // From the last on, so that opening one does not move the others.
        for line in (0..open).rev() {
            self.tree.open(&root, line);
        }
        self.root = root;
        self.is_set = true;
    }

    pub fn lay_out(&mut self, width: u16) {
        self.tree.lay_out(&self.root, width);
        let columns = label_columns(width, self.depth);
        let rows = |(n, (text, _)): (usize, &(String, Role))| -> Vec<_> {
            wrapped_rows(text, columns).map(|row| (n, row)).collect()
        };
        self.rows = self.texts.iter().enumerate().flat_map(rows).collect();
    }

    /// Lines.
    pub fn len(&self) -> usize {
        self.rows.len() + self.tree.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lines of the texts.
    pub fn text_lines(&self) -> usize {
        self.rows.len()
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

    /// The whole value.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// A line with the words marked.
    pub fn line(&self, line: usize, needle: &Needle, theme: &Theme) -> Option<TreeLine<'static>> {
        let Some((n, row)) = self.rows.get(line) else {
            return self.tree.line(&self.root, self.inside(line)?, needle, theme);
        };
        let (text, kind) = self.texts.get(*n)?;
        let label = marked_row(text, row, needle, *kind);
        Some(TreeLine { depth: self.depth, label, ..TreeLine::default() })
    }

    /// Do the words begin on a line?
    pub fn line_has(&self, line: usize, needle: &Needle) -> bool {
        match self.rows.get(line) {
            Some((n, row)) => self.texts.get(*n).is_some_and(|(text, _)| begins_in(text, row, needle)),
            None => self.inside(line).is_some_and(|line| self.tree.line_has(&self.root, line, needle)),
        }
    }

    /// Opens what hides the words in what lies at a path of the value; the line where they stand.
    pub fn reveal(&mut self, path: &[usize], needle: &Needle) -> Option<usize> {
        Some(self.tree.reveal(&self.root, path, needle)? + self.rows.len())
    }
}
