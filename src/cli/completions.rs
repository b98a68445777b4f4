//! What packagers need: completion scripts and the man page.

use std::io::Write;

use clap::CommandFactory;

use super::{args::Cli, out::stdout_error};
use crate::{error::Result, output};

pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ivorylens", &mut script);
    output::stdout().and_then(|mut out| out.write_all(&script)).map_err(stdout_error)
}

/// The page of the program and, below it, one for each command.
pub fn man() -> Result<()> {
    let mut page = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(stdout_error)?;
    for sub in command.get_subcommands() {
        let named = sub.clone().name(format!("ivorylens-{}", sub.get_name()));
        clap_mangen::Man::new(named).render(&mut page).map_err(stdout_error)?;
    }
    output::stdout().and_then(|mut out| out.write_all(&page)).map_err(stdout_error)
}
