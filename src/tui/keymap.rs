//! THE table of keys: what a key means where, unless the user wants other keys ([`super::bindings`]).
//!
//! To add a key: an `Action` (or one that is there), a row below. A key has one meaning everywhere, so a row
//! names the contexts where it means something; a context inherits its parent's rows.

use std::sync::LazyLock;

use Context as C;
use Section as S;
use strum::{IntoEnumIterator, VariantArray};

use super::{
    action::{Action as A, ActionFacts},
    key::{Code, Key},
    tab::TabId,
};

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
pub enum Context {
    /// Every screen, no overlay.
    Global,
    List,
    /// Why a record failed.
    Why,
    /// Every tab of a record.
    Record,
    /// A tab of a record.
    Tab(TabId),
    /// One output as a chart.
    OneChart,
    /// The calls by hand.
    Calls,
    /// One call by hand.
    Call,
    /// What was deleted.
    Trash,
    /// A record that was deleted.
    Trashed,
    Menu,
    Confirm,
    /// A text field: what is not in the table is typed.
    Prompt,
    /// A text of several lines: the same.
    Note,
    Help,
}

impl Context {
    /// Whose keys work here too.
    pub fn parent(self) -> Option<Context> {
        match self {
            C::List | C::Why | C::Record => Some(C::Global),
            C::Calls | C::Call | C::Trash | C::Trashed => Some(C::Global),
            C::Tab(_) | C::OneChart => Some(C::Record),
            C::Global | C::Menu | C::Confirm | C::Prompt | C::Note | C::Help => None,
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Context> {
        let tabs = || TabId::VARIANTS.iter().map(|tab| C::Tab(*tab));
        let others = Context::iter().filter(|context| !matches!(context, C::Tab(_)));
        others.chain(tabs())
    }

    /// Its word in config.toml; `None` where keys stand for everywhere.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            C::Global => return None,
            C::List => "list",
            C::Why => "error-view",
            C::Record => "record",
            C::Tab(TabId::Overview) => "overview",
            C::Tab(TabId::Steps) => "steps",
            C::Tab(TabId::Table) => "table",
            C::Tab(TabId::Map) => "map",
            C::Tab(TabId::Charts) => "charts",
            C::Tab(TabId::Log) => "log",
            C::Tab(TabId::Files) => "files",
            C::OneChart => "chart",
            C::Calls => "call-list",
            C::Call => "call",
            C::Trash => "trash",
            C::Trashed => "trashed-record",
            C::Menu => "menu",
            C::Confirm => "question",
            C::Prompt => "prompt",
            C::Note => "note-editor",
            C::Help => "help-page",
        })
    }

    /// A screen or what stands on it, not an overlay.
    pub fn is_screen(self) -> bool {
        self.chain().any(|context| context == C::Global)
    }

    /// What such a key does here is not for the table to say: it types or edits, is a part of an answer, or chooses a line.
    pub fn types(self, key: Key) -> bool {
        match self {
            C::Prompt | C::Note => key.typed().is_some() || key.edits(),
            C::Confirm => key.typed().is_some_and(|c| c.is_ascii_digit()) || key.code == Code::Backspace,
            C::Menu => is_letter_of_a_line(key),
            _ => false,
        }
    }

    /// This context, its parent, and so on.
    pub fn chain(self) -> impl Iterator<Item = Context> {
        std::iter::successors(Some(self), |context| context.parent())
    }

    /// This context, then all that inherit from it.
    pub fn heirs(self) -> impl Iterator<Item = Context> {
        let others = Context::all().filter(move |other| *other != self);
        std::iter::once(self).chain(others.filter(move |other| other.chain().any(|at| at == self)))
    }
}

/// A heading of the help, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    Move,
    Go,
    Search,
    Look,
    Do,
    Program,
}

impl Section {
    pub const ALL: [Section; 6] = [S::Move, S::Go, S::Search, S::Look, S::Do, S::Program];

    pub fn title(self) -> &'static str {
        match self {
            S::Move => "Move",
            S::Go => "Go to",
            S::Search => "Search",
            S::Look => "Look",
            S::Do => "Do",
            S::Program => "Program",
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct KeyRow {
    pub contexts: &'static [Context],
    /// Names as [`Key`] reads them; the first is the one that the footer shows.
    pub keys: &'static [&'static str],
    pub action: A,
    pub section: Section,
    /// Place in the footer, small first; 0 is not in the footer.
    pub rank: u16,
}

impl KeyRow {
    /// Does it mean something there, also as what a context inherits?
    pub fn works_in(&self, context: Context) -> bool {
        context.chain().any(|at| self.contexts.contains(&at))
    }
}

const fn row(
    contexts: &'static [Context],
    keys: &'static [&'static str],
    action: A,
    section: Section,
    rank: u16,
) -> KeyRow {
    KeyRow { contexts, keys, action, section, rank }
}

