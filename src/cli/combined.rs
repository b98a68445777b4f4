//! `export --combined`: the data CSVs of records as one file.

use std::io::{self, IsTerminal as _};

use super::{message, progress_line::ProgressLine};
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::{Error, Result},
    model::{
        format::{self, count_of},
        run::Run,
    },
    output::Target,
    services::{
        export::combined::{self, CombinedCsv},
        lab::Lab,
        picked::Picked,
    },
    signals,
};

/// Writes it. What keeps it from being whole, but not other exports from being made, is given back.
///
/// # Errors
/// What ends those too.
pub fn run(lab: &Lab, runs: &[Run], target: &Target) -> Result<Option<Error>> {
    let (mut picked, mut ids) = (Picked::default(), Vec::with_capacity(runs.len()));
    for run in runs {
        picked.turn(run);
        ids.push(run.id);
    }
    // On the terminal that the rows go to it would stand among them.
    let is_seen = *target != Target::Stdout || !io::stdout().is_terminal();
    let line = if is_seen { ProgressLine::on_stderr() } else { ProgressLine::none() };
    let mut far = HowFar { line, shown: None };
    let mut cx = Cx::cancelled_by(signals::cancel(), &mut far);
    let done = combined::write(lab, &ids, &picked, target, &mut cx);
    far.line.clear();
    match done {
        Ok(done) => Ok(told(&done, runs.len())),
        Err(error @ Error::Missing(_)) => Ok(Some(error)),
        Err(error) => Err(named(error)),
    }
}

/// Says what came of it; an error where something could not be read.
fn told(done: &CombinedCsv, total: usize) -> Option<Error> {
    done.troubles.iter().chain(&done.notes).for_each(|said| message(said));
    let left_out = done.without_words(usize::MAX).into_iter().chain(done.gone_words(usize::MAX));
    left_out.for_each(|said| message(&said));
    if let Some(file) = &done.file {
        message(&format!("{}: {} ({})", file.display(), done.rows_words(), format::bytes(done.bytes)));
    }
    let failed = done.troubles.len();
    (failed > 0).then(|| {
        let of = count_of(total as u64, "record", "records");
        Error::Refused(format!(
            "{failed} of {of} could not be read, as said above; the rows of the others are written"
        ))
    })
}

/// The same error where its advice names another option.
fn named(error: Error) -> Error {
    match error {
        Error::Advised { said, command, screen } => {
            let command = command.replace("with -o", "with --combined");
            Error::Advised { said, command, screen }
        }
        Error::NoFolder { ref folder } => Error::Advised {
            said: format!("{}: there is no such folder", folder.display()),
            command: "make it (mkdir -p), or name another file with --combined".to_owned(),
            screen: error.on_screen(),
        },
        other => other,
    }
}

/// How far it is, as a line.
struct HowFar {
    line: ProgressLine,
    shown: Option<(Progress, u64)>,
}

impl Checkpoint for HowFar {
    fn check(&mut self, progress: Progress) -> Result<()> {
        self.check_written(progress, 0)
    }

    fn check_written(&mut self, progress: Progress, bytes: u64) -> Result<()> {
        if self.shown.replace((progress, bytes)) != Some((progress, bytes)) {
            let total = progress.total.unwrap_or_default();
            self.line.show(&format!("{} of {total}, {}", progress.done, format::bytes(bytes)));
        }
        Ok(())
    }
}
