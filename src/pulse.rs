//! The heartbeat of long work: tells how far it is and hears whether to stop.

use crate::error::Result;

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub done: u64,
    /// In the same unit as `done`; `None` while nobody knows.
    pub total: Option<u64>,
}

/// Long work calls this between two pieces, with no statement, transaction or file half done: the place where
/// progress is shown, other questions are answered, and work that nobody wants any more ends.
pub trait Pulse {
    /// # Errors
    /// [`crate::error::Error::Cancelled`] when the work is to end here.
    fn beat(&mut self, progress: Progress) -> Result<()>;
}

/// For commands: nobody watches, nobody cancels.
pub struct Quiet;

impl Pulse for Quiet {
    fn beat(&mut self, _: Progress) -> Result<()> {
        Ok(())
    }
}