const SCREENS: &[Context] = &[C::Global];
const MOVING: &[Context] = &[C::Global, C::Menu, C::Confirm, C::Help];
const LIST_AND_RECORD: &[Context] = &[C::List, C::Record];
const RECORDS: &[Context] = &[C::List, C::Why, C::Record];
const RECORD: &[Context] = &[C::Record];
const LIST: &[Context] = &[C::List];
const NOTE: &[Context] = &[C::Note];
const ANYWHERE: &[Context] = &[C::Global, C::Menu, C::Confirm, C::Help, C::Prompt, C::Note];
const TABLE: Context = C::Tab(TabId::Table);
const LOG: Context = C::Tab(TabId::Log);
const FILES: Context = C::Tab(TabId::Files);
const MAP: Context = C::Tab(TabId::Map);
const SIZED: &[Context] = &[MAP, C::Tab(TabId::Charts), C::OneChart, LOG, FILES];

/// The footer keeps this one even when it is very narrow.
pub const HELP_RANK: u16 = 900;

const MOVES: &[KeyRow] = &[
    row(MOVING, &["j", "Down"], A::Down, S::Move, 0),
    row(MOVING, &["k", "Up"], A::Up, S::Move, 0),
    row(MOVING, &["PgDn", "Ctrl-f"], A::PageDown, S::Move, 0),
    row(MOVING, &["PgUp", "Ctrl-b"], A::PageUp, S::Move, 0),
    row(MOVING, &["Ctrl-d"], A::HalfDown, S::Move, 0),
    row(MOVING, &["Ctrl-u"], A::HalfUp, S::Move, 0),
    row(MOVING, &["g", "Home"], A::Top, S::Move, 0),
    row(MOVING, &["G", "End"], A::Bottom, S::Move, 0),
    row(&[C::OneChart], &["m"], A::HighLow, S::Move, 25),
    row(SCREENS, &["h", "Left"], A::Left, S::Move, 0),
    row(SCREENS, &["l", "Right"], A::Right, S::Move, 0),
    row(LIST, &["]"], A::NextPage, S::Move, 0),
    row(LIST, &["["], A::PreviousPage, S::Move, 0),
    row(&[C::Global, C::Menu, C::Prompt], &["Enter"], A::Open, S::Go, 10),
    row(&[C::Confirm], &["Enter"], A::Open, S::Go, 0),
    row(ANYWHERE, &["Esc"], A::Back, S::Go, 800),
    row(MOVING, &["q"], A::Close, S::Go, 0),
];

