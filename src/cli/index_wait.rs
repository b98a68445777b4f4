//! The first command on a large database waits for the index: it says so, once.

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
        | CliCommand::Why { id, .. }
        | CliCommand::Steps { id, .. }
        | CliCommand::Data { id, .. }
        | CliCommand::Plot { id, .. } => std::slice::from_ref(id),
        CliCommand::Delete { ids, .. } => ids,
        _ => return Ok(()),
    };
    for id in records {
        lab.run(*id, &signals::cx())?;
    }
    lab.prepare(&mut Cx::cancelled_by(signals::cancel(), &mut Waiting(Some(Instant::now()))))
}

/// Since when; `None` once it was said.
struct Waiting(Option<Instant>);

impl Checkpoint for Waiting {
    fn check(&mut self, _: Progress) -> Result<()> {
        if self.0.is_some_and(|since| since.elapsed() >= LONG) {
            self.0 = None;
            message("finding out which rows are whose; the first time this takes a while ...");
        }
        Ok(())
    }
}
