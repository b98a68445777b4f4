//! From a line of the log to its step, and from error to error.

use super::{LogTab, Wanted};
use crate::{
    services::{
        log::LogAt,
        moment::{Moment, MomentKind},
        request::Ask,
    },
    tui::screen::{Effect, Goto},
};

impl LogTab {
    /// Asks which step the line under the cursor tells of.
    pub(super) fn ask_step(&mut self) -> Vec<Effect> {
        let Some(at) = self.current_byte() else { return Vec::new() };
        let ask = Ask::Moment { run: self.run, from: Moment::LogByte(at), wanted: MomentKind::Spot };
        vec![self.requests.ask_for(ask, Wanted::Step)]
    }

    pub(super) fn to_step(step: Option<Moment>) -> Vec<Effect> {
        match step {
            Some(Moment::Spot(spot)) => vec![Effect::Goto(Goto::Spot(spot))],
            _ => vec![Effect::say("No step of this record had begun at this line.")],
        }
    }

    /// Asks for the next error, from the line under the cursor: with that, where no search marks it.
    pub(super) fn next_error(&mut self, forward: bool) -> Vec<Effect> {
        let Some(at) = self.current_byte() else { return Vec::new() };
        let marked = self.narrow.is_some() || self.reader.visible_hit().is_some();
        let from = if marked || !forward { Some(at) } else { at.checked_sub(1) };
        self.leave_narrow();
        self.ask(Wanted::Error { forward }, LogAt::Error { from, forward }, 1)
    }

    pub(super) fn error_found(&mut self, at: Option<u64>, forward: bool) -> Vec<Effect> {
        let Some(at) = at else {
            let way = if forward { "below" } else { "above" };
            return vec![Effect::say(format!("No error {way} in this log."))];
        };
        self.reader.set_hit(Some(at));
        self.go(at, None)
    }
}
