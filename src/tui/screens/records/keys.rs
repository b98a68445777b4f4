//! What the keys and commands of the list do.

use super::{
    Effect, Goal, ListColumn, Order, Place, Records,
    columns::{sort_letter, sort_word, sorted_by},
};
use crate::{
    model::{format::count, query::SortKey},
    tui::{
        action::Action,
        bindings::key_of,
        command::Command,
        keymap::Context,
        overlays::{Menu, MenuEntry},
        screen::{Goto, Visit},
        screens::{calls::Calls, scroll_by, why::WhyScreen},
        tab::TabId,
        widgets::scroll::Scroll,
    },
};

impl Records {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        self.resume = None;
        if action.moves() {
            self.sticks = action == Action::Top;
        }
        match action {
            // Where the list ends is not known yet.
            Action::Bottom if self.list.is_uncounted() => vec![self.ask(Place::Bottom, Goal::End)],
            _ if action.moves() => self.go(|scroll| scroll_by(scroll, action)),
            Action::NextPage => self.turn(true),
            Action::PreviousPage => self.turn(false),
            Action::Left => self.sideways(false),
            Action::Right => self.sideways(true),
            Action::Open => self.open_record(self.tab),
            Action::Show(tab) => self.open_record(tab),
            Action::Search => self.type_words(),
            Action::Back => match self.let_go() {
                Some(effects) => effects,
                None => self.widen(),
            },
            Action::Pick => self.pick_one(),
            Action::PickRange => self.turn_range(),
            Action::PickAll => self.pick_all(),
            Action::KeepValue => self.keep(true),
            Action::DropValue => self.keep(false),
            Action::Sort => self.sort_by_column(),
            Action::SortMenu => vec![self.sort_menu()],
            Action::Columns => self.choose_columns(None, Some(0)),
            Action::NextError => self.why(true),
            Action::PreviousError => self.why(false),
            Action::Calls => vec![Effect::Push(Box::new(Calls::all()))],
            Action::Reload => self.read_again(),
            _ => Vec::new(),
        }
    }

    /// The end of the list where new records come, if its order has one: is it the upper one?
    pub(super) fn new_end(&self) -> Option<bool> {
        let by_time = matches!(self.shown.sort, SortKey::Id | SortKey::StartTime);
        by_time.then_some(self.shown.order == Order::Descending)
    }

    /// Does the selection stand where new records come? Where the order has no such end, it always does: on the newest
    /// record all are seen.
    pub(super) fn is_at_end(&self) -> bool {
        let (scroll, total) = (self.list.scroll(), self.list.scroll().len());
        match (self.new_end(), scroll.selected()) {
            (_, None) => false,
            (Some(true), Some(at)) => at == 0,
            (Some(false), Some(at)) => at + 1 == total && !self.list.is_uncounted(),
            (None, Some(_)) => true,
        }
    }

    /// The list again as the lab wrote something. At its end the selection goes along: at the lower one always, at the
    /// upper one after g, as there a record is selected from the start.
    pub(super) fn ask_news(&mut self) -> Effect {
        let at_end = self.is_at_end() && !self.leads_elsewhere();
        match self.new_end() {
            Some(true) if at_end && self.sticks => self.ask(Place::Top, Goal::Settle),
            Some(false) if at_end => self.ask(Place::Bottom, Goal::End),
            _ => self.ask_again(),
        }
    }

    fn go(&mut self, change: impl FnOnce(&mut Scroll)) -> Vec<Effect> {
        self.list.go(change);
        self.ask_for_missing()
    }

    fn open_record(&mut self, tab: TabId) -> Vec<Effect> {
        let Some(run) = self.list.selected_id() else { return Vec::new() };
        let query = self.shown.clone();
        let visit = Visit { run, goto: Goto::Tab(tab), near: None, query, from_reason: false };
        vec![Effect::Push((self.open)(visit))]
    }

    /// To a page as IvoryOS counts them, from 0; its first record stands at the top.
    fn show_page(&mut self, page: usize) -> Vec<Effect> {
        if self.list.is_uncounted() {
            let first = page.saturating_mul(self.per_page);
            return vec![self.ask(Place::Offset(first as u64), Goal::Row(first))];
        }
        let (size, len) = (self.per_page, self.list.scroll().len());
        let pages = len.div_ceil(size).max(1);
        let page = page.min(pages - 1);
        let first = page.saturating_mul(size);
        let mut effects = self.go(|s| {
            s.to(first.saturating_add(s.height().saturating_sub(1)));
            s.to(first);
        });
        effects.push(Effect::say(format!(
            "Page {} of {}, {size} records a page",
            count(page as u64 + 1),
            count(pages as u64)
        )));
        effects
    }

    fn turn(&mut self, forward: bool) -> Vec<Effect> {
        let page = self.list.scroll().selected().unwrap_or(0) / self.per_page;
        self.show_page(if forward { page + 1 } else { page.saturating_sub(1) })
    }

    /// The column cursor, over those that are on screen and have a title or an order.
    fn sideways(&mut self, right: bool) -> Vec<Effect> {
        let all = self.titled();
        let at = all.iter().position(|col| *col == self.cursor).unwrap_or(0);
        let to = if right { at + 1 } else { at.saturating_sub(1) };
        if let Some(col) = all.get(to) {
            self.cursor = *col;
        }
        Vec::new()
    }

    fn titled(&self) -> Vec<ListColumn> {
        let has_cursor = |col: &ListColumn| !col.title().is_empty() || col.sort_key().is_some();
        self.columns_on_screen().into_iter().filter(has_cursor).collect()
    }

    /// Other columns may be on screen: the column cursor stands on a column that is there.
    pub(super) fn columns_fit(&mut self) {
        if !self.titled().contains(&self.cursor) {
            self.cursor = ListColumn::Id;
        }
    }

    fn sort_by_column(&mut self) -> Vec<Effect> {
        match self.cursor.sort_key() {
            Some(key) => self.sort(key, None),
            None => {
                let column = self.cursor.word();
                vec![Effect::say(format!(
                    "The list can't be sorted by {column}; {} has what it can be sorted by.",
                    key_of(Context::List, Action::SortMenu)
                ))]
            }
        }
    }

    fn sort(&mut self, key: SortKey, order: Option<Order>) -> Vec<Effect> {
        self.query = sorted_by(&self.query, key, order);
        // With the first row selected, the first row of the new order is selected.
        if self.list.scroll().selected() == Some(0) {
            self.list.go(Scroll::top);
            return vec![self.ask(Place::Top, Goal::Settle)];
        }
        vec![self.ask_again()]
    }

    fn sort_menu(&self) -> Effect {
        let entry = |key: SortKey| {
            let letter = sort_letter(key);
            let note = if key == self.query.sort { "again turns it" } else { "" };
            MenuEntry::new(letter, sort_word(key), Effect::Run(Command::Sort(key, None))).note(note)
        };
        let at = SortKey::ALL.iter().position(|key| *key == self.query.sort).unwrap_or(0);
        let menu = Menu::new("Sort by", SortKey::ALL.map(entry).into()).select(at);
        Effect::Open(Box::new(menu))
    }

    /// Why the selected record failed, or the next one that has a failure.
    fn why(&self, forward: bool) -> Vec<Effect> {
        let Some(run) = self.list.selected_id() else { return Vec::new() };
        let why = WhyScreen::of(run, self.shown.clone(), self.open).seeking(forward);
        vec![Effect::Push(Box::new(why))]
    }

    pub(super) fn command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Sort(key, order) => self.sort(key, order),
            Command::Columns { chosen, menu } => self.choose_columns(chosen, menu),
            Command::Page(page) => self.show_page(super::list::whole(page.saturating_sub(1))),
            Command::PerPage(rows) => {
                self.per_page = super::list::whole(rows).max(1);
                let page = self.list.scroll().selected().unwrap_or(0) / self.per_page;
                self.show_page(page)
            }
            _ => Vec::new(),
        }
    }
}