const OTHERS: &[KeyRow] = &[
    row(RECORD, &["Tab"], A::NextTab, S::Go, 15),
    row(RECORD, &["Shift-Tab"], A::PreviousTab, S::Go, 0),
    row(RECORD, &["J"], A::NextRecord, S::Go, 35),
    row(RECORD, &["K"], A::PreviousRecord, S::Go, 0),
    row(RECORD, &["}"], A::NextIteration, S::Go, 0),
    row(RECORD, &["{"], A::PreviousIteration, S::Go, 0),
    row(RECORDS, &["e"], A::NextError, S::Go, 30),
    row(RECORDS, &["E"], A::PreviousError, S::Go, 0),
    row(&[C::List, C::Why, C::Record, C::Calls], &["H"], A::Calls, S::Go, 92),
    row(SCREENS, &[":"], A::Command, S::Go, 90),
    row(&[C::Global, C::Help], &["/"], A::Search, S::Search, 20),
    row(SCREENS, &["n"], A::SearchNext, S::Search, 0),
    row(SCREENS, &["N"], A::SearchPrevious, S::Search, 0),
    row(&[C::List, TABLE], &["s"], A::Sort, S::Look, 60),
    row(LIST, &["S"], A::SortMenu, S::Look, 0),
    row(LIST, &["f"], A::FilterMenu, S::Search, 72),
    row(LIST, &["="], A::KeepValue, S::Search, 74),
    row(&[C::Why], &["="], A::KeepValue, S::Go, 23),
    row(LIST, &["!"], A::DropValue, S::Search, 0),
    row(LIST, &["C"], A::Columns, S::Look, 0),
    row(&[TABLE], &["+"], A::More, S::Look, 62),
    row(&[C::Why], &["+"], A::More, S::Look, 21),
    row(&[C::Why], &["T"], A::Unfold, S::Look, 22),
    row(SIZED, &["+"], A::More, S::Look, 22),
    row(&[TABLE], &["-"], A::Less, S::Look, 63),
    row(SIZED, &["-"], A::Less, S::Look, 23),
    row(&[TABLE], &["_"], A::Fit, S::Look, 64),
    row(SIZED, &["_"], A::Fit, S::Look, 24),
    row(&[LOG], &["&"], A::Narrow, S::Search, 28),
    row(&[LOG, FILES], &["w"], A::Wrap, S::Look, 26),
    row(&[C::List, C::Calls, C::Why, C::Call], &["F"], A::Follow, S::Look, 65),
    row(RECORD, &["F"], A::Follow, S::Look, 33),
    row(SCREENS, &["b"], A::Bell, S::Look, 0),
    row(SCREENS, &["R"], A::Reload, S::Look, 95),
    row(&[C::List, C::Why, C::Record, C::Calls], &["x"], A::Export, S::Do, 40),
    row(RECORDS, &["D"], A::Delete, S::Do, 50),
    row(RECORDS, &["u"], A::Undo, S::Do, 0),
    row(&[C::Trash, C::Trashed], &["u"], A::Undo, S::Do, 12),
    row(RECORDS, &["*"], A::Star, S::Do, 0),
    row(RECORDS, &["V"], A::Verdict, S::Do, 0),
    row(RECORDS, &["t"], A::Tags, S::Do, 0),
    row(RECORDS, &["i"], A::Note, S::Do, 57),
    row(LIST, &["U"], A::ReadAll, S::Do, 0),
    row(LIST, &["Space"], A::Pick, S::Do, 55),
    row(LIST, &["v"], A::PickRange, S::Do, 0),
    row(LIST, &["a"], A::PickAll, S::Do, 0),
    row(&[C::List, C::Why, C::Record, C::Calls, C::Call, C::Trash, C::Trashed], &["y"], A::Copy, S::Do, 70),
    row(&[C::Confirm], &["y"], A::Yes, S::Do, 1),
    row(&[C::Confirm], &["n"], A::No, S::Do, 2),
    row(&[C::Confirm], &["P"], A::Permanent, S::Do, 3),
    row(&[C::Confirm], &["f"], A::WithFiles, S::Do, 4),
    row(&[C::Prompt], &["Tab"], A::Complete, S::Do, 5),
    row(NOTE, &["Ctrl-x"], A::Keep, S::Do, 1),
    row(NOTE, &["Ctrl-u"], A::TakeBack, S::Do, 2),
    row(NOTE, &["Ctrl-r"], A::TypeAgain, S::Do, 3),
    row(NOTE, &["Ctrl-f"], A::Find, S::Search, 4),
    row(&[C::Global, C::Help], &["?", "F1"], A::Help, S::Program, HELP_RANK),
    row(&[C::Global, C::Menu, C::Confirm, C::Help], &["Q"], A::Quit, S::Program, 0),
    row(ANYWHERE, &["Ctrl-c"], A::Quit, S::Program, 0),
    row(ANYWHERE, &["Ctrl-z"], A::Suspend, S::Program, 0),
    row(ANYWHERE, &["Ctrl-l"], A::Redraw, S::Program, 0),
];

/// All rows; those that show a tab stand in front of the keys that go to the next one.
pub static KEYMAP: LazyLock<Vec<KeyRow>> = LazyLock::new(|| {
    let shown = |contexts, tab: TabId, rank| row(contexts, tab.facts().keys, A::Show(tab), S::Go, rank);
    // Of a failure its place in the log is looked for most.
    let of_why = |tab| shown(&[C::Why], tab, if tab == TabId::Log { 20 } else { 0 });
    let show = |tab: &TabId| [shown(LIST_AND_RECORD, *tab, 0), of_why(*tab)];
    let tabs = TabId::VARIANTS.iter().flat_map(show);
    MOVES.iter().copied().chain(tabs).chain(OTHERS.iter().copied()).collect()
});

