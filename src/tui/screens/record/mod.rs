//! The record screen: who, when and how it ended above, one of its tabs below.
//!
//! The shell owns what is the same on every tab: the header, the tabs' bar, neighbours (J, K), errors (e, E),
//! following (F) and reloading (R). Everything else goes to the tab on top, which is a [`Screen`] for the size of its
//! part of the window. A tab lives until another record is shown.
//!
//! - What a tab asks is answered to it, also while another tab is on top: the shell remembers who asked in which slot.
//! - A tab hears [`Input::Shown`] whenever it comes on top (ask for what is missing) and [`Action::Reload`] for R and,
//!   while the record is followed, for every change: read again and keep the place, without a word.
//! - A tab that answers [`Action::Follow`] with `can` follows on its own (`Effect::Watch`, `Input::Tick`).
//! - A tab speaks to its shell with `Effect::Tell`: `Input::Command(Command::Go(n))` shows iteration n in Steps,
//!   `Input::Action(Action::Show(tab))` another tab, [`Action::NextError`] the next failed step.
//! - `:` and a number go to the tab if it takes them; else to the record with this id.
//! - Keys about a tab wait until its first answer has come (`Screen::has_come`).

mod charts;
mod files;
mod header;
mod loadable;
mod log;
mod neighbours;
mod next_failure;
mod overview;
mod status_word;
mod steps;
mod table;
mod tabs;
#[cfg(test)]
pub(crate) mod tests;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{CopyItem, Cx, Input, Screen, Subject, Tab};
use crate::{
    error::{Error, Result},
    model::query::ListQuery,
    services::request::{Answer, Ask},
    style::Theme,
    tui::{
        action::Action,
        command::Command,
        effect::{Effect, Slot},
        keymap::Context,
    },
};
use header::Header;
use neighbours::Walk;
use next_failure::FailureWalk;
use tabs::Tabs;

/// One record, one tab of it on top.
#[derive(Debug)]
pub struct RecordScreen {
    run: i64,
    tab: Tab,
    /// The list that J and K walk along.
    query: ListQuery,
    head: Header,
    tabs: Tabs,
    size: Size,
    /// Reads again whenever the file changes.
    follow: bool,
    hunt: FailureWalk,
    walk: Walk,
}

impl RecordScreen {
    /// The record `run` with `tab` on top; J and K go along the list that `query` describes.
    pub fn new(run: i64, tab: Tab, query: ListQuery) -> RecordScreen {
        RecordScreen {
            run,
            tab,
            query,
            head: Header::Waiting,
            tabs: Tabs::default(),
            size: Size::default(),
            follow: false,
            hunt: FailureWalk::default(),
            walk: Walk::default(),
        }
    }

    /// The record's first failed step, opened in Steps; its overview where no step failed.
    pub fn at_error(run: i64, query: ListQuery) -> RecordScreen {
        let mut record = RecordScreen::new(run, Tab::Steps, query);
        record.hunt = FailureWalk::arriving(true);
        record
    }

    fn ask_head(&self) -> Effect {
        header::ask(self.run, Slot::List)
    }

    /// The tab on top, resized and told that it is seen.
    fn show(&mut self, tab: Tab, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = self.tabs.quiet(self.follow);
        self.tab = tab;
        effects.extend(self.tabs.show(self.run, tab, header::tab_size(self.size), cx));
        self.inner(effects, cx)
    }

    /// Another record in the same place.
    fn switch(&mut self, run: i64, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = self.tabs.switch(run);
        self.run = run;
        self.head = Header::Waiting;
        self.hunt.forget();
        effects.push(self.ask_head());
        effects.extend(self.show(self.tab, cx));
        effects
    }

    /// Gives an input to the tab on top.
    fn delegate(&mut self, input: Input, cx: &Cx<'_>) -> Vec<Effect> {
        let effects = self.tabs.tell(self.tab, input, cx);
        self.inner(effects, cx)
    }

    /// What a tab wants: what it says to the shell is done here.
    fn inner(&mut self, effects: Vec<Effect>, cx: &Cx<'_>) -> Vec<Effect> {
        let mut outside = Vec::with_capacity(effects.len());
        for effect in effects {
            match effect {
                Effect::Tell(Input::Command(Command::Go(iteration))) => {
                    self.tabs.steps(self.run).aim_at_iteration(iteration);
                    outside.extend(self.show(Tab::Steps, cx));
                }
                Effect::Tell(Input::Action(action)) => outside.extend(self.action(action, cx)),
                Effect::Watch(false) if self.follow => {}
                other => outside.push(other),
            }
        }
        outside
    }

