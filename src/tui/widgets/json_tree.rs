//! A JSON value as a tree whose nodes open and close; closed nodes and the end of a long list cost nothing.
//!
//! What has no room on its line opens into rows of the window's width, so that nothing of it is lost.

mod label;
mod search;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    marks::{marked_row, marked_spans},
    pane::wrapped_rows,
    text::{Span, width},
    tree::{TreeLine, label_columns},
};
use crate::{
    model::{format::count, needle::Needle, sanitize::sanitize, value::Value},
    style::{Role, Theme},
};
use label::{EQUALS, fits, opened_words, raw_text, value_span};

/// Children or rows that are shown at once; opening "more" doubles it.
const FIRST: usize = 200;
/// Columns that a value has at least beside its key.
const LEAST: usize = 12;

/// Places from the root down: the n-th entry or element.
type Path = Vec<usize>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// The end of its name from this byte on, and its value.
    Node(usize),
    /// A row of a name that is too long for the node's own line, above that.
    Name(Range<usize>),
    /// A row of a long text, as bytes of it.
    Piece(Range<usize>),
    More(More),
}

/// So many more that are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Children(usize),
    /// Bytes of its text.
    Text(usize),
    /// Bytes of its name.
    Name(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// Of the node itself; of its parent for a piece or "more".
    path: Path,
    what: What,
}

/// Which parts of a value are open, and its visible lines. The value itself stays with the caller and must be the
/// same in every call.
#[derive(Debug, Clone, Default)]
pub struct JsonTree {
    open: HashSet<Path>,
    /// Children or rows of a node that are shown, and rows of its name, where those are more than at first.
    shown: HashMap<(Path, bool), usize>,
    entries: Vec<Entry>,
    width: u16,
    /// How deep the root's children stand.
    depth: usize,
}

impl JsonTree {
    /// In a tree so wide and at this depth; the root's children are the first lines; a single value is one line.
    pub fn new(root: &Value, width: u16, depth: usize) -> Self {
        let mut tree = Self { width, depth, ..Self::default() };
        tree.rebuild(root);
        tree
    }

    /// For another width. What is open stays so.
    pub fn lay_out(&mut self, root: &Value, width: u16) {
        if self.width != width {
            self.width = width;
            self.rebuild(root);
        }
    }

    /// Visible lines.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Opens or closes a line, or shows more; false where there is nothing to open.
    pub fn toggle(&mut self, root: &Value, line: usize) -> bool {
        if self.is_open(line) { self.close(root, line) } else { self.open(root, line) }
    }

    /// True when something opened.
    pub fn open(&mut self, root: &Value, line: usize) -> bool {
        let Some(entry) = self.entries.get(line) else { return false };
        match &entry.what {
            What::More(more) => {
                let key = (entry.path.clone(), matches!(more, More::Name(_)));
                let shown = self.shown.entry(key).or_insert(FIRST);
                *shown = shown.saturating_mul(2);
            }
            What::Node(_) | What::Name(_) if !self.is_open(line) && self.opens(root, entry) => {
                self.open.insert(entry.path.clone());
            }
            _ => return false,
        }
        self.rebuild(root);
        true
    }

    /// True when something closed.
    pub fn close(&mut self, root: &Value, line: usize) -> bool {
        let closed = self.is_open(line) && self.entries.get(line).is_some_and(|e| self.open.remove(&e.path));
        if closed {
            self.rebuild(root);
        }
        closed
    }

    pub fn is_open(&self, line: usize) -> bool {
        let own = |e: &Entry| matches!(e.what, What::Node(_) | What::Name(_));
        self.entries.get(line).is_some_and(|e| own(e) && self.open.contains(&e.path))
    }

    fn opens(&self, root: &Value, entry: &Entry) -> bool {
        find(root, &entry.path).is_some_and(|(name, value)| {
            let name = name.unwrap_or_default();
            !fits(value, self.room(&entry.path, self.name_end(&name, &entry.path)))
        })
    }

    /// The line of what this line belongs to.
    pub fn parent(&self, line: usize) -> Option<usize> {
        let entry = self.entries.get(line)?;
        let path = match entry.what {
            What::Node(_) | What::Name(_) => entry.path.split_last()?.1,
            _ => &entry.path,
        };
        let is_it = |e: &Entry| matches!(e.what, What::Node(_)) && e.path == path;
        self.entries.iter().take(line).rposition(is_it)
    }

