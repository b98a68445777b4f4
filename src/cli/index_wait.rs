//! A command that waits for the index, or for the counts of all records, says so, once.

use std::time::{Duration, Instant};

use super::{args::CliCommand, out::message};
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Result,
    services::lab::Lab,
    signals,
};

/// Who waits longer than this is told why.
const LONG: Duration = Duration::from_secs(1);

/// Waits for the index where the command is about the phases and steps of records that there are.
pub fn for_the_index(lab: &Lab, command: &CliCommand) -> Result<()> {
    let records = match command {
        CliCommand::Show { view: true, .. } => return Ok(()),
        CliCommand::Show { id, .. }
        | CliCommand::Steps { id, .. }
        | CliCommand::Data { id, .. }
        | CliCommand::Plot { id, .. }
        | CliCommand::Map { id, .. } => std::slice::from_ref(id),
        CliCommand::Why(args) => args.id.as_slice(),
        _ => return Ok(()),
    };
    lab.runs(records, &signals::cx())?;
    rows(lab)
}

/// Waits until it is known which rows are whose.
pub fn rows(lab: &Lab) -> Result<()> {
    told("finding out which rows are whose; the first time this takes a while ...", |cx| lab.prepare(cx))
}

/// Does work that can take long: then it is said what it is.
pub fn told<T>(text: &'static str, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
    let mut waiting = Waiting { text, since: Some(Instant::now()) };
    work(&mut Cx::cancelled_by(signals::cancel(), &mut waiting))
}

struct Waiting {
    text: &'static str,
    /// `None` once it was said.
    since: Option<Instant>,
}

impl Checkpoint for Waiting {
    fn check(&mut self, _: Progress) -> Result<()> {
        if self.since.is_some_and(|since| since.elapsed() >= LONG) {
            self.since = None;
            message(self.text);
        }
        Ok(())
    }
}
