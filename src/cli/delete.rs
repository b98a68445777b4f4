//! `delete`: says what goes, asks on a terminal, and deletes: records that are named, or that filter words mean.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::event::PollFlags;

use super::{
    bill, chosen,
    chosen_args::{ChosenRecords, DeleteArgs},
    index_wait,
    out::{message, print},
};
use crate::{
    error::{Error, Result},
    model::format,
    services::{
        delete::{self, Bill, Confirmed, DeleteHow},
        lab::Lab,
    },
    signals,
};

pub fn run(lab: &Lab, args: &DeleteArgs) -> Result<()> {
    delete::refuse_copy(lab)?;
    let Some(ids) = chosen::ids(lab, &args.records)? else {
        message(&format!("{}; nothing was deleted", chosen::nobody(&args.records)));
        return Ok(());
    };
    lab.runs(&ids, &signals::cx())?;
    index_wait::rows(lab)?;
    let bill = index_wait::told("looking at all records that are to go; this takes a while ...", |cx| {
        delete::bill(lab, &ids, cx)
    })?;
    bill::print(lab, &bill)?;
    if let Some(item) = bill.items.iter().find(|i| i.guarded && !args.force)
        && !args.dry_run
    {
        return Err(delete::may_be_running(item.row.run.id));
    }
    if args.dry_run {
        return print("nothing was changed (--dry-run)\n");
    }
    if !args.yes && !agreed(&wanted(&args.records, ids.len()))? {
        return print("nothing was deleted\n");
    }
    let how = DeleteHow { force: args.force, ..DeleteHow::default() };
    delete_all(lab, &bill, how)
}

/// Deletes the records of the bill, as it shows them: none that came to be meant since, none that is another one.
fn delete_all(lab: &Lab, bill: &Bill, how: DeleteHow) -> Result<()> {
    let confirmed = |item: &delete::BillItem| Confirmed {
        run: item.row.run.id,
        name: item.row.run.name.clone(),
        start: item.row.run.start.clone(),
    };
    let items: Vec<Confirmed> = bill.items.iter().map(confirmed).collect();
    let gone = delete::delete(lab, &items, how, &mut signals::cx())?;
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

/// What must be typed: `y` for one record that was named, the count for more, and for those that filter words chose.
fn wanted(records: &ChosenRecords, count: usize) -> String {
    if count == 1 && records.filter.is_none() { "y".to_owned() } else { count.to_string() }
}

/// What is said elsewhere where the last line could not be printed: the work is done all the same.
fn untold(done: &str, printed: Result<()>) -> Option<String> {
    let error = printed.err().filter(|error| !error.is_broken_pipe())?;
    Some(format!("{done}; only this line could not be printed: {error}"))
}

/// Anything else than what is wanted, Enter too, is no.
fn agreed(wanted: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Error::Usage("without a terminal to ask on, delete needs --yes".to_owned()));
    }
    print(&format!("Type {wanted} to delete, anything else to keep: "))?;
    let mut answer = String::new();
    let stdin_error = |source| Error::Io { path: "stdin".into(), source };
    io::stdout().flush().map_err(stdin_error)?;
    signals::wait(&io::stdin(), PollFlags::IN).map_err(stdin_error)?;
    io::stdin().lock().read_line(&mut answer).map_err(stdin_error)?;
    Ok(answer.trim() == wanted)
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
