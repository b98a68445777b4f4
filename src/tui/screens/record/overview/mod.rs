//! Tab 1: how the record ended and why, its phases on one time axis, its events, outputs and files.

mod draw;
mod lines;
mod phases;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::loadable::Loadable;
use crate::{
    services::{
        overview::Overview,
        request::{Answer, Ask},
    },
    style::Theme,
    tui::{
        action::Action,
        keymap::Context,
        screen::{CopyItem, Effect, Input, ScreenCx, Tab},
    },
};
use lines::OverviewLine;
pub(super) use phases::took;

#[derive(Debug)]
pub(super) struct OverviewTab {
    run: i64,
    data: Loadable<Box<Overview>>,
    /// Made of the data for this width.
    lines: Vec<OverviewLine>,
    /// The first line on screen.
    first: usize,
    size: Size,
}

impl OverviewTab {
    pub fn new(run: i64) -> Self {
        Self { run, data: Loadable::Waiting, lines: Vec::new(), first: 0, size: Size::default() }
    }

    /// What was whole does not fall back to a beginning.
    fn ask(&self) -> Vec<Effect> {
        let whole = self.data.get().is_some_and(|data| data.partial.is_none());
        vec![if whole { self.ask_whole() } else { Effect::Ask(Ask::Overview { run: self.run }) }]
    }

    fn ask_whole(&self) -> Effect {
        Effect::Ask(Ask::OverviewWhole { run: self.run })
    }

    fn height(&self) -> usize {
        usize::from(self.size.height)
    }

    /// The furthest that scrolling goes.
    fn last_first(&self) -> usize {
        self.lines.len().saturating_sub(self.height())
    }

    fn lay_out(&mut self) {
        self.lines = self.data.get().map(|data| lines::of(data, self.size.width)).unwrap_or_default();
        self.first = self.first.min(self.last_first());
    }
}

impl Tab for OverviewTab {
    fn context(&self) -> Context {
        Context::Record
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Down | Action::PageDown | Action::HalfDown | Action::Bottom => {
                self.first < self.last_first()
            }
            Action::Up | Action::PageUp | Action::HalfUp | Action::Top => self.first > 0,
            _ => false,
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Shown if self.data.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(action) => {
                self.first = action.moved(self.first, self.height(), self.last_first());
            }
            Input::Answer { result: Ok(Answer::Overview(data)), .. } => {
                let partial = data.partial.is_some();
                self.data = Loadable::There(data);
                self.lay_out();
                if partial {
                    return vec![self.ask_whole()];
                }
            }
            Input::Answer { result: Err(e), .. } => return self.data.fail(&e),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.data.placeholder(theme, area, buf) {
            return;
        }
        for (y, line) in (0..area.height).zip(self.lines.iter().skip(self.first)) {
            draw::line(line, theme, Rect { y: area.y + y, height: 1, ..area }, buf);
        }
    }

    fn has_come(&self) -> bool {
        self.data.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(data) = self.data.get() else { return Vec::new() };
        let error = data.first_error.iter().map(|site| CopyItem::new('e', "error", site.message.clone()));
        let log = data.files.iter().find_map(|file| file.path());
        let path = log.map(|path| CopyItem::new('p', "path", path.display().to_string()));
        error.chain(path).collect()
    }

    fn position(&self) -> Option<String> {
        let all = self.lines.len();
        (all > self.height()).then(|| {
            let end = (self.first + self.height()).min(all);
            format!("{}-{} of {all}", self.first + 1, end)
        })
    }
}