    fn action(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::Show(tab) if tab == self.tab => Vec::new(),
            Action::Show(tab) => self.show(tab, cx),
            Action::NextTab => self.show(self.tab.beside(true), cx),
            Action::PreviousTab => self.show(self.tab.beside(false), cx),
            Action::NextRecord => vec![self.ask_neighbour(true)],
            Action::PreviousRecord => vec![self.ask_neighbour(false)],
            Action::NextError => self.next_error(true),
            Action::PreviousError => self.next_error(false),
            Action::Follow if !self.tabs.can(self.tab, Action::Follow) => self.toggle_follow(),
            Action::Reload => self.reload(cx),
            other => self.delegate(Input::Action(other), cx),
        }
    }

    fn toggle_follow(&mut self) -> Vec<Effect> {
        self.follow = !self.follow;
        if !self.follow {
            return vec![
                Effect::Watch(self.tabs.watches()),
                Effect::Cancel(Slot::Poll),
                Effect::say("Following ended."),
            ];
        }
        // The first question only tells what is known already.
        let ask = Ask::Changed { run: Some(self.run) };
        let text = format!("Following #{}: new steps appear as they are written; F ends it.", self.run);
        vec![Effect::Watch(true), Effect::Ask { slot: Slot::Poll, ask }, Effect::say(text)]
    }

    fn reload(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.tabs.outdate(self.tab);
        let mut effects = vec![self.ask_head()];
        effects.extend(self.delegate(Input::Action(Action::Reload), cx));
        effects
    }

    fn tick(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.follow {
            let ask = Ask::Changed { run: Some(self.run) };
            effects.push(Effect::Ask { slot: Slot::Poll, ask });
        }
        if self.tabs.watches() {
            effects.extend(self.delegate(Input::Tick, cx));
        }
        effects
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>, cx: &Cx<'_>) -> Vec<Effect> {
        match slot {
            Slot::List => {
                let was_missing = self.head.is_missing();
                self.head.learn(self.run, result);
                let mut effects = Vec::new();
                if let Some(outcome) = self.head.row().map(|row| row.outcome) {
                    effects.extend(self.tabs.learn(outcome, cx));
                }
                if was_missing && self.head.row().is_some() {
                    effects.extend(self.show(self.tab, cx));
                }
                if self.head.is_missing() {
                    self.follow = false;
                    effects.extend(self.tabs.clear());
                    effects.extend([Effect::Watch(false), Effect::Cancel(Slot::Poll)]);
                }
                return effects;
            }
            Slot::Neighbour => return self.neighbour(result, cx),
            Slot::Error => return self.error_answer(result, cx),
            Slot::Poll if self.follow && !self.tabs.owns(slot) => match result {
                Ok(Answer::Changed(true)) => return self.reload(cx),
                Ok(_) | Err(Error::Busy { .. } | Error::Cancelled) => {}
                Err(error) => {
                    self.follow = false;
                    let text = format!("Not following any more: {error}");
                    return vec![Effect::Watch(self.tabs.watches()), Effect::fail(text)];
                }
            },
            _ => {
                let effects = self.tabs.answer(slot, result, cx);
                return self.inner(effects, cx);
            }
        }
        Vec::new()
    }

    fn gone(&mut self) -> Vec<Effect> {
        let mut effects = self.tabs.clear();
        self.head = Header::gone(self.run);
        effects.push(Effect::Pop);
        effects
    }
}

impl Screen for RecordScreen {
    fn context(&self) -> Context {
        if self.head.is_missing() { Context::Record } else { self.tabs.context(self.tab) }
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::NextRecord | Action::PreviousRecord | Action::NextError | Action::PreviousError => true,
            Action::Reload => true,
            _ if self.head.is_missing() => false,
            Action::Show(_) | Action::NextTab | Action::PreviousTab | Action::Follow => true,
            other => self.tabs.can(self.tab, other),
        }
    }

    fn update(&mut self, input: Input, cx: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                let effects = self.tabs.resize(header::tab_size(size), cx);
                self.inner(effects, cx)
            }
            Input::Shown => {
                let mut effects = vec![self.ask_head()];
                effects.extend(self.show(self.tab, cx));
                effects.extend(self.arrive());
                effects
            }
            Input::Action(action) => self.action(action, cx),
            Input::Command(Command::Go(id)) if !self.tabs.takes(self.tab, &Command::Go(id)) => {
                self.ask_record(id)
            }
            Input::Answer { slot, result } => self.answer(slot, result, cx),
            Input::Progress { slot, progress } => {
                let effects = self.tabs.progress(slot, progress, cx);
                self.inner(effects, cx)
            }
            Input::Tick => self.tick(cx),
            Input::Deleted(runs) if runs.contains(&self.run) => self.gone(),
            Input::Deleted(_) => Vec::new(),
            other => self.delegate(other, cx),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let rest = header::view(&header::HeaderView { record: self, theme }, area, buf);
        if !self.head.missing(theme, rest, buf) {
            self.tabs.view(self.tab, theme, rest, buf);
        }
    }

    fn takes(&self, command: &Command) -> bool {
        matches!(command, Command::Go(_)) || self.tabs.takes(self.tab, command)
    }

    fn waits(&self, action: Action) -> bool {
        match action {
            Action::Back | Action::Quit | Action::Suspend | Action::Help => false,
            _ if self.walk.coming || self.hunt.coming => true,
            // Its name is being read.
            Action::Export | Action::Delete | Action::Command if matches!(self.head, Header::Waiting) => true,
            _ => self.tabs.waits(self.tab, action),
        }
    }

    fn record(&self) -> Option<i64> {
        (!self.head.is_missing()).then_some(self.run)
    }

    fn subject(&self) -> Option<Subject> {
        let row = self.head.row()?;
        Some(Subject { run: row.run.id, name: row.run.name.clone() })
    }

    fn copies(&self) -> Vec<CopyItem> {
        let mut items = vec![CopyItem { letter: 'i', what: "id".to_owned(), text: self.run.to_string() }];
        if let Some(row) = self.head.row() {
            items.push(CopyItem { letter: 'n', what: "name".to_owned(), text: row.run.name.clone() });
        }
        for item in self.tabs.copies(self.tab) {
            if items.iter().all(|known| known.letter != item.letter) {
                items.push(item);
            }
        }
        items
    }

    fn position(&self) -> Option<String> {
        if self.head.is_missing() { None } else { self.tabs.position(self.tab) }
    }
}
