//! Tab 2: the record as a tree of phases, their steps, and what each step got, added and said.

mod detail;
mod draw;
mod hits;
mod keys;
mod search;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    error::Result,
    model::outcome::Outcome,
    services::{
        moment::Moment,
        next_failure::Spot,
        request::{Answer, Ask, Slot},
        slow_steps::types::SlowSteps,
    },
    style::{Role, Theme},
    tui::{
        action::{About, Action},
        bindings::key_of,
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::{Loadable, paragraph},
        screens::words::value_text,
        tab::TabId,
        widgets::{scroll::Scroll, tree::TreeView},
    },
};
use detail::OpenStep;
use search::Search;
use tree::{At, Inner, Tree};

#[derive(Debug, Default)]
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
    /// The lab is followed, and the selection stood at the end as it was read again: it goes along.
    sticks: bool,
    /// Those that took much longer than usual, as far as that is known.
    slow: Arc<SlowSteps>,
    /// They are those of the record as it was read last.
    knows_slow: bool,
    requests: Requests,
}

impl StepsTab {
    pub fn new(run: i64) -> Self {
        StepsTab { run, ..StepsTab::default() }
    }

    /// What was whole does not fall back to a beginning.
    fn ask(&mut self) -> Effect {
        let whole = self.phases.get().is_some() && !self.tree.is_partial();
        let run = self.run;
        self.requests.ask(if whole { Ask::PhasesWhole { run } } else { Ask::Phases { run } })
    }

    /// Which steps were slow comes behind the rest.
    fn ask_slow(&mut self) -> Effect {
        self.knows_slow = false;
        self.requests.ask(Ask::SlowSteps { run: self.run })
    }

    /// Asks for the steps of opened phases and for an opened step that are not known yet.
    fn ask_wanted(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let run = self.run;
        let phases = self.tree.wanted();
        let coming = self.requests.coming(Slot::Steps);
        let known = coming.is_some_and(|(ask, ())| *ask == Ask::Steps { run, phases: phases.clone() });
        if !known && !phases.is_empty() {
            effects.push(self.requests.ask(Ask::Steps { run, phases }));
        }
        if !self.requests.is_coming(Slot::Step)
            && let Some((phase, step)) = self.tree.wanted_step()
        {
            effects.push(self.requests.ask(Ask::Step { run, phase, step }));
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
        let asked = self.requests.answered(slot).map(|(ask, ())| ask);
        let mut effects = Vec::new();
        match (result, asked) {
            (Ok(Answer::Phases(list)), _) => {
                self.phases = Loadable::There(());
                self.keeping_place(|tree| tree.set_phases(list.phases, list.total));
                // Steps that are on their way were asked for by another beginning.
                effects.extend(self.requests.cancel(Slot::Steps));
                if self.tree.is_partial() {
                    effects.push(self.requests.ask(Ask::PhasesWhole { run: self.run }));
                }
            }
            (Ok(Answer::Steps(steps)), Some(Ask::Steps { phases, .. })) => {
                self.keeping_place(|tree| tree.learn(&phases, steps));
            }
            (Ok(Answer::Step(detail)), _) => {
                let (phase, step) = (detail.place.phase, detail.place.step);
                self.in_opened(phase, step, |open, width| open.learn(detail, width));
                if self.selected_step() == Some(Spot::Step { phase, step }) {
                    self.reveal();
                }
            }
            (Ok(Answer::SlowSteps(slow)), _) => (self.slow, self.knows_slow) = (slow, true),
            (Ok(Answer::FoundStep(spot)), _) => effects.extend(self.found(spot)),
            (Err(e), Some(Ask::FindStep { .. })) => effects.extend(Effect::not_found(&e)),
            (Err(e), Some(Ask::Phases { .. } | Ask::PhasesWhole { .. })) => {
                effects.extend(self.phases.fail(&e));
            }
            (Err(e), Some(Ask::Steps { phases, .. })) => {
                let reload = key_of(Context::Record, Action::Reload);
                self.keeping_place(|tree| {
                    tree.fail(&phases, &format!("{}; {reload} tries again", e.on_screen()))
                });
            }
            (Err(e), Some(Ask::Step { phase, step, .. })) => {
                self.in_opened(phase, step, |open, width| open.fail(e.to_string(), width));
            }
            _ => {}
        }
        if self.sticks {
            self.scroll.bottom();
        }
        effects.extend(self.take_aim());
        effects.extend(self.lead_on());
        effects.extend(self.ask_wanted());
        effects
    }

    /// Changes an opened step.
    fn in_opened(&mut self, phase: i64, step: i64, change: impl FnOnce(&mut OpenStep, u16)) {
        self.keeping_place(|tree| {
            let width = tree.width();
            let Some(place) = tree.place(phase) else { return };
            tree.change(place, |open| open.opened.get_mut(&step).map(|open| change(open, width)));
        });
    }
}

impl Tab for StepsTab {
    fn context(&self) -> Context {
        Context::Tab(TabId::Steps)
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
            Action::SearchNext | Action::SearchPrevious => !self.search.needle.is_empty(),
            _ => false,
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        // Who moves or looks elsewhere leaves the end.
        self.sticks &=
            !matches!(input, Input::Action(_) | Input::Search(_) | Input::SearchDone(_) | Input::Goto(_));
        match input {
            Input::Resize(size) => {
                self.scroll.set_height(usize::from(size.height));
                self.keeping_place(|tree| tree.lay_out(size.width));
                Vec::new()
            }
            Input::Outcome(outcome) => {
                self.outcome = outcome;
                Vec::new()
            }
            Input::Shown if self.phases.get().is_none() => vec![self.ask(), self.ask_slow()],
            Input::Shown => {
                let slow = (!self.knows_slow).then(|| self.ask_slow());
                slow.into_iter().chain(self.take_aim()).chain(self.ask_wanted()).collect()
            }
            Input::Action(Action::Reload) => {
                self.sticks = cx.follows && self.scroll.is_at_end();
                vec![self.ask(), self.ask_slow()]
            }
            Input::Action(action) => self.act(action),
            Input::Goto(Goto::Iteration(n)) => {
                self.aim = Some(Aim::Iteration(n));
                self.take_aim().into_iter().chain(self.ask_wanted()).collect()
            }
            Input::Search(words) => self.search_for(&words),
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
            let log = key_of(Context::Record, Action::Show(TabId::Log));
            let text =
                format!("No phases: nothing of this record's steps is in the file. {log} shows its log.");
            paragraph(&text, Role::Dim, theme, area, buf);
            return;
        }
        let (needle, outcome, slow) = (&self.search.needle, self.outcome, &*self.slow);
        let lines = draw::Lines { needle, outcome, slow, theme };
        let line = |row| lines.line(&self.tree, row);
        TreeView { scroll: &self.scroll, line, theme }.draw(area, buf);
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        i64::try_from(n).ok().map(Goto::Iteration)
    }

