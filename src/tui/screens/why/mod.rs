//! Why a record failed, on one screen: a failure's reason, place, inputs, traceback, what differs, and its log lines; then
//! the next failure, then the next record that has one.

mod blocks;
mod keys;
mod lines;
#[cfg(test)]
mod tests;
mod view;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{lines_place::LinesPlace, loadable::Loadable};
use crate::{
    error::Result,
    model::query::ListQuery,
    services::{
        export_kind::ExportKind,
        request::{Answer, Ask, Slot},
        run_state::RunState,
        why::types::{Failure, Why},
    },
    style::Theme,
    tui::{
        action::{About, Action},
        bindings::key_of,
        keymap::Context,
        requests::Requests,
        screen::{CopyItem, Effect, Goto, Input, OpenRecord, Screen, ScreenCx, Subject},
    },
};
use blocks::Looks;
use lines::WhyLines;

/// Where to stand in a record that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Arrival {
    /// It is read again: the place stays.
    #[default]
    Keep,
    First,
    Last,
    /// Its failure with this number, from 0.
    At(usize),
    /// If nothing of it failed, the next record that way is looked for.
    Seek {
        forward: bool,
    },
}

impl Arrival {
    fn arriving(forward: bool) -> Self {
        if forward { Arrival::First } else { Arrival::Last }
    }
}

/// The error view.
#[derive(Debug)]
pub struct WhyScreen {
    run: i64,
    /// The list along which further records are looked for.
    query: ListQuery,
    open: OpenRecord,
    /// Where to stand once the first answer is there.
    arrival: Arrival,
    why: Loadable<Box<Why>>,
    /// Which of its failures is shown.
    at: usize,
    /// All of the traceback and of long texts.
    unfolded: bool,
    /// What is shown is whole: all failures, and which other records have the same.
    whole: bool,
    lines: WhyLines,
    place: LinesPlace,
    size: Size,
    /// The lab is followed.
    pub(super) follows: bool,
    requests: Requests<Arrival>,
}

/// Is it not known yet which other records have the same?
fn lacks_others(failure: &Failure) -> bool {
    failure.same.is_none() && failure.signature.is_some()
}

impl WhyScreen {
    /// Of this record, whether it has a failure or not.
    pub fn of(run: i64, query: ListQuery, open: OpenRecord) -> Self {
        WhyScreen {
            run,
            query,
            open,
            arrival: Arrival::First,
            why: Loadable::Waiting,
            at: 0,
            unfolded: false,
            whole: false,
            lines: WhyLines::default(),
            place: LinesPlace::default(),
            size: Size::default(),
            follows: false,
            requests: Requests::default(),
        }
    }

    /// At its last failure.
    #[must_use]
    pub fn at_last(self) -> Self {
        WhyScreen { arrival: Arrival::Last, ..self }
    }

    /// Of the next record that has a failure, this one included.
    #[must_use]
    pub fn seeking(self, forward: bool) -> Self {
        WhyScreen { arrival: Arrival::Seek { forward }, ..self }
    }

    fn failure(&self) -> Option<&Failure> {
        self.why.get()?.failures.get(self.at)
    }

    fn ask(&mut self, run: i64, arrival: Arrival) -> Effect {
        self.requests.ask_for(Ask::Why { run }, arrival)
    }

    fn ask_whole(&mut self, arrival: Arrival) -> Effect {
        self.requests.ask_for(Ask::WhyWhole { run: self.run, all_of_log: false }, arrival)
    }

    /// All failures of many, and all of a large log.
    fn ask_more(&mut self) -> Effect {
        self.requests.ask_for(Ask::WhyWhole { run: self.run, all_of_log: true }, Arrival::Keep)
    }

    /// The same again: what is on its way, else what is shown, at its place.
    fn ask_again(&mut self) -> Vec<Effect> {
        for slot in [Slot::Why, Slot::WhyWhole] {
            if let Some((ask, arrival)) = self.requests.coming(slot).cloned() {
                return vec![self.requests.ask_for(ask, arrival)];
            }
        }
        let arrival = if self.why.get().is_some() { Arrival::Keep } else { self.arrival };
        // What was whole does not fall back to a beginning.
        vec![if self.whole { self.ask_whole(arrival) } else { self.ask(self.run, arrival) }]
    }

