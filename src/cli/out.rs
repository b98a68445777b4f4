//! Where commands print: stdout for data, stderr for messages, both safe for a terminal.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    path::PathBuf,
};

use crate::{
    error::{Error, Result},
    model::sanitize::sanitize,
    output::{self, Patient, Sink, Target},
    style::ColorChoice,
};

/// Stdout for data: raw bytes, but a terminal gets control codes shown as marks.
pub fn stdout() -> Result<Sink> {
    Sink::open(&Target::Stdout)
}

/// Stdout for what is for people: its text is cleaned and its colours are ours.
pub fn styled_stdout() -> Result<BufWriter<Patient>> {
    Ok(BufWriter::with_capacity(64 * 1024, output::stdout()?))
}

pub fn stdout_error(source: io::Error) -> Error {
    Error::Io { path: PathBuf::from("stdout"), source }
}

/// Prints text for people on stdout. The caller has cleaned what came from the data; styles are its own.
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// The same for text that others made.
pub fn print_bytes(text: &[u8]) -> Result<()> {
    output::stdout()?.write_all(text).map_err(stdout_error)
}

/// Prints what clap says: help and version on stdout, wrong usage on stderr.
///
/// # Errors
/// [`Error::Io`] where stdout can't take it.
pub fn print_usage(said: &clap::Error) -> Result<()> {
    if said.use_stderr() {
        // Nobody is left to tell when stderr itself is gone.
        let _ = said.print();
        return Ok(());
    }
    output::stdout()?;
    said.print().and_then(|()| io::stdout().flush()).map_err(stdout_error)
}

/// A line for people on stderr.
pub fn message(text: &str) {
    let line = format!("ivorylens: {}\n", sanitize(text));
    // Nobody is left to tell when stderr itself is gone.
    let _ = Patient::stderr().and_then(|mut out| out.write_all(line.as_bytes()));
}

/// Are colours wanted on stdout: `--color`, `NO_COLOR`, a terminal that is not dumb.
pub fn color_wanted(when: ColorChoice) -> bool {
    match when {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
            let dumb = std::env::var_os("TERM").is_none_or(|t| t == "dumb");
            !set("NO_COLOR") && !dumb && io::stdout().is_terminal()
        }
    }
}
