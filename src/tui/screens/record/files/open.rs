//! An opened file: a CSV as a table, anything else as text.

use ratatui::layout::Size;

use super::super::word_search::WordSearch;
use super::csv_table::{CsvPlace, CsvTable};
use crate::{
    error::Result,
    services::{export_kind::ExportKind, file_preview::FileView, request::Answer},
    tui::{
        action::Action,
        screen::Effect,
        screens::loadable::Loadable,
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
    pub search: WordSearch,
    /// Where a CSV was looked at before the words that are being typed.
    pub before: Option<CsvPlace>,
}

#[derive(Debug)]
pub(super) enum Shown {
    CsvTable(Box<CsvTable>),
    Text(Box<Reader>),
}

impl OpenFile {
    pub fn new(kind: ExportKind, size: Size) -> Self {
        OpenFile {
            kind,
            shown: Loadable::Waiting,
            more: false,
            size,
            search: WordSearch::default(),
            before: None,
        }
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
            (Some(Shown::Text(_)), Action::Wrap) => true,
            (Some(_), Action::Search) => true,
            (Some(_), Action::SearchNext | Action::SearchPrevious) => !self.search.needle().is_empty(),
            (shown, _) => moves && shown.is_some(),
        }
    }

    pub fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Search => return self.start_search(),
            Action::SearchNext => return self.search_by(|search, at, texts| search.on(true, at, texts)),
            Action::SearchPrevious => return self.search_by(|search, at, texts| search.on(false, at, texts)),
            _ => {}
        }
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
            Loadable::There(Shown::Text(reader)) => {
                read_by(reader, action);
            }
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
}

/// Lines of text that is clean already.
fn split(text: &str) -> Vec<TextLine> {
    let mut at = 0;
    let line = |line: &str| {
        let made = TextLine { text: line.to_owned(), at, ends: true, ..TextLine::default() };
        at += line.len() as u64 + 1;
        made
    };
    text.lines().map(line).collect()
}
