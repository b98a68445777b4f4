//! Keys at random, as an impatient user presses them, and what must never be on the screen after them.

use std::fmt;

use super::super::common::terminal::Terminal;

/// What a user does, besides moving: keys, and whether they leave the list's order as it was.
const DEEDS: [&str; 22] = [
    "F", "/an", "/live\r", "/zzz", "s", "S", "R", "?", "\r", "\r\t\t", "\r2", "\r3jjj", "\r5l", "\r6", "\r7",
    "e", "]", "\rJJJ", "\r2}}{", "\r5\rlll", "\r2jj\r", ":50\r",
];
const MOVES: [&str; 12] = ["j", "k", "jjjj", "kkk", "\x1b[6~", "\x1b[5~", "g", "G", "\x04", "\x15", "h", "l"];
const EXPORTS: [&str; 3] = ["xs", "xd", "xp"];

/// Words of failures. The rest of what is said in red is about records that are gone by now.
const FAILURES: [&str; 10] = [
    "a fault in the program",
    "stayed busy",
    "damaged",
    "cut short",
    "the disk",
    "can't be opened",
    "no permission",
    "another file",
    "SQL",
    "malformed",
];

pub struct Keys {
    state: u64,
    /// The id of the long record.
    long: i64,
    pub long_is_gone: bool,
    pub deletes: u32,
    pub exports: u32,
    pressed: u64,
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bursts of keys, {} deletes, {} exports", self.pressed, self.deletes, self.exports)
    }
}

impl Keys {
    pub fn new(seed: u64, long: i64) -> Self {
        Self { state: seed, long, long_is_gone: false, deletes: 0, exports: 0, pressed: 0 }
    }

    /// An xorshift: the same keys each time.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % end as u64).unwrap()
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = self.below(all.len());
        all.get(at).copied().unwrap_or_default()
    }

    /// Some keys, and back to the list.
    pub fn burst(&mut self, terminal: &mut Terminal, number: u32) {
        for _ in 0..self.below(4) {
            let keys = self.one_of(&MOVES);
            self.press(terminal, keys);
        }
        match number % 10 {
            4 => {
                let keys = self.one_of(&EXPORTS);
                self.exports += 1;
                self.press(terminal, keys);
            }
            8 => self.delete(terminal),
            _ => {
                let keys = self.one_of(&DEEDS);
                self.press(terminal, keys);
                let keys = self.one_of(&MOVES);
                self.press(terminal, keys);
            }
        }
        // Esc peels a layer and never leaves the program.
        self.press(terminal, "\x1b");
        self.press(terminal, "\x1b");
        self.press(terminal, "\x1b");
    }

    /// Presses keys and waits until they have been drawn.
    fn press(&mut self, terminal: &mut Terminal, keys: &str) {
        self.pressed += 1;
        let columns = if self.pressed.is_multiple_of(2) { 120 } else { 119 };
        terminal.send(keys).redrawn(columns, 40);
        let screen = terminal.screen();
        let failure = FAILURES.iter().find(|words| screen.contains(*words));
        assert!(failure.is_none(), "{failure:?} after {keys:?}:\n{screen}");
    }

    /// One that may be running stays: its id would have to be typed.
    pub fn delete(&mut self, terminal: &mut Terminal) {
        // The long one goes in pieces.
        let to = if self.long_is_gone { "jjj".to_owned() } else { format!(":{}\r", self.long) };
        self.press(terminal, &to);
        // A key typed ahead is dropped where what it waited for does not come: then it is pressed again, behind an Esc
        // that drops one which still waits, or closes a question that opened meanwhile.
        self.press(terminal, "D");
        while !terminal.screen().contains("Delete?") {
            self.press(terminal, "\x1b");
            self.press(terminal, "D");
        }
        // The footer is drawn last: with it the frame is whole. Keys from before the bill was seen are dropped, so the
        // answer comes behind another frame.
        let bill = terminal.wait("the bill", |screen| {
            screen.contains("Delete?")
                && screen.contains("Esc cancel")
                && !screen.contains("counting what would go")
        });
        self.press(terminal, "");
        if bill.contains("y delete") && !bill.contains("type its id") {
            self.press(terminal, "y");
            let ends = ["Deleted #", "nothing was deleted", "no record"];
            let screen =
                terminal.wait("the end of the delete", |screen| ends.iter().any(|end| screen.contains(end)));
            self.deletes += u32::from(screen.contains("Deleted #"));
            self.long_is_gone |= screen.contains(&format!("Deleted #{} ", self.long));
        }
    }

    pub fn leave(&mut self, terminal: &mut Terminal) {
        assert!(terminal.send("Q").ends_restored().success());
    }
}
