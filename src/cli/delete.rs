//! `delete`: says what goes, asks on a terminal, and deletes.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::event::PollFlags;

use super::out::{message, print};
use crate::{
    error::{Error, Result},
    model::{format, sanitize::sanitize},
    services::{
        delete::{self, Bill, Confirmed},
        lab::Lab,
    },
    signals,
};

/// What the options allow.
#[derive(Debug, Clone, Copy)]
pub struct Consent {
    pub yes: bool,
    pub force: bool,
    pub dry_run: bool,
}

pub fn run(lab: &Lab, ids: &[i64], consent: Consent) -> Result<()> {
    delete::refuse_copy(lab)?;
    let mut once = Vec::with_capacity(ids.len());
    for id in ids {
        if !once.contains(id) {
            once.push(*id);
        }
    }
    let bill = delete::bill(lab, &once, &mut signals::cx())?;
    print(&text(lab, &bill))?;
    if let Some(item) = bill.items.iter().find(|i| i.guarded && !consent.force)
        && !consent.dry_run
    {
        return Err(delete::may_be_running(item.row.run.id));
    }
    if consent.dry_run {
        return print("nothing was changed (--dry-run)\n");
    }
    if !consent.yes && !agreed(once.len())? {
        return print("nothing was deleted\n");
    }
    let items: Vec<Confirmed> = bill
        .items
        .iter()
        .map(|i| Confirmed {
            run: i.row.run.id,
            name: i.row.run.name.clone(),
            start: i.row.run.start.clone(),
        })
        .collect();
    let gone = delete::delete(lab, &items, consent.force, &mut signals::cx())?;
    if let Some(stopped) = gone.stopped {
        return Err(Error::Unfinished(stopped));
    }
    let done = format!(
        "deleted {}, {}, {}",
        format::count_of(gone.runs.len() as u64, "record", "records"),
        format::count_of(gone.phases, "phase", "phases"),
        format::count_of(gone.steps, "step", "steps"),
    );
    if let Some(unprinted) = untold(&done, print(&format!("{done}\n"))) {
        message(&unprinted);
    }
    Ok(())
}

/// What is said elsewhere where the last line could not be printed: the work is done all the same.
fn untold(done: &str, printed: Result<()>) -> Option<String> {
    let error = printed.err().filter(|error| !error.is_broken_pipe())?;
    Some(format!("{done}; only this line could not be printed: {error}"))
}

/// `y` for one record, the count typed for more; anything else, Enter too, is no.
fn agreed(records: usize) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Error::Usage("without a terminal to ask on, delete needs --yes".to_owned()));
    }
    let wanted = if records == 1 { "y".to_owned() } else { records.to_string() };
    print(&format!("Type {wanted} to delete, anything else to keep: "))?;
    let mut answer = String::new();
    let stdin_error = |source| Error::Io { path: "stdin".into(), source };
    io::stdout().flush().map_err(stdin_error)?;
    signals::wait(&io::stdin(), PollFlags::IN).map_err(stdin_error)?;
    io::stdin().lock().read_line(&mut answer).map_err(stdin_error)?;
    Ok(answer.trim() == wanted)
}

fn text(lab: &Lab, bill: &Bill) -> String {
    let now = lab.now();
    let mut text = String::new();
    for item in &bill.items {
        let run = &item.row.run;
        let started = run.start.at().map_or_else(|| run.start.python(), |at| format::clock(at, now));
        text.push_str(&format!(
            "#{} {}  {}  started {}: {}, {}\n",
            run.id,
            sanitize(run.shown_name()),
            item.row.label(),
            if started.is_empty() { "never" } else { &started },
            format::count_of(item.phases, "phase", "phases"),
            format::count_of(item.steps, "step", "steps"),
        ));
        for file in &item.files {
            if let Some(why) = file.why_unusable() {
                text.push_str(&format!("  can't be looked at: {}\n", sanitize(why)));
                continue;
            }
            let path = file.path().map(|p| p.display().to_string()).unwrap_or_default();
            let size = format::bytes(file.size().unwrap_or_default());
            text.push_str(&format!("  stays on disk: {} ({size})\n", sanitize(&path)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cant_be_printed_is_no_failure_of_the_delete() {
        let with = |kind: io::ErrorKind| Err(Error::Io { path: "stdout".into(), source: kind.into() });
        let said = untold("deleted 1 record", with(io::ErrorKind::WriteZero)).unwrap();
        assert!(
            said.starts_with("deleted 1 record; only this line could not be printed: stdout: "),
            "{said}"
        );
        assert_eq!(untold("deleted 1 record", with(io::ErrorKind::BrokenPipe)), None);
        assert_eq!(untold("deleted 1 record", Ok(())), None);
    }
}
