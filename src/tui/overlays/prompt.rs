//! The line at the bottom to type into: words to search, commands, a folder.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
    widgets::{Clear, Widget},
};
use tui_textarea::{CursorMove, TextArea};
use unicode_width::UnicodeWidthStr;

use super::folders;
use crate::{
    model::sanitize::sanitize,
    style::{Role, Theme},
    tui::{
        action::Action,
        command,
        history::{Recall, Typed},
        key::{Code, Key},
        keymap::Context,
        screen::{Effect, FOLLOW_SIGN, Input, Overlay, ScreenCx},
        widgets::pane::wrapped,
    },
};

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `/`: the layer below hears every change.
    Search,
    /// `:`
    Command,
    /// `&`: as a text.
    Lines,
    /// A folder, which Tab completes; the layer below hears it when Enter ends it.
    Folder,
}

/// One line of text being typed.
#[derive(Debug)]
pub struct Prompt {
    purpose: Purpose,
    text: TextArea<'static>,
    /// Completions, or what is wrong.
    note: String,
    recall: Recall,
    /// Columns at the right end that are not its own.
    taken: u16,
}

impl Purpose {
    /// What is typed for it is kept as this.
    pub fn kept(self) -> Option<Typed> {
        match self {
            Purpose::Search => Some(Typed::Words),
            Purpose::Command => Some(Typed::Command),
            Purpose::Lines => Some(Typed::Lines),
            Purpose::Folder => None,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Purpose::Search => "/",
            Purpose::Command => ":",
            Purpose::Lines => "& lines with: ",
            Purpose::Folder => "folder: ",
        }
    }
}

