//! The first screen: the list of records.

mod columns;
mod first_look;
mod keys;
mod list;
mod narrowing;
mod picking;
mod picks;
mod preview;
mod requests;
mod resume;
mod row_details;
mod searching;
mod shown_columns;
#[cfg(test)]
mod tests;
mod value_terms;
mod view;

use std::path::Path;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    error::{Error, Result},
    model::{
        filter::words::Filter,
        format::count,
        query::{ListQuery, Order, Place},
    },
    services::{
        own_files::last_screen::SeenRecord,
        page::Page,
        request::{Answer, Ask, Slot},
        why::report,
    },
    style::Theme,
    tui::{
        action::{About, Action},
        bindings::key_of,
        command::Command,
        keymap::Context,
        list_columns::{ListColumn, ListColumns},
        requests::Requests,
        screen::{CopyItem, Effect, Goto, Input, ListLeft, ListShown, OpenRecord, Screen, ScreenCx, Subject},
        screens::words::told_filter,
        tab::TabId,
    },
};
use columns::tsv;
use list::{AfterPage, Goal, RecordList, Searching};
use picks::Picks;
use preview::Preview;
use requests::rows_of;
use row_details::{RowDetails, is_open};
use view::Parts;

/// The list of records.
#[derive(Debug)]
pub struct Records {
    open: OpenRecord,
    /// Said once, when the list is first shown.
    notice: Option<String>,
    /// What is asked for.
    query: ListQuery,
    /// What the list on screen is.
    shown: ListQuery,
    /// On top of another screen, the words that it is about: Esc goes back to them, then to that screen.
    base: Filter,
    searching: Searching,
    list: RecordList,
    requests: Requests<Goal>,
    /// Where the page began that came last, if it was asked for by its place.
    came: Option<usize>,
    details: RowDetails,
    preview: Preview,
    picking: Picks,
    /// Which columns it has.
    columns: ListColumns,
    /// Those that it has where nobody chose others.
    first_columns: ListColumns,
    /// The record that was selected the last time, while it is looked for.
    resume: Option<SeenRecord>,
    /// Enter opens a record here.
    tab: TabId,
    /// The column that `s` sorts by and that is copied.
    cursor: ListColumn,
    /// While words are typed: the list to go back to, and the record.
    before: Option<(ListQuery, Option<i64>)>,
    /// Rows of IvoryOS's pages.
    per_page: usize,
    follows: bool,
    /// The selection goes along with the end where new records come.
    sticks: bool,
    /// The first look at this lab was told: from then on what comes is unread.
    looked: bool,
    /// What was said of marks that can't be shown.
    marks_told: Option<String>,
    /// Why there is no list.
    trouble: Option<String>,
    slow: bool,
    /// The first row on screen at the last [`Input::Rest`].
    rested: Option<usize>,
    opened: String,
    /// Columns for the ids: grows, and never shrinks, so that nothing jumps.
    id_width: u16,
    size: Size,
}

impl Records {
    pub fn new(query: ListQuery, open: OpenRecord) -> Self {
        Records {
            open,
            notice: None,
            shown: query.clone(),
            base: Filter::default(),
            searching: Searching::default(),
            query,
            list: RecordList::default(),
            requests: Requests::default(),
            came: None,
            details: RowDetails::default(),
            preview: Preview::default(),
            picking: Picks::default(),
            columns: ListColumns::default(),
            first_columns: ListColumns::default(),
            resume: None,
            tab: TabId::default(),
            cursor: ListColumn::Id,
            before: None,
            per_page: 10,
            follows: false,
            sticks: false,
            looked: false,
            marks_told: None,
            trouble: None,
            slow: false,
            rested: None,
            opened: String::new(),
            id_width: 4,
            size: Size::default(),
        }
    }

