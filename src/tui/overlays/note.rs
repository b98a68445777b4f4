//! A note of a record in an editor: several lines, wrapped, with undo and search.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::{Modifier, Style},
    text::Line,
    widgets::Widget,
};
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::{centred, cover, frame, marking::Marking};
use crate::{
    model::{
        mark::{MarkChange, note_of},
        sanitize::sanitize,
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        key::{Code, Key},
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

/// No wider than a text is read well.
const WIDE: u16 = 84;

/// The editor.
#[derive(Debug)]
pub struct NoteEditor {
    marking: Marking,
    text: TextArea<'static>,
    /// The note as it was.
    was: String,
    /// The words that are looked for, while they are typed.
    finding: Option<String>,
    /// Said below the text.
    said: String,
    /// Esc or Ctrl-c was pressed on a note that is not kept: again drops it.
    asked: bool,
}

impl NoteEditor {
    pub fn new(marking: Marking) -> Self {
        let was = marking.mark.note.clone();
        let lines = was.lines().map(|line| line.replace(|c: char| c.is_control() && c != '\t', "")).collect();
        let mut text = TextArea::new(lines);
        text.set_cursor_line_style(Style::new());
        text.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        text.set_search_style(Style::new().add_modifier(Modifier::UNDERLINED));
        text.set_wrap_mode(WrapMode::WordOrGlyph);
        text.set_max_histories(1_000);
        text.move_cursor(CursorMove::Bottom);
        text.move_cursor(CursorMove::End);
        Self { marking, text, was, finding: None, said: String::new(), asked: false }
    }

    /// With a text that could not be kept.
    pub fn again(marking: Marking, text: &str) -> Self {
        let mut editor = Self::new(marking);
        editor.text.select_all();
        editor.text.insert_str(text);
        editor.said = format!("not kept: {} tries again", key_of(Context::Note, Action::Keep));
        editor
    }

    fn note(&self) -> String {
        self.text.lines().join("\n")
    }

    fn is_changed(&self) -> bool {
        note_of(&self.note()).as_ref() != Ok(&self.was)
    }

    fn keep(&mut self) -> Vec<Effect> {
        let text = match note_of(&self.note()) {
            Ok(text) => text,
            Err(wrong) => {
                self.said = format!("{wrong}; make it shorter");
                return Vec::new();
            }
        };
        if !self.is_changed() {
            return vec![Effect::Close];
        }
        let was = (!self.marking.is_many()).then(|| self.was.clone());
        vec![Effect::Close, self.marking.changes(vec![MarkChange::Note { text, was }])]
    }

    /// Esc: one layer. A note that is not kept is asked about once.
    fn back(&mut self) -> Vec<Effect> {
        if self.finding.take().is_some() {
            return Vec::new();
        }
        if self.asked || !self.is_changed() {
            return vec![Effect::Close];
        }
        let [keep, back] = [Action::Keep, Action::Back].map(|action| key_of(Context::Note, action));
        (self.asked, self.said) = (true, format!("not kept yet: {keep} keeps it, {back} again drops it"));
        Vec::new()
    }

    fn find(&mut self) {
        match &self.finding {
            Some(words) if !words.is_empty() => self.find_next(false),
            _ => self.finding = Some(String::new()),
        }
    }

    fn find_next(&mut self, also_here: bool) {
        let words = self.finding.clone().unwrap_or_default();
        // Words as they are, whatever signs are in them.
        let pattern = if words.is_empty() { String::new() } else { format!("(?i){}", regex::escape(&words)) };
        let found = self.text.set_search_pattern(pattern).is_ok() && self.text.search_forward(also_here);
        self.said = if found || words.is_empty() { String::new() } else { "not in this note".to_owned() };
    }

    fn typed(&mut self, key: Key) {
        if let Some(words) = &mut self.finding {
            match key.code {
                Code::Backspace => drop(words.pop()),
                _ => words.extend(key.typed()),
            }
            return self.find_next(true);
        }
        if let Some(c) = key.typed() {
            self.text.insert_char(c);
            return;
        }
        let text = &mut self.text;
        match (key.code, key.ctrl) {
            (Code::Enter, _) => text.insert_newline(),
            (Code::Tab, _) => text.insert_char('\t'),
            (Code::Backspace, _) | (Code::Char('h'), true) => drop(text.delete_char()),
            (Code::Delete, _) => drop(text.delete_next_char()),
            (Code::Char('w'), true) => drop(text.delete_word()),
            (Code::Char('k'), true) => drop(text.delete_line_by_end()),
            (Code::Left, _) => text.move_cursor(CursorMove::Back),
            (Code::Right, _) => text.move_cursor(CursorMove::Forward),
            (Code::Up, _) => text.move_cursor(CursorMove::Up),
            (Code::Down, _) => text.move_cursor(CursorMove::Down),
            (Code::PageUp, _) => text.move_cursor(CursorMove::ParagraphBack),
            (Code::PageDown, _) => text.move_cursor(CursorMove::ParagraphForward),
            (Code::Home, _) | (Code::Char('a'), true) => text.move_cursor(CursorMove::Head),
            (Code::End, _) | (Code::Char('e'), true) => text.move_cursor(CursorMove::End),
            _ => {}
        }
    }

    /// What stands below the text: what is looked for, what is to be known, else who wrote it.
    fn below(&self) -> String {
        let written = &self.marking.mark;
        match (&self.finding, self.said.as_str()) {
            (Some(words), said) => format!("find: {words}  {said}"),
            (None, "") if !self.was.is_empty() => {
                let at = written.at.get(..16).unwrap_or(&written.at).replace('T', " ");
                format!("{}, {at}", written.by)
            }
            (None, said) => said.to_owned(),
        }
    }
}

impl Overlay for NoteEditor {
    fn context(&self) -> Context {
        Context::Note
    }

    /// Leaving the program is asked about once, too.
    fn wants(&self, key: Key) -> bool {
        key.to_string() == "Ctrl-c" && self.is_changed() && !self.asked
            || key.code == Code::Enter && self.finding.is_some()
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        let asked = std::mem::take(&mut self.asked);
        match input {
            Input::Action(Action::Back) => {
                self.asked = asked;
                return self.back();
            }
            Input::Action(Action::Keep) => return self.keep(),
            Input::Action(Action::TakeBack) => drop(self.text.undo()),
            Input::Action(Action::TypeAgain) => drop(self.text.redo()),
            Input::Action(Action::Find) => self.find(),
            Input::Key(key) if key.to_string() == "Ctrl-c" => {
                let keep = key_of(Context::Note, Action::Keep);
                (self.asked, self.said) =
                    (true, format!("not kept yet: {keep} keeps it, Ctrl-c again leaves without it"));
            }
            Input::Key(Key { code: Code::Enter, .. }) if self.finding.is_some() => self.find_next(false),
            Input::Key(key) => {
                if self.finding.is_none() {
                    self.said.clear();
                }
                self.typed(key);
            }
            Input::Paste(text) if self.finding.is_none() => {
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                let is_text = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
                self.text.insert_str(text.chars().filter(is_text).collect::<String>());
            }
            _ => self.asked = asked,
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let size = Size {
            width: WIDE.min(area.width.saturating_sub(2)),
            height: (area.height.saturating_mul(2) / 3).clamp(6.min(area.height), area.height),
        };
        let at = centred(area, size);
        cover(at, buf);
        let title = format!(" Note on {} ", sanitize(&self.marking.label));
        let block = frame(theme).title(Line::styled(title, theme.style(Role::Heading)));
        let inside = block.inner(at);
        block.render(at, buf);
        let text = Rect { height: inside.height.saturating_sub(1), ..inside };
        if !text.is_empty() {
            (&self.text).render(text, buf);
        }
        let below = Rect { y: text.bottom(), height: inside.height.min(1), ..inside };
        let role = if self.said.is_empty() { Role::Dim } else { Role::Message };
        Line::styled(sanitize(&self.below()).into_owned(), theme.style(role)).render(below, buf);
    }

    fn can(&self, action: Action) -> bool {
        // What is not in the footer is told by it: all of them.
        !matches!(action, Action::Redraw)
    }
}