impl Prompt {
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        area.set_cursor_line_style(Style::new());
        area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
        Prompt { purpose, text: area, note: String::new(), recall: Recall::default(), taken: 0 }
    }

    /// With what was typed before.
    #[must_use]
    pub fn recalling(self, past: &[String]) -> Self {
        Prompt { recall: Recall::new(past), ..self }
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
            Purpose::Search => vec![Effect::Close, Effect::Tell(Input::SearchDone(None))],
            Purpose::Command | Purpose::Lines | Purpose::Folder => vec![Effect::Close],
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
        match self.purpose {
            Purpose::Search => vec![Effect::Close, Effect::Tell(Input::SearchDone(Some(words)))],
            Purpose::Lines | Purpose::Folder => vec![Effect::Close, Effect::Tell(Input::Typed(words))],
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
        match self.purpose {
            Purpose::Search => vec![Effect::Tell(Input::Search(self.words()))],
            Purpose::Command | Purpose::Lines | Purpose::Folder => Vec::new(),
        }
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

    fn complete(&mut self) {
        let (line, offered) = match self.purpose {
            Purpose::Command => command::complete(&self.words()),
            Purpose::Folder => folders::complete(&self.words()),
            Purpose::Search | Purpose::Lines => return,
        };
        let ends = if self.purpose == Purpose::Folder { '/' } else { ' ' };
        let word =
            |line: &String| line.trim_end_matches('/').rsplit(ends).next().unwrap_or_default().to_owned();
        self.note = match offered.len() {
            0 => "nothing to complete".to_owned(),
            1 => String::new(),
            _ => offered.iter().map(word).collect::<Vec<_>>().join("  "),
        };
        self.set(&line);
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
        let note = sanitize(&self.note);
        let columns = usize::from(area.width).saturating_sub(2).max(1);
        let rows: Vec<&str> = wrapped(&note, columns).take(usize::from(area.height / 2)).collect();
        let first = row.y - u16::try_from(rows.len()).unwrap_or(0).min(row.y - area.y);
        for (y, text) in (first..row.y).zip(rows) {
            let above = Rect { y, ..row };
            Clear.render(above, buf);
            Line::styled(format!(" {text}"), theme.style(Role::Message)).render(above, buf);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{behind, closes, cx};

    fn key(prompt: &mut Prompt, name: &str) -> Vec<Effect> {
        prompt.update(Input::Key(name.parse().unwrap()), &cx())
    }

    fn told(outcome: &[Effect]) -> Option<String> {
        match outcome {
            [Effect::Tell(Input::Search(words))] => Some(words.clone()),
            _ => None,
        }
    }

    #[test]
    fn every_change_of_a_search_is_told() {
        let mut prompt = Prompt::new(Purpose::Search, "re");
        assert_eq!(told(&key(&mut prompt, "d")).as_deref(), Some("red"));
        assert_eq!(told(&key(&mut prompt, "Left")), None);
        assert_eq!(told(&key(&mut prompt, "Backspace")).as_deref(), Some("rd"));
        assert_eq!(told(&key(&mut prompt, "Ctrl-u")).as_deref(), Some("d"));
        assert_eq!(
            told(&prompt.update(Input::Paste("a\u{1b}b\nc".to_owned()), &cx())).as_deref(),
            Some("abd")
        );
    }

    #[test]
    fn leaving_says_whether_the_words_stay() {
        let mut prompt = Prompt::new(Purpose::Search, "red");
        let outcome = prompt.update(Input::Action(Action::Open), &cx());
        assert!(closes(&outcome));
        assert!(
            matches!(behind(&outcome), [Effect::Tell(Input::SearchDone(Some(w))), Effect::Remember(..)] if w == "red")
        );
        let outcome =
            Prompt::new(Purpose::Search, "").update(Input::Key("Backspace".parse().unwrap()), &cx());
        assert!(matches!(behind(&outcome), [Effect::Tell(Input::SearchDone(None))]));
    }

    #[test]
    fn a_wrong_command_stays_to_be_mended() {
        let mut prompt = Prompt::new(Purpose::Command, "per-page 3");
        assert!(!closes(&prompt.update(Input::Action(Action::Open), &cx())));
        assert!(prompt.note.contains("10, 20 or 50"));
        key(&mut prompt, "Backspace");
        assert!(prompt.note.is_empty());
        for digit in ["2", "0"] {
            key(&mut prompt, digit);
        }
        let outcome = prompt.update(Input::Action(Action::Open), &cx());
        assert!(matches!(
            behind(&outcome),
            [Effect::Run(command::Command::PerPage(20)), Effect::Remember(..)]
        ));
    }

    #[test]
    fn a_long_note_is_whole_above_the_line() {
        let theme = Theme { ascii: true, color: false };
        for (width, line) in [(80, "sort err_or"), (40, "quti"), (60, "export pdf")] {
            let mut prompt = Prompt::new(Purpose::Command, line);
            prompt.update(Input::Action(Action::Open), &cx());
            let area = Rect::new(0, 0, width, 10);
            let mut buf = Buffer::empty(area);
            prompt.view(&theme, area, &mut buf);
            let lines = crate::tui::widgets::testing::lines(&buf);
            let (typed, above) = lines.split_last().unwrap();
            assert!(typed.starts_with(&format!(":{line}")), "{typed}");
            let above: Vec<&String> = above.iter().filter(|line| !line.trim().is_empty()).collect();
            assert!(above.len() > 1 || width == 60, "{above:?}");
            assert!(above.iter().all(|line| line.starts_with(' ') && !line.starts_with("  ")), "{above:?}");
            let text = above.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            assert_eq!(text, prompt.note);
        }
    }

    #[test]
    fn up_brings_what_was_typed_before() {
        let past = ["stirrer".to_owned(), "valve".to_owned()];
        let mut prompt = Prompt::new(Purpose::Search, "").recalling(&past);
        key(&mut prompt, "v");
        assert_eq!(told(&key(&mut prompt, "Up")).as_deref(), Some("valve"));
        assert_eq!(told(&key(&mut prompt, "Up")).as_deref(), Some("stirrer"));
        assert_eq!(told(&key(&mut prompt, "Up")), None);
        key(&mut prompt, "Down");
        assert_eq!(told(&key(&mut prompt, "Down")).as_deref(), Some("v"));
        assert_eq!(told(&key(&mut prompt, "Down")), None);
        let mut wrong = Prompt::new(Purpose::Command, "nonsense");
        assert!(!closes(&wrong.update(Input::Action(Action::Open), &cx())));
    }

    #[test]
    fn tab_completes_and_lists() {
        let mut prompt = Prompt::new(Purpose::Command, "p");
        prompt.update(Input::Action(Action::Complete), &cx());
        assert_eq!(prompt.note, "page  per-page");
        key(&mut prompt, "e");
        prompt.update(Input::Action(Action::Complete), &cx());
        assert_eq!(prompt.words(), "per-page ");
    }
}
