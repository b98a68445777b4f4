//! The app: stacks of screens and overlays; every event goes in here, and out come orders to the terminal.

mod effects;
mod export_words;
mod follow;
mod frame;
mod jobs;
mod kept;
mod keys;
mod lock;
mod mark_words;
mod marks;
mod restored_words;
mod undo;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, path::PathBuf};

use ratatui::layout::Size;

use super::{
    GONE,
    action::Action,
    clipboard::{Between, CopyTaker, CopyText},
    event::{Event, Queue, Signal},
    frame_timer::Wants,
    history::History,
    key::Key,
    tab::TabId,
    worker::Worker,
};
use crate::{
    checkpoint::Progress,
    config::file::ToldWrong,
    error::Result,
    model::filter::words::Filter,
    services::{
        news::AtWork,
        own_files::OwnFiles,
        request::{Answer, Rank, Slot},
    },
    signals,
    style::Theme,
    tui::{
        screen::{Goto, Input, Message, Overlay, Screen, ScreenCx, Tone},
        tag::{LayerId, Tag},
    },
};
use jobs::Job;

/// What the app is started with.
#[derive(Debug, Clone)]
pub struct AppOptions {
    /// The opened data, as the header shows it.
    pub opened: String,
    /// Where exports go if the user says nothing else.
    pub export_folder: PathBuf,
    pub theme: Theme,
    /// How copies reach the terminal.
    pub between: Between,
    /// The link to the terminal is slow.
    pub slow: bool,
    /// The window gets a title.
    pub title: bool,
    /// Rings when a followed record fails, waits, ends or dies.
    pub bell: bool,
    /// The terminal takes messages for the desktop.
    pub messages: bool,
    pub own: OwnFiles,
    /// The tab in which a list opens a record, until another one is open.
    pub tab: TabId,
    /// The records are on a server, not in a file.
    pub on_server: bool,
    /// What is wrong in config.toml.
    pub wrong: Vec<ToldWrong>,
}

/// What the terminal is to do, besides drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalOrder {
    /// Bytes that move nothing on the screen.
    Send(Vec<u8>),
    /// A copy for a program, which is told of by [`Event::Copied`].
    Hand(CopyText, CopyTaker),
    Suspend,
    /// Somebody else may have had the terminal: take it again and draw all.
    Redraw,
    /// Draw all, whatever is on the screen.
    Repaint,
}

#[derive(Debug)]
struct Layer<T> {
    id: LayerId,
    content: T,
}

/// A message and how long it is shown.
#[derive(Debug)]
struct News {
    message: Message,
    /// Stays until Esc; else the next key takes it away.
    hold: bool,
    /// The file was locked: gone with the next answer.
    locked: bool,
}

/// What the app knows of the lab's lock.
#[derive(Debug, Default)]
struct Lock {
    /// The worker has waited for it for a while.
    is_waited_for: bool,
    /// A request ended without an answer as the lock was held too long; it is to be asked again.
    owes: bool,
}

/// What the app knows of following.
#[derive(Debug, Default)]
struct Follow {
    on: bool,
    /// Ticks since the screen on top was told of news.
    still: u32,
    /// News are to be asked for when the screen on top has what it asked for: where it stands then is seen.
    owes_news: bool,
    /// The newest record that was seen at the end of the list.
    seen: Option<i64>,
    /// The newest there is, and how many of the list came behind what was seen.
    newest: Option<i64>,
    new: u64,
    /// The words of the list in which they are counted.
    words: Filter,
    at_work: Option<AtWork>,
    /// The database is not there: so many ticks until it is looked for again.
    away: Option<u32>,
}

/// The smallest window in which anything is drawn.
pub const SMALLEST: Size = Size { width: 40, height: 10 };

