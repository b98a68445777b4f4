//! What keys do in the table: moving both ways, sorting by a column, widths.

use std::cmp::Ordering;

use super::{
    Table,
    cells::full,
    columns::{Col, What, plain_number, value},
};
use crate::{
    model::value::Value,
    services::ask::TableRow,
    tui::{
        action::Action,
        command::Command,
        effect::Effect,
        screens::{Input, scroll_by},
        widgets::table::{Narrow, Placed, layout},
    },
};

/// Columns that + and - change at once.
const STEP: u16 = 4;
/// A column cut to less than this is no help.
const SHRED: u16 = 8;

impl Table {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Right => self.sideways(true),
            Action::Left => self.sideways(false),
            Action::NextIteration => self.beside(true),
            Action::PreviousIteration => self.beside(false),
            Action::Open => return self.open(),
            Action::Sort => return self.sort_by_active(),
            Action::More => self.widen(|col| col.width = col.width.saturating_add(STEP).min(200)),
            Action::Less => self.widen(|col| col.width = col.width.saturating_sub(STEP).max(3)),
            Action::Fit => self.widen(Col::fit),
            _ => {}
        }
        Vec::new()
    }

    fn open(&self) -> Vec<Effect> {
        let Some(row) = self.selected_row() else { return Vec::new() };
        match row.iteration.and_then(|n| u64::try_from(n).ok()) {
            Some(n) => vec![Effect::Tell(Input::Command(Command::Go(n)))],
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
        while self.first < place && !self.is_whole(self.active) {
            self.first += 1;
        }
    }

    fn is_whole(&self, column: usize) -> bool {
        let wanted = self.cols.get(column).map_or(0, |col| col.width);
        self.placed().iter().any(|place| place.column == column && place.width >= wanted)
    }

    /// Where the columns stand; a last one of which hardly anything would be seen is left out.
    pub(super) fn placed(&self) -> Vec<Placed> {
        let columns: Vec<_> = self.cols.iter().map(Col::column).collect();
        let narrow = Narrow::Sideways { frozen: self.frozen(), first: self.first };
        let mut placed = layout(&columns, self.size.width, narrow);
        let shred = |place: &Placed| {
            let whole = self.cols.get(place.column).map_or(0, |col| col.width);
            place.width < whole.min(SHRED) && place.column != self.active
        };
        if placed.last().is_some_and(shred) {
            placed.pop();
        }
        placed
    }

    fn widen(&mut self, with: impl FnOnce(&mut Col)) {
        if let Some(col) = self.cols.get_mut(self.active) {
            with(col);
        }
        self.bring_active_in();
    }

    /// To the first row of the next iteration, or of this one, then of the one before.
    fn beside(&mut self, forward: bool) {
        let Some(at) = self.scroll.selected() else { return };
        let iteration = |n: usize| self.row(n).and_then(|row| row.iteration);
        let differs = |n: &usize| iteration(*n) != iteration(at);
        let to = if forward {
            (at..self.scroll.len()).find(differs)
        } else {
            let first = |n: usize| (0..n).rev().find(|m| iteration(*m) != iteration(n)).map_or(0, |m| m + 1);
            match first(at) {
                own if own < at => Some(own),
                0 => None,
                own => Some(first(own - 1)),
            }
        };
        if let Some(to) = to {
            self.scroll.jump(to);
        }
    }

    /// Rising, falling, then as the record has it.
    fn sort_by_active(&mut self) -> Vec<Effect> {
        let sorted = match self.sorted {
            Some((column, true)) if column == self.active => Some((column, false)),
            Some((column, false)) if column == self.active => None,
            _ => Some((self.active, true)),
        };
        let row = self.scroll.selected().and_then(|n| self.order.get(n).copied());
        self.sorted = sorted;
        self.sort();
        if let Some(place) = row.and_then(|row| self.order.iter().position(|n| *n == row)) {
            self.scroll.jump(place);
        }
        let title = self.cols.get(self.active).map(|col| col.title.clone()).unwrap_or_default();
        vec![Effect::say(match sorted {
            Some((_, true)) => format!("Sorted by {title}, rising."),
            Some((_, false)) => format!("Sorted by {title}, falling."),
            None => "In the order of the record.".to_owned(),
        })]
    }

    /// Puts the rows in order; equal ones stay as the record has them, empty cells come last.
    pub(super) fn sort(&mut self) {
        let rows = self.data.get().map(|table| table.rows.as_slice()).unwrap_or_default();
        self.order = (0..rows.len()).collect();
        let Some((column, rising)) = self.sorted else { return };
        let Some(col) = self.cols.get(column) else { return };
        let mut keyed: Vec<(usize, Key)> =
            self.order.iter().filter_map(|n| Some((*n, key(rows.get(*n)?, col)))).collect();
        keyed.sort_by(|(_, a), (_, b)| match (a, b) {
            (Key::Nothing, _) | (_, Key::Nothing) => compare(a, b),
            _ if rising => compare(a, b),
            _ => compare(b, a),
        });
        self.order = keyed.into_iter().map(|(n, _)| n).collect();
    }
}

enum Key {
    Number(f64),
    Text(String),
    Nothing,
}

fn key(row: &TableRow, col: &Col) -> Key {
    match &col.what {
        What::Row => Key::Number(row.row as f64),
        What::Iteration => row.iteration.map_or(Key::Nothing, |n| Key::Number(n as f64)),
        what => match value(row, what) {
            Some(Value::Float(f)) if f.is_nan() => Key::Nothing,
            Some(v) if plain_number(v).is_some() => plain_number(v).map_or(Key::Nothing, Key::Number),
            _ => match full(row, col) {
                text if text.is_empty() => Key::Nothing,
                text => Key::Text(text),
            },
        },
    }
}

fn compare(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Nothing, Key::Nothing) => Ordering::Equal,
        (Key::Number(_), _) | (_, Key::Nothing) => Ordering::Less,
        _ => Ordering::Greater,
    }
}
