//! Signals: those that end the program are noted, so that all work ends at its next check and leaves nothing half done.

use crate::checkpoint::{Cancel, Cx};

pub use crate::platform::signals::{A_MOMENT, catch, noted, pause};

/// What shells add to the number of a signal that ended a program.
const SIGNALLED: u8 = 128;

/// The exit code of a program that a signal ended.
pub fn exit_code(signal: u8) -> u8 {
    SIGNALLED.saturating_add(signal)
}

/// What a signal takes back: the work of a command.
pub fn cancel() -> Cancel {
    crate::platform::signals::flag().map(Cancel::by).unwrap_or_default()
}

/// Work of a command, that nobody watches.
pub fn cx() -> Cx<'static> {
    Cx::unwatched(cancel())
}
