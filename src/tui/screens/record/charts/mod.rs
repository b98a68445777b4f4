//! Tab 5: the record's numeric outputs.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::loaded::Loaded;
use crate::{
    model::{format::number, series::Series},
    services::ask::{Answer, Ask},
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
pub(super) struct Charts {
    run: i64,
    series: Loaded<Vec<Series>>,
    scroll: Scroll,
    size: Size,
}

impl Charts {
    pub fn new(run: i64) -> Self {
        Self { run, series: Loaded::Waiting, scroll: Scroll::default(), size: Size::default() }
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Charts, ask: Ask::Charts { run: self.run } }]
    }
}

impl Screen for Charts {
    fn context(&self) -> Context {
        Context::Charts
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
            Input::Shown if self.series.get().is_none() => return self.ask(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(Action::Down) => self.scroll.move_by(1),
            Input::Action(Action::Up) => self.scroll.move_by(-1),
            Input::Answer { result: Ok(Answer::Charts(series)), .. } => {
                self.scroll.set_len(series.len());
                self.series = Loaded::There(series);
            }
            Input::Answer { result: Err(e), .. } => {
                return self.series.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.series.placeholder(theme, area, buf) {
            return;
        }
        let series = self.series.get().map(Vec::as_slice).unwrap_or_default();
        if series.is_empty() {
            put(buf, area, 1, 0, "No numeric outputs.", theme.style(Kind::Dim));
        }
        for (y, row) in (0..area.height).zip(self.scroll.visible()) {
            let Some(one) = series.get(row) else { continue };
            let last = one.stats().map(|s| number(s.last)).unwrap_or_default();
            put(buf, area, 1, y, &format!("{}  {last}", one.name), theme.style(Kind::Normal));
        }
    }
}
