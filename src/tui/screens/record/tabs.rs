//! The tabs of a record: made when first shown, kept until another record comes.

use ratatui::layout::Size;
use strum::VariantArray;

use super::{
    charts::ChartsTab, files::FilesTab, log::LogTab, map::MapTab, overview::OverviewTab, steps::StepsTab,
    table::TableTab,
};
use crate::{
    model::outcome::Outcome,
    tui::{
        action::Action,
        screen::{Aim, Effect, Input, ScreenCx, Tab},
        tab::TabId,
    },
};

fn make(run: i64, tab: TabId) -> Box<dyn Tab> {
    match tab {
        TabId::Overview => Box::new(OverviewTab::new(run)),
        TabId::Steps => Box::new(StepsTab::new(run)),
        TabId::Table => Box::new(TableTab::new(run)),
        TabId::Map => Box::new(MapTab::new(run)),
        TabId::Charts => Box::new(ChartsTab::new(run)),
        TabId::Log => Box::new(LogTab::new(run)),
        TabId::Files => Box::new(FilesTab::new(run)),
    }
}

#[derive(Debug, Default)]
pub(super) struct Tabs {
    made: Vec<(TabId, Box<dyn Tab>)>,
    /// How the record ended, once that is known; `Some(None)` where it can't be read.
    outcome: Option<Option<Outcome>>,
    /// Those that must read again before they are seen.
    outdated: Vec<TabId>,
}

impl Tabs {
    pub fn get(&self, tab: TabId) -> Option<&dyn Tab> {
        self.made.iter().find(|(id, _)| *id == tab).map(|(_, made)| &**made)
    }

    /// The tab, made if it is not there yet.
    fn demand(&mut self, run: i64, tab: TabId) -> Option<&mut Box<dyn Tab>> {
        if self.get(tab).is_none() {
            self.made.push((tab, make(run, tab)));
        }
        self.made.iter_mut().find(|(id, _)| *id == tab).map(|(_, made)| made)
    }

    /// Leads the tab that has a place to it.
    pub fn aim(&mut self, run: i64, aim: Aim) -> TabId {
        let tab = match aim {
            Aim::Spot(_) | Aim::Iteration(_) => TabId::Steps,
            Aim::LogByte(_) => TabId::Log,
            Aim::Cell(_) => TabId::Map,
        };
        self.lead(run, tab, aim);
        tab
    }

    /// Leads this tab to a place.
    pub fn lead(&mut self, run: i64, tab: TabId, aim: Aim) {
        if let Some(made) = self.demand(run, tab) {
            made.aim(aim);
        }
    }

    /// The tab comes on top.
    pub fn show(&mut self, run: i64, tab: TabId, size: Size, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.demand(run, tab);
        let mut effects = self.tell(tab, Input::Resize(size), cx);
        if let Some(outcome) = self.outcome {
            effects.extend(self.tell(tab, Input::Outcome(outcome), cx));
        }
        effects.extend(self.tell(tab, Input::Shown, cx));
        if self.outdated.contains(&tab) {
            self.outdated.retain(|id| *id != tab);
            effects.extend(self.read_again(tab, cx.follows, cx));
        }
        effects
    }

    /// Another record: tabs that know how to be looked at in the same way there are kept.
    pub fn switch(&mut self, run: i64) {
        let beside = |(tab, made): &(TabId, Box<dyn Tab>)| Some((*tab, made.beside(run)?));
        let made = self.made.iter().filter_map(beside).collect();
        *self = Tabs { made, ..Tabs::default() };
    }

    /// The file has changed: these read again when they are seen.
    pub fn outdate(&mut self, which: impl Fn(TabId) -> bool) {
        let made = self.made.iter().map(|(id, _)| *id).filter(|id| which(*id));
        let new: Vec<_> = made.filter(|id| !self.outdated.contains(id)).collect();
        self.outdated.extend(new);
    }

    /// How the record ended is read (again), or can't be.
    pub fn learn(&mut self, outcome: Option<Outcome>, cx: &ScreenCx<'_>) -> Vec<(TabId, Vec<Effect>)> {
        self.outcome = Some(outcome);
        let tell = |tab: &TabId| (*tab, self.tell(*tab, Input::Outcome(outcome), cx));
        TabId::VARIANTS.iter().map(tell).collect()
    }

    /// A tab reads again; what is `news` goes on where it is.
    pub fn read_again(&mut self, tab: TabId, news: bool, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let Some((_, made)) = self.made.iter_mut().find(|(id, _)| *id == tab) else { return Vec::new() };
        if news { made.news(cx) } else { made.update(Input::Action(Action::Reload), cx) }
    }

    pub fn tell(&mut self, tab: TabId, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let Some((_, made)) = self.made.iter_mut().find(|(id, _)| *id == tab) else { return Vec::new() };
        made.update(input, cx)
    }
}
