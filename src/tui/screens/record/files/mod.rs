//! Tab 7: the record's files.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::loaded::Loaded;
use crate::{
    model::format::bytes,
    services::ask::{Answer, Ask, FileEntry},
    tui::{
        action::Action,
        effect::{Effect, Slot},
        keymap::Context,
        screens::{Cx, Input, Screen},
        theme::{Kind, Theme},
        widgets::{scroll::Scroll, text::put},
    },
};

#[derive(Debug)]
pub(super) struct Files {
    run: i64,
    files: Loaded<Vec<FileEntry>>,
    scroll: Scroll,
    size: Size,
}

impl Files {
    pub fn new(run: i64) -> Self {
        Self { run, files: Loaded::Waiting, scroll: Scroll::default(), size: Size::default() }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Files, ask: Ask::Files { run: self.run } }]
    }
}

impl Screen for Files {
    fn context(&self) -> Context {
        Context::Files
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
            Input::Shown if self.files.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(Action::Down) => self.scroll.move_by(1),
            Input::Action(Action::Up) => self.scroll.move_by(-1),
            Input::Answer { result: Ok(Answer::Files(files)), .. } => {
                self.scroll.set_len(files.len());
                self.files = Loaded::There(files);
            }
            Input::Answer { result: Err(e), .. } => {
                return self.files.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.files.placeholder(theme, area, buf) {
            return;
        }
        let files = self.files.get().map(Vec::as_slice).unwrap_or_default();
        if files.is_empty() {
            put(buf, area, 1, 0, "No files.", theme.style(Kind::Dim));
        }
        for (y, row) in (0..area.height).zip(self.scroll.visible()) {
            let Some(one) = files.get(row) else { continue };
            put(
                buf,
                area,
                1,
                y,
                &format!("{}  {}", one.name, one.size.map(bytes).unwrap_or_default()),
                theme.style(Kind::Normal),
            );
        }
    }
}
