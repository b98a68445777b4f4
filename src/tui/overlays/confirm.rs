//! Asks before a delete: shows what would go, and only a deliberate answer makes an [`Agreed`].

#[cfg(test)]
mod tests;
mod view;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::agreed::{self, Agreed};
use crate::{
    error::Error,
    services::{
        delete::{Bill, DeleteHow},
        files::FileEntry,
        request::{Answer, Ask},
    },
    style::Theme,
    tui::{
        action::Action,
        key::{Code, Key},
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

#[derive(Debug, Default)]
enum State {
    #[default]
    Waiting,
    Failed(String),
    /// The file was locked: asked again when this is shown again.
    Locked(String),
    Bill(Bill),
}

/// The overlay that asks before a delete.
#[derive(Debug, Default)]
pub struct Confirm {
    runs: Vec<i64>,
    state: State,
    /// The bill has been on the terminal: keys typed from now on are an answer.
    armed: bool,
    /// Digits, where an id or a count is wanted.
    typed: String,
    /// What is chosen: past the trash, or with the files.
    how: DeleteHow,
    note: Note,
    top: usize,
    size: Size,
}

/// What the last key is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Note {
    #[default]
    None,
    Enter,
    /// The number that is wanted was not typed.
    Number,
    /// Files were wanted of records that go past the trash.
    FilesPast,
    /// Files were wanted where there are none.
    NoFiles,
}

impl Confirm {
    pub fn new(runs: Vec<i64>) -> Self {
        Confirm { runs, ..Confirm::default() }
    }

    /// What has to be typed before `y`, and what that is.
    fn wanted(&self) -> Option<(String, String)> {
        if let State::Bill(bill) = &self.state { agreed::wanted(bill) } else { None }
    }

    /// Digits and corrections where a number is wanted. Any other letter shows that no answer is meant: a word typed
    /// at the screen below must not end in `y`, nor its other letters act there.
    fn other_key(&mut self, key: Key) -> Vec<Effect> {
        let erase = key.code == Code::Backspace;
        let digit = key.typed().is_some_and(|typed| typed.is_ascii_digit());
        if self.armed && (erase || digit) {
            self.type_in(key.typed(), erase);
        } else if key.typed().is_some() && !digit {
            let text =
                format!("Not deleted: {key} is no answer to that. Letters are not taken until Esc or Enter.");
            return vec![Effect::Close, Effect::say(text), Effect::Deafen];
        }
        Vec::new()
    }

    fn type_in(&mut self, typed: Option<char>, erase: bool) {
        match typed.filter(char::is_ascii_digit) {
            Some(digit) if self.wanted().is_some_and(|(code, _)| self.typed.len() < code.len()) => {
                self.typed.push(digit);
                // What was said is about the number before.
                self.note = Note::None;
            }
            _ if erase => {
                self.typed.pop();
                self.note = Note::None;
            }
            _ => {}
        }
    }

    fn agree(&mut self) -> Vec<Effect> {
        let State::Bill(bill) = &self.state else { return Vec::new() };
        match Agreed::to(bill, &self.typed, self.how) {
            Some(agreed) => vec![Effect::Close, Effect::Delete(agreed)],
            None => {
                self.note = Note::Number;
                Vec::new()
            }
        }
    }

    /// Has it files that could go along?
    fn has_files(&self) -> bool {
        let files = |bill: &Bill| bill.items.iter().flat_map(|item| &item.files).any(goes_along);
        matches!(&self.state, State::Bill(bill) if files(bill))
    }

    /// `P`: past the trash or into it; files have nowhere to go then.
    fn turn_permanent(&mut self) {
        self.how = DeleteHow { permanent: !self.how.permanent, with_files: false, ..self.how };
        self.note = Note::None;
    }

    /// `f`: the files go along, or stay.
    fn turn_files(&mut self) {
        self.note = match (self.how.permanent, self.has_files()) {
            (true, _) => Note::FilesPast,
            (_, false) => Note::NoFiles,
            _ => Note::None,
        };
        if self.note == Note::None {
            self.how.with_files = !self.how.with_files;
        }
    }
}

impl Overlay for Confirm {
    fn context(&self) -> Context {
        Context::Confirm
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.size = size,
            Input::Shown if matches!(self.state, State::Waiting | State::Locked(_)) => {
                return vec![Effect::Ask(Ask::Bill { runs: self.runs.clone() })];
            }
            Input::Answer { result: Ok(Answer::Bill(bill)), .. } if bill.items.is_empty() => {
                self.state = State::Failed("There is nothing to delete: it is gone already.".to_owned());
            }
            Input::Answer { result: Ok(Answer::Bill(bill)), .. } => self.state = State::Bill(bill),
            Input::Answer { result: Err(error @ Error::Busy { .. }), .. } => {
                self.state = State::Locked(error.on_screen());
            }
            Input::Answer { result: Err(error), .. } => self.state = State::Failed(error.on_screen()),
            Input::Drawn => self.armed = matches!(self.state, State::Bill(_)),
            Input::Action(Action::Back | Action::Close | Action::No) => return vec![Effect::Close],
            Input::Action(Action::Open) => self.note = Note::Enter,
            Input::Action(Action::Yes) if self.armed => return self.agree(),
            Input::Action(Action::Permanent) if self.armed => self.turn_permanent(),
            Input::Action(Action::WithFiles) if self.armed => self.turn_files(),
            Input::Action(action) => self.scroll(action),
            Input::Key(key) => return self.other_key(key),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.draw(theme, area, buf);
    }

    fn can(&self, action: Action) -> bool {
        let is_bill = matches!(self.state, State::Bill(_));
        match action {
            Action::Yes => is_bill && self.wanted().is_none_or(|(code, _)| code == self.typed),
            Action::Permanent => is_bill,
            Action::WithFiles => self.has_files() && !self.how.permanent,
            _ => true,
        }
    }

    fn is_unseen(&self) -> bool {
        !self.armed && matches!(self.state, State::Bill(_))
    }

    fn is_about_file(&self) -> bool {
        true
    }
}

/// Can it go along into the trash?
fn goes_along(file: &FileEntry) -> bool {
    file.why_unusable().is_none() && file.path().is_some()
}
