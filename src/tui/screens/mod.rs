//! The screens, and what a screen (or a tab of the record screen, which has the same shape) is.
//!
//! A screen is a state, an [`Screen::update`] that changes it, and a [`Screen::view`] that only reads it:
//!
//! 1. The first inputs are [`Input::Resize`] (the size that `view` will get; lay out in `update`, pages are made of
//!    it) and [`Input::Shown`] (ask for the first data here). Later ones come in any order.
//! 2. A key arrives as [`Input::Action`], and only if [`Screen::can`] said so; the same test guards the footer.
//! 3. Data is asked for with [`Effect::Ask`]; [`Input::Answer`] brings it, never for a question that a newer one in
//!    the same slot has replaced. Until then draw `…` in its place.
//! 4. `?`, `:`, `x`, `D`, `y`, Esc, `q`, Ctrl-C and Ctrl-Z are the app's: for `x` and `D` it asks
//!    [`Screen::subject`], for `y` [`Screen::copies`]; Esc and `q` reach the screen first if [`Screen::can`] says
//!    that it has a layer to peel ([`Action::Back`]), else the app pops the screen.
//! 5. An action that [`Screen::waits`] names is kept back until the answer is there; [`Effect::DropKeys`] says that
//!    what it waited for will not come.
//!
//! To add a tab: a folder in `screens/record/` with a struct that implements [`Screen`] for the size of its part of
//! the window; a variant of [`Tab`] (with title and description), a row of the keymap for its digit, and its line
//! in the record screen's function that makes a tab.

pub mod record;
pub mod records;
#[cfg(test)]
mod sizes;

use std::{fmt::Debug, path::Path};

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    action::Action,
    command::Command,
    effect::{Effect, Slot},
    keymap::Context,
    widgets::scroll::Scroll,
};
use crate::{
    checkpoint::Progress, error::Result, model::outcome::Outcome, services::request::Answer, style::Theme,
};

/// A tab of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tab {
    #[default]
    Overview,
    Steps,
    Table,
    Charts,
    Log,
    Files,
}

impl Tab {
    pub const ALL: [Tab; 6] = [Tab::Overview, Tab::Steps, Tab::Table, Tab::Charts, Tab::Log, Tab::Files];

    /// The digit that opens it.
    pub fn digit(self) -> char {
        match self {
            Tab::Overview => '1',
            Tab::Steps => '2',
            Tab::Table => '3',
            Tab::Charts => '5',
            Tab::Log => '6',
            Tab::Files => '7',
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Steps => "Steps",
            Tab::Table => "Table",
            Tab::Charts => "Charts",
            Tab::Log => "Log",
            Tab::Files => "Files",
        }
    }

    pub fn description(self) -> &'static str {
        match self {
            Tab::Overview => "overview of the record",
            Tab::Steps => "its steps as a tree",
            Tab::Table => "its parameters and outputs as a table",
            Tab::Charts => "its numeric outputs as charts",
            Tab::Log => "its log",
            Tab::Files => "its files",
        }
    }

    /// The tab after or before, around the end.
    pub fn beside(self, forward: bool) -> Tab {
        let n = Tab::ALL.len();
        let at = Tab::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let to = if forward { at + 1 } else { at + n - 1 } % n;
        Tab::ALL.get(to).copied().unwrap_or_default()
    }
}

/// Moves a list as a moving action says.
pub(crate) fn scroll_by(scroll: &mut Scroll, action: Action) {
    match action {
        Action::Down => scroll.move_by(1),
        Action::Up => scroll.move_by(-1),
        Action::PageDown => scroll.page(1),
        Action::PageUp => scroll.page(-1),
        Action::HalfDown => scroll.half_page(1),
        Action::HalfUp => scroll.half_page(-1),
        Action::Top => scroll.top(),
        Action::Bottom => scroll.bottom(),
        _ => {}
    }
}

