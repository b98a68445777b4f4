//! A transaction that writes: what waits in it ends as soon as nobody wants it any more, its commit never does.

use postgres::{IsolationLevel, Transaction};

use super::link::{Link, is_ended, is_lost};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
};

/// What ends a transaction before its commit.
pub enum WriteHalt {
    Sql(postgres::Error),
    Said(Error),
}

impl From<postgres::Error> for WriteHalt {
    fn from(error: postgres::Error) -> Self {
        WriteHalt::Sql(error)
    }
}

impl From<Error> for WriteHalt {
    fn from(error: Error) -> Self {
        WriteHalt::Said(error)
    }
}

/// How a transaction ended that came to its commit.
pub enum Committed<T> {
    Done(T),
    /// The connection was lost within the commit: it may be done or not.
    Unsure(Error),
}

impl Link {
    /// Does `work` in a transaction and commits it; `None` from `work` rolls it back. What a rule of the database refuses is
    /// told by `refused`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] for what was taken back, [`Error::Busy`] for what waited too long, and those of `work`. Nothing
    /// was changed then.
    pub fn write<T>(
        &self,
        cx: &Cx<'_>,
        refused: &dyn Fn(&str) -> Error,
        work: impl FnOnce(&mut Transaction<'_>) -> std::result::Result<Option<T>, WriteHalt>,
    ) -> Result<Committed<Option<T>>> {
        self.with(cx, |client, watching| {
            let said = |error: &postgres::Error| match error.as_db_error() {
                _ if is_ended(error) && cx.cancel().is_cancelled() => Error::Cancelled,
                Some(said) if said.code().code().starts_with("23") => refused(said.message()),
                _ => self.told(error),
            };
            let mut begun = client.build_transaction().read_only(false);
            // Each statement is to see what others have committed by then.
            begun = begun.isolation_level(IsolationLevel::ReadCommitted);
            let mut tx = begun.start().map_err(|error| said(&error))?;
            let done = match work(&mut tx) {
                Ok(Some(done)) => done,
                Ok(None) => {
                    return tx.rollback().map(|()| Committed::Done(None)).map_err(|error| said(&error));
                }
                Err(WriteHalt::Sql(error)) => return Err(said(&error)),
                Err(WriteHalt::Said(error)) => return Err(error),
            };
            drop(watching);
            cx.still_wanted()?;
            // An end that was on its way may still meet the commit: an error that the server says of it means that nothing
            // was done. Where it says none, because it or the way to it was lost, nobody knows.
            match tx.commit() {
                Ok(()) => Ok(Committed::Done(Some(done))),
                Err(error) if is_lost(&error) => Ok(Committed::Unsure(self.told(&error))),
                Err(error) => Err(said(&error)),
            }
        })
    }
}
