//! e and E: the next failed step of the record, then of the next failed record, opened in Steps.

use super::Record;
use crate::{
    error::{Kind, Result},
    model::heads::PhaseHead,
    services::ask::{Answer, Ask, StepPlace},
    tui::{
        effect::{Effect, Slot},
        screens::{Cx, Tab},
    },
};

/// Where the way from error to error stands.
#[derive(Debug, Default)]
pub(super) struct Hunt {
    /// The failed step that was shown last.
    at: Option<i64>,
    /// Onwards, or back.
    forward: bool,
    /// The answer to a question is on its way.
    pub coming: bool,
    /// Came into this record for its first (or last) failed step and shows the overview if there is none.
    arriving: bool,
    /// The phase that was shown last of those that failed without a failed step.
    phase: Option<i64>,
}

impl Hunt {
    pub fn arriving(forward: bool) -> Self {
        Self { arriving: true, forward, ..Self::default() }
    }

    /// Another record: steps of the one before are no places any more.
    pub fn forget(&mut self) {
        (self.at, self.phase, self.arriving) = (None, None, false);
    }
}

impl Record {
    pub(super) fn next_error(&mut self, forward: bool) -> Vec<Effect> {
        (self.hunt.forward, self.hunt.coming) = (forward, true);
        self.hunt.arriving = false;
        if self.head.is_missing() {
            return vec![self.ask_failed_record()];
        }
        // From the step under the cursor where there is one: it is what the user sees.
        let selected =
            self.tabs.known_steps().filter(|_| self.tab == Tab::Steps).and_then(|s| s.selected_step());
        vec![self.ask_failed_step(selected.or(self.hunt.at))]
    }

    /// The first question of a record that was entered for its errors.
    pub(super) fn arrive(&mut self) -> Option<Effect> {
        self.hunt.coming |= self.hunt.arriving;
        self.hunt.arriving.then(|| self.ask_failed_step(None))
    }

    fn ask_failed_step(&self, from: Option<i64>) -> Effect {
        let ask = Ask::FailedStep { run: self.run, from, forward: self.hunt.forward };
        Effect::Ask { slot: Slot::Error, ask }
    }

    fn ask_failed_record(&self) -> Effect {
        let (query, forward) = (self.query.clone(), self.hunt.forward);
        let ask = Ask::Neighbour { query, from: self.run, forward, failed_only: true };
        Effect::Ask { slot: Slot::Error, ask }
    }

    pub(super) fn error_answer(&mut self, result: Result<Answer>, cx: &Cx<'_>) -> Vec<Effect> {
        let effects = self.error_found(result, cx);
        let asks = |effect: &Effect| matches!(effect, Effect::Ask { slot: Slot::Error, .. });
        self.hunt.coming = effects.iter().any(asks);
        effects
    }

    fn error_found(&mut self, result: Result<Answer>, cx: &Cx<'_>) -> Vec<Effect> {
        match result {
            Ok(Answer::FailedStep(Some(place))) => self.show_failed(place, cx),
            // A phase can fail before any step of it runs: a wrong input, a condition.
            Ok(Answer::FailedStep(None)) => {
                vec![Effect::Ask { slot: Slot::Error, ask: Ask::Phases { run: self.run, whole: true } }]
            }
            Ok(Answer::Phases(list)) => match self.next_failed_phase(&list.phases) {
                Some(phase) => self.show_failed_phase(phase, cx),
                None => self.no_failed_step(cx),
            },
            Ok(Answer::Neighbour(Some(run))) => {
                let forward = self.hunt.forward;
                self.tab = Tab::Steps;
                let mut effects = self.switch(run, cx);
                self.hunt = Hunt::arriving(forward);
                effects.extend(self.arrive());
                effects
            }
            Ok(Answer::Neighbour(None)) => {
                let way = if self.hunt.forward { "further" } else { "earlier" };
                let text =
                    format!("No {way} failed step in this record, no {way} failed record in the list.");
                vec![Effect::say(text), Effect::DropKeys]
            }
            Err(e) if e.kind() == Kind::Cancelled => vec![Effect::DropKeys],
            Err(e) => vec![Effect::fail(e.to_string()), Effect::DropKeys],
            Ok(_) => Vec::new(),
        }
    }

    fn show_failed(&mut self, place: StepPlace, cx: &Cx<'_>) -> Vec<Effect> {
        self.hunt.arriving = false;
        self.hunt.at = Some(place.step);
        self.tabs.steps(self.run).aim_at_step(place.phase, place.step);
        self.show(Tab::Steps, cx)
    }

    fn next_failed_phase(&self, phases: &[PhaseHead]) -> Option<i64> {
        let bare = |phase: &&PhaseHead| phase.failed_steps() == 0 && phase.has_failed();
        let failed: Vec<i64> = phases.iter().filter(bare).map(|phase| phase.id()).collect();
        let shown = self.hunt.phase.and_then(|id| failed.iter().position(|other| *other == id));
        let next = match (shown, self.hunt.forward) {
            (Some(at), true) => at + 1,
            (Some(at), false) => at.checked_sub(1)?,
            (None, true) => 0,
            (None, false) => failed.len().checked_sub(1)?,
        };
        failed.get(next).copied()
    }

    fn show_failed_phase(&mut self, phase: i64, cx: &Cx<'_>) -> Vec<Effect> {
        self.hunt.arriving = false;
        self.hunt.phase = Some(phase);
        self.tabs.steps(self.run).aim_at_phase(phase);
        self.show(Tab::Steps, cx)
    }

    /// No (further) step failed: on to the next record, or the overview of one that was entered for its errors.
    fn no_failed_step(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if !std::mem::take(&mut self.hunt.arriving) {
            return vec![self.ask_failed_record()];
        }
        let mut effects = self.show(Tab::Overview, cx);
        effects.push(Effect::say(format!("#{}: no step failed; e goes on.", self.run)));
        effects
    }
}
