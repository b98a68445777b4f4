//! A menu: a list of things to choose from, each with a letter that chooses it at once.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::{Modifier, Style},
    text::Line,
    widgets::Widget,
};

use super::{centred, cover, frame};
use crate::{
    model::sanitize,
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        key::Key,
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
        widgets::text::{Align, Span, cut_middle, fit, put_spans, width},
    },
};

/// A line of a menu.
#[derive(Debug, Default)]
pub struct MenuEntry {
    /// Chooses it at once; a blank is no letter. Not j, k, g, G, q or Q: these move in the menu or leave it.
    pub letter: char,
    pub label: String,
    /// Behind the label, dim.
    pub note: String,
    /// The note in full, shown when the user tries to choose a disabled entry.
    why: String,
    /// `None`: can't be chosen now, and the note says why.
    pub effect: Option<Effect>,
    /// The menu stays open when this is chosen.
    pub stays: bool,
}

impl MenuEntry {
    pub fn new(letter: char, label: impl Into<String>, effect: Effect) -> Self {
        MenuEntry { letter, label: label.into(), effect: Some(effect), ..MenuEntry::default() }
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The menu stays open when this is chosen.
    #[must_use]
    pub fn staying(mut self) -> Self {
        self.stays = true;
        self
    }

    pub fn disabled(letter: char, label: impl Into<String>, why: impl Into<String>) -> Self {
        MenuEntry { letter, label: label.into(), note: why.into(), ..MenuEntry::default() }
    }

    /// Why it can't be chosen, where the note says that in short.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }
}

/// Things to choose from. Closes when one is chosen, and its effect is carried out.
#[derive(Debug)]
pub struct Menu {
    title: String,
    entries: Vec<MenuEntry>,
    selected: usize,
    height: u16,
    space_chooses: bool,
}

impl Menu {
    pub fn new(title: impl Into<String>, entries: Vec<MenuEntry>) -> Self {
        Menu { title: title.into(), entries, selected: 0, height: u16::MAX, space_chooses: false }
    }

    /// Starts on this entry.
    #[must_use]
    pub fn select(mut self, index: usize) -> Self {
        self.selected = index.min(self.entries.len().saturating_sub(1));
        self
    }

    /// Space chooses the selected entry, as in a menu of switches.
    #[must_use]
    pub fn space_chooses(mut self) -> Self {
        self.space_chooses = true;
        self
    }

    /// Other entries; the selection stays where it is.
    pub fn replace(&mut self, title: String, entries: Vec<MenuEntry>) {
        self.title = title;
        self.entries = entries;
        self.selected = self.selected.min(self.entries.len().saturating_sub(1));
    }

    /// The entry that an input chooses.
    pub fn choice(&self, input: &Input) -> Option<usize> {
        match input {
            Input::Action(Action::Open) => Some(self.selected),
            Input::Key(key) => self.lettered(*key),
            _ => None,
        }
    }

    /// The entry with this letter; a blank is none.
    fn lettered(&self, key: Key) -> Option<usize> {
        let typed = key.typed().filter(|typed| *typed != ' ')?;
        self.entries.iter().position(|entry| entry.letter == typed)
    }

    fn choose(&mut self, at: usize) -> Vec<Effect> {
        let Some(entry) = self.entries.get_mut(at) else { return Vec::new() };
        match entry.effect.take() {
            Some(effect) if entry.stays => vec![effect],
            Some(effect) => vec![Effect::Close, effect],
            None => {
                self.selected = at;
                let why = if entry.why.is_empty() { &entry.note } else { &entry.why };
                vec![Effect::say(format!("{}: {why}", entry.label))]
            }
        }
    }

    /// Moves, chooses, or says why nothing is chosen.
    pub fn take(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.height = size.height,
            Input::Action(Action::Open) => return self.choose(self.selected),
            Input::Action(Action::Back | Action::Close) => return vec![Effect::Close],
            Input::Action(action) => {
                let last = self.entries.len().saturating_sub(1);
                self.selected = action.moved(self.selected, self.rows(), last);
            }
            Input::Key(key) => {
                if let Some(at) = self.lettered(key) {
                    return self.choose(at);
                }
                if self.space_chooses && key.typed() == Some(' ') {
                    return self.choose(self.selected);
                }
                let has_letters = self.entries.iter().any(|entry| entry.letter != ' ');
                let choose = if has_letters { "the letters in front do, " } else { "" };
                let back = key_of(Context::Menu, Action::Back);
                let text = format!("{key} chooses nothing here: {choose}{back} leaves.");
                return vec![Effect::say(text)];
            }
            _ => {}
        }
        Vec::new()
    }

    /// Entries that fit inside the frame.
    fn rows(&self) -> usize {
        usize::from(self.height.saturating_sub(2)).clamp(1, self.entries.len().max(1))
    }
}

impl Overlay for Menu {
    fn context(&self) -> Context {
        Context::Menu
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        self.take(input)
    }

