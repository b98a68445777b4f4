//! A record in the trash as it was: its overview, to be read and brought back, nothing else.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::parts::{self, below, label, restore};
use crate::{
    model::{
        format::{date_time, duration},
        sanitize,
        timestamp::seconds_between,
    },
    services::{
        overview::Overview,
        request::{Answer, Ask, Slot},
        trash::TrashEntry,
    },
    style::{Role, Theme},
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{CopyItem, Effect, Input, Screen, ScreenCx},
        screens::{lines_place::LinesPlace, loadable::Loadable, record::OverviewText, words::time_text},
        widgets::text::{Span, put_spans, spans_width},
    },
};

/// Lines of its head: name, when and by whom, an empty one.
const HEAD: u16 = 3;

/// A record in the trash, read only.
#[derive(Debug)]
pub(super) struct OneInTrash {
    entry: TrashEntry,
    data: Loadable<Box<Overview>>,
    lines: OverviewText,
    place: LinesPlace,
    size: Size,
    requests: Requests,
}

impl OneInTrash {
    pub fn new(entry: TrashEntry) -> Self {
        let (data, lines, size) = (Loadable::Waiting, OverviewText::default(), Size::default());
        Self { entry, data, lines, place: LinesPlace::default(), size, requests: Requests::default() }
    }

    fn lay_out(&mut self) {
        let room = below(self.size, HEAD);
        if let Some(data) = self.data.get() {
            self.lines = OverviewText::of(data, room);
        }
        self.place.set(self.lines.len(), room.height);
    }

    fn ask(&mut self) -> Effect {
        self.requests.ask(Ask::TrashedRecord { n: self.entry.n })
    }

    fn head(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let name = sanitize::sanitize(&self.entry.name);
        let part = parts::is_unfinished(&self.entry);
        let place = if part { "   in the trash, not all deleted" } else { "   in the trash" };
        let left = [
            Span::dim(format!("#{} ", self.entry.run)),
            Span::new(name, Role::Heading),
            Span::new(place, Role::Accent),
        ];
        put_spans(buf, area, (1, 0, area.width.saturating_sub(2)), &left, theme);
        let deleted = Span::dim(parts::deleted_words(&self.entry));
        parts::put_right(deleted.clone(), theme, (0, spans_width(&left) + 3), area, buf);
        let run = self.data.get().map(|data| &data.row.run);
        let start = run.map_or_else(|| parts::start(&self.entry), |run| run.start.clone());
        let took = run.map(|run| match (run.start.at(), run.end.at()) {
            (Some(from), Some(to)) => format!(", took {}", duration(seconds_between(from, to))),
            _ => ", no end time".to_owned(),
        });
        let when = format!("{}{}", time_text(&start, date_time), took.unwrap_or_default());
        let own = [Span::dim(when)];
        put_spans(buf, area, (1, 1, area.width.saturating_sub(2)), &own, theme);
        if spans_width(&left) + 4 + spans_width(std::slice::from_ref(&deleted)) > usize::from(area.width) {
            parts::put_right(deleted, theme, (1, spans_width(&own) + 3), area, buf);
        }
    }
}

impl Screen for OneInTrash {
    fn context(&self) -> Context {
        Context::Trashed
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Undo | Action::Reload => true,
            _ => self.place.can(action),
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Shown | Input::Action(Action::Reload) => return vec![self.ask()],
            Input::Action(Action::Undo) => return vec![restore(&self.entry)],
            Input::Action(action) => self.place.move_by(action),
            Input::Restored { entries, .. } if entries.contains(&self.entry.n) => return vec![Effect::Pop],
            Input::Answer { slot, result } => {
                self.requests.answered(slot);
                match result {
                    Ok(Answer::Overview(data)) => {
                        self.data = Loadable::There(data);
                        self.lay_out();
                    }
                    Ok(_) => {}
                    Err(error) => return self.data.fail(&error),
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.head(theme, area, buf);
        let head = HEAD.min(area.height);
        let under = Rect { y: area.y + head, height: area.height - head, ..area };
        if !self.data.placeholder(theme, under, buf) {
            self.lines.draw(self.place.first(), theme, under, buf);
        }
    }

    fn awaits(&self, about: About) -> bool {
        let first = self.requests.is_coming(Slot::TrashedRecord) && !self.data.has_come();
        first && about == About::View
    }

    fn is_whole(&self) -> bool {
        self.data.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        vec![
            CopyItem::new('i', "id", self.entry.run.to_string()),
            CopyItem::new('n', "name", self.entry.name.clone()),
        ]
    }

    fn position(&self) -> Option<String> {
        self.place.position()
    }

    fn title(&self, opened: &str) -> String {
        format!("{} in the trash · {opened}", label(&self.entry))
    }
}
