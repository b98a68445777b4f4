//! How far a command is: a line on stderr that is written over.

use std::io::{self, IsTerminal, Write};

use crate::output::Patient;

/// A line on stderr that is written over, where stderr is a terminal.
pub struct ProgressLine {
    out: Option<Patient>,
    width: usize,
}

impl ProgressLine {
    /// One that shows nothing.
    pub fn none() -> Self {
        Self { out: None, width: 0 }
    }

    pub fn on_stderr() -> Self {
        Self { out: Patient::stderr().ok().filter(|_| io::stderr().is_terminal()), width: 0 }
    }

    pub fn show(&mut self, text: &str) {
        self.clear();
        self.write(text.as_bytes());
        self.width = text.len();
    }

    /// Without codes, which not all terminals know.
    pub fn clear(&mut self) {
        if self.width > 0 {
            self.write(format!("\r{}\r", " ".repeat(self.width)).as_bytes());
            self.width = 0;
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        // Nobody is left to tell when stderr itself is gone.
        let _ = self.out.as_mut().map(|out| out.write_all(bytes));
    }
}
