//! Stdin as a source of data: a signal ends a wait for it, as one ends a wait of `output` for a reader.

use std::io::{self, Read};

use crate::platform::streams;

/// Without the standard library's buffer, in which bytes would wait that nothing tells of.
pub struct Stdin;

impl Read for Stdin {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        streams::read_stdin(into)
    }
}
