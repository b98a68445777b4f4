//! What keys do in the table: moving both ways, sorting by a column, widths.

use super::{TableTab, columns::TableColumn, no_row};
use crate::{
    services::table::types::TableAt,
    tui::{
        action::Action,
        screen::{Effect, Goto, Input},
        screens::scroll_by,
        widgets::table::{Hidden, Placed, layout_sideways},
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
            Action::Search => return self.start_search(),
            Action::SearchNext => return self.search_on(true),
            Action::SearchPrevious => return self.search_on(false),
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
        self.first = self.first.min(place);
        if self.fits(self.active, self.first) {
            return;
        }
        // It fits from some place on: halving finds that in a few tries, however many columns there are.
        let mut ends = (self.first, place);
        while ends.0 + 1 < ends.1 {
            let middle = usize::midpoint(ends.0, ends.1);
            if self.fits(self.active, middle) { ends.1 = middle } else { ends.0 = middle }
        }
        self.first = ends.1;
    }

    fn fits(&self, column: usize, first: usize) -> bool {
        let columns: Vec<_> = self.cols.iter().map(TableColumn::column).collect();
        let placed = self.placed_from(first);
        let hidden = Hidden::of(columns.len(), &placed, self.frozen(), |_| true);
        let wanted = columns.get(column).map_or(0, |column| column.min);
        let whole =
            |place: &Placed| place.width >= wanted && !hidden.covers(&columns, place, self.size.width);
        placed.iter().any(|place| place.column == column && whole(place))
    }

    /// Where the columns stand.
    pub(super) fn placed(&self) -> Vec<Placed> {
        self.placed_from(self.first)
    }

    fn placed_from(&self, first: usize) -> Vec<Placed> {
        let columns: Vec<_> = self.cols.iter().map(TableColumn::column).collect();
        layout_sideways(&columns, self.size.width, (self.frozen(), first), Some(self.active))
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
