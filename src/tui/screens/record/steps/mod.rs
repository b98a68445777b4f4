//! Tab 2: the record as a tree of phases, their steps, and what each step got, added and said.

mod detail;
mod draw;
mod keys;
mod search;
mod tree;

use ratatui::{buffer::Buffer, layout::Rect};

use super::loadable::{Loadable, paragraph};
use crate::{
    error::Result,
    formats::python_repr::str_of,
    model::outcome::Outcome,
    services::{
        next_failure::Spot,
        request::{Answer, Ask},
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        command::Command,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{CopyItem, Cx, Input, Screen},
        widgets::{scroll::Scroll, tree::TreeView},
    },
};
use search::Search;
use tree::{At, Inner, Tree};

/// Where to go as soon as it is known.
#[derive(Debug, Clone, Copy)]
enum Aim {
    Step { phase: i64, step: i64 },
    Phase(i64),
    Iteration(i64),
}

#[derive(Debug)]
pub(super) struct StepsTab {
    run: i64,
    /// The phases themselves are in the tree.
    phases: Loadable<()>,
    tree: Tree,
    scroll: Scroll,
    search: Search,
    /// How the record ended, once that is known.
    outcome: Option<Outcome>,
    aim: Option<Aim>,
    /// Phases whose steps were asked for last.
    asked: Vec<i64>,
    /// The step that was asked for last: its phase's id and its own.
    asked_step: Option<(i64, i64)>,
}

impl StepsTab {
    pub fn new(run: i64) -> Self {
        Self {
            run,
            phases: Loadable::Waiting,
            tree: Tree::default(),
            scroll: Scroll::default(),
            search: Search::default(),
            outcome: None,
            aim: None,
            asked: Vec::new(),
            asked_step: None,
        }
    }

    /// Goes to a step and opens it, when it is shown next and as soon as the step is known.
    pub fn aim_at_step(&mut self, phase: i64, step: i64) {
        self.aim = Some(Aim::Step { phase, step });
    }

    /// Goes to a phase and opens it, likewise.
    pub fn aim_at_phase(&mut self, phase: i64) {
        self.aim = Some(Aim::Phase(phase));
    }

    /// Goes to an iteration and opens it, likewise.
    pub fn aim_at_iteration(&mut self, iteration: u64) {
        self.aim = i64::try_from(iteration).ok().map(Aim::Iteration);
    }

    /// The step under the cursor.
    pub fn selected_step(&self) -> Option<Spot> {
        let (open, step) = self.tree.step_at(self.at()?)?;
        Some(Spot::Step { phase: open.steps.as_ref()?.phase, step: step.id })
    }

    fn ask(&self) -> Effect {
        // What was whole does not fall back to a beginning.
        let whole = self.phases.get().is_some() && !self.tree.is_partial();
        self.ask_for(whole)
    }

    fn ask_for(&self, whole: bool) -> Effect {
        let slot = if whole { Slot::PhasesWhole } else { Slot::Phases };
        Effect::Ask { slot, ask: Ask::Phases { run: self.run, whole } }
    }

    /// Asks for the steps of opened phases and for opened steps that are not known yet.
    fn ask_wanted(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let wanted = self.tree.wanted();
        if wanted != self.asked && !wanted.is_empty() {
            self.asked.clone_from(&wanted);
            effects
                .push(Effect::Ask { slot: Slot::Steps, ask: Ask::Steps { run: self.run, phases: wanted } });
        }
        if self.asked_step.is_none()
            && let Some((place, step)) = self.tree.wanted_step()
        {
            self.asked_step = self.tree.phases().get(place).map(|phase| (phase.id(), step));
            effects.push(Effect::Ask { slot: Slot::Step, ask: Ask::Step { run: self.run, step } });
        }
        effects
    }

    /// After any change of the tree.
    fn settle(&mut self) {
        self.scroll.set_len(self.tree.len());
    }

