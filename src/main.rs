//! The program: arguments to a command or the screens, errors to a line and an exit code.

use std::{io::ErrorKind, process::ExitCode};

use clap::Parser;
use ivorylens::{
    cli::{self, args::Cli, message},
    error::{Error, Kind, Result},
};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // A closed pipe (`| head`) is no failure.
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            message(&e.to_string());
            ExitCode::from(match e.kind() {
                Kind::Failed => 1,
                Kind::Usage => 2,
                Kind::Missing => 3,
                Kind::Busy => 4,
                Kind::Cancelled => 130,
            })
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    match &cli.command {
        Some(command) => cli::run(&cli.common, cli.path.as_deref(), command),
        None => Err(Error::Usage("the screens are not there yet".into())),
    }
}
