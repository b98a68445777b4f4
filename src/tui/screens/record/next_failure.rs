//! e and E: in Steps the next failed step or phase of the record, then of the next failed record; on any other tab why the
//! record failed.

use super::{For, RecordScreen};
use crate::{
    error::Result,
    services::{
        moment::Moment,
        next_failure::Spot,
        request::{Answer, Ask},
    },
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screen::{Aim, Effect, ScreenCx, Tab},
        screens::why::WhyScreen,
        tab::TabId,
    },
};

/// Where e and E go on from.
#[derive(Debug, Default)]
pub(super) struct FailureWalk {
    /// The failed step or phase that was shown last.
    at: Option<Spot>,
    /// Came into this record for its first (`true`) or last error, and shows the overview if there is none.
    arriving: Option<bool>,
}

impl FailureWalk {
    pub fn arriving(forward: bool) -> Self {
        Self { at: None, arriving: Some(forward) }
    }
}

impl RecordScreen {
    pub(super) fn error_key(&mut self, forward: bool) -> Effect {
        if self.header.is_missing() {
            return self.ask_failed_record(forward);
        }
        if self.tab == TabId::Steps {
            return self.next_error(forward);
        }
        if self.from_reason {
            return Effect::Pop;
        }
        let why = WhyScreen::of(self.run, self.query.clone(), |visit| Box::new(RecordScreen::visit(visit)));
        Effect::Push(Box::new(if forward { why } else { why.at_last() }))
    }

    fn next_error(&mut self, forward: bool) -> Effect {
        self.failures.arriving = None;
        // From the step under the cursor where there is one: it is what the user sees.
        let from = self.top().and_then(Tab::selected_step).or(self.failures.at);
        self.ask_failed_spot(from, forward)
    }

    /// The first request of a record that was entered for its errors.
    fn arrive(&mut self) -> Option<Effect> {
        self.failures.arriving.map(|forward| self.ask_failed_spot(None, forward))
    }

    fn ask_failed_spot(&mut self, from: Option<Spot>, forward: bool) -> Effect {
        self.requests.ask_for(Ask::NextFailed { run: self.run, from, forward }, For::Shell)
    }

    fn ask_failed_record(&mut self, forward: bool) -> Effect {
        let ask = Ask::TroubledRecord { query: self.query.clone(), from: self.run, forward };
        self.requests.ask_for(ask, For::Shell)
    }

    /// The answer to one of these, which looked this way.
    pub(super) fn failure_found(
        &mut self,
        forward: bool,
        result: Result<Answer>,
        cx: &ScreenCx<'_>,
    ) -> Vec<Effect> {
        match result {
            Ok(Answer::NextFailed(Some(spot))) => {
                self.failures = FailureWalk { at: Some(spot), arriving: None };
                if self.tab != TabId::Steps {
                    self.places.forget();
                }
                self.moment.jumped(Moment::Spot(spot), vec![TabId::Steps]);
                self.show_aimed(Aim::Spot(spot), cx)
            }
            Ok(Answer::NextFailed(None)) => self.none_failed(forward, cx),
            Ok(Answer::Neighbour(Some(run))) => {
                self.tab = TabId::Steps;
                let mut effects = self.switch(run, cx);
                self.failures = FailureWalk::arriving(forward);
                effects.extend(self.arrive());
                effects
            }
            Ok(Answer::Neighbour(None)) => {
                let way = if forward { "further" } else { "earlier" };
                let text =
                    format!("No {way} failed step in this record, no {way} failed record in the list.");
                vec![Effect::say(text), Effect::DropKeys]
            }
            Err(e) => Effect::not_found(&e),
            Ok(_) => Vec::new(),
        }
    }

    /// Nothing (further) failed: on to the next record, or the overview of one that was entered for its errors.
    fn none_failed(&mut self, forward: bool, cx: &ScreenCx<'_>) -> Vec<Effect> {
        if self.failures.arriving.take().is_none() {
            return vec![self.ask_failed_record(forward)];
        }
        let mut effects = self.turn_to(TabId::Overview, cx);
        effects.push(Effect::say(format!(
            "#{}: no step failed; {} goes on.",
            self.run,
            key_of(Context::Record, Action::NextError)
        )));
        effects
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::{
        screens::record::tests::{open, screen, selected},
        tab::TabId,
        testing::reference_lab,
    };

    #[test]
    fn e_walks_the_failed_steps_then_the_failed_records() {
        let mut harness = open(21, TabId::Steps, (80, 24));
        harness.press(&["e"]);
        assert!(selected(&harness).contains("try 1 of 3"), "{}", harness.text());
        assert!(harness.text().contains("timed out (try 1), \"quoted\""), "{}", harness.text());
        harness.press(&["e"]);
        assert!(selected(&harness).contains("try 2 of 3"), "{}", harness.text());
        harness.press(&["E"]);
        assert!(selected(&harness).contains("try 1 of 3"), "{}", harness.text());
        harness.press(&["e", "e"]);
        assert!(harness.lines()[0].contains("#14"), "{}", harness.text());
        let mut harness = open(25, TabId::Steps, (80, 24));
        harness.press(&["e", "e"]);
        // It ended with an error of which its steps know nothing.
        assert!(harness.lines()[0].contains("#24"), "{}", harness.text());
        assert!(harness.text().contains("from the log"), "{}", harness.text());
    }

    /// A wrong input fails a phase before any of its steps runs.
    #[test]
    fn e_goes_to_a_phase_that_failed_without_a_step() {
        let mut harness = open(13, TabId::Steps, (80, 24));
        harness.press(&["e"]);
        assert!(selected(&harness).contains("main 2"), "{}", harness.text());
        harness.press(&["e"]);
        assert!(selected(&harness).contains("main 3"), "{}", harness.text());
        harness.press(&["e"]);
        assert!(harness.text().contains("no further failed record"), "{}", harness.text());
        harness.press(&["E"]);
        assert!(selected(&harness).contains("main 2"), "{}", harness.text());
    }

    /// Failed steps and phases that failed without one come in the order they ran.
    #[test]
    fn e_walks_steps_and_phases_in_one_order() {
        let mut harness = screen(143, TabId::Steps, reference_lab("odd"), (100, 40));
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
