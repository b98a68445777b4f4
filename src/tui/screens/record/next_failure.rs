//! e and E: the next failed step or phase of the record, then of the next failed record, opened in Steps.

use super::RecordScreen;
use crate::{
    error::{ErrorKind, Result},
    services::{
        next_failure::Spot,
        request::{Answer, Ask},
    },
    tui::{
        effect::{Effect, Slot},
        screens::{Cx, Tab},
    },
};

/// Where the way from error to error stands.
#[derive(Debug, Default)]
pub(super) struct FailureWalk {
    /// The failed step or phase that was shown last.
    at: Option<Spot>,
    /// Onwards, or back.
    forward: bool,
    /// The answer to a question is on its way.
    pub coming: bool,
    /// Came into this record for its first (or last) error and shows the overview if there is none.
    arriving: bool,
}

impl FailureWalk {
    pub fn arriving(forward: bool) -> Self {
        Self { arriving: true, forward, ..Self::default() }
    }

    /// Another record: spots of the one before are none any more.
    pub fn forget(&mut self) {
        (self.at, self.arriving) = (None, false);
    }
}

impl RecordScreen {
    pub(super) fn next_error(&mut self, forward: bool) -> Vec<Effect> {
        (self.hunt.forward, self.hunt.coming) = (forward, true);
        self.hunt.arriving = false;
        if self.head.is_missing() {
            return vec![self.ask_failed_record()];
        }
        // From the step under the cursor where there is one: it is what the user sees.
        let selected =
            self.tabs.known_steps().filter(|_| self.tab == Tab::Steps).and_then(|s| s.selected_step());
        vec![self.ask_failed_spot(selected.or(self.hunt.at))]
    }

    /// The first question of a record that was entered for its errors.
    pub(super) fn arrive(&mut self) -> Option<Effect> {
        self.hunt.coming |= self.hunt.arriving;
        self.hunt.arriving.then(|| self.ask_failed_spot(None))
    }

    fn ask_failed_spot(&self, from: Option<Spot>) -> Effect {
        let ask = Ask::NextFailed { run: self.run, from, forward: self.hunt.forward };
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
            Ok(Answer::NextFailed(Some(spot))) => self.show_failed(spot, cx),
            Ok(Answer::NextFailed(None)) => self.none_failed(cx),
            Ok(Answer::Neighbour(Some(run))) => {
                let forward = self.hunt.forward;
                self.tab = Tab::Steps;
                let mut effects = self.switch(run, cx);
                self.hunt = FailureWalk::arriving(forward);
                effects.extend(self.arrive());
                effects
            }
            Ok(Answer::Neighbour(None)) => {
                let way = if self.hunt.forward { "further" } else { "earlier" };
                let text =
                    format!("No {way} failed step in this record, no {way} failed record in the list.");
                vec![Effect::say(text), Effect::DropKeys]
            }
            Err(e) if e.kind() == ErrorKind::Cancelled => vec![Effect::DropKeys],
            Err(e) => vec![Effect::fail(e.to_string()), Effect::DropKeys],
            Ok(_) => Vec::new(),
        }
    }

    fn show_failed(&mut self, spot: Spot, cx: &Cx<'_>) -> Vec<Effect> {
        self.hunt.arriving = false;
        self.hunt.at = Some(spot);
        let steps = self.tabs.steps(self.run);
        match spot {
            Spot::Step { phase, step } => steps.aim_at_step(phase, step),
            Spot::Phase(phase) => steps.aim_at_phase(phase),
        }
        self.show(Tab::Steps, cx)
    }

    /// Nothing (further) failed: on to the next record, or the overview of one that was entered for its errors.
    fn none_failed(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if !std::mem::take(&mut self.hunt.arriving) {
            return vec![self.ask_failed_record()];
        }
        let mut effects = self.show(Tab::Overview, cx);
        effects.push(Effect::say(format!("#{}: no step failed; e goes on.", self.run)));
        effects
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        model::query::ListQuery,
        tui::{
            screens::{
                Tab,
                record::{
                    RecordScreen,
                    tests::{lab, open, screen, selected},
                },
            },
            testing::Harness,
        },
    };

    #[test]
    fn e_walks_the_failed_steps_then_the_failed_records() {
        let mut harness = open(21, Tab::Overview, (80, 24));
        harness.press(&["e"]);
        assert!(selected(&harness).contains("try 1 of 3"), "{}", harness.text());
        assert!(harness.text().contains("timed out (try 1), \"quoted\""), "{}", harness.text());
        harness.press(&["e"]);
        assert!(selected(&harness).contains("try 2 of 3"), "{}", harness.text());
        harness.press(&["E"]);
        assert!(selected(&harness).contains("try 1 of 3"), "{}", harness.text());
        harness.press(&["e", "e"]);
        assert!(harness.text().contains("no further failed record"), "{}", harness.text());
        let mut harness = open(25, Tab::Overview, (80, 24));
        harness.press(&["e", "e"]);
        // It ended with an error of which its steps know nothing.
        assert!(harness.lines()[0].contains("#24"), "{}", harness.text());
        assert!(harness.text().contains("6 shows the log"), "{}", harness.text());
    }

    /// A wrong input fails a phase before any of its steps runs.
    #[test]
    fn e_goes_to_a_phase_that_failed_without_a_step() {
        let mut harness = open(13, Tab::Overview, (80, 24));
        harness.press(&["e"]);
        assert!(selected(&harness).contains("main 2"), "{}", harness.text());
        harness.press(&["e"]);
        assert!(selected(&harness).contains("main 3"), "{}", harness.text());
        harness.press(&["E"]);
        assert!(selected(&harness).contains("main 2"), "{}", harness.text());
        let record = RecordScreen::at_error(25, ListQuery::default());
        let harness = Harness::new(Box::new(record), lab("ivoryos-1.7.2"), 80, 24);
        assert!(selected(&harness).contains("main 2"), "{}", harness.text());
    }

    /// Failed steps and phases that failed without one come in the order they ran.
    #[test]
    fn e_walks_steps_and_phases_in_one_order() {
        let mut harness = screen(143, Tab::Overview, lab("odd"), (100, 40));
        let walk = ["1 dose", "3 wait", "main 1", "2 a,b", "2 naïve", "2 naïve"];
        for place in walk {
            harness.press(&["e"]);
            assert!(selected(&harness).contains(place), "{place}\n{}", harness.text());
        }
        for place in walk.iter().rev().skip(1) {
            harness.press(&["E"]);
            assert!(selected(&harness).contains(place), "{place}\n{}", harness.text());
        }
        // From the step under the cursor, wherever the walk stood.
        harness.press(&["}", "}", "j"]);
        assert!(selected(&harness).contains("heat"), "{}", harness.text());
        harness.press(&["E"]);
        assert!(selected(&harness).contains("main 1"), "{}", harness.text());
    }
}
