//! Which columns are on screen: those that are chosen or come with the width, as far as they say something and there is
//! room; and the menu that chooses them.

use strum::VariantArray;

use super::{
    Effect, Records,
    columns::{cell, columns},
    view::Parts,
};
use crate::{
    style::Theme,
    tui::{
        command::Command,
        list_columns::{ListColumn, ListColumns},
        overlays::{Menu, MenuEntry},
        widgets::table::{Overflow, layout},
    },
};

/// The columns of a sparkline where it is compared with others.
const SPARK: u16 = 10;

impl Records {
    /// The columns that a table of this width may have: those that say nothing are left out, where that is wanted.
    pub(super) fn its_columns(&self, width: u16, theme: &Theme) -> Vec<ListColumn> {
        let mut all = self.columns.of_width(width);
        // Nobody marks anything in this lab: the room is the name's.
        let marked = self.list.page().is_some_and(|page| page.marked);
        all.retain(|column| *column != ListColumn::Marks || marked || self.columns.stays(*column));
        if self.columns.only_differing {
            // Nor does the column go that the cursor stands on.
            let stays = |column: ListColumn| column.is_always_there() || column == self.cursor;
            all.retain(|column| stays(*column) || !self.are_alike(*column, theme));
        }
        all
    }

    /// Are there several cells of this column on screen, and all the same?
    fn are_alike(&self, column: ListColumn, theme: &Theme) -> bool {
        let now = self.list.page().map(|page| page.as_of).unwrap_or_default();
        let mut texts = self.list.on_screen().map(|row| {
            let details = self.details.of(row);
            let is_known = details.is_some() || !column.needs_details();
            is_known.then(|| cell(column, row, details, (now, SPARK), theme).text)
        });
        let Some(Some(first)) = texts.next() else { return false };
        let mut others = 0;
        let alike = texts.by_ref().inspect(|_| others += 1).all(|text| text.as_ref() == Some(&first));
        alike && others > 0
    }

    /// The columns that are on screen.
    pub(super) fn columns_on_screen(&self) -> Vec<ListColumn> {
        let (width, theme) = (Parts::of(self.size).table_width(), Theme::default());
        let all = self.its_columns(width, &theme);
        let laid = columns(&all, &self.columns, self.id_width, &self.shown, &theme);
        layout(&laid, width, Overflow::Drop)
            .iter()
            .filter_map(|place| all.get(place.column).copied())
            .collect()
    }

    /// Other columns; with `menu` the menu again, with this line selected.
    pub(super) fn choose_columns(&mut self, chosen: Option<ListColumns>, menu: Option<usize>) -> Vec<Effect> {
        if let Some(chosen) = chosen {
            self.columns = chosen;
            self.columns_fit();
        }
        menu.map(|at| self.columns_menu(at)).into_iter().collect()
    }

    fn columns_menu(&self, at: usize) -> Effect {
        let shown = self.columns_on_screen();
        let columns = ListColumn::VARIANTS.iter().zip(0..);
        let mut entries: Vec<MenuEntry> =
            columns.map(|(column, at)| self.column_entry(*column, at, shown.contains(column))).collect();
        let differing = switch(self.columns.only_differing, "only those that differ");
        let mut turned = self.columns;
        turned.only_differing = !turned.only_differing;
        entries.push(entry('c', differing, turned, entries.len()));
        entries.push(entry('z', "as at first".to_owned(), self.first_columns, entries.len()));
        Effect::Open(Box::new(Menu::new("Columns", entries).select(at).space_chooses()))
    }

    fn column_entry(&self, column: ListColumn, at: usize, is_shown: bool) -> MenuEntry {
        let label = switch(is_shown, column.word());
        if column.is_always_there() {
            return MenuEntry::disabled(letter(column), label, "always shown");
        }
        let mut switched = self.columns;
        switched.toggle(column, is_shown);
        let note = match (is_shown, self.columns.stays(column)) {
            (true, true) => "chosen: gives way last",
            (true, false) => "",
            (false, _) if self.columns.is_hidden(column) => "",
            (false, _) if self.columns.only_differing && self.are_alike(column, &Theme::default()) => {
                "all alike"
            }
            (false, _) if column == ListColumn::Marks => "with the first mark",
            (false, true) => "chosen, no room",
            (false, false) => "wider windows",
        };
        entry(letter(column), label, switched, at).note(note)
    }
}

fn entry(letter: char, label: String, chosen: ListColumns, at: usize) -> MenuEntry {
    MenuEntry::new(letter, label, Effect::Run(Command::Columns { chosen: Some(chosen), menu: Some(at) }))
}

fn switch(is_on: bool, label: &str) -> String {
    format!("[{}] {label}", if is_on { "x" } else { " " })
}

/// The letter that switches it.
fn letter(column: ListColumn) -> char {
    match column {
        ListColumn::Outcome => 'o',
        ListColumn::Id => 'i',
        ListColumn::Marks => 'k',
        ListColumn::Name => 'n',
        ListColumn::By => 'b',
        ListColumn::Started => 's',
        ListColumn::Ended => 'e',
        ListColumn::Took => 't',
        ListColumn::Iterations => 'r',
        ListColumn::Failures => 'x',
        ListColumn::Steps => 'p',
        ListColumn::FailedSteps => 'f',
        ListColumn::Deck => 'd',
        ListColumn::Mode => 'm',
        ListColumn::Status => 'a',
        ListColumn::Verdict => 'v',
        ListColumn::Tags => 'h',
        ListColumn::Note => 'y',
        ListColumn::Output => 'u',
        ListColumn::Spark => 'w',
    }
}
