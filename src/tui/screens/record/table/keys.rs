//! What keys do in the table: moving both ways, sorting by a column, widths.

use std::ops::Range;

use super::{TableTab, columns::TableColumn, no_row};
use crate::{
    services::table::types::TableAt,
    tui::{
        action::Action,
        screen::{Effect, Goto, Input},
        screens::scroll_by,
        widgets::table::{Placed, layout_sideways},
    },
};

/// Columns that + and - change at once.
const STEP: i16 = 4;

impl TableTab {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        let everywhere = matches!(
            action,
            Action::Bottom | Action::Sort | Action::NextIteration | Action::PreviousIteration
        );
        match action {
            _ if everywhere && !self.is_whole() => self.then = Some(Input::Action(action)),
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Right => self.sideways(true),
            Action::Left => self.sideways(false),
            Action::NextIteration => return self.beside(true),
            Action::PreviousIteration => return self.beside(false),
            Action::Open => return self.open(),
            Action::Sort => return self.sort_by_active(),
            Action::More => self.widen(|col| col.widen(STEP)),
            Action::Less => self.widen(|col| col.widen(-STEP)),
            Action::Fit => self.widen(TableColumn::fit),
            _ => {}
        }
        Vec::new()
    }

    fn open(&self) -> Vec<Effect> {
        let Some(row) = self.selected_row() else { return Vec::new() };
        match row.iteration {
            Some(n) => vec![Effect::Goto(Goto::Iteration(n))],
            None => vec![Effect::say("This row did not run: it has no steps.")],
        }
    }

    fn sideways(&mut self, right: bool) {
        let places: Vec<usize> =
            self.cols.iter().enumerate().filter(|(_, c)| c.can_be_active()).map(|(n, _)| n).collect();
        let to = if right {
            places.iter().find(|n| **n > self.active)
        } else {
            places.iter().rev().find(|n| **n < self.active)
        };
        self.active = to.copied().unwrap_or(self.active);
        self.bring_active_in();
    }

    /// Scrolls sideways just as far as the column under the cursor needs.
    pub(super) fn bring_active_in(&mut self) {
        let frozen = self.frozen();
        let last = self.cols.len().saturating_sub(frozen + 1);
        self.first = self.first.min(last);
        let Some(place) = self.active.checked_sub(frozen) else {
            self.first = 0;
            return;
        };
        self.first = self.first.min(place).max(self.first_that_shows(place));
    }

    /// The first column, counted without the frozen ones, from which the one at `place` is whole on screen; itself where
    /// it never is.
    fn first_that_shows(&self, place: usize) -> usize {
        let columns = |range: Range<usize>| self.cols.get(range).unwrap_or_default().iter();
        let needs = |col: &TableColumn| {
            let column = col.column();
            usize::from(column.min) + usize::from(column.gap)
        };
        let frozen = self.frozen();
        let taken: usize = columns(0..frozen).map(needs).sum();
        // The bar has a column, and in front of the very first column is no gap.
        let first_gap = self.cols.first().map_or(0, |col| usize::from(col.column().gap));
        let mut room = (usize::from(self.size.width) + first_gap).saturating_sub(1 + taken);
        let mut first = place + 1;
        for col in columns(frozen..frozen + place + 1).rev() {
            match room.checked_sub(needs(col)) {
                Some(left) => room = left,
                None => break,
            }
            first -= 1;
        }
        first.min(place)
    }

    /// Where the columns stand.
    pub(super) fn placed(&self) -> Vec<Placed> {
        let columns: Vec<_> = self.cols.iter().map(TableColumn::column).collect();
        layout_sideways(&columns, self.size.width, (self.frozen(), self.first), Some(self.active))
    }

    fn widen(&mut self, with: impl FnOnce(&mut TableColumn)) {
        if let Some(col) = self.cols.get_mut(self.active) {
            with(col);
        }
        self.bring_active_in();
    }

    /// To the first row of the next iteration, or of this one, then of the one before.
    fn beside(&mut self, forward: bool) -> Vec<Effect> {
        let Some(at) = self.scroll.selected() else { return Vec::new() };
        self.look_for(TableAt::Beside { place: at as u64, forward })
    }

    /// To the row with a number.
    pub(super) fn go(&mut self, n: u64) -> Vec<Effect> {
        let Some(shape) = self.shape.get() else { return vec![no_row(n)] };
        let place = n.checked_sub(1).filter(|place| *place < shape.rows);
        match place.and_then(|place| usize::try_from(place).ok()) {
            Some(_) if shape.sort.is_some() => return self.look_for(TableAt::Row(n)),
            Some(place) => self.scroll.jump(place),
            None if !shape.whole => self.then = Some(Input::Goto(Goto::Row(n))),
            None => return vec![no_row(n)],
        }
        Vec::new()
    }

    /// Rising, falling, then as the record has it.
    fn sort_by_active(&mut self) -> Vec<Effect> {
        let Some(what) = self.cols.get(self.active).map(|col| col.what.clone()) else { return Vec::new() };
        let sorted = match self.sorted.take() {
            Some((column, true)) if column == what => Some((what, false)),
            Some((column, false)) if column == what => None,
            _ => Some((what, true)),
        };
        self.sorted = sorted;
        let look = self.shape.get().map_or(0, |shape| shape.look);
        vec![self.ask_whole(look)]
    }

    pub(super) fn say_order(&self) -> Effect {
        let Some((what, rising)) = &self.shown else { return Effect::say("In the order of the record.") };
        let title = self.cols.iter().find(|col| col.what == *what).map(|col| col.title.as_str());
        let way = if *rising { "rising" } else { "falling" };
        Effect::say(format!("Sorted by {}, {way}.", title.unwrap_or_default()))
    }
}
