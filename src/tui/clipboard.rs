//! Copying through the terminal (OSC 52), so that it reaches the clipboard at the other end of SSH.

use crossterm::{Command, clipboard::CopyToClipboard};

use crate::platform::terminal::CLIPBOARD_PROGRAM;

/// What stands between this program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Between {
    #[default]
    Nothing,
    Tmux,
    Screen,
    /// A console that takes no copies out of what it shows: a program of the system takes them.
    Console,
}

/// A program that takes copies where the terminal does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyTaker {
    /// tmux lets its terminal have them (`-w`, from 3.2 on; an older one refuses it).
    Tmux,
    /// The clipboard of Windows.
    Clip(&'static str),
}

impl CopyTaker {
    /// Who takes copies behind this; `None` where the terminal does.
    pub fn of(between: Between) -> Option<Self> {
        match between {
            Between::Tmux => Some(CopyTaker::Tmux),
            Between::Console => CLIPBOARD_PROGRAM.map(CopyTaker::Clip),
            Between::Nothing | Between::Screen => None,
        }
    }

    /// The program, and its arguments.
    pub fn program(self) -> (&'static str, &'static [&'static str]) {
        match self {
            CopyTaker::Tmux => ("tmux", &["load-buffer", "-w", "-"]),
            CopyTaker::Clip(program) => (program, &[]),
        }
    }

    /// A text as the program reads it.
    pub fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            CopyTaker::Tmux => text.as_bytes().to_vec(),
            // Without the mark in front it would be read in the console's code page.
            CopyTaker::Clip(_) => {
                std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
        }
    }
}

/// What is to be copied: a word for the user, and the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyText {
    pub what: String,
    pub text: String,
}

/// Terminals drop longer sequences, some without a word.
pub const MOST_BYTES: usize = 74_000;

/// GNU screen cuts device control strings that are longer.
const SCREEN_PIECE: usize = 250;

impl Between {
    /// `env` looks up an environment variable.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| env(name).is_some_and(|value| !value.is_empty());
        if set("TMUX") {
            Between::Tmux
        } else if set("STY") {
            Between::Screen
        } else if CLIPBOARD_PROGRAM.is_some()
            && !["WT_SESSION", "SSH_CONNECTION", "SSH_CLIENT"].into_iter().any(set)
        {
            // Windows Terminal takes copies, and so may whatever is at the other end of SSH.
            Between::Console
        } else {
            Between::Nothing
        }
    }

    /// A sequence as it passes through to the terminal.
    pub fn passed(self, plain: &str) -> String {
        match self {
            Between::Nothing | Between::Console => plain.to_owned(),
            Between::Tmux => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
            Between::Screen => pieces(plain),
        }
    }
}

/// The bytes that copy a text; `None` when it is too long for terminals.
pub fn copy(text: &str, between: Between) -> Option<Vec<u8>> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut plain = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain).ok()?;
    let passed = between.passed(&plain);
    let bytes = match between {
        // The plain one is for `set-clipboard on`, the other for `allow-passthrough on`.
        Between::Tmux => plain + &passed,
        Between::Nothing | Between::Screen | Between::Console => passed,
    };
    Some(bytes.into_bytes())
}

/// Passes a sequence through GNU screen, cut so that no piece ends it early: its own end is split in two.
fn pieces(plain: &str) -> String {
    let (body, end) = match plain.strip_suffix("\x1b\\") {
        Some(body) => (body, true),
        None => (plain, false),
    };
    let mut out = String::new();
    let mut rest = body;
    while !rest.is_empty() {
        let at = rest.char_indices().map(|(at, _)| at).nth(SCREEN_PIECE).unwrap_or(rest.len());
        let (piece, later) = rest.split_at(at);
        out.extend(["\x1bP", piece, "\x1b\\"]);
        rest = later;
    }
    if end {
        out.push_str("\x1bP\x07\x1b\\");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(between: Between) -> String {
        String::from_utf8(copy("hi", between).unwrap()).unwrap()
    }

    #[test]
    fn the_sequence_is_wrapped_for_what_stands_between() {
        assert_eq!(text(Between::Nothing), "\x1b]52;c;aGk=\x1b\\");
        assert!(text(Between::Tmux).ends_with("\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\"));
        assert_eq!(text(Between::Screen), "\x1bP\x1b]52;c;aGk=\x1b\\\x1bP\x07\x1b\\");
        let long = String::from_utf8(copy(&"x".repeat(1000), Between::Screen).unwrap()).unwrap();
        assert!(long.split("\x1b\\").all(|piece| piece.len() <= SCREEN_PIECE + 2));
    }

    #[test]
    fn what_terminals_would_drop_is_refused() {
        assert!(copy(&"x".repeat(MOST_BYTES + 1), Between::Nothing).is_none());
    }

    #[test]
    fn windows_reads_two_bytes_a_sign() {
        assert_eq!(CopyTaker::Clip("clip.exe").bytes("µ"), [0xff, 0xfe, 0xb5, 0]);
        assert_eq!(CopyTaker::of(Between::Console), CLIPBOARD_PROGRAM.map(CopyTaker::Clip));
        assert_eq!(CopyTaker::of(Between::Screen), None);
    }

    #[test]
    fn tmux_inside_screen_is_tmux() {
        let env = |name: &str| (name == "TMUX" || name == "STY").then(|| "1".to_owned());
        assert_eq!(Between::detect(env), Between::Tmux);
        let inside = |name: &str| (name == "WT_SESSION").then(|| "1".to_owned());
        assert_eq!(Between::detect(inside), Between::Nothing);
        let console = CLIPBOARD_PROGRAM.map_or(Between::Nothing, |_| Between::Console);
        assert_eq!(Between::detect(|_| None), console);
    }
}
