//! The one connection: made, made again after it was lost, and asked.

use std::{cell::RefCell, time::Duration};

use tokio_postgres::{Row, error::SqlState};

use super::{
    address::ServerAddress,
    connect::{NotConnected, connect},
    faults::{fault_of, wants_password},
    session::{Session, Values},
};
use crate::{
    checkpoint::{Cancel, Cx, LockNews},
    error::{Error, Result},
    store::Options,
};

/// Asks for the password of a database with this address; `None` where nobody can be asked.
pub type AskServerPassword<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The connection to the server.
pub struct Link {
    address: ServerAddress,
    patience: Duration,
    /// Where it is told that the server is waited for.
    news: LockNews,
    session: RefCell<Option<Session>>,
    /// Which database it is, once that was asked.
    identity: RefCell<String>,
}

/// Another one for every database, also where it has the name and the place of one before.
const IDENTITY: &str = "select concat_ws(' ', (select oid from pg_database where datname = current_database()), \
     to_regclass('workflow_runs')::oid, (select system_identifier from pg_control_system()))";
/// The same for those who may not ask that.
const LESS: &str = "select concat_ws(' ', (select oid from pg_database where datname = current_database()), \
     to_regclass('workflow_runs')::oid)";

impl Link {
    /// Connects; where the server wants a password that is not known, it is asked for.
    ///
    /// # Errors
    /// [`Error::Open`] with what keeps the connection from being made.
    pub fn open(
        mut address: ServerAddress,
        options: &Options,
        ask: AskServerPassword<'_>,
        cx: &Cx<'_>,
    ) -> Result<Self> {
        let (patience, news) = (options.patience, options.lock_news.clone());
        let session = match connect(&address, patience, &news, cx) {
            Err(NotConnected::Said(error)) if wants_password(&error) && address.password.is_none() => {
                let Some(password) = ask(&address.shown()) else {
                    return Err(fault_of(&address, patience, &error));
                };
                address = address.with_password(password);
                connect(&address, patience, &news, cx)
            }
            connected => connected,
        };
        let session = session.map_err(|why| why.told(&address, patience))?;
        let (session, identity) = (RefCell::new(Some(session)), RefCell::default());
        let link = Self { address, patience, news, session, identity };
        let identity = link.ask_identity(true, cx)?;
        *link.identity.borrow_mut() = identity;
        Ok(link)
    }

    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// The rows of a statement. Where the connection turns out to be lost, it is made again and asked once more.
    ///
    /// # Errors
    /// [`Error::Replaced`] where another database is there by now, [`Error::Busy`] for what takes too long.
    pub fn query(&self, sql: &str, values: Values<'_>, cx: &Cx<'_>) -> Result<Vec<Row>> {
        cx.still_wanted()?;
        let was_lost = self.connected(cx)?;
        self.asked(sql, values, was_lost, cx)?.map_err(|error| self.fault(&error))
    }

    /// What the server gives; asked once more where the connection was lost, or the end of the statement before met this one.
    fn asked(
        &self,
        sql: &str,
        values: Values<'_>,
        was_lost: bool,
        cx: &Cx<'_>,
    ) -> Result<std::result::Result<Vec<Row>, tokio_postgres::Error>> {
        let asked = match self.ask(sql, values, cx.cancel()) {
            _ if cx.still_wanted().is_err() => return Err(Error::Cancelled),
            Err(error) if is_lost(&error) && !was_lost => {
                *self.session.borrow_mut() = None;
                self.connected(cx)?;
                self.ask(sql, values, cx.cancel())
            }
            Err(error) if is_ended(&error) && self.take_ended() => self.ask(sql, values, cx.cancel()),
            asked => return Ok(asked),
        };
        cx.still_wanted()?;
        Ok(asked)
    }

    fn take_ended(&self) -> bool {
        self.session.borrow().as_ref().is_some_and(Session::take_ended)
    }

    /// Does something in the session that must not be done twice.
    ///
    /// # Errors
    /// As [`Link::query`], and those of `work`.
    pub fn with<T>(&self, cx: &Cx<'_>, work: impl FnOnce(&Session) -> Result<T>) -> Result<T> {
        cx.still_wanted()?;
        self.drop_ended();
        self.connected(cx)?;
        let done = self.session.borrow().as_ref().map_or(Err(Error::Replaced), work);
        self.drop_ended();
        done
    }

    /// Gives up a connection on which something was ended: an end may still be on its way, and would meet what comes next.
    fn drop_ended(&self) {
        if self.take_ended() {
            *self.session.borrow_mut() = None;
        }
    }

    /// The error as it is said.
    pub fn fault(&self, error: &tokio_postgres::Error) -> Error {
        if is_lost(error) {
            *self.session.borrow_mut() = None;
        }
        self.told(error)
    }

    /// The error as it is said, of something that still has the connection.
    pub fn told(&self, error: &tokio_postgres::Error) -> Error {
        fault_of(&self.address, self.patience, error)
    }

    /// Makes sure that it is the database that was opened.
    ///
    /// # Errors
    /// [`Error::Replaced`], and as any read.
    pub fn refuse_another(&self, cx: &Cx<'_>) -> Result<()> {
        let was_lost = self.connected(cx)?;
        if self.ask_identity(was_lost, cx)? == *self.identity.borrow() {
            Ok(())
        } else {
            Err(Error::Replaced)
        }
    }

    fn ask(
        &self,
        sql: &str,
        values: Values<'_>,
        cancel: &Cancel,
    ) -> std::result::Result<Vec<Row>, tokio_postgres::Error> {
        match self.session.borrow().as_ref() {
            Some(session) => session.query(sql, values, cancel),
            None => Ok(Vec::new()),
        }
    }

    /// Connects where there is no connection; true where that was done.
    fn connected(&self, cx: &Cx<'_>) -> Result<bool> {
        if self.session.borrow().as_ref().is_some_and(|session| !session.is_closed()) {
            return Ok(false);
        }
        let session = connect(&self.address, self.patience, &self.news, cx)
            .map_err(|why| why.told(&self.address, self.patience))?;
        *self.session.borrow_mut() = Some(session);
        let known = self.ask_identity(true, cx).and_then(|identity| {
            if identity == *self.identity.borrow() { Ok(true) } else { Err(Error::Replaced) }
        });
        if known.is_err() {
            // The next question would take it for the one that was opened.
            *self.session.borrow_mut() = None;
        }
        known
    }

    fn ask_identity(&self, was_lost: bool, cx: &Cx<'_>) -> Result<String> {
        let asked = match self.asked(IDENTITY, &[], was_lost, cx)? {
            Err(error) if may_not(&error) => self.asked(LESS, &[], true, cx)?,
            asked => asked,
        };
        let rows = asked.map_err(|error| self.fault(&error))?;
        Ok(rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or_default())
    }
}

/// The user may not ask that, or the server does not know it.
fn may_not(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::UNDEFINED_FUNCTION].contains(code))
}

/// A statement that took too long, or that was taken back.
pub fn is_ended(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::QUERY_CANCELED)
}

/// The server ended it, or the network did.
pub fn is_lost(error: &tokio_postgres::Error) -> bool {
    let ended = ["57P01", "57P02", "57P05", "25P03", "08006", "08003"];
    let is_end = |code: &str| ended.contains(&code);
    error.is_closed()
        || error
            .as_db_error()
            .map_or(error.to_string().contains("communicating"), |e| is_end(e.code().code()))
}
