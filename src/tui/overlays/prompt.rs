//! The line at the bottom to type into: words to search, commands, a folder.

mod completing;
#[cfg(test)]
mod tests;

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
    widgets::{Clear, Widget},
};
use tui_textarea::{CursorMove, TextArea};
use unicode_width::UnicodeWidthStr;

use crate::{
    model::{
        filter::{error::FilterError, words::Filter},
        sanitize::sanitize,
    },
    services::{
        filter::values::FilterValues,
        request::{Answer, Ask},
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_here,
        command,
        history::{Recall, Typed},
        key::{Code, Key},
        keymap::Context,
        overlays::marking::{Marking, tag_changes},
        screen::{Effect, FOLLOW_SIGN, Input, Overlay, ScreenCx},
        widgets::pane::wrapped,
    },
};

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `/`: the layer below hears every change.
    Search,
    /// `/` on the list: filter words, of which the layer below hears only what can be read.
    Filter,
    /// `:`
    Command,
    /// `&`: as a text.
    Lines,
    /// A folder, which Tab completes; the layer below hears it when Enter ends it.
    Folder,
    /// Tags to add and, with a dash, to take away.
    Tags,
}

/// One line of text being typed.
#[derive(Debug)]
pub struct Prompt {
    purpose: Purpose,
    text: TextArea<'static>,
    /// Completions, or what is wrong.
    note: String,
    /// The place of what is wrong, in bytes of the text.
    mark: Option<Range<usize>>,
    /// Values of the field that was completed last.
    values: Option<FilterValues>,
    /// The words that wait for them.
    waiting: String,
    recall: Recall,
    /// Names of kept views, for Tab.
    views: Vec<String>,
    /// The records that tags are typed for.
    marking: Option<Marking>,
    /// The tags in use, once they have come.
    tags: Vec<(String, u64)>,
    /// Columns at the right end that are not its own.
    taken: u16,
}

impl Purpose {
    /// What is typed for it is kept as this.
    pub fn kept(self) -> Option<Typed> {
        match self {
            Purpose::Search => Some(Typed::Words),
            Purpose::Filter => Some(Typed::Filter),
            Purpose::Command => Some(Typed::Command),
            Purpose::Lines => Some(Typed::Lines),
            Purpose::Folder | Purpose::Tags => None,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Purpose::Search | Purpose::Filter => "/",
            Purpose::Command => ":",
            Purpose::Lines => "& lines with: ",
            Purpose::Folder => "folder: ",
            Purpose::Tags => "tags: ",
        }
    }
}

