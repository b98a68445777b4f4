//! The closed list of what a user can do, with a text for each.

use strum::{IntoEnumIterator, VariantArray};

use crate::tui::tab::TabId;

/// What a key means. A new one needs a row in [`Action::facts`] and one in the keymap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    Top,
    Bottom,
    /// Sideways: columns, chart cursor, log; in a tree close.
    Left,
    /// Sideways; in a tree open.
    Right,
    /// Enter.
    Open,
    /// Esc: goes back by one layer, never leaves the program.
    Back,
    /// q: as Esc, and leaves from the first screen.
    Close,
    Quit,
    Suspend,
    /// All of the window anew: something else wrote over it.
    Redraw,
    Search,
    SearchNext,
    SearchPrevious,
    Command,
    Show(TabId),
    NextTab,
    PreviousTab,
    NextRecord,
    PreviousRecord,
    NextIteration,
    PreviousIteration,
    NextError,
    PreviousError,
    Sort,
    SortMenu,
    /// What the records have in common, to choose from.
    FilterMenu,
    /// Only records with the value under the cursor.
    KeepValue,
    /// None with it.
    DropValue,
    /// Which columns the list has.
    Columns,
    NextPage,
    PreviousPage,
    /// Marks the record under the cursor for an action, or lets go of it.
    Pick,
    /// Begins a range of such, or keeps it.
    PickRange,
    /// All of the list, or none.
    PickAll,
    Star,
    /// What was found of a record.
    Verdict,
    Tags,
    Note,
    /// No record is unread any more.
    ReadAll,
    Export,
    Delete,
    /// Takes back the newest delete; in the trash the selected one.
    Undo,
    /// The calls by hand.
    Calls,
    Copy,
    /// To the highest point, then to the lowest.
    HighLow,
    More,
    Less,
    Fit,
    /// Only lines with some words, and those around them.
    Narrow,
    /// All of a traceback and of long texts, or their beginnings.
    Unfold,
    Wrap,
    Follow,
    Bell,
    Reload,
    Help,
    /// Confirmation: do it.
    Yes,
    /// Confirmation: leave it.
    No,
    /// Confirmation of a delete: past the trash, or into it.
    Permanent,
    /// Confirmation of a delete: the files go along, or stay.
    WithFiles,
    /// Prompt: complete the word.
    Complete,
    /// Note: keep it and close.
    Keep,
    /// Note: take back what was typed last.
    TakeBack,
    /// Note: type that again.
    TypeAgain,
    /// Note: find words in it.
    Find,
}

impl Action {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Action> {
        let others = Action::iter().filter(|action| !matches!(action, Action::Show(_)));
        others.chain(TabId::VARIANTS.iter().map(|tab| Action::Show(*tab)))
    }

    /// Its word in config.toml: `page-down`, `show-steps`.
    pub fn word(self) -> String {
        let word = <&'static str>::from(self);
        match self {
            Action::Show(tab) => format!("{word}-{}", tab.facts().title.to_lowercase()),
            _ => word.to_owned(),
        }
    }

