//! The events of the program, all in one channel, in which an idle program sleeps; and the thread that hears signals.

use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::Instant,
};

use ratatui::layout::Size;

use super::{clipboard::CopyText, key::Key, terminal};
use crate::{
    checkpoint::Progress,
    error::Result,
    platform::{self, Heard},
    services::request::Answer,
    tui::tag::Tag,
};

#[derive(Debug)]
pub enum Event {
    Key(Key),
    Paste(String),
    /// What was read at once: keys typed ahead are not to be drawn one by one. A [`Queue`] takes it apart.
    Together(Vec<Event>),
    /// The window's new size; the last one of a batch counts.
    Resize(Size),
    Reply {
        tag: Tag,
        result: Result<Answer>,
    },
    Progress {
        tag: Tag,
        progress: Progress,
        /// Where it tells them: bytes that are written.
        bytes: Option<u64>,
    },
    /// The index went on by itself: how far it is (none when it is complete), and whether what is on screen is to
    /// be asked for anew.
    Index {
        progress: Option<Progress>,
        news: bool,
    },
    /// The worker waits for the lab's lock, and has for a while; or it goes on.
    Locked(bool),
    /// What the lab's lock left without an answer is to be tried again.
    Again,
    /// A copy was handed to tmux; or tmux did not take it.
    Copied {
        copy: CopyText,
        taken: bool,
    },
    /// Another file stood in the place of the lab's, and was opened.
    Replaced,
    /// A quarter of a second has passed; sent while the lab is followed.
    Tick,
    /// No key has come for a while.
    Rest,
    Signal(Signal),
    /// The program was to stop, and nobody could have brought it back.
    Unstoppable,
    /// Nothing can be read from the terminal any more.
    Closed,
}

/// A signal that this program answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Leave: SIGTERM, SIGINT, SIGHUP, SIGQUIT, by its number.
    End(u8),
    /// SIGTSTP.
    Stop,
    /// SIGCONT: another program may have drawn meanwhile.
    Continue,
}

/// No batch is longer, so that a flood of events can't keep the screen from being drawn.
const BATCH: usize = 1000;

/// The receiving end: whole batches, so that one draw follows all that is queued.
#[derive(Debug)]
pub struct Queue {
    receiver: Receiver<Event>,
    kept: VecDeque<Event>,
}

impl Queue {
    pub fn new(receiver: Receiver<Event>) -> Self {
        Queue { receiver, kept: VecDeque::new() }
    }

    /// Sleeps until something happens, then takes all that is there; or until it is so late, and takes nothing.
    pub fn next(&mut self, until: Option<Instant>) -> Vec<Event> {
        let first = match (self.kept.pop_front(), until) {
            (Some(event), _) => event,
            (None, None) => self.receiver.recv().unwrap_or(Event::Closed),
            (None, Some(until)) => {
                match self.receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => return Vec::new(),
                    Err(RecvTimeoutError::Disconnected) => Event::Closed,
                }
            }
        };
        let mut batch = apart(first);
        batch.extend(self.kept.drain(..));
        batch.extend(self.receiver.try_iter().take(BATCH).flat_map(apart));
        batch
    }

    /// What is queued now, without waiting.
    pub fn rest(&mut self) -> Vec<Event> {
        self.kept.drain(..).chain(self.receiver.try_iter().flat_map(apart)).collect()
    }

    /// Drops keys and pasted text that are queued now; everything else stays, in order.
    pub fn drop_keys(&mut self) {
        self.kept.extend(self.receiver.try_iter().take(BATCH).flat_map(apart));
        self.kept.retain(|event| !matches!(event, Event::Key(_) | Event::Paste(_)));
    }
}

fn apart(event: Event) -> Vec<Event> {
    match event {
        Event::Together(events) => events,
        one => vec![one],
    }
}

/// Starts the thread that hears signals, the window's new size among them.
///
/// # Errors
/// When the system gives no thread or refuses a handler.
pub fn hear_signals(events: Sender<Event>) -> io::Result<()> {
    platform::signals::hear(move |heard| {
        let event = match heard {
            Heard::End(number) => Event::Signal(Signal::End(number)),
            Heard::Stop => Event::Signal(Signal::Stop),
            Heard::Continue => Event::Signal(Signal::Continue),
            Heard::Resize => Event::Resize(terminal::size()),
            Heard::Deadly(signal) => {
                terminal::die_by(signal);
                return false;
            }
        };
        events.send(event).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn key(name: &str) -> Event {
        Event::Key(name.parse().unwrap())
    }

    #[test]
    fn keys_typed_ahead_come_together() {
        let (sender, receiver) = channel();
        let mut queue = Queue::new(receiver);
        for name in ["j", "j", "Enter"] {
            sender.send(key(name)).unwrap();
        }
        sender.send(Event::Together(vec![key("j"), key("k")])).unwrap();
        assert_eq!(queue.next(None).len(), 5);
    }

    #[test]
    fn when_it_is_late_nothing_is_taken() {
        let (sender, receiver) = channel();
        let mut queue = Queue::new(receiver);
        assert!(queue.next(Some(Instant::now())).is_empty());
        sender.send(key("j")).unwrap();
        assert_eq!(queue.next(Some(Instant::now())).len(), 1, "what is there comes first");
    }

    #[test]
    fn dropping_keys_keeps_the_rest() {
        let (sender, receiver) = channel();
        let mut queue = Queue::new(receiver);
        sender.send(key("y")).unwrap();
        sender.send(Event::Resize(Size { width: 1, height: 2 })).unwrap();
        sender.send(Event::Together(vec![key("y"), Event::Paste("y".to_owned())])).unwrap();
        queue.drop_keys();
        sender.send(key("n")).unwrap();
        let batch = queue.next(None);
        assert!(matches!(batch.as_slice(), [Event::Resize(_), Event::Key(_)]), "{batch:?}");
    }

    #[test]
    fn a_lost_channel_is_a_lost_terminal() {
        let (sender, receiver) = channel();
        drop(sender);
        assert!(matches!(Queue::new(receiver).next(None).as_slice(), [Event::Closed]));
    }
}
