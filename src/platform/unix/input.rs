//! The bytes of the terminal's keys, and seeing the terminal go.

use std::{io, os::fd::AsFd, thread, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};

use crate::platform::{ByteSource, NextBytes};

/// Bytes that are taken at once.
const PIECE: usize = 4096;

/// A file that keys are read from.
#[derive(Debug)]
pub struct FileBytes<F>(pub F);

impl<F: AsFd> ByteSource for FileBytes<F> {
    fn next(&mut self, left: Option<Duration>, into: &mut Vec<u8>) -> io::Result<NextBytes> {
        if !wait_for_bytes(&self.0, left)? {
            return Ok(NextBytes::Late);
        }
        let mut piece = [0; PIECE];
        match read(&self.0, &mut piece) {
            Ok(0) => Ok(NextBytes::Ended),
            Ok(many) => {
                into.extend(piece.get(..many).unwrap_or_default());
                Ok(NextBytes::Came)
            }
            Err(Errno::AGAIN) => Err(io::ErrorKind::Interrupted.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The terminal's keys. A new size of the window is told by a signal here.
///
/// # Errors
/// None here.
pub fn of_terminal(_resized: impl FnMut() + Send + 'static) -> io::Result<impl ByteSource + Send + 'static> {
    Ok(FileBytes(io::stdin()))
}

/// Starts a thread that only sees the terminal go, also while nobody takes what was read. It ends with the program.
///
/// # Errors
/// When the system gives no thread.
pub fn tell_end(ended: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let watch = move || {
        if wait_for_end(&io::stdin()) {
            ended();
        }
    };
    thread::Builder::new().name("hangup".to_owned()).spawn(watch).map(drop)
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

    #[test]
    fn a_file_is_read_to_its_end() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (mut bytes, mut read) = (FileBytes(reader), Vec::new());
        assert_eq!(bytes.next(Some(Duration::ZERO), &mut read).unwrap(), NextBytes::Late);
        io::Write::write_all(&mut writer, b"jk").unwrap();
        drop(writer);
        assert_eq!(bytes.next(None, &mut read).unwrap(), NextBytes::Came);
        assert_eq!((bytes.next(None, &mut read).unwrap(), read), (NextBytes::Ended, b"jk".to_vec()));
    }
}
