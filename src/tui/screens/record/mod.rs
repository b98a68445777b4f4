//! The record screen: who, when and how it ended above, one of its tabs below.
//!
//! The shell owns what is the same on every tab: the header, the tabs' bar, neighbours (J, K), errors (e, E),
//! following and reloading (R). Everything else goes to the tab on top, a [`crate::tui::screen::Tab`].
//!
//! - What a tab asks is answered to it, also while another tab is on top: the shell's requests say whose they are.
//! - A tab hears [`Input::Shown`] whenever it comes on top: it asks for what is missing then.
//! - While the lab is followed the record itself is read first; its tab only where there can be news in it.
//! - A tab speaks to its shell with `Effect::Goto`: an iteration or a step is shown in Steps, or another tab. Esc comes
//!   back from there (`places.rs`).

mod charts;
mod files;
mod header;
mod jumps;
mod log;
mod map;
mod moment;
mod neighbours;
mod next_failure;
mod overview;
mod places;
mod shared_moment;
mod status_word;
mod steps;
mod table;
mod tabs;
#[cfg(test)]
pub(crate) mod tests;
mod word_search;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use strum::VariantArray;

use crate::{
    error::Result,
    model::query::ListQuery,
    services::{
        export_kind::ExportKind,
        marks::unread::ReadWhat,
        request::{Answer, Ask, Slot},
    },
    style::Theme,
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, Screen, ScreenCx, Subject, Tab, Visit},
        screens::calls::Calls,
        tab::TabId,
    },
};
use header::Header;
use next_failure::FailureWalk;
pub(in crate::tui::screens) use overview::OverviewText;
use places::Places;
use shared_moment::SharedMoment;
use tabs::Tabs;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Shell,
    /// The shell, while it is followed: the tab is told behind it.
    News,
    Tab(TabId),
}

/// One record, one tab of it on top.
#[derive(Debug, Default)]
pub struct RecordScreen {
    run: i64,
    tab: TabId,
    /// The list that J and K walk along.
    query: ListQuery,
    header: Header,
    tabs: Tabs,
    requests: Requests<For>,
    failures: FailureWalk,
    places: Places,
    moment: SharedMoment,
    /// It stands on the error view, to which `e` leads back.
    from_reason: bool,
    size: Size,
    /// The lab is followed.
    follows: bool,
}

impl RecordScreen {
    /// The record `run` with `tab` on top; J and K go along the list that `query` describes.
    pub fn new(run: i64, tab: TabId, query: ListQuery) -> RecordScreen {
        RecordScreen { run, tab, query, ..RecordScreen::default() }
    }

    /// A record opened at a place.
    pub fn visit(visit: Visit) -> RecordScreen {
        let Visit { run, goto, near, query, from_reason } = visit;
        let mut record = RecordScreen { from_reason, ..RecordScreen::new(run, TabId::Overview, query) };
        record.tab = match goto {
            Goto::Spot(spot) => record.tabs.aim(run, Aim::Spot(spot)),
            Goto::Iteration(n) => record.tabs.aim(run, Aim::Iteration(n)),
            Goto::LogByte(at) => record.tabs.aim(run, Aim::LogByte(at)),
            Goto::Tab(tab) => tab,
            Goto::Record(_) | Goto::Row(_) | Goto::Line(_) | Goto::Call(_) => TabId::Overview,
        };
        if let Some(to) = shared_moment::of_goto(goto) {
            record.moment.jumped(to, vec![record.tab]);
        } else if let Some(near) = near.and_then(shared_moment::of_goto) {
            record.moment.jumped(near, Vec::new());
        }
        record
    }

    /// The tab on top, once it is made.
    fn top(&self) -> Option<&dyn Tab> {
        self.tabs.get(self.tab)
    }

    fn tab_can(&self, action: Action) -> bool {
        self.top().is_some_and(|tab| tab.can(action))
    }

    fn ask_header(&mut self) -> Effect {
        self.requests.ask_for(Ask::Record { run: self.run }, For::Shell)
    }

    /// Brings a tab to the top: it hears its size and [`Input::Shown`].
    fn show(&mut self, tab: TabId, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.tab = tab;
        let shown = self.tabs.show(self.run, tab, header::tab_size(self.size), cx);
        self.of_tab(tab, shown, cx)
    }

    /// The tab that has a place, led to it.
    fn show_aimed(&mut self, aim: Aim, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let tab = self.tabs.aim(self.run, aim);
        self.show(tab, cx)
    }

    /// Another record in the same place.
    fn switch(&mut self, run: i64, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let mut effects = self.requests.cancel_if(|of| *of != For::Shell);
        self.tabs.switch(run);
        self.run = run;
        self.header = Header::Waiting;
        self.failures = FailureWalk::default();
        self.places.forget();
        self.moment = SharedMoment::default();
        effects.push(self.ask_header());
        effects.extend(self.show(self.tab, cx));
        effects
    }

