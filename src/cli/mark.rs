//! `mark`: what people say of records is written down, or, without anything to write, printed.

use std::io::{self, Read as _};

use super::{
    adopt::offer, agree::tell_done, args::Common, chosen, index_wait, look::Look, mark_args::MarkArgs,
    mark_text::mark_text, message, out::print, stdin::Stdin,
};
use crate::{
    error::{Error, Result},
    model::{
        format,
        mark::{LONGEST_NOTE, MarkChange, note_of},
        run::Run,
        sanitize::sanitize,
    },
    services::{
        lab::Lab,
        marks::{self, Marked},
    },
    signals,
    style::Role,
};

pub fn run(lab: &Lab, common: &Common, args: &MarkArgs) -> Result<()> {
    let mut changes = args.changes()?;
    offer(lab);
    let Some(ids) = chosen::ids(lab, &args.records)? else {
        message(&format!("{}; nothing was marked", chosen::nobody(&args.records)));
        return Ok(());
    };
    // All that are missing are named before a note is waited for.
    let runs = lab.runs(&ids, &signals::cx())?;
    changes.extend(note(args)?);
    if changes.is_empty() {
        return show(lab, Look::of(common), &runs);
    }
    let marking = "marking all these records; this takes a while ...";
    let marked = index_wait::told(marking, |cx| marks::change(lab, &ids, &changes, cx))?;
    marked.notice.iter().for_each(|notice| message(notice));
    tell_done(&done(&marked));
    Ok(())
}

fn done(marked: &Marked) -> String {
    let records = |n: usize| format::count_of(n as u64, "record", "records");
    match (marked.changed, marked.records) {
        (0, 1) => "the record was marked so before; nothing was changed".to_owned(),
        (0, all) => format!("all {} were marked so before; nothing was changed", records(all)),
        (changed, all) if changed == all => format!("marked {}", records(all)),
        (changed, all) => format!("marked {}; {} marked so before", records(changed), were(all - changed)),
    }
}

fn were(records: usize) -> String {
    format::count_of(records as u64, "other was", "others were")
}

/// The note that is wanted.
fn note(args: &MarkArgs) -> Result<Option<MarkChange>> {
    let Some(typed) = &args.note else { return Ok(None) };
    let typed = if typed == "-" { from_stdin().map_err(Error::io("stdin".as_ref()))? } else { typed.clone() };
    let text = note_of(&typed).map_err(|why| Error::Refused(format!("{why}; nothing was marked")))?;
    Ok(Some(MarkChange::Note { text, was: None }))
}

/// Of more than a note can be, no more than shows that.
fn from_stdin() -> io::Result<String> {
    let mut bytes = Vec::new();
    Stdin.take(2 * LONGEST_NOTE as u64 + 1).read_to_end(&mut bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "this is no UTF-8; nothing was marked"))
}

/// The marks of these records.
fn show(lab: &Lab, look: Look, runs: &[Run]) -> Result<()> {
    let (marks, now) = (marks::for_sure(lab)?, lab.now());
    let mut text = String::new();
    for run in runs {
        let name = format!("#{} {}", run.id, sanitize(run.shown_name()));
        let name = look.paint(&name, Role::Heading);
        match marks.of(run) {
            Some(mark) => text.push_str(&format!("{name}\n{}", mark_text(&mark, look, now))),
            None => text.push_str(&format!("{name}\nno marks\n")),
        }
    }
    print(&text)
}
