//! Ends work of a command at its next check after Ctrl-C, SIGTERM or SIGHUP: no half file, no word left unsaid.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Result},
};

/// Lets work go on until a signal comes; without [`Interrupt::signal`] for ever.
#[derive(Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes the signals from now on.
    ///
    /// # Errors
    /// Where the system does not give them.
    pub fn signal() -> Result<Self> {
        let until = Self::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, until.flag())
                .map_err(|source| Error::Io { path: PathBuf::from("signal"), source })?;
        }
        Ok(until)
    }

    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Checkpoint for Interrupt {
    fn check(&mut self, _: Progress) -> Result<()> {
        if self.is_over() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
