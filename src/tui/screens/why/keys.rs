//! What keys do in the error view: the next failure, and the ways to its step and to its place in the log.

use super::{Arrival, WhyScreen, blocks::line_numbers};
use crate::{
    model::{filter::words::Filter, query::ListQuery},
    services::{
        next_failure::Spot,
        request::Ask,
        why::{
            alike, report,
            types::{LogPlace, Origin},
        },
    },
    tui::{
        action::Action,
        screen::{CopyItem, Effect, Goto, Visit},
        screens::calls::Calls,
        tab::TabId,
    },
};

impl WhyScreen {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::NextError => return self.walk(true),
            Action::PreviousError => return self.walk(false),
            Action::Right => self.show_failure(self.at + 1),
            Action::Left => self.show_failure(self.at.saturating_sub(1)),
            Action::Open => return vec![self.visit(self.step())],
            Action::Show(TabId::Log) => return vec![self.log()],
            Action::Show(tab) => return vec![self.visit(Goto::Tab(tab))],
            Action::Calls => return vec![Effect::Push(Box::new(Calls::around(self.run)))],
            Action::Unfold => {
                self.unfolded = !self.unfolded;
                self.place.top();
                self.lay_out();
            }
            Action::More => return vec![self.ask_more()],
            Action::KeepValue => return self.same_elsewhere(),
            Action::Reload => return self.ask_again(),
            other => self.place.move_by(other),
        }
        Vec::new()
    }

    /// To the next failure of the record, or else of another one.
    fn walk(&mut self, forward: bool) -> Vec<Effect> {
        let (failures, more) = self.why.get().map_or((0, 0), |why| (why.failures.len(), why.more));
        match (forward, self.at.checked_sub(1)) {
            (true, _) if self.at + 1 < failures => self.show_failure(self.at + 1),
            (true, _) if more > 0 => return vec![self.ask_whole(Arrival::At(self.at + 1))],
            (false, Some(before)) => self.show_failure(before),
            _ => return vec![self.ask_failed_record(self.run, forward)],
        }
        Vec::new()
    }

    fn show_failure(&mut self, at: usize) {
        self.at = at;
        self.place.top();
        self.lay_out();
    }

    pub(super) fn ask_failed_record(&mut self, from: i64, forward: bool) -> Effect {
        self.requests.ask(Ask::TroubledRecord { query: self.query.clone(), from, forward })
    }

    fn visit(&self, goto: Goto) -> Effect {
        let (query, near) = (self.query.clone(), self.near());
        let visit = Visit { run: self.run, goto, near, query, from_reason: true };
        Effect::Push((self.open)(visit))
    }

    /// The records with failures that read alike.
    fn same_elsewhere(&self) -> Vec<Effect> {
        let Some(failure) = self.failure() else { return Vec::new() };
        let text = failure.text.as_ref().map(|told| told.value.as_str());
        let term = failure.same.as_ref().map(|same| alike::term(&same.signature, text));
        let filter = term.map(|term| Filter::default().and(term, true));
        filter.map(|filter| Effect::List(ListQuery { filter, ..ListQuery::default() })).into_iter().collect()
    }

    /// The failed step, else the phase, in Steps.
    fn step(&self) -> Goto {
        let Some(failure) = self.failure() else { return Goto::Tab(TabId::Steps) };
        match (failure.phase_id, failure.step) {
            (Some(phase), Some(step)) => Goto::Spot(Spot::Step { phase, step }),
            (Some(phase), None) => Goto::Spot(Spot::Phase(phase)),
            (None, _) => Goto::Tab(TabId::Steps),
        }
    }

    /// Where it failed, as far as that is known.
    fn near(&self) -> Option<Goto> {
        match self.step() {
            Goto::Tab(_) => self.failure()?.iteration.map(Goto::Iteration),
            spot => Some(spot),
        }
    }

    fn log(&self) -> Effect {
        match self.failure().and_then(|failure| failure.log.as_ref()) {
            Some(LogPlace { origin: Origin::DefaultLog, file, lines, .. }) => {
                let lines = lines.map(line_numbers).unwrap_or_default();
                Effect::say(format!(
                    "This record has no log of its own: its lines are those shown here, of {file}{lines}."
                ))
            }
            Some(place) => self.visit(Goto::LogByte(place.error_at.unwrap_or(place.offset))),
            None => self.visit(Goto::Tab(TabId::Log)),
        }
    }

    pub(super) fn copy_items(&self) -> Vec<CopyItem> {
        let Some(why) = self.why.get() else { return Vec::new() };
        let mut items = vec![CopyItem::new('a', "all as text", report::text(why))];
        if let Some(failure) = self.failure() {
            items.push(CopyItem::new('e', "error", report::reason(failure)));
            let whole = failure.traceback.clone();
            items.extend(whole.map(|text| CopyItem::new('t', "traceback", text)));
            let lines = failure.log.as_ref().map(|log| log.text.join("\n"));
            items.extend(lines.map(|text| CopyItem::new('l', "log lines", text)));
        }
        items.push(CopyItem::new('i', "id", self.run.to_string()));
        items.push(CopyItem::new('n', "name", why.row.run.name.clone()));
        items
    }
}
