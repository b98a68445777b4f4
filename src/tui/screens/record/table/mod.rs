//! Tab 3: the config table of a batch run; of other records, iterations by parameters and outputs.
//!
//! Of a long table first the beginning is shown, then its shape is read; rows are read where the screen is.

mod cells;
mod columns;
mod keys;
mod row_window;
mod search;
#[cfg(test)]
pub(super) mod tests;
mod view;

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{status_word, word_search::WordSearch};
use crate::{
    error::Result,
    model::outcome::Outcome,
    services::{
        moment::Moment,
        request::{Answer, Ask, Slot},
        table::types::{TableAt, TablePart, TableRow, TableRows, TableShape, TableSort},
    },
    style::Theme,
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::Loadable,
        tab::TabId,
        widgets::scroll::Scroll,
    },
};
use columns::{TableColumn, What};
use row_window::RowWindow;

#[derive(Debug, Default)]
pub(super) struct TableTab {
    run: i64,
    shape: Loadable<Box<TableShape>>,
    cols: Vec<TableColumn>,
    /// Columns that stay when the others move sideways, where there is room for that.
    first_ones: usize,
    row_window: RowWindow,
    /// The column that is to sort, and whether it rises; and as the rows are sorted.
    sorted: Option<(What, bool)>,
    shown: Option<(What, bool)>,
    requests: Requests<Wanted>,
    /// The whole table is to be read once more when the one that is under way has come. Asking at once would
    /// start it again with each change of the file.
    again: bool,
    /// What can only be done when the whole table is there.
    then: Option<Input>,
    /// The iteration that another tab stood at: it is gone to when the whole table is there.
    lead: Option<i64>,
    search: WordSearch,
    scroll: Scroll,
    /// The lab is followed, and the selection stood at the end as it was read again: it goes along.
    sticks: bool,
    /// How the record ended, once that is known.
    outcome: Option<Outcome>,
    /// The column under the cursor.
    active: usize,
    /// The first column beside the frozen ones that is on screen.
    first: usize,
    size: Size,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Wanted {
    /// A table, or rows for a view that moved.
    #[default]
    View,
    /// The whole table, when this place was selected.
    Whole(Option<usize>),
    /// A row that was looked for: with its number, when the user said that.
    Row(Option<u64>),
}

/// In narrower windows only the first column stays.
const NARROW: u16 = 60;

impl TableTab {
    pub fn new(run: i64) -> Self {
        TableTab { run, ..TableTab::default() }
    }

    /// Asks for the whole table, of the snapshot with this number or of a new one (0), with rows around the selected one.
    fn ask_whole(&mut self, look: u64) -> Effect {
        let selected = self.scroll.selected();
        let number = match (&self.shown, self.selected_row()) {
            (_, Some(row)) => Some(row.row),
            (None, None) => selected.map(|n| n as u64 + 1),
            (Some(_), None) => None,
        };
        let at = number.map_or(TableAt::Place(self.scroll.offset() as u64), TableAt::Row);
        let part = TablePart { look, sort: self.sort(), at, rows: self.some() };
        let ask = Ask::TableWhole { run: self.run, part };
        self.requests.ask_for(ask, Wanted::Whole(selected))
    }

    /// Rows that are read at once: those on screen and as many around them.
    fn some(&self) -> usize {
        self.scroll.height().saturating_mul(5).max(100)
    }

    fn sort(&self) -> Option<TableSort> {
        let (what, rising) = self.sorted.as_ref()?;
        let running = status_word::word("running", self.outcome);
        Some(TableSort { by: what.key(running)?, rising: *rising })
    }

    fn ask_rows(&mut self, at: TableAt, rows: usize, wanted: Wanted) -> Option<Effect> {
        let shape = self.shape.get()?;
        let part = TablePart { look: shape.look, sort: shape.sort.clone(), at, rows };
        let ask = Ask::TableRows { run: self.run, part };
        Some(self.requests.ask_for(ask, wanted))
    }

    /// Looks for a row outside of the row window.
    fn look_for(&mut self, at: TableAt) -> Vec<Effect> {
        let number = if let TableAt::Row(n) = at { Some(n) } else { None };
        self.ask_rows(at, self.some(), Wanted::Row(number)).into_iter().collect()
    }

    /// Asks for rows that are on screen, or soon will be.
    fn fetch(&mut self) -> Option<Effect> {
        if !self.is_whole() || self.looks_for_row() {
            return None;
        }
        let range = self.row_window.wants(self.scroll.visible(), self.scroll.len(), self.rows_coming())?;
        self.ask_rows(TableAt::Place(range.start as u64), range.len(), Wanted::View)
    }

    fn looks_for_row(&self) -> bool {
        matches!(self.requests.coming(Slot::TableRows), Some((_, Wanted::Row(_))))
    }

