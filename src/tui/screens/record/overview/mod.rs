//! Tab 1: how the record ended and why, its phases on one time axis, its events, outputs and files.

mod draw;
mod layout;
mod lines;
mod phases;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    model::format::time_of_day,
    services::{
        events::RunEvent,
        overview::Overview,
        request::{Answer, Ask, Slot},
        slow_steps::types::SlowSteps,
        why::report,
    },
    style::Theme,
    tui::{
        action::Action,
        keymap::Context,
        screen::{CopyItem, Effect, Input, ScreenCx, Tab},
        screens::{calls::Calls, lines_place::LinesPlace, loadable::Loadable, words::time_text},
    },
};
use layout::OverviewLines;
use lines::{Beside, Room};
pub(super) use phases::took;

#[derive(Debug)]
pub(super) struct OverviewTab {
    run: i64,
    data: Loadable<Box<Overview>>,
    /// How many calls by hand there are around it, once that is known.
    calls: Option<String>,
    /// Its slow steps, once they are known.
    slow: Option<Arc<SlowSteps>>,
    /// They are those of the record as it was read last: another tab's request may take the place of this one's.
    knows_slow: bool,
    /// Made of the data for this width.
    lines: OverviewLines,
    /// All of long texts is among the lines, as that was wanted.
    unfolded: bool,
    place: LinesPlace,
    size: Size,
}

impl OverviewTab {
    pub fn new(run: i64) -> Self {
        Self {
            run,
            data: Loadable::Waiting,
            calls: None,
            slow: None,
            knows_slow: false,
            lines: OverviewLines::default(),
            unfolded: false,
            place: LinesPlace::default(),
            size: Size::default(),
        }
    }

    /// What was whole does not fall back to a beginning.
    fn ask(&self) -> Vec<Effect> {
        let whole = self.data.get().is_some_and(|data| data.partial.is_none());
        let run = self.run;
        let overview = if whole { self.ask_whole() } else { Effect::Ask(Ask::Overview { run }) };
        vec![overview, Effect::Ask(Ask::CallsAround { run }), Effect::Ask(Ask::SlowSteps { run })]
    }

    fn ask_whole(&self) -> Effect {
        Effect::Ask(Ask::OverviewWhole { run: self.run })
    }

    fn lay_out(&mut self) {
        let Some(data) = self.data.get() else { return };
        let room =
            Room { columns: self.size.width, rows: self.size.height, unfolded: self.unfolded, alone: false };
        let beside = Beside { calls: self.calls.as_deref(), slow: self.slow.as_deref() };
        self.lines = layout::of(data, beside, room);
        self.place.set(self.lines.len(), self.size.height);
    }
}

/// The overview of a record of which nothing else is there, as lines.
#[derive(Debug, Default)]
pub(in crate::tui::screens) struct OverviewText(OverviewLines);

impl OverviewText {
    pub fn of(data: &Overview, size: Size) -> Self {
        let room = Room { columns: size.width, rows: size.height, unfolded: true, alone: true };
        Self(layout::of(data, Beside { calls: None, slow: None }, room))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn draw(&self, first: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
        draw::all_lines(&self.0, first, theme, area, buf);
    }
}

/// Texts of events, as many as there are digits, and all events.
fn event_copies(events: &[RunEvent]) -> Vec<CopyItem> {
    let time = |event: &RunEvent| time_text(&event.time, time_of_day);
    let line = |event: &RunEvent| {
        let detail = event.detail.as_deref().unwrap_or_default();
        format!("{}\t{}\t{detail}", time(event), event.label)
    };
    let with_text = events.iter().filter_map(|event| Some((event, event.detail.as_ref()?)));
    let item = |(digit, (event, text)): (char, (&RunEvent, &String))| {
        CopyItem::new(digit, format!("{} {}", event.label, time(event)), text.clone())
    };
    let mut items: Vec<CopyItem> = ('1'..='9').zip(with_text).map(item).collect();
    if !events.is_empty() {
        let all: Vec<String> = events.iter().map(line).collect();
        items.push(CopyItem::new('v', "all events", all.join("\n")));
    }
    items
}

impl Tab for OverviewTab {
    fn context(&self) -> Context {
        Context::Record
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Open => self.lines.folded || self.unfolded || self.calls.is_some(),
            _ => self.place.can(action),
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Shown if self.data.get().is_none() => return self.ask(),
            Input::Shown if !self.knows_slow => return vec![Effect::Ask(Ask::SlowSteps { run: self.run })],
            Input::Action(Action::Reload) => {
                self.knows_slow = false;
                return self.ask();
            }
            Input::Action(Action::Open) if !self.lines.folded && !self.unfolded => {
                return vec![Effect::Push(Box::new(Calls::around(self.run)))];
            }
            Input::Action(Action::Open) => {
                self.unfolded = !self.unfolded;
                self.lay_out();
            }
            Input::Action(action) => self.place.move_by(action),
            Input::Answer { result: Ok(Answer::Overview(data)), .. } => {
                let partial = data.partial.is_some();
                self.data = Loadable::There(data);
                self.lay_out();
                if partial {
                    return vec![self.ask_whole()];
                }
            }
            Input::Answer { slot: Slot::CallsAround, result: Ok(Answer::CallsAround(around)) } => {
                self.calls = around.words();
                self.lay_out();
            }
            Input::Answer { result: Ok(Answer::SlowSteps(slow)), .. } => {
                (self.slow, self.knows_slow) = (Some(slow), true);
                self.lay_out();
            }
            // The list of them, and the map, say why they can't be read.
            Input::Answer { slot: Slot::CallsAround | Slot::SlowSteps, .. } => {}
            Input::Answer { result: Err(e), .. } => return self.data.fail(&e),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.data.placeholder(theme, area, buf) {
            return;
        }
        draw::all_lines(&self.lines, self.place.first(), theme, area, buf);
    }

    fn has_come(&self) -> bool {
        self.data.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(data) = self.data.get() else { return Vec::new() };
        let error = data.first_failure.iter().map(|one| CopyItem::new('e', "error", report::reason(one)));
        let log = data.files.iter().find_map(|file| file.path());
        let path = log.map(|path| CopyItem::new('p', "path", path.display().to_string()));
        error.chain(path).chain(event_copies(&data.events)).collect()
    }

    fn position(&self) -> Option<String> {
        self.place.position()
    }
}