    /// What is typed behind `:` in its place, by those who gave it no key.
    pub fn command(self) -> Option<&'static str> {
        Some(match self {
            Action::Sort | Action::SortMenu => "sort",
            Action::Columns => "columns",
            Action::Export => "export",
            Action::Delete => "delete",
            Action::Undo => "trash",
            Action::Reload => "reload",
            Action::Help => "help",
            Action::Quit => "quit",
            _ => return None,
        })
    }

    /// Does it move along a list or a text?
    pub fn moves(self) -> bool {
        use Action::{Bottom, Down, HalfDown, HalfUp, PageDown, PageUp, Top, Up};
        matches!(self, Down | Up | PageDown | PageUp | HalfDown | HalfUp | Top | Bottom)
    }

    /// The place that a moving action leads to from `at`, in lines of which `page` are seen and `last` is the last
    /// place; other actions stay.
    pub fn moved(self, at: usize, page: usize, last: usize) -> usize {
        let half = (page / 2).max(1);
        let page = page.max(1);
        let to = match self {
            Action::Down => at.saturating_add(1),
            Action::Up => at.saturating_sub(1),
            Action::PageDown => at.saturating_add(page),
            Action::PageUp => at.saturating_sub(page),
            Action::HalfDown => at.saturating_add(half),
            Action::HalfUp => at.saturating_sub(half),
            Action::Top => 0,
            Action::Bottom => last,
            _ => at,
        };
        to.min(last)
    }

    /// THE table: what it is about, a word or two for the footer, and what it does, for the help.
    #[expect(clippy::too_many_lines, reason = "a table: a line for each action")]
    pub fn facts(self) -> ActionFacts {
        use About::{Cursor, Picked, Place, Program, Record, Subject, View};
        let (about, hint, description) = match self {
            Action::Down => (View, "down", "down one line"),
            Action::Up => (View, "up", "up one line"),
            Action::PageDown => (View, "screen down", "down one screen"),
            Action::PageUp => (View, "screen up", "up one screen"),
            Action::HalfDown => (View, "half down", "down half a screen"),
            Action::HalfUp => (View, "half up", "up half a screen"),
            Action::Top => (View, "first", "to the first line"),
            Action::Bottom => (View, "last", "to the last line"),
            Action::Left => (Cursor, "left", "sideways to the left; in a tree close"),
            Action::Right => (Cursor, "right", "sideways to the right; in a tree open"),
            Action::Open => (Cursor, "open", "open what is selected"),
            Action::Back => (Program, "back", "back, one layer at a time"),
            Action::Close => (Place, "back", "back; on the list of records leave the program"),
            Action::Quit => (Program, "quit", "leave the program from anywhere"),
            Action::Suspend => (Program, "suspend", "put the program aside (fg brings it back)"),
            Action::Redraw => (Program, "draw", "draw all anew, when another program wrote over it"),
            Action::Search => (View, "search", "type words: a list narrows, a text jumps"),
            Action::SearchNext => (View, "next match", "next place with the words"),
            Action::SearchPrevious => (View, "previous match", "previous place with the words"),
            Action::Command => (Cursor, "go to", "go to an id or a line number, or give a command"),
            Action::Show(tab) => (Record, tab.facts().title, tab.facts().description),
            Action::NextTab => (Record, "next tab", "next tab"),
            Action::PreviousTab => (Record, "previous tab", "previous tab"),
            Action::NextRecord => (Record, "next record", "next record of the list, same tab"),
            Action::PreviousRecord => (Record, "previous record", "previous record of the list, same tab"),
            Action::NextIteration => (View, "next iteration", "next iteration"),
            Action::PreviousIteration => (View, "previous iteration", "previous iteration"),
            Action::NextError => (Record, "next error", "next error"),
            Action::PreviousError => (Record, "previous error", "previous error"),
            Action::Sort => (View, "sort", "sort by this column; again turns the order"),
            Action::SortMenu => (View, "sort", "choose the order from a menu"),
            Action::FilterMenu => {
                (View, "filter", "choose records from a menu: outcome, user, mode, date, step")
            }
            Action::KeepValue => (Cursor, "keep", "only the records that have the value under the cursor"),
            Action::DropValue => (Cursor, "drop", "only the records without the value under the cursor"),
            Action::Columns => (View, "columns", "choose columns; a chosen one stays where others give way"),
            Action::NextPage => (View, "next page", "next page of 10, 20 or 50 records"),
            Action::PreviousPage => (View, "previous page", "previous page of 10, 20 or 50 records"),
            Action::Pick => (
                Picked,
                "mark",
                "mark for export, delete, star, verdict and tags, and go one down; again lets go",
            ),
            Action::PickRange => {
                (Picked, "range", "mark a range: {pick-range} or {pick} keeps it, {back} drops it")
            }
            Action::PickAll => (Picked, "mark all", "mark all records of the list; again none"),
            Action::Star => (Subject, "star", "star it; again takes the star away"),
            Action::Verdict => (Subject, "verdict", "say what was found of it: good, bad, check again"),
            Action::Tags => (Subject, "tags", "add tags, or take them away with -tag; {complete} completes"),
            Action::Note => (Subject, "note", "write a note, of any number of lines"),
            Action::ReadAll => (Program, "all read", "let all records count as read: none is bold"),
            Action::Export => (Subject, "export", "export: CSV, JSON, SVG, log, files"),
            Action::Delete => (Subject, "delete", "delete, after showing what would go"),
            Action::Undo => (Cursor, "undo", "take back the newest delete, out of the trash"),
            Action::Calls => (Record, "calls by hand", "calls by hand: what people did outside of runs"),
            Action::Copy => (Cursor, "copy", "copy from a menu, also through SSH"),
            Action::HighLow => {
                (Cursor, "highest, lowest", "to the highest point of a chart, again to the lowest")
            }
            Action::More => (View, "more", "more: zoom in, wider"),
            Action::Less => (View, "less", "less: zoom out, narrower"),
            Action::Fit => (View, "fit", "fit: all of it"),
            Action::Narrow => (View, "narrow", "only lines with some words, and those around them"),
            Action::Unfold => {
                (View, "traceback", "all of the traceback and of long texts, or only what tells most")
            }
            Action::Wrap => (View, "wrap", "wrap long lines, or not"),
            Action::Follow => (View, "follow", "follow what is still growing, or not"),
            Action::Bell => {
                (Program, "bell", "ring, or not, when a followed record fails, waits, ends or dies")
            }
            Action::Reload => (Record, "reload", "read again from the file, and draw all anew"),
            Action::Help => (Program, "help", "this help"),
            Action::Yes => (Program, "yes", "do it"),
            Action::No => (Program, "no", "leave it"),
            Action::Permanent => {
                (Program, "trash, or not", "past the trash: nothing can be taken back; again: into the trash")
            }
            Action::WithFiles => (
                Program,
                "files too, or not",
                "its log and result file go along into the trash; again: they stay",
            ),
            Action::Complete => (Program, "complete", "complete the word"),
            Action::Keep => (Program, "keep", "keep the note, and close"),
            Action::TakeBack => (Program, "undo", "take back what was typed last"),
            Action::TypeAgain => (Program, "redo", "type again what was taken back"),
            Action::Find => (Program, "find", "find words in the note; again the next place"),
        };
        ActionFacts { about, hint, description }
    }
}

/// What an action is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionFacts {
    pub about: About,
    /// A word or two, for the footer.
    pub hint: &'static str,
    /// What it does, for the help; `{back}` stands for the key of that action (`bindings::spelt`).
    pub description: &'static str,
}

/// What an action needs to be there: keys that were typed ahead wait for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Nothing: it belongs to the program.
    Program,
    /// Where the user is: it leaves that.
    Place,
    /// Which record is meant.
    Record,
    /// The record's name.
    Subject,
    /// What stands under the cursor.
    Cursor,
    /// Which records are marked for an action, and the one under the cursor.
    Picked,
    /// What is on screen.
    View,
}
