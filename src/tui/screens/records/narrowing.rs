//! Which records the list has: words that are typed, and a value that is kept or dropped.

use super::{Effect, Goal, Place, Records, value_terms};
use crate::{model::filter::words::Filter, services::request::Slot};

impl Records {
    pub(super) fn type_words(&mut self) -> Vec<Effect> {
        self.before = Some((self.query.clone(), self.list.selected_id()));
        vec![Effect::Filter { words: self.query.filter.text().to_owned() }]
    }

    /// Other words while they are typed, as far as they can be read.
    pub(super) fn typed(&mut self, words: &str) -> Vec<Effect> {
        match Filter::typed(words) {
            Ok(filter) if filter != self.query.filter => self.narrow(filter),
            // The prompt says what is wrong.
            _ => Vec::new(),
        }
    }

    /// The records of other words.
    pub(super) fn narrow(&mut self, filter: Filter) -> Vec<Effect> {
        self.query.filter = filter;
        // While the words are typed: where it began, so that a letter taken back brings back the place.
        let anchor = self.before.as_ref().and_then(|(_, run)| *run).or(self.list.selected_id());
        let mut effects: Vec<Effect> = self.requests.cancel(Slot::PageWhole).into_iter().collect();
        effects.push(match anchor {
            Some(id) => self.ask(Place::Around(id), Goal::Narrow(id)),
            None => self.ask(Place::Top, Goal::Settle),
        });
        effects
    }

    /// `/` has ended: with its words, or with the list from before.
    pub(super) fn narrowed(&mut self, words: Option<String>) -> Vec<Effect> {
        let before = self.before.take();
        let Some(words) = words else {
            let Some((query, run)) = before.filter(|(query, _)| query.filter != self.query.filter) else {
                return Vec::new();
            };
            let mut effects: Vec<Effect> = self.requests.cancel(Slot::PageWhole).into_iter().collect();
            self.query = query;
            effects.push(match run {
                Some(id) => self.ask(Place::Around(id), Goal::Narrow(id)),
                None => self.ask_again(),
            });
            return effects;
        };
        match Filter::read(&words) {
            Ok(filter) if filter != self.query.filter => self.narrow(filter),
            _ => Vec::new(),
        }
    }

    /// Esc: the list without what narrowed it here.
    pub(super) fn widen(&mut self) -> Vec<Effect> {
        self.narrow(self.base.clone())
    }

    /// Keeps the records that have the value under the cursor, or drops them.
    pub(super) fn keep(&mut self, is_meant: bool) -> Vec<Effect> {
        let Some(row) = self.list.selected() else { return Vec::new() };
        match value_terms::of_cell(self.cursor, row, self.details.of(row)) {
            Ok((term, has_it)) => {
                let filter = self.query.filter.and(term, has_it == is_meant);
                if filter == self.query.filter { Vec::new() } else { self.narrow(filter) }
            }
            Err(why) => vec![Effect::say(why)],
        }
    }
}