/// The whole state of the terminal program.
pub struct App {
    options: AppOptions,
    /// Never empty: the first one stays.
    screens: Vec<Layer<Box<dyn Screen>>>,
    overlays: Vec<Layer<Box<dyn Overlay>>>,
    worker: Worker,
    /// Requests without an answer yet.
    pending: Vec<Tag>,
    /// Exports and deletes in the background.
    jobs: Vec<Job>,
    /// Changes of marks that are under way.
    marking: Vec<mark_words::OpenChange>,
    /// A request of a screen that takes so long that its progress is shown.
    slow: Option<(Tag, Progress)>,
    /// How far the index is while it is built.
    indexing: Option<Progress>,
    lock: Lock,
    news: Option<News>,
    history: History,
    /// Keys typed ahead, which wait for what they are about.
    ahead: VecDeque<Key>,
    /// `/` was pressed where nothing can be searched, or a word began at the question before a delete: its letters are
    /// ignored.
    deaf: bool,
    follow: Follow,
    /// Layers that want [`Input::Rest`]: no key has come for a while.
    restless: Vec<LayerId>,
    /// The number of the last request that was asked before the last frame.
    seen: u64,
    size: Size,
    next: u64,
    orders: Vec<TerminalOrder>,
    exit: Option<u8>,
}

/// The app itself, where it makes a request.
const SELF: LayerId = LayerId(0);

impl App {
    /// The first screen is shown at once.
    pub fn new(options: AppOptions, first: Box<dyn Screen>, worker: Worker, size: Size) -> Self {
        let mut app = App {
            options,
            screens: Vec::new(),
            overlays: Vec::new(),
            worker,
            pending: Vec::new(),
            jobs: Vec::new(),
            marking: Vec::new(),
            slow: None,
            indexing: None,
            lock: Lock::default(),
            news: None,
            history: History::default(),
            ahead: VecDeque::new(),
            deaf: false,
            follow: Follow::default(),
            restless: Vec::new(),
            seen: 0,
            size,
            next: 0,
            orders: Vec::new(),
            exit: None,
        };
        app.push(first);
        app
    }