    /// Something that the user should know about the opened file.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<String>) -> Self {
        self.notice = notice;
        self
    }

    /// With these columns where nobody chooses others, and so many records on a page; 0 is as IvoryOS has it.
    #[must_use]
    pub fn at_first(mut self, columns: ListColumns, per_page: usize) -> Self {
        (self.columns, self.first_columns) = (columns, columns);
        if per_page > 0 {
            self.per_page = per_page;
        }
        self
    }

    /// With columns that were chosen before.
    #[must_use]
    pub fn with_columns(mut self, columns: ListColumns) -> Self {
        self.columns = columns;
        self
    }

    /// Which columns it has.
    pub fn columns(&self) -> ListColumns {
        self.columns
    }

    fn page_came(&mut self, asked: Option<(Ask, Goal)>, result: Result<Answer>) -> Vec<Effect> {
        let goal = asked.as_ref().map(|(_, goal)| *goal).unwrap_or_default();
        self.came = asked.and_then(|(ask, _)| rows_of(&ask)).map(|range| range.start);
        let page = match result {
            Ok(Answer::Page(page)) => page,
            Ok(_) => return Vec::new(),
            Err(error) => return self.page_failed(error),
        };
        self.trouble = None;
        self.widen_ids(&page);
        self.drop_others(&page);
        let told = self.told_with(&page);
        let (goal, further) = self.led_back(&page, goal);
        let stood = self.list.scroll().selected();
        let next = self.list.take(page, goal);
        if let AfterPage::NotThere(id) = next {
            let mut effects = vec![Effect::say(self.not_there(id)), Effect::DropKeys];
            // It was asked for before other words or another order had come.
            if self.query != self.shown {
                effects.push(self.ask_again());
            }
            return effects;
        }
        let before = std::mem::replace(&mut self.shown, self.query.clone());
        let moved = (stood, self.list.scroll().selected());
        let mut effects = self.picking_goes_on(&before, moved, goal == Goal::View);
        if self.list.scroll().is_empty() {
            self.preview = Preview::default();
            effects.extend(self.requests.cancel(Slot::Preview));
        }
        if let AfterPage::Ask(place, goal) = next {
            effects.push(self.ask(place, goal));
        }
        effects.extend(further.map(|id| self.ask(Place::Around(id), Goal::Narrow(id))));
        effects.extend(self.search_on());
        effects.extend(self.ask_for_missing());
        effects.extend(told);
        effects
    }

    /// The last good list stays.
    fn page_failed(&mut self, error: Error) -> Vec<Effect> {
        self.query.clone_from(&self.shown);
        let is_searched = self.list.page().is_some_and(|page| page.unread.is_some());
        if is_searched && matches!(error, Error::Cancelled) {
            // The rows so far stay. Esc means the search, also where it met the page that shows its hits.
            let mut effects = self.end_search();
            effects.push(Effect::DropKeys);
            return effects;
        }
        let text = match error {
            Error::Cancelled => "The list was not read.".to_owned(),
            error => error.on_screen(),
        };
        if self.list.page().is_none() {
            self.trouble = Some(text);
            return vec![Effect::DropKeys];
        }
        vec![Effect::fail(text), Effect::DropKeys]
    }

    fn not_there(&self, id: i64) -> String {
        if self.shown.filter.is_empty() {
            return format!("There is no record {id}.");
        }
        let (words, page) = (told_filter(&self.shown.filter), self.list.page());
        let yet = if page.is_some_and(|page| page.unread.is_some()) { "not found yet" } else { "not" };
        let back = key_of(Context::List, Action::Back);
        format!("Record {id} is {yet} among those with {words}; {back} shows more records.")
    }

    fn widen_ids(&mut self, page: &Page) {
        let widest = page.rows.iter().map(|row| row.run.id.to_string().len()).max().unwrap_or(0);
        self.id_width = self.id_width.max(u16::try_from(widest).unwrap_or(u16::MAX));
    }

    fn answered(&mut self, slot: Slot, result: Result<Answer>, folder: &Path) -> Vec<Effect> {
        let asked = self.requests.answered(slot);
        match (slot, result) {
            (Slot::Page, result) => return self.page_came(asked, result),
            (Slot::PageWhole, result) => return self.searched(result),
            (Slot::Pick, result) => return self.picked(result, folder),
            (Slot::PickedListed, Ok(Answer::PickedListed(count))) => return self.counted(count),
            (Slot::PickedRuns, Ok(Answer::PickedRuns(found))) => return self.ask_before_delete(found),
            (Slot::RowDetails, Ok(Answer::RowDetails(details))) => {
                let rows = self.list.page().map(|page| page.rows.as_slice()).unwrap_or_default();
                self.details.take(details, |id| rows.iter().find(|row| row.run.id == id));
                return self.ask_for_details().into_iter().collect();
            }
            (Slot::Preview, Ok(Answer::Overview(overview))) => {
                let more = overview.partial.map(|_| overview.row.run.id);
                self.preview.shown = Some(overview);
                self.preview.trouble = None;
                self.preview.late = false;
                if let Some(run) = more.filter(|run| self.preview.run == Some(*run)) {
                    return vec![self.requests.ask(Ask::Preview { run, whole: true })];
                }
            }
            (Slot::Preview, Err(error)) => {
                self.preview.trouble = Some(match error {
                    Error::Cancelled => {
                        format!("Not read; {} reads again.", key_of(Context::List, Action::Reload))
                    }
                    error => error.on_screen(),
                });
                self.preview.late = false;
            }
            (Slot::PickedRuns, Err(Error::Cancelled)) => return vec![Effect::DropKeys],
            // Nothing is bold then.
            (Slot::Read, _) => {}
            (Slot::Moved, Ok(Answer::Moved(Some(from)))) => return vec![Self::offer(&from)],
            (Slot::Moved, _) => {}
            (_, Err(Error::Cancelled)) | (_, Ok(_)) => {}
            (Slot::RowDetails | Slot::PickedListed, Err(error)) => {
                return vec![Effect::fail(error.on_screen())];
            }
            (_, Err(error)) => return vec![Effect::fail(error.on_screen()), Effect::DropKeys],
        }
        Vec::new()
    }

    /// The lab wrote: the list, and what of it can have gone on. A record that ended keeps what was read of it.
    fn read_news(&mut self) -> Vec<Effect> {
        self.search_anew();
        self.details.open_grow_old(self.list.on_screen());
        if self.list.selected().is_some_and(is_open) {
            self.preview.run = None;
        }
        vec![self.ask_news()]
    }

    /// What is known of the records is not what they are.
    fn forget_read(&mut self) {
        self.search_anew();
        self.details.grow_old();
        self.preview.run = None;
    }

    /// All that is on screen, from the file.
    fn read_again(&mut self) -> Vec<Effect> {
        self.forget_read();
        vec![if self.follows { self.ask_news() } else { self.ask_again() }]
    }
}

