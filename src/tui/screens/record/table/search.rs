//! `/`, n and N in the table: columns by their names, those of the file and those shown.

use super::{
    super::word_search::{Sought, Things},
    TableTab,
    columns::{TableColumn, What},
};
use crate::{
    model::needle::Needle,
    tui::screen::{Effect, Input},
};

impl TableTab {
    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        self.search.start(self.active)
    }

    pub(super) fn search_for(&mut self, words: &str) -> Vec<Effect> {
        let sought = with_columns(&self.cols, |columns| self.search.typed(words, columns));
        self.go_to_column(sought)
    }

    pub(super) fn search_done(&mut self, words: Option<String>) -> Vec<Effect> {
        let known = |needle: &Needle| self.cols.iter().any(|col| has(col, needle));
        if let Some(words) = words.as_ref().filter(|words| !words.is_empty())
            && !self.is_whole()
            && !known(&Needle::new(words))
        {
            // Only the beginning of the table is there: more of it can have more columns.
            self.then = Some(Input::SearchDone(Some(words.clone())));
            return Vec::new();
        }
        let sought = with_columns(&self.cols, |columns| self.search.done(words, columns));
        self.go_to_column(sought)
    }

    pub(super) fn search_on(&mut self, forward: bool) -> Vec<Effect> {
        let active = self.active;
        let sought = with_columns(&self.cols, |columns| self.search.on(forward, active, columns));
        self.go_to_column(sought)
    }

    fn go_to_column(&mut self, sought: Sought) -> Vec<Effect> {
        if let Some(to) = sought.to.filter(|to| *to < self.cols.len()) {
            self.active = to;
            self.bring_active_in();
        }
        sought.said
    }
}

fn with_columns(cols: &[TableColumn], search: impl FnOnce(&Things<'_>) -> Sought) -> Sought {
    let has = |n: usize, needle: &Needle| cols.get(n).is_some_and(|col| has(col, needle));
    search(&Things { all: cols.len(), has: &has, missing: "No column has {} in its name." })
}

fn has(col: &TableColumn, needle: &Needle) -> bool {
    let stored = match &col.what {
        What::Parameter(name) | What::Output(name) => needle.is_in(&name.lossy()),
        _ => false,
    };
    col.can_be_active() && (stored || needle.is_in(&col.title))
}
