//! What the first page of a lab brings beside its records: that they count as read from now on, marks and trash that a moved
//! lab left elsewhere, and why marks can't be shown.

use super::{Ask, Effect, Page, Records};
use crate::{
    model::format::{count, count_of},
    services::marks::{MovedFrom, unread::ReadWhat},
    tui::overlays::{Menu, MenuEntry},
};

impl Records {
    /// What a page brings beside its records: why marks can't be shown, once; and that the list is looked at.
    pub(super) fn told_with(&mut self, page: &Page) -> Vec<Effect> {
        let mut effects = Vec::new();
        if page.marks_notice != self.marks_told {
            self.marks_told.clone_from(&page.marks_notice);
            effects.extend(page.marks_notice.clone().map(Effect::fail));
        }
        // A list on top of another screen is no first look.
        if self.base.is_empty() && !std::mem::replace(&mut self.looked, true) {
            effects.push(self.requests.ask(Ask::Read(ReadWhat::FirstLook)));
            effects.push(self.requests.ask(Ask::Moved));
        }
        effects
    }

    /// Marks and trash of this lab, where it was before.
    pub(super) fn offer(from: &MovedFrom) -> Effect {
        let marks = count_of(from.marks, "record with marks", "records with marks");
        let title = format!("This lab was elsewhere before: {marks}, {} in the trash", count(from.entries));
        let later = Effect::say("Left there: ivorylens marks adopt takes them over.");
        let take = MenuEntry::new('y', "take them over", Effect::Adopt);
        let entries =
            vec![take.note(from.database.display().to_string()), MenuEntry::new('n', "not now", later)];
        Effect::Open(Box::new(Menu::new(title, entries)))
    }
}
