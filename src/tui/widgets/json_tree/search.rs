//! Words in the tree: whether a visible line has them, and opening what hides them.

use super::{Entry, FIRST, JsonTree, Path, What, find, label::raw_text};
use crate::{
    model::{needle::Needle, value::Value},
    style::Theme,
    tui::widgets::{marks::begins_in, pane::wrapped_rows, text::cut},
};

impl JsonTree {
    /// Do the words begin on this line, as it is shown?
    pub fn line_has(&self, root: &Value, line: usize, needle: &Needle) -> bool {
        let Some(Entry { path, what }) = self.entries.get(line) else { return false };
        let Some((name, value)) = find(root, path) else { return false };
        match what {
            What::Piece(row) => begins_in(&raw_text(value), row, needle),
            What::Name(row) => begins_in(&name.unwrap_or_default(), row, needle),
            What::More(_) => false,
            What::Node(_) => {
                let theme = Theme::default();
                let shown = self.line(root, line, &Needle::default(), &theme);
                let text: String = shown.iter().flat_map(|l| &l.label).map(|span| &*span.text).collect();
                let columns = self.columns(path.len().saturating_sub(1));
                needle.is_in(&cut(&text, columns, theme.ellipsis()))
            }
        }
    }

    /// Opens what hides the words in what lies at a path; the line where they stand.
    pub fn reveal(&mut self, root: &Value, path: &[usize], needle: &Needle) -> Option<usize> {
        for (depth, place) in path.iter().enumerate() {
            let above: Path = path.get(..depth)?.to_vec();
            self.show_at_least(above.clone(), place.saturating_add(1));
            if depth > 0 {
                self.open.insert(above);
            }
        }
        self.rebuild(root);
        let own = |tree: &JsonTree, line: &usize| tree.entries.get(*line).is_some_and(|e| e.path == path);
        let first = (0..self.len()).find(|line| own(self, line))?;
        let seen = |tree: &JsonTree| {
            let mut lines = (first..tree.len()).take_while(|line| own(tree, line));
            lines.find(|line| tree.line_has(root, *line, needle))
        };
        if let Some(line) = seen(self) {
            return Some(line);
        }
        let (_, value) = find(root, path)?;
        if let Value::Str(text) = value
            && let Some(hit) = needle.find(&text.lossy())
        {
            self.open.insert(path.to_vec());
            let text = text.lossy();
            let rows = wrapped_rows(&text, self.columns(path.len()));
            let rows = rows.take_while(|row| row.start <= hit.start).count();
            self.show_at_least(path.to_vec(), rows);
            self.rebuild(root);
        }
        seen(self).or(Some(first))
    }

    /// So many children or rows of a node are shown, or more.
    fn show_at_least(&mut self, path: Path, wanted: usize) {
        let shown = self.shown.entry((path, false)).or_insert(FIRST);
        while *shown < wanted {
            *shown = shown.saturating_mul(2);
        }
    }
}
