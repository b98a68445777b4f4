//! Tab 6: the record's log, of any size: the lines around the view are in memory, more are read near their edges.
//!
//! It opens where the operator looks first: a record that ended with an error at its last error (if that is among the
//! last lines), a running or unfinished one at the end, any other at the start.

mod answer;
mod errors;
mod lines;
mod narrow;
mod search;
#[cfg(test)]
mod tests;
mod view;
mod window;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    model::{format::count, outcome::Outcome},
    services::{
        log::LogAt,
        moment::Moment,
        request::{Ask, Slot},
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::Loadable,
        screens::read_by,
        tab::TabId,
        widgets::reader::{Reader, TextLine},
    },
};
use narrow::NarrowedLog;
use search::BeforeSearch;
use window::{LogWindow, PIECE};

/// A narrowed log that is longer is not gone through again with each change.
const NARROWED: u64 = 16 << 20;

/// What a piece of the log is for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Wanted {
    /// The first piece, of a record that ended like this.
    Open(Outcome),
    #[default]
    Start,
    End,
    Above,
    Below,
    /// Only what has been written since, to follow.
    News,
    /// Where a search leads, or that it leads nowhere.
    Find {
        forward: bool,
    },
    /// The next error, or that there is none.
    Error {
        forward: bool,
    },
    /// The step that a line tells of.
    Step,
    /// Where a line begins.
    Line(u64),
    /// A place with lines around it.
    Place {
        at: u64,
        line: Option<u64>,
    },
    /// The same place again.
    Again {
        at: u64,
    },
}

#[derive(Debug, Default)]
pub(super) struct LogTab {
    run: i64,
    window: Loadable<LogWindow>,
    reader: Reader,
    requests: Requests<Wanted>,
    /// How the record ended: it says where to open. `Some(None)` where that can't be read.
    outcome: Option<Option<Outcome>>,
    /// The place and the words before `/` was pressed.
    before: Option<BeforeSearch>,
    /// Shown in the place of the whole log.
    narrow: Option<NarrowedLog>,
    /// What Esc goes back to: the narrowed log from which a line was opened.
    opened_from: Option<NarrowedLog>,
    /// It is to be read again when what is on its way has come.
    again: bool,
    /// The lab is followed.
    follows: bool,
    /// The same, as far as more was written meanwhile.
    late_news: bool,
    /// The byte that it is led to when it is shown next.
    aim: Option<u64>,
}

impl LogTab {
    pub fn new(run: i64) -> Self {
        let mut tab = LogTab { run, ..LogTab::default() };
        tab.reader.mark_current();
        tab
    }

    fn ask(&mut self, wanted: Wanted, at: LogAt, bytes: usize) -> Vec<Effect> {
        vec![self.requests.ask_for(Ask::Log { run: self.run, at, bytes }, wanted)]
    }

    /// Nothing is there yet: the first piece, once it is known where to open.
    fn open(&mut self) -> Vec<Effect> {
        let Some(outcome) = self.outcome else { return Vec::new() };
        let outcome = outcome.unwrap_or(Outcome::Ended);
        if let Some(at) = self.aim.take() {
            return self.go_to_byte(at);
        }
        let at = if answer::at_end(outcome) { LogAt::End } else { LogAt::Start };
        self.ask(Wanted::Open(outcome), at, PIECE)
    }

    /// To the line that has a byte, which is marked.
    fn go_to_byte(&mut self, at: u64) -> Vec<Effect> {
        self.reader.set_hit(Some(at));
        self.go(at, None)
    }

    /// Nothing of the log is on its way.
    fn is_idle(&self) -> bool {
        !self.requests.is_coming(Slot::Log)
    }

    /// Reads the same place again; behind what is on its way, so that no jump or search is lost.
    fn reload(&mut self) -> Vec<Effect> {
        if !self.is_idle() {
            self.again = true;
            return Vec::new();
        }
        if self.window.get().is_none() {
            return self.open();
        }
        let at = self.reader.lines().get(self.reader.first()).map_or(0, |line| line.at);
        self.ask(Wanted::Again { at }, LogAt::Offset(at.saturating_sub(PIECE as u64 / 2)), PIECE)
    }

    /// Lines beyond the view that should be there before they are needed.
    fn margin(&self) -> usize {
        self.reader.height().saturating_mul(2) + 8
    }

