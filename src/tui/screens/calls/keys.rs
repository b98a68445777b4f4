//! What the keys of the list of calls do.

use super::{CallGoal, Calls, Effect, Place, Slot, one::OneCall};
use crate::{
    model::call::Stretch,
    services::request::Ask,
    tui::{
        action::Action,
        overlays::{CallsExport, ExportMenu},
        screen::ScreenCx,
        screens::scroll_by,
    },
};

impl Calls {
    pub(super) fn act(&mut self, action: Action, cx: &ScreenCx<'_>) -> Vec<Effect> {
        if action.moves() {
            self.sticks = action == Action::Top;
        }
        match action {
            // Where the list ends is not known yet.
            Action::Bottom if self.window.is_uncounted() => {
                let (query, rows) = (self.query.clone(), self.window.rows());
                let ask = Ask::CallsWhole { query, place: Place::Bottom, rows };
                vec![self.requests.ask_for(ask, CallGoal::Bottom)]
            }
            _ if action.moves() => {
                self.window.go(|scroll| scroll_by(scroll, action));
                self.ask_for_missing()
            }
            Action::Open => self.open(),
            Action::Search => {
                self.before = Some((self.query.words.clone(), self.window.selected_id()));
                vec![Effect::Search { words: self.query.words.clone() }]
            }
            Action::Back => self.with_words(String::new(), self.window.selected_id()),
            Action::Calls => self.show_all(),
            Action::Export => {
                let total = self.window.page().map_or(0, |page| page.total);
                let calls = (!self.window.is_uncounted()).then_some(total);
                let calls = CallsExport { query: self.shown.clone(), calls };
                vec![Effect::Open(Box::new(ExportMenu::new(calls, cx.export_folder)))]
            }
            Action::Reload => self.read_news(),
            _ => Vec::new(),
        }
    }

    fn open(&self) -> Vec<Effect> {
        let Some(id) = self.window.selected_id() else { return Vec::new() };
        vec![Effect::Push(Box::new(OneCall::new(id, &self.shown.words)))]
    }

    /// Those of all time, with the selected one where it is.
    fn show_all(&mut self) -> Vec<Effect> {
        self.query.began = Stretch::default();
        self.record = None;
        match self.window.selected_id() {
            Some(id) => vec![self.ask(Place::Around(id), CallGoal::Find(id))],
            None => vec![self.ask(Place::Top, CallGoal::Top)],
        }
    }

    /// Other words, and the call that is wanted among those that have them; without one the first.
    fn with_words(&mut self, words: String, wanted: Option<i64>) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.requests.cancel(Slot::CallsWhole).into_iter().collect();
        self.query.words = words;
        effects.push(match wanted {
            Some(id) => self.ask(Place::Around(id), CallGoal::Find(id)),
            None => self.ask(Place::Top, CallGoal::Top),
        });
        effects
    }

    /// Other words while they are typed.
    pub(super) fn narrow(&mut self, words: String) -> Vec<Effect> {
        self.with_words(words, None)
    }

    /// `/` has ended: with its words, or with the list from before.
    pub(super) fn narrowed(&mut self, words: Option<String>) -> Vec<Effect> {
        match (words, self.before.take()) {
            (Some(words), _) if words != self.query.words => self.narrow(words),
            (None, Some((words, call))) if words != self.query.words => self.with_words(words, call),
            _ => Vec::new(),
        }
    }
}
