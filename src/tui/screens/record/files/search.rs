//! `/`, n and N in an opened file: lines of a text; of a CSV its columns by their names, then its cells.

use super::{
    super::word_search::{Sought, Things, WordSearch},
    open::{OpenFile, Shown},
};
use crate::{
    model::needle::Needle,
    tui::{action::Action, bindings::key_of, keymap::Context, tab::TabId},
    tui::{screen::Effect, screens::loadable::Loadable, widgets::reader::Reader},
};

impl OpenFile {
    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        let (at, before) = match self.shown.get() {
            // Names come first, wherever one is.
            Some(Shown::CsvTable(table)) => (0, Some(table.looked_at())),
            Some(Shown::Text(reader)) => (reader.first(), None),
            None => (0, None),
        };
        self.before = before;
        self.search.start(at)
    }

    /// Searches as it is told, and goes to what was found.
    pub(super) fn search_by(
        &mut self,
        search: impl FnOnce(&mut WordSearch, usize, &Things<'_>) -> Sought,
    ) -> Vec<Effect> {
        let Some(shown) = self.shown.get() else { return Vec::new() };
        let export = key_of(Context::Tab(TabId::Files), Action::Export);
        let missing = if self.more {
            format!("{{}} is not found in the part of the file that is shown; {export} exports all")
        } else {
            "{} is not found in this file".to_owned()
        };
        let has = |n: usize, needle: &Needle| match shown {
            Shown::CsvTable(table) => table.text_at(n).is_some_and(|text| needle.is_in(text)),
            Shown::Text(reader) => reader.lines().get(n).is_some_and(|line| needle.is_in(&line.text)),
        };
        let all = match shown {
            Shown::CsvTable(table) => table.texts(),
            Shown::Text(reader) => reader.lines().len(),
        };
        let sought = search(&mut self.search, place(shown), &Things { all, has: &has, missing: &missing });
        self.go_to(sought.to);
        sought.said
    }

    pub(super) fn search_done(&mut self, words: Option<String>) -> Vec<Effect> {
        let goes_back = words.as_ref().is_none_or(String::is_empty);
        let said = self.search_by(|search, _, texts| search.done(words, texts));
        if let (Loadable::There(Shown::CsvTable(table)), Some(before)) = (&mut self.shown, self.before.take())
            && goes_back
        {
            table.look_at(before);
        }
        said
    }

    fn go_to(&mut self, place: Option<usize>) {
        let words = self.search.needle();
        match &mut self.shown {
            Loadable::There(Shown::CsvTable(table)) => match (place, self.before) {
                (Some(place), _) if table.text_at(place).is_some_and(|text| words.is_in(text)) => {
                    table.go_to(place);
                }
                // No words, or none that are there: where the search began.
                (Some(_), Some(before)) => table.look_at(before),
                (Some(_), None) => {}
                (None, _) if words.is_empty() => table.forget_found(),
                (None, _) => {}
            },
            Loadable::There(Shown::Text(reader)) => show_line(reader, place, words),
            Loadable::Waiting | Loadable::Failed(_) => {}
        }
    }

    /// Forgets the words; false where there were none.
    pub(super) fn clear_search(&mut self) -> bool {
        let had = self.search.clear();
        self.go_to(None);
        had
    }
}

/// Where the search stands, or begins.
fn place(shown: &Shown) -> usize {
    match shown {
        Shown::CsvTable(table) => table.place(),
        Shown::Text(reader) => reader.visible_hit().unwrap_or(reader.first()),
    }
}

fn show_line(reader: &mut Reader, line: Option<usize>, words: &Needle) {
    reader.set_words(words.clone());
    let Some(line) = line else {
        if words.is_empty() {
            reader.set_hit(None);
        }
        return;
    };
    let found = reader.lines().get(line).filter(|line| words.is_in(&line.text));
    let hit = found.map(|line| line.at);
    reader.set_hit(hit);
    if hit.is_some() {
        reader.show(line);
    } else {
        // Where the search began.
        reader.change(line, |_| {});
    }
}
