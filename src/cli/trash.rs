//! `trash`: what was deleted and can be taken back, listed or removed for good.

use jiff::{SignedDuration, civil::DateTime};

use super::{
    adopt::offer,
    agree::{Question, agreed, tell_done},
    args::Common,
    look::Look,
    message,
    out::{print, stdout, stdout_error},
    table::{PrintedCell, PrintedColumn, TextTable},
    trash_args::{TrashAction, TrashArgs, TrashFormat},
};
use crate::{
    error::{Error, Result},
    formats::json::{JsonWriter, Layout},
    model::{format, run::shown, timestamp::Timestamp},
    output::Sink,
    services::{
        lab::Lab,
        trash::{self, EntryState, TrashEntry},
    },
    signals,
    style::Role,
};

pub fn run(lab: &Lab, common: &Common, args: &TrashArgs) -> Result<()> {
    offer(lab);
    let wanted = || common.settings.trash_age.value.as_ref().map(|wanted| wanted.age);
    match (args.action, args.older_than) {
        (TrashAction::Empty, older_than) => match older_than.or_else(wanted) {
            Some(older_than) => empty(lab, older_than, args.yes),
            None => Err(Error::Usage(
                "trash empty removes what was deleted so long ago: give --older-than TIME, or trash-age in config.toml"
                    .to_owned(),
            )),
        },
        (TrashAction::List, None) if !args.yes => list(lab, common, args.format),
        (TrashAction::List, _) => Err(Error::Usage(
            "--older-than and --yes say what ivorylens trash empty removes; a list has all".to_owned(),
        )),
    }
}

fn list(lab: &Lab, common: &Common, format: TrashFormat) -> Result<()> {
    let list = trash::list(lab)?;
    list.notice.iter().for_each(|notice| message(notice));
    if format == TrashFormat::Jsonl {
        let mut out = stdout()?;
        list.entries.iter().try_for_each(|entry| line(&mut out, entry).map_err(stdout_error))?;
        return out.finish().map(|_| ());
    }
    if list.entries.is_empty() {
        message("the trash is empty");
        return Ok(());
    }
    print(&table(lab, Look::of(common), &list.entries))?;
    message(&format!("{} in the trash, {}", records(&list.entries), format::bytes(list.bytes())));
    Ok(())
}

/// Its keys are promised in the guide.
fn line(out: &mut Sink, entry: &TrashEntry) -> std::io::Result<()> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut json = JsonWriter::new(out, Layout::Line);
    json.begin_dict()?;
    json.entry("n", |json| json.integer(entry.n))?;
    json.entry("id", |json| json.integer(entry.run))?;
    json.entry("name", |json| json.string(&entry.name))?;
    json.entry("start_time", |json| json.string_or_null(start(entry).iso().as_deref()))?;
    json.entry("deleted_at", |json| json.string(&entry.deleted_at))?;
    json.entry("deleted_by", |json| json.string(&entry.deleted_by))?;
    json.entry("phases", |json| json.integer(number(entry.phases)))?;
    json.entry("steps", |json| json.integer(number(entry.steps)))?;
    json.entry("bytes", |json| json.integer(number(entry.bytes)))?;
    json.end_dict()?;
    json.finish().map(|_| ())
}

/// The start as the lab's file had it.
fn start(entry: &TrashEntry) -> Timestamp {
    Timestamp::read(Some(entry.start.as_str()).filter(|start| !start.is_empty()))
}

const COLUMNS: [PrintedColumn; 9] = [
    PrintedColumn::right("n"),
    PrintedColumn::right("id"),
    PrintedColumn::left("name").cut_to(12),
    PrintedColumn::left("started").gives_way(2),
    PrintedColumn::left("deleted"),
    PrintedColumn::left("by").gives_way(4).cut_to(8),
    PrintedColumn::right("phases").gives_way(1),
    PrintedColumn::right("steps").gives_way(3),
    PrintedColumn::right("size"),
];

fn table(lab: &Lab, look: Look, entries: &[TrashEntry]) -> String {
    let mut table = TextTable::new(&COLUMNS, look);
    let now = lab.now();
    for entry in entries {
        let started = start(entry);
        let deleted = when(&entry.deleted_at, now);
        table.row([
            entry.n.to_string().into(),
            entry.run.to_string().into(),
            shown(&entry.name).into(),
            started.at().map_or_else(|| started.python(), |at| format::clock(at, now)).into(),
            match entry.state {
                EntryState::Saving | EntryState::Saved => {
                    PrintedCell::new(format!("{deleted}, unfinished"), Role::Failed)
                }
                EntryState::Gone => deleted.into(),
            },
            entry.deleted_by.as_str().into(),
            format::count(entry.phases).into(),
            format::count(entry.steps).into(),
            format::bytes(entry.bytes).into(),
        ]);
    }
    table.text()
}

/// When something was deleted, as lists say times.
fn when(deleted_at: &str, now: DateTime) -> String {
    deleted_at.parse().map_or_else(|_| deleted_at.to_owned(), |at| format::clock(at, now))
}

fn records(entries: &[TrashEntry]) -> String {
    format::count_of(entries.len() as u64, "record", "records")
}

fn empty(lab: &Lab, older_than: SignedDuration, yes: bool) -> Result<()> {
    let due = trash::due(lab, older_than)?;
    if due.is_empty() {
        message("nothing in the trash was deleted so long ago; nothing was removed");
        return Ok(());
    }
    print(&bill(lab, &due))?;
    let wanted = due.len().to_string();
    let question =
        Question { command: "trash empty", wanted: &wanted, to: "remove this from the trash for good" };
    if !yes && !agreed(&question)? {
        return print("nothing was removed\n");
    }
    trash::empty(lab, &due, &signals::cx())?;
    let bytes = due.iter().map(|entry| entry.bytes).sum();
    tell_done(&format!("removed {} from the trash, {}", records(&due), format::bytes(bytes)));
    Ok(())
}

/// What would go: how much, and from when to when.
fn bill(lab: &Lab, due: &[TrashEntry]) -> String {
    let bytes = due.iter().map(|entry| entry.bytes).sum();
    let mut times: Vec<&str> = due.iter().map(|entry| entry.deleted_at.as_str()).collect();
    times.sort_unstable();
    let time = |at: Option<&&str>| at.map_or_else(String::new, |at| when(at, lab.now()));
    let mut text = format!(
        "{} in the trash, {}, can't be taken back then; the oldest was deleted {}, the newest {}\n",
        records(due),
        format::bytes(bytes),
        time(times.first()),
        time(times.last()),
    );
    let unfinished = due.iter().filter(|entry| entry.state != EntryState::Gone).count() as u64;
    if unfinished > 0 {
        let of = format::count_of(unfinished, "of them is", "of them are");
        text.push_str(&format!("{of} of a delete that did not end: what that deleted is here only\n"));
    }
    text
}