    /// Asks for what the view comes close to, if nothing is under way.
    fn fetch(&mut self) -> Vec<Effect> {
        let Some(window) = self.window.get().filter(|_| self.is_idle()) else { return Vec::new() };
        let (start, end) = (window.start, window.end);
        // Pieces of a line that writes over itself bring nothing to see until its end or its beginning.
        let lines = self.reader.lines();
        let much = |line: Option<&TextLine>| if line.is_some_and(|l| l.is_bar) { 16 * PIECE } else { PIECE };
        let (up, down) = (much(lines.first()), much(lines.last().filter(|line| !line.ends)));
        let below = self.reader.lines().len().saturating_sub(self.reader.last());
        if below < self.margin() && !window.has_end() {
            return self.ask(Wanted::Below, LogAt::Offset(end), down);
        }
        if self.reader.first() < self.margin() && start > 0 {
            return self.ask(Wanted::Above, LogAt::Before(start), up);
        }
        Vec::new()
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        if let Some(effects) = self.act_narrow(action) {
            return effects;
        }
        match action {
            Action::Top => return self.go_start(),
            Action::Bottom => return self.go_end(),
            Action::Reload if self.follows && self.reader.at_bottom() => return self.go_end(),
            Action::Reload => return self.reload(),
            Action::Narrow => return vec![Effect::TypeLines],
            Action::Open => return self.ask_step(),
            Action::NextError => return self.next_error(true),
            Action::PreviousError => return self.next_error(false),
            Action::Search => return self.start_search(),
            Action::SearchNext => return self.search_on(true),
            Action::SearchPrevious => return self.search_on(false),
            Action::Back if self.opened_from.is_some() => self.narrow_again(),
            Action::Back => self.clear_search(),
            other => {
                read_by(&mut self.reader, other);
            }
        }
        self.fetch()
    }

    fn go_start(&mut self) -> Vec<Effect> {
        if self.window.get().is_some_and(|w| w.start == 0) {
            self.reader.top();
            return self.fetch();
        }
        self.ask(Wanted::Start, LogAt::Start, PIECE)
    }

    /// The file may have grown: what is there is shown at once, and the end is asked for.
    fn go_end(&mut self) -> Vec<Effect> {
        match self.window.get() {
            Some(window) if window.has_end() => {
                let end = window.end;
                self.reader.bottom();
                self.ask(Wanted::News, LogAt::Offset(end), PIECE)
            }
            _ => self.ask(Wanted::End, LogAt::End, PIECE),
        }
    }

    /// Asks for what was written since.
    fn read_news(&mut self) -> Vec<Effect> {
        match self.window.get() {
            _ if !self.is_idle() => {
                self.late_news = true;
                Vec::new()
            }
            Some(window) if window.size <= NARROWED && self.narrow.is_some() => self.narrow_anew(),
            Some(window) if window.has_end() => {
                let end = window.end;
                self.ask(Wanted::News, LogAt::Offset(end), PIECE)
            }
            Some(_) => Vec::new(),
            None => self.open(),
        }
    }

    /// Goes to a byte: at once where it is in memory.
    fn go(&mut self, at: u64, line: Option<u64>) -> Vec<Effect> {
        let here = self.window.get().and_then(|window| window.line_at(at, self.reader.lines()));
        match here {
            Some(index) => {
                self.learn(index, line);
                self.show(index, at);
                self.fetch()
            }
            None => {
                let from = at.saturating_sub(PIECE as u64 / 2);
                self.ask(Wanted::Place { at, line }, LogAt::Offset(from), PIECE)
            }
        }
    }

    /// Shows the line that begins at a byte. Inside of a line that is too long the words may stand in its next piece.
    fn show(&mut self, index: usize, at: u64) {
        let begins = |i: usize| self.reader.lines().get(i).map(|line| line.at);
        let mut index = index;
        if begins(index) != Some(at) {
            index = self.reader.find(index, true).filter(|hit| *hit <= index + 2).unwrap_or(index);
            if self.reader.hit() == Some(at) {
                let hit = begins(index);
                self.reader.set_hit(hit);
            }
        }
        self.reader.show(index);
    }

    fn learn(&mut self, index: usize, line: Option<u64>) {
        if let (Some(line), Loadable::There(window)) = (line, &mut self.window) {
            window.learn(index, line, self.reader.lines());
        }
    }

