//! What escape sequences mean: the different ones that terminals send for a key are one [`Key`].

use crate::tui::key::{Code, Key};

/// Modifiers as terminals count them: 1 for none, and more for each.
#[derive(Debug, Clone, Copy, Default)]
struct Modifiers {
    shift: bool,
    alt: bool,
    ctrl: bool,
}

impl Modifiers {
    fn of(number: Option<u32>) -> Self {
        let bits = number.unwrap_or(1).saturating_sub(1);
        Modifiers { shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
    }
}

/// One key, or Esc in front of it where Alt was held.
type Keys = Vec<Key>;

/// `ESC [`, these parameters, and this last byte; nothing where it is no key: a reply, a click, a focus.
pub(super) fn control(parameters: &[u8], last: u8) -> Keys {
    let Some(numbers) = numbers(parameters) else { return Keys::new() };
    let number = |at: usize| numbers.get(at).and_then(|parts| parts.first().copied().flatten());
    let modifiers = Modifiers::of(number(1));
    // The kitty protocol also tells when a key is let go.
    if numbers.get(1).and_then(|parts| parts.get(1).copied().flatten()) == Some(3) {
        return Keys::new();
    }
    let code = match last {
        b'u' => return character(number(0), modifiers),
        b'~' if number(0) == Some(27) && numbers.len() == 3 => return character(number(2), modifiers),
        b'~' => number(0).and_then(numbered),
        b'Z' => Some(Code::BackTab),
        // With parameters it is a place of the cursor.
        b'R' if !parameters.is_empty() => None,
        last => lettered(last),
    };
    code.map(|code| Key { code, ctrl: modifiers.ctrl }).into_iter().collect()
}

/// `ESC O` and this byte. `None` where it is no sequence of any terminal.
pub(super) fn single(last: u8) -> Option<Key> {
    // Of the number pad, where it sends sequences: each is 64 behind its character.
    let of_pad = |last: u8| Code::Char(char::from(last - 64));
    let code = match last {
        b'M' => Code::Enter,
        b'I' => Code::Tab,
        b'X' | b'j'..=b'y' => of_pad(last),
        last => lettered(last)?,
    };
    Some(Key::plain(code))
}

/// `ESC [ [` and this byte: function keys of the Linux console.
pub(super) fn function(last: u8) -> Option<Key> {
    matches!(last, b'A'..=b'E').then(|| Key::plain(Code::F(last - b'A' + 1)))
}

/// Numbers between semicolons, each with parts between colons; `None` for what begins with a private sign.
fn numbers(parameters: &[u8]) -> Option<Vec<Vec<Option<u32>>>> {
    let text = str::from_utf8(parameters).ok()?;
    let plain = |c: char| c.is_ascii_digit() || matches!(c, ';' | ':');
    let parts = |number: &str| number.split(':').map(|part| part.parse().ok()).collect();
    text.chars().all(plain).then(|| text.split(';').map(parts).collect())
}

fn lettered(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'P'..=b'S' => Code::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<Code> {
    // The numbers of the function keys have gaps: they were spread over groups of keys.
    let f = |from: u32, first: u8| u8::try_from(number - from).ok().map(|n| Code::F(first + n));
    match number {
        1 | 7 => Some(Code::Home),
        2 => Some(Code::Insert),
        3 => Some(Code::Delete),
        4 | 8 => Some(Code::End),
        5 => Some(Code::PageUp),
        6 => Some(Code::PageDown),
        11..=15 => f(11, 1),
        17..=21 => f(17, 6),
        23..=24 => f(23, 11),
        25..=26 => f(25, 13),
        28..=29 => f(28, 15),
        31..=34 => f(31, 17),
        _ => None,
    }
}

/// A key that is said by the number of its character.
fn character(number: Option<u32>, modifiers: Modifiers) -> Keys {
    let Some(c) = number.and_then(char::from_u32) else { return Keys::new() };
    let code = match c {
        '\r' | '\n' => Code::Enter,
        '\t' if modifiers.shift => Code::BackTab,
        '\t' => Code::Tab,
        '\x1b' => Code::Esc,
        '\x7f' | '\x08' => Code::Backspace,
        // Private characters stand for keys that have none, such as a lone Shift.
        c if c.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&c) => return Keys::new(),
        c if modifiers.ctrl => Code::Char(c.to_ascii_lowercase()),
        c if modifiers.shift => Code::Char(c.to_uppercase().next().unwrap_or(c)),
        c => Code::Char(c),
    };
    let escape = modifiers.alt.then(|| Key::plain(Code::Esc));
    escape.into_iter().chain([Key { code, ctrl: modifiers.ctrl }]).collect()
}
