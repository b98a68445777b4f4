//! The trash: who deleted what when and how large it is; a record is looked at as it was, and brought back.

mod one;
mod parts;
#[cfg(test)]
mod tests;
mod view;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    error::{Error, Result},
    model::{format::count, needle::Needle},
    services::{
        request::{Answer, Ask, Slot},
        trash::{TrashEntry, TrashList},
    },
    style::Theme,
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{CopyItem, Effect, Input, Screen, ScreenCx},
        screens::{loadable::Loadable, scroll_by},
        widgets::scroll::Scroll,
    },
};
use one::OneInTrash;
use parts::restore;

/// What was deleted and can be brought back.
#[derive(Debug, Default)]
pub struct TrashScreen {
    list: Loadable<TrashList>,
    /// Places in the list of those that have the words.
    shown: Vec<usize>,
    words: String,
    /// While words are typed: those before them.
    before: Option<String>,
    scroll: Scroll,
    requests: Requests,
    opened: String,
}

impl TrashScreen {
    fn entry(&self, row: usize) -> Option<&TrashEntry> {
        self.list.get()?.entries.get(*self.shown.get(row)?)
    }

    fn selected(&self) -> Option<&TrashEntry> {
        self.entry(self.scroll.selected()?)
    }

    /// The entries that have the words; the selection stays on its entry, or in its place.
    fn choose(&mut self, selected: Option<i64>) {
        let needle = Needle::new(&self.words);
        let has = |entry: &TrashEntry| {
            let texts = [&entry.name, &entry.deleted_by, &format!("#{}", entry.run)];
            needle.is_empty() || texts.iter().any(|text| needle.is_in(text))
        };
        let entries = self.list.get().map(|list| list.entries.as_slice()).unwrap_or_default();
        self.shown = entries.iter().enumerate().filter(|(_, entry)| has(entry)).map(|(at, _)| at).collect();
        self.scroll.set_len(self.shown.len());
        let at = (0..self.shown.len()).find(|row| self.entry(*row).map(|entry| entry.n) == selected);
        if let Some(at) = at.filter(|_| selected.is_some()) {
            self.scroll.jump(at);
        }
    }

    fn with_words(&mut self, words: String) {
        let selected = self.selected().map(|entry| entry.n);
        self.words = words;
        self.choose(selected);
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Open => return self.open(),
            Action::Undo => return self.selected().map(restore).into_iter().collect(),
            Action::Search => {
                self.before = Some(self.words.clone());
                return vec![Effect::Search { words: self.words.clone() }];
            }
            Action::Back => self.with_words(String::new()),
            Action::Reload => return vec![self.requests.ask(Ask::Trash)],
            _ => {}
        }
        Vec::new()
    }

    fn open(&self) -> Vec<Effect> {
        let Some(entry) = self.selected() else { return Vec::new() };
        vec![Effect::Push(Box::new(OneInTrash::new(entry.clone())))]
    }

    fn answered(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        self.requests.answered(slot);
        match result {
            Ok(Answer::Trash(list)) => {
                let selected = self.selected().map(|entry| entry.n);
                // What is said of the file is said once.
                let news = list.notice.clone().filter(|_| self.list.get().is_none());
                self.list = Loadable::There(list);
                self.choose(selected);
                news.map(Effect::say).into_iter().collect()
            }
            Ok(_) => Vec::new(),
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &Error) -> Vec<Effect> {
        let mut effects = self.list.fail(error);
        effects.push(Effect::DropKeys);
        effects
    }
}

/// `#25 a name`.
impl Screen for TrashScreen {
    fn context(&self) -> Context {
        Context::Trash
    }

    fn can(&self, action: Action) -> bool {
        let any = !self.shown.is_empty();
        match action {
            _ if action.moves() => any,
            Action::Open | Action::Undo => any,
            Action::Search => any || !self.words.is_empty(),
            Action::Back => !self.words.is_empty(),
            Action::Reload => true,
            _ => false,
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.scroll.set_height(view::rows(size)),
            Input::Shown => {
                cx.opened.clone_into(&mut self.opened);
                return vec![self.requests.ask(Ask::Trash)];
            }
            Input::News | Input::Restored { .. } | Input::Deleted(_) => {
                return vec![self.requests.ask(Ask::Trash)];
            }
            Input::Action(action) => return self.act(action),
            Input::Search(words) => self.with_words(words),
            Input::SearchDone(words) => {
                if let Some(words) = words.or_else(|| self.before.take()) {
                    self.with_words(words);
                }
            }
            Input::Answer { slot, result } => return self.answered(slot, result),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        view::draw(self, theme, area, buf);
    }

    fn awaits(&self, about: About) -> bool {
        // What stands under the cursor may be back already.
        self.requests.is_coming(Slot::Trash) && !matches!(about, About::Program | About::Place)
    }

    fn is_whole(&self) -> bool {
        self.list.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(entry) = self.selected() else { return Vec::new() };
        vec![
            CopyItem::new('i', "id", entry.run.to_string()),
            CopyItem::new('n', "name", entry.name.clone()),
            CopyItem::new('r', "number in the trash", entry.n.to_string()),
        ]
    }

    fn position(&self) -> Option<String> {
        let at = self.scroll.selected()? as u64 + 1;
        Some(format!("{}/{}", count(at), count(self.shown.len() as u64)))
    }

    fn title(&self, opened: &str) -> String {
        format!("trash · {opened}")
    }
}
