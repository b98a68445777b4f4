//! Where jumps within a record began: Esc goes back there, from the last one on.

use super::RecordScreen;
use crate::tui::{
    screen::{Aim, Effect, Goto, ScreenCx},
    tab::TabId,
};

/// More than anyone remembers.
const MOST: usize = 32;

/// The tabs that were left by a jump. A tab keeps its own place (cursor, zoom, search) while another one is on top.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<TabId>);

impl Places {
    /// A jump leads away from this tab.
    pub fn leave(&mut self, tab: TabId) {
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(tab);
    }

    /// Where the last jump began, which is over with that.
    pub fn last(&mut self) -> Option<TabId> {
        self.0.pop()
    }

    /// The user went elsewhere in another way.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl RecordScreen {
    /// Where a tab leads to; Esc comes back to it.
    pub(super) fn jump(&mut self, goto: Goto, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let from = self.tab;
        let effects = match goto {
            Goto::Iteration(n) => self.show_aimed(Aim::Iteration(n), cx),
            Goto::Spot(spot) => self.show_aimed(Aim::Spot(spot), cx),
            Goto::Tab(tab) => self.show(tab, cx),
            Goto::Record(_) | Goto::Row(_) | Goto::Line(_) => return Vec::new(),
        };
        if self.tab != from {
            self.places.leave(from);
        }
        effects
    }

    /// Back to where the last jump began.
    pub(super) fn back(&mut self, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.places.last().map(|tab| self.show(tab, cx)).unwrap_or_default()
    }

    /// Another tab by its key: it is not left by Esc.
    pub(super) fn turn_to(&mut self, tab: TabId, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.places.forget();
        self.show(tab, cx)
    }
}
