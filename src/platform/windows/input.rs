//! The bytes of the console's keys: it is asked for the sequences of a terminal, which come as events with one sign each.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use crossterm_winapi::{Console, InputRecord, KeyEventRecord};

use crate::platform::{ByteSource, NextBytes};

/// Signs that are read ahead of who takes them.
const AHEAD: usize = 4096;
/// Bytes that are taken at once, about.
const PIECE: usize = 4096;

/// What a thread that waits in the console has read.
#[derive(Debug)]
pub struct ConsoleBytes(Receiver<Vec<u8>>);

impl ByteSource for ConsoleBytes {
    fn next(&mut self, left: Option<Duration>, into: &mut Vec<u8>) -> io::Result<NextBytes> {
        let first = match left {
            None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(left) => self.0.recv_timeout(left),
        };
        match first {
            Ok(bytes) => into.extend(bytes),
            Err(RecvTimeoutError::Timeout) => return Ok(NextBytes::Late),
            Err(RecvTimeoutError::Disconnected) => return Ok(NextBytes::Ended),
        }
        while into.len() < PIECE {
            let Ok(bytes) = self.0.try_recv() else { break };
            into.extend(bytes);
        }
        Ok(NextBytes::Came)
    }
}

/// The console's keys; a new size of the window is told beside them.
///
/// # Errors
/// When the system gives no thread, or there is no console.
pub fn of_terminal(resized: impl FnMut() + Send + 'static) -> io::Result<impl ByteSource + Send + 'static> {
    let (bytes, taken) = sync_channel(AHEAD);
    let console = Console::from(crossterm_winapi::Handle::current_in_handle()?);
    let read = move || read_console(&console, &bytes, resized);
    thread::Builder::new().name("console keys".to_owned()).spawn(read)?;
    Ok(ConsoleBytes(taken))
}

fn read_console(console: &Console, bytes: &SyncSender<Vec<u8>>, mut resized: impl FnMut()) {
    let mut half = None;
    loop {
        match console.read_single_input_event() {
            Ok(InputRecord::KeyEvent(key)) => {
                let typed = typed(&ConsoleKey::from(&key), &mut half);
                if !typed.is_empty() && bytes.send(typed).is_err() {
                    return;
                }
            }
            Ok(InputRecord::WindowBufferSizeEvent(_)) => resized(),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// The code of the Alt key, whose release carries a sign that was typed by its number (winuser.h).
const ALT: u16 = 0x12;
const BACKSPACE: u16 = 0x08;
const TAB: u16 = 0x09;

// consoleapi.h
const ANY_ALT: u32 = 0x0003;
const ANY_CONTROL: u32 = 0x000c;
const SHIFT: u32 = 0x0010;

/// The numbers of F1 to F12 in their sequences.
const FUNCTION_KEYS: [u16; 12] = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];

/// What the console tells of a key.
struct ConsoleKey {
    is_down: bool,
    repeats: u16,
    /// The key on the keyboard (winuser.h).
    code: u16,
    /// A unit of UTF-16; 0 for a key without a sign.
    sign: u16,
    /// The keys that are held with it, as sequences number them: 1, and 1 for Shift, 2 for Alt, 4 for Ctrl.
    held: u32,
}

impl From<&KeyEventRecord> for ConsoleKey {
    fn from(key: &KeyEventRecord) -> Self {
        let held = |bits: u32, value: u32| if key.control_key_state.has_state(bits) { value } else { 0 };
        Self {
            is_down: key.key_down,
            repeats: key.repeat_count.max(1),
            code: key.virtual_key_code,
            sign: key.u_char,
            held: 1 + held(SHIFT, 1) + held(ANY_ALT, 2) + held(ANY_CONTROL, 4),
        }
    }
}

/// The bytes of a key; a sign of two halves comes as two keys.
fn typed(key: &ConsoleKey, half: &mut Option<u16>) -> Vec<u8> {
    let by_number = !key.is_down && key.code == ALT;
    if !(key.is_down || by_number) {
        return Vec::new();
    }
    let repeats = usize::from(key.repeats);
    if let Some(sequence) = sequence(key) {
        return sequence.repeat(repeats).into_bytes();
    }
    if key.sign == 0 {
        return Vec::new();
    }
    let pair = half.take().into_iter().chain([key.sign]);
    let signs: Vec<_> = char::decode_utf16(pair).collect();
    if let [Err(unpaired)] = signs.as_slice()
        && (0xd800..0xdc00).contains(&unpaired.unpaired_surrogate())
    {
        *half = Some(key.sign);
        return Vec::new();
    }
    let one: String = signs.into_iter().filter_map(Result::ok).collect();
    one.repeat(repeats).into_bytes()
}

/// What a terminal sends for a key without a sign. A console that knows sequences sends them itself, sign by sign.
fn sequence(key: &ConsoleKey) -> Option<String> {
    match (key.code, key.sign) {
        (BACKSPACE, 8) => return Some("\x7f".to_owned()),
        (TAB, 9) if key.held == 2 => return Some("\x1b[Z".to_owned()),
        (_, 0) => {}
        _ => return None,
    }
    let letter = |letter: char| match key.held {
        1 => format!("\x1b[{letter}"),
        held => format!("\x1b[1;{held}{letter}"),
    };
    let number = |number: u16| match key.held {
        1 => format!("\x1b[{number}~"),
        held => format!("\x1b[{number};{held}~"),
    };
    Some(match key.code {
        0x21 => number(5),
        0x22 => number(6),
        0x23 => letter('F'),
        0x24 => letter('H'),
        0x25 => letter('D'),
        0x26 => letter('A'),
        0x27 => letter('C'),
        0x28 => letter('B'),
        0x2d => number(2),
        0x2e => number(3),
        function @ 0x70..=0x7b => number(*FUNCTION_KEYS.get(usize::from(function - 0x70))?),
        _ => return None,
    })
}

/// A closed window is a console event here, see `signals`.
///
/// # Errors
/// None here.
pub fn tell_end(_: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(sign: u16, is_down: bool, code: u16) -> ConsoleKey {
        ConsoleKey { is_down, repeats: 1, code, sign, held: 1 }
    }

    #[test]
    fn a_key_is_its_sign_once() {
        let mut half = None;
        let mut all = Vec::new();
        for unit in "jü\u{1b}[A😀".encode_utf16() {
            all.extend(typed(&key(unit, true, 0), &mut half));
            all.extend(typed(&key(unit, false, 0), &mut half));
        }
        assert_eq!(String::from_utf8(all).unwrap(), "jü\u{1b}[A😀");
        assert_eq!(typed(&key(0xe9, false, ALT), &mut half), "é".as_bytes(), "typed as Alt and a number");
        assert!(typed(&key(0, true, 0x10), &mut half).is_empty(), "Shift alone");
        assert_eq!(typed(&key(0, true, 0x26), &mut half), b"\x1b[A");
        let held = ConsoleKey { held: 2, ..key(0, true, 0x27) };
        assert_eq!(typed(&held, &mut half), b"\x1b[1;2C");
        assert_eq!(typed(&key(8, true, BACKSPACE), &mut half), b"\x7f");
    }
}
