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

/// Sends what the bytes mean until there are no more, or nobody hears it.
fn read_all(input: &impl AsFd, mut decoder: Decoder, events: &Sender<Event>) {
    let mut piece = [0; PIECE];
    loop {
        let left = decoder.due().map(|due| due.saturating_duration_since(Instant::now()));
        let meant = match wait_for_bytes(input, left) {
            Ok(false) => decoder.late(Instant::now()),
            Ok(true) => match read(input, &mut piece) {
                Ok(0) => return,
                Ok(many) => decoder.take(piece.get(..many).unwrap_or_default(), Instant::now()),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return,
            },
            Err(Errno::INTR) => continue,
            Err(_) => return,
        };
        for event in meant {
            if events.send(event).is_err() {
                return;
            }
        }
    }
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

    /// A key that could be the beginning of something is sent when nothing comes behind it.
    #[test]
    fn keys_are_sent_until_the_terminal_is_gone() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (events, received) = channel();
        let reading = thread::spawn(move || read_all(&reader, Decoder::new(false), &events));
        let name = |event| match event {
            Event::Key(key) => key.to_string(),
            other => panic!("{other:?}"),
        };
        io::Write::write_all(&mut writer, b"j\x1b[A\x1b").unwrap();
        let first: Vec<_> = received.iter().take(3).map(name).collect();
        assert_eq!(first, ["j", "Up", "Esc"], "nothing came behind the last: it was the key");
        drop(writer);
        reading.join().unwrap();
        assert!(received.recv().is_err());
    }
}
