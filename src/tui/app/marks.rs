//! Marks are changed: asked for, and what came of it is said.

use super::{
    App, SELF,
    mark_words::{OpenChange, told},
};
use crate::{
    error::{Error, Result},
    model::mark::{MarkChange, RecordMark},
    services::{
        marks::unread::ReadWhat,
        request::{Answer, Ask},
    },
    tui::{
        overlays::{Marking, NoteEditor},
        screen::{Input, MarkTarget, Message, Tone},
        tag::Tag,
    },
};

impl App {
    pub(super) fn mark(&mut self, target: MarkTarget, changes: Vec<MarkChange>, label: String) {
        let ask = match target.clone() {
            MarkTarget::One(key) => Ask::Mark { records: vec![key], changes: changes.clone() },
            MarkTarget::Picked { query, picked } => {
                Ask::MarkPicked { query, picked, changes: changes.clone() }
            }
        };
        let tag = Tag { layer: SELF, slot: ask.slot(), number: self.number() };
        self.pending.push(tag);
        self.marking.push(OpenChange { tag, target, changes, label });
        self.worker.ask(tag, ask);
    }

    /// No record is unread any more.
    pub(super) fn read_all(&mut self) {
        self.ask(SELF, Ask::Read(ReadWhat::All));
    }

    /// What came of a change of marks.
    pub(super) fn marked(&mut self, tag: Tag, result: Result<Answer>) {
        let Some(at) = self.marking.iter().position(|marking| marking.tag == tag) else { return };
        let OpenChange { target, changes, label, .. } = self.marking.remove(at);
        match result {
            Ok(Answer::Marked(marked)) => {
                let tone = if marked.changed > 0 { Tone::Good } else { Tone::Quiet };
                self.say(Message { text: told(&label, &changes, &marked), tone });
            }
            Ok(_) => return,
            Err(Error::Cancelled) => self.quietly(format!("{label}: cancelled, some may be marked.")),
            Err(error) => {
                self.say(Message { text: format!("{label}: {}", error.on_screen()), tone: Tone::Bad });
                // What was written is not lost.
                if let [MarkChange::Note { text, was }] = changes.as_slice() {
                    let mark = RecordMark { note: was.clone().unwrap_or_default(), ..RecordMark::default() };
                    let marking = Marking { target, label, mark };
                    return self.open(Box::new(NoteEditor::again(marking, text)));
                }
            }
        }
        self.marks_changed();
    }

    pub(super) fn all_read(&mut self, result: Result<Answer>) {
        match result {
            Ok(_) => self.quietly("All records count as read."),
            Err(Error::Cancelled) => return,
            Err(error) => self.say(Message { text: error.on_screen(), tone: Tone::Bad }),
        }
        self.marks_changed();
    }

    /// All screens hear of it.
    pub(super) fn marks_changed(&mut self) {
        for id in self.screens.iter().map(|layer| layer.id).collect::<Vec<_>>() {
            self.tell(id, Input::Marked);
        }
    }
}
