//! What a screen, a tab of a record and an overlay are to the app: what they hear, what they want done, and the traits
//! they implement.
//!
//! 1. The first inputs are [`Input::Resize`] (the size that `view` will get; lay out in `update`, pages are made of
//!    it) and [`Input::Shown`] (ask for the first data here). Later ones come in any order.
//! 2. A key arrives as [`Input::Action`], and only if [`Screen::can`] said so; the same test guards the footer.
//! 3. Data is asked for with `requests::Requests`; [`Input::Answer`] brings it, never for a request that a
//!    newer one in the same slot has replaced. Until then draw `…` in its place.
//! 4. `?`, `:`, `x`, `D`, `y`, Esc, `q`, Ctrl-C and Ctrl-Z are the app's: for `x` and `D` it asks
//!    [`Screen::subject`], for `y` [`Screen::copies`]; Esc and `q` reach the screen first if [`Screen::can`] says
//!    that [`Action::Back`] means something there, else the app pops the screen.
//! 5. Keys that are typed ahead wait while [`Screen::awaits`] says that what they are about is on its way;
//!    [`Effect::DropKeys`] says that it will not come.
//!
//! To add a tab: a line in `TabId` and in its table (`tab.rs`), a folder in `screens/record/` that implements [`Tab`],
//! and there its `mod` line and a line in `tabs.rs`.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    sync::Arc,
};

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    action::{About, Action},
    command::Command,
    history::Typed,
    key::Key,
    keymap::Context,
    overlays::agreed::Agreed,
    tab::TabId,
};
use crate::{
    checkpoint::Progress,
    error::{Error, ErrorKind, Result},
    model::{
        call::CallQuery,
        filter::words::Filter,
        kept_list::KeptList,
        mark::{MarkChange, RecordMark},
        outcome::Outcome,
        query::ListQuery,
        record_key::RecordKey,
    },
    services::{
        calls::CallFormat,
        export::many::PickedForm,
        export_kind::ExportKind,
        map::CellPlace,
        moment::Moment,
        next_failure::Spot,
        own_files::{last_screen::SeenRecord, views::KeptView},
        picked::Picked,
        request::{Answer, Ask, Slot},
        run_row::RunRow,
    },
    style::Theme,
};

/// Where to go. What a number counts is said by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goto {
    /// By its id.
    Record(i64),
    /// By its `repeat_index`.
    Iteration(i64),
    /// Of a table, from 1.
    Row(u64),
    /// Of a text, from 1.
    Line(u64),
    Tab(TabId),
    /// A step or a phase, in Steps.
    Spot(Spot),
    /// The line of the log that has this byte.
    LogByte(u64),
    /// A call by hand, by its id.
    Call(i64),
}

/// Where a record is opened.
#[derive(Debug, Clone)]
pub struct Visit {
    pub run: i64,
    pub goto: Goto,
    /// What was looked at: tabs stand there that are not led elsewhere.
    pub near: Option<Goto>,
    /// The list along which J and K go.
    pub query: ListQuery,
    /// It stands on the error view, to which `e` leads back.
    pub from_reason: bool,
}

/// Makes the screen of a record: screens that open one know no more of it.
pub type OpenRecord = fn(Visit) -> Box<dyn Screen>;

