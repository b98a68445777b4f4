//! A transaction that writes: what waits in it ends as soon as nobody wants it any more, its commit never does.

use tokio_postgres::Row;

use super::{
    link::{Link, is_ended, is_lost},
    session::{Session, Values},
};
use crate::{
    checkpoint::{Cancel, Cx},
    error::{Error, Result},
};

/// What ends a transaction before its commit.
pub enum WriteHalt {
    Sql(tokio_postgres::Error),
    Said(Error),
}

impl From<tokio_postgres::Error> for WriteHalt {
    fn from(error: tokio_postgres::Error) -> Self {
        WriteHalt::Sql(error)
    }
}

impl From<Error> for WriteHalt {
    fn from(error: Error) -> Self {
        WriteHalt::Said(error)
    }
}

/// The transaction, for statements in it.
pub struct WriteTransaction<'a> {
    session: &'a Session,
    cancel: &'a Cancel,
}

impl WriteTransaction<'_> {
    /// # Errors
    /// As the server says.
    pub fn query_typed(
        &mut self,
        sql: &str,
        values: Values<'_>,
    ) -> std::result::Result<Vec<Row>, tokio_postgres::Error> {
        self.session.query(sql, values, self.cancel)
    }

    /// The number of rows that the statement changed.
    ///
    /// # Errors
    /// As the server says.
    pub fn execute_typed(
        &mut self,
        sql: &str,
        values: Values<'_>,
    ) -> std::result::Result<u64, tokio_postgres::Error> {
        self.session.execute(sql, values, self.cancel)
    }

    /// # Errors
    /// As the server says.
    pub fn batch_execute(&mut self, sql: &str) -> std::result::Result<(), tokio_postgres::Error> {
        self.session.batch(sql, Some(self.cancel))
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
        work: impl FnOnce(&mut WriteTransaction<'_>) -> std::result::Result<Option<T>, WriteHalt>,
    ) -> Result<Committed<Option<T>>> {
        self.with(cx, |session| {
            let said = |error: &tokio_postgres::Error| match error.as_db_error() {
                _ if cx.cancel().is_cancelled() && (is_ended(error) || is_lost(error)) => Error::Cancelled,
                Some(said) if said.code().code().starts_with("23") => refused(said.message()),
                _ => self.told(error),
            };
            // Each statement is to see what others have committed by then.
            let begin = "begin isolation level read committed read write";
            session.batch(begin, Some(cx.cancel())).map_err(|error| said(&error))?;
            // What the connection or the server has ended is rolled back without it.
            let roll_back = || drop(session.batch("rollback", None));
            let mut tx = WriteTransaction { session, cancel: cx.cancel() };
            let done = match work(&mut tx) {
                Ok(Some(done)) => done,
                Ok(None) => {
                    return session
                        .batch("rollback", None)
                        .map(|()| Committed::Done(None))
                        .map_err(|error| said(&error));
                }
                Err(halt) => {
                    roll_back();
                    return Err(match halt {
                        WriteHalt::Sql(error) => said(&error),
                        WriteHalt::Said(error) => error,
                    });
                }
            };
            if let Err(cancelled) = cx.still_wanted() {
                roll_back();
                return Err(cancelled);
            }
            // An end that was on its way may still meet the commit: an error that the server says of it means that nothing
            // was done. Where it says none, because it or the way to it was lost, nobody knows.
            match session.batch("commit", None) {
                Ok(()) => Ok(Committed::Done(Some(done))),
                Err(error) if is_lost(&error) => Ok(Committed::Unsure(self.told(&error))),
                Err(error) => Err(said(&error)),
            }
        })
    }
}
