//! What the list asks for: rows and their details at once, the preview when no key has come for a while.

use std::ops::Range;

use super::{
    Records,
    list::{Goal, covers, whole},
    view::Parts,
};
use crate::{
    model::query::Place,
    services::request::{Ask, Slot},
    tui::screen::Effect,
};

impl Records {
    /// Asks for a page; the newest one wins.
    pub(super) fn ask(&mut self, place: Place, goal: Goal) -> Effect {
        let ask = Ask::Page { query: self.query.clone(), place, rows: self.list.window() };
        self.requests.ask_for(ask, goal)
    }

    /// A record that the user asked for is on its way: the selected one is not meant any more.
    pub(super) fn leads_elsewhere(&self) -> bool {
        let page = self.requests.coming(Slot::Page);
        page.is_some_and(|(_, goal)| !matches!(goal, Goal::View | Goal::Keep))
    }

    /// The list again, around the selected record or the one that is asked for.
    pub(super) fn ask_again(&mut self) -> Effect {
        match self.requests.coming(Slot::Page) {
            Some(&(_, goal @ (Goal::Find(id) | Goal::Narrow(id)))) => {
                return self.ask(Place::Around(id), goal);
            }
            Some(&(Ask::Page { place, .. }, goal @ (Goal::End | Goal::Row(_)))) => {
                return self.ask(place, goal);
            }
            _ => {}
        }
        match self.list.selected_id() {
            Some(id) => self.ask(Place::Around(id), Goal::Keep),
            // The top of the list has a request of its own, which does not wait for the count of records.
            None => match self.list.start() {
                0 => self.ask(Place::Top, Goal::Settle),
                start => self.ask(Place::Offset(start as u64), Goal::Settle),
            },
        }
    }

    /// Asks for rows and details that the screen shows now or next and that are neither here nor on their way. The
    /// preview follows when no key has come for a while.
    pub(super) fn ask_for_missing(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let wants = self.list.wants();
        let page = self.requests.coming(Slot::Page);
        let coming = page.is_some_and(|(ask, _)| rows_of(ask).is_none_or(|range| covers(&range, &wants)));
        // A file whose count and rows don't agree would be asked for ever.
        let just_came = self.came == Some(self.list.start());
        if self.list.lacks_rows() && !coming && !just_came {
            effects.push(self.ask(Place::Offset(self.list.start() as u64), Goal::View));
        }
        effects.extend(self.ask_for_details());
        if self.lacks_preview().is_some() || !self.shows_sparks() {
            effects.push(Effect::Rest);
        }
        effects
    }

    /// Those of the screen first, then those of the rows around it, so that a page that follows has them.
    pub(super) fn ask_for_details(&mut self) -> Option<Effect> {
        let mut runs = self.details.missing(self.list.on_screen());
        match self.requests.coming(Slot::RowDetails) {
            Some((Ask::RowDetails { runs: asked }, _)) if runs.iter().all(|id| asked.contains(id)) => {
                return None;
            }
            None if runs.is_empty() => runs = self.details.missing(self.list.near()),
            _ => {}
        }
        (!runs.is_empty()).then(|| self.requests.ask(Ask::RowDetails { runs }))
    }

    /// The record that the preview is not of yet.
    fn lacks_preview(&self) -> Option<i64> {
        let selected = self.list.selected_id().filter(|id| self.preview.run != Some(*id));
        selected.filter(|_| Parts::of(self.size).has_preview())
    }

    /// On slow links a list that moved has its sparklines when no key has come for a while.
    pub(super) fn shows_sparks(&self) -> bool {
        !self.slow || self.rested == Some(self.list.scroll().offset())
    }

    pub(super) fn rest(&mut self) -> Vec<Effect> {
        self.rested = Some(self.list.scroll().offset());
        let Some(run) = self.lacks_preview() else { return Vec::new() };
        self.preview.run = Some(run);
        vec![self.requests.ask(Ask::Preview { run, whole: false })]
    }
}

/// Places of the rows that a page will bring, where they are known.
pub(super) fn rows_of(ask: &Ask) -> Option<Range<usize>> {
    match ask {
        Ask::Page { place: Place::Offset(first), rows, .. } => {
            let first = whole(*first);
            Some(first..first.saturating_add(*rows))
        }
        _ => None,
    }
}