/// What happens to a screen.
#[derive(Debug)]
pub enum Input {
    /// The size of the area that `view` gets, in cells.
    Resize(Size),
    /// It is on top now: for the first time, or again.
    Shown,
    Action(Action),
    /// A key that the keymap does not bind. Overlays only: letters of a menu, typing.
    Key(Key),
    /// Pasted text. Overlays only.
    Paste(String),
    /// The words of `/`, after every change.
    Search(String),
    /// The list of records is to be of these words, chosen from a menu.
    Filter(Filter),
    /// The list of records is to be this one.
    View(KeptView),
    /// `/` is over: with Enter the words, with Esc `None` (go back to the words before).
    SearchDone(Option<String>),
    /// A command of `:` that [`Screen::takes`] accepted, or a choice of a menu in the same words.
    Command(Command),
    /// Somewhere that [`Screen::numbered`] named, or another screen.
    Goto(Goto),
    /// What was typed into a prompt that it opened.
    Typed(String),
    /// The answer to what it asked in a slot.
    Answer {
        slot: Slot,
        result: Result<Answer>,
    },
    /// How far the running request of a slot has come.
    Progress {
        slot: Slot,
        progress: Progress,
    },
    /// Tabs only: how the record ended, or that it runs; `None` when that can't be read.
    Outcome(Option<Outcome>),
    /// These records are gone. To every screen.
    Deleted(Vec<i64>),
    /// These entries of the trash are back, or are not what they were. To every screen.
    Restored {
        entries: Vec<i64>,
        /// The record that is to be seen now, where the user did nothing else meanwhile.
        lead_to: Option<i64>,
    },
    /// Marks were changed. To every screen.
    Marked,
    /// Following began or ended: [`ScreenCx::follows`] says which.
    Followed,
    /// While following, to the screen on top: the lab wrote something. Read again and keep the place, without a word.
    News,
    /// No key has come for a while, after [`Effect::Rest`].
    Rest,
    /// What `view` drew has been sent to the terminal. Overlays only, once.
    Drawn,
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

/// What a screen or an overlay wants done: its only way to change anything outside itself.
#[derive(Debug)]
pub enum Effect {
    /// Put a request to the worker; the layer that asked hears the answer as [`Input::Answer`].
    Ask(Ask),
    /// Take a request back: its answer is not wanted any more.
    Cancel(Slot),
    /// Show another screen on top of this one.
    Push(Box<dyn Screen>),
    /// Show these records on top of this screen, in a list like the one below.
    List(ListQuery),
    /// Leave this screen (the first one stays).
    Pop,
    Open(Box<dyn Overlay>),
    /// Overlays only: go away, before the effects behind this one are carried out.
    Close,
    /// Type words: the prompt opens with these; the screen hears [`Input::Search`] and [`Input::SearchDone`].
    Search {
        words: String,
    },
    /// The same of filter words: of what is typed, the screen hears only what can be read, and in the end only what has an
    /// end.
    Filter {
        words: String,
    },
    /// Type words that lines must have: the screen hears [`Input::Typed`].
    TypeLines,
    /// Prompts only: this was typed; it comes back with Up.
    Remember(Typed, String),
    /// Give an input to the layer below: how an overlay passes on its result.
    Tell(Input),
    /// Tabs only: their record shows this place, in the tab that has it. Esc comes back.
    Goto(Goto),
    /// As if it had been typed behind `:`.
    Run(Command),
    Say(Message),
    /// Letters typed from now on are a word that nobody takes: they are no keys until Esc or Enter.
    Deafen,
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
        /// Make the folder first.
        make: bool,
    },
    /// The same of the calls by hand that a query finds.
    ExportCalls {
        query: CallQuery,
        form: CallFormat,
        folder: PathBuf,
        make: bool,
    },
    /// The picked records in a list's order: all files of each in a folder, or their data as one file.
    ExportPicked {
        query: ListQuery,
        picked: Arc<Picked>,
        form: PickedForm,
        folder: PathBuf,
        make: bool,
    },
    /// Delete in the background. Only the confirmation can make one.
    Delete(Agreed),
    /// Change the marks of records; the words say which.
    Mark {
        target: MarkTarget,
        changes: Vec<MarkChange>,
        label: String,
    },
    /// Take marks and trash over from where the lab was before, in the background.
    Adopt,
    /// Put entries of the trash back in the background; the words say which.
    Restore {
        entries: Vec<i64>,
        label: String,
    },
    /// Send [`Input::Rest`] once, when no key has come for a while.
    Rest,
}

