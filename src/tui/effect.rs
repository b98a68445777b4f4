//! What a screen or an overlay wants done: its only way to change anything outside itself.

use std::path::PathBuf;

use super::{
    command::Command,
    overlays::{Overlay, confirm::Agreed},
    screens::{Input, Screen},
};
use crate::services::{export_kind::ExportKind, request::Ask};

/// A place in the worker for one kind of request. A newer request in a screen's slot replaces the older one, also
/// while that runs, and the older one's answer never arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    List,
    /// What list rows show of phases and steps.
    Rows,
    Neighbour,
    Preview,
    Overview,
    OverviewWhole,
    Phases,
    PhasesWhole,
    Steps,
    Step,
    Error,
    Table,
    TableWhole,
    TableRows,
    Charts,
    ChartsWhole,
    ChartPart,
    Log,
    Files,
    View,
    Poll,
    Bill,
    Export,
    Delete,
}

impl Slot {
    /// A newer request in the slot may end this one.
    pub fn replaceable(self) -> bool {
        !matches!(self, Slot::Export | Slot::Delete)
    }

    /// Its answer is what the user looks at next, and usually there at once: a frame waits a moment for it.
    pub fn is_awaited(self) -> bool {
        !matches!(
            self,
            Slot::Preview | Slot::OverviewWhole | Slot::Poll | Slot::Bill | Slot::Export | Slot::Delete
        )
    }

    /// A request runs between two pieces of one with a lower rank.
    pub fn rank(self) -> u8 {
        match self {
            Slot::Export | Slot::Delete => 0,
            Slot::Rows | Slot::Poll => 1,
            // What was seen of it already can be used meanwhile; the list is used beside its preview.
            Slot::OverviewWhole
            | Slot::PhasesWhole
            | Slot::TableWhole
            | Slot::ChartsWhole
            | Slot::Preview => 2,
            _ => 3,
        }
    }
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Quiet,
    Good,
    Bad,
}

/// A line for the user, in the place of the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub tone: Tone,
}

/// What a screen wants done.
#[derive(Debug)]
pub enum Effect {
    /// Put a question to the worker; the answer comes as [`Input::Answer`] to whoever asked.
    Ask {
        slot: Slot,
        ask: Ask,
    },
    /// Nobody wants the answer any more.
    Cancel(Slot),
    /// Show another screen on top of this one.
    Push(Box<dyn Screen>),
    /// Leave this screen (the first one stays).
    Pop,
    Open(Box<Overlay>),
    /// Type words: the prompt opens with these; the screen hears [`Input::Search`] and [`Input::SearchDone`].
    Search {
        words: String,
    },
    /// Give an input to what stands below: how an overlay answers.
    Tell(Input),
    /// As if it had been typed behind `:`.
    Run(Command),
    Say(Message),
    /// What keys typed ahead were waiting for does not come: they are dropped.
    DropKeys,
    /// To the clipboard: what it is (`the id`, for the message), and the text.
    Copy {
        what: String,
        text: String,
    },
    /// Start an export in the background.
    Export {
        run: i64,
        kind: ExportKind,
        folder: PathBuf,
    },
    /// Delete in the background. Only the confirmation can make one.
    Delete(Agreed),
    /// Send [`Input::Tick`] four times a second, or stop that. For following only: ticks cost the user battery.
    Watch(bool),
    /// Send [`Input::Rest`] once, when no key has come for a while.
    Rest,
    Suspend,
    Quit,
}

impl Effect {
    /// A quiet line.
    #[must_use]
    pub fn say(text: impl Into<String>) -> Effect {
        Effect::Say(Message { text: text.into(), tone: Tone::Quiet })
    }

    /// Something was done.
    pub fn good(text: impl Into<String>) -> Effect {
        Effect::Say(Message { text: text.into(), tone: Tone::Good })
    }

    /// Something went wrong: what happened, to what, and what to do.
    pub fn fail(text: impl Into<String>) -> Effect {
        Effect::Say(Message { text: text.into(), tone: Tone::Bad })
    }
}