    /// Gives an input to a tab.
    fn tell(&mut self, tab: TabId, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let effects = self.tabs.tell(tab, input, cx);
        self.of_tab(tab, effects, cx)
    }

    /// What a tab wants: its requests are remembered as its own, and what it says to the shell is done here.
    fn of_tab(&mut self, tab: TabId, effects: Vec<Effect>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let mut outside = Vec::with_capacity(effects.len());
        for effect in effects {
            match effect {
                Effect::Goto(goto) => outside.extend(self.jump(goto, cx)),
                Effect::Ask(ask) => outside.push(self.requests.ask_for(ask, For::Tab(tab))),
                Effect::Cancel(slot) => outside.extend(self.requests.cancel(slot)),
                other => outside.push(other),
            }
        }
        outside
    }

    fn action(&mut self, action: Action, cx: &ScreenCx<'_>) -> Vec<Effect> {
        match action {
            Action::Back if !self.tab_can(Action::Back) => self.back(cx),
            Action::Show(tab) if tab == self.tab => Vec::new(),
            Action::Show(tab) => self.turn_to(tab, cx),
            Action::NextTab => self.turn_to(self.tab.beside(true), cx),
            Action::PreviousTab => self.turn_to(self.tab.beside(false), cx),
            Action::NextRecord => vec![self.ask_neighbour(true)],
            Action::PreviousRecord => vec![self.ask_neighbour(false)],
            Action::Calls => vec![Effect::Push(Box::new(Calls::around(self.run)))],
            Action::NextError | Action::PreviousError if !self.tab_can(action) => {
                vec![self.error_key(action == Action::NextError)]
            }
            Action::Reload => self.reload(cx),
            other => {
                if shared_moment::goes(other) {
                    self.moment.moved();
                }
                self.tell(self.tab, Input::Action(other), cx)
            }
        }
    }

    fn reload(&mut self, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.tabs.outdate(|tab| tab != self.tab);
        let mut effects = vec![self.ask_header()];
        effects.extend(self.tell(self.tab, Input::Action(Action::Reload), cx));
        effects
    }

    /// The head has them, and the overview.
    fn marks_changed(&mut self, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let mut effects = vec![self.ask_header()];
        if self.tab == TabId::Overview {
            effects.extend(self.tell(self.tab, Input::Action(Action::Reload), cx));
        } else {
            self.tabs.outdate(|tab| tab == TabId::Overview);
        }
        effects
    }

    /// The lab wrote something.
    fn ask_news(&mut self) -> Effect {
        self.requests.ask_for(Ask::Record { run: self.run }, For::News)
    }

    /// The record as it is now: where it ended before, only its files can have grown since.
    fn news_came(&mut self, result: Result<Answer>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let (before, is_read) = (self.header.row().cloned(), result.is_ok());
        let mut effects = self.header_came(result, cx);
        let Some(row) = self.header.row().filter(|_| is_read) else { return effects };
        let is_told = row.standing.is_some() || before.as_ref() != Some(row);
        let has_news = |tab| is_told || matches!(tab, TabId::Log | TabId::Files);
        self.tabs.outdate(|tab| tab != self.tab && has_news(tab));
        if has_news(self.tab) {
            let wanted = self.tabs.read_again(self.tab, true, cx);
            effects.extend(self.of_tab(self.tab, wanted, cx));
        }
        effects
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        match self.requests.answered(slot) {
            Some((_, For::Tab(tab))) => self.tell(tab, Input::Answer { slot, result }, cx),
            Some((Ask::Record { .. }, For::Shell)) => self.header_came(result, cx),
            Some((_, For::News)) => self.news_came(result, cx),
            Some((Ask::NextFailed { forward, .. } | Ask::TroubledRecord { forward, .. }, For::Shell)) => {
                self.failure_found(forward, result, cx)
            }
            // What can't be kept is only bold again.
            Some((Ask::Read(_), For::Shell)) => Vec::new(),
            Some((Ask::Moment { wanted, .. }, For::Shell)) => self.moment_came(wanted, result, cx),
            Some((ask, For::Shell)) => self.neighbour(&ask, result, cx),
            None => Vec::new(),
        }
    }

    fn header_came(&mut self, result: Result<Answer>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let was_missing = self.header.is_missing();
        self.header.learn(self.run, result);
        let mut effects = Vec::new();
        if self.header.is_missing() {
            effects.extend(self.requests.cancel_if(|of| matches!(of, For::Tab(_))));
            self.tabs = Tabs::default();
            return effects;
        }
        if self.header.row().is_some_and(|row| row.unread) {
            effects.push(self.requests.ask_for(Ask::Read(ReadWhat::Record(self.run)), For::Shell));
        }
        let outcome = self.header.row().map(|row| row.outcome);
        for (tab, wanted) in self.tabs.learn(outcome, cx) {
            effects.extend(self.of_tab(tab, wanted, cx));
        }
        if was_missing {
            effects.extend(self.show(self.tab, cx));
        }
        effects
    }