    /// How much of the file is above the last row, as a pager says it.
    fn percent(&self) -> String {
        let Some(window) = self.window.get() else { return String::new() };
        let seen = window.end_of(self.reader.last(), self.reader.lines());
        let share = (u128::from(seen) * 100).checked_div(u128::from(window.size)).unwrap_or(100);
        format!("{} %", share.min(100))
    }

    /// The number of the first line on screen, where it is known.
    fn line_number(&self) -> Option<u64> {
        self.window.get()?.number(self.reader.first(), self.reader.lines())
    }
}

impl Tab for LogTab {
    fn context(&self) -> Context {
        Context::Tab(TabId::Log)
    }

    fn can(&self, action: Action) -> bool {
        if let Some(narrow) = &self.narrow {
            return Self::can_narrow(narrow, action);
        }
        match action {
            Action::Reload => true,
            _ if self.reader.lines().is_empty() => false,
            Action::Left => self.reader.can_left(),
            Action::Right => self.reader.can_right(),
            Action::Back if self.opened_from.is_some() => true,
            Action::SearchNext | Action::SearchPrevious | Action::Back => !self.reader.words().is_empty(),
            Action::Open | Action::NextError | Action::PreviousError => true,
            Action::Search | Action::Narrow | Action::Wrap => true,
            other => other.moves(),
        }
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        (!self.reader.lines().is_empty()).then_some(Goto::Line(n.max(1)))
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.follows = cx.follows;
        match input {
            Input::Resize(size) => {
                let size = Size { height: size.height.saturating_sub(view::HEADER), ..size };
                self.reader.set_size(size);
                for narrow in self.narrow.iter_mut().chain(&mut self.opened_from) {
                    narrow.set_size(size);
                }
                self.fetch()
            }
            Input::Shown => match (self.window.get(), self.aim) {
                (None, _) => self.open(),
                (Some(_), Some(at)) => {
                    self.aim = None;
                    self.leave_narrow();
                    self.go_to_byte(at)
                }
                (Some(_), None) => Vec::new(),
            },
            Input::Action(action) => self.act(action),
            Input::Goto(Goto::Line(n)) => self.ask(Wanted::Line(n), LogAt::Line(n), 1),
            Input::Outcome(outcome) => {
                let first = self.outcome.replace(outcome).is_none();
                if first && !self.window.has_come() { self.open() } else { Vec::new() }
            }
            Input::Typed(words) => self.narrow_to(words),
            Input::Search(words) => self.search(words),
            Input::SearchDone(words) => self.search_done(words),
            Input::Followed if cx.follows && self.narrow.is_none() => self.go_end(),
            Input::Answer { slot, result } => self.answer(slot, result),
            _ => Vec::new(),
        }
    }

    fn news(&mut self, _: &ScreenCx<'_>) -> Vec<Effect> {
        self.read_news()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        view::view(self, theme, area, buf);
    }

    fn has_come(&self) -> bool {
        self.window.has_come()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(window) = self.window.get() else { return Vec::new() };
        let mut items = vec![CopyItem::new('p', "path", window.path.display().to_string())];
        let reader = self.narrow.as_ref().map_or(&self.reader, |narrow| &narrow.reader);
        let lines = reader.lines();
        let seen = lines.get(reader.first()..=reader.last()).unwrap_or_default();
        if let Some(line) = reader.visible_hit().and_then(|i| lines.get(i)).or(seen.first()) {
            items.push(CopyItem::new('l', "line", line.text.clone()));
        }
        if let Some(error) = seen.iter().rev().find(|line| line.kind == Role::Failed) {
            items.push(CopyItem::new('e', "error", error.text.clone()));
        }
        if !seen.is_empty() {
            let texts: Vec<&str> = seen.iter().map(|line| line.text.as_str()).collect();
            items.push(CopyItem::new('s', "screen", texts.join("\n")));
        }
        items
    }

    fn position(&self) -> Option<String> {
        if self.narrow.is_some() {
            return None;
        }
        Some(format!("line {}", count(self.line_number()?)))
    }

    fn moment(&self) -> Option<Moment> {
        self.current_byte().map(Moment::LogByte)
    }

    fn aim(&mut self, aim: Aim) {
        if let Aim::LogByte(at) = aim {
            self.aim = Some(at);
        }
    }

    fn beside(&self, run: i64) -> Option<Box<dyn Tab>> {
        let mut log = LogTab::new(run);
        if self.reader.wraps() {
            log.reader.turn_wrap();
        }
        log.reader.set_words(self.reader.words().clone());
        Some(Box::new(log))
    }
}