    fn aim(&mut self, aim: Aim) {
        self.aim = Some(aim);
    }

    fn moment(&self) -> Option<Moment> {
        let (At::Phase(place) | At::Inner(place, _)) = self.at()?;
        let phase = || Some(Spot::Phase(self.tree.phase(place)?));
        self.selected_step().or_else(phase).map(Moment::Spot)
    }

    fn selected_step(&self) -> Option<Spot> {
        let (open, step) = self.tree.step_at(self.at()?)?;
        Some(Spot::Step { phase: open.steps.as_ref()?.phase, step: step.id })
    }

    fn awaits(&self, _: About) -> bool {
        self.is_searching()
    }

    fn has_come(&self) -> bool {
        self.phases.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(at) = self.at() else { return Vec::new() };
        let Some((open, step)) = self.tree.step_at(at) else { return Vec::new() };
        let row = format!("{}\t{}\t{}", step.method_name, step.start.python(), tree::added(step));
        let mut items = vec![CopyItem::new('r', "row", row)];
        let opened = open.opened.get(&step.id);
        let whole = opened.and_then(|o| o.detail()?.error.clone());
        items.extend(whole.or_else(|| step.error.clone()).map(|error| CopyItem::new('e', "error", error)));
        if let At::Inner(place, n) = at
            && let Some((_, Inner::Detail(_, line))) = self.tree.inner(place, n)
            && let Some(value) = opened.and_then(|o| o.value(*line))
        {
            items.push(CopyItem::new('v', "value", value_text(value)));
        }
        items
    }

    fn position(&self) -> Option<String> {
        let row = self.scroll.selected()?;
        Some(format!("{}/{}", row + 1, self.scroll.len()))
    }
}
