//! Tab 3: the config table of a batch run; of other runs, iterations by parameters and outputs.

mod cells;
mod columns;
mod keys;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    loaded::{Loaded, paragraph},
    state,
};
use crate::{
    model::outcome::Outcome,
    services::ask::{self, Answer, Ask, TableRow},
    tui::{
        action::Action,
        command::Command,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{CopyItem, Cx, Input, Screen},
        theme::{Kind, Theme},
        widgets::{
            scroll::Scroll,
            table::TableView,
            text::{Span, put, put_spans, width},
        },
    },
};
use columns::Col;

#[derive(Debug)]
pub(super) struct Table {
    run: i64,
    data: Loaded<Box<ask::Table>>,
    cols: Vec<Col>,
    /// Columns that stay when the others move sideways, where there is room for that.
    first_ones: usize,
    /// Rows in the order of the screen, as places in the data.
    order: Vec<usize>,
    /// The column that sorts, and whether it rises.
    sorted: Option<(usize, bool)>,
    scroll: Scroll,
    /// How the record ended, once that is known.
    outcome: Option<Outcome>,
    /// The column under the cursor.
    active: usize,
    /// The first column beside the frozen ones that is on screen.
    first: usize,
    size: Size,
}

/// In narrower windows only the first column stays.
const NARROW: u16 = 60;

impl Table {
    pub fn new(run: i64) -> Self {
        Self {
            run,
            data: Loaded::Waiting,
            cols: Vec::new(),
            first_ones: 0,
            order: Vec::new(),
            sorted: None,
            scroll: Scroll::default(),
            outcome: None,
            active: 0,
            first: 0,
            size: Size::default(),
        }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Table, ask: Ask::Table { run: self.run } }]
    }

    fn frozen(&self) -> usize {
        if self.size.width < NARROW { self.first_ones.min(1) } else { self.first_ones }
    }

    /// Lines at the bottom: why the row failed, and the cell under the cursor in full.
    fn foot(&self) -> u16 {
        match self.size.height {
            0..=4 => 0,
            5..=8 => 1,
            _ => 2,
        }
    }

    fn lay_out(&mut self) {
        let rows = self.size.height.saturating_sub(1 + self.foot());
        self.scroll.set_height(usize::from(rows));
        self.bring_active_in();
    }

    fn row(&self, n: usize) -> Option<&TableRow> {
        self.data.get()?.rows.get(*self.order.get(n)?)
    }

    fn selected_row(&self) -> Option<&TableRow> {
        self.row(self.scroll.selected()?)
    }

    /// New data keeps the place: the row, the column and what sorts by their names.
    fn learn(&mut self, mut table: Box<ask::Table>, ascii: bool) {
        for row in &mut table.rows {
            let told = state::word(&row.status, self.outcome);
            if told != row.status {
                row.status = told.to_owned();
            }
        }
        let row = self.selected_row().map(|row| row.row);
        let named = |cols: &[Col], n: usize| cols.get(n).map(|col| col.what.clone());
        let active = named(&self.cols, self.active);
        let sorted = self.sorted.and_then(|(n, rising)| Some((named(&self.cols, n)?, rising)));
        let (cols, frozen) = columns::of(&table, ascii);
        let place = |what| cols.iter().position(|col| col.what == what);
        self.sorted = sorted.and_then(|(what, rising)| Some((place(what)?, rising)));
        let first = cols.iter().skip(frozen).position(Col::can_be_active).map_or(0, |n| n + frozen);
        self.active = active.and_then(place).unwrap_or(first);
        if self.cols.len() != cols.len() || self.cols.iter().zip(&cols).any(|(a, b)| a.what != b.what) {
            (self.cols, self.first_ones) = (cols, frozen);
        }
        self.data = Loaded::There(table);
        self.sort();
        self.scroll.set_len(self.order.len());
        let same = |n: &usize| self.row(*n).map(|row| row.row) == row;
        if let Some(place) = (0..self.order.len()).find(same).filter(|_| row.is_some()) {
            self.scroll.follow(place);
        }
        self.bring_active_in();
    }

    fn foot_lines(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let Some(row) = self.selected_row() else { return };
        let line = |up: u16, spans: &[Span<'_>], buf: &mut Buffer| {
            let y = area.height.saturating_sub(up);
            put_spans(buf, area, (0, y, area.width), spans, theme);
        };
        if self.foot() > 0
            && let Some(col) = self.cols.get(self.active)
        {
            line(1, &cells::told(row, col), buf);
        }
        if self.foot() > 1
            && let Some(reason) = &row.reason
        {
            let first = reason.lines().next().unwrap_or_default();
            line(2, &[Span::plain(" "), Span::new(first, Kind::Failed)], buf);
        }
    }
}

