//! What the list asks for: rows and what they show at once, the rest when the keys rest.

use super::{
    Records,
    list::{Goal, covers, whole},
    view::Parts,
};
use crate::{
    model::query::Place,
    services::request::Ask,
    tui::effect::{Effect, Slot},
};

impl Records {
    /// Asks for a page; the newest one wins.
    pub(super) fn ask(&mut self, place: Place, goal: Goal) -> Effect {
        let rows = self.list.window();
        let range = match place {
            Place::Offset(first) => {
                let first = whole(first);
                Some(first..first.saturating_add(rows))
            }
            _ => None,
        };
        self.pending = Some((goal, range));
        Effect::Ask { slot: Slot::List, ask: Ask::Page { query: self.query.clone(), place, rows } }
    }

    /// A record that the user asked for is on its way: the selected one is not meant any more.
    pub(super) fn leads_elsewhere(&self) -> bool {
        let wanted = |(goal, _): &(Goal, _)| !matches!(goal, Goal::View | Goal::Keep);
        self.seeking || self.pending.as_ref().is_some_and(wanted)
    }

    /// The list again, around the selected record or the one that is asked for.
    pub(super) fn ask_again(&mut self) -> Effect {
        if let Some((goal @ (Goal::Find(id) | Goal::Narrow(id)), _)) = self.pending {
            return self.ask(Place::Around(id), goal);
        }
        match self.list.selected_id() {
            Some(id) => self.ask(Place::Around(id), Goal::Keep),
            // What is seen first has a question of its own, which waits for no count.
            None => match self.list.start() {
                0 => self.ask(Place::Top, Goal::Settle),
                start => self.ask(Place::Offset(start as u64), Goal::Settle),
            },
        }
    }

    /// Rows and details that the screen shows now or next and that are neither here nor on their way. The preview follows
    /// when the keys rest.
    pub(super) fn ask_for_sight(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let wants = self.list.wants();
        let coming = match &self.pending {
            Some((_, Some(range))) => covers(range, &wants),
            Some((_, None)) => true,
            None => false,
        };
        // A file whose count and rows don't agree would be asked for ever.
        let just_came = self.came == Some(self.list.start());
        if self.list.lacks_rows() && !coming && !just_came {
            effects.push(self.ask(Place::Offset(self.list.start() as u64), Goal::View));
        }
        effects.extend(self.ask_for_fills());
        if self.lacks_preview().is_some() || !self.shows_sparks() {
            effects.push(Effect::Rest);
        }
        effects
    }

    /// Those of the screen first, then those of the rows around it, so that a page that follows has them.
    pub(super) fn ask_for_fills(&mut self) -> Option<Effect> {
        let mut missing = self.details.missing(self.list.on_screen());
        if missing.is_empty() && !self.details.coming {
            missing = self.details.missing(self.list.near());
        }
        (!missing.is_empty())
            .then_some(Effect::Ask { slot: Slot::Rows, ask: Ask::RowDetails { runs: missing } })
    }

    /// The record that the preview is not of yet.
    fn lacks_preview(&self) -> Option<i64> {
        let selected = self.list.selected_id().filter(|id| self.preview.asked != Some(*id));
        selected.filter(|_| Parts::of(self.size).has_preview())
    }

    /// On slow links a list that moved has its sparklines when the keys rest.
    pub(super) fn shows_sparks(&self) -> bool {
        !self.slow || self.rested == Some(self.list.scroll().offset())
    }

    pub(super) fn rest(&mut self) -> Vec<Effect> {
        self.rested = Some(self.list.scroll().offset());
        let Some(run) = self.lacks_preview() else { return Vec::new() };
        (self.preview.asked, self.preview.coming) = (Some(run), true);
        vec![Effect::Ask { slot: Slot::Preview, ask: Ask::Overview { run, whole: false } }]
    }
}
