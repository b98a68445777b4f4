//! Ways from one tab of the record to another: jumps, from which Esc comes back, and keys of tabs.

use super::{RecordScreen, shared_moment::of_goto};
use crate::tui::{
    screen::{Aim, Effect, Goto, ScreenCx, Tab},
    tab::TabId,
};

impl RecordScreen {
    /// Where a tab leads to; Esc comes back to it.
    pub(super) fn jump(&mut self, goto: Goto, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let from = self.tab;
        let effects = match goto {
            Goto::Iteration(n) => self.show_aimed(Aim::Iteration(n), cx),
            Goto::Spot(spot) => self.show_aimed(Aim::Spot(spot), cx),
            Goto::LogByte(at) => self.show_aimed(Aim::LogByte(at), cx),
            Goto::Tab(tab) => self.show(tab, cx),
            Goto::Record(_) | Goto::Row(_) | Goto::Line(_) | Goto::Call(_) => return Vec::new(),
        };
        if self.tab != from {
            self.places.leave(from);
        }
        if let Some(to) = of_goto(goto) {
            self.moment.jumped(to, vec![from, self.tab]);
        }
        effects
    }

    /// Back to where the last jump began.
    pub(super) fn back(&mut self, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let Some(tab) = self.places.last() else { return Vec::new() };
        let effects = self.show(tab, cx);
        if let Some(at) = self.top().and_then(Tab::moment) {
            self.moment.jumped(at, vec![tab]);
        }
        effects
    }

    /// Another tab by its key, at the same moment: it is not left by Esc.
    pub(super) fn turn_to(&mut self, tab: TabId, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.places.forget();
        self.leave_moment();
        self.show_at_moment(tab, cx)
    }
}