/// What an action is called here: where the words for everywhere say too little, others.
pub fn told(context: Context, action: A) -> ActionFacts {
    let everywhere = action.facts();
    let (hint, description) = match (context, action) {
        (C::Tab(TabId::Table), A::Search) => ("find column", "find a column by its name"),
        (C::Tab(TabId::Charts) | C::OneChart, A::Search) => ("find output", "find an output by its name"),
        (C::Tab(TabId::Steps), A::Search) => ("search", "find words in steps, open and closed"),
        (C::List, A::Open) => ("open", "open the record"),
        (C::List, A::Search) => {
            ("search", "type filter words: the list narrows while you type, {complete} completes")
        }
        (C::Why, A::KeepValue) => {
            ("same elsewhere", "the records that failed alike, as a list; {back} comes back")
        }
        (C::List, A::NextError) => {
            ("why failed", "why it failed: the selected record, or the next one that has a failure")
        }
        (C::List, A::PreviousError) => ("why failed", "the same, looking upwards"),
        (C::Tab(TabId::Steps), A::NextError) => ("next error", "the next failed step or phase"),
        (C::Tab(TabId::Steps), A::PreviousError) => ("previous error", "the failed step or phase before"),
        (MAP, A::Open) => ("step", "to the step of this cell, or to its phase; {back} comes back"),
        (MAP, A::NextError) => ("next failed", "the next failed cell"),
        (MAP, A::PreviousError) => ("failed before", "the failed cell before"),
        (MAP, A::Top) => ("first", "to the first iteration"),
        (MAP, A::Bottom) => ("last", "to the last iteration"),
        (MAP, A::Left) => ("left", "a column to the left, from the first one to prep"),
        (MAP, A::Right) => ("right", "a column to the right, from the last one to cleanup"),
        (LOG, A::NextError) => ("next error", "the next error of the log, below this line"),
        (LOG, A::PreviousError) => ("previous error", "the error of the log above this line"),
        (C::Record | C::Tab(_) | C::OneChart, A::NextError) => (
            "why failed",
            "why it failed: its first failure; in Steps the next failed step, in a log the next error",
        ),
        (C::Record | C::Tab(_) | C::OneChart, A::PreviousError) => (
            "why failed",
            "why it failed: its last failure; in Steps the failed step before, in a log the error before",
        ),
        (C::Why, A::NextError) => ("next failure", "the next failure, then the next record that has one"),
        (C::Why, A::PreviousError) => ("previous failure", "the failure before, then the record before"),
        (C::Why, A::Left) => ("failure before", "the failure of this record before this one"),
        (C::Why, A::Right) => ("failure behind", "the failure of this record behind this one"),
        (C::Why, A::Open) => ("step", "the step in Steps; {back} comes back"),
        (C::Why, A::Show(TabId::Log)) => ("log", "the log, at this failure; {back} comes back"),
        (C::Why, A::More) => ("all failures", "all failures of a record that has very many"),
        (C::Calls, A::Open) => ("open", "open the call: its arguments, its result, its error"),
        (C::Call, A::Open) => ("open", "open or close a value"),
        (C::Trash, A::Open) => ("look", "look at the record as it was, without bringing it back"),
        (C::Trash, A::Undo) => ("bring back", "put the selected record back into the lab's database"),
        (C::Trashed, A::Undo) => ("bring back", "put this record back into the lab's database"),
        (C::Calls, A::Calls) => ("all calls", "all calls by hand, not only those around a record"),
        (C::Calls, A::Export) => ("export", "export these calls: CSV, JSON lines"),
        (C::Why | C::Record | C::Tab(_) | C::OneChart, A::Calls) => {
            ("calls by hand", "calls by hand between the record before and the end of this one")
        }
        (C::Record | C::Tab(TabId::Overview), A::Open) => {
            ("open", "show all of long texts, or fold them again; else the calls by hand around it")
        }
        (C::Tab(TabId::Steps), A::Open) => ("open", "open or close a phase, a step or a value"),
        (C::Tab(TabId::Table), A::Open) => ("steps", "to the steps of this row's iteration"),
        (C::Tab(TabId::Charts), A::Open) => ("chart", "show this output as one chart"),
        (C::OneChart, A::Open) => ("step", "to the step that made this point; {back} comes back"),
        (LOG, A::Open) => (
            "step",
            "to the step of this line; of a log narrowed with {narrow} to the whole log; {back} comes back",
        ),
        (FILES, A::Open) => ("look", "look into this file"),
        (FILES, A::Search) => ("search", "find words in a text; in a CSV a column, then cells"),
        _ => return everywhere,
    };
    ActionFacts { hint, description, ..everywhere }
}