    fn gone(&mut self) -> Vec<Effect> {
        self.tabs = Tabs::default();
        self.header = Header::gone(self.run);
        let mut effects = self.requests.cancel_if(|_| true);
        effects.push(Effect::Pop);
        effects
    }

    /// Another record, or another place in this one, was asked for.
    fn goes_elsewhere(&self) -> bool {
        let slots = [
            Slot::Neighbour,
            Slot::Exists,
            Slot::NextFailed,
            Slot::TroubledRecord,
            Slot::PointStep,
            Slot::Moment,
        ];
        slots.iter().any(|slot| self.requests.is_coming(*slot))
    }
}

impl Screen for RecordScreen {
    fn context(&self) -> Context {
        if self.header.is_missing() {
            Context::Record
        } else {
            self.top().map_or(Context::Record, Tab::context)
        }
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::NextRecord | Action::PreviousRecord | Action::NextError | Action::PreviousError => true,
            Action::Reload => true,
            _ if self.header.is_missing() => false,
            Action::Show(_) | Action::NextTab | Action::PreviousTab | Action::Calls => true,
            Action::Back if !self.places.is_empty() => true,
            other => self.tab_can(other),
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.follows = cx.follows;
        match input {
            Input::Resize(size) => {
                self.size = size;
                let tell = |tab: &TabId| self.tell(*tab, Input::Resize(header::tab_size(size)), cx);
                TabId::VARIANTS.iter().flat_map(tell).collect()
            }
            Input::Shown => {
                let known = cx.follows && self.header.row().is_some();
                let mut effects = vec![if known { self.ask_news() } else { self.ask_header() }];
                effects.extend(self.show_at_moment(self.tab, cx));
                effects
            }
            Input::Action(action) => self.action(action, cx),
            Input::Goto(Goto::Record(run)) => vec![self.ask_record(run)],
            Input::Answer { slot, result } => self.answer(slot, result, cx),
            Input::Progress { slot, progress } => match self.requests.coming(slot) {
                Some((_, For::Tab(tab))) => self.tell(*tab, Input::Progress { slot, progress }, cx),
                _ => Vec::new(),
            },
            Input::News => vec![self.ask_news()],
            Input::Marked => self.marks_changed(cx),
            Input::Deleted(runs) if runs.contains(&self.run) => self.gone(),
            Input::Deleted(_) => Vec::new(),
            other => {
                if matches!(other, Input::Goto(_) | Input::SearchDone(Some(_))) {
                    self.moment.moved();
                }
                self.tell(self.tab, other, cx)
            }
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let rest = header::view(self, theme, area, buf);
        if !self.header.missing(theme, rest, buf)
            && let Some(tab) = self.top()
        {
            tab.view(theme, rest, buf);
        }
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        self.top().and_then(|tab| tab.numbered(n)).or_else(|| i64::try_from(n).ok().map(Goto::Record))
    }

    fn awaits(&self, about: About) -> bool {
        match about {
            About::Program => false,
            _ if self.goes_elsewhere() => true,
            About::Place | About::Record => false,
            // Its name is being read.
            About::Subject | About::Cursor if matches!(self.header, Header::Waiting) => true,
            About::Subject => false,
            // The first answer of the tab, then what the tab itself says.
            about => self.top().is_some_and(|tab| !tab.has_come() || tab.awaits(about)),
        }
    }

    fn record(&self) -> Option<i64> {
        (!self.header.is_missing()).then_some(self.run)
    }

    fn tab(&self) -> Option<TabId> {
        Some(self.tab)
    }

    fn follows(&self) -> Option<i64> {
        Some(self.run)
    }

    fn subject(&self) -> Option<Subject> {
        self.header.row().map(Subject::of)
    }

    fn export_in_hand(&self) -> Option<ExportKind> {
        self.top()?.export_in_hand()
    }

    fn title(&self, opened: &str) -> String {
        match self.subject() {
            Some(subject) => {
                format!("#{} {} · {opened}", subject.run, subject.name)
            }
            None => format!("#{} · {opened}", self.run),
        }
    }

    fn copies(&self) -> Vec<CopyItem> {
        let mut items = vec![CopyItem::new('i', "id", self.run.to_string())];
        items.extend(self.header.row().map(|row| CopyItem::new('n', "name", &*row.run.name)));
        for item in self.top().map(Tab::copies).unwrap_or_default() {
            if items.iter().all(|known| known.letter != item.letter) {
                items.push(item);
            }
        }
        items
    }

    fn position(&self) -> Option<String> {
        self.top().filter(|_| !self.header.is_missing())?.position()
    }
}
