//! `info`: where everything is kept, versions and sizes, for people or as JSON.

use std::io::{self, Write};

use super::out::{print, stdout, stdout_error};
use crate::{
    config::file::Config,
    error::Result,
    formats::json::{JsonWriter, Layout},
    model::{format, sanitize::sanitize, timestamp::Timestamp},
    services::{
        info::{self, KeptAt, LabInfo},
        lab::Lab,
        marks::{MovedFrom, Sharing},
        own_files::UserFolders,
    },
    signals,
};

pub fn run(lab: &Lab, config: &Config, json: bool) -> Result<()> {
    let folders = UserFolders::of(|name| std::env::var_os(name));
    let info = info::info(lab, &folders, &signals::cx())?;
    let config = config.path.clone().map(info::kept_at);
    if !json {
        return print(&people(&info, config.as_ref()));
    }
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    write(&mut json, lab, &info, config.as_ref()).map_err(stdout_error)?;
    json.finish().map_err(stdout_error)?.finish().map(|_| ())
}

fn people(info: &LabInfo, config: Option<&KeptAt>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, said: &str| text.push_str(&format!("{name:<12}{}\n", sanitize(said)));
    line("program", concat!("ivorylens ", env!("CARGO_PKG_VERSION")));
    line("engine", &format!("{} {}", info.engine.name, info.engine.version));
    let address = || info.database.path.display().to_string();
    line("database", &if info.is_on_server { address() } else { place(&info.database) });
    line("journal", &info.engine.journal_mode);
    line("records", &format::count(info.records));
    line("schema", &schema(info));
    for (name, at) in [("logs", &info.logs), ("results", &info.results)] {
        line(name, &at.as_ref().map_or_else(|| NO_FOLDER.to_owned(), place));
    }
    for at in &info.cache {
        line("cache", &place(at));
    }
    if info.cache.is_empty() {
        line("cache", "nothing is kept of this lab");
    }
    for (name, at) in [("views", info.views.as_ref()), ("screen", info.screen.as_ref()), ("config", config)] {
        line(name, &at.map_or_else(|| NO_PLACE.to_owned(), place));
    }
    let Some(own) = &info.own else {
        line("trash", NO_PLACE);
        return text;
    };
    let version = own.version.map(|version| format!(", version {version}")).unwrap_or_default();
    let (of_own, of_shared) = if own.sharing == Sharing::Shared { ("", &*version) } else { (&*version, "") };
    line("own file", &format!("{}{of_own}", place(&own.at)));
    match &own.shared {
        None if info.is_on_server => line("sharing", "what is kept of records on a server is not shared"),
        None => line("sharing", "nobody shares: ivorylens share"),
        Some(shared) => {
            let only =
                if own.sharing == Sharing::ReadOnly { ", only read: you may not write there" } else { "" };
            line("sharing", &format!("{}{of_shared}{only}", place(shared)));
        }
    }
    line("marks", &format::count_of(own.marks, "record", "records"));
    let trash = own.trash.map(|(entries, bytes)| {
        format!("{}, {}", format::count_of(entries, "record", "records"), format::bytes(bytes))
    });
    line("trash", trash.as_deref().unwrap_or("can't be read"));
    line("trash files", &place(&own.trash_files));
    if let Some(moved) = &own.moved {
        line("moved from", &offered(moved));
    }
    if let Some(notice) = &own.notice {
        line("note", notice);
    }
    text
}

/// What is kept of a lab under the path that it had, and how it is taken over.
pub(super) fn offered(moved: &MovedFrom) -> String {
    format!(
        "{}: {} marked and {} in the trash are kept of this lab from there; ivorylens marks adopt takes them over",
        moved.database.display(),
        format::count_of(moved.marks, "record", "records"),
        format::count(moved.entries),
    )
}

const NO_PLACE: &str = "no place: neither HOME nor a folder for it is set";

const NO_FOLDER: &str = "no data folder is named; give --data FOLDER beside --db";

fn place(at: &KeptAt) -> String {
    let size = match at.size {
        None if at.unread.is_some() => "of unknown size".to_owned(),
        None => "not there".to_owned(),
        Some(size) if size.files == 1 => format::bytes(size.bytes),
        Some(size) => {
            format!("{}, {}", format::count_of(size.files, "file", "files"), format::bytes(size.bytes))
        }
    };
    let unread = at.unread.as_ref().map(|why| format!("; can't be read: {why}")).unwrap_or_default();
    format!("{} ({size}{unread})", at.path.display())
}