impl Screen for Table {
    fn context(&self) -> Context {
        Context::Table
    }

    fn can(&self, action: Action) -> bool {
        match action {
            _ if action.moves() => !self.scroll.is_empty(),
            Action::Left
            | Action::Right
            | Action::NextIteration
            | Action::PreviousIteration
            | Action::Open
            | Action::Sort
            | Action::More
            | Action::Less
            | Action::Fit => !self.scroll.is_empty(),
            _ => false,
        }
    }

    fn update(&mut self, input: Input, cx: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Outcome(outcome) => {
                let news = self.outcome.replace(outcome) != Some(outcome);
                if let Some(table) = self.data.get().filter(|_| news).cloned() {
                    self.learn(table, cx.ascii);
                }
            }
            Input::Shown if self.data.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(action) => return self.act(action),
            Input::Command(Command::Go(n)) => {
                let place = (0..self.order.len()).find(|at| self.row(*at).is_some_and(|row| row.row == n));
                match place {
                    Some(place) => self.scroll.jump(place),
                    None => return vec![Effect::fail(format!("No row {n} in this table."))],
                }
            }
            Input::Answer { result: Ok(Answer::Table(table)), .. } => self.learn(table, cx.ascii),
            Input::Answer { result: Err(e), .. } => {
                return self.data.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.data.placeholder(theme, area, buf) {
            return;
        }
        if self.order.is_empty() {
            paragraph("No iterations: nothing to put into a table.", Kind::Dim, theme, area, buf);
            return;
        }
        let mut columns: Vec<_> = self.cols.iter().map(Col::column).collect();
        let placed = self.placed();
        // The mark of a title that fills its column stands in the gap before it.
        let mut before = None;
        if let Some((n, rising)) = self.sorted
            && let Some(column) = columns.get_mut(n)
            && let Some(place) = placed.iter().find(|place| place.column == n)
        {
            if width(&column.title) < usize::from(place.width) {
                column.title = format!("{}{}", theme.sorted(rising), column.title).into();
            } else {
                before = place.x.checked_sub(1).map(|x| (x, theme.sorted(rising)));
            }
        }
        let body = Rect { height: area.height.saturating_sub(self.foot()), ..area };
        let row = |n: usize| {
            let active = (self.scroll.selected() == Some(n)).then_some(self.active);
            Some(cells::row(self.row(n)?, &self.cols, active, theme))
        };
        let (scroll, active) = (&self.scroll, Some(self.active));
        TableView { columns: &columns, placed: &placed, scroll, row, active, theme }.draw(body, buf);
        if let Some((x, mark)) = before {
            put(buf, body, x, 0, mark, theme.style(Kind::Dim));
        }
        self.foot_lines(theme, area, buf);
    }

    fn takes(&self, command: &Command) -> bool {
        matches!(command, Command::Go(_))
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(row) = self.selected_row() else { return Vec::new() };
        let item = |letter, what: &str, text| CopyItem { letter, what: what.to_owned(), text };
        let cells = self.cols.iter().filter(|col| col.can_be_active());
        let all: Vec<String> = cells.map(|col| cells::full(row, col)).collect();
        let value = self.cols.get(self.active).map(|col| item('v', "value", cells::full(row, col)));
        let error = row.reason.clone().map(|reason| item('e', "error", reason));
        value.into_iter().chain([item('r', "row", all.join("\t"))]).chain(error).collect()
    }

    fn position(&self) -> Option<String> {
        let row = self.scroll.selected()?;
        Some(format!("{}/{}", row + 1, self.scroll.len()))
    }
}