    pub fn handle(&mut self, event: Event) {
        self.happens(event);
        self.stand();
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Key(key) => self.typed(key),
            Event::Paste(text) => self.paste(text),
            Event::Together(events) => events.into_iter().for_each(|event| self.handle(event)),
            Event::Resize(size) => self.resize(size),
            Event::Reply { tag, result } => self.reply(tag, result),
            Event::Progress { tag, progress, bytes } => self.progress(tag, progress, bytes),
            Event::Index { progress, news } => self.index(progress, news),
            Event::Locked(waits) => self.lock.is_waited_for = waits,
            Event::Again => self.try_again(),
            Event::Copied { copy, taken } => self.copied(&copy, taken),
            Event::Replaced => self.replaced(),
            Event::Tick => self.tick(),
            Event::Rest => {
                for id in std::mem::take(&mut self.restless) {
                    self.tell(id, Input::Rest);
                }
            }
            Event::Signal(Signal::End(number)) => self.exit = Some(signals::exit_code(number)),
            Event::Closed => self.exit = Some(GONE),
            Event::Unstoppable => self
                .quietly("Not stopped: it was not started from a shell that could bring it back. q leaves."),
            Event::Signal(Signal::Stop) => self.orders.push(TerminalOrder::Suspend),
            Event::Signal(Signal::Continue) => self.orders.push(TerminalOrder::Redraw),
        }
    }

    /// The program is to end, with this exit code.
    pub fn ends(&self) -> Option<u8> {
        self.exit
    }

    /// What is to happen besides events.
    pub fn wants(&self) -> Wants {
        let soon = |tag: &Tag| tag.layer != SELF && tag.number > self.seen && tag.slot.facts().awaited;
        Wants {
            answers: self.pending.iter().any(soon)
                && self.screens.last().is_some_and(|top| !top.content.is_whole()),
            rest: !self.restless.is_empty(),
            ticks: self.follow.on,
            again: self.lock.owes,
        }
    }

    /// Ends what runs.
    ///
    /// # Errors
    /// [`crate::error::Error::Unfinished`] for a delete that ends half-way.
    pub fn close_down(self, events: &mut Queue) -> Result<()> {
        let App { worker, .. } = self;
        // Its last replies are queued then.
        drop(worker);
        jobs::unfinished(events.rest())
    }

    /// Requests that have no answer yet.
    pub fn waits(&self) -> usize {
        self.pending.len()
    }

    pub fn take_orders(&mut self) -> Vec<TerminalOrder> {
        std::mem::take(&mut self.orders)
    }

    /// What [`App::view`] drew is on the terminal. True when something came to be seen that keys typed before must
    /// not answer: those that are still queued are to be dropped.
    pub fn drawn(&mut self) -> bool {
        self.seen = self.next;
        match self.overlays.last() {
            Some(top) if top.content.is_unseen() && !self.too_small() => {
                self.tell(top.id, Input::Drawn);
                true
            }
            _ => false,
        }
    }

    fn too_small(&self) -> bool {
        self.size.width < SMALLEST.width || self.size.height < SMALLEST.height
    }

    /// The part of the window that a screen gets: all but the last line.
    fn body(&self) -> Size {
        Size { width: self.size.width, height: self.size.height.saturating_sub(1) }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn push(&mut self, screen: Box<dyn Screen>) {
        let id = LayerId(self.number());
        self.screens.push(Layer { id, content: screen });
        self.tell(id, Input::Resize(self.body()));
        self.tell(id, Input::Shown);
    }

    /// Takes a screen away and all that stand on it; the first one stays.
    fn pop(&mut self, id: LayerId) {
        let Some(at) = self.screens.iter().position(|layer| layer.id == id).filter(|at| *at > 0) else {
            return;
        };
        let gone = self.screens.split_off(at);
        for layer in &gone {
            self.forget(layer.id);
        }
        let shown = gone.last().and_then(|layer| layer.content.record());
        let Some(top) = self.screens.last().map(|layer| layer.id) else { return };
        self.tell(top, Input::Shown);
        self.lead_to(top, shown);
    }

    /// The record that was shown last is the selected one where the screen above it was opened.
    fn lead_to(&mut self, screen: LayerId, shown: Option<i64>) {
        let content = self.screens.iter().find(|layer| layer.id == screen).map(|layer| &layer.content);
        let lists = |content: &dyn Screen| matches!(content.numbered(0), Some(Goto::Record(_)));
        if let Some(run) = shown
            && content.is_some_and(|content| content.record() != shown && lists(&**content))
        {
            self.tell(screen, Input::Goto(Goto::Record(run)));
        }
    }

    fn open(&mut self, overlay: Box<dyn Overlay>) {
        let id = LayerId(self.number());
        self.overlays.push(Layer { id, content: overlay });
        self.tell(id, Input::Resize(self.body()));
        self.tell(id, Input::Shown);
    }

    fn close(&mut self, id: LayerId) {
        self.overlays.retain(|layer| layer.id != id);
        self.forget(id);
        if let Some(top) = self.overlays.last() {
            self.tell(top.id, Input::Shown);
        }
    }

    /// Nobody wants the answers of a layer that is gone.
    fn forget(&mut self, id: LayerId) {
        self.pending.retain(|tag| tag.layer != id);
        self.restless.retain(|layer| *layer != id);
        self.slow = self.slow.filter(|(tag, _)| tag.layer != id);
        self.worker.cancel(|tag| tag.layer == id);
    }

    /// Gives a layer an input and does what it wants. A layer that is gone hears nothing.
    fn tell(&mut self, id: LayerId, input: Input) {
        let options = &self.options;
        let cx = ScreenCx {
            opened: &options.opened,
            export_folder: &options.export_folder,
            ascii: options.theme.ascii,
            slow: options.slow,
            follows: self.follow.on,
            tab: options.tab,
        };
        let is_top = self.screens.last().is_some_and(|top| top.id == id);
        if let Some(layer) = self.screens.iter_mut().find(|layer| layer.id == id) {
            let effects = layer.content.update(input, &cx);
            if let Some(tab) = layer.content.tab().filter(|_| is_top) {
                self.options.tab = tab;
            }
            self.carry_out(id, effects);
        } else if let Some(layer) = self.overlays.iter_mut().find(|layer| layer.id == id) {
            let effects = layer.content.update(input, &cx);
            self.carry_out(id, effects);
        }
    }

    /// Gives an input to the layer below a layer; to the top one when that layer is gone already.
    fn tell_below(&mut self, id: LayerId, input: Input) {
        let at = self.overlays.iter().position(|layer| layer.id == id).unwrap_or(self.overlays.len());
        let below = at.checked_sub(1).and_then(|below| self.overlays.get(below)).map(|layer| layer.id);
        if let Some(to) = below.or_else(|| self.screens.last().map(|layer| layer.id)) {
            self.tell(to, input);
        }
    }

    fn resize(&mut self, size: Size) {
        if size == self.size {
            return;
        }
        self.size = size;
        let screens = self.screens.iter().map(|layer| layer.id);
        let all: Vec<_> = screens.chain(self.overlays.iter().map(|layer| layer.id)).collect();
        for id in all {
            self.tell(id, Input::Resize(self.body()));
        }
    }

    fn reply(&mut self, tag: Tag, result: Result<Answer>) {
        let Some(at) = self.pending.iter().position(|pending| *pending == tag) else { return };
        self.pending.remove(at);
        self.slow = self.slow.filter(|(slow, _)| *slow != tag);
        if tag.layer == SELF && matches!(tag.slot, Slot::Changed | Slot::News) {
            self.looked(tag.slot, result);
        } else if tag.layer == SELF {
            match tag.slot {
                Slot::Trash => self.trash_seen(result),
                Slot::Mark | Slot::MarkPicked => self.marked(tag, result),
                Slot::Read => self.all_read(result),
                _ => self.job_done(tag, result),
            }
            self.keys_ahead();
        } else {
            self.answered(tag, result);
            self.keys_ahead();
        }
    }

    fn index(&mut self, progress: Option<Progress>, news: bool) {
        self.indexing = progress;
        if news {
            self.reload();
        }
    }

    /// What is shown is read again.
    fn reload(&mut self) {
        if let Some(top) = self.screens.last().filter(|top| top.content.can(Action::Reload)) {
            self.tell(top.id, Input::Action(Action::Reload));
        }
    }

    /// All screens read the new file, each keeping its place as far as that is there; what was to be agreed to about
    /// the old one is closed.
    fn replaced(&mut self) {
        let overlays = self.overlays.iter().filter(|layer| layer.content.is_about_file());
        for id in overlays.map(|layer| layer.id).collect::<Vec<_>>() {
            self.close(id);
        }
        let screens = self.screens.iter().filter(|layer| layer.content.can(Action::Reload));
        for id in screens.map(|layer| layer.id).collect::<Vec<_>>() {
            self.tell(id, Input::Action(Action::Reload));
        }
        self.follow.seen = None;
        self.quietly(
            "The database was replaced by another file, or changed without a commit: all is read anew.",
        );
    }

    fn progress(&mut self, tag: Tag, progress: Progress, bytes: Option<u64>) {
        if !self.pending.contains(&tag) {
            return;
        }
        if tag.layer == SELF {
            self.job_progress(tag, progress, bytes);
            return;
        }
        // What decorates is not worth a word.
        if tag.slot.facts().rank != Rank::Detail {
            self.slow = Some((tag, progress));
        }
        self.tell(tag.layer, Input::Progress { slot: tag.slot, progress });
    }

    fn say(&mut self, message: Message) {
        self.news = Some(News { message, hold: false, locked: false });
    }

    fn quietly(&mut self, text: impl Into<String>) {
        self.say(Message { text: text.into(), tone: Tone::Quiet });
    }
}
