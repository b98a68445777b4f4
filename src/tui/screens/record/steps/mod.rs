//! Tab 2: the record's phases and steps.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::loaded::Loaded;
use crate::{
    services::ask::{Answer, Ask, PhaseHead},
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
pub(super) struct Steps {
    run: i64,
    phases: Loaded<Vec<PhaseHead>>,
    scroll: Scroll,
    aim: Option<(Option<i64>, Option<i64>)>,
}

impl Steps {
    pub fn new(run: i64) -> Self {
        Self { run, phases: Loaded::Waiting, scroll: Scroll::default(), aim: None }
    }

    /// Goes to a step, as soon as it is known.
    pub fn aim_at_step(&mut self, phase: i64, _step: i64) {
        self.aim = Some((Some(phase), None));
    }

    /// Goes to an iteration, as soon as it is known.
    pub fn aim_at_iteration(&mut self, iteration: u64) {
        self.aim = Some((None, i64::try_from(iteration).ok()));
    }

    /// The step under the cursor.
    pub fn selected_step(&self) -> Option<i64> {
        None
    }

    fn settle(&mut self) {
        let (Some((phase, iteration)), Some(phases)) = (self.aim, self.phases.get()) else { return };
        let found = phases.iter().position(|p| {
            Some(p.id) == phase || iteration.is_some() && p.repeat_index == iteration && p.name == "main"
        });
        self.aim = None;
        self.scroll.jump(found.unwrap_or(0));
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask { slot: Slot::Phases, ask: Ask::Phases { run: self.run } }]
    }
}

impl Screen for Steps {
    fn context(&self) -> Context {
        Context::Tree
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Down | Action::Up) && !self.scroll.is_empty()
    }

    fn update(&mut self, input: Input, _: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(Size { height, .. }) => self.scroll.set_height(usize::from(height)),
            Input::Shown if self.phases.get().is_none() => return self.ask(),
            Input::Shown => self.settle(),
            Input::Action(Action::Reload) => return self.ask(),
            Input::Action(Action::Down) => self.scroll.move_by(1),
            Input::Action(Action::Up) => self.scroll.move_by(-1),
            Input::Answer { result: Ok(Answer::Phases(list)), .. } => {
                self.scroll.set_len(list.phases.len());
                self.phases = Loaded::There(list.phases);
                self.settle();
            }
            Input::Answer { result: Err(e), .. } => {
                return self.phases.fail(&e).map(Effect::fail).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.phases.placeholder(theme, area, buf) {
            return;
        }
        let phases = self.phases.get().map(Vec::as_slice).unwrap_or_default();
        for (y, row) in (0..area.height).zip(self.scroll.visible()) {
            let Some(phase) = phases.get(row) else { continue };
            let text = format!("{}  {} steps", super::overview::label(phase), phase.steps);
            put(buf, area, 1, y, &text, theme.style(Kind::Normal));
        }
    }
}