/// These keys mean the same whatever the user wants: so one can always leave, and a hasty Enter agrees to nothing.
pub fn is_fixed(context: Context, action: A, key: &str) -> bool {
    matches!((context, action, key), (_, A::Quit, "Ctrl-c") | (C::Confirm, A::Open, "Enter"))
}

/// These stay beside those that the user wants, so that what asks, or takes a text, can be left, and the text be handed over.
pub fn stays(context: Context, action: A, key: &str) -> bool {
    match (action, key) {
        (A::Back, "Esc") => !context.is_screen(),
        (A::Open, "Enter") => context == C::Prompt,
        (A::Keep, "Ctrl-x") => context == C::Note,
        _ => false,
    }
}

/// Can stand in front of a line of a menu: the letters that move in it or leave it never do.
fn is_letter_of_a_line(key: Key) -> bool {
    let moves = |row: &KeyRow| row.works_in(C::Menu) && row.keys.contains(&key.to_string().as_str());
    key.typed().is_some_and(char::is_alphanumeric) && !KEYMAP.iter().any(moves)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn keys_of(context: Context) -> Vec<&'static str> {
        let own = KEYMAP.iter().filter(|row| row.contexts.contains(&context));
        own.flat_map(|row| row.keys.iter().copied()).collect()
    }

    #[test]
    fn names_are_keys_and_print_as_written() {
        for name in KEYMAP.iter().flat_map(|row| row.keys) {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), *name);
        }
    }

    #[test]
    fn no_key_twice_in_a_context() {
        for context in Context::all() {
            let mut seen = HashSet::new();
            for key in keys_of(context) {
                assert!(seen.insert(key), "{key} twice in {context:?}");
            }
        }
    }

    #[test]
    fn no_context_shadows_its_parents() {
        for context in Context::all() {
            let own = keys_of(context);
            for parent in context.chain().skip(1) {
                for key in keys_of(parent) {
                    assert!(!own.contains(&key), "{key} of {context:?} shadows {parent:?}");
                }
            }
        }
    }

    /// One meaning each, everywhere; overlays that ask something have their own words for y, n, Enter and Tab.
    #[test]
    fn a_key_means_the_same_on_every_screen() {
        let screens = |row: &&KeyRow| row.contexts.iter().any(|c| c.chain().any(|at| at == C::Global));
        for (i, row) in KEYMAP.iter().filter(screens).enumerate() {
            for other in KEYMAP.iter().filter(screens).skip(i + 1) {
                let shared: Vec<_> = row.keys.iter().filter(|key| other.keys.contains(key)).collect();
                assert!(shared.is_empty() || row.action == other.action, "{shared:?} means two things");
            }
        }
    }

    #[test]
    fn every_action_has_a_key() {
        for action in A::all() {
            assert!(KEYMAP.iter().any(|row| row.action == action), "{action:?}");
        }
    }

    #[test]
    fn keys_that_terminals_and_multiplexers_take_are_not_needed() {
        let needs = |key: &&str| {
            !key.starts_with("Ctrl-a")
                && !key.starts_with("Ctrl-b")
                && !key.starts_with("Alt-")
                && !key.starts_with('F')
                || key.len() == 1
        };
        for row in KEYMAP.iter() {
            assert!(row.keys.iter().any(needs), "{:?} can't be reached", row.action);
            for never in ["Ctrl-s", "Ctrl-q", "Ctrl-a"] {
                assert!(!row.keys.contains(&never), "{never} is taken");
            }
        }
    }

    /// In config.toml keys of `[keys]` are for all rows of an action.
    #[test]
    fn an_action_has_the_same_keys_everywhere_but_those_that_are_fixed() {
        for row in KEYMAP.iter() {
            for other in KEYMAP.iter().filter(|other| other.action == row.action) {
                let is_fixed = |row: &KeyRow| row.keys == ["Ctrl-c"];
                assert!(row.keys == other.keys || is_fixed(row) || is_fixed(other), "{:?}", row.action);
            }
        }
    }

    /// A table within `[keys]` can't have the name of an action.
    #[test]
    fn words_of_contexts_are_no_words_of_actions() {
        let words: Vec<_> = Context::all().filter_map(Context::word).collect();
        let actions: HashSet<String> = A::all().map(A::word).collect();
        assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len());
        assert_eq!(words.len() + 1, Context::all().count());
        assert!(words.iter().all(|word| !actions.contains(*word)));
    }
}
