//! Where jumps within a record began: Esc goes back there, from the last one on.

use crate::tui::tab::TabId;

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
