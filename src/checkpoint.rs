//! How an answer is wanted: whole or at once, taken back by whom, and what is called between two pieces of long work.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::error::{Error, Result};

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub done: u64,
    /// In the same unit as `done`; `None` while nobody knows.
    pub total: Option<u64>,
}

/// Whether an answer may be given before all that it rests on was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It may: it is only shown, and asked for anew when more is known.
    AtOnce,
    /// It may not: what it says is acted upon.
    Whole,
}

/// The flag that takes work back, from another thread or a signal: looked at between two pieces, within a statement, and
/// in a wait for somebody's lock.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    /// This work waits for no lock any more: a wait took all its patience, and the next one would too, or other work
    /// is to go first.
    impatient: Arc<AtomicBool>,
}

impl Cancel {
    /// Work that this flag takes back.
    pub fn by(flag: Arc<AtomicBool>) -> Self {
        Self { flag, impatient: Arc::default() }
    }

    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Release);
    }

    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Acquire)
    }

    /// The work goes on, but a wait of it for somebody's lock ends, and the next one before it begins.
    pub(crate) fn end_waits(&self) {
        self.impatient.store(true, Ordering::Release);
    }

    /// Nobody wants any more what is waited for, or it was waited for long enough.
    pub(crate) fn ends_waits(&self) -> bool {
        self.is_cancelled() || self.impatient.load(Ordering::Acquire)
    }
}

type HearsOfLock = Box<dyn Fn(bool) + Send + Sync>;

/// Where it is told that work has waited for somebody's lock for a while (true), and that it goes on (false). One for a
/// program: a file has one lock.
#[derive(Clone, Default)]
pub struct LockNews(Arc<LockState>);

#[derive(Default)]
struct LockState {
    waits: AtomicBool,
    /// Nobody, until somebody wants to hear it.
    hears: OnceLock<HearsOfLock>,
}

impl LockNews {
    /// From now on this is called; a second listener hears nothing.
    pub fn hear(&self, hears: impl Fn(bool) + Send + Sync + 'static) {
        if self.0.hears.set(Box::new(hears)).is_ok() && self.0.waits.load(Ordering::Acquire) {
            self.tell(true);
        }
    }

    /// Work waits, and has for a while. Told once.
    pub(crate) fn waits(&self) {
        if !self.0.waits.swap(true, Ordering::AcqRel) {
            self.tell(true);
        }
    }

    /// The wait is over. Called often: costs nothing where nothing was told.
    pub(crate) fn goes_on(&self) {
        if self.0.waits.load(Ordering::Acquire) && self.0.waits.swap(false, Ordering::AcqRel) {
            self.tell(false);
        }
    }

    fn tell(&self, waits: bool) {
        if let Some(hears) = self.0.hears.get() {
            hears(waits);
        }
    }
}

impl fmt::Debug for LockNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockNews").field(&self.0.waits).finish()
    }
}

/// Long work calls this between two pieces, with no statement, transaction or file half done: the place where
/// progress is shown, other questions are answered, and work that nobody wants any more ends.
pub trait Checkpoint {
    /// # Errors
    /// [`Error::Cancelled`] when the work is to end here.
    fn check(&mut self, progress: Progress) -> Result<()>;

    /// The same of work that also tells how many bytes it has written.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the work is to end here.
    fn check_written(&mut self, progress: Progress, _bytes: u64) -> Result<()> {
        self.check(progress)
    }
}

/// How an answer is wanted, handed down to whoever reads for it.
pub struct Cx<'a> {
    pub freshness: Freshness,
    cancel: Cancel,
    /// `None` where nobody watches.
    checkpoint: Option<&'a mut dyn Checkpoint>,
}

impl<'a> Cx<'a> {
    /// A whole answer, for a checkpoint that also ends the work.
    pub fn new(checkpoint: &'a mut dyn Checkpoint) -> Self {
        Self::cancelled_by(Cancel::default(), checkpoint)
    }

    /// A whole answer that can be taken back at any time, also in a wait for somebody's lock.
    pub fn cancelled_by(cancel: Cancel, checkpoint: &'a mut dyn Checkpoint) -> Self {
        Self { freshness: Freshness::Whole, cancel, checkpoint: Some(checkpoint) }
    }

    /// The same work, wanted as fresh as this.
    pub fn wanted<'b>(&'b mut self, freshness: Freshness) -> Cx<'b> {
        // Not `as_deref_mut`: the trait object's lifetime is to become the shorter one.
        let shorter =
            |checkpoint: &'b mut &'a mut dyn Checkpoint| -> &'b mut dyn Checkpoint { &mut **checkpoint };
        Cx { freshness, cancel: self.cancel.clone(), checkpoint: self.checkpoint.as_mut().map(shorter) }
    }

    /// Calls the checkpoint between two pieces.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the work is to end here.
    pub fn check(&mut self, progress: Progress) -> Result<()> {
        self.still_wanted()?;
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.check(progress)?;
        }
        self.still_wanted()
    }

    /// The same, and says how many bytes are written.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the work is to end here.
    pub fn check_written(&mut self, progress: Progress, bytes: u64) -> Result<()> {
        self.still_wanted()?;
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.check_written(progress, bytes)?;
        }
        self.still_wanted()
    }

    pub fn is_at_once(&self) -> bool {
        self.freshness == Freshness::AtOnce
    }

    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// # Errors
    /// [`Error::Cancelled`] for work that was taken back. Nothing else is done: for places where no other work can be.
    pub fn still_wanted(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Cx<'static> {
    /// A whole answer that nobody watches or takes back.
    pub fn quiet() -> Self {
        Self::unwatched(Cancel::default())
    }

    /// A whole answer that nobody watches.
    pub fn unwatched(cancel: Cancel) -> Self {
        Self { freshness: Freshness::Whole, cancel, checkpoint: None }
    }
}

impl Checkpoint for Cx<'_> {
    fn check(&mut self, progress: Progress) -> Result<()> {
        Cx::check(self, progress)
    }

    fn check_written(&mut self, progress: Progress, bytes: u64) -> Result<()> {
        Cx::check_written(self, progress, bytes)
    }
}
