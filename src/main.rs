//! The program: arguments to a command or the screens, errors to a line and an exit code.

use std::process::ExitCode;

use clap::Parser;
use ivorylens::{
    cli::{
        self,
        args::{Cli, CliCommand, Common},
        message, print_usage,
    },
    demo,
    error::{Error, ErrorKind, Result},
    services::lab::{Lab, wall_clock},
    tui::{start::start, terminal},
};

fn main() -> ExitCode {
    let done = match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(said) => print_usage(&said).map(|()| said.exit_code().try_into().unwrap_or(2)),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        // A closed pipe (`| head`) is no failure.
        Err(e) if e.is_broken_pipe() => ExitCode::SUCCESS,
        Err(e) => {
            message(&e.to_string());
            ExitCode::from(match e.kind() {
                ErrorKind::Failed => 1,
                ErrorKind::Usage => 2,
                ErrorKind::Missing => 3,
                ErrorKind::Busy => 4,
                ErrorKind::Cancelled => 130,
            })
        }
    }
}

/// Gives the exit code.
fn run(cli: &Cli) -> Result<u8> {
    match &cli.command {
        Some(CliCommand::Demo) => made_up(&cli.common),
        Some(command) => cli::run(&cli.common, cli.path.as_deref(), command).map(|()| 0),
        None => {
            let lab = cli::open(&cli.common, cli.path.as_deref())?;
            start(lab, None, cli.common.theme(), cli.common.slow)
        }
    }
}

/// The screens, or what they would show where there is no terminal, of a lab in a folder that goes away at the end.
fn made_up(common: &Common) -> Result<u8> {
    let gone = |source| Error::Io { path: std::env::temp_dir(), source };
    let folder = tempfile::Builder::new().prefix("ivorylens-demo-").tempdir().map_err(gone)?;
    let data = folder.path().join("ivoryos_data");
    let clock = wall_clock();
    demo::make(&demo::Plan::demo(clock()), &data)?;
    let lab = Lab::open(&data.join("ivoryos.db"), cli::options(common), false, clock)?;
    let code = if terminal::check(std::env::var("TERM").ok().as_deref()).is_ok() {
        start(lab, Some("a made-up lab"), common.theme(), common.slow)?
    } else {
        cli::demo_without_terminal(&lab, common).map(|()| 0)?
    };
    folder.close().map_err(gone)?;
    Ok(code)
}
