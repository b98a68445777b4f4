//! What the keys of marks ask: a star at once, a menu of verdicts, a line of tags, a note. For one record, or for all that
//! are marked for an action.

use super::{Menu, MenuEntry, NoteEditor, Prompt, marking::Marking};
use crate::{
    model::mark::{MarkChange, Verdict},
    tui::{action::Action, screen::Effect},
};

/// What a key of marks does.
pub fn wanted(marking: Marking, action: Action) -> Effect {
    match action {
        Action::Star => marking.changes(vec![MarkChange::TurnStar]),
        Action::Verdict => Effect::Open(Box::new(verdicts(&marking))),
        Action::Tags => Effect::Open(Box::new(Prompt::tags(marking))),
        _ => Effect::Open(Box::new(NoteEditor::new(marking))),
    }
}

fn verdicts(marking: &Marking) -> Menu {
    let entry = |letter, verdict: Option<Verdict>| {
        let label = verdict.map_or("none", Verdict::label);
        let is_now = !marking.is_many() && marking.mark.verdict == verdict;
        let effect = marking.changes(vec![MarkChange::Verdict(verdict)]);
        MenuEntry::new(letter, label, effect).note(if is_now { "now" } else { "" })
    };
    let all =
        [('o', Some(Verdict::Good)), ('b', Some(Verdict::Bad)), ('c', Some(Verdict::Check)), ('n', None)];
    let at = all.iter().position(|(_, verdict)| *verdict == marking.mark.verdict).unwrap_or(0);
    let entries = all.map(|(letter, verdict)| entry(letter, verdict)).into();
    Menu::new(format!("Verdict on {}", marking.label), entries).select(at)
}
