//! The question before something goes for good: asked on a terminal only, and answered by what must be typed.

use std::io::{self, IsTerminal, Write};

use super::out::print;
use crate::{
    error::{Error, Result},
    platform::streams,
};

/// What a command asks.
pub struct Question<'a> {
    /// The command, as it is named where there is no terminal to ask on.
    pub command: &'a str,
    /// What must be typed.
    pub wanted: &'a str,
    /// What is then done: `delete`.
    pub to: &'a str,
}

/// Anything else than what is wanted, Enter too, is no.
///
/// # Errors
/// [`Error::Usage`] without a terminal.
pub fn agreed(question: &Question<'_>) -> Result<bool> {
    let Question { command, wanted, to } = question;
    if !io::stdin().is_terminal() {
        return Err(Error::Usage(format!("without a terminal to ask on, {command} needs --yes")));
    }
    print(&format!("Type {wanted} to {to}, anything else to keep: "))?;
    let stdin_error = |source| Error::Io { path: "stdin".into(), source };
    io::stdout().flush().map_err(stdin_error)?;
    let answer = streams::typed_line().map_err(stdin_error)?;
    Ok(answer.trim() == *wanted)
}

/// Prints the line that says what was done.
pub fn tell_done(done: &str) {
    tell_all(&format!("{done}\n"), done);
}

/// Prints lines about what was done. Where they could not be printed it is said elsewhere in short: the work is done all the
/// same.
pub fn tell_all(lines: &str, done: &str) {
    if let Some(unprinted) = untold(done, print(lines)) {
        super::message(&unprinted);
    }
}

fn untold(done: &str, printed: Result<()>) -> Option<String> {
    let error = printed.err().filter(|error| !error.is_broken_pipe())?;
    Some(format!("{done}; only this could not be printed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cant_be_printed_is_no_failure_of_the_work() {
        let with = |kind: io::ErrorKind| Err(Error::Io { path: "stdout".into(), source: kind.into() });
        let said = untold("deleted 1 record", with(io::ErrorKind::WriteZero)).unwrap();
        assert!(said.starts_with("deleted 1 record; only this could not be printed: stdout: "), "{said}");
        assert_eq!(untold("deleted 1 record", with(io::ErrorKind::BrokenPipe)), None);
        assert_eq!(untold("deleted 1 record", Ok(())), None);
    }
}
