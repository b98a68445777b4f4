//! `marks`: all marks as JSON lines, out and in.

use std::{io::BufReader, path::Path};

use super::{
    adopt,
    agree::tell_done,
    args::Output,
    export::deliver,
    index_wait,
    mark_args::{MarksAction, MarksArgs},
    message,
    stdin::Stdin,
};
use crate::{
    error::{Error, Result},
    model::format,
    services::{
        lab::Lab,
        marks::{
            self,
            transfer::{self, ImportedMarks},
        },
    },
};

pub fn run(lab: &Lab, args: &MarksArgs) -> Result<()> {
    if args.action != MarksAction::Adopt {
        adopt::offer(lab);
    }
    match (args.action, &args.file, &args.output) {
        (MarksAction::Export, None, _) => export(lab, args),
        (MarksAction::Import, Some(file), None) => import(lab, file),
        (MarksAction::Adopt, None, None) => adopt::run(lab),
        (MarksAction::Adopt, ..) => Err(Error::Usage("marks adopt has no file".to_owned())),
        (MarksAction::Export, Some(_), _) => {
            Err(Error::Usage("marks export writes to stdout, or to the file that -o names".to_owned()))
        }
        (MarksAction::Import, ..) => Err(Error::Usage("marks import reads a file, and has no -o".to_owned())),
    }
}

fn export(lab: &Lab, args: &MarksArgs) -> Result<()> {
    let marks = marks::for_sure(lab)?;
    let output = Output { output: args.output.clone(), own_name: false, overwrite: args.overwrite };
    deliver(lab, &output, "marks.jsonl", false, |outlet, _| {
        let written = transfer::export(&marks, &mut outlet.out);
        written.map_err(Error::io(&outlet.target))
    })
}

fn import(lab: &Lab, file: &Path) -> Result<()> {
    let importing = "taking in marks; this takes a while ...";
    let imported = if file == Path::new("-") {
        let stdin = Path::new("stdin");
        index_wait::told(importing, |cx| transfer::import(lab, BufReader::new(Stdin), stdin, cx))?
    } else {
        let from = transfer::open(file)?;
        index_wait::told(importing, |cx| transfer::import(lab, from, file, cx))?
    };
    imported.notice.iter().for_each(|notice| message(notice));
    tell_done(&done(&imported));
    Ok(())
}

/// `marks of 12 records, 5 changed; 2 of them are not in this lab, their marks are kept`.
fn done(imported: &ImportedMarks) -> String {
    let records = format::count_of(imported.records as u64, "record", "records");
    let elsewhere = match imported.elsewhere {
        0 => String::new(),
        1 => "; 1 of them is not in this lab, its marks are kept".to_owned(),
        n => format!("; {} of them are not in this lab, their marks are kept", format::count(n as u64)),
    };
    format!("marks of {records}, {} changed{elsewhere}", format::count(imported.changed as u64))
}