    /// Changes the tree and keeps the selected line what it is, at its height on screen.
    fn keeping_place(&mut self, change: impl FnOnce(&mut Tree)) {
        let anchor = self.scroll.selected().and_then(|line| self.tree.anchor(line));
        change(&mut self.tree);
        self.settle();
        if let Some(line) = anchor.and_then(|anchor| self.tree.line_of(anchor)) {
            self.scroll.follow(line);
        }
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        let mut effects = Vec::new();
        match result {
            Ok(Answer::Phases(list)) => {
                self.phases = Loadable::There(());
                self.keeping_place(|tree| tree.set_phases(list.phases, list.total));
                self.asked.clear();
                if self.tree.is_partial() {
                    effects.push(self.ask_for(true));
                }
            }
            Ok(Answer::Steps(steps)) => {
                let asked = std::mem::take(&mut self.asked);
                self.keeping_place(|tree| tree.learn(&asked, steps));
            }
            Ok(Answer::Step(detail)) => {
                self.asked_step = None;
                let (phase, step) = (detail.place.phase, detail.place.step);
                self.keeping_place(|tree| {
                    let width = tree.width();
                    let Some(place) = tree.place(phase) else { return };
                    tree.change(place, |open| open.opened.get_mut(&step).map(|o| o.learn(detail, width)));
                });
                if self.selected_step() == Some(Spot::Step { phase, step }) {
                    self.reveal();
                }
            }
            Ok(_) => {}
            Err(e) => match slot {
                Slot::Phases | Slot::PhasesWhole => effects.extend(self.phases.fail(&e).map(Effect::fail)),
                Slot::Steps => {
                    let asked = std::mem::take(&mut self.asked);
                    self.keeping_place(|tree| tree.fail(&asked, &format!("{e}; R tries again")));
                }
                _ => self.step_failed(&e.to_string()),
            },
        }
        effects.extend(self.take_aim());
        effects.extend(self.ask_wanted());
        effects
    }

    fn step_failed(&mut self, why: &str) {
        let Some((phase, step)) = self.asked_step.take() else { return };
        self.keeping_place(|tree| {
            let width = tree.width();
            let Some(place) = tree.place(phase) else { return };
            tree.change(place, |open| open.opened.get_mut(&step).map(|o| o.fail(why.to_owned(), width)));
        });
    }
}

impl Screen for StepsTab {
    fn context(&self) -> Context {
        Context::Tree
    }

    fn can(&self, action: Action) -> bool {
        match action {
            _ if action.moves() => !self.scroll.is_empty(),
            Action::Open
            | Action::Left
            | Action::Right
            | Action::NextIteration
            | Action::PreviousIteration
            | Action::Search => !self.scroll.is_empty(),
            Action::SearchNext | Action::SearchPrevious => !self.search.words.is_empty(),
            _ => false,
        }
    }

    fn update(&mut self, input: Input, _: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.scroll.set_height(usize::from(size.height));
                self.keeping_place(|tree| tree.lay_out(size.width));
                Vec::new()
            }
            Input::Outcome(outcome) => {
                self.outcome = Some(outcome);
                Vec::new()
            }
            Input::Shown if self.phases.get().is_none() => vec![self.ask()],
            Input::Shown => self.take_aim().into_iter().chain(self.ask_wanted()).collect(),
            Input::Action(Action::Reload) => vec![self.ask()],
            Input::Action(action) => self.act(action),
            Input::Command(Command::Go(n)) => {
                self.aim_at_iteration(n);
                self.take_aim().into_iter().chain(self.ask_wanted()).collect()
            }
            Input::Search(words) => {
                self.search_for(&words);
                Vec::new()
            }
            Input::SearchDone(words) => self.search_done(words),
            Input::Answer { slot, result } => self.answer(slot, result),
            _ => Vec::new(),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.phases.placeholder(theme, area, buf) {
            return;
        }
        if self.tree.total() == 0 {
            let text = "No phases: nothing of this record's steps is in the file. 6 shows its log.";
            paragraph(text, Role::Dim, theme, area, buf);
            return;
        }
        let lines = draw::Lines { words: &self.search.words, outcome: self.outcome, theme };
        let line = |row| lines.line(&self.tree, row);
        TreeView { scroll: &self.scroll, line, theme }.draw(area, buf);
    }

    fn takes(&self, command: &Command) -> bool {
        matches!(command, Command::Go(_))
    }

    fn has_come(&self) -> bool {
        self.phases.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(at) = self.at() else { return Vec::new() };
        let Some((open, step)) = self.tree.step_at(at) else { return Vec::new() };
        let item = |letter, what: &str, text| CopyItem { letter, what: what.to_owned(), text };
        let row = format!("{}\t{}\t{}", step.method_name, step.start.python(), draw::added(step));
        let mut items = vec![item('r', "row", row)];
        let opened = open.opened.get(&step.id);
        let whole = opened.and_then(|o| o.detail()?.error.clone());
        items.extend(whole.or_else(|| step.error.clone()).map(|error| item('e', "error", error)));
        if let At::Inner(place, n) = at
            && let Some((_, Inner::Detail(_, line))) = self.tree.inner(place, n)
            && let Some(value) = opened.and_then(|o| o.value(*line))
        {
            let mut text = String::new();
            str_of(value, &mut text);
            items.push(item('v', "value", text));
        }
        items
    }

    fn position(&self) -> Option<String> {
        let row = self.scroll.selected()?;
        Some(format!("{}/{}", row + 1, self.scroll.len()))
    }
}