impl Prompt {
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        area.set_cursor_line_style(Style::new());
        area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        Prompt {
            purpose,
            text: area,
            note: String::new(),
            mark: None,
            values: None,
            waiting: String::new(),
            recall: Recall::default(),
            views: Vec::new(),
            marking: None,
            tags: Vec::new(),
            taken: 0,
        }
    }

    /// For the tags of these records.
    pub fn tags(marking: Marking) -> Self {
        let known: Vec<&str> = marking.mark.tags.iter().map(String::as_str).collect();
        let now = if known.is_empty() { String::new() } else { format!(" has {};", known.join(" ")) };
        let completes = key_here(Context::Prompt, Action::Complete).map(|key| format!("; {key} completes"));
        let completes = completes.unwrap_or_default();
        let note = format!("{}:{now} a tag, or several; -tag takes one away{completes}", marking.label);
        Prompt { note, marking: Some(marking), ..Prompt::new(Purpose::Tags, "") }
    }

    /// With what was typed before.
    #[must_use]
    pub fn recalling(self, past: &[String]) -> Self {
        Prompt { recall: Recall::new(past), ..self }
    }

    /// With the names of views that Tab offers.
    #[must_use]
    pub fn offering(self, views: Vec<String>) -> Self {
        Prompt { views, ..self }
    }

    fn words(&self) -> String {
        self.text.lines().first().cloned().unwrap_or_default()
    }

    fn set(&mut self, text: &str) {
        self.text.clear();
        self.text.insert_str(text);
    }

    fn left(&self) -> Vec<Effect> {
        match self.purpose {
            Purpose::Search | Purpose::Filter => {
                vec![Effect::Close, Effect::Tell(Input::SearchDone(None))]
            }
            Purpose::Command | Purpose::Lines | Purpose::Folder | Purpose::Tags => vec![Effect::Close],
        }
    }

    /// The tags that were typed.
    fn tagged(&mut self, words: &str) -> Vec<Effect> {
        match (tag_changes(words), &self.marking) {
            (Ok(changes), Some(marking)) if !changes.is_empty() => {
                vec![Effect::Close, marking.changes(changes)]
            }
            (Ok(_), _) => vec![Effect::Close],
            (Err(wrong), _) => {
                self.note = wrong;
                Vec::new()
            }
        }
    }

    fn done(&mut self) -> Vec<Effect> {
        let words = self.words();
        let mut effects = self.finished(words.clone());
        if let (false, Some(typed)) = (effects.is_empty(), self.purpose.kept()) {
            effects.push(Effect::Remember(typed, words));
        }
        effects
    }

    fn finished(&mut self, words: String) -> Vec<Effect> {
        if self.purpose == Purpose::Filter && self.is_wrong(Filter::read(&words).err()) {
            return Vec::new();
        }
        match self.purpose {
            Purpose::Search | Purpose::Filter => {
                vec![Effect::Close, Effect::Tell(Input::SearchDone(Some(words)))]
            }
            Purpose::Lines | Purpose::Folder => vec![Effect::Close, Effect::Tell(Input::Typed(words))],
            Purpose::Tags => self.tagged(&words),
            Purpose::Command if words.trim().is_empty() => self.left(),
            Purpose::Command => match command::parse(&words) {
                Ok(command) => vec![Effect::Close, Effect::Run(command)],
                Err(wrong) => {
                    self.note = wrong;
                    Vec::new()
                }
            },
        }
    }

    fn changed(&mut self, changed: bool) -> Vec<Effect> {
        if !changed {
            return Vec::new();
        }
        self.note.clear();
        self.mark = None;
        if self.purpose == Purpose::Filter && self.is_wrong(Filter::typed(&self.words()).err()) {
            // The last good list stays.
            return Vec::new();
        }
        match self.purpose {
            Purpose::Search | Purpose::Filter => vec![Effect::Tell(Input::Search(self.words()))],
            Purpose::Command | Purpose::Lines | Purpose::Folder | Purpose::Tags => Vec::new(),
        }
    }

    /// What is wrong with filter words, with its place, stands as the note.
    fn is_wrong(&mut self, error: Option<FilterError>) -> bool {
        let is_wrong = error.is_some();
        if let Some(FilterError { message, at, .. }) = error {
            (self.note, self.mark) = (message, Some(at));
        }
        is_wrong
    }

    /// Up and Down: what was typed before.
    fn recall(&mut self, older: bool) -> Vec<Effect> {
        let words = self.words();
        let line = if older { self.recall.older(&words) } else { self.recall.newer() };
        if let Some(line) = &line {
            self.set(line);
        }
        self.changed(line.is_some_and(|line| line != words))
    }

    /// A line that points down at what is wrong; `None` where the text is longer than its field, and has moved.
    fn mark_below(&self, sign: usize, room: usize, theme: &Theme) -> Option<String> {
        let (at, words) = (self.mark.as_ref()?, self.words());
        let part = words.get(at.clone())?;
        if words.width() >= room {
            return None;
        }
        let before = words.get(..at.start)?.width();
        Some(" ".repeat(sign + before) + &theme.points_down().repeat(part.width().max(1)))
    }

    /// The editing keys of a shell; true when the text changed.
    fn edit(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            self.text.insert_char(c);
            return true;
        }
        let text = &mut self.text;
        match (key.code, key.ctrl) {
            (Code::Backspace, _) | (Code::Char('h'), true) => text.delete_char(),
            (Code::Delete, _) => text.delete_next_char(),
            (Code::Char('w'), true) => text.delete_word(),
            (Code::Char('u'), true) => text.delete_line_by_head(),
            (Code::Char('k'), true) => text.delete_line_by_end(),
            (Code::Left, _) => moved(text, CursorMove::Back),
            (Code::Right, _) => moved(text, CursorMove::Forward),
            (Code::Home, _) | (Code::Char('a'), true) => moved(text, CursorMove::Head),
            (Code::End, _) | (Code::Char('e'), true) => moved(text, CursorMove::End),
            _ => false,
        }
    }
}

