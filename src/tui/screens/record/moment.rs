//! One moment over the tabs: what was looked at in one is where another one stands when it comes on top.

use super::{For, RecordScreen};
use crate::{
    error::Result,
    services::{
        moment::{Moment, MomentKind},
        request::{Answer, Ask},
    },
    tui::{
        action::Action,
        screen::{Aim, Effect, Goto, ScreenCx, Tab},
        tab::TabId,
    },
};

/// The moment of the record that was looked at last.
#[derive(Debug, Default)]
pub(super) struct SharedMoment {
    at: Option<Moment>,
    /// The tabs that stand there.
    there: Vec<TabId>,
    /// The user went somewhere in the tab on top since it came there.
    moved: bool,
}

impl SharedMoment {
    /// The user went somewhere in the tab on top.
    pub fn moved(&mut self) {
        self.moved = true;
    }

    /// Tabs were led there by a jump.
    pub fn jumped(&mut self, to: Moment, there: Vec<TabId>) {
        *self = Self { at: Some(to), there, moved: false };
    }

    /// A tab is left in which the user went to this moment, if it knows one.
    fn leave(&mut self, tab: TabId, at: Option<Moment>) {
        if std::mem::take(&mut self.moved)
            && let Some(at) = at
        {
            self.jumped(at, vec![tab]);
        }
    }

    /// Where a tab that comes on top is to be led, unless it is there.
    fn lead(&mut self, tab: TabId) -> Option<Moment> {
        if self.there.contains(&tab) {
            return None;
        }
        let at = self.at.clone()?;
        self.there.push(tab);
        Some(at)
    }
}

/// Could this action have gone to another moment?
pub(super) fn goes(action: Action) -> bool {
    !matches!(
        action,
        Action::Reload | Action::Follow | Action::Wrap | Action::Search | Action::Narrow | Action::Sort
    )
}

/// What a tab is led by; `None` for one that knows no moments.
fn kind_of(tab: TabId) -> Option<MomentKind> {
    match tab {
        TabId::Steps => Some(MomentKind::Spot),
        TabId::Table | TabId::Charts => Some(MomentKind::Iteration),
        TabId::Log => Some(MomentKind::LogByte),
        TabId::Map => Some(MomentKind::Cell),
        TabId::Overview | TabId::Files => None,
    }
}

fn aim_of(moment: &Moment) -> Option<Aim> {
    match moment {
        Moment::Spot(spot) => Some(Aim::Spot(*spot)),
        Moment::Iteration(n) => Some(Aim::Iteration(*n)),
        Moment::LogByte(at) => Some(Aim::LogByte(*at)),
        Moment::Cell(place) => Some(Aim::Cell(place.clone())),
        Moment::Point { .. } => None,
    }
}

/// The moment of a place that is jumped to.
pub(super) fn of_goto(goto: Goto) -> Option<Moment> {
    match goto {
        Goto::Spot(spot) => Some(Moment::Spot(spot)),
        Goto::Iteration(n) => Some(Moment::Iteration(n)),
        Goto::LogByte(at) => Some(Moment::LogByte(at)),
        Goto::Tab(_) | Goto::Record(_) | Goto::Row(_) | Goto::Line(_) | Goto::Call(_) => None,
    }
}

impl RecordScreen {
    /// The tab on top is left: where it stands is the moment, if the user went there.
    pub(super) fn leave_moment(&mut self) {
        let at = self.top().and_then(Tab::moment);
        self.moment.leave(self.tab, at);
    }

    /// A tab comes on top, and stands where the one before it stood.
    pub(super) fn show_at_moment(&mut self, tab: TabId, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let way = kind_of(tab).and_then(|wanted| Some((wanted, self.moment.lead(tab)?)));
        let Some((wanted, from)) = way else { return self.show(tab, cx) };
        if let Some(aim) = aim_of(&from).filter(|_| from.is(wanted)) {
            self.tabs.lead(self.run, tab, aim);
            return self.show(tab, cx);
        }
        let mut effects = self.show(tab, cx);
        effects.push(self.requests.ask_for(Ask::Moment { run: self.run, from, wanted }, For::Shell));
        effects
    }

    fn led_to(&mut self, to: &Moment, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let Some(aim) = aim_of(to) else { return Vec::new() };
        self.tabs.lead(self.run, self.tab, aim);
        self.show(self.tab, cx)
    }

    /// What was asked for a tab; not for one that was left meanwhile.
    pub(super) fn moment_came(
        &mut self,
        wanted: MomentKind,
        result: Result<Answer>,
        cx: &ScreenCx<'_>,
    ) -> Vec<Effect> {
        match result {
            Ok(Answer::Moment(Some(to))) if kind_of(self.tab) == Some(wanted) => self.led_to(&to, cx),
            Ok(_) => Vec::new(),
            Err(error) => Effect::not_found(&error),
        }
    }
}
