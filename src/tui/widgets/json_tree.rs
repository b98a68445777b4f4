//! A JSON value as a tree whose nodes open and close; closed nodes and the end of a long list cost nothing.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{text::Span, tree::TreeLine};
use crate::{
    formats::python_repr::{repr, repr_text},
    model::{
        format::{count, count_of},
        sanitize::sanitize,
        value::{Text, Value},
    },
    style::{Role, Theme},
};

/// Children that are shown at once; opening "more" doubles it.
const FIRST: usize = 200;
/// Longer values are shown as a count, or open into lines.
const SHORT: usize = 60;

/// Places from the root down: the n-th entry or element.
type Path = Vec<usize>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Node,
    /// A piece of a long string, as bytes of it.
    Piece(Range<usize>),
    /// So many more that are not shown.
    More(usize),
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
    shown: HashMap<Path, usize>,
    entries: Vec<Entry>,
}

impl JsonTree {
    /// The root's children are the first lines; a single value is one line.
    pub fn new(root: &Value) -> Self {
        let mut tree = Self::default();
        tree.rebuild(root);
        tree
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
        let open = self.is_open(line);
        if open { self.close(root, line) } else { self.open(root, line) }
    }

    /// True when something opened.
    pub fn open(&mut self, root: &Value, line: usize) -> bool {
        let Some(entry) = self.entries.get(line) else { return false };
        match entry.what {
            What::More(_) => {
                let shown = self.shown.entry(entry.path.clone()).or_insert(FIRST);
                *shown = shown.saturating_mul(2);
            }
            What::Node if !self.is_open(line) && opens(find(root, &entry.path).map(|(_, v)| v)) => {
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
        self.entries.get(line).is_some_and(|e| e.what == What::Node && self.open.contains(&e.path))
    }

    /// The line of what this line belongs to.
    pub fn parent(&self, line: usize) -> Option<usize> {
        let entry = self.entries.get(line)?;
        let path = match entry.what {
            What::Node => entry.path.split_last()?.1,
            _ => &entry.path,
        };
        self.entries.iter().take(line).rposition(|e| e.what == What::Node && e.path == path)
    }

    /// The value of a line, or that it is a piece of.
    pub fn value<'v>(&self, root: &'v Value, line: usize) -> Option<&'v Value> {
        find(root, &self.entries.get(line)?.path).map(|(_, value)| value)
    }

    /// A visible line, for [`super::tree::TreeView`].
    pub fn line(&self, root: &Value, line: usize, theme: &Theme) -> Option<TreeLine<'static>> {
        let entry = self.entries.get(line)?;
        let (key, value) = find(root, &entry.path)?;
        Some(match &entry.what {
            What::More(rest) => TreeLine {
                depth: entry.path.len(),
                label: vec![Span::dim(format!("{} {} more", theme.ellipsis(), count(*rest as u64)))],
                ..TreeLine::default()
            },
            What::Piece(bytes) => {
                let text = if let Value::Str(text) = value { text.lossy() } else { "".into() };
                let piece = text.get(bytes.clone()).unwrap_or_default().trim_end_matches(['\n', '\r']);
                let label = vec![Span::plain(sanitize(piece).into_owned())];
                TreeLine { depth: entry.path.len(), label, ..TreeLine::default() }
            }
            What::Node => {
                let open = opens(Some(value)).then(|| self.open.contains(&entry.path));
                let mut label = Vec::new();
                if let Some(key) = key {
                    label.extend([Span::dim(key), Span::dim(" = ")]);
                }
                label.push(value_span(value, open == Some(true)));
                TreeLine { depth: entry.path.len().saturating_sub(1), open, label, ..TreeLine::default() }
            }
        })
    }

    fn rebuild(&mut self, root: &Value) {
        let mut entries = Vec::new();
        if matches!(root, Value::Dict(_) | Value::List(_)) {
            self.children(root, &mut Vec::new(), &mut entries);
        } else {
            self.node(root, &mut Vec::new(), &mut entries);
        }
        self.entries = entries;
    }

    fn node(&self, value: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        entries.push(Entry { path: path.clone(), what: What::Node });
        if self.open.contains(path) {
            self.children(value, path, entries);
        }
    }

    fn children(&self, value: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        let most = self.shown.get(path).copied().unwrap_or(FIRST);
        let total = match value {
            Value::Dict(dict) => {
                for (i, (_, child)) in dict.iter().take(most).enumerate() {
                    self.child(i, child, path, entries);
                }
                dict.len()
            }
            Value::List(list) => {
                for (i, child) in list.iter().take(most).enumerate() {
                    self.child(i, child, path, entries);
                }
                list.len()
            }
            Value::Str(text) => {
                let pieces = string_pieces(&text.lossy());
                let total = pieces.len();
                let piece = |bytes| Entry { path: path.clone(), what: What::Piece(bytes) };
                entries.extend(pieces.into_iter().take(most).map(piece));
                total
            }
            _ => 0,
        };
        if total > most {
            entries.push(Entry { path: path.clone(), what: What::More(total - most) });
        }
    }

    fn child(&self, i: usize, child: &Value, path: &mut Path, entries: &mut Vec<Entry>) {
        path.push(i);
        self.node(child, path, entries);
        path.pop();
    }
}

