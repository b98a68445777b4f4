//! The part of the list that is in memory, and the selection, which stays on its record.

use std::ops::Range;

use crate::{
    model::{filter::words::Filter, query::Place},
    services::{page::Page, run_row::RunRow},
    tui::widgets::scroll::Scroll,
};

/// What an asked page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Goal {
    /// Rows for a view that moved.
    View,
    /// The list is read again, around the selected record.
    Keep,
    /// Other words: this record if it is among those found, else the first of them.
    Narrow(i64),
    /// To this record.
    Find(i64),
    /// To the last record.
    End,
    /// To the row in this place, at the top of the screen.
    Row(usize),
    /// The rows that are in this place now, whichever they are.
    #[default]
    Settle,
}

/// What is to be done after a page was taken.
#[derive(Debug, PartialEq, Eq)]
pub enum AfterPage {
    Done,
    /// Another page is needed.
    Ask(Place, Goal),
    /// The record that was to be found is not in the list; nothing has changed.
    NotThere(i64),
}

/// Which words all records were read for.
#[derive(Debug, Default)]
pub struct Searching {
    pub of: Option<Filter>,
    /// So many times it was said how far that is.
    pub told: u32,
}

/// A window of rows of the list, and the selection.
#[derive(Debug, Default)]
pub struct RecordList {
    page: Option<Page>,
    scroll: Scroll,
    /// The record under the selection; `None` while its row is not in memory.
    selected: Option<i64>,
}

impl RecordList {
    /// The numbers of the list; `None` before the first page came.
    pub fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// How long the list is, is not known yet.
    pub fn is_uncounted(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.uncounted)
    }

    pub fn scroll(&self) -> &Scroll {
        &self.scroll
    }

    pub fn row(&self, at: usize) -> Option<&RunRow> {
        let page = self.page.as_ref()?;
        page.rows.get(at.checked_sub(whole(page.offset))?)
    }

    pub fn selected(&self) -> Option<&RunRow> {
        self.row(self.scroll.selected()?)
    }

    pub fn selected_id(&self) -> Option<i64> {
        self.selected
    }

    /// The records on screen that are in memory.
    pub fn on_screen(&self) -> impl Iterator<Item = &RunRow> {
        self.scroll.visible().filter_map(|at| self.row(at))
    }

    /// The records in memory of the screen and of one screen above and below.
    pub fn near(&self) -> impl Iterator<Item = &RunRow> {
        let (shown, more) = (self.scroll.visible(), self.scroll.height());
        let near = shown.start.saturating_sub(more)..shown.end.saturating_add(more).min(self.scroll.len());
        near.filter_map(|at| self.row(at))
    }

    /// The user moves.
    pub fn go(&mut self, change: impl FnOnce(&mut Scroll)) {
        change(&mut self.scroll);
        self.selected = self.selected().map(|row| row.run.id);
    }

    /// The window changed its size; the selection stays.
    pub fn set_height(&mut self, height: usize) {
        self.scroll.set_height(height);
    }

    /// As the record with this id is about to go: the one that takes its place.
    pub fn leave(&mut self, gone: &[i64]) {
        let Some(at) = self.scroll.selected() else { return };
        if !self.selected.is_some_and(|id| gone.contains(&id)) {
            return;
        }
        let stays = |at: &usize| self.row(*at).is_some_and(|row| !gone.contains(&row.run.id));
        let next = (at..self.scroll.len()).find(stays).or_else(|| (0..at).rev().find(stays));
        self.selected = next.and_then(|at| self.row(at)).map(|row| row.run.id);
    }

    /// How many rows to keep in memory: the screen, and as much above and below.
    pub fn window(&self) -> usize {
        self.scroll.height().max(10).saturating_mul(3)
    }

    /// Where a window begins that has the screen in its middle.
    pub fn start(&self) -> usize {
        self.scroll.offset().saturating_sub(self.window() / 3)
    }

    /// The rows in memory should reach half a screen beyond what is shown.
    pub fn wants(&self) -> Range<usize> {
        let more = self.scroll.height() / 2;
        let shown = self.scroll.visible();
        shown.start.saturating_sub(more)..shown.end.saturating_add(more).min(self.scroll.len())
    }

    pub fn lacks_rows(&self) -> bool {
        let Some(page) = &self.page else { return false };
        let first = whole(page.offset);
        !covers(&(first..first + page.rows.len()), &self.wants())
    }

    /// Takes a page.
    pub fn take(&mut self, page: Page, goal: Goal) -> AfterPage {
        let first = whole(page.offset);
        let find = |id: i64| page.rows.iter().position(|row| row.run.id == id).map(|at| first + at);
        let kept = match goal {
            Goal::Narrow(id) => find(id),
            Goal::End | Goal::Row(_) => None,
            _ => self.selected.and_then(find),
        };
        let total = whole(page.total);
        let mut next = AfterPage::Done;
        // At the top of the list what comes in above is new, and is shown.
        let at_top = self.scroll.offset() == 0;
        match (goal, kept) {
            (Goal::Find(id), _) => {
                let Some(at) = find(id) else { return AfterPage::NotThere(id) };
                self.scroll.set_len(total);
                self.scroll.jump(at);
            }
            (Goal::Keep | Goal::View | Goal::Narrow(_), Some(at)) => {
                // Not cut by the old place before the new one is known.
                self.scroll.set_len(total.max(self.scroll.len()));
                if at_top {
                    self.scroll.to(at)
                } else {
                    self.scroll.follow(at)
                }
                self.scroll.set_len(total);
            }
            (Goal::Narrow(_), None) => {
                self.scroll.set_len(total);
                self.scroll.top();
                if first > 0 {
                    next = AfterPage::Ask(Place::Top, Goal::Settle);
                }
            }
            (Goal::View, None) => {
                self.scroll.set_len(total);
                if let Some(id) = self.selected {
                    next = AfterPage::Ask(Place::Around(id), Goal::Keep);
                }
            }
            (Goal::Keep | Goal::Settle, _) => self.scroll.set_len(total),
            (Goal::End, _) => {
                self.scroll.set_len(total);
                self.scroll.bottom();
            }
            (Goal::Row(row), _) => {
                self.scroll.set_len(total);
                self.scroll.to(row.saturating_add(self.scroll.height().saturating_sub(1)));
                self.scroll.to(row);
            }
        }
        self.page = Some(page);
        if next == AfterPage::Done {
            self.selected = self.selected().map(|row| row.run.id);
            if goal == Goal::Keep && self.lacks_rows() {
                next = AfterPage::Ask(Place::Offset(self.start() as u64), Goal::Settle);
            }
        }
        next
    }
}

