//! Where the bytes of keys come from, as the decoder of keys sees it.

use std::{io, time::Duration};

/// What came within the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextBytes {
    /// Bytes, which are in the buffer now.
    Came,
    /// None within the time.
    Late,
    /// There are no more: the terminal is gone.
    Ended,
}

/// Bytes of a terminal.
pub trait ByteSource {
    /// Waits for bytes, at most so long if a time is given, and puts them behind those in the buffer.
    ///
    /// # Errors
    /// Of the system; [`io::ErrorKind::Interrupted`] where it is to be tried again.
    fn next(&mut self, left: Option<Duration>, into: &mut Vec<u8>) -> io::Result<NextBytes>;
}
