//! The threads that read the terminal: one turns its bytes into keys, one only sees it go.

mod decoder;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod sequences;

use std::{
    io,
    sync::mpsc::Sender,
    thread,
    time::{Duration, Instant},
};

use super::event::Event;
use crate::{
    platform::{ByteSource, NextBytes, input},
    tui::terminal,
};
use decoder::Decoder;

/// Says that the terminal is gone however its thread ends.
struct Hangup(Sender<Event>);

impl Drop for Hangup {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Closed);
    }
}

/// Starts the thread that reads keys, and one that only sees the terminal go, also while nobody takes what was read.
/// Both end with the program: nothing can wake a read from a terminal.
///
/// # Errors
/// When the system gives no thread.
pub fn read_keys(events: Sender<Event>, slow: bool) -> io::Result<()> {
    let (ends, sizes) = (events.clone(), events.clone());
    input::tell_end(move || drop(ends.send(Event::Closed)))?;
    let mut bytes = input::of_terminal(move || drop(sizes.send(Event::Resize(terminal::size()))))?;
    let read = move || {
        let hangup = Hangup(events);
        read_all(&mut bytes, Decoder::new(slow), &hangup.0);
    };
    thread::Builder::new().name("keys".to_owned()).spawn(read).map(drop)
}

/// So many pieces are one event at most: a flood that does not end is still seen.
const PIECES: usize = 16;

/// Sends what the bytes mean until there are no more, or nobody hears it.
fn read_all(bytes: &mut impl ByteSource, mut decoder: Decoder, events: &Sender<Event>) {
    let mut goes_on = true;
    while goes_on {
        let mut meant = Vec::new();
        goes_on = match read_ready(bytes, &mut decoder, &mut meant) {
            Ok(open) => open,
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        };
        goes_on &= meant.is_empty() || events.send(Event::Together(meant)).is_ok();
    }
}

/// Waits for bytes and takes all that are there; or what began has waited for its rest for long enough. False at the end
/// of the input.
fn read_ready(
    bytes: &mut impl ByteSource,
    decoder: &mut Decoder,
    meant: &mut Vec<Event>,
) -> io::Result<bool> {
    let mut piece = Vec::new();
    let mut left = decoder.due().map(|due| due.saturating_duration_since(Instant::now()));
    for pieces in 0..PIECES {
        piece.clear();
        match bytes.next(left, &mut piece)? {
            NextBytes::Came => meant.extend(decoder.take(&piece, Instant::now())),
            NextBytes::Ended => return Ok(false),
            NextBytes::Late => {
                // Nothing more is there; only the first wait was one for the rest.
                if pieces == 0 {
                    meant.extend(decoder.late(Instant::now()));
                }
                break;
            }
        }
        left = Some(Duration::ZERO);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::mpsc::{Receiver, RecvTimeoutError, channel},
    };

    use super::*;

    /// Bytes of a channel in the place of a terminal's.
    struct Typed(Receiver<u8>, VecDeque<u8>);

    impl ByteSource for Typed {
        fn next(&mut self, left: Option<Duration>, into: &mut Vec<u8>) -> io::Result<NextBytes> {
            let first = match left {
                None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(left) => self.0.recv_timeout(left),
            };
            Ok(match first {
                Ok(byte) => {
                    self.1.push_back(byte);
                    self.1.extend(self.0.try_iter().take(1_000));
                    into.extend(self.1.drain(..));
                    NextBytes::Came
                }
                Err(RecvTimeoutError::Timeout) => NextBytes::Late,
                Err(RecvTimeoutError::Disconnected) => NextBytes::Ended,
            })
        }
    }

    fn typed() -> (Sender<u8>, Typed) {
        let (keys, bytes) = channel();
        (keys, Typed(bytes, VecDeque::new()))
    }

    fn write_all(keys: &Sender<u8>, bytes: &[u8]) {
        bytes.iter().for_each(|byte| keys.send(*byte).unwrap());
    }

    fn names(event: Event) -> Vec<String> {
        match event {
            Event::Key(key) => vec![key.to_string()],
            Event::Together(events) => events.into_iter().flat_map(names).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// However many reads they take: the loop draws once for all of them.
    #[test]
    fn keys_that_are_there_are_one_event() {
        let (writer, mut reader) = typed();
        let (events, received) = channel();
        write_all(&writer, "\x1b[B".repeat(2_000).as_bytes());
        drop(writer);
        read_all(&mut reader, Decoder::new(false), &events);
        drop(events);
        let all: Vec<_> = received.iter().map(|event| names(event).len()).collect();
        assert_eq!(all, [2_000]);
    }

    /// A key that could be the beginning of something is sent when nothing comes behind it.
    #[test]
    fn keys_are_sent_until_the_terminal_is_gone() {
        let (writer, mut reader) = typed();
        let (events, received) = channel();
        let reading = thread::spawn(move || read_all(&mut reader, Decoder::new(false), &events));
        write_all(&writer, b"j\x1b[A\x1b");
        let first: Vec<_> = received.iter().flat_map(names).take(3).collect();
        assert_eq!(first, ["j", "Up", "Esc"], "nothing came behind the last: it was the key");
        drop(writer);
        reading.join().unwrap();
        assert!(received.recv().is_err());
    }
}