pub fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    inner.is_empty() || outer.start <= inner.start && inner.end <= outer.end
}

pub fn whole(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::run::Run, services::run_row::RunRow};

    fn page(offset: u64, ids: &[i64], total: u64) -> Page {
        let row = |id: &i64| RunRow {
            run: Run { id: *id, ..Run::default() },
            outcome: crate::model::outcome::Outcome::Completed,
            took: None,
            stopped_in_error: false,
            mark: None,
            unread: false,
            standing: None,
        };
        Page { rows: ids.iter().map(row).collect(), offset, total, ..Page::default() }
    }

    fn list(ids: &[i64]) -> RecordList {
        let mut list = RecordList::default();
        list.set_height(4);
        list.take(page(0, ids, ids.len() as u64), Goal::Keep);
        list
    }

    #[test]
    fn the_selection_stays_on_its_record() {
        let mut list = list(&[9, 8, 7, 6, 5, 4, 3, 2, 1]);
        list.go(|s| s.to(1));
        list.take(page(0, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11), Goal::Keep);
        assert_eq!(
            (list.selected_id(), list.scroll().selected(), list.scroll().offset()),
            (Some(8), Some(3), 0)
        );
        list.go(|s| s.to(8));
        assert_eq!((list.selected_id(), list.scroll().offset()), (Some(3), 5));
        list.take(page(0, &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 12), Goal::Keep);
        assert_eq!(
            (list.selected_id(), list.scroll().selected(), list.scroll().offset()),
            (Some(3), Some(9), 6)
        );
        list.take(page(0, &[3], 1), Goal::Narrow(3));
        assert_eq!((list.selected_id(), list.scroll().selected()), (Some(3), Some(0)));
    }

    #[test]
    fn a_record_that_is_gone_leaves_its_place() {
        let mut list = list(&[9, 8, 7]);
        list.go(|s| s.to(1));
        assert_eq!(list.take(page(0, &[9, 7], 2), Goal::Keep), AfterPage::Done);
        assert_eq!(list.selected_id(), Some(7));
        list.leave(&[7]);
        assert_eq!(list.selected_id(), Some(9), "the last one leaves to the one before");
        assert_eq!(list.take(page(0, &[], 0), Goal::Keep), AfterPage::Done);
        assert_eq!(list.selected_id(), None);
    }

    #[test]
    fn words_that_lose_the_record_start_at_the_first() {
        let mut list = list(&[9, 8, 7, 6, 5, 4, 3, 2, 1]);
        list.go(|s| s.to(8));
        assert_eq!(list.take(page(2, &[5, 4], 4), Goal::Narrow(1)), AfterPage::Ask(Place::Top, Goal::Settle));
        list.take(page(0, &[7, 6, 5, 4], 4), Goal::Settle);
        assert_eq!(list.selected_id(), Some(7));
    }

    #[test]
    fn what_is_not_there_changes_nothing() {
        let mut list = list(&[9, 8, 7]);
        list.go(|s| s.to(1));
        assert_eq!(list.take(page(0, &[9, 7], 2), Goal::Find(40)), AfterPage::NotThere(40));
        assert_eq!((list.selected_id(), list.scroll().len()), (Some(8), 3));
        assert_eq!(list.take(page(0, &[9, 8, 7], 3), Goal::Find(7)), AfterPage::Done);
        assert_eq!(list.selected_id(), Some(7));
    }

    #[test]
    fn rows_outside_the_window_are_wanted() {
        let mut list = RecordList::default();
        list.set_height(4);
        list.take(page(0, &(0..30).collect::<Vec<_>>(), 100), Goal::Keep);
        assert!(!list.lacks_rows());
        list.go(|s| s.to(50));
        assert!(list.lacks_rows() && list.selected_id().is_none());
        assert_eq!((list.start(), list.window()), (37, 30));
        list.take(page(37, &(37..67).collect::<Vec<_>>(), 100), Goal::View);
        assert_eq!((list.selected_id(), list.lacks_rows()), (Some(50), false));
        // The list changed so much that the record is not among the rows any more.
        assert_eq!(
            list.take(page(37, &(137..167).collect::<Vec<_>>(), 100), Goal::View),
            AfterPage::Ask(Place::Around(50), Goal::Keep)
        );
    }
}
