//! The commands: each asks a service and prints; bytes of exports raw, everything for people cleaned.

mod adopt;
mod agree;
mod arg_values;
pub mod args;
mod bill;
mod calls;
mod chosen;
pub mod chosen_args;
mod combined;
mod completions;
mod config;
mod delete;
mod demo;
mod export;
mod export_folders;
mod filter_manual;
mod index_wait;
mod info;
mod json_view;
mod list;
mod list_fields;
mod lock_wait;
mod look;
mod manual;
mod map;
mod mark;
pub mod mark_args;
mod mark_text;
mod marks;
mod no_folder;
mod out;
mod password;
mod progress_line;
mod restore;
mod settle;
mod share;
mod show;
mod stdin;
mod table;
mod trash;
pub mod trash_args;
mod watch;
mod why;
mod why_json;
mod words;

use std::time::Duration;

use crate::{
    error::{Error, Result},
    model::format,
    services::{
        lab::{Lab, wall_clock},
        lab_place::LabPlace,
        own_files::UserFolders,
    },
    signals,
    store::Options,
};

use args::{CliCommand, Common};

pub use config::config;
pub use demo::{keep as keep_demo, without_terminal as demo_without_terminal};
pub use manual::{KeyList, man};
pub use out::{message, print_usage};
pub use settle::{read_config, settle, tell_wrong};
pub use words::parse;

/// Runs a command that needs a lab, or prints completions; `main` does the others. Gives the exit code.
///
/// # Errors
/// What the command could not do; [`crate::error::Error::kind`] says which exit code that is.
pub fn run(common: &Common, command: &CliCommand) -> Result<u8> {
    if let CliCommand::Completions { shell } = command {
        return completions::completions(*shell).map(|()| 0);
    }
    if matches!(command, CliCommand::Watch(_)) && common.copy {
        return Err(Error::Usage(
            "--copy is of one moment, in which nothing happens; watch without it".to_owned(),
        ));
    }
    let lab = open(common)?;
    if let Some(at) = lab.copied_at() {
        let folder = lab.folder().display();
        message(&format!("{folder}: this is a private copy made at {}", format::date_time(at)));
    }
    if let CliCommand::Watch(args) = command {
        return watch::run(lab, common, args);
    }
    index_wait::for_the_index(&lab, command)?;
    with_lab(&lab, common, command).map(|()| 0)
}

fn with_lab(lab: &Lab, common: &Common, command: &CliCommand) -> Result<()> {
    match command {
        CliCommand::List(args) => list::run(lab, common, args),
        CliCommand::Calls(args) => calls::run(lab, common, args),
        CliCommand::Show { id, json: true, .. } => json_view::record_json(lab, *id),
        CliCommand::Show { id, view: true, .. } => json_view::view_json(lab, *id),
        CliCommand::Show { id, .. } => show::run(lab, common, *id),
        CliCommand::Map { id, json } => map::run(lab, common, *id, *json),
        CliCommand::Why(args) => why::run(lab, common, args),
        CliCommand::Steps { .. }
        | CliCommand::Data { .. }
        | CliCommand::Plot { .. }
        | CliCommand::Log { .. }
        | CliCommand::File { .. }
        | CliCommand::Plots { .. } => export::run(lab, common, command),
        CliCommand::Export(args) => export_folders::run(lab, args),
        CliCommand::Delete(args) => delete::run(lab, args),
        CliCommand::Share { stop } => share::run(lab, *stop),
        CliCommand::Trash(args) => trash::run(lab, common, args),
        CliCommand::Restore(args) => restore::run(lab, args),
        CliCommand::Marks(args) => marks::run(lab, args),
        CliCommand::Mark(args) => mark::run(lab, common, args),
        CliCommand::Info { json } => info::run(lab, &common.file, *json),
        CliCommand::Watch(_)
        | CliCommand::Demo { .. }
        | CliCommand::Completions { .. }
        | CliCommand::Config { .. }
        | CliCommand::Man { .. } => Ok(()),
    }
}

/// Opens what the options name, says what should be known about it, and gives it.
///
/// # Errors
/// One line each for everything that keeps a file from being opened.
pub fn open(common: &Common) -> Result<Lab> {
    let place = place(common)?;
    let options = Options { lock_news: lock_wait::told(&place), ..options(common) };
    let lab = open_place(&place, options, common)?;
    let lab = lab.keeping_in(&UserFolders::of(|name| std::env::var_os(name)));
    warn(&lab);
    Ok(lab)
}

/// Says what should be known about an opened file.
pub fn warn(lab: &Lab) {
    if let Some(warning) = lab.warning() {
        message(&warning);
    }
}

/// The lab that the options name.
///
/// # Errors
/// Where there is none.
pub fn place(common: &Common) -> Result<LabPlace> {
    let (db, path) = settle::lab_meant(common.db.as_deref(), &common.settings, &common.file)?;
    let place = LabPlace::find(db, path, &|name| std::env::var_os(name))?;
    if let Some(warning) = place.warning() {
        message(warning);
    }
    Ok(place)
}

/// Opens it; for a password that the server wants the terminal is asked.
///
/// # Errors
/// Whatever keeps it from being opened.
pub fn open_place(place: &LabPlace, options: Options, common: &Common) -> Result<Lab> {
    place.open(options, common.copy, wall_clock(), &password::ask, &signals::cx())
}

pub fn options(common: &Common) -> Options {
    Options { patience: Duration::from_secs(common.wait), ..Options::default() }
}