    fn wants(&self, key: Key) -> bool {
        self.lettered(key).is_some()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let labels = self.entries.iter().map(|entry| width(&entry.label)).max().unwrap_or(0);
        let notes = self.entries.iter().map(|entry| width(&entry.note)).max().unwrap_or(0);
        // Selection mark, letter, gaps and frame.
        let widest = (labels + notes + 11).max(width(&self.title) + 4);
        let size = Size {
            width: u16::try_from(widest).unwrap_or(u16::MAX),
            height: u16::try_from(self.entries.len() + 2).unwrap_or(u16::MAX),
        };
        let at = centred(area, size);
        cover(at, buf);
        let block = frame(theme).title(format!(" {} ", sanitize::sanitize(&self.title)));
        let inner = block.inner(at);
        let rows = usize::from(inner.height);
        let first = (self.selected + 1).saturating_sub(rows);
        let hidden = out_of_sight(first, self.entries.len().saturating_sub(first + rows));
        block.title_bottom(Line::from(hidden).right_aligned()).render(at, buf);
        let room = usize::from(inner.width).saturating_sub(labels + 7);
        for (y, (index, entry)) in (inner.y..inner.bottom()).zip(self.entries.iter().enumerate().skip(first))
        {
            let kind = if entry.effect.is_none() { Role::Dim } else { Role::Normal };
            let marker = if index == self.selected { theme.bar() } else { " " };
            let spans = [
                Span::new(format!("{marker} {}  ", entry.letter), kind),
                Span::new(fit(&entry.label, labels, Align::Left, theme.ellipsis()), kind),
                Span::dim(format!("  {}", cut_middle(&entry.note, room, theme.ellipsis()))),
            ];
            let row = Rect { y, height: 1, ..inner };
            put_spans(buf, row, (0, 0, row.width), &spans, theme);
            if index == self.selected {
                buf.set_style(row, Style::new().add_modifier(Modifier::REVERSED));
            }
        }
    }
}

/// How many entries there is no room for.
fn out_of_sight(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!(" {below} more below "),
        (above, 0) => format!(" {above} more above "),
        (above, below) => format!(" {above} more above, {below} below "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{behind, closes, cx};
    use crate::tui::{bindings, widgets::testing::lines};

    fn menu() -> Menu {
        let entry = |letter: char| MenuEntry::new(letter, letter.to_string().repeat(3), Effect::say(letter));
        Menu::new(
            "Title",
            vec![
                entry('a'),
                MenuEntry::disabled('b', "bbbbb", "not now"),
                entry('c').note("see"),
                entry('d'),
            ],
        )
    }

    fn press(menu: &mut Menu, name: &str) -> Vec<Effect> {
        let key: Key = name.parse().unwrap();
        match bindings::lookup(Context::Menu, key) {
            Some(action) if !menu.wants(key) => menu.update(Input::Action(action), &cx()),
            _ => menu.update(Input::Key(key), &cx()),
        }
    }

    fn said(outcome: &[Effect]) -> &str {
        match outcome {
            [Effect::Say(message)] => &message.text,
            _ => "",
        }
    }

    #[test]
    fn letters_and_enter_choose() {
        assert_eq!(said(behind(&press(&mut menu(), "c"))), "c");
        let mut moved = menu();
        for key in ["j", "j", "j", "j", "k"] {
            press(&mut moved, key);
        }
        let outcome = press(&mut moved, "Enter");
        assert!(closes(&outcome));
        assert_eq!(said(behind(&outcome)), "c");
    }

    #[test]
    fn what_cannot_be_chosen_says_why_and_stays() {
        let outcome = press(&mut menu(), "b");
        assert!(!closes(&outcome));
        assert_eq!(said(behind(&outcome)), "bbbbb: not now");
    }

    #[test]
    fn the_selected_entry_is_in_sight() {
        let theme = Theme { ascii: true, color: false };
        let area = Rect::new(0, 0, 24, 4);
        let mut menu = menu();
        menu.update(Input::Resize(area.as_size()), &cx());
        press(&mut menu, "G");
        let mut buf = Buffer::empty(area);
        menu.view(&theme, area, &mut buf);
        let shown: Vec<_> = lines(&buf).iter().map(|line| line.trim().to_owned()).collect();
        assert_eq!(
            shown,
            [
                "+ Title --------------+",
                "|   c  ccc    see     |",
                "| > d  ddd            |",
                "+------- 2 more above +"
            ]
        );
        press(&mut menu, "k");
        let mut buf = Buffer::empty(area);
        press(&mut menu, "k");
        menu.view(&theme, area, &mut buf);
        assert!(lines(&buf).last().unwrap().trim_end().ends_with(" 2 more below +"), "{:?}", lines(&buf));
        let mut whole = Buffer::empty(Rect::new(0, 0, 24, 6));
        menu.view(&theme, whole.area, &mut whole);
        assert!(!lines(&whole).join("").contains("more"));
    }

    #[test]
    fn a_key_that_chooses_nothing_is_answered() {
        for key in ["z", "Left", "F2", "5"] {
            let outcome = press(&mut menu(), key);
            assert_eq!(
                said(&outcome),
                format!("{key} chooses nothing here: the letters in front do, Esc leaves.")
            );
        }
    }

    #[test]
    fn no_entries_and_no_room_are_no_trouble() {
        let theme = Theme { ascii: false, color: false };
        for (width, height) in [(1, 1), (2, 2), (3, 9), (80, 24)] {
            let area = Rect::new(0, 0, width, height);
            for mut menu in [menu(), Menu::new("none", Vec::new())] {
                menu.update(Input::Resize(area.as_size()), &cx());
                for key in ["j", "PgDn", "Ctrl-u", "G", "Enter"] {
                    press(&mut menu, key);
                    menu.view(&theme, area, &mut Buffer::empty(area));
                }
            }
        }
    }
}
