//! What keys do in the tree: open, close, move, and where a jump is aimed at.

use super::{
    Aim, StepsTab,
    tree::{At, Inner, Tree},
};
use crate::{
    services::next_failure::Spot,
    tui::{action::Action, screen::Effect, screens::scroll_by},
    tui::{bindings::key_of, keymap::Context},
};

impl StepsTab {
    pub(super) fn at(&self) -> Option<At> {
        self.tree.at(self.scroll.selected()?)
    }

    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Open => return self.toggle(),
            Action::Right => return self.right(),
            Action::Left => self.left(),
            Action::NextIteration => return self.beside(true),
            Action::PreviousIteration => return self.beside(false),
            Action::Search => return self.start_search(),
            Action::SearchNext => return self.search_on(true).into_iter().collect(),
            Action::SearchPrevious => return self.search_on(false).into_iter().collect(),
            _ => {}
        }
        Vec::new()
    }

    /// Opens what is closed, closes what is open.
    fn toggle(&mut self) -> Vec<Effect> {
        match self.at() {
            Some(At::Phase(place)) if self.tree.fold(place) => {}
            Some(At::Phase(place)) => self.tree.unfold(place),
            Some(At::Inner(place, n)) => match self.inner(place, n) {
                Some(Inner::Step(_)) if self.close_step(place, n) => {}
                Some(Inner::Step(_)) => self.open_step(place, n),
                Some(Inner::Detail(step, line)) => {
                    self.in_step(place, step, |open| open.toggle(line));
                }
                _ => {}
            },
            None => {}
        }
        self.settle();
        self.reveal();
        self.ask_wanted()
    }

    fn right(&mut self) -> Vec<Effect> {
        let opened = match self.at() {
            Some(At::Phase(place)) if self.tree.open_phase(place).is_none() => {
                self.tree.unfold(place);
                true
            }
            Some(At::Inner(place, n)) => match self.inner(place, n) {
                Some(Inner::Step(step)) if !self.is_open(place, step) => {
                    self.open_step(place, n);
                    true
                }
                Some(Inner::Detail(step, line)) => {
                    if !self.in_step(place, step, |open| open.open(line)) {
                        return Vec::new();
                    }
                    true
                }
                Some(Inner::Step(_)) => false,
                _ => return Vec::new(),
            },
            Some(At::Phase(_)) => false,
            None => return Vec::new(),
        };
        self.settle();
        if opened {
            self.reveal()
        } else {
            self.scroll.move_by(1)
        }
        self.ask_wanted()
    }

    fn left(&mut self) {
        let Some(line) = self.scroll.selected() else { return };
        match self.at() {
            Some(At::Phase(place)) => {
                self.tree.fold(place);
            }
            Some(At::Inner(place, n)) => match self.inner(place, n) {
                Some(Inner::Step(_)) if self.close_step(place, n) => {}
                Some(Inner::Detail(step, below)) => {
                    if !self.in_step(place, step, |open| open.close(below)) {
                        let open = self.tree.open_phase(place);
                        let id = open.and_then(|open| open.step(step)).map(|step| step.id);
                        let above = id.and_then(|id| open?.opened.get(&id)?.parent(below));
                        let up = above.map_or(below + 1, |above| below.saturating_sub(above));
                        self.scroll.to(line.saturating_sub(up));
                    }
                }
                _ => self.scroll.to(self.tree.line_of_phase(place)),
            },
            None => {}
        }
        self.settle();
    }

    /// To the next or previous phase's line; steps stay open where they are now.
    fn beside(&mut self, forward: bool) -> Vec<Effect> {
        let Some(At::Phase(place) | At::Inner(place, _)) = self.at() else { return Vec::new() };
        let inside = matches!(self.at(), Some(At::Inner(..)));
        let to = match (forward, inside) {
            (true, _) => place + 1,
            // From inside first to the phase's own line.
            (false, true) => place,
            (false, false) => place.saturating_sub(1),
        };
        if to >= self.tree.total() {
            return vec![Effect::say("This is the last phase of the record.")];
        }
        if self.tree.open_phase(place).is_some() {
            self.tree.unfold(to);
        }
        self.settle();
        self.scroll.to(self.tree.line_of_phase(to));
        self.reveal();
        self.ask_wanted()
    }

    fn inner(&self, place: usize, n: usize) -> Option<Inner> {
        self.tree.inner(place, n).map(|(_, inner)| inner.clone())
    }

    fn is_open(&self, place: usize, step: usize) -> bool {
        let open = self.tree.open_phase(place);
        open.is_some_and(|open| open.step(step).is_some_and(|step| open.opened.contains_key(&step.id)))
    }

    fn open_step(&mut self, place: usize, n: usize) {
        let id = self.tree.step_at(At::Inner(place, n)).map(|(_, step)| step.id);
        self.tree.change(place, |open| open.opened.entry(id.unwrap_or_default()).or_default().len());
    }

    fn close_step(&mut self, place: usize, n: usize) -> bool {
        let id = self.tree.step_at(At::Inner(place, n)).map(|(_, step)| step.id);
        id.is_some_and(|id| self.tree.change(place, |open| open.opened.remove(&id)).flatten().is_some())
    }

    fn in_step(
        &mut self,
        place: usize,
        step: usize,
        with: impl FnOnce(&mut super::detail::OpenStep) -> bool,
    ) -> bool {
        let done = self.tree.change(place, |open| {
            let id = open.step(step)?.id;
            open.opened.get_mut(&id).map(with)
        });
        done.flatten().unwrap_or(false)
    }

    /// Scrolls so that what hangs below the selected line is on screen with it, as far as there is room.
    pub(super) fn reveal(&mut self) {
        let Some(line) = self.scroll.selected() else { return };
        let below = below(&self.tree, line).min(self.scroll.height().saturating_sub(1));
        self.scroll.to(line + below);
        self.scroll.to(line);
    }

    /// Goes where it was aimed at, as far as that is known already. True when something must be said.
    pub(super) fn take_aim(&mut self) -> Option<Effect> {
        let aim = self.aim.clone()?;
        self.phases.get()?;
        let place = match aim {
            Aim::Spot(spot) => self.tree.place(spot.phase()),
            Aim::Iteration(n) => {
                self.tree.phases().iter().position(|p| p.is_main() && p.repeat_index == Some(n))
            }
            Aim::LogByte(_) | Aim::Cell(_) => None,
        };
        let Some(place) = place else {
            if self.tree.is_partial() {
                return None;
            }
            self.aim = None;
            return Some(match aim {
                Aim::Iteration(n) => Effect::fail(format!("No iteration {n} in record {}.", self.run)),
                _ => Effect::fail(format!(
                    "That step is gone; {} reads the record again.",
                    key_of(Context::Record, Action::Reload)
                )),
            });
        };
        self.tree.unfold(place);
        self.settle();
        let known = self.tree.open_phase(place).is_some_and(|open| !open.stale);
        let line = match aim {
            Aim::Spot(Spot::Step { phase, step }) => self.tree.line_of_step(phase, step),
            _ => None,
        };
        self.scroll.jump(line.unwrap_or_else(|| self.tree.line_of_phase(place)));
        if line.is_some()
            && let Some(At::Inner(place, n)) = self.at()
        {
            self.open_step(place, n);
            self.settle();
        }
        self.reveal();
        if known || line.is_some() {
            self.aim = None;
        }
        None
    }
}

/// Lines that hang below a line: of an opened step or phase.
fn below(tree: &Tree, line: usize) -> usize {
    match tree.at(line) {
        Some(At::Phase(place)) => tree.open_phase(place).map_or(0, |open| open.inner.len()),
        Some(At::Inner(place, n)) => match tree.inner(place, n) {
            Some((open, Inner::Step(step))) => {
                let id = open.step(*step).map(|step| step.id);
                id.and_then(|id| open.opened.get(&id)).map_or(0, super::detail::OpenStep::len)
            }
            _ => 0,
        },
        None => 0,
    }
}
