//! Marks are changed: asked for, and what came of it is said.

use super::{App, SELF};
use crate::{
    error::{Error, Result},
    model::{
        format::count_of,
        mark::{MarkChange, Verdict},
    },
    services::{
        marks::{Marked, unread::ReadWhat},
        request::{Answer, Ask},
    },
    tui::{
        screen::{Input, MarkTarget, Message, Tone},
        tag::Tag,
    },
};

/// A change that is under way.
#[derive(Debug)]
pub(super) struct Marking {
    tag: Tag,
    changes: Vec<MarkChange>,
    label: String,
}

impl App {
    pub(super) fn mark(&mut self, target: MarkTarget, changes: Vec<MarkChange>, label: String) {
        let ask = match target {
            MarkTarget::One(key) => Ask::Mark { records: vec![key], changes: changes.clone() },
            MarkTarget::Picked { query, picked } => {
                Ask::MarkPicked { query, picked, changes: changes.clone() }
            }
        };
        let tag = Tag { layer: SELF, slot: ask.slot(), number: self.number() };
        self.pending.push(tag);
        self.marking.push(Marking { tag, changes, label });
        self.worker.ask(tag, ask);
    }

    /// No record is unread any more.
    pub(super) fn read_all(&mut self) {
        self.ask(SELF, Ask::Read(ReadWhat::All));
    }

    /// What came of a change of marks.
    pub(super) fn marked(&mut self, tag: Tag, result: Result<Answer>) {
        let Some(at) = self.marking.iter().position(|marking| marking.tag == tag) else { return };
        let Marking { changes, label, .. } = self.marking.remove(at);
        match result {
            Ok(Answer::Marked(marked)) => {
                let tone = if marked.changed > 0 { Tone::Good } else { Tone::Quiet };
                self.say(Message { text: told(&label, &changes, &marked), tone });
            }
            Ok(_) => return,
            Err(Error::Cancelled) => self.quietly(format!("{label}: cancelled, some may be marked.")),
            Err(error) => {
                self.say(Message { text: format!("{label}: {}", error.on_screen()), tone: Tone::Bad });
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
    fn marks_changed(&mut self) {
        for id in self.screens.iter().map(|layer| layer.id).collect::<Vec<_>>() {
            self.tell(id, Input::Marked);
        }
    }
}

/// What is said of a change that was made.
fn told(label: &str, changes: &[MarkChange], marked: &Marked) -> String {
    let star = |star: bool| if star { "starred" } else { "no star" }.to_owned();
    let words = changes.iter().map(|change| match change {
        MarkChange::Star(on) => star(*on),
        MarkChange::TurnStar => star(marked.starred == Some(true)),
        MarkChange::Verdict(verdict) => match verdict {
            Some(verdict) => format!("verdict {}", Verdict::label(*verdict)),
            None => "no verdict".to_owned(),
        },
        MarkChange::Tag(tag) => format!("tag {tag}"),
        MarkChange::Untag(tag) => format!("tag {tag} taken away"),
        MarkChange::Note { text, .. } if text.is_empty() => "note taken away".to_owned(),
        MarkChange::Note { .. } => "note kept".to_owned(),
    });
    let words: Vec<String> = words.collect();
    let was_so = match marked.changed {
        0 => "; it was so before".to_owned(),
        changed if changed < marked.records => {
            let others = count_of((marked.records - changed) as u64, "of them was", "of them were");
            format!("; {others} so before")
        }
        _ => String::new(),
    };
    let notice = marked.notice.as_ref().map(|notice| format!("; {notice}")).unwrap_or_default();
    format!("{label}: {}{was_so}{notice}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_what_was_so_before() {
        let told_of = |changes: &[MarkChange], records, changed, starred| {
            let marked = Marked { records, changed, starred, notice: None };
            told("#25 pump test", changes, &marked)
        };
        assert_eq!(told_of(&[MarkChange::TurnStar], 1, 1, Some(true)), "#25 pump test: starred");
        assert_eq!(told_of(&[MarkChange::TurnStar], 1, 1, Some(false)), "#25 pump test: no star");
        let tags = [MarkChange::Tag("salt".to_owned()), MarkChange::Untag("old".to_owned())];
        assert_eq!(
            told_of(&tags, 3, 1, None),
            "#25 pump test: tag salt, tag old taken away; 2 of them were so before"
        );
        let verdict = [MarkChange::Verdict(Some(Verdict::Check))];
        assert_eq!(told_of(&verdict, 1, 0, None), "#25 pump test: verdict check again; it was so before");
    }
}
