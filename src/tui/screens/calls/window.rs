//! The calls in memory, and the selection, which stays on its call.

use std::ops::Range;

use crate::{
    services::calls::{CallLine, CallPage},
    tui::widgets::scroll::Scroll,
};

/// What an asked part of the list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallGoal {
    /// The list as it is now, around the selected call.
    #[default]
    Keep,
    /// Other calls: the first of them.
    Top,
    /// To the last call.
    Bottom,
    /// To this call, or the next older one.
    Find(i64),
}

/// A window of rows of the list, and the selection.
#[derive(Debug, Default)]
pub struct CallWindow {
    page: Option<CallPage>,
    scroll: Scroll,
    /// The call under the selection; `None` while its row is not in memory.
    selected: Option<i64>,
}

impl CallWindow {
    pub fn page(&self) -> Option<&CallPage> {
        self.page.as_ref()
    }

    pub fn scroll(&self) -> &Scroll {
        &self.scroll
    }

    pub fn row(&self, at: usize) -> Option<&CallLine> {
        let page = self.page.as_ref()?;
        page.rows.get(at.checked_sub(first(page))?)
    }

    pub fn selected(&self) -> Option<&CallLine> {
        self.row(self.scroll.selected()?)
    }

    pub fn selected_id(&self) -> Option<i64> {
        self.selected
    }

    pub fn is_uncounted(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.uncounted)
    }

    /// The user moves.
    pub fn go(&mut self, change: impl FnOnce(&mut Scroll)) {
        change(&mut self.scroll);
        self.selected = self.selected().map(|row| row.id);
    }

    pub fn set_height(&mut self, height: usize) {
        self.scroll.set_height(height);
    }

    /// Rows to keep in memory: the screen, and as much above and below.
    pub fn rows(&self) -> usize {
        self.scroll.height().max(10).saturating_mul(3)
    }

    /// Where a window begins that has the screen in its middle.
    pub fn start(&self) -> usize {
        self.scroll.offset().saturating_sub(self.rows() / 3)
    }

    /// Rows on screen, or half a screen beyond it, are not in memory.
    pub fn lacks_rows(&self) -> bool {
        let Some(page) = &self.page else { return false };
        let (more, shown) = (self.scroll.height() / 2, self.scroll.visible());
        let wanted = shown.start.saturating_sub(more)..(shown.end + more).min(self.scroll.len());
        let there: Range<usize> = first(page)..first(page) + page.rows.len();
        !(wanted.is_empty() || there.start <= wanted.start && wanted.end <= there.end)
    }

    /// Takes a part of the list.
    pub fn take(&mut self, page: CallPage, goal: CallGoal) {
        let total = usize::try_from(page.total).unwrap_or(usize::MAX);
        let place =
            |is_it: &dyn Fn(&CallLine) -> bool| page.rows.iter().position(is_it).map(|at| first(&page) + at);
        let kept = self.selected.and_then(|id| place(&|row| row.id == id));
        // At the top of the list what comes in above is new, and is shown.
        let at_top = self.scroll.offset() == 0;
        match (goal, kept) {
            (CallGoal::Keep, Some(at)) => {
                // Not cut by the old place before the new one is known.
                self.scroll.set_len(total.max(self.scroll.len()));
                if at_top {
                    self.scroll.to(at)
                } else {
                    self.scroll.follow(at)
                }
                self.scroll.set_len(total);
            }
            (CallGoal::Keep, None) => self.scroll.set_len(total),
            (CallGoal::Top, _) => {
                self.scroll.set_len(total);
                self.scroll.top();
            }
            (CallGoal::Bottom, _) => {
                self.scroll.set_len(total);
                self.scroll.bottom();
            }
            (CallGoal::Find(id), _) => {
                let at = place(&|row| row.id <= id);
                self.scroll.set_len(total);
                self.scroll.jump(at.unwrap_or(usize::MAX));
            }
        }
        self.page = Some(page);
        self.selected = self.selected().map(|row| row.id);
    }
}

fn first(page: &CallPage) -> usize {
    usize::try_from(page.offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(offset: u64, ids: &[i64], total: u64) -> CallPage {
        let rows = ids.iter().map(|id| CallLine { id: *id, ..CallLine::default() }).collect();
        CallPage { rows, offset, total, ..CallPage::default() }
    }

    #[test]
    fn the_selection_stays_on_its_call() {
        let mut window = CallWindow::default();
        window.set_height(4);
        window.take(page(0, &[9, 8, 7, 6, 5, 4, 3, 2, 1], 9), CallGoal::Top);
        window.go(|scroll| scroll.to(1));
        window.take(page(0, &[11, 10, 9, 8, 7, 6, 5, 4, 3], 11), CallGoal::Keep);
        assert_eq!(
            (window.selected_id(), window.scroll().selected(), window.scroll().offset()),
            (Some(8), Some(3), 0)
        );
        window.go(Scroll::bottom);
        assert!(window.lacks_rows() && window.selected_id().is_none());
        window.take(page(5, &[6, 5, 4, 3, 2, 1], 11), CallGoal::Keep);
        assert_eq!((window.selected_id(), window.lacks_rows()), (Some(1), false));
        window.take(page(2, &[9, 7, 5, 3, 1], 7), CallGoal::Find(6));
        assert_eq!((window.selected_id(), window.scroll().selected()), (Some(5), Some(4)));
        window.take(page(0, &[], 0), CallGoal::Keep);
        assert_eq!((window.selected_id(), window.lacks_rows()), (None, false));
    }
}
