//! Keys and their names.

use std::{fmt, str::FromStr};

/// A key as it was pressed. Shift is in the character itself, or in [`Code::BackTab`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// The names that the keymap, the help and the tests use.
const NAMES: [(&str, Code); 16] = [
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("Shift-Tab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Ins", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("Space", Code::Char(' ')),
];

impl Key {
    pub const fn plain(code: Code) -> Self {
        Key { code, ctrl: false }
    }

    pub const fn char(c: char) -> Self {
        Key::plain(Code::Char(c))
    }

    /// The names of keys that are no character.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Does it move in a text, or take something out of it?
    pub fn edits(self) -> bool {
        use Code::{Backspace, Delete, Down, End, Home, Left, PageDown, PageUp, Right, Up};
        matches!(self.code, Backspace | Delete | Up | Down | Left | Right | Home | End | PageUp | PageDown)
    }

    /// The character that this key types into a text field.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::F(n) => write!(f, "F{n}"),
            Code::Char(c) => write!(f, "{c}"),
            _ => Ok(()),
        }
    }
}

/// Not the name of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a key")]
pub struct NoSuchKey(pub String);

impl FromStr for Key {
    type Err = NoSuchKey;

    fn from_str(name: &str) -> Result<Self, NoSuchKey> {
        let wrong = || NoSuchKey(name.to_owned());
        if let Some(rest) = name.strip_prefix("Ctrl-").filter(|rest| !rest.is_empty()) {
            let key: Key = rest.parse().map_err(|_| wrong())?;
            return Ok(Key { ctrl: true, ..key });
        }
        if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Key::plain(*code));
        }
        let mut chars = name.chars();
        match (chars.next(), chars.as_str()) {
            (Some(c), "") => Ok(Key::char(c)),
            (Some('F'), digits) => digits.parse().map(|n| Key::plain(Code::F(n))).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn names_read_back() {
        for name in ["j", "J", ":", "-", "Ctrl-d", "PgDn", "Shift-Tab", "F1", "F12", "Space", "Esc", "é"] {
            assert_eq!(key(name).to_string(), name);
        }
        for wrong in ["", "Foo", "Fx", "Ctrl-Foo"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }
}
