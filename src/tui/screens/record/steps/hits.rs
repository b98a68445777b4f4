//! Words in the lines of the tree that are on screen, or would be after scrolling.

use super::tree::{At, Inner, OpenPhase, Tree, added, error_line};
use crate::{
    model::needle::Needle,
    services::steps::StepLine,
    tui::{
        screens::words::attempt_words,
        widgets::{
            marks::begins_in,
            text::cut,
            tree::{TreeLayout, label_columns_beside, layout},
        },
    },
};

/// All lines that show the words, or their beginning, in order.
pub(super) fn lines(tree: &Tree, needle: &Needle) -> Vec<usize> {
    let columns = layout(tree.width());
    let (mut hits, mut line) = (Vec::new(), 0);
    for (place, phase) in tree.phases().iter().enumerate() {
        if needle.is_in(&phase.label()) {
            hits.push(line);
        }
        line += 1;
        let Some(open) = tree.open_phase(place) else { continue };
        for inner in &open.inner {
            if inner_shows(open, inner, needle, columns) {
                hits.push(line);
            }
            line += 1;
        }
    }
    hits
}

fn inner_shows(open: &OpenPhase, inner: &Inner, needle: &Needle, columns: TreeLayout) -> bool {
    match inner {
        Inner::Step(n) => open.step(*n).is_some_and(|step| step_shows(step, needle, columns)),
        Inner::Error(row) => begins_in(&open.error, row, needle),
        Inner::Detail(n, line) => {
            let opened = open.step(*n).and_then(|step| open.opened.get(&step.id));
            opened.is_some_and(|opened| opened.line_has(*line, needle))
        }
        Inner::Pending | Inner::NoSteps => false,
    }
}

/// Does a step's own line show the words? What is cut at the edge of its column is not seen.
fn step_shows(step: &StepLine, needle: &Needle, columns: TreeLayout) -> bool {
    let sign = "…";
    let index = step.step_index.map(|n| format!("{n} ")).unwrap_or_default();
    let attempt = attempt_words(step.attempt).map(|words| format!("  {words}")).unwrap_or_default();
    let label = format!("{index}{}{attempt}", step.method_name);
    let note = step.error.as_deref().map_or_else(|| added(step), error_line);
    needle.is_in(&cut(&label, label_columns_beside(columns, 1), sign))
        || needle.is_in(&cut(&note, usize::from(columns.note.1), sign))
}

/// Does a line show the words?
pub(super) fn line_shows(tree: &Tree, needle: &Needle, line: usize) -> bool {
    match tree.at(line) {
        Some(At::Phase(place)) => tree.phases().get(place).is_some_and(|phase| needle.is_in(&phase.label())),
        Some(At::Inner(place, n)) => {
            let columns = layout(tree.width());
            tree.inner(place, n).is_some_and(|(open, inner)| inner_shows(open, inner, needle, columns))
        }
        None => false,
    }
}