impl Effect {
    /// A quiet line.
    #[must_use]
    pub fn say(text: impl Into<String>) -> Effect {
        Effect::Say(Message { text: text.into(), tone: Tone::Quiet })
    }

    /// Something went wrong: what happened, to what, and what to do.
    pub fn fail(text: impl Into<String>) -> Effect {
        Effect::Say(Message { text: text.into(), tone: Tone::Bad })
    }

    /// A search for another record or place failed: says why, and drops the keys that waited for it.
    pub fn not_found(error: &Error) -> Vec<Effect> {
        let said = (error.kind() != ErrorKind::Cancelled).then(|| Effect::fail(error.on_screen()));
        said.into_iter().chain([Effect::DropKeys]).collect()
    }
}

/// The surroundings of a screen.
#[derive(Debug, Clone, Copy)]
pub struct ScreenCx<'a> {
    /// The opened data, as the header shows it.
    pub opened: &'a str,
    /// Where exports go if the user says nothing else.
    pub export_folder: &'a Path,
    /// No line-drawing, braille or other non-ASCII signs.
    pub ascii: bool,
    /// The link to the terminal is slow: what is not needed at once waits until no key has come for a while.
    pub slow: bool,
    /// The lab is followed: what it writes is told by [`Input::News`].
    pub follows: bool,
    /// The tab that was open last in a record.
    pub tab: TabId,
}

/// A list of records as it is left: what would be written down of it, and the selected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLeft {
    pub list: KeptList,
    /// Nobody chose other columns than those at first.
    pub has_first_columns: bool,
    pub record: Option<SeenRecord>,
}

/// The columns at the right end of the last line that say so.
pub const FOLLOW_SIGN: u16 = 13;

/// The list of records that a screen shows.
#[derive(Debug, Clone, Copy)]
pub struct ListShown<'a> {
    pub query: &'a ListQuery,
    /// The selected record, while it is the one beyond which new ones come; in an order without such an end always.
    pub end: Option<i64>,
    /// The order has such an end.
    pub is_by_time: bool,
}

/// The record that a screen has in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub run: i64,
    pub name: String,
    /// As marks know it.
    pub key: RecordKey,
    pub mark: Option<Arc<RecordMark>>,
}

impl Subject {
    pub fn of(row: &RunRow) -> Self {
        let run = &row.run;
        Self { run: run.id, name: run.name.clone(), key: RecordKey::of(run), mark: row.mark.clone() }
    }
}

/// The records whose marks are meant.
#[derive(Debug, Clone, PartialEq)]
pub enum MarkTarget {
    One(RecordKey),
    /// All that are marked for an action, in a list's order.
    Picked {
        query: ListQuery,
        picked: Arc<Picked>,
    },
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

impl CopyItem {
    pub fn new(letter: char, what: impl Into<String>, text: impl Into<String>) -> CopyItem {
        CopyItem { letter, what: what.into(), text: text.into() }
    }
}

/// A screen.
pub trait Screen: Debug {
    fn context(&self) -> Context;

    /// Could this action do something now? Guards the key and its place in the footer.
    fn can(&self, action: Action) -> bool;

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect>;

    /// Draws everything inside `area`, the size of which the last [`Input::Resize`] told. Reads only.
    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer);

    /// Where a number that is typed behind `:` leads here.
    fn numbered(&self, _: u64) -> Option<Goto> {
        None
    }

    /// Does it want this command of `:`?
    fn takes(&self, _: &Command) -> bool {
        false
    }

    /// Is what such keys are about still on its way? A key that was typed ahead waits for it then, and so do those
    /// behind it.
    fn awaits(&self, _: About) -> bool {
        false
    }

    /// Is all there that its view shows? Then no frame waits for what is on its way.
    fn is_whole(&self) -> bool {
        false
    }

    /// The record that is shown or selected, also before anything is known of it.
    fn record(&self) -> Option<i64> {
        self.subject().map(|subject| subject.run)
    }

