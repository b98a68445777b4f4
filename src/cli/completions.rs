//! Completion scripts for shells.

use clap::CommandFactory;

use super::{args::Cli, out::print_bytes};
use crate::error::Result;

pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ivorylens", &mut script);
    print_bytes(&script)
}
