//! A call by hand, opened: its error and times, its arguments and its result as a tree.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    formats::{
        call::write_call,
        json::{JsonWriter, Layout},
    },
    model::{
        call::Call,
        format::{count, date_time},
        needle::Needle,
        value::{Dict, Text, Value},
    },
    services::request::{Answer, Ask, Slot},
    style::{Role, Theme},
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{CopyItem, Effect, Input, Screen, ScreenCx},
        screens::{
            scroll_by,
            words::{cell_value, time_text, times, value_text},
        },
        widgets::{
            opened::Opened,
            pane::wrapped,
            scroll::Scroll,
            text::{Span, put, put_spans, spans_width},
            tree::TreeView,
        },
    },
};

/// A call by hand, whole.
#[derive(Debug)]
pub(super) struct OneCall {
    id: i64,
    call: Option<Box<Call>>,
    /// Why there is none.
    trouble: Option<String>,
    /// Its method, error and times, and below them its values.
    opened: Opened,
    scroll: Scroll,
    /// The words that the list has.
    needle: Needle,
    requests: Requests,
    width: u16,
}

impl OneCall {
    pub fn new(id: i64, words: &str) -> Self {
        OneCall {
            id,
            call: None,
            trouble: None,
            opened: Opened::new(0),
            scroll: Scroll::default(),
            needle: Needle::new(words),
            requests: Requests::default(),
            width: 0,
        }
    }

    fn learn(&mut self, call: Box<Call>) {
        let arguments = cell_value(&call.kwargs.read());
        let result = cell_value(&call.output.read());
        let root =
            [("arguments", arguments), ("result", result)].map(|(name, value)| (Text::from(name), value));
        self.opened.set_value(Value::Dict(Dict::from_entries(root.into())), 2, self.width);
        let times = times(&call.start, &call.end);
        let error = call.run_error.as_deref().filter(|text| !text.is_empty());
        let texts = [(call.method_name.as_str(), Role::Heading), (&times, Role::Dim)];
        self.opened.set_texts(texts.into_iter().chain(error.map(|error| (error, Role::Failed))));
        self.trouble = None;
        self.call = Some(call);
        self.lay_out();
    }

    fn lay_out(&mut self) {
        self.opened.lay_out(self.width);
        self.settle();
    }

    fn settle(&mut self) {
        self.scroll.set_len(if self.call.is_some() { self.opened.len() } else { 0 });
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        let Some(line) = self.scroll.selected() else { return Vec::new() };
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Open => {
                self.opened.toggle(line);
            }
            Action::Right if !self.opened.open(line) => self.scroll.move_by(1),
            Action::Left if !self.opened.close(line) => {
                self.scroll.to(self.opened.parent(line).unwrap_or(line))
            }
            _ => {}
        }
        self.settle();
        Vec::new()
    }

    fn header(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let left = [Span::new(format!("#{}", self.id), Role::Heading), Span::plain("  call by hand")];
        let at = self.call.as_ref().map(|call| time_text(&call.start, date_time)).unwrap_or_default();
        put_spans(buf, area, (1, 0, area.width.saturating_sub(2)), &left, theme);
        let right = Span::dim(at);
        let columns = u16::try_from(spans_width(std::slice::from_ref(&right))).unwrap_or(u16::MAX);
        let x = area.width.saturating_sub(columns).saturating_sub(1);
        if usize::from(x) > spans_width(&left) + 3 {
            put_spans(buf, area, (x, 0, columns), &[right], theme);
        }
    }
}

/// What can be copied of a call.
pub(super) fn copies_of(call: &Call) -> Vec<CopyItem> {
    let stored = |cell: &crate::model::value::RawCell| {
        cell.0.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let mut json = JsonWriter::new(Vec::new(), Layout::Line);
    let written = write_call(&mut json, call).and_then(|()| json.finish());
    let json = written.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned()).unwrap_or_default();
    let mut items = vec![
        CopyItem::new('i', "id", call.id.to_string()),
        CopyItem::new('m', "method", call.method_name.clone()),
    ];
    items.extend(stored(&call.kwargs).map(|text| CopyItem::new('a', "arguments", text)));
    items.extend(stored(&call.output).map(|text| CopyItem::new('r', "result", text)));
    items.extend(call.run_error.clone().map(|text| CopyItem::new('e', "error", text)));
    items.push(CopyItem::new('w', "whole call as JSON", json));
    items
}

impl Screen for OneCall {
    fn context(&self) -> Context {
        Context::Call
    }

    fn can(&self, action: Action) -> bool {
        match action {
            _ if action.moves() => !self.scroll.is_empty(),
            Action::Open | Action::Left | Action::Right => !self.scroll.is_empty(),
            Action::Reload => true,
            _ => false,
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.width = size.width;
                self.scroll.set_height(usize::from(size.height.saturating_sub(1)));
                self.lay_out();
            }
            Input::Shown | Input::News | Input::Action(Action::Reload) => {
                return vec![self.requests.ask(Ask::Call { id: self.id })];
            }
            Input::Action(action) => return self.act(action),
            Input::Answer { slot, result } => {
                self.requests.answered(slot);
                match result {
                    Ok(Answer::Call(Some(call))) => self.learn(call),
                    Ok(_) => {
                        self.call = None;
                        self.trouble = Some(format!("There is no call {} any more.", self.id));
                    }
                    Err(error) if self.call.is_some() => return vec![Effect::fail(error.on_screen())],
                    Err(error) => self.trouble = Some(error.on_screen()),
                }
                self.settle();
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.header(theme, area, buf);
        let below = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
        if self.call.is_none() {
            let text = self.trouble.as_deref().unwrap_or(theme.ellipsis());
            let columns = usize::from(area.width).saturating_sub(4).max(1);
            for (y, line) in (1..below.height).zip(wrapped(text, columns)) {
                put(buf, below, 2, y, line, theme.style(Role::Dim));
            }
            return;
        }
        let line = |row| self.opened.line(row, &self.needle, theme);
        TreeView { scroll: &self.scroll, line, theme }.draw(below, buf);
    }

    fn awaits(&self, about: About) -> bool {
        let first = self.requests.is_coming(Slot::Call) && self.call.is_none();
        first && !matches!(about, About::Program | About::Place)
    }

    fn is_whole(&self) -> bool {
        self.call.is_some()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(call) = &self.call else { return Vec::new() };
        let mut items = copies_of(call);
        let value = self.scroll.selected().and_then(|line| self.opened.value(line));
        items.extend(value.map(|value| CopyItem::new('v', "value", value_text(value))));
        items
    }

    fn position(&self) -> Option<String> {
        let at = count(self.scroll.selected()? as u64 + 1);
        Some(format!("{at}/{}", count(self.scroll.len() as u64)))
    }

    fn title(&self, opened: &str) -> String {
        format!("call {} by hand · {opened}", self.id)
    }
}
