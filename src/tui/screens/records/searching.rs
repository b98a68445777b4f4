//! Reads, behind the list, what its words ask of records that were not read yet: once for the words, until the lab writes.

use super::{Effect, Place, Records, list::Searching};
use crate::{
    error::{Error, Result},
    model::format::count_of,
    services::request::{Answer, Ask, Slot},
    tui::{action::Action, bindings::key_of, keymap::Context},
};

/// Of so many pieces of news how far it is, one makes the list be asked anew: they come ten times a second.
const NOT_EACH: u32 = 5;

impl Records {
    /// After a page came: what it lacks is read, if that was not done for these words.
    pub(super) fn search_on(&mut self) -> Option<Effect> {
        let lacks = self.list.page().is_some_and(|page| page.unread.is_some());
        if !lacks || self.searching.of.as_ref() == Some(&self.shown.filter) {
            return None;
        }
        self.searching = Searching { of: Some(self.shown.filter.clone()), told: 0 };
        // Its rows are not taken: what is on screen then may be others.
        Some(self.requests.ask(Ask::PageWhole { query: self.shown.clone(), place: Place::Top, rows: 1 }))
    }

    /// What was read may not be so any more.
    pub(super) fn search_anew(&mut self) {
        if !self.requests.is_coming(Slot::PageWhole) {
            self.searching = Searching::default();
        }
    }

    /// It has come further: the records that were found since.
    pub(super) fn search_goes_on(&mut self) -> Vec<Effect> {
        self.searching.told = self.searching.told.wrapping_add(1);
        let asks = self.searching.told.is_multiple_of(NOT_EACH) && !self.requests.is_coming(Slot::Page);
        if asks { vec![self.ask_again()] } else { Vec::new() }
    }

    pub(super) fn searched(&mut self, result: Result<Answer>) -> Vec<Effect> {
        match result {
            Ok(_) => vec![self.ask_again()],
            Err(Error::Cancelled) => self.end_search(),
            Err(error) => vec![Effect::fail(error.on_screen())],
        }
    }

    /// The hits so far stay, and it is said how many records are left.
    pub(super) fn end_search(&mut self) -> Vec<Effect> {
        let unread = self.list.page().and_then(|page| page.unread);
        let left = unread.map_or(0, |unread| unread.total.unwrap_or(0).saturating_sub(unread.done));
        let are = if left == 1 { "is" } else { "are" };
        let records = count_of(left, "record", "records");
        let mut effects: Vec<Effect> = self.requests.cancel(Slot::PageWhole).into_iter().collect();
        let reload = key_of(Context::List, Action::Reload);
        effects.push(Effect::say(format!("{records} {are} not searched yet; {reload} searches on.")));
        effects
    }
}