    fn answered(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        let Some((ask, arrival)) = self.requests.answered(slot) else { return Vec::new() };
        match (ask, result) {
            (Ask::Why { run }, Ok(Answer::Why(why))) => self.came(run, false, why, arrival),
            (Ask::WhyWhole { run, .. }, Ok(Answer::Why(why))) => self.came(run, true, why, arrival),
            (Ask::Why { .. } | Ask::WhyWhole { .. }, Err(error)) => {
                let said = self.why.fail(&error);
                // What was awaited behind it does not come.
                self.lay_out();
                said.into_iter().chain([Effect::DropKeys]).collect()
            }
            (Ask::Exists { run }, Ok(Answer::Exists(true))) => vec![self.ask(run, Arrival::First)],
            (Ask::Exists { run }, Ok(_)) => {
                vec![Effect::fail(format!("No record {run} in this file.")), Effect::DropKeys]
            }
            (Ask::TroubledRecord { forward, .. }, Ok(Answer::Neighbour(found))) => match found {
                Some(run) => vec![self.ask(run, Arrival::arriving(forward))],
                None => self.no_more(forward),
            },
            (_, Err(error)) => {
                // Nothing was found yet that could be shown.
                let leaves = self.why.get().is_none().then_some(Effect::Pop);
                leaves.into_iter().chain(Effect::not_found(&error)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn came(&mut self, run: i64, whole: bool, why: Box<Why>, arrival: Arrival) -> Vec<Effect> {
        if let Arrival::Seek { forward } = arrival
            && why.failures.is_empty()
            && !matches!(why.row.state(), Some(RunState::Died | RunState::Waits))
        {
            return vec![self.ask_failed_record(run, forward)];
        }
        let last = why.failures.len().saturating_sub(1);
        let at = match arrival {
            Arrival::Keep => self.at,
            Arrival::First | Arrival::Seek { forward: true } => 0,
            Arrival::Last | Arrival::Seek { forward: false } => last,
            Arrival::At(at) => at,
        };
        if arrival != Arrival::Keep {
            self.place.top();
        }
        let another = run != self.run;
        (self.run, self.whole, self.at) = (run, whole, at.min(last));
        // Which other records have the same, and which steps were slow, is known once all were looked at.
        let lacks = !why.knows_slow || why.failures.iter().any(lacks_others);
        let lacks_more = !whole && why.more == 0 && lacks;
        self.why = Loadable::There(why);
        let mut effects = Vec::new();
        if another {
            effects.extend(self.requests.cancel(Slot::WhyWhole));
        }
        if lacks_more {
            effects.push(self.ask_whole(Arrival::Keep));
        }
        self.lay_out();
        effects
    }

    /// No further record has a failure.
    fn no_more(&self, forward: bool) -> Vec<Effect> {
        let (way, back) =
            if forward { ("below", Action::PreviousError) } else { ("above", Action::NextError) };
        let back = key_of(Context::Why, back);
        if self.why.get().is_some() {
            let text = format!("No failed record {way} this one in the list; {back} goes back.");
            return vec![Effect::say(text), Effect::DropKeys];
        }
        let text = format!("No failed record {way} this one; {back} looks the other way.");
        vec![Effect::Pop, Effect::say(text), Effect::DropKeys]
    }

    fn lay_out(&mut self) {
        let Some(why) = self.why.get() else { return };
        let looks = Looks {
            unfolded: self.unfolded,
            others_come: self.requests.is_coming(Slot::WhyWhole),
            is_whole: self.whole,
        };
        let room = lines::body_size(self.size);
        self.lines = lines::of(why, self.at, looks, room);
        self.place.set(self.lines.len(), room.height);
    }

    /// Some of the record was not read.
    fn is_partial(&self) -> bool {
        self.why.get().is_some_and(|why| why.log_in_part || (!self.whole && why.more > 0))
    }
}

impl Screen for WhyScreen {
    fn context(&self) -> Context {
        Context::Why
    }

    fn can(&self, action: Action) -> bool {
        let failures = self.why.get().map_or(0, |why| why.failures.len());
        match action {
            Action::Left => self.at > 0,
            Action::Right => self.at + 1 < failures,
            Action::NextError | Action::PreviousError | Action::Reload => true,
            Action::Calls => true,
            Action::Open | Action::Show(_) => self.why.get().is_some(),
            Action::KeepValue => self.failure().is_some_and(|failure| failure.same.is_some()),
            Action::Unfold => self.unfolded || self.lines.folded,
            Action::More => self.is_partial(),
            _ => self.place.can(action),
        }
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.follows = cx.follows;
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
                Vec::new()
            }
            Input::Shown => self.ask_again(),
            // One that ended stays as it is.
            Input::News if self.why.get().is_some_and(|why| why.has_ended()) => Vec::new(),
            Input::News | Input::Marked => self.ask_again(),
            Input::Action(action) => self.act(action),
            Input::Goto(Goto::Record(run)) => vec![self.requests.ask(Ask::Exists { run })],
            Input::Answer { slot, result } => self.answered(slot, result),
            Input::Deleted(runs) if runs.contains(&self.run) => vec![Effect::Pop],
            _ => Vec::new(),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.draw(theme, area, buf);
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        i64::try_from(n).ok().map(Goto::Record)
    }

    fn awaits(&self, about: About) -> bool {
        let leads = |slot| self.requests.coming(slot).is_some_and(|(_, arrival)| *arrival != Arrival::Keep);
        let goes_on = leads(Slot::Why) || leads(Slot::WhyWhole);
        let elsewhere =
            [Slot::TroubledRecord, Slot::Exists].iter().any(|slot| self.requests.is_coming(*slot));
        about != About::Program && about != About::Place && (goes_on || elsewhere)
    }

    fn record(&self) -> Option<i64> {
        Some(self.run)
    }

    fn follows(&self) -> Option<i64> {
        Some(self.run)
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject::of(&self.why.get()?.row))
    }

    fn export_in_hand(&self) -> Option<ExportKind> {
        Some(ExportKind::Why)
    }

    fn copies(&self) -> Vec<CopyItem> {
        self.copy_items()
    }

    fn position(&self) -> Option<String> {
        self.place.position()
    }

    fn title(&self, opened: &str) -> String {
        match self.subject() {
            Some(subject) => format!("why #{} {} · {opened}", subject.run, subject.name),
            None => format!("why #{} · {opened}", self.run),
        }
    }
}
