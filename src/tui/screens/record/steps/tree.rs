//! The lines of the tree: every phase is one, opened phases have more; only what is open is ever counted.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use super::detail::OpenStep;
use crate::{
    model::{phase_summary::PhaseSummary, sanitize::sanitize_lines},
    services::{overview::PhaseSteps, steps::StepLine},
    tui::widgets::{pane::wrapped_rows, text::Span, tree::label_columns},
};

/// With more phases than this only the first is open at the start.
const MANY: usize = 40;

/// A line of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Phase(usize),
    /// So far below the phase's own line, from 0.
    Inner(usize, usize),
}

/// A line inside an opened phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inner {
    Pending,
    /// A row of the phase's error, or of why its steps can't be read, as bytes of it.
    Error(Range<usize>),
    /// The phase has none.
    NoSteps,
    /// By place in the phase's steps.
    Step(usize),
    /// The line of an opened step.
    Detail(usize, usize),
}

/// What a line is, in words that outlive reading the file again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    /// `None` for one that is not known yet: then its place counts.
    phase: Option<i64>,
    place: usize,
    step: Option<i64>,
    /// Lines below the step's.
    below: usize,
}

#[derive(Debug, Default)]
pub(super) struct OpenPhase {
    pub steps: Option<PhaseSteps>,
    failed: Option<String>,
    /// The phase's error, or why its steps can't be read, cleaned.
    pub error: String,
    /// Must be read (again).
    pub stale: bool,
    pub opened: HashMap<i64, OpenStep>,
    pub inner: Vec<Inner>,
}

/// Nothing happened in it, nothing failed.
fn is_bare(phase: &PhaseSummary) -> bool {
    phase.steps() == 0 && !phase.has_failed()
}

/// `slept = 0.6, mass = 9.1`, each value in a span of its own; what it was called with where nothing was added.
pub(super) fn added_spans(step: &StepLine) -> Vec<Span<'static>> {
    let one = |(n, (name, value)): (usize, &(String, String))| {
        let comma = if n == 0 { "" } else { ", " };
        [Span::plain(format!("{comma}{name} = ")), Span::plain(value.clone())]
    };
    let values = if step.added.is_empty() { &step.arguments } else { &step.added };
    values.iter().enumerate().flat_map(one).collect()
}

/// The same as one text.
pub(super) fn added(step: &StepLine) -> String {
    added_spans(step).into_iter().map(|span| span.text).collect()
}

/// The first line of a step's error, and whether more follow.
pub(super) fn error_line(error: &str) -> String {
    let mut lines = error.trim().lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} ...") } else { first.to_owned() }
}

#[derive(Debug, Default)]
pub(super) struct Tree {
    phases: Arc<Vec<PhaseSummary>>,
    /// How many there are; of a long record the first are known before the others.
    total: usize,
    /// They stand in the order of their ids, as in nearly every record.
    by_id: bool,
    open: BTreeMap<usize, OpenPhase>,
    width: u16,
}

