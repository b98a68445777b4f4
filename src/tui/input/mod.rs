//! The threads that read the terminal: one turns its bytes into keys, one only sees it go.

mod decoder;
mod sequences;

use std::{
    io,
    os::fd::AsFd,
    sync::mpsc::Sender,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};

use super::event::Event;
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
    let ends = events.clone();
    let watch = move || {
        if wait_for_end(&io::stdin()) {
            let _ = ends.send(Event::Closed);
        }
    };
    thread::Builder::new().name("hangup".to_owned()).spawn(watch)?;
    let read = move || {
        let hangup = Hangup(events);
        read_all(&io::stdin(), Decoder::new(slow), &hangup.0);
    };
    thread::Builder::new().name("keys".to_owned()).spawn(read).map(drop)
}

/// Bytes that are taken at once.
const PIECE: usize = 4096;
/// So many pieces are one event at most: a flood that does not end is still seen.
const PIECES: usize = 16;

/// Sends what the bytes mean until there are no more, or nobody hears it.
fn read_all(input: &impl AsFd, mut decoder: Decoder, events: &Sender<Event>) {
    let mut goes_on = true;
    while goes_on {
        let mut meant = Vec::new();
        goes_on = match read_ready(input, &mut decoder, &mut meant) {
            Ok(open) => open,
            Err(errno) => matches!(errno, Errno::INTR | Errno::AGAIN),
        };
        goes_on &= meant.is_empty() || events.send(Event::Together(meant)).is_ok();
    }
}

/// Waits for bytes and takes all that are there; or what began has waited for its rest for long enough. False at the end
/// of the input.
fn read_ready(input: &impl AsFd, decoder: &mut Decoder, meant: &mut Vec<Event>) -> Result<bool, Errno> {
    let mut piece = [0; PIECE];
    let mut left = decoder.due().map(|due| due.saturating_duration_since(Instant::now()));
    for pieces in 0..PIECES {
        if !wait_for_bytes(input, left)? {
            // Nothing more is there; only the first wait was one for the rest.
            if pieces == 0 {
                meant.extend(decoder.late(Instant::now()));
            }
            break;
        }
        let many = read(input, &mut piece)?;
        if many == 0 {
            return Ok(false);
        }
        meant.extend(decoder.take(piece.get(..many).unwrap_or_default(), Instant::now()));
        left = Some(Duration::ZERO);
    }
    Ok(true)
}

/// Sleeps until there are bytes, or for so long; false when there are none.
fn wait_for_bytes(input: &impl AsFd, left: Option<Duration>) -> Result<bool, Errno> {
    // A duration that is too long for the system is as good as for ever.
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    let mut watched = [PollFd::new(input, PollFlags::IN)];
    Ok(poll(&mut watched, left.as_ref())? > 0)
}

/// Sleeps until the other end is closed; false where the system can't watch this kind of file.
fn wait_for_end(input: &impl AsFd) -> bool {
    loop {
        // With nothing asked for, a poll ends only when the other end is gone.
        let mut watched = [PollFd::new(input, PollFlags::empty())];
        match poll(&mut watched, None) {
            Err(Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => {
                return watched.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Bytes to read don't end it, a closed end does.
    #[test]
    fn the_watch_ends_when_the_other_end_is_closed() {
        let (reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, b"j").unwrap();
        let (ended, end) = channel();
        let watching = thread::spawn(move || {
            ended.send(wait_for_end(&reader)).unwrap();
        });
        assert!(end.try_recv().is_err());
        drop(writer);
        watching.join().unwrap();
        assert_eq!(end.try_recv(), Ok(true));
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
        let (reader, mut writer) = io::pipe().unwrap();
        let (events, received) = channel();
        io::Write::write_all(&mut writer, "\x1b[B".repeat(2_000).as_bytes()).unwrap();
        drop(writer);
        read_all(&reader, Decoder::new(false), &events);
        drop(events);
        let all: Vec<_> = received.iter().map(|event| names(event).len()).collect();
        assert_eq!(all, [2_000]);
    }

    /// A key that could be the beginning of something is sent when nothing comes behind it.
    #[test]
    fn keys_are_sent_until_the_terminal_is_gone() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (events, received) = channel();
        let reading = thread::spawn(move || read_all(&reader, Decoder::new(false), &events));
        io::Write::write_all(&mut writer, b"j\x1b[A\x1b").unwrap();
        let first: Vec<_> = received.iter().flat_map(names).take(3).collect();
        assert_eq!(first, ["j", "Up", "Esc"], "nothing came behind the last: it was the key");
        drop(writer);
        reading.join().unwrap();
        assert!(received.recv().is_err());
    }
}
