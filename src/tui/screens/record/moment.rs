//! One moment over the tabs: what was looked at in one is where another one stands when it comes on top.

use super::{
    For, RecordScreen,
    shared_moment::{aim_of, kind_of},
};
use crate::{
    error::Result,
    services::{
        moment::{Moment, MomentKind},
        request::{Answer, Ask},
    },
    tui::{
        screen::{Effect, ScreenCx, Tab},
        tab::TabId,
    },
};

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
