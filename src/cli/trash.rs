//! `trash` and `restore`: what was deleted, taken back or removed for good.

use serde_json::json;

use super::{
    out::{message, print},
    trash_args::{RestoreArgs, TrashArgs},
};
use crate::{
    error::Result,
    services::{
        lab::Lab,
        trash::{self, RestoredRecord, TrashEntry, Which},
    },
    signals,
};

pub fn list(lab: &Lab, _args: &TrashArgs) -> Result<()> {
    let list = trash::list(lab)?;
    list.notice.iter().for_each(|notice| message(notice));
    print(&list.entries.iter().map(line).collect::<String>())
}

fn line(entry: &TrashEntry) -> String {
    let object = json!({
        "n": entry.n, "id": entry.run, "name": entry.name, "start_time": entry.start,
        "deleted_at": entry.deleted_at, "deleted_by": entry.deleted_by, "phases": entry.phases,
        "steps": entry.steps, "bytes": entry.bytes,
    });
    format!("{object}\n")
}

pub fn restore(lab: &Lab, args: &RestoreArgs) -> Result<()> {
    let which = if args.last { Which::Last } else { Which::Entries(args.numbers.clone()) };
    let done = trash::restore(lab, &which, &mut signals::cx())?;
    done.notice.iter().for_each(|notice| message(notice));
    print(&done.records.iter().map(told).collect::<String>())
}

fn told(record: &RestoredRecord) -> String {
    format!("#{} is back\n", record.run)
}
