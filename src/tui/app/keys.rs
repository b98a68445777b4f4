//! Keys of the app: what they mean here, and those that mean the same on every screen.

use super::{
    super::{
        action::Action,
        bindings::{self, key_of, spelt},
        key::{Code, Key},
        keymap::Context,
        overlays::{
            Confirm, ExportMenu, Help, Marking, Menu, MenuEntry, RecordExport, mark_keys, prompt::Purpose,
        },
    },
    App, TerminalOrder,
};
use crate::{
    error::Error,
    tui::{
        action::About,
        screen::{CopyItem, Effect, Input, Overlay},
    },
};

impl App {
    /// Where keys go now.
    pub(super) fn context(&self) -> Context {
        let overlay = self.overlays.last().map(|layer| layer.content.context());
        overlay
            .or_else(|| self.screens.last().map(|layer| layer.content.context()))
            .unwrap_or(Context::Global)
    }

    /// Could this action do something on the screen (below all overlays) now?
    pub(super) fn can(&self, action: Action) -> bool {
        let Some(top) = self.screens.last() else { return false };
        let screen = &top.content;
        match action {
            Action::Quit | Action::Suspend | Action::Redraw => true,
            Action::Help | Action::Command | Action::Close | Action::Bell => true,
            Action::Back => self.screens.len() > 1 || screen.can(Action::Back),
            Action::Export => screen.has_picked() || screen.subject().is_some() || screen.can(Action::Export),
            Action::Delete | Action::Star | Action::Verdict | Action::Tags => {
                screen.has_picked() || screen.subject().is_some()
            }
            Action::Note => screen.subject().is_some(),
            Action::ReadAll => screen.list().is_some(),
            Action::Undo => {
                !matches!(screen.context(), Context::Trash | Context::Trashed) || screen.can(Action::Undo)
            }
            Action::Copy => !screen.copies().is_empty(),
            Action::Follow => screen.can(Action::Reload),
            other => screen.can(other),
        }
    }

    /// What a key means now; `None` for one that an overlay takes as it is, or that is bound to nothing.
    fn meaning(&self, key: Key) -> Option<Action> {
        let taken = self.overlays.last().is_some_and(|layer| layer.content.wants(key));
        if taken { None } else { bindings::lookup(self.context(), key) }
    }

    /// A key was pressed. It waits behind those that wait, and where the screen says so; what leaves never waits.
    pub(super) fn typed(&mut self, key: Key) {
        if self.deaf && self.swallow(key) {
            return;
        }
        let action = self.meaning(key);
        match action {
            Some(Action::Quit | Action::Suspend) => {
                self.ahead.clear();
                self.key(key, action);
            }
            Some(Action::Redraw) => self.orders.push(TerminalOrder::Repaint),
            Some(Action::Back) if !self.ahead.is_empty() => {
                self.ahead.clear();
                self.quietly("The keys typed ahead are dropped.");
            }
            _ if !self.ahead.is_empty() || self.must_wait(action) => self.ahead.push_back(key),
            _ => self.key(key, action),
        }
    }

    /// Ignores the letters of a word that nobody takes. Any other key ends that; Esc and Enter do no more.
    fn swallow(&mut self, key: Key) -> bool {
        if key.typed().is_some() || key.code == Code::Backspace {
            return true;
        }
        self.deaf = false;
        self.news = None;
        matches!(key.code, Code::Enter | Code::Esc)
    }

    /// Keys that waited, as far as what they are about has come. What each means is looked up now: the screen may be
    /// another one than when it was typed.
    pub(super) fn keys_ahead(&mut self) {
        while let Some(key) = self.ahead.front().copied() {
            let action = self.meaning(key);
            if self.must_wait(action) {
                break;
            }
            self.ahead.pop_front();
            self.key(key, action);
        }
    }

    /// THE rule for keys typed ahead: one waits while what it is about is on its way to the screen.
    fn must_wait(&self, action: Option<Action>) -> bool {
        // What is to be taken back may be a delete that is not done yet; which one it is, is looked at first.
        let waits = (action == Some(Action::Undo) && self.changes_trash()) || self.looks_what_to_undo();
        let top = self.screens.last().filter(|_| self.overlays.is_empty() && !self.too_small());
        let about = action.map_or(About::Program, |action| action.facts().about);
        about != About::Program && top.is_some_and(|top| waits || top.content.awaits(about))
    }

    fn key(&mut self, key: Key, action: Option<Action>) {
        for job in &mut self.jobs {
            job.keys_since = true;
        }
        // What the words of a search brought is still to be read when Enter ends it.
        let ends_typing = action == Some(Action::Open) && self.context() == Context::Prompt;
        self.news = self.news.take().filter(|news| news.hold || ends_typing);
        if action == Some(Action::Reload) {
            self.orders.push(TerminalOrder::Repaint);
        }
        match action {
            Some(Action::Quit) => self.exit = Some(0),
            Some(Action::Suspend) => self.orders.push(TerminalOrder::Suspend),
            // What other keys would do can't be seen.
            _ if self.too_small() => {}
            action => match self.overlays.last() {
                Some(top) => self.tell(top.id, action.map_or(Input::Key(key), Input::Action)),
                None => match action {
                    Some(action) => self.act(action, key),
                    None => self.unbound(key),
                },
            },
        }
    }