/// What this version of IvoryOS keeps, as far as it is known by the tables.
fn schema(info: &LabInfo) -> String {
    match (info.features.keeps_outputs, info.features.keeps_outcomes) {
        (true, true) => "phases, outputs and outcomes (as IvoryOS 1.7)",
        (true, false) => "phases and outputs, no outcomes (as IvoryOS 1.4 to 1.6)",
        (false, true) => "outcomes, no phases",
        (false, false) => "neither phases nor outcomes (as IvoryOS 1.2 and older)",
    }
    .to_owned()
}

fn write<W: Write>(
    json: &mut JsonWriter<W>,
    lab: &Lab,
    info: &LabInfo,
    config: Option<&KeptAt>,
) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("program", |json| json.string(env!("CARGO_PKG_VERSION")))?;
    json.entry("engine", |json| json.string(info.engine.name))?;
    json.entry("engine_version", |json| json.string(&info.engine.version))?;
    json.entry("database", |json| kept(json, Some(&info.database)))?;
    let copied = lab.copied_at().and_then(|at| Timestamp::At(at).iso());
    json.entry("copied_at", |json| json.string_or_null(copied.as_deref()))?;
    json.entry("journal_mode", |json| json.string(&info.engine.journal_mode))?;
    json.entry("records", |json| json.integer(number(info.records)))?;
    json.entry("schema", |json| {
        json.begin_dict()?;
        json.entry("phases", |json| json.boolean(info.features.keeps_outputs))?;
        json.entry("outcomes", |json| json.boolean(info.features.keeps_outcomes))?;
        json.end_dict()
    })?;
    json.entry("logs", |json| kept(json, info.logs.as_ref()))?;
    json.entry("results", |json| kept(json, info.results.as_ref()))?;
    json.entry("cache", |json| json.list(&info.cache, |json, at| kept(json, Some(at))))?;
    json.entry("views", |json| kept(json, info.views.as_ref()))?;
    json.entry("screen", |json| kept(json, info.screen.as_ref()))?;
    json.entry("config", |json| kept(json, config))?;
    let own = info.own.as_ref();
    json.entry("own", |json| kept(json, own.map(|own| &own.at)))?;
    json.entry("own_version", |json| json.or_null(own.and_then(|own| own.version), JsonWriter::integer))?;
    let sharing = own.map_or(Sharing::Alone, |own| own.sharing);
    json.entry("sharing", |json| {
        json.string(match sharing {
            Sharing::Alone => "alone",
            Sharing::Shared => "shared",
            Sharing::ReadOnly => "read_only",
        })
    })?;
    json.entry("shared", |json| kept(json, own.and_then(|own| own.shared.as_ref())))?;
    json.entry("marks", |json| json.integer(number(own.map_or(0, |own| own.marks))))?;
    let moved = own.and_then(|own| own.moved.as_ref()).map(|moved| moved.database.display().to_string());
    json.entry("moved_from", |json| json.string_or_null(moved.as_deref()))?;
    let trash = own.map_or(Some((0, 0)), |own| own.trash);
    json.entry("trash", |json| {
        json.or_null(trash, |json, (entries, bytes)| {
            json.begin_dict()?;
            json.entry("records", |json| json.integer(number(entries)))?;
            json.entry("bytes", |json| json.integer(number(bytes)))?;
            json.end_dict()
        })
    })?;
    json.entry("trash_files", |json| kept(json, own.map(|own| &own.trash_files)))?;
    let notice = own.and_then(|own| own.notice.as_deref());
    json.entry("notice", |json| json.string_or_null(notice))?;
    json.end_dict()
}

/// `{"path", "files", "bytes", "unread"}`, null without a place; the numbers are null where nothing is there, `unread` where
/// all of it can be read.
fn kept<W: Write>(json: &mut JsonWriter<W>, at: Option<&KeptAt>) -> io::Result<()> {
    let Some(at) = at else { return json.string_or_null(None) };
    json.begin_dict()?;
    json.entry("path", |json| json.string(&at.path.display().to_string()))?;
    json.entry("files", |json| json.or_null(at.size.map(|size| number(size.files)), JsonWriter::integer))?;
    json.entry("bytes", |json| json.or_null(at.size.map(|size| number(size.bytes)), JsonWriter::integer))?;
    json.entry("unread", |json| json.string_or_null(at.unread.as_deref()))?;
    json.end_dict()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
