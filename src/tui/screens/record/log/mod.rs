//! Tab 6: the record's log.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::loaded::Loaded;
use crate::{
    model::clean::clean_bytes,
    services::ask::{Answer, Ask, LogAt},
    tui::{
        action::Action,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{Cx, Input, Screen},
        theme::{Kind, Theme},
        widgets::{scroll::Scroll, text::put},
    },
};

/// Bytes of the log's beginning that are read.
const BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Log {
    run: i64,
    lines: Loaded<Vec<String>>,
    scroll: Scroll,
    size: Size,
}

impl Log {
    pub fn new(run: i64) -> Self {
        Self { run, lines: Loaded::Waiting, scroll: Scroll::default(), size: Size::default() }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Log, ask: Ask::Log { run: self.run, at: LogAt::Start, bytes: BYTES } }]
    }
}

impl Screen for Log {
    fn context(&self) -> Context {
        Context::Log
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Down | Action::Up) && !self.scroll.is_empty()
    }

    fn update(&mut self, input: Input, _: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.scroll.set_height(usize::from(size.height));
            }
            Input::Shown if self.lines.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(Action::Down) => self.scroll.move_by(1),
            Input::Action(Action::Up) => self.scroll.move_by(-1),
            Input::Answer { result: Ok(Answer::Log(piece)), .. } => {
                let lines: Vec<String> = clean_bytes(&piece.bytes).lines().map(str::to_owned).collect();
                self.scroll.set_len(lines.len());
                self.lines = Loaded::There(lines);
            }
            Input::Answer { result: Err(e), .. } => {
                return self.lines.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.lines.placeholder(theme, area, buf) {
            return;
        }
        let lines = self.lines.get().map(Vec::as_slice).unwrap_or_default();
        for (y, row) in (0..area.height).zip(self.scroll.visible()) {
            if let Some(line) = lines.get(row) {
                put(buf, area, 1, y, line, theme.style(Kind::Normal));
            }
        }
    }
}
