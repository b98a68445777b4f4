//! The tabs of a record: made when first shown, kept until another record comes, each hearing its own answers.

use std::collections::HashMap;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    charts::ChartsTab, files::FilesTab, log::LogTab, overview::OverviewTab, steps::StepsTab, table::TableTab,
};
use crate::{
    checkpoint::Progress,
    error::Result,
    model::outcome::Outcome,
    services::request::Answer,
    style::Theme,
    tui::{
        action::Action,
        command::Command,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{CopyItem, Cx, Input, Screen, Tab},
    },
};

/// Makes a tab. Steps is not among them: the shell also leads it to a step.
fn make(run: i64, tab: Tab) -> Box<dyn Screen> {
    match tab {
        Tab::Overview => Box::new(OverviewTab::new(run)),
        Tab::Steps => Box::new(StepsTab::new(run)),
        Tab::Table => Box::new(TableTab::new(run)),
        Tab::Charts => Box::new(ChartsTab::new(run)),
        Tab::Log => Box::new(LogTab::new(run)),
        Tab::Files => Box::new(FilesTab::new(run)),
    }
}

/// Needs nothing that the tab on top is about.
fn is_the_shells(action: Action) -> bool {
    matches!(
        action,
        Action::Close
            | Action::Show(_)
            | Action::NextTab
            | Action::PreviousTab
            | Action::NextRecord
            | Action::PreviousRecord
            | Action::NextError
            | Action::PreviousError
            | Action::Reload
            | Action::Export
            | Action::Delete
    )
}

#[derive(Debug, Default)]
pub(super) struct Tabs {
    steps: Option<StepsTab>,
    others: Vec<(Tab, Box<dyn Screen>)>,
    /// How the record ended, once that is known.
    outcome: Option<Outcome>,
    /// Who asked in a slot last.
    asked: HashMap<Slot, Tab>,
    /// Those that must read again before they are seen.
    outdated: Vec<Tab>,
    /// The tab on top wants ticks.
    watches: bool,
}

impl Tabs {
    /// The Steps tab, made if it is not there yet.
    pub fn steps(&mut self, run: i64) -> &mut StepsTab {
        self.steps.get_or_insert_with(|| StepsTab::new(run))
    }

    /// The Steps tab, if it was ever shown.
    pub fn known_steps(&self) -> Option<&StepsTab> {
        self.steps.as_ref()
    }

    fn get(&self, tab: Tab) -> Option<&dyn Screen> {
        if tab == Tab::Steps {
            return self.steps.as_ref().map(|s| s as &dyn Screen);
        }
        self.others.iter().find(|(t, _)| *t == tab).map(|(_, screen)| &**screen)
    }

    fn get_mut(&mut self, tab: Tab) -> Option<&mut dyn Screen> {
        if tab == Tab::Steps {
            return self.steps.as_mut().map(|s| s as &mut dyn Screen);
        }
        match self.others.iter_mut().find(|(t, _)| *t == tab) {
            Some((_, screen)) => Some(&mut **screen),
            None => None,
        }
    }

    /// The tab comes on top.
    pub fn show(&mut self, run: i64, tab: Tab, size: Size, cx: &Cx<'_>) -> Vec<Effect> {
        if tab == Tab::Steps {
            self.steps(run);
        } else if self.get(tab).is_none() {
            self.others.push((tab, make(run, tab)));
        }
        let mut effects = self.tell(tab, Input::Resize(size), cx);
        if let Some(outcome) = self.outcome {
            effects.extend(self.tell(tab, Input::Outcome(outcome), cx));
        }
        effects.extend(self.tell(tab, Input::Shown, cx));
        if self.outdated.contains(&tab) {
            self.outdated.retain(|t| *t != tab);
            effects.extend(self.tell(tab, Input::Action(Action::Reload), cx));
        }
        effects
    }

    /// The tab on top goes: its ticks end, unless the shell wants them.
    pub fn quiet(&mut self, follow: bool) -> Vec<Effect> {
        if std::mem::take(&mut self.watches) && !follow { vec![Effect::Watch(false)] } else { Vec::new() }
    }