/// What happens to a screen.
#[derive(Debug)]
pub enum Input {
    /// The size of the area that `view` gets, in cells.
    Resize(Size),
    /// It is on top now: for the first time, or again.
    Shown,
    Action(Action),
    /// A key that the keymap does not bind. Overlays only: letters of a menu, typing.
    Key(super::key::Key),
    /// Pasted text. Overlays only.
    Paste(String),
    /// The words of `/`, after every change.
    Search(String),
    /// `/` is over: with Enter the words, with Esc `None` (go back to the words before).
    SearchDone(Option<String>),
    /// A command of `:` that [`Screen::takes`] accepted, or a choice of a menu in the same words.
    Command(Command),
    /// A choice of a menu that the screen opened, by the numbers it gave.
    Picked {
        menu: u16,
        item: usize,
    },
    /// What was typed into a prompt that it opened.
    Typed(String),
    /// The answer to what it asked in a slot.
    Answer {
        slot: Slot,
        result: Result<Answer>,
    },
    /// How far the running question of a slot has come.
    Progress {
        slot: Slot,
        progress: Progress,
    },
    /// Tabs only: how the record ended, or that it runs, when that is read.
    Outcome(Outcome),
    /// These records are gone. To every screen.
    Deleted(Vec<i64>),
    /// A quarter of a second has passed, while [`Effect::Watch`] is on.
    Tick,
    /// No key has come for a while, after [`Effect::Rest`].
    Rest,
    /// What `view` drew has been sent to the terminal. Overlays only, once.
    Drawn,
}

/// The surroundings of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Cx<'a> {
    /// The opened data, as the header shows it.
    pub opened: &'a str,
    /// Where exports go if the user says nothing else.
    pub export_folder: &'a Path,
    /// No line-drawing, braille or other non-ASCII signs.
    pub ascii: bool,
    /// The link to the terminal is slow: what is not needed at once waits until keys rest.
    pub slow: bool,
}

/// The record that a screen has in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub run: i64,
    pub name: String,
}

/// Something that `y` can copy from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyItem {
    /// Not j, k, g, G or q: these move in the menu.
    pub letter: char,
    /// `id`, `row`, `error`, `path` ...
    pub what: String,
    pub text: String,
}

/// A screen, or a tab.
pub trait Screen: Debug {
    fn context(&self) -> Context;

    /// Could this action do something now? Guards the key and its place in the footer.
    fn can(&self, action: Action) -> bool;

    fn update(&mut self, input: Input, cx: &Cx<'_>) -> Vec<Effect>;

    /// Draws everything inside `area`, the size of which the last [`Input::Resize`] told. Reads only.
    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer);

    /// Does it want this command of `:`?
    fn takes(&self, command: &Command) -> bool {
        let _ = command;
        false
    }

    /// Is what this action is about still on its way? The key waits for it then, and so do those behind it: keys that
    /// were typed ahead mean the record that was asked for.
    fn waits(&self, action: Action) -> bool {
        let _ = action;
        false
    }

    /// Tabs only: has what it shows first come, or why there is none? Its keys wait for that.
    fn has_come(&self) -> bool {
        true
    }

    /// Is all there that its view shows? Then no frame waits for what is on its way.
    fn is_whole(&self) -> bool {
        false
    }

    /// The record that is shown or selected, also before anything is known of it.
    fn record(&self) -> Option<i64> {
        self.subject().map(|subject| subject.run)
    }

    /// The record in hand, for `x` and `D`.
    fn subject(&self) -> Option<Subject> {
        None
    }

    /// What `y` can copy now.
    fn copies(&self) -> Vec<CopyItem> {
        Vec::new()
    }

    /// `37/61`, at the right of the footer.
    fn position(&self) -> Option<String> {
        None
    }

    /// Tabs only: the same tab of another record, to be looked at in the same way; `None` makes a new one.
    fn beside(&self, run: i64) -> Option<Box<dyn Screen>> {
        let _ = run;
        None
    }
}
