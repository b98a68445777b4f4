//! How each line of the tree is drawn.

use super::{
    super::{overview::took, status_word},
    tree::{At, Inner, OpenPhase, Tree, added_spans, error_line},
};
use crate::{
    model::{
        format::{count, count_of, duration_short},
        map_cell::MapCell,
        needle::Needle,
        outcome::Outcome,
        phase_summary::PhaseSummary,
        timestamp::seconds_between,
    },
    services::{slow_steps::types::SlowSteps, steps::StepLine},
    style::{Role, Theme, cell_role},
    tui::{
        screens::words::attempt_words,
        widgets::{
            marks::{marked_row, marked_spans},
            text::Span,
            tree::TreeLine,
        },
    },
};

/// What all lines are drawn with.
pub(super) struct Lines<'a> {
    /// The words that are searched for.
    pub needle: &'a Needle,
    /// How the record ended, once that is known.
    pub outcome: Option<Outcome>,
    pub slow: &'a SlowSteps,
    pub theme: &'a Theme,
}

impl Lines<'_> {
    /// A line with the words marked.
    pub fn line(&self, tree: &Tree, row: usize) -> Option<TreeLine<'static>> {
        let theme = self.theme;
        let line = match tree.at(row)? {
            At::Phase(place) => {
                let Some(phase) = tree.phases().get(place) else {
                    return Some(text(0, Span::pending(theme)));
                };
                let open = tree.can_open(place).then(|| tree.open_phase(place).is_some());
                self.phase(phase, open)
            }
            At::Inner(place, n) => {
                let (open, inner) = tree.inner(place, n)?;
                match inner {
                    Inner::Pending => text(1, Span::pending(theme)),
                    Inner::Error(row) => {
                        let label = marked_row(&open.error, row, self.needle, Role::Failed);
                        return Some(TreeLine { depth: 1, label, ..TreeLine::default() });
                    }
                    Inner::NoSteps => text(1, Span::dim("no steps")),
                    Inner::Step(n) => self.step(open, open.step(*n)?),
                    Inner::Detail(n, line) => {
                        let known = open.opened.get(&open.step(*n)?.id)?.line(*line, self.needle, theme);
                        return Some(known.unwrap_or_else(|| text(2, Span::pending(theme))));
                    }
                }
            }
        };
        let marked = |spans| marked_spans(spans, self.needle);
        Some(TreeLine { label: marked(line.label), note: marked(line.note), ..line })
    }

    fn phase(&self, phase: &PhaseSummary, open: Option<bool>) -> TreeLine<'static> {
        let theme = self.theme;
        let status = phase.status.as_deref().filter(|s| !s.is_empty() && *s != "done");
        let status = status.map(|stored| status_word::word(stored, self.outcome));
        let failed = phase.failed_steps() > 0 || status == Some("failed");
        let note = match (phase.failed_steps(), status) {
            (0, Some("failed")) => Some(Span::new("failed", Role::Failed)),
            (0, Some(word)) => Some(Span::dim(word.to_owned())),
            (0, None) if open == Some(true) => None,
            (0, None) if phase.steps() == 0 => Some(Span::dim("no steps")),
            (0, None) if self.slow.in_phase(phase.id()) > 0 => {
                let slow = count(self.slow.in_phase(phase.id()));
                let steps = count_of(phase.steps(), "step", "steps");
                Some(Span::new(format!("{slow} of {steps} slow"), cell_role(MapCell::Slow)))
            }
            (0, None) => Some(Span::dim(count_of(phase.steps(), "step", "steps"))),
            _ if open == Some(true) => None,
            (n, _) => {
                let steps = count_of(phase.steps(), "step", "steps");
                Some(Span::new(format!("{} of {steps} failed", count(n)), Role::Failed))
            }
        };
        TreeLine {
            depth: 0,
            open,
            mark: failed.then(|| cross(theme)),
            label: vec![Span::plain(phase.label())],
            right: duration_short(took(phase)).into(),
            note: note.into_iter().collect(),
        }
    }

    fn step(&self, open: &OpenPhase, step: &StepLine) -> TreeLine<'static> {
        let theme = self.theme;
        let failed = step.failed == Some(true);
        let unfinished = step.end.is_none();
        let widest = open.steps.iter().flat_map(|s| &s.steps).filter_map(|s| s.step_index).max().unwrap_or(0);
        let width = widest.to_string().len();
        let mut label = Vec::new();
        if let Some(index) = step.step_index {
            label.push(Span::dim(format!("{index:>width$} ")));
        }
        label.push(Span::plain(step.method_name.clone()));
        label.extend(attempt_words(step.attempt).map(|words| Span::dim(format!("  {words}"))));
        let seconds = step.start.at().zip(step.end.at()).map(|(from, to)| seconds_between(from, to));
        let slow = self.slow.step(step.id);
        let mark = match (failed, unfinished) {
            (true, _) => Some(cross(theme)),
            (false, true) => Some(unended(self.outcome, theme).0),
            _ => slow.map(|_| Span::new(MapCell::Slow.glyph(theme.ascii), cell_role(MapCell::Slow))),
        };
        let mut note = match &step.error {
            Some(error) => vec![Span::new(error_line(error), Role::Failed)],
            None if unfinished && !failed => vec![Span::dim(unended(self.outcome, theme).1)],
            None if failed && step.added.is_empty() => vec![Span::new("failed", Role::Failed)],
            None => added_spans(step),
        };
        if let Some(slow) = slow {
            let gap = if note.is_empty() { "" } else { "  " };
            note.insert(0, Span::new(format!("{}{gap}", slow.times()), cell_role(MapCell::Slow)));
        }
        TreeLine {
            depth: 1,
            open: Some(open.opened.contains_key(&step.id)),
            mark,
            label,
            right: seconds.map(duration_short).unwrap_or_default().into(),
            note,
        }
    }
}

fn text(depth: usize, span: Span<'static>) -> TreeLine<'static> {
    TreeLine { depth, label: vec![span], ..TreeLine::default() }
}

fn cross(theme: &Theme) -> Span<'static> {
    Span::new(Outcome::Error.glyph(theme.ascii), Role::Failed)
}

/// The mark and the word of a step without an end: running, or not finished in a record that does not run.
fn unended(outcome: Option<Outcome>, theme: &Theme) -> (Span<'static>, &'static str) {
    match outcome {
        Some(Outcome::Running) => (Span::new(Outcome::Running.glyph(theme.ascii), Role::Accent), "running"),
        _ => (Span::new(Outcome::Unfinished.glyph(theme.ascii), Role::Dim), status_word::NOT_FINISHED),
    }
}