    pub(super) fn paste(&mut self, text: String) {
        match self.overlays.last() {
            Some(top) if matches!(top.content.context(), Context::Prompt | Context::Note) => {
                self.tell(top.id, Input::Paste(text));
            }
            _ => {
                let [search, command] =
                    [Action::Search, Action::Command].map(|to| key_of(self.context(), to));
                self.quietly(format!(
                    "Pasted text goes into text fields only: press {search} or {command} first."
                ));
            }
        }
    }

    fn unbound(&mut self, key: Key) {
        match bindings::elsewhere(key) {
            Some(action) => {
                let told = spelt(self.context(), action.facts().description);
                self.quietly(format!("{key} ({told}) has no meaning here."))
            }
            None => {
                let help = key_of(self.context(), Action::Help);
                self.quietly(format!("{key} is bound to nothing; {help} shows the keys."));
            }
        }
    }

    fn act(&mut self, action: Action, key: Key) {
        match action {
            Action::Back => self.back(),
            Action::Close => self.leave(),
            other if self.can(other) => self.perform(other),
            // Letters behind it are meant as a word: taken as keys, D and y among them would delete.
            Action::Search => {
                self.deaf = true;
                self.quietly("Nothing to search here: letters are not taken until Esc or Enter.");
            }
            other => {
                let told = spelt(self.context(), other.facts().description);
                self.quietly(format!("{key} ({told}): nothing to do that with now."))
            }
        }
    }

    /// An action that [`App::can`] allowed.
    pub(super) fn perform(&mut self, action: Action) {
        let Some(top) = self.screens.last() else { return };
        let overlay: Box<dyn Overlay> = match action {
            Action::Export | Action::Delete | Action::Star | Action::Verdict | Action::Tags
                if top.content.has_picked() =>
            {
                return self.tell(top.id, Input::Action(action));
            }
            Action::Help => Box::new(Help::new(top.content.context(), |action| self.can(action))),
            Action::Command => return self.prompt(Purpose::Command, ""),
            Action::Follow => return self.turn_follow(),
            Action::Bell => return self.turn_bell(),
            Action::Export => match top.content.subject() {
                Some(subject) => {
                    let record = RecordExport::new(subject, top.content.export_in_hand());
                    Box::new(ExportMenu::new(record, &self.options.export_folder))
                }
                // What is no record's is exported by its screen.
                None => return self.tell(top.id, Input::Action(Action::Export)),
            },
            Action::Delete => match top.content.subject() {
                Some(subject) => Box::new(Confirm::new(vec![subject.run])),
                None => return,
            },
            Action::Star | Action::Verdict | Action::Tags | Action::Note => {
                let (id, subject) = (top.id, top.content.subject());
                let wanted = subject.map(|subject| mark_keys::wanted(Marking::of(subject), action));
                return self.carry_out(id, wanted.into_iter().collect());
            }
            Action::ReadAll => return self.read_all(),
            Action::Undo if !top.content.can(Action::Undo) => return self.undo(),
            Action::FilterMenu => match self.filter_menu() {
                Some(menu) => Box::new(menu),
                None => return,
            },
            Action::Copy => {
                let entry = |item: CopyItem| {
                    let first: String =
                        item.text.lines().next().unwrap_or_default().chars().take(40).collect();
                    let effect = Effect::Copy { what: item.what.clone(), text: item.text };
                    MenuEntry::new(item.letter, item.what, effect).note(first)
                };
                Box::new(Menu::new("Copy", top.content.copies().into_iter().map(entry).collect()))
            }
            other => {
                self.tell(top.id, Input::Action(other));
                return;
            }
        };
        self.open(overlay);
    }

    /// Esc: one layer. Overlays have had it already.
    fn back(&mut self) {
        if self.news.take().is_some() || self.cancel_job() {
            return;
        }
        if let Some((slow, _)) = self.slow.take() {
            // Who asked may say more.
            self.quietly("Cancelled.");
            // One that went back into the queue is gone without a reply.
            if self.worker.cancel(|tag| *tag == slow) {
                self.reply(slow, Err(Error::Cancelled));
            }
            return;
        }
        match self.screens.last() {
            Some(top) if top.content.can(Action::Back) => self.tell(top.id, Input::Action(Action::Back)),
            Some(top) if self.screens.len() > 1 => self.pop(top.id),
            _ => {
                let close = key_of(self.context(), Action::Close);
                self.quietly(format!("This is the first screen: {close} leaves the program."));
            }
        }
    }

    /// q: back, and out of the first screen.
    fn leave(&mut self) {
        match self.screens.last() {
            Some(_) if self.screens.len() < 2 => match self.jobs.first() {
                Some(job) => {
                    let [back, quit] = [Action::Back, Action::Quit].map(|how| key_of(self.context(), how));
                    self.quietly(format!(
                        "{} is not done yet: {back} cancels it, {quit} leaves anyway.",
                        job.label
                    ))
                }
                None => self.exit = Some(0),
            },
            Some(top) if top.content.can(Action::Back) => self.tell(top.id, Input::Action(Action::Back)),
            Some(top) => self.pop(top.id),
            None => {}
        }
    }
}
