//! `delete`: says what goes, asks on a terminal, and deletes: records that are named, or that filter words mean.

use super::{
    agree::{Question, agreed, tell_done},
    bill, chosen,
    chosen_args::{ChosenRecords, DeleteArgs},
    index_wait,
    out::{message, print},
};
use crate::{
    error::{Error, Result},
    model::{format, sanitize::sanitize},
    services::{
        delete::{self, Bill, Confirmed, DeleteHow, Deleted},
        lab::Lab,
        trash,
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
    if !args.permanent && !args.dry_run {
        trash::ready(lab, &signals::cx())?.iter().for_each(|notice| message(notice));
    }
    index_wait::rows(lab)?;
    let bill = index_wait::told("looking at all records that are to go; this takes a while ...", |cx| {
        delete::bill(lab, &ids, cx)
    })?;
    let how = DeleteHow { force: args.force, permanent: args.permanent, with_files: args.with_files };
    bill::print(lab, &bill, how)?;
    if let Some(item) = bill.items.iter().find(|i| i.guarded && !args.force)
        && !args.dry_run
    {
        return Err(delete::may_be_running(item.row.run.id));
    }
    if args.dry_run {
        return print("nothing was changed (--dry-run)\n");
    }
    let wanted = wanted(&args.records, ids.len());
    if !args.yes && !agreed(&Question { command: "delete", wanted: &wanted, to: "delete" })? {
        return print("nothing was deleted\n");
    }
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
    if let Some(kept) = &gone.in_trash {
        kept.notice.iter().for_each(|notice| message(notice));
        kept.left.iter().for_each(|why| message(&format!("a file stays on disk: {why}")));
    }
    if let Some(stopped) = gone.stopped {
        return Err(Error::Unfinished(stopped));
    }
    tell_done(&done(&gone, how));
    Ok(())
}

/// `deleted 3 records, 12 phases, 60 steps; in the trash (214 kB): ivorylens restore --last brings them back`.
fn done(gone: &Deleted, how: DeleteHow) -> String {
    let mut parts = vec![
        format::count_of(gone.runs.len() as u64, "record", "records"),
        format::count_of(gone.phases, "phase", "phases"),
        format::count_of(gone.steps, "step", "steps"),
    ];
    parts.extend(delete::other_rows_words(&gone.others).map(|others| sanitize(&others).into_owned()));
    let kept = gone.in_trash.as_ref();
    if let Some(files) = kept.map(|kept| kept.files as u64).filter(|files| *files > 0) {
        parts.push(format::count_of(files, "file", "files"));
    }
    let size = kept.map(|kept| format!(" ({})", format::bytes(kept.bytes))).unwrap_or_default();
    let behind = match how.permanent {
        true => ", for good".to_owned(),
        false => format!("; in the trash{size}: {}", bill::way_back(gone.runs.len())),
    };
    format!("deleted {}{behind}", parts.join(", "))
}

/// What must be typed: `y` for one record that was named, the count for more, and for those that filter words chose.
fn wanted(records: &ChosenRecords, count: usize) -> String {
    if count == 1 && records.filter.is_none() { "y".to_owned() } else { count.to_string() }
}
