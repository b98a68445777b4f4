//! The console: virtual terminal sequences for what is shown and for what is typed.

use std::{
    io::{self, IsTerminal as _},
    sync::Mutex,
};

use crossterm_winapi::{ConsoleMode, Handle};

// consoleapi.h
const ENABLE_PROCESSED_INPUT: u32 = 0x0001;
const ENABLE_LINE_INPUT: u32 = 0x0002;
const ENABLE_ECHO_INPUT: u32 = 0x0004;
const ENABLE_WINDOW_INPUT: u32 = 0x0008;
const ENABLE_MOUSE_INPUT: u32 = 0x0010;
const ENABLE_VIRTUAL_TERMINAL_INPUT: u32 = 0x0200;
const ENABLE_PROCESSED_OUTPUT: u32 = 0x0001;
const ENABLE_VIRTUAL_TERMINAL_PROCESSING: u32 = 0x0004;
const DISABLE_NEWLINE_AUTO_RETURN: u32 = 0x0008;

/// The modes of input and output before they were changed.
static BEFORE: Mutex<Option<(u32, u32)>> = Mutex::new(None);

fn modes() -> io::Result<(ConsoleMode, ConsoleMode)> {
    let input = ConsoleMode::from(Handle::current_in_handle()?);
    Ok((input, ConsoleMode::from(Handle::current_out_handle()?)))
}

/// Takes the console's keys as they are typed, in the sequences of a terminal, and has it understand ours.
///
/// # Errors
/// When the console refuses: one from before Windows 10 knows no sequences.
pub fn take_keys() -> io::Result<()> {
    let (input, output) = modes()?;
    let before = (input.mode()?, output.mode()?);
    if let Ok(mut kept) = BEFORE.lock() {
        kept.get_or_insert(before);
    }
    let cooked = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_MOUSE_INPUT;
    input.set_mode(before.0 & !cooked | ENABLE_WINDOW_INPUT | ENABLE_VIRTUAL_TERMINAL_INPUT)?;
    let shown = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
    output
        .set_mode(before.1 | shown | DISABLE_NEWLINE_AUTO_RETURN)
        .or_else(|_| output.set_mode(before.1 | shown))
}

/// Gives the console back as it was.
///
/// # Errors
/// When the console refuses.
pub fn give_keys_back() -> io::Result<()> {
    let before = BEFORE.lock().ok().and_then(|mut kept| kept.take());
    let Some((input, output)) = before else { return Ok(()) };
    let (current_in, current_out) = modes()?;
    current_in.set_mode(input).and(current_out.set_mode(output))
}

/// There is no background here.
///
/// # Errors
/// None here.
pub fn stop_in_background() -> io::Result<()> {
    Ok(())
}

/// Nothing waits in a console.
pub fn drop_unread() {}

/// The columns of the console that standard output is: 0 where it does not say; `None` for what is no console.
pub fn columns_of_stdout() -> Option<u16> {
    io::stdout().is_terminal().then(|| crossterm::terminal::size().map_or(0, |(columns, _)| columns))
}

/// Asks for a password on the console, without showing it; `None` where there is no console, or Ctrl-C came.
pub fn ask_silently(question: &str) -> Option<String> {
    rpassword::prompt_password(question).ok()
}

/// Programs that take a text for the clipboard where the terminal does not.
pub const CLIPBOARD_PROGRAM: Option<&str> = Some("clip.exe");

/// Consoles show more than ASCII, whatever the locale says.
pub const SHOWS_UNICODE: bool = true;

/// Consoles have a title, and no name.
pub const NAMELESS_HAS_TITLE: bool = true;
