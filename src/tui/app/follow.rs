//! Following: one state for the whole program. While it is on, the app asks four times a second whether the lab wrote
//! something, and tells the screen on top; those below it read again when they are shown.

use super::{App, Follow, SELF};
use crate::{
    error::{Error, Result},
    services::request::{Answer, Ask, Slot},
    tui::{
        screen::{Input, Message, Tone},
        tag::Tag,
    },
};

/// Ticks after which the screen on top reads again though the file did not change: what shows no sign of life any more
/// is not called running for ever. A minute.
const OLD: u32 = 240;

impl App {
    /// F: begins to follow, or ends it.
    pub(super) fn turn_follow(&mut self) {
        let on = !self.follow.on;
        self.set_follow(on);
        if on {
            self.look();
            self.quietly("Following: what the lab writes appears by itself; F ends it.");
        } else {
            self.quietly("Following ended.");
        }
    }

    fn set_follow(&mut self, on: bool) {
        self.follow = Follow { on, ..Follow::default() };
        self.cancel(SELF, Slot::Changed);
        let screens: Vec<_> = self.screens.iter().map(|layer| layer.id).collect();
        let overlays = self.overlays.iter().map(|layer| layer.id);
        for id in screens.into_iter().chain(overlays).collect::<Vec<_>>() {
            self.tell(id, Input::Followed);
        }
    }

    /// A quarter of a second has passed.
    pub(super) fn tick(&mut self) {
        if !self.follow.on {
            return;
        }
        self.follow.still += 1;
        if self.follow.still >= OLD {
            self.tell_news();
        } else {
            self.look();
        }
    }

    /// Asks whether something changed; not before all that the screen on top asked for is there, so that a change is
    /// answered once.
    fn look(&mut self) {
        let Some(top) = self.screens.last() else { return };
        let (id, run) = (top.id, top.content.follows());
        let busy = |tag: &Tag| tag.layer == id || (tag.layer == SELF && tag.slot == Slot::Changed);
        if !self.pending.iter().any(busy) {
            self.ask(SELF, Ask::Changed { run });
        }
    }

    fn tell_news(&mut self) {
        self.follow.still = 0;
        if let Some(top) = self.screens.last().map(|layer| layer.id) {
            self.tell(top, Input::News);
        }
    }

    /// The answer to what following asked.
    pub(super) fn looked(&mut self, result: Result<Answer>) {
        match result {
            Ok(Answer::Changed(true)) => self.tell_news(),
            // The lab was writing at this moment: the next tick asks again.
            Ok(_) | Err(Error::Busy { .. } | Error::Cancelled) => {}
            Err(error) => {
                self.set_follow(false);
                let text = format!("Not following any more: {}", error.on_screen());
                self.say(Message { text, tone: Tone::Bad });
            }
        }
    }
}
