//! J, K and `:` with an id: another record in the same place, on the same tab.

use super::{For, RecordScreen};
use crate::{
    error::Result,
    services::request::{Answer, Ask},
    tui::screen::{Effect, ScreenCx},
};

impl RecordScreen {
    pub(super) fn ask_neighbour(&mut self, forward: bool) -> Effect {
        let ask = Ask::Neighbour { query: self.query.clone(), from: self.run, forward };
        self.requests.ask_for(ask, For::Shell)
    }

    /// Looks whether a record with this id is there before anything changes.
    pub(super) fn ask_record(&mut self, run: i64) -> Effect {
        self.requests.ask_for(Ask::Exists { run }, For::Shell)
    }

    /// The answer to one of these.
    pub(super) fn neighbour(&mut self, ask: &Ask, result: Result<Answer>, cx: &ScreenCx<'_>) -> Vec<Effect> {
        let text = match (ask, result) {
            (_, Ok(Answer::Neighbour(Some(run)))) => return self.switch(run, cx),
            (Ask::Exists { run }, Ok(Answer::Exists(true))) => return self.switch(*run, cx),
            (Ask::Neighbour { forward, .. }, Ok(_)) => Effect::say(format!(
                "This is the {} record of the list.",
                if *forward { "last" } else { "first" }
            )),
            (Ask::Exists { run }, Ok(_)) => Effect::fail(format!("No record {run} in this file.")),
            (_, Err(e)) => return Effect::not_found(&e),
            (_, Ok(_)) => return Vec::new(),
        };
        vec![text, Effect::DropKeys]
    }
}