    /// The list of records, where this is one: what is new is counted in it.
    fn list(&self) -> Option<ListShown<'_>> {
        None
    }

    /// The same kind of list of other records, to stand on top of other screens.
    fn list_of(&self, _: ListQuery) -> Option<Box<dyn Screen>> {
        None
    }

    /// The same list, to be written down.
    fn left(&self) -> Option<ListLeft> {
        None
    }

    /// The tab that is open, in a record.
    fn tab(&self) -> Option<TabId> {
        None
    }

    /// The record of which a longer log is news too.
    fn follows(&self) -> Option<i64> {
        None
    }

    /// The record in hand, for `x` and `D`.
    fn subject(&self) -> Option<Subject> {
        None
    }

    /// Are records marked, so that it takes `x` and `D` itself?
    fn has_picked(&self) -> bool {
        false
    }

    /// What an action is called in the footer now, where that is another word than always; it comes first there.
    fn hint(&self, _: Action) -> Option<&'static str> {
        None
    }

    /// What `x` offers first.
    fn export_in_hand(&self) -> Option<ExportKind> {
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

    /// What the window's title says of this screen of the opened data.
    fn title(&self, opened: &str) -> String {
        format!("ivorylens {opened}")
    }
}

/// Where a tab is sent by its record screen: it goes there as soon as that place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    Spot(Spot),
    Iteration(i64),
    LogByte(u64),
    Cell(CellPlace),
}

/// A tab of a record. It lives until another record is shown.
pub trait Tab: Debug {
    fn context(&self) -> Context;

    /// As [`Screen::can`].
    fn can(&self, action: Action) -> bool;

    /// As [`Screen::update`]. [`Action::Reload`] comes for R: read again and keep the place, without a word.
    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect>;

    /// As [`Input::News`].
    fn news(&mut self, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.update(Input::Action(Action::Reload), cx)
    }

    /// As [`Screen::view`].
    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer);

    /// Has what it shows first come, or why there is none? Keys about it wait for that.
    fn has_come(&self) -> bool;

    /// Is what such keys are about still on its way, once the first has come?
    fn awaits(&self, _: About) -> bool {
        false
    }

    /// Where a number that is typed behind `:` leads here; else it is a record's id.
    fn numbered(&self, _: u64) -> Option<Goto> {
        None
    }

    /// As [`Screen::export_in_hand`].
    fn export_in_hand(&self) -> Option<ExportKind> {
        None
    }

    /// What `y` can copy now, beside the record's id and name.
    fn copies(&self) -> Vec<CopyItem> {
        Vec::new()
    }

    /// `37/61`, at the right of the footer.
    fn position(&self) -> Option<String> {
        None
    }

    /// Goes somewhere when it is shown next, and as soon as that is known.
    fn aim(&mut self, _: Aim) {}

    /// The moment under the cursor, where there is one.
    fn moment(&self) -> Option<Moment> {
        None
    }

    /// The step under the cursor, where there is one.
    fn selected_step(&self) -> Option<Spot> {
        None
    }

    /// The same tab of another record, to be looked at in the same way; `None` makes a new one.
    fn beside(&self, _: i64) -> Option<Box<dyn Tab>> {
        None
    }
}

/// A layer over a screen: it takes the keys until it is closed, by [`Effect::Close`].
pub trait Overlay: Debug {
    fn context(&self) -> Context;

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect>;

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer);

    /// Does it take this key before the keymap is looked up? The letters of a menu are such keys.
    fn wants(&self, _: Key) -> bool {
        false
    }

    /// Could this action do something now? Guards its place in the footer.
    fn can(&self, _: Action) -> bool {
        true
    }

    /// Must be seen before keys are an answer to it.
    fn is_unseen(&self) -> bool {
        false
    }

    /// Draws on the bottom line too.
    fn has_bottom_line(&self) -> bool {
        false
    }

    /// Asks for something to be done with the records of the file that is open: closed when another file is opened.
    fn is_about_file(&self) -> bool {
        false
    }
}
