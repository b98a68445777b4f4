//! J, K and `:` with an id: another record in the same place, on the same tab.

use super::{RecordScreen, header};
use crate::{
    error::{ErrorKind, Result},
    services::request::{Answer, Ask},
    tui::{
        effect::{Effect, Slot},
        screens::Cx,
    },
};

/// What was asked last.
#[derive(Debug, Default)]
pub(super) struct Walk {
    forward: bool,
    /// Its answer is on its way.
    pub coming: bool,
    /// The record that `:` asked for.
    wanted: Option<i64>,
}

impl RecordScreen {
    pub(super) fn ask_neighbour(&mut self, forward: bool) -> Effect {
        (self.walk.forward, self.walk.coming) = (forward, true);
        let ask = Ask::Neighbour { query: self.query.clone(), from: self.run, forward, failed_only: false };
        Effect::Ask { slot: Slot::Neighbour, ask }
    }

    /// Looks whether a record with this id is there before anything changes.
    pub(super) fn ask_record(&mut self, id: u64) -> Vec<Effect> {
        let Ok(id) = i64::try_from(id) else {
            return vec![Effect::fail(format!("No record {id} in this file."))];
        };
        (self.walk.wanted, self.walk.coming) = (Some(id), true);
        vec![header::ask(id, Slot::Neighbour)]
    }

    pub(super) fn neighbour(&mut self, result: Result<Answer>, cx: &Cx<'_>) -> Vec<Effect> {
        self.walk.coming = false;
        match result {
            Ok(Answer::Neighbour(Some(run))) => self.switch(run, cx),
            Ok(Answer::Neighbour(None)) => {
                let end = if self.walk.forward { "last" } else { "first" };
                vec![Effect::say(format!("This is the {end} record of the list.")), Effect::DropKeys]
            }
            Ok(Answer::Page(page)) => {
                let Some(id) = self.walk.wanted.take() else { return Vec::new() };
                if page.rows.iter().any(|row| row.run.id == id) {
                    self.switch(id, cx)
                } else {
                    vec![Effect::fail(format!("No record {id} in this file.")), Effect::DropKeys]
                }
            }
            Err(e) if e.kind() == ErrorKind::Cancelled => vec![Effect::DropKeys],
            Err(e) => vec![Effect::fail(e.to_string()), Effect::DropKeys],
            Ok(_) => Vec::new(),
        }
    }
}