/// What lies at a path, and its name there.
fn find<'v>(root: &'v Value, path: &[usize]) -> Option<(Option<String>, &'v Value)> {
    let (mut key, mut value) = (None, root);
    for &i in path {
        (key, value) = match value {
            Value::Dict(dict) => {
                let (name, child) = dict.iter().nth(i)?;
                (Some(sanitize(&name.lossy()).into_owned()), child)
            }
            Value::List(list) => (Some(i.to_string()), list.get(i)?),
            _ => return None,
        };
    }
    Some((key, value))
}

fn opens(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Dict(dict)) => !dict.is_empty(),
        Some(Value::List(list)) => !list.is_empty(),
        Some(Value::Str(text)) => is_long(text),
        _ => false,
    }
}

fn is_long(text: &Text) -> bool {
    let bytes = text.as_wtf8();
    bytes.len() > 2 * SHORT || bytes.contains(&b'\n')
}

/// Lines of a string; long ones in pieces.
fn string_pieces(text: &str) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut length) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        length += 1;
        if c == '\n' || length >= 2 * SHORT {
            let end = at + c.len_utf8();
            pieces.push(start..end);
            start = end;
            length = 0;
        }
    }
    if start < text.len() {
        pieces.push(start..text.len());
    }
    pieces
}

/// A value on one line, as Python writes it; long ones as a count, long strings cut.
fn value_span(value: &Value, open: bool) -> Span<'static> {
    let size = |n: usize, one, many| Span::dim(count_of(n as u64, one, many));
    match value {
        Value::Dict(dict) if open || !is_small(value) => size(dict.len(), "entry", "entries"),
        Value::List(list) if open || !is_small(value) => size(list.len(), "element", "elements"),
        Value::Str(text) if is_long(text) => {
            let head: String = text.chars().take(2 * SHORT).map(|c| c.unwrap_or('\u{fffd}')).collect();
            let mut out = String::new();
            repr_text(&Text::from(head.as_str()), &mut out);
            Span::new(sanitize(&out).into_owned(), if open { Role::Dim } else { Role::Normal })
        }
        _ => {
            let mut out = String::new();
            repr(value, &mut out);
            Span::plain(sanitize(&out).into_owned())
        }
    }
}

/// A few values that have room on a line.
fn is_small(value: &Value) -> bool {
    fn weigh(value: &Value, left: &mut usize) -> bool {
        let weight = match value {
            Value::Str(text) => text.as_wtf8().len() + 2,
            Value::BigInt(digits) => digits.len(),
            _ => 4,
        };
        let Some(rest) = left.checked_sub(weight) else { return false };
        *left = rest;
        match value {
            Value::List(list) => list.iter().all(|v| weigh(v, left)),
            Value::Dict(dict) => dict.iter().all(|(k, v)| {
                *left = left.saturating_sub(k.as_wtf8().len() + 2);
                weigh(v, left)
            }),
            _ => true,
        }
    }
    weigh(value, &mut SHORT.clone())
}

#[cfg(test)]
mod tests;
