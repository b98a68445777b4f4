//! Bytes of a terminal become keys and pasted text, and what it says by itself is swallowed. The caller gives the time.

#[cfg(test)]
mod tests;

use std::{
    mem::take,
    time::{Duration, Instant},
};

use super::sequences;
use crate::tui::{
    event::Event,
    key::{Code, Key},
};

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CTRL_C: u8 = 0x03;

/// How long what has begun waits for its rest, counted from the last byte.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// A lone ESC: then it was the key.
    escape: Duration,
    /// A sequence or a text of the terminal's.
    begun: Duration,
    /// Pasted text whose end was lost.
    paste: Duration,
}

const PATIENCE: Patience = Patience {
    escape: Duration::from_millis(50),
    begun: Duration::from_millis(300),
    paste: Duration::from_secs(1),
};

/// On a slow link the parts of a sequence come further apart, and so do those of pasted text.
const SLOW: Patience = Patience {
    escape: Duration::from_millis(300),
    begun: Duration::from_millis(300),
    paste: Duration::from_secs(3),
};

/// Behind this many bytes a text of the terminal's is taken for something else.
const LONGEST_TEXT: usize = 64 * 1024;
/// More of a sequence is not kept: it means nothing.
const LONGEST_SEQUENCE: usize = 64;
/// More of a pasted text is not kept: nothing that takes text has use for it.
const LONGEST_PASTE: usize = 1024 * 1024;

const PASTE: &[u8] = b"200";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What the last bytes have begun.
#[derive(Debug, Default)]
enum Begun {
    #[default]
    Nothing,
    /// A character of several bytes.
    Character(Vec<u8>),
    /// ESC; within a text of the terminal's that a `\` ends now.
    Escape {
        in_text: bool,
    },
    /// `ESC [` and parameters.
    Control(Vec<u8>),
    /// `ESC O`
    Single,
    /// `ESC [ [`
    Function,
    /// `ESC [ M`: so many bytes of a mouse click are still to come.
    Click(u8),
    /// ESC, this byte, and so many behind it: what the terminal replies, and the like.
    Text {
        opener: u8,
        bytes: usize,
    },
    Paste(Paste),
}

/// Pasted text as far as it has come.
#[derive(Debug, Default)]
struct Paste {
    text: Vec<u8>,
    /// The bytes that may begin the mark of its end.
    end: usize,
}

/// The state between two pieces of bytes. How they are cut into pieces does not matter.
#[derive(Debug)]
pub(super) struct Decoder {
    begun: Begun,
    patience: Patience,
    /// When the last byte came.
    last: Option<Instant>,
    meant: Vec<Event>,
}

impl Decoder {
    pub fn new(slow: bool) -> Self {
        let patience = if slow { SLOW } else { PATIENCE };
        Decoder { begun: Begun::Nothing, patience, last: None, meant: Vec::new() }
    }

    /// When [`Decoder::late`] is to be called if no byte comes before; `None` where nothing waits for its rest.
    pub fn due(&self) -> Option<Instant> {
        let wait = match self.begun {
            Begun::Nothing | Begun::Character(_) => return None,
            Begun::Escape { in_text: false } => self.patience.escape,
            Begun::Paste(_) => self.patience.paste,
            _ => self.patience.begun,
        };
        self.last.map(|last| last + wait)
    }

    /// What these bytes mean, with those before. Bytes that are there count as in time: the reader may have slept.
    pub fn take(&mut self, bytes: &[u8], now: Instant) -> Vec<Event> {
        self.last = Some(now);
        for byte in bytes {
            self.byte(*byte);
        }
        take(&mut self.meant)
    }

    /// No byte came for so long: what began has no rest.
    pub fn late(&mut self, now: Instant) -> Vec<Event> {
        if self.due().is_some_and(|due| due <= now) {
            self.give_up();
        }
        take(&mut self.meant)
    }

    fn byte(&mut self, byte: u8) {
        self.begun = match take(&mut self.begun) {
            Begun::Nothing => self.first(byte),
            Begun::Character(bytes) => self.character(bytes, byte),
            Begun::Escape { in_text } => self.escaped(in_text, byte),
            Begun::Control(parameters) => self.control(parameters, byte),
            Begun::Single => match sequences::single(byte) {
                Some(key) => self.key(key),
                None => self.broken(Begun::Single, byte),
            },
            Begun::Function => match sequences::function(byte) {
                Some(key) => self.key(key),
                None => self.broken(Begun::Function, byte),
            },
            Begun::Click(left) if byte >= b' ' => match left.saturating_sub(1) {
                0 => Begun::Nothing,
                left => Begun::Click(left),
            },
            Begun::Click(left) => self.broken(Begun::Click(left), byte),
            Begun::Text { opener, bytes } => self.text(opener, bytes, byte),
            Begun::Paste(paste) => self.paste(paste, byte),
        };
    }

    fn key(&mut self, key: Key) -> Begun {
        self.meant.push(Event::Key(key));
        Begun::Nothing
    }

    fn code(&mut self, code: Code) -> Begun {
        self.key(Key::plain(code))
    }

