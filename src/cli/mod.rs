//! The commands: each asks a service and prints; bytes of exports raw, everything for people cleaned.

pub mod args;
mod delete;
mod deliver;
mod demo;
mod list;
mod out;
mod pages;
mod show;
mod table;
mod until;
mod view;
mod wait;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use args::{Command, Common};

pub use demo::without_terminal as demo_without_terminal;
pub use out::{color_wanted, message};

use crate::{
    error::Result,
    model::format,
    services::lab::{Lab, wall_clock},
    store::{Options, find},
};

/// Runs a command; opening the screens is not one of them.
///
/// # Errors
/// What the command could not do; [`crate::error::Error::kind`] says which exit code that is.
pub fn run(common: &Common, path: Option<&Path>, command: &Command) -> Result<()> {
    match command {
        Command::Completions { shell } => return pages::completions(*shell),
        Command::Man => return pages::man(),
        _ => {}
    }
    let lab = open(common, path)?;
    if let Some(at) = lab.copied_at() {
        let folder = lab.folder().display();
        message(&format!("{folder}: this is a private copy made at {}", format::date_time(at)));
    }
    wait::for_the_index(&lab, command)?;
    match command {
        Command::List(args) => list::run(&lab, common, args),
        Command::Show { id, json: true, .. } => view::record_json(&lab, *id),
        Command::Show { id, view: true, .. } => view::view_json(&lab, *id),
        Command::Show { id, .. } => show::run(&lab, common, *id),
        Command::Steps { .. }
        | Command::Data { .. }
        | Command::Plot { .. }
        | Command::Log { .. }
        | Command::File { .. }
        | Command::Plots { .. } => deliver::run(&lab, common, command),
        Command::Delete { ids, yes, force, dry_run } => {
            delete::run(&lab, ids, delete::Consent { yes: *yes, force: *force, dry_run: *dry_run })
        }
        Command::Demo | Command::Completions { .. } | Command::Man => Ok(()),
    }
}

/// Opens what the options name, says what should be known about it, and gives it.
///
/// # Errors
/// One line each for everything that keeps a file from being opened.
pub fn open(common: &Common, path: Option<&Path>) -> Result<Lab> {
    let file = find(named(common, path).as_deref())?;
    let lab = Lab::open(&file, options(common), common.copy, wall_clock())?;
    if let Some(warning) = lab.warning() {
        message(&warning);
    }
    Ok(lab)
}

fn named(common: &Common, path: Option<&Path>) -> Option<PathBuf> {
    // Asked here, not by clap: an empty variable counts as none, an empty option stays wrong usage.
    let variable = || std::env::var_os("IVORYLENS_DATA").filter(|v| !v.is_empty()).map(PathBuf::from);
    path.map(Path::to_path_buf).or_else(|| common.data.clone()).or_else(variable)
}

pub fn options(common: &Common) -> Options {
    Options { patience: Duration::from_secs(common.wait) }
}
