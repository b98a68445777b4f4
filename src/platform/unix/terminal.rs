//! The terminal beside what crossterm does: who is in front, what was not sent yet, a password.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Write as _},
};

use crossterm::terminal;
use rustix::{
    event::PollFlags,
    process::getpgrp,
    termios::{
        LocalModes, OptionalActions, QueueSelector, isatty, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize,
        tcsetattr,
    },
};

use super::signals;

/// Takes the terminal's keys as they are typed.
///
/// # Errors
/// When the terminal refuses.
pub fn take_keys() -> io::Result<()> {
    // crossterm sets the modes once. A shell sets its own when a program stops that could not give them back (SIGSTOP).
    if terminal::is_raw_mode_enabled()? {
        let stdin = io::stdin();
        let mut modes = tcgetattr(&stdin)?;
        modes.make_raw();
        tcsetattr(&stdin, OptionalActions::Now, &modes)?;
    }
    terminal::enable_raw_mode()
}

/// Gives them back.
///
/// # Errors
/// When the terminal refuses.
pub fn give_keys_back() -> io::Result<()> {
    terminal::disable_raw_mode()
}

/// In the background a program stops until it is brought to the front. The terminal would stop it as well, but so that
/// no signal could end it.
///
/// # Errors
/// Where the system refuses to stop it.
pub fn stop_in_background() -> io::Result<()> {
    let in_background = tcgetpgrp(io::stdin()).is_ok_and(|front| front != getpgrp());
    // A signal that continued the program to end it may be heard a little later.
    if in_background && signals::pause(signals::A_MOMENT).is_ok() {
        signals::stop_group()?;
        // Whether it is to end is asked next.
        let _ = signals::pause(signals::A_MOMENT);
    }
    Ok(())
}

/// Who ends a program whose terminal reads nothing gets the modes back at once, and not the rest of a frame.
pub fn drop_unread() {
    let out = io::stdout();
    if !signals::is_ready(&out, PollFlags::OUT) {
        let _ = tcflush(&out, QueueSelector::OFlush);
    }
}

/// The columns of the terminal that standard output is: 0 where it does not say; `None` for what is no terminal.
pub fn columns_of_stdout() -> Option<u16> {
    let out = io::stdout();
    isatty(&out).then(|| tcgetwinsize(&out).map_or(0, |size| size.ws_col))
}

/// Asks for a password on the terminal, without showing it; `None` where there is no terminal, or a signal came.
pub fn ask_silently(question: &str) -> Option<String> {
    let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
    let before = tcgetattr(&terminal).ok()?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    // Before anybody is asked: what is typed at once is not to be seen either.
    tcsetattr(&terminal, OptionalActions::Flush, &silent).ok()?;
    let mut line = String::new();
    // A read that began would go on after the signal.
    let read = write!(&terminal, "{question}")
        .and_then(|()| signals::wait(&terminal, PollFlags::IN))
        .and_then(|()| BufReader::new(&terminal).read_line(&mut line));
    // Whatever was typed, what is typed next is to be seen.
    let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
    let _ = writeln!(&terminal);
    read.ok()?;
    Some(line)
}

/// Programs that take a text for the clipboard where the terminal does not.
pub const CLIPBOARD_PROGRAM: Option<&str> = None;

/// Without a locale it is not known whether a terminal shows more than ASCII.
pub const SHOWS_UNICODE: bool = false;

/// A terminal that does not say what it is has no title, for all that is known.
pub const NAMELESS_HAS_TITLE: bool = false;
