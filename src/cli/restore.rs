//! `restore`: takes deletes back, and says what of each record came back as what.

use super::{adopt::offer, agree::tell_all, out::message, trash_args::RestoreArgs};
use crate::{
    error::{Error, HalfBack, Result},
    model::{format, run::shown, sanitize::sanitize},
    services::{
        lab::Lab,
        trash::{self, FileBack, RestoredRecord, Which},
    },
    signals,
};

pub fn run(lab: &Lab, args: &RestoreArgs) -> Result<()> {
    offer(lab);
    let which = if args.last { Which::Last } else { Which::Entries(args.numbers.clone()) };
    let done = trash::restore(lab, &which, &mut signals::cx())?;
    done.notice.iter().for_each(|notice| message(notice));
    for n in &done.gone {
        message(&format!("entry {n} is not in the trash any more: it was taken back before, or removed"));
    }
    let back = format::count_of(done.records.len() as u64, "record is", "records are");
    tell_all(&done.records.iter().map(told).collect::<String>(), &format!("{back} back"));
    let (mut staying, mut lost) = (0_u64, 0_u64);
    for record in &done.records {
        for file in &record.files {
            match file {
                FileBack::Stays(why) => {
                    staying += 1;
                    message(&format!("a file of record {} stays in the trash: {why}", record.run));
                }
                FileBack::Lost(path) => {
                    lost += 1;
                    message(&format!(
                        "a file of record {} is gone, somebody removed it from the trash: {}",
                        record.run,
                        path.display()
                    ));
                }
                FileBack::Back(_) | FileBack::Beside(_) => {}
            }
        }
    }
    if let Some(cause) = done.stopped {
        return Err(Error::HalfBack(HalfBack { cause, back: done.records.len(), of: done.of }));
    }
    if staying > 0 {
        let files = format::count_of(staying, "file", "files");
        return Err(Error::Refused(format!(
            "all records are back, but not {files}; mend what is in the way, the same again goes on"
        )));
    }
    if lost > 0 {
        let files = format::count_of(lost, "file", "files");
        return Err(Error::Refused(format!("all records are back, but {files} of them can't come back")));
    }
    Ok(())
}

/// A line for the record, and one for each of its files that is back.
fn told(record: &RestoredRecord) -> String {
    let name = sanitize(shown(&record.name));
    let parts = format!(
        "{name}, {}, {}",
        format::count_of(record.phases, "phase", "phases"),
        format::count_of(record.steps, "step", "steps"),
    );
    let mut text = match (record.rows, record.was == record.run) {
        (0, true) => format!("#{} was in place already: {parts}\n", record.run),
        (0, false) => format!("#{} was in place already, as #{}: {parts}\n", record.was, record.run),
        (_, true) => format!("#{} is back: {parts}\n", record.run),
        (_, false) => format!(
            "#{} is now #{}, as another record has its id by now: {parts}; its files and log keep their names\n",
            record.was, record.run
        ),
    };
    for file in &record.files {
        let (said, path) = match file {
            FileBack::Back(path) => ("back on disk", path),
            FileBack::Beside(path) => ("back under another name, as something has its own", path),
            FileBack::Stays(_) | FileBack::Lost(_) => continue,
        };
        text.push_str(&format!("  {said}: {}\n", sanitize(&path.display().to_string())));
    }
    text
}
