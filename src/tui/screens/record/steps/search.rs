//! `/`, n and N: words in the names of phases and in what is open of their steps.

use super::{
    super::overview::label,
    tree::{At, Inner, OpenPhase, Tree, added},
};
use crate::{services::steps::StepLine, style::Role, tui::widgets::text::Span};

#[derive(Debug, Default)]
pub(super) struct Search {
    /// Lower case; empty finds nothing.
    pub words: String,
    /// Before the words that are being typed: those and the line.
    pub before: Option<(String, usize)>,
}

fn holds(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(words)
}

/// Does this line of an opened phase have the words?
fn inner_holds(open: &OpenPhase, inner: &Inner, words: &str) -> bool {
    let of_step = |step: &StepLine| {
        let error = step.error.as_deref().unwrap_or_default();
        [&step.method_name, &added(step), error].into_iter().any(|text| holds(text, words))
    };
    match inner {
        Inner::Step(n) => open.step(*n).is_some_and(of_step),
        Inner::Error(row) => holds(open.error.get(row.clone()).unwrap_or_default(), words),
        _ => false,
    }
}

/// The next line with the words, from a line on (itself not), around the end.
pub(super) fn find(tree: &Tree, words: &str, from: usize, forward: bool) -> Option<usize> {
    let all = tree.len();
    if words.is_empty() || all == 0 {
        return None;
    }
    let hits = hits(tree, words);
    if forward {
        hits.iter().find(|line| **line > from).or(hits.first()).copied()
    } else {
        hits.iter().rev().find(|line| **line < from).or(hits.last()).copied()
    }
}

/// All lines with the words, in order.
fn hits(tree: &Tree, words: &str) -> Vec<usize> {
    let (mut hits, mut line) = (Vec::new(), 0);
    for (place, phase) in tree.phases().iter().enumerate() {
        if holds(&label(phase), words) {
            hits.push(line);
        }
        line += 1;
        let Some(open) = tree.open_phase(place) else { continue };
        for inner in &open.inner {
            if inner_holds(open, inner, words) {
                hits.push(line);
            }
            line += 1;
        }
    }
    hits
}

/// Does the line have the words?
pub(super) fn is_hit(tree: &Tree, words: &str, line: usize) -> bool {
    if words.is_empty() {
        return false;
    }
    match tree.at(line) {
        Some(At::Phase(place)) => tree.phases().get(place).is_some_and(|p| holds(&label(p), words)),
        Some(At::Inner(place, n)) => {
            tree.inner(place, n).is_some_and(|(open, inner)| inner_holds(open, inner, words))
        }
        None => false,
    }
}

/// The text with the words marked.
pub(super) fn spans(text: &str, words: &str, kind: Role) -> Vec<Span<'static>> {
    let lower = text.to_lowercase();
    // Lower case can be longer in bytes: then nothing is marked.
    let at = if words.is_empty() || lower.len() != text.len() { None } else { lower.find(words) };
    let parts = at.and_then(|at| {
        let end = at + words.len();
        Some((text.get(..at)?, text.get(at..end)?, text.get(end..)?))
    });
    match parts {
        Some((before, hit, after)) => vec![
            Span::new(before.to_owned(), kind),
            Span::new(hit.to_owned(), Role::Hit),
            Span::new(after.to_owned(), kind),
        ],
        None => vec![Span::new(text.to_owned(), kind)],
    }
}
