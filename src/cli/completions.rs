//! What packagers need: completion scripts and the man page.

use clap::CommandFactory;

use super::{
    args::Cli,
    out::{print_bytes, stdout_error},
};
use crate::error::Result;

pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ivorylens", &mut script);
    print_bytes(&script)
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
    print_bytes(&page)
}
