//! The menu of what records have in common: a field, then its values with how many records of the list have each.

use super::{Menu, MenuEntry, file_menu::FileMenu, kept_views};
use crate::{
    model::{filter::field::FilterField, format::count, query::ListQuery},
    services::{
        filter::values::FilterValues,
        own_files::views::KeptView,
        request::{Answer, Ask, Slot},
    },
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screen::{Effect, Input, ScreenCx},
    },
};

/// The first menu: letter, field, what it is called here.
const FIELDS: [(char, FilterField, &str); 8] = [
    ('o', FilterField::Status, "outcome"),
    ('u', FilterField::User, "user"),
    ('m', FilterField::Mode, "mode"),
    ('d', FilterField::Started, "date"),
    ('s', FilterField::Step, "step"),
    ('v', FilterField::Verdict, "verdict"),
    ('t', FilterField::Tag, "tag"),
    ('r', FilterField::Unread, "unread"),
];

/// Letters of values; the others move in a menu or leave it.
const LETTERS: &str = "abcdefhilmnoprstuvwxyz";

/// The menu over a list.
#[derive(Debug)]
pub struct FilterMenu {
    query: ListQuery,
    /// The field whose values are shown or on their way; `None` for the first menu.
    of: Option<FilterField>,
    /// The kept views, or why they can't be read.
    views: Result<Vec<KeptView>, String>,
    menu: Menu,
}

impl FilterMenu {
    pub fn new(query: ListQuery, views: Result<Vec<KeptView>, String>) -> Self {
        let mut filter = FilterMenu { query, of: None, views, menu: Menu::new("", Vec::new()) };
        filter.show_fields();
        filter
    }

    fn show_fields(&mut self) {
        let at = FIELDS.iter().position(|(_, field, _)| Some(*field) == self.of).unwrap_or(0);
        self.of = None;
        // What it leads to is done here.
        let entry = |(letter, field, title): &(char, FilterField, &str)| {
            MenuEntry::new(*letter, *title, Effect::Close).note(field.facts().about)
        };
        let mut entries: Vec<MenuEntry> = FIELDS.iter().map(entry).collect();
        let taken: String = FIELDS.iter().map(|(letter, ..)| letter).collect();
        match &self.views {
            Ok(views) if views.is_empty() => {
                entries.push(MenuEntry::disabled(' ', "views", ":view NAME keeps this list"));
            }
            Ok(views) => entries.extend(kept_views::entries(views, &taken)),
            Err(why) => entries.push(MenuEntry::disabled(' ', "views.json", why.clone())),
        }
        self.menu = Menu::new("Records by", entries).select(at);
    }

    fn ask(&mut self, of: FilterField) -> Vec<Effect> {
        self.of = Some(of);
        self.menu = Menu::new(title(of), vec![MenuEntry::disabled(' ', "...", "counting")]);
        vec![Effect::Ask(Ask::FilterValues { query: self.query.clone(), of })]
    }

    fn show(&mut self, values: FilterValues) {
        let counts: Vec<String> = values.values.iter().map(|value| count(value.records)).collect();
        let widest = counts.iter().map(String::len).max().unwrap_or(0);
        let letters = LETTERS.chars().map(Some).chain(std::iter::repeat(None));
        let left_out = values.left_out();
        let entries = values.values.into_iter().zip(counts).zip(letters).map(|((value, count), letter)| {
            let filter = self.query.filter.and(value.term, true);
            let chosen = Effect::Tell(Input::Filter(filter));
            MenuEntry::new(letter.unwrap_or(' '), value.text, chosen).note(format!("{count:>widest$}"))
        });
        let mut entries: Vec<MenuEntry> = entries.collect();
        if entries.is_empty() {
            entries.push(MenuEntry::disabled(' ', "none", "no record of this list has any"));
        }
        let word = values.of.facts().word;
        entries.extend(left_out.map(|left_out| {
            MenuEntry::disabled(
                ' ',
                left_out,
                format!(
                    "type {word}: behind {} with the beginning, and {}",
                    key_of(Context::List, Action::Search),
                    key_of(Context::Prompt, Action::Complete)
                ),
            )
        }));
        self.menu = Menu::new(title(values.of), entries);
    }

    /// From the values to the fields, from these to the list.
    fn back(&mut self) -> Vec<Effect> {
        if self.of.is_none() {
            return vec![Effect::Close];
        }
        self.show_fields();
        vec![Effect::Cancel(Slot::FilterValues)]
    }
}

fn title(of: FilterField) -> String {
    let title = FIELDS.iter().find(|(_, field, _)| *field == of).map_or("", |(.., title)| title);
    format!("Records by {title}")
}

impl FileMenu for FilterMenu {
    fn menu(&self) -> &Menu {
        &self.menu
    }

    fn take(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        if self.of.is_none()
            && let Some(field) = self.menu.choice(&input).and_then(|at| FIELDS.get(at))
        {
            return self.ask(field.1);
        }
        match input {
            Input::Action(Action::Back | Action::Close) => self.back(),
            Input::Answer { result: Ok(Answer::FilterValues(values)), .. } if self.of == Some(values.of) => {
                self.show(values);
                Vec::new()
            }
            Input::Answer { result: Err(error), .. } => {
                self.show_fields();
                vec![Effect::fail(error.on_screen())]
            }
            other => self.menu.take(other),
        }
    }
}
