//! `u`: the newest delete that was not taken back comes back.

use jiff::{SignedDuration, civil::DateTime};

use super::{App, SELF};
use crate::{
    error::{Error, Result},
    model::format::{clock_short, count_of},
    services::{
        request::{Answer, Ask, Slot},
        trash::{Restored, TrashEntry, TrashList},
    },
    tui::{
        screen::{Input, Message, Tone},
        screens::trash::TrashScreen,
        tag::Tag,
    },
};

/// What was deleted longer ago is not meant by a single key.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

impl App {
    /// First it is looked which delete that is: it may be an old one.
    pub(super) fn undo(&mut self) {
        let tag = Tag { layer: SELF, slot: Slot::Trash, number: self.number() };
        self.pending.push(tag);
        self.worker.ask(tag, Ask::Trash);
    }

    /// The answer to that is on its way.
    pub(super) fn looks_what_to_undo(&self) -> bool {
        self.pending.iter().any(|tag| tag.layer == SELF && tag.slot == Slot::Trash)
    }

    /// What is in the trash, for `u`. What is put back are the entries that were looked at, whatever another program does
    /// meanwhile.
    pub(super) fn trash_seen(&mut self, result: Result<Answer>) {
        let trash = match result {
            Ok(Answer::Trash(trash)) => trash,
            Ok(_) | Err(Error::Cancelled) => return,
            Err(error) => return self.say(Message { text: error.on_screen(), tone: Tone::Bad }),
        };
        let entries = trash.last_batch();
        let Some(first) = entries.first() else {
            let notice = trash.notice.as_ref().map(|notice| format!(" {notice}")).unwrap_or_default();
            return self.quietly(format!("Nothing to take back: the trash is empty.{notice}"));
        };
        if let Some(at) = old(first, &trash) {
            let text = format!(
                "The newest delete is of {}: not taken back at once. Here u puts the selected record back.",
                clock_short(at, trash.as_of)
            );
            self.push(Box::new(TrashScreen::default()));
            return self.quietly(text);
        }
        let label = match entries {
            [one] => format!("#{} {}", one.run, one.name),
            many => count_of(many.len() as u64, "record", "records"),
        };
        self.restore(entries.iter().map(|entry| entry.n).collect(), label);
    }

    /// All screens hear of it; a list goes to the first record, unless the user did something else meanwhile.
    pub(super) fn restored(&mut self, restored: &Restored, keys_since: bool) {
        let entries: Vec<i64> = restored.records.iter().map(|record| record.n).collect();
        let lead_to = restored.records.first().map(|record| record.run).filter(|_| !keys_since);
        for id in self.screens.iter().map(|layer| layer.id).collect::<Vec<_>>() {
            self.tell(id, Input::Restored { entries: entries.clone(), lead_to });
        }
    }
}

/// When an old delete was; `None` for a fresh one. One without a time that can be read is old.
fn old(entry: &TrashEntry, trash: &TrashList) -> Option<DateTime> {
    let at = entry.deleted_at.parse::<DateTime>().unwrap_or_default();
    (trash.as_of.duration_since(at) > FRESH).then_some(at)
}
