//! Ends work of a command at its next check after Ctrl-C, SIGTERM or SIGHUP: no half file, no word left unsaid.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::{
    checkpoint::{Cancel, Cx},
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
        self.cancel().is_cancelled()
    }

    fn cancel(&self) -> Cancel {
        Cancel::by(self.flag())
    }

    /// Work that the signals end.
    pub fn cx(&self) -> Cx<'static> {
        Cx::unwatched(self.cancel())
    }
}