    /// Places of the rows that are on their way for the view.
    fn rows_coming(&self) -> Option<Range<usize>> {
        match self.requests.coming(Slot::TableRows)? {
            (Ask::TableRows { part: TablePart { at: TableAt::Place(from), rows, .. }, .. }, Wanted::View) => {
                let from = usize::try_from(*from).unwrap_or(usize::MAX);
                Some(from..from.saturating_add(*rows))
            }
            _ => None,
        }
    }

    fn whole_is_coming(&self) -> bool {
        self.requests.is_coming(Slot::TableWhole)
    }

    fn is_whole(&self) -> bool {
        self.shape.get().is_some_and(|shape| shape.whole)
    }

    fn row(&self, place: usize) -> Option<&TableRow> {
        self.row_window.get(place)
    }

    fn selected_row(&self) -> Option<&TableRow> {
        self.row(self.scroll.selected()?)
    }

    fn hold(&mut self, from: u64, rows: Vec<TableRow>) {
        self.row_window = RowWindow::new(from, rows);
        self.tell_states();
    }

    /// States in the words of a record that ended like this one.
    fn tell_states(&mut self) {
        for row in self.row_window.rows() {
            let told = status_word::word(&row.status, self.outcome);
            if told != row.status {
                row.status = told.to_owned();
            }
        }
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let (asked, wanted) = self.requests.answered(slot).unzip();
        let wanted = wanted.unwrap_or_default();
        match result {
            Ok(Answer::Table(shape)) => self.learn(shape, wanted, cx),
            Ok(Answer::TableRows(rows)) => self.arrived(rows, wanted, asked.as_ref()),
            Ok(_) => Vec::new(),
            Err(e) => {
                if slot != Slot::TableRows {
                    self.again = false;
                    self.then = None;
                    self.sorted.clone_from(&self.shown);
                }
                self.shape.fail(&e)
            }
        }
    }

    /// New data keeps the place: the row, the column and what sorts by their names.
    fn learn(&mut self, mut shape: Box<TableShape>, wanted: Wanted, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.looks_for_row() {
            effects.extend(self.requests.cancel(Slot::TableRows));
        }
        let all = shape.sort.is_none() && shape.first_rows().len() as u64 == shape.rows;
        let window = std::mem::take(&mut shape.window);
        let named = |cols: &[TableColumn], n: usize| cols.get(n).map(|col| col.what.clone());
        let active = named(&self.cols, self.active);
        let (cols, frozen) = columns::of(&shape, cx.ascii);
        let place = |what: &What| cols.iter().position(|col| col.what == *what);
        let first = cols.iter().skip(frozen).position(TableColumn::can_be_active).map_or(0, |n| n + frozen);
        self.active = active.as_ref().and_then(place).unwrap_or(first);
        self.sorted = self.sorted.take().filter(|(what, _)| place(what).is_some());
        let differ = |(a, b): (&TableColumn, &TableColumn)| a.what != b.what;
        let keep = self.is_whole() && self.cols.len() == cols.len();
        if !keep || self.cols.iter().zip(&cols).any(differ) {
            self.cols = cols;
            self.first_ones = frozen;
        }
        if all || !shape.whole {
            self.hold(0, shape.first_rows().to_vec());
        } else {
            self.hold(window.from, window.rows);
        }
        self.scroll.set_len(usize::try_from(shape.rows).unwrap_or(usize::MAX));
        let (whole, newly) = (shape.whole, self.sorted != self.shown);
        self.shape = Loadable::There(shape);
        self.shown.clone_from(&self.sorted);
        // Moved since: that is where to be then.
        let stayed = wanted == Wanted::Whole(self.scroll.selected());
        if let Some(place) = window.found.and_then(|n| usize::try_from(n).ok()).filter(|_| stayed) {
            if newly { self.scroll.jump(place) } else { self.scroll.follow(place) }
        }
        if self.sticks && self.shown.is_none() {
            self.scroll.bottom();
        }
        self.bring_active_in();
        if newly {
            effects.push(self.say_order());
        }
        if !whole || std::mem::take(&mut self.again) {
            effects.push(self.ask_whole(0));
        } else if let Some(input) = self.then.take() {
            effects.extend(self.take(input, cx));
        } else {
            effects.extend(self.follow_lead());
        }
        effects
    }

    /// To the row of the iteration that another tab stood at.
    fn follow_lead(&mut self) -> Vec<Effect> {
        if !self.is_whole() {
            return Vec::new();
        }
        self.lead.take().map(|n| self.look_for(TableAt::Iteration(n))).unwrap_or_default()
    }

