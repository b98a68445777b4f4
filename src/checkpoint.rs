//! What long work calls between two pieces: tells how far it is and hears whether to stop.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::error::Result;

thread_local! {
    /// The work that this thread is in, the innermost last.
    static WORK: RefCell<Vec<Work>> = const { RefCell::new(Vec::new()) };
}

struct Work {
    flag: Arc<AtomicBool>,
    gave_up: bool,
}

/// Does work that a flag takes back from another thread: [`is_cancelled`] tells where no check can reach, as in a wait for
/// somebody else's lock.
pub fn cancellable<T>(flag: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    /// Takes the flag away also when the work ends with a fault.
    struct Inside;
    impl Drop for Inside {
        fn drop(&mut self) {
            WORK.with_borrow_mut(Vec::pop);
        }
    }
    WORK.with_borrow_mut(|all| all.push(Work { flag: Arc::clone(flag), gave_up: false }));
    let _inside = Inside;
    work()
}

/// A wait of the work that this thread is in took all its patience: the next one would too.
pub fn give_up() {
    WORK.with_borrow_mut(|all| all.last_mut().map(|work| work.gave_up = true));
}

/// Nobody wants any more what this thread waits for, or it was waited for long enough.
pub fn is_cancelled() -> bool {
    WORK.with_borrow(|all| all.last().is_some_and(|work| work.gave_up || work.flag.load(Ordering::Acquire)))
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub done: u64,
    /// In the same unit as `done`; `None` while nobody knows.
    pub total: Option<u64>,
}

/// Long work calls this between two pieces, with no statement, transaction or file half done: the place where
/// progress is shown, other questions are answered, and work that nobody wants any more ends.
pub trait Checkpoint {
    /// # Errors
    /// [`crate::error::Error::Cancelled`] when the work is to end here.
    fn check(&mut self, progress: Progress) -> Result<()>;
}

/// For commands: nobody watches, nobody cancels.
pub struct Quiet;

impl Checkpoint for Quiet {
    fn check(&mut self, _: Progress) -> Result<()> {
        Ok(())
    }
}