    /// Away with all of them, and with what they asked.
    pub fn clear(&mut self) -> Vec<Effect> {
        let cancels = self.asked.drain().map(|(slot, _)| Effect::Cancel(slot)).collect();
        (self.steps, self.outcome) = (None, None);
        self.others.clear();
        self.outdated.clear();
        cancels
    }

    /// Another record: tabs that know how to be looked at in the same way there are kept.
    pub fn switch(&mut self, run: i64) -> Vec<Effect> {
        let beside = |(tab, screen): &(Tab, Box<dyn Screen>)| Some((*tab, screen.beside(run)?));
        let kept: Vec<_> = self.others.iter().filter_map(beside).collect();
        let cancels = self.clear();
        self.others = kept;
        cancels
    }

    /// The file has changed: all but the one on top read again when they are seen.
    pub fn outdate(&mut self, top: Tab) {
        let made = self.others.iter().map(|(tab, _)| *tab).chain(self.steps.as_ref().map(|_| Tab::Steps));
        self.outdated = made.filter(|tab| *tab != top).collect();
    }

    /// How the record ended is read (again).
    pub fn learn(&mut self, outcome: Outcome, cx: &Cx<'_>) -> Vec<Effect> {
        self.outcome = Some(outcome);
        Tab::ALL.into_iter().flat_map(|tab| self.tell(tab, Input::Outcome(outcome), cx)).collect()
    }

    pub fn tell(&mut self, tab: Tab, input: Input, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(screen) = self.get_mut(tab) else { return Vec::new() };
        let effects = screen.update(input, cx);
        for effect in &effects {
            match effect {
                Effect::Ask { slot, .. } => {
                    self.asked.insert(*slot, tab);
                }
                Effect::Watch(on) => self.watches = *on,
                _ => {}
            }
        }
        effects
    }

    pub fn resize(&mut self, size: Size, cx: &Cx<'_>) -> Vec<Effect> {
        Tab::ALL.into_iter().flat_map(|tab| self.tell(tab, Input::Resize(size), cx)).collect()
    }

    pub fn answer(&mut self, slot: Slot, result: Result<Answer>, cx: &Cx<'_>) -> Vec<Effect> {
        match self.asked.get(&slot).copied() {
            Some(tab) => self.tell(tab, Input::Answer { slot, result }, cx),
            None => Vec::new(),
        }
    }

    pub fn progress(&mut self, slot: Slot, progress: Progress, cx: &Cx<'_>) -> Vec<Effect> {
        match self.asked.get(&slot).copied() {
            Some(tab) => self.tell(tab, Input::Progress { slot, progress }, cx),
            None => Vec::new(),
        }
    }

    /// Did a tab ask last in this slot?
    pub fn owns(&self, slot: Slot) -> bool {
        self.asked.contains_key(&slot)
    }

    pub fn watches(&self) -> bool {
        self.watches
    }

    pub fn context(&self, tab: Tab) -> Context {
        self.get(tab).map_or(Context::Record, Screen::context)
    }

    pub fn can(&self, tab: Tab, action: Action) -> bool {
        self.get(tab).is_some_and(|screen| screen.can(action))
    }

    pub fn takes(&self, tab: Tab, command: &Command) -> bool {
        self.get(tab).is_some_and(|screen| screen.takes(command))
    }

    /// Keys about the tab wait for its first answer, then for what it says itself.
    pub fn waits(&self, tab: Tab, action: Action) -> bool {
        let about_it = !is_the_shells(action);
        self.get(tab).is_some_and(|screen| about_it && !screen.has_come() || screen.waits(action))
    }

    pub fn copies(&self, tab: Tab) -> Vec<CopyItem> {
        self.get(tab).map(Screen::copies).unwrap_or_default()
    }

    pub fn position(&self, tab: Tab) -> Option<String> {
        self.get(tab)?.position()
    }

    pub fn view(&self, tab: Tab, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if let Some(screen) = self.get(tab) {
            screen.view(theme, area, buf);
        }
    }
}