impl Screen for Records {
    fn context(&self) -> Context {
        Context::List
    }

    fn can(&self, action: Action) -> bool {
        let any = !self.list.scroll().is_empty();
        match action {
            _ if action.moves() => any,
            Action::Left
            | Action::Right
            | Action::NextPage
            | Action::PreviousPage
            | Action::Sort
            | Action::SortMenu
            | Action::FilterMenu
            | Action::PickAll
            | Action::KeepValue
            | Action::DropValue => any,
            Action::Pick
            | Action::PickRange
            | Action::Open
            | Action::Show(_)
            | Action::NextError
            | Action::PreviousError => self.list.selected_id().is_some(),
            Action::Search => any || !self.shown.filter.is_empty(),
            Action::Back => self.picks() || self.query.filter != self.base,
            Action::Calls | Action::Columns | Action::Reload => true,
            _ => false,
        }
    }

    fn title(&self, opened: &str) -> String {
        view::title(self, opened)
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.follows = cx.follows;
        self.tab = cx.tab;
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.list.set_height(Parts::of(size).rows());
                self.columns_fit();
                self.ask_for_missing()
            }
            Input::Shown => {
                cx.opened.clone_into(&mut self.opened);
                self.slow = cx.slow;
                self.details.open_grow_old(self.list.on_screen());
                self.preview.run = None;
                let mut effects = vec![self.ask_again()];
                effects.extend(self.notice.take().map(Effect::say));
                effects
            }
            Input::Action(
                action @ (Action::Export | Action::Delete | Action::Star | Action::Verdict | Action::Tags),
            ) => self.act_on_picked(action, cx.export_folder),
            Input::Action(action) => self.act(action),
            Input::Search(words) => self.typed(&words),
            Input::Filter(filter) => self.narrow(filter),
            Input::View(view) => self.use_view(&view),
            Input::SearchDone(words) => self.narrowed(words),
            Input::Command(command) => self.command(command),
            Input::Goto(Goto::Record(id)) => vec![self.ask(Place::Around(id), Goal::Find(id))],
            Input::Answer { slot, result } => self.answered(slot, result, cx.export_folder),
            Input::Progress { slot: Slot::PageWhole, .. } => self.search_goes_on(),
            Input::Progress { slot: Slot::Preview, .. } => {
                self.preview.late = true;
                Vec::new()
            }
            Input::Deleted(gone) => {
                self.list.leave(&gone);
                self.picking.forget(&gone);
                self.read_again()
            }
            Input::Restored { lead_to: Some(id), .. } => {
                self.forget_read();
                vec![self.ask(Place::Around(id), Goal::Find(id))]
            }
            Input::Restored { .. } => self.read_again(),
            Input::Marked => {
                self.search_anew();
                self.preview.run = None;
                vec![self.ask_again()]
            }
            Input::News => self.read_news(),
            Input::Rest => self.rest(),
            _ => Vec::new(),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        view::draw(self, theme, area, buf);
    }

    fn takes(&self, command: &Command) -> bool {
        matches!(
            command,
            Command::Sort(..) | Command::Page(_) | Command::PerPage(_) | Command::Columns { .. }
        )
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        i64::try_from(n).ok().map(Goto::Record)
    }

    fn awaits(&self, about: About) -> bool {
        // The row under the selection is being read.
        let row = self.requests.is_coming(Slot::Page) && self.list.selected_id().is_none();
        match about {
            About::Program => false,
            // What is marked is looked at: a question about it is about to be asked.
            _ if self.requests.is_coming(Slot::PickedRuns) => true,
            About::Place => false,
            About::View => self.leads_elsewhere(),
            About::Record | About::Cursor => self.leads_elsewhere() || row,
            About::Subject | About::Picked => {
                self.requests.is_coming(Slot::Pick) || self.leads_elsewhere() || row
            }
        }
    }

    fn is_whole(&self) -> bool {
        let rows = self.list.on_screen().filter(|row| self.details.of(row).is_some()).count();
        self.list.page().is_some() && rows == self.list.scroll().visible().len()
    }

    fn list(&self) -> Option<ListShown<'_>> {
        let end = self.list.selected_id().filter(|_| self.is_at_end());
        Some(ListShown { query: &self.shown, end, is_by_time: self.new_end().is_some() })
    }

    fn list_of(&self, query: ListQuery) -> Option<Box<dyn Screen>> {
        let base = query.filter.clone();
        let list = Records::new(query, self.open).at_first(self.first_columns, self.per_page);
        Some(Box::new(Records { base, ..list }))
    }

    /// On top of another screen it leads nowhere: Esc comes back to where one was.
    fn record(&self) -> Option<i64> {
        self.list.selected_id().filter(|_| self.base.is_empty())
    }

    fn left(&self) -> Option<ListLeft> {
        Some(self.as_left())
    }

    fn subject(&self) -> Option<Subject> {
        let row = self.list.selected()?;
        Some(Subject::of(row))
    }

    fn has_picked(&self) -> bool {
        self.picks()
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Export => Some("export marked"),
            Action::Delete => Some("delete marked"),
            Action::Star => Some("star marked"),
            Action::Verdict => Some("verdict on marked"),
            Action::Tags => Some("tag marked"),
            Action::Back => Some("let go"),
            _ => None,
        }
        .filter(|_| self.picks())
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(row) = self.list.selected() else { return Vec::new() };
        let details = self.details.of(row);
        let mut items = vec![
            CopyItem::new('i', "id", row.run.id.to_string()),
            CopyItem::new('n', "name", row.run.name.clone()),
            CopyItem::new('r', "row", tsv(row, details)),
        ];
        if let Some(text) = columns::copy(self.cursor, row, details) {
            items.push(CopyItem::new('c', format!("cell {}", self.cursor.word()), text));
        }
        let overview = self.preview.of(row.run.id);
        if let Some(failure) = overview.and_then(|overview| overview.first_failure.as_ref()) {
            items.push(CopyItem::new('e', "error", report::reason(failure)));
        }
        let paths = overview.into_iter().flat_map(|overview| &overview.files);
        if let Some(path) = paths.filter_map(|file| file.path()).next() {
            items.push(CopyItem::new('p', "path", path.display().to_string()));
        }
        items
    }

    fn position(&self) -> Option<String> {
        let scroll = self.list.scroll();
        let at = scroll.selected()? as u64 + 1;
        if self.list.is_uncounted() {
            return Some(count(at));
        }
        Some(format!("{}/{}", count(at), count(scroll.len() as u64)))
    }
}
