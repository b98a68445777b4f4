//! The calls by hand: what people did on the instruments outside of runs, newest first.

mod keys;
mod one;
mod preview;
#[cfg(test)]
mod tests;
mod view;
mod window;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    error::{Error, Result},
    model::{call::CallQuery, format::count, query::Place},
    services::request::{Answer, Ask, Slot},
    style::Theme,
    tui::{
        action::{About, Action},
        keymap::Context,
        requests::Requests,
        screen::{CopyItem, Effect, Goto, Input, Screen, ScreenCx},
    },
};
use one::copies_of;
use preview::CallPreview;
use view::{CallParts, CallsView};
use window::{CallGoal, CallWindow};

/// The list of calls by hand.
#[derive(Debug, Default)]
pub struct Calls {
    /// The record that they are to be around; `None` once their time is known.
    around: Option<i64>,
    /// The record that they are around.
    record: Option<i64>,
    /// What is asked for.
    query: CallQuery,
    /// What the list on screen is.
    shown: CallQuery,
    window: CallWindow,
    requests: Requests<CallGoal>,
    /// Where the part began that came last, if it was asked for by its place.
    came: Option<usize>,
    /// The selected call, whole, or the one before it.
    whole: Option<CallPreview>,
    /// While words are typed: the words before them, and the call.
    before: Option<(String, Option<i64>)>,
    follows: bool,
    /// The selection goes along with the newest call.
    sticks: bool,
    /// Why there is no list.
    trouble: Option<String>,
    opened: String,
    /// Columns for the ids: grows, and never shrinks, so that nothing jumps.
    id_width: u16,
}

impl Calls {
    /// All of them.
    pub fn all() -> Self {
        Calls::default()
    }

    /// Those between the record before this one and its end; all where there are none.
    pub fn around(run: i64) -> Self {
        Calls { around: Some(run), ..Calls::default() }
    }

    fn ask(&mut self, place: Place, goal: CallGoal) -> Effect {
        let ask = Ask::Calls { query: self.query.clone(), place, rows: self.window.rows() };
        self.requests.ask_for(ask, goal)
    }

    /// The list as it is now, around the selected call, or what is asked for already.
    fn ask_again(&mut self) -> Effect {
        if let Some(run) = self.around {
            return self.requests.ask(Ask::CallsAround { run });
        }
        if let Some((Ask::Calls { place, .. }, goal)) = self.requests.coming(Slot::Calls).cloned()
            && goal != CallGoal::Keep
        {
            return self.ask(place, goal);
        }
        if self.window.page().is_none() {
            return self.ask(Place::Top, CallGoal::Top);
        }
        match (self.window.selected_id(), self.window.start()) {
            (Some(id), _) => self.ask(Place::Around(id), CallGoal::Keep),
            (None, 0) => self.ask(Place::Top, CallGoal::Keep),
            (None, start) => self.ask(Place::Offset(start as u64), CallGoal::Keep),
        }
    }

    /// Asks for rows that the screen shows now or next and that are neither here nor on their way. The whole call
    /// follows when no key has come for a while.
    fn ask_for_missing(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let start = self.window.start();
        // A file that changes under each answer would be asked for ever.
        let just_came = self.came == Some(start);
        if self.window.lacks_rows() && !self.requests.is_coming(Slot::Calls) && !just_came {
            effects.push(self.ask(Place::Offset(start as u64), CallGoal::Keep));
        }
        if self.lacks_whole().is_some() {
            effects.push(Effect::Rest);
        }
        effects
    }

    fn lacks_whole(&self) -> Option<i64> {
        let is_here = |id: i64| self.whole.as_ref().is_some_and(|whole| whole.call.id == id);
        self.window.selected_id().filter(|id| !is_here(*id))
    }

    fn answered(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        let asked = self.requests.answered(slot);
        match (slot, result) {
            (Slot::Calls | Slot::CallsWhole, Ok(Answer::Calls(page))) => {
                let goal = asked.as_ref().map(|(_, goal)| *goal).unwrap_or_default();
                self.came = match asked {
                    Some((Ask::Calls { place: Place::Offset(at), .. }, _)) => usize::try_from(at).ok(),
                    _ => None,
                };
                let uncounted = page.uncounted;
                self.trouble = None;
                let ids = page.rows.iter().map(|row| row.id.to_string().len()).max().unwrap_or(0);
                self.id_width = self.id_width.max(u16::try_from(ids).unwrap_or(u16::MAX));
                self.window.take(page, goal);
                self.shown.clone_from(&self.query);
                let mut effects = Vec::new();
                if uncounted {
                    let place = self.window.selected_id().map_or(Place::Top, Place::Around);
                    let (query, rows) = (self.query.clone(), self.window.rows());
                    effects.push(self.requests.ask(Ask::CallsWhole { query, place, rows }));
                }
                effects.extend(self.ask_for_missing());
                effects
            }
            (Slot::Call, Ok(Answer::Call(call))) => {
                self.whole = call.map(CallPreview::new);
                Vec::new()
            }
            (Slot::CallsAround, Ok(Answer::CallsAround(around))) => {
                self.around = None;
                let mut effects = Vec::new();
                if around.is_empty() {
                    let text = format!(
                        "No calls by hand between the record before #{} and its end: these are all.",
                        around.run
                    );
                    effects.push(Effect::say(text));
                } else {
                    self.record = Some(around.run);
                    self.query.began = around.began;
                }
                effects.push(self.ask(Place::Top, CallGoal::Top));
                effects
            }
            (Slot::Calls | Slot::CallsWhole | Slot::CallsAround, Err(error)) => self.failed(&error),
            (_, Err(error)) if !matches!(error, Error::Cancelled) => vec![Effect::fail(error.on_screen())],
            _ => Vec::new(),
        }
    }