    /// The value of a line, or that it is a piece of.
    pub fn value<'v>(&self, root: &'v Value, line: usize) -> Option<&'v Value> {
        find(root, &self.entries.get(line)?.path).map(|(_, value)| value)
    }

    /// A visible line, for [`super::tree::TreeView`], with the words marked.
    pub fn line(
        &self,
        root: &Value,
        line: usize,
        needle: &Needle,
        theme: &Theme,
    ) -> Option<TreeLine<'static>> {
        let entry = self.entries.get(line)?;
        let (name, value) = find(root, &entry.path)?;
        let depth = self.depth + entry.path.len();
        let name = name.unwrap_or_default();
        let above = |label| TreeLine { depth: depth.saturating_sub(1), label, ..TreeLine::default() };
        let below = |label| TreeLine { depth, label, ..TreeLine::default() };
        Some(match &entry.what {
            What::More(More::Children(rest)) => {
                let more = format!("{} {} more: Enter", theme.ellipsis(), count(*rest as u64));
                below(vec![Span::dim(more)])
            }
            What::More(More::Text(rest)) => below(more_text(*rest, theme)),
            What::More(More::Name(rest)) => above(more_text(*rest, theme)),
            What::Name(bytes) => above(marked_row(&name, bytes, needle, Role::Dim)),
            What::Piece(bytes) => {
                let text = raw_text(value);
                below(piece(&text, bytes, needle))
            }
            What::Node(from) => {
                let mut label = Vec::new();
                if !entry.path.is_empty() {
                    label.push(Span::dim(name.get(*from..).unwrap_or_default().to_owned()));
                    label.push(Span::dim(EQUALS));
                }
                let room = self.room(&entry.path, name.get(*from..).map_or(0, width));
                let open = (!fits(value, room)).then(|| self.open.contains(&entry.path));
                label.push(match open {
                    Some(true) => opened_words(value),
                    _ => value_span(value, room),
                });
                TreeLine { open, ..above(marked_spans(label, needle)) }
            }
        })
    }

    /// Columns for the value of a node, beside so many of its name.
    fn room(&self, path: &[usize], name: usize) -> usize {
        let columns = self.columns(path.len().saturating_sub(1));
        columns.saturating_sub(if path.is_empty() { 0 } else { name + EQUALS.len() })
    }

    /// Columns for a line this deep below the root's children.
    fn columns(&self, depth: usize) -> usize {
        label_columns(self.width, self.depth + depth)
    }

    /// Columns of a name's end that stand on the node's own line.
    fn name_end(&self, name: &str, path: &[usize]) -> usize {
        let from = self.entries_of_name(name, path).0;
        name.get(from..).map_or(0, width)
    }

    /// Where a name's end begins that stands on the node's own line, and the rows above that.
    fn entries_of_name(&self, name: &str, path: &[usize]) -> (usize, Vec<What>) {
        let columns = self.columns(path.len().saturating_sub(1));
        let most = columns.saturating_sub(EQUALS.len() + LEAST);
        if name.len() <= most || width(name) <= most {
            return (0, Vec::new());
        }
        let (rows, rest) = rows(name, columns, self.most(path, true));
        let mut whats: Vec<What> = rows.into_iter().map(What::Name).collect();
        if rest > 0 {
            whats.push(What::More(More::Name(rest)));
            return (name.len(), whats);
        }
        let last = whats.pop_if(|last| match last {
            What::Name(row) => name.get(row.clone()).map_or(0, width) <= most,
            _ => false,
        });
        let from = if let Some(What::Name(row)) = last { row.start } else { name.len() };
        (from, whats)
    }

    fn most(&self, path: &[usize], of_name: bool) -> usize {
        self.shown.get(&(path.to_vec(), of_name)).copied().unwrap_or(FIRST)
    }

    fn rebuild(&mut self, root: &Value) {
        let mut entries = Vec::new();
        if matches!(root, Value::Dict(_) | Value::List(_)) {
            self.children(root, &mut Vec::new(), &mut entries);
        } else {
            self.node("", root, &mut Vec::new(), &mut entries);
        }
        self.entries = entries;
    }

    fn node(&self, name: &str, value: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        let (from, rows) = self.entries_of_name(name, path);
        entries.extend(rows.into_iter().map(|what| Entry { path: path.clone(), what }));
        entries.push(Entry { path: path.clone(), what: What::Node(from) });
        let end = name.get(from..).map_or(0, width);
        if self.open.contains(path) && !fits(value, self.room(path, end)) {
            self.children(value, path, entries);
        }
    }

    fn children(&self, value: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        let most = self.most(path, false);
        let more = match value {
            Value::Dict(dict) => {
                for (i, (name, child)) in dict.iter().take(most).enumerate() {
                    self.child((i, &sanitize(&name.lossy())), child, path, entries);
                }
                More::Children(dict.len().saturating_sub(most))
            }
            Value::List(list) => {
                for (i, child) in list.iter().take(most).enumerate() {
                    self.child((i, &i.to_string()), child, path, entries);
                }
                More::Children(list.len().saturating_sub(most))
            }
            scalar => {
                let (rows, rest) = rows(&raw_text(scalar), self.columns(path.len()), most);
                let piece = |bytes| Entry { path: path.clone(), what: What::Piece(bytes) };
                entries.extend(rows.into_iter().map(piece));
                More::Text(rest)
            }
        };
        if !matches!(more, More::Children(0) | More::Text(0)) {
            entries.push(Entry { path: path.clone(), what: What::More(more) });
        }
    }

    fn child(&self, (i, name): (usize, &str), child: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        path.push(i);
        self.node(name, child, path, entries);
        path.pop();
    }
}

/// The first rows of a text, and how many bytes of it stand behind them.
fn rows(text: &str, columns: usize, most: usize) -> (Vec<Range<usize>>, usize) {
    let mut all = wrapped_rows(text, columns);
    let rows: Vec<_> = all.by_ref().take(most).collect();
    let rest = all.next().map_or(0, |next| text.len() - next.start);
    (rows, rest)
}

fn more_text(rest: usize, theme: &Theme) -> Vec<Span<'static>> {
    vec![Span::dim(format!("{} {} more bytes: Enter", theme.ellipsis(), count(rest as u64)))]
}

/// A row of a text, cleaned, with the words marked.
fn piece(text: &str, row: &Range<usize>, needle: &Needle) -> Vec<Span<'static>> {
    let spans = marked_row(text, row, needle, Role::Normal);
    spans.into_iter().map(|span| Span::new(sanitize(&span.text).into_owned(), span.kind)).collect()
}

/// What lies at a path, and its name there.
fn find<'v>(root: &'v Value, path: &[usize]) -> Option<(Option<String>, &'v Value)> {
    let (mut name, mut value) = (None, root);
    for &i in path {
        (name, value) = match value {
            Value::Dict(dict) => {
                let (name, child) = dict.iter().nth(i)?;
                (Some(sanitize(&name.lossy()).into_owned()), child)
            }
            Value::List(list) => (Some(i.to_string()), list.get(i)?),
            _ => return None,
        };
    }
    Some((name, value))
}