impl Tree {
    /// Those that are known.
    pub fn phases(&self) -> &[PhaseSummary] {
        &self.phases
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Only the first phases are known.
    pub fn is_partial(&self) -> bool {
        self.phases.len() < self.total
    }

    /// Takes phases read anew; what was open stays open, and new ones of a short record open by themselves.
    pub fn set_phases(&mut self, phases: Arc<Vec<PhaseSummary>>, total: usize) {
        let old = std::mem::replace(&mut self.phases, phases);
        let fresh = self.total == 0;
        self.total = total;
        self.by_id = self.phases.is_sorted_by_key(PhaseSummary::id);
        for (place, mut open) in std::mem::take(&mut self.open) {
            let Some(place) = old.get(place).and_then(|phase| self.place(phase.id())) else { continue };
            open.stale = true;
            for step in open.opened.values_mut() {
                step.stale = true;
            }
            self.open.insert(place, open);
        }
        if total <= MANY {
            let bare: HashMap<i64, bool> = old.iter().map(|phase| (phase.id(), is_bare(phase))).collect();
            let new = |phase: &PhaseSummary| bare.get(&phase.id()).copied().unwrap_or(true);
            let opening: Vec<usize> = (0..)
                .zip(self.phases.iter())
                .filter(|(_, phase)| new(phase))
                .map(|(place, _)| place)
                .collect();
            opening.into_iter().for_each(|place| self.unfold(place));
        } else if fresh && let Some(place) = self.phases.iter().position(|phase| !is_bare(phase)) {
            self.unfold(place);
        }
        self.lay_out(self.width);
    }

    pub fn lay_out(&mut self, width: u16) {
        self.width = width;
        for open in self.open.values_mut() {
            for step in open.opened.values_mut() {
                step.lay_out(width);
            }
            open.rebuild(width);
        }
    }

    /// Lines of all.
    pub fn len(&self) -> usize {
        self.total + self.open.values().map(|open| open.inner.len()).sum::<usize>()
    }

    pub fn at(&self, line: usize) -> Option<At> {
        let mut extra = 0;
        for (place, open) in &self.open {
            let own = place + extra;
            if line <= own {
                break;
            }
            if line <= own + open.inner.len() {
                return Some(At::Inner(*place, line - own - 1));
            }
            extra += open.inner.len();
        }
        let place = line.checked_sub(extra)?;
        (place < self.total).then_some(At::Phase(place))
    }

    /// The line of a phase.
    pub fn line_of_phase(&self, place: usize) -> usize {
        place + self.open.range(..place).map(|(_, open)| open.inner.len()).sum::<usize>()
    }

    /// The line of a step, where its phase is open and known.
    pub fn line_of_step(&self, phase: i64, step: i64) -> Option<usize> {
        let place = self.place(phase)?;
        let open = self.open.get(&place)?;
        let n = open.place_of(step)?;
        let below = open.inner.iter().position(|inner| *inner == Inner::Step(n))?;
        Some(self.line_of_phase(place) + 1 + below)
    }

    /// The phase at a place.
    pub fn phase(&self, place: usize) -> Option<i64> {
        self.phases.get(place).map(PhaseSummary::id)
    }

    pub fn place(&self, phase: i64) -> Option<usize> {
        if self.by_id {
            return self.phases.binary_search_by_key(&phase, PhaseSummary::id).ok();
        }
        self.phases.iter().position(|known| known.id() == phase)
    }

    pub fn open_phase(&self, place: usize) -> Option<&OpenPhase> {
        self.open.get(&place)
    }

    pub fn inner(&self, place: usize, n: usize) -> Option<(&OpenPhase, &Inner)> {
        let open = self.open.get(&place)?;
        Some((open, open.inner.get(n)?))
    }

    /// The step that a line is or belongs to.
    pub fn step_at(&self, at: At) -> Option<(&OpenPhase, &StepLine)> {
        let At::Inner(place, n) = at else { return None };
        match self.inner(place, n)? {
            (open, Inner::Step(step) | Inner::Detail(step, _)) => Some((open, open.step(*step)?)),
            _ => None,
        }
    }

    pub fn unfold(&mut self, place: usize) {
        if self.can_open(place) && !self.open.contains_key(&place) {
            let mut open = OpenPhase { stale: true, ..OpenPhase::default() };
            open.rebuild(self.width);
            self.open.insert(place, open);
        }
    }

    /// Is there anything in this phase?
    pub fn can_open(&self, place: usize) -> bool {
        self.phases.get(place).is_some_and(|phase| !is_bare(phase))
    }

    pub fn fold(&mut self, place: usize) -> bool {
        self.open.remove(&place).is_some()
    }

    /// Changes an opened phase and lays it out again.
    pub fn change<R>(&mut self, place: usize, with: impl FnOnce(&mut OpenPhase) -> R) -> Option<R> {
        let open = self.open.get_mut(&place)?;
        let result = with(open);
        open.rebuild(self.width);
        Some(result)
    }

    pub fn width(&self) -> u16 {
        self.width
    }

    /// Opened phases whose steps must be read.
    pub fn wanted(&self) -> Vec<i64> {
        let stale = self.open.iter().filter(|(_, open)| open.stale);
        stale.filter_map(|(place, _)| self.phases.get(*place).map(PhaseSummary::id)).collect()
    }

    /// Takes the steps of phases; those that were asked for and did not come have none.
    pub fn learn(&mut self, asked: &[i64], steps: Vec<PhaseSteps>) {
        for one in steps {
            if let Some(place) = self.place(one.phase) {
                self.change(place, |open| {
                    open.stale = false;
                    open.failed = None;
                    open.steps = Some(one);
                });
            }
        }
        for place in asked.iter().filter_map(|id| self.place(*id)).collect::<Vec<_>>() {
            self.change(place, |open| open.stale = false);
        }
    }

    pub fn fail(&mut self, asked: &[i64], why: &str) {
        for place in asked.iter().filter_map(|id| self.place(*id)).collect::<Vec<_>>() {
            self.change(place, |open| {
                open.stale = false;
                if open.steps.is_none() {
                    open.failed = Some(why.to_owned());
                }
            });
        }
    }

    /// The next opened step whose detail must be read: its phase's id and its own.
    pub fn wanted_step(&self) -> Option<(i64, i64)> {
        self.open.iter().find_map(|(place, open)| {
            let (step, _) = open.opened.iter().find(|(_, step)| step.stale)?;
            Some((self.phases.get(*place)?.id(), *step))
        })
    }

    pub fn anchor(&self, line: usize) -> Option<Anchor> {
        let at = self.at(line)?;
        let (At::Phase(place) | At::Inner(place, _)) = at;
        let phase = self.phases.get(place).map(PhaseSummary::id);
        let step = self.step_at(at).map(|(_, step)| step.id);
        let below = match at {
            At::Inner(_, n) => match self.inner(place, n)?.1 {
                Inner::Detail(_, below) => below + 1,
                Inner::Step(_) => 0,
                _ => n + 1,
            },
            At::Phase(_) => 0,
        };
        Some(Anchor { phase, place, step, below })
    }

    /// The line that an anchor names now, or the nearest above that is left.
    pub fn line_of(&self, anchor: Anchor) -> Option<usize> {
        let known = anchor.phase.map(|phase| self.place(phase));
        let place = known.unwrap_or(Some(anchor.place).filter(|place| *place < self.total))?;
        let phase = self.line_of_phase(place);
        let inner = self.open.get(&place).map_or(0, |open| open.inner.len());
        let Some(step) = anchor.step else { return Some(phase + anchor.below.min(inner)) };
        let Some(line) = anchor.phase.and_then(|phase| self.line_of_step(phase, step)) else {
            return Some(phase);
        };
        let opened = self.open.get(&place).and_then(|open| open.opened.get(&step)).map_or(0, OpenStep::len);
        Some(line + anchor.below.min(opened))
    }
}

impl OpenPhase {
    pub fn step(&self, n: usize) -> Option<&StepLine> {
        self.steps.as_ref()?.steps.get(n)
    }

    fn place_of(&self, step: i64) -> Option<usize> {
        self.steps.as_ref()?.steps.iter().position(|line| line.id == step)
    }

    fn rebuild(&mut self, width: u16) {
        self.inner.clear();
        let error = self.steps.as_ref().and_then(|steps| steps.error.as_ref()).or(self.failed.as_ref());
        self.error = error.map(|error| sanitize_lines(error).into_owned()).unwrap_or_default();
        self.inner.extend(wrapped_rows(&self.error, label_columns(width, 1)).map(Inner::Error));
        let Some(steps) = &self.steps else {
            if self.failed.is_none() {
                self.inner.push(Inner::Pending);
            }
            return;
        };
        for (n, step) in steps.steps.iter().enumerate() {
            self.inner.push(Inner::Step(n));
            let below = self.opened.get(&step.id).map_or(0, OpenStep::len);
            self.inner.extend((0..below).map(|line| Inner::Detail(n, line)));
        }
        if self.inner.is_empty() {
            self.inner.push(Inner::NoSteps);
        }
    }
}