    /// The last good list stays.
    fn failed(&mut self, error: &Error) -> Vec<Effect> {
        self.query.clone_from(&self.shown);
        let text = match error {
            Error::Cancelled => "The calls were not read.".to_owned(),
            error => error.on_screen(),
        };
        if self.window.page().is_none_or(|page| page.uncounted && page.rows.is_empty()) {
            self.trouble = Some(text);
            return vec![Effect::DropKeys];
        }
        vec![Effect::fail(text), Effect::DropKeys]
    }

    /// All that is on screen, from the file.
    fn read_again(&mut self) -> Vec<Effect> {
        // Its result may have come since.
        self.whole = None;
        vec![self.ask_again()]
    }

    /// The list as the lab wrote something; after g the selection stays at its top.
    fn read_news(&mut self) -> Vec<Effect> {
        let at_top = self.window.scroll().selected() == Some(0) && !self.leads_elsewhere();
        if self.follows && at_top && self.sticks {
            self.whole = None;
            return vec![self.ask(Place::Top, CallGoal::Top)];
        }
        self.read_again()
    }

    /// Other calls were asked for: the selected one is not meant any more.
    fn leads_elsewhere(&self) -> bool {
        let page = self.requests.coming(Slot::Calls).or_else(|| self.requests.coming(Slot::CallsWhole));
        self.around.is_some() || page.is_some_and(|(_, goal)| *goal != CallGoal::Keep)
    }
}

impl Screen for Calls {
    fn context(&self) -> Context {
        Context::Calls
    }

    fn can(&self, action: Action) -> bool {
        let any = !self.window.scroll().is_empty();
        match action {
            _ if action.moves() => any,
            Action::Open => self.window.selected_id().is_some(),
            Action::Export => any,
            Action::Search => any || !self.shown.words.is_empty(),
            Action::Back => !self.query.words.is_empty(),
            Action::Calls => !self.query.began.is_all(),
            Action::Reload => true,
            _ => false,
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.follows = cx.follows;
        match input {
            Input::Resize(size) => {
                self.window.set_height(CallParts::of(size).rows());
                self.ask_for_missing()
            }
            Input::Shown => {
                cx.opened.clone_into(&mut self.opened);
                vec![self.ask_again()]
            }
            Input::Action(action) => self.act(action, cx),
            Input::Search(words) => self.narrow(words),
            Input::SearchDone(words) => self.narrowed(words),
            Input::Goto(Goto::Call(id)) => vec![self.ask(Place::Around(id), CallGoal::Find(id))],
            Input::Answer { slot, result } => self.answered(slot, result),
            Input::News => self.read_news(),
            Input::Rest => {
                self.lacks_whole().map(|id| self.requests.ask(Ask::Call { id })).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let view = CallsView {
            window: &self.window,
            shown: &self.shown,
            record: self.record,
            whole: self.whole.as_ref(),
            follows: self.follows,
            trouble: self.trouble.as_deref(),
            opened: &self.opened,
            id_width: self.id_width,
        };
        view::draw(&view, theme, area, buf);
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        i64::try_from(n).ok().map(Goto::Call)
    }

    fn awaits(&self, about: About) -> bool {
        // The row under the selection is being read.
        let row = self.requests.is_coming(Slot::Calls) && self.window.selected_id().is_none();
        match about {
            About::Program | About::Place => false,
            About::View => self.leads_elsewhere(),
            About::Record | About::Subject | About::Cursor | About::Picked => self.leads_elsewhere() || row,
        }
    }

    fn is_whole(&self) -> bool {
        self.window.page().is_some() && !self.window.lacks_rows()
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(row) = self.window.selected() else { return Vec::new() };
        match self.whole.as_ref().filter(|whole| whole.call.id == row.id) {
            Some(whole) => copies_of(&whole.call),
            None => vec![
                CopyItem::new('i', "id", row.id.to_string()),
                CopyItem::new('m', "method", row.method.clone()),
            ],
        }
    }

    fn position(&self) -> Option<String> {
        let scroll = self.window.scroll();
        let at = count(scroll.selected()? as u64 + 1);
        Some(if self.window.is_uncounted() { at } else { format!("{at}/{}", count(scroll.len() as u64)) })
    }

    fn title(&self, opened: &str) -> String {
        format!("calls by hand · {opened}")
    }
}
