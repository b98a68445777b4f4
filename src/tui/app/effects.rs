//! Carries out what screens and overlays want.

use super::{
    super::{
        action::Action,
        clipboard::{self, Between, CopyTaker, CopyText},
        command::Command,
        keymap::Context,
        overlays::{Confirm, Prompt, prompt::Purpose},
    },
    App, TerminalOrder,
    jobs::{Export, Exportable},
};
use crate::{
    services::request::{Ask, Slot},
    tui::{
        bindings::{key_of, spelt},
        screen::{Effect, Input, Message, Screen, Tone},
        screens::trash::TrashScreen,
        tag::{LayerId, Tag},
    },
};

impl App {
    pub(super) fn carry_out(&mut self, from: LayerId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ask) => self.ask(from, ask),
                Effect::Cancel(slot) => self.cancel(from, slot),
                Effect::Push(screen) => self.push(screen),
                Effect::List(query) => {
                    let mut below = self.screens.iter().rev();
                    if let Some(list) = below.find_map(|layer| layer.content.list_of(query.clone())) {
                        self.push(list);
                    }
                }
                Effect::Pop => self.pop(from),
                Effect::Open(overlay) => self.open(overlay),
                Effect::Close => self.close(from),
                Effect::Search { words } => self.prompt(Purpose::Search, &words),
                Effect::Filter { words } => self.prompt(Purpose::Filter, &words),
                Effect::TypeLines => self.prompt(Purpose::Lines, ""),
                Effect::Remember(typed, line) => self.history.remember(typed, line),
                // A tab's, for its record alone.
                Effect::Goto(_) => {}
                Effect::Tell(input) => self.tell_below(from, input),
                Effect::Run(command) => self.run(command),
                Effect::Deafen => self.deaf = true,
                Effect::DropKeys => self.ahead.clear(),
                Effect::Say(message) => self.say(message),
                Effect::Copy { what, text } => self.copy(&what, &text),
                Effect::Export { run, kind, folder, make } => {
                    self.export(Export { what: Exportable::Record { run, kind }, folder, make });
                }
                Effect::ExportCalls { query, form, folder, make } => {
                    self.export(Export { what: Exportable::Calls { query, form }, folder, make });
                }
                Effect::ExportPicked { query, picked, form, folder, make } => {
                    self.export(Export { what: Exportable::Picked { query, picked, form }, folder, make });
                }
                Effect::Delete(agreed) => self.delete(agreed),
                Effect::Adopt => self.adopt(),
                Effect::Mark { target, changes, label } => self.mark(target, changes, label),
                Effect::Restore { entries, label } => self.restore(entries, label),
                Effect::Rest if self.restless.contains(&from) => {}
                Effect::Rest => self.restless.push(from),
            }
        }
    }

    /// Opens the line to type into, with what was typed there before.
    pub(super) fn prompt(&mut self, purpose: Purpose, text: &str) {
        let past = purpose.kept().map(|typed| self.history.of(typed)).unwrap_or_default();
        let views = if purpose == Purpose::Command { self.views().unwrap_or_default() } else { Vec::new() };
        let names = views.into_iter().map(|view| view.name).collect();
        let prompt = Prompt::new(purpose, text).recalling(past).offering(names);
        self.open(Box::new(prompt));
    }

    pub(super) fn ask(&mut self, layer: LayerId, ask: Ask) {
        let tag = Tag { layer, slot: ask.slot(), number: self.number() };
        if tag.slot.facts().replaceable {
            self.pending.retain(|pending| !pending.same_place(&tag));
        }
        self.pending.push(tag);
        self.worker.ask(tag, ask);
    }

    pub(super) fn cancel(&mut self, layer: LayerId, slot: Slot) {
        self.pending.retain(|pending| pending.layer != layer || pending.slot != slot);
        self.slow = self.slow.filter(|(tag, _)| tag.layer != layer || tag.slot != slot);
        self.worker.cancel(|tag| tag.layer == layer && tag.slot == slot);
    }

    fn copy(&mut self, what: &str, text: &str) {
        let between = self.options.between;
        let (text, tone) = match clipboard::copy(text, between) {
            // What a program makes of it is said when it is known.
            Some(bytes) => {
                if let Some(taker) = CopyTaker::of(between) {
                    let copy = CopyText { what: what.to_owned(), text: text.to_owned() };
                    self.orders.push(TerminalOrder::Hand(copy, taker));
                    return;
                }
                self.orders.push(TerminalOrder::Send(bytes));
                let through = if between == Between::Screen { " through GNU screen" } else { "" };
                (format!("Copied {what}{through}"), Tone::Good)
            }
            None => {
                let text = format!(
                    "{what} is too long to copy through a terminal; export it ({}) instead",
                    key_of(self.context(), Action::Export)
                );
                (text, Tone::Bad)
            }
        };
        self.say(Message { text, tone });
    }

    /// A copy was handed to a program. One that it did not take goes to the terminal.
    pub(super) fn copied(&mut self, copy: &CopyText, taken: bool) {
        let CopyText { what, text } = copy;
        let between = self.options.between;
        if !taken {
            self.orders.extend(clipboard::copy(text, between).map(TerminalOrder::Send));
        }
        let text = match (between, taken) {
            (Between::Tmux, true) => {
                format!("Copied {what} to tmux's buffer and, if it lets it through, the clipboard")
            }
            (Between::Tmux, false) => {
                format!("Sent {what} through tmux: it arrives where set-clipboard or allow-passthrough is on")
            }
            (_, true) => format!("Copied {what}"),
            (_, false) => format!("Sent {what} to the terminal: it arrives where that takes copies"),
        };
        self.say(Message { text, tone: Tone::Good });
    }

    /// A command of `:`.
    fn run(&mut self, command: Command) {
        match command {
            Command::Quit => self.exit = Some(0),
            Command::Help => self.perform(Action::Help),
            Command::Reload => self.perform_if_can(Action::Reload),
            Command::Delete(runs) if runs.is_empty() => self.perform_if_can(Action::Delete),
            Command::Delete(runs) => self.open(Box::new(Confirm::new(runs))),
            Command::Trash
                if self.screens.last().is_some_and(|top| top.content.context() == Context::Trash) => {}
            Command::Trash => self.push(Box::new(TrashScreen::default())),
            Command::View(name) => self.view_command(name.as_deref()),
            Command::Config => self.config_command(),
            Command::Forget(name) => self.forget_view(&name),
            Command::Export(None) => self.perform_if_can(Action::Export),
            Command::Export(Some(kind)) => match self.screens.last().and_then(|top| top.content.subject()) {
                Some(subject) => {
                    let folder = self.options.export_folder.clone();
                    let what = Exportable::Record { run: subject.run, kind };
                    self.export(Export { what, folder, make: false });
                }
                None => self.quietly("No record is selected to export."),
            },
            Command::Number(_)
            | Command::Sort(..)
            | Command::Columns { .. }
            | Command::Page(_)
            | Command::PerPage(_) => {
                match self.screens.last().and_then(|top| Some((top.id, led(&*top.content, command.clone())?)))
                {
                    Some((id, input)) => self.tell(id, input),
                    None => self.quietly("This command has no meaning here; on the list of records it has."),
                }
            }
        }
    }

    fn perform_if_can(&mut self, action: Action) {
        if self.can(action) {
            self.perform(action);
        } else {
            let told = spelt(self.context(), action.facts().description);
            self.quietly(format!("{told}: nothing to do that with now."));
        }
    }
}

/// The input that a command becomes for a screen that takes it.
fn led(screen: &dyn Screen, command: Command) -> Option<Input> {
    match command {
        Command::Number(n) => screen.numbered(n).map(Input::Goto),
        other => screen.takes(&other).then_some(Input::Command(other)),
    }
}