    fn arrived(&mut self, rows: TableRows, wanted: Wanted, asked: Option<&Ask>) -> Vec<Effect> {
        if self.shape.get().is_none_or(|shape| shape.look != rows.look) {
            // Of another snapshot: what was looked for is looked for in the next one.
            if let Some(Ask::TableRows { part, .. }) = asked {
                match part.at {
                    TableAt::Iteration(n) => self.lead = Some(n),
                    TableAt::Row(n) => self.then = Some(Input::Goto(Goto::Row(n))),
                    TableAt::Place(_) | TableAt::Beside { .. } => {}
                }
            }
            return vec![self.ask_whole(rows.look)];
        }
        match (wanted, rows.found.and_then(|n| usize::try_from(n).ok())) {
            (Wanted::Row(_), Some(place)) => {
                self.hold(rows.from, rows.rows);
                self.scroll.jump(place);
            }
            (Wanted::Row(Some(n)), None) => return vec![no_row(n)],
            (Wanted::Row(None), None) => {}
            _ => self.hold(rows.from, rows.rows),
        }
        Vec::new()
    }

    fn take(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        // Who moves or looks elsewhere leaves the end.
        match input {
            Input::Action(Action::Reload) => self.sticks = cx.follows && self.scroll.is_at_end(),
            Input::Action(_) | Input::Search(_) | Input::SearchDone(_) | Input::Goto(_) => {
                self.sticks = false
            }
            _ => {}
        }
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Outcome(outcome) => {
                self.outcome = outcome;
                self.tell_states();
                let look = self.shape.get().filter(|shape| shape.whole && shape.sort != self.sort());
                if let Some(look) = look.map(|shape| shape.look).filter(|_| !self.whole_is_coming()) {
                    return vec![self.ask_whole(look)];
                }
            }
            Input::Shown if self.shape.get().is_none() => {
                return vec![self.requests.ask(Ask::Table { run: self.run })];
            }
            Input::Shown => return self.follow_lead(),
            Input::Action(Action::Reload) if self.whole_is_coming() => self.again = true,
            Input::Action(Action::Reload) => return vec![self.ask_whole(0)],
            Input::Action(action) => return self.act(action),
            Input::Goto(Goto::Row(n)) => return self.go(n),
            Input::Search(words) => return self.search_for(&words),
            Input::SearchDone(words) => return self.search_done(words),
            Input::Answer { slot, result } => return self.answer(slot, result, cx),
            _ => {}
        }
        Vec::new()
    }
}

fn no_row(n: u64) -> Effect {
    Effect::fail(format!("No row {n} in this table."))
}

impl Tab for TableTab {
    fn context(&self) -> Context {
        Context::Tab(TabId::Table)
    }

    fn can(&self, action: Action) -> bool {
        match action {
            _ if action.moves() => !self.scroll.is_empty(),
            Action::Left
            | Action::Right
            | Action::NextIteration
            | Action::PreviousIteration
            | Action::Open
            | Action::Search
            | Action::Sort
            | Action::More
            | Action::Less
            | Action::Fit => !self.scroll.is_empty(),
            Action::SearchNext | Action::SearchPrevious => !self.search.needle().is_empty(),
            _ => false,
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        // What just failed would fail again.
        let failed = matches!(input, Input::Answer { result: Err(_), .. });
        let mut effects = self.take(input, cx);
        if !failed {
            effects.extend(self.fetch());
        }
        effects
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.draw(theme, area, buf);
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        Some(Goto::Row(n))
    }

    fn awaits(&self, about: About) -> bool {
        let row = self.requests.is_coming(Slot::TableRows) && self.selected_row().is_none();
        self.looks_for_row() || self.then.is_some() || about == About::Cursor && row
    }

    fn has_come(&self) -> bool {
        self.shape.has_come()
    }

    fn moment(&self) -> Option<Moment> {
        self.selected_row()?.iteration.map(Moment::Iteration)
    }

    fn aim(&mut self, aim: Aim) {
        if let Aim::Iteration(n) = aim {
            self.lead = Some(n);
        }
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(row) = self.selected_row() else { return Vec::new() };
        let cells = self.cols.iter().filter(|col| col.can_be_active());
        let all: Vec<String> = cells.map(|col| cells::full(row, col)).collect();
        let value = self.cols.get(self.active).map(|col| CopyItem::new('v', "value", cells::full(row, col)));
        let error = row.reason.clone().map(|reason| CopyItem::new('e', "error", reason));
        value.into_iter().chain([CopyItem::new('r', "row", all.join("\t"))]).chain(error).collect()
    }

    fn position(&self) -> Option<String> {
        let row = self.scroll.selected()?;
        // More rows may follow while only the beginning is known.
        let more = if self.is_whole() { "" } else { "+" };
        Some(format!("{}/{}{more}", row + 1, self.scroll.len()))
    }
}