    /// A byte behind nothing.
    fn first(&mut self, byte: u8) -> Begun {
        let ctrl = |c: u8| Key { code: Code::Char(char::from(c)), ctrl: true };
        match byte {
            ESC => Begun::Escape { in_text: false },
            b'\r' | b'\n' => self.code(Code::Enter),
            b'\t' => self.code(Code::Tab),
            0x7f | 0x08 => self.code(Code::Backspace),
            0 => self.key(ctrl(b' ')),
            0x01..=0x1a => self.key(ctrl(byte - 1 + b'a')),
            // What these are called on most keyboards.
            0x1c..=0x1f => self.key(ctrl(byte - 0x1c + b'4')),
            b' '..=b'~' => self.code(Code::Char(char::from(byte))),
            0x80.. => self.character(Vec::new(), byte),
        }
    }

    /// A byte of a character that takes several. What is no UTF-8 is no key.
    fn character(&mut self, mut bytes: Vec<u8>, byte: u8) -> Begun {
        bytes.push(byte);
        match str::from_utf8(&bytes) {
            Ok(text) => {
                self.meant.extend(text.chars().map(|c| Event::Key(Key::char(c))));
                Begun::Nothing
            }
            Err(error) if error.error_len().is_none() => Begun::Character(bytes),
            // The byte may begin something else than those before it.
            Err(_) if bytes.len() > 1 => self.first(byte),
            Err(_) => Begun::Nothing,
        }
    }

    fn escaped(&mut self, in_text: bool, byte: u8) -> Begun {
        match byte {
            b'\\' if in_text => Begun::Nothing,
            b'[' => Begun::Control(Vec::new()),
            b'O' => Begun::Single,
            // OSC, DCS, SOS, PM, APC.
            b']' | b'P' | b'X' | b'^' | b'_' => Begun::Text { opener: byte, bytes: 0 },
            // Alt and a key is sent like this, and so is Esc and the key over a slow line. Alt means nothing to us.
            _ => {
                self.code(Code::Esc);
                self.first(byte)
            }
        }
    }

    fn control(&mut self, mut parameters: Vec<u8>, byte: u8) -> Begun {
        match byte {
            b' '..=b'?' => {
                if parameters.len() < LONGEST_SEQUENCE {
                    parameters.push(byte);
                }
                Begun::Control(parameters)
            }
            b'[' if parameters.is_empty() => Begun::Function,
            b'M' if parameters.is_empty() => Begun::Click(3),
            b'~' if parameters == PASTE => Begun::Paste(Paste::default()),
            b'@'..=b'~' => {
                let whole = parameters.len() < LONGEST_SEQUENCE;
                let keys = if whole { sequences::control(&parameters, byte) } else { Vec::new() };
                self.meant.extend(keys.into_iter().map(Event::Key));
                Begun::Nothing
            }
            _ => self.broken(Begun::Control(parameters), byte),
        }
    }

    fn text(&mut self, opener: u8, bytes: usize, byte: u8) -> Begun {
        match byte {
            BEL => Begun::Nothing,
            ESC => Begun::Escape { in_text: true },
            CTRL_C => self.broken(Begun::Text { opener, bytes }, byte),
            _ if bytes >= LONGEST_TEXT => Begun::Nothing,
            _ => Begun::Text { opener, bytes: bytes + 1 },
        }
    }

    fn paste(&mut self, mut paste: Paste, byte: u8) -> Begun {
        if byte == CTRL_C {
            return self.broken(Begun::Paste(paste), byte);
        }
        if PASTE_ENDS.get(paste.end) == Some(&byte) {
            paste.end += 1;
            if paste.end < PASTE_ENDS.len() {
                return Begun::Paste(paste);
            }
            self.pasted(&paste.text);
            return Begun::Nothing;
        }
        // The mark's first byte stands nowhere else in it: what looked like it begins anew here at the earliest.
        let looked = PASTE_ENDS.get(..paste.end).unwrap_or_default();
        paste.end = usize::from(byte == ESC);
        let plain = (byte != ESC).then_some(byte);
        if paste.text.len() < LONGEST_PASTE {
            paste.text.extend(looked.iter().copied().chain(plain));
        }
        Begun::Paste(paste)
    }

    fn pasted(&mut self, text: &[u8]) {
        self.meant.push(Event::Paste(String::from_utf8_lossy(text).into_owned()));
    }

    /// A byte that what has begun can't have: it begins something itself.
    fn broken(&mut self, begun: Begun, byte: u8) -> Begun {
        self.begun = begun;
        self.give_up();
        self.first(byte)
    }

    /// What has begun ends here. Two bytes that could be Esc and a key were that; what is longer was no hand's.
    fn give_up(&mut self) {
        let typed = |c: u8| vec![Key::plain(Code::Esc), Key::char(char::from(c))];
        let keys = match take(&mut self.begun) {
            Begun::Escape { in_text: false } => vec![Key::plain(Code::Esc)],
            Begun::Control(parameters) if parameters.is_empty() => typed(b'['),
            Begun::Single => typed(b'O'),
            Begun::Text { opener, bytes: 0 } => typed(opener),
            Begun::Paste(paste) => {
                self.pasted(&paste.text);
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.meant.extend(keys.into_iter().map(Event::Key));
    }
}
