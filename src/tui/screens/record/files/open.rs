//! An opened file: a CSV as a table, anything else as text.

use ratatui::layout::Size;

use super::super::loadable::Loadable;
use super::csv_table::CsvTable;
use crate::{
    error::Result,
    model::needle::Needle,
    services::{export_kind::ExportKind, file_preview::FileView, request::Answer},
    style::Role,
    tui::{
        action::Action,
        screen::Effect,
        screens::{read_by, scroll_by},
        widgets::reader::{Reader, TextLine},
    },
};

#[derive(Debug)]
pub(super) struct OpenFile {
    pub kind: ExportKind,
    pub shown: Loadable<Shown>,
    /// There is more than what is shown.
    pub more: bool,
    size: Size,
}

#[derive(Debug)]
pub(super) enum Shown {
    CsvTable(Box<CsvTable>),
    Text(Box<Reader>),
}

impl OpenFile {
    pub fn new(kind: ExportKind, size: Size) -> Self {
        OpenFile { kind, shown: Loadable::Waiting, more: false, size }
    }

    /// The size of the file's part of the tab.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        match &mut self.shown {
            Loadable::There(Shown::CsvTable(table)) => table.resize(size),
            Loadable::There(Shown::Text(reader)) => reader.set_size(size),
            Loadable::Waiting | Loadable::Failed(_) => {}
        }
    }

    /// What was asked for; a file that is read again keeps its place.
    pub fn answer(&mut self, result: Result<Answer>) -> Vec<Effect> {
        let view = match result {
            Ok(Answer::FileView(view)) => view,
            Ok(_) => return Vec::new(),
            Err(e) => return self.shown.fail(&e),
        };
        let old = std::mem::take(&mut self.shown);
        let (shown, more) = match view {
            FileView::Rows { columns, rows, more } => {
                let table = CsvTable::new(columns, rows);
                let table = match &old {
                    Loadable::There(Shown::CsvTable(old)) => table.placed_as(old),
                    _ => table,
                };
                (Shown::CsvTable(Box::new(table)), more)
            }
            FileView::Text { text, more } => {
                let mut reader = match old {
                    Loadable::There(Shown::Text(reader)) => reader,
                    _ => Box::default(),
                };
                reader.change(reader.first(), |lines| *lines = split(&text));
                (Shown::Text(reader), more)
            }
        };
        self.more = more;
        self.shown = Loadable::There(shown);
        self.resize(self.size);
        Vec::new()
    }

    pub fn can(&self, action: Action) -> bool {
        let moves = action.moves();
        match (self.shown.get(), action) {
            (_, Action::Back | Action::Reload) => true,
            (Some(Shown::CsvTable(table)), Action::Left) => table.can_left(),
            (Some(Shown::CsvTable(table)), Action::Right) => table.can_right(),
            (Some(Shown::Text(reader)), Action::Left) => reader.can_left(),
            (Some(Shown::Text(reader)), Action::Right) => reader.can_right(),
            (Some(Shown::Text(_)), Action::Wrap | Action::Search) => true,
            (Some(Shown::Text(reader)), Action::SearchNext | Action::SearchPrevious) => {
                !reader.words().is_empty()
            }
            (shown, _) => moves && shown.is_some(),
        }
    }

    pub fn act(&mut self, action: Action) -> Vec<Effect> {
        match &mut self.shown {
            Loadable::There(Shown::CsvTable(table)) => {
                let scroll = &mut table.scroll;
                match action {
                    _ if action.moves() => scroll_by(scroll, action),
                    Action::Left => table.sideways(false),
                    Action::Right => table.sideways(true),
                    _ => {}
                }
            }
            Loadable::There(Shown::Text(reader)) => return read(reader, action),
            Loadable::Waiting | Loadable::Failed(_) => {}
        }
        Vec::new()
    }

    pub fn has_rows(&self) -> bool {
        matches!(self.shown.get(), Some(Shown::CsvTable(_)))
    }

    /// To the row with a number, counted from 1.
    pub fn go_to_row(&mut self, n: u64) -> Vec<Effect> {
        let Loadable::There(Shown::CsvTable(table)) = &mut self.shown else { return Vec::new() };
        let place = n.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        match place.filter(|place| *place < table.scroll.len()) {
            Some(place) => {
                table.scroll.jump(place);
                Vec::new()
            }
            None if self.more => {
                vec![Effect::fail(format!("Row {n} is not among the first rows shown here."))]
            }
            None => vec![Effect::fail(format!("No row {n} in this file."))],
        }
    }

    /// The words of `/` have changed.
    pub fn search(&mut self, words: String) -> Vec<Effect> {
        let Loadable::There(Shown::Text(reader)) = &mut self.shown else { return Vec::new() };
        reader.set_words(Needle::new(&words));
        reader.set_hit(None);
        if reader.words().is_empty() { Vec::new() } else { jump(reader, Some(reader.first()), true) }
    }

    /// Forgets the words; false where there were none.
    pub fn clear_search(&mut self) -> bool {
        let Loadable::There(Shown::Text(reader)) = &mut self.shown else { return false };
        let had = !reader.words().is_empty();
        reader.set_words(Needle::default());
        reader.set_hit(None);
        had
    }
}

fn read(reader: &mut Reader, action: Action) -> Vec<Effect> {
    match action {
        Action::Search => return vec![Effect::Search { words: String::new() }],
        Action::SearchNext => return jump(reader, reader.search_start(true), true),
        Action::SearchPrevious => return jump(reader, reader.search_start(false), false),
        other => {
            read_by(reader, other);
        }
    }
    Vec::new()
}

fn jump(reader: &mut Reader, from: Option<usize>, forward: bool) -> Vec<Effect> {
    let Some(line) = from.and_then(|from| reader.find(from, forward)) else { return vec![not_found(reader)] };
    let at = reader.lines().get(line).map(|line| line.at);
    reader.set_hit(at);
    reader.show(line);
    Vec::new()
}

fn not_found(reader: &Reader) -> Effect {
    Effect::say(format!("\"{}\" is not found in this direction.", reader.words().text()))
}

/// Lines of text that is clean already.
fn split(text: &str) -> Vec<TextLine> {
    let mut at = 0;
    let line = |line: &str| {
        let made = TextLine { text: line.to_owned(), kind: Role::Normal, at, ends: true };
        at += line.len() as u64 + 1;
        made
    };
    text.lines().map(line).collect()
}
