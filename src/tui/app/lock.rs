//! While the lab holds its lock: the screens say so, and what stayed without an answer is asked again by itself.

use super::App;
use crate::{
    error::{Error, Result},
    services::request::{Answer, Slot},
    tui::{screen::Input, tag::Tag},
};

/// What the bottom line says while an answer waits.
const WAITS: &str = "waits for the lab's lock";
const WAITS_FOR_SERVER: &str = "waits for the server";

impl App {
    /// Does an answer wait for the lab's lock?
    pub(super) fn is_locked_out(&self) -> bool {
        self.lock.is_waited_for && !self.pending.is_empty()
    }

    /// What an answer waits for, as it is said.
    pub(super) fn awaited(&self) -> &'static str {
        if self.options.on_server { WAITS_FOR_SERVER } else { WAITS }
    }

    /// Gives a layer its answer. That the file is locked is said until an answer comes; the first one that does shows
    /// that the others can be had too.
    pub(super) fn answered(&mut self, tag: Tag, result: Result<Answer>) {
        // Following asks again by itself.
        let counts = tag.slot != Slot::Changed;
        let locked = counts && matches!(result, Err(Error::Busy { .. }));
        let free = counts && result.is_ok();
        if free {
            self.news = self.news.take().filter(|news| !news.locked);
        }
        let said_before = if locked { self.news.take() } else { None };
        self.tell(tag.layer, Input::Answer { slot: tag.slot, result });
        if locked {
            self.lock.owes = true;
            match &mut self.news {
                Some(news) => news.locked = true,
                None => self.news = said_before,
            }
        }
        if free {
            self.try_again();
        }
    }

    /// Asks again what is shown, if something stayed without an answer.
    pub(super) fn try_again(&mut self) {
        if !std::mem::take(&mut self.lock.owes) {
            return;
        }
        if let Some(top) = self.overlays.last() {
            self.tell(top.id, Input::Shown);
        }
        self.reload();
    }
}
