//! Tab 3: parameters and outputs.

use ratatui::{buffer::Buffer, layout::Rect};

use super::loaded::Loaded;
use crate::{
    model::format::count_of,
    services::ask::{self, Answer, Ask},
    tui::{
        action::Action,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{Cx, Input, Screen},
        theme::{Kind, Theme},
        widgets::text::put,
    },
};

#[derive(Debug)]
pub(super) struct Table {
    run: i64,
    table: Loaded<Box<ask::Table>>,
}

impl Table {
    pub fn new(run: i64) -> Self {
        Self { run, table: Loaded::Waiting }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Table, ask: Ask::Table { run: self.run } }]
    }
}

impl Screen for Table {
    fn context(&self) -> Context {
        Context::Table
    }

    fn can(&self, _: Action) -> bool {
        false
    }

    fn update(&mut self, input: Input, _: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Shown if self.table.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Answer { result: Ok(Answer::Table(table)), .. } => self.table = Loaded::There(table),
            Input::Answer { result: Err(e), .. } => {
                return self.table.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if let (false, Some(table)) = (self.table.placeholder(theme, area, buf), self.table.get()) {
            let text = count_of(table.rows.len() as u64, "row", "rows");
            put(buf, area, 1, 0, &text, theme.style(Kind::Normal));
        }
    }
}