impl Overlay for Prompt {
    fn context(&self) -> Context {
        Context::Prompt
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.taken = if cx.follows { FOLLOW_SIGN } else { 0 };
        match input {
            Input::Action(Action::Open) => self.done(),
            Input::Action(Action::Back) => self.left(),
            Input::Action(Action::Complete) if self.purpose == Purpose::Filter => self.complete_filter(),
            Input::Shown if self.purpose == Purpose::Tags => vec![Effect::Ask(Ask::Tags)],
            Input::Answer { result: Ok(Answer::Tags(tags)), .. } => {
                self.tags = tags;
                Vec::new()
            }
            Input::Answer { result, .. } => self.values_came(result),
            Input::Action(Action::Complete) => {
                self.complete();
                Vec::new()
            }
            Input::Key(Key { code: Code::Backspace, .. }) if self.words().is_empty() => self.left(),
            Input::Key(Key { code: Code::Up, .. }) => self.recall(true),
            Input::Key(Key { code: Code::Down, .. }) => self.recall(false),
            Input::Key(key) => {
                let changed = self.edit(key);
                self.changed(changed)
            }
            Input::Paste(text) => {
                let line = text.split(['\r', '\n']).find(|line| !line.is_empty()).unwrap_or_default();
                let line: String = line.chars().filter(|c| !c.is_control()).collect();
                let changed = self.text.insert_str(line);
                self.changed(changed)
            }
            _ => Vec::new(),
        }
    }

    /// Draws on the last line of the area; what is wrong stands above it.
    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let row = Rect { y: area.bottom() - 1, height: 1, ..area };
        Clear.render(row, buf);
        let sign = self.purpose.sign();
        Line::styled(sign, theme.style(Role::Key)).render(row, buf);
        let used = u16::try_from(sign.width()).unwrap_or(0).min(row.width);
        let field = Rect { x: row.x + used, width: (row.width - used).saturating_sub(self.taken), ..row };
        if !field.is_empty() {
            (&self.text).render(field, buf);
        }
        let mark = self.mark_below(usize::from(used), usize::from(field.width), theme);
        let mut note = sanitize(&self.note).into_owned();
        if let (None, Some(at)) = (&mark, &self.mark) {
            let words = self.words();
            let part = words.get(at.clone()).filter(|part| !part.is_empty());
            note.push_str(&part.map(|part| format!(": {}", sanitize(part))).unwrap_or_default());
        }
        let columns = usize::from(area.width).saturating_sub(2).max(1);
        let most = usize::from(area.height / 2);
        let mut rows: Vec<String> =
            wrapped(&note, columns).take(most).map(|text| format!(" {text}")).collect();
        rows.extend(mark);
        let first = row.y - u16::try_from(rows.len()).unwrap_or(0).min(row.y - area.y);
        for (y, text) in (first..row.y).zip(rows) {
            let above = Rect { y, ..row };
            Clear.render(above, buf);
            Line::styled(text, theme.style(Role::Message)).render(above, buf);
        }
    }

    fn has_bottom_line(&self) -> bool {
        true
    }
}

fn moved(text: &mut TextArea<'_>, to: CursorMove) -> bool {
    text.move_cursor(to);
    false
}
