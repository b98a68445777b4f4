//! Asking for a password on the terminal, without showing it.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
};

use rustix::{
    event::PollFlags,
    termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr},
};

use crate::{model::sanitize::sanitize, signals};

/// Asks for the password of a database; `None` where there is no terminal, none was typed, or a signal came.
pub fn ask(address: &str) -> Option<String> {
    let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
    let before = tcgetattr(&terminal).ok()?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    // Before anybody is asked: what is typed at once is not to be seen either.
    tcsetattr(&terminal, OptionalActions::Flush, &silent).ok()?;
    let mut line = String::new();
    // A read that began would go on after the signal.
    let read = write!(&terminal, "Password for {}: ", sanitize(address))
        .and_then(|()| signals::wait(&terminal, PollFlags::IN))
        .and_then(|()| BufReader::new(&terminal).read_line(&mut line));
    // Whatever was typed, what is typed next is to be seen.
    let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
    let _ = writeln!(&terminal);
    read.ok()?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|password| !password.is_empty())
}
