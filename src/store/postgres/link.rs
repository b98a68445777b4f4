//! The one connection: made, made again after it was lost, and asked.

use std::{cell::RefCell, time::Duration};

use postgres::{
    Client, Config, Row,
    config::SslMode,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    address::{Encryption, ServerAddress},
    faults::{fault_of, statement_time, wants_password},
    password_file::is_folder,
    tls,
    watch::{StatementWatch, Watching},
};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
};

/// Values of a statement with their types.
pub type Values<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// Asks for the password of a database with this address; `None` where nobody can be asked.
pub type AskServerPassword<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A server that does not answer at all is waited for so long.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection on which nothing comes through any more is given up after about so long.
const SILENCE: Duration = Duration::from_secs(20);

/// The connection to the server.
pub struct Link {
    address: ServerAddress,
    patience: Duration,
    client: RefCell<Option<Client>>,
    /// Which database it is, once that was asked.
    identity: RefCell<String>,
    watch: Option<StatementWatch>,
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
    pub fn open(mut address: ServerAddress, patience: Duration, ask: AskServerPassword<'_>) -> Result<Self> {
        let client = match connect(&address, patience) {
            Err(error) if wants_password(&error) && address.password.is_none() => {
                let Some(password) = ask(&address.shown()) else {
                    return Err(fault_of(&address, patience, &error));
                };
                address = address.with_password(password);
                connect(&address, patience)
            }
            connected => connected,
        };
        let client = client.map_err(|error| fault_of(&address, patience, &error))?;
        let (client, identity) = (RefCell::new(Some(client)), RefCell::default());
        let watch = StatementWatch::start(&address);
        let link = Self { address, patience, client, identity, watch };
        *link.identity.borrow_mut() = link.ask_identity()?;
        Ok(link)
    }

    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// The rows of a statement. Where the connection turns out to be lost, it is made again and asked once more.
    ///
    /// # Errors
    /// [`Error::Replaced`] where another database is there by now, [`Error::Busy`] for what takes too long.
    pub fn query(&self, sql: &str, values: Values<'_>, cx: &Cx<'_>) -> Result<Vec<Row>> {
        cx.still_wanted()?;
        let was_lost = self.connected()?;
        let asked = match self.watched(sql, values, cx) {
            Err(error) if is_lost(&error) && !was_lost => {
                *self.client.borrow_mut() = None;
                self.connected()?;
                self.watched(sql, values, cx)
            }
            // The end was meant for the statement before this one.
            Err(error) if is_ended(&error) && self.take_ended() && cx.still_wanted().is_ok() => {
                self.watched(sql, values, cx)
            }
            asked => asked,
        };
        asked.map_err(|error| match cx.still_wanted() {
            Err(cancelled) if is_ended(&error) => cancelled,
            _ => self.fault(&error),
        })
    }

    /// Asks, and ends the statement when it is not wanted any more.
    fn watched(
        &self,
        sql: &str,
        values: Values<'_>,
        cx: &Cx<'_>,
    ) -> std::result::Result<Vec<Row>, postgres::Error> {
        let _watching = self.watching(cx);
        self.ask(sql, values)
    }

    fn watching(&self, cx: &Cx<'_>) -> Option<Watching<'_>> {
        let token = self.client.borrow().as_ref().map(Client::cancel_token);
        self.watch.as_ref().zip(token).map(|(watch, token)| watch.begin(cx.cancel(), token))
    }

    fn take_ended(&self) -> bool {
        self.watch.as_ref().is_some_and(StatementWatch::take_ended)
    }

    /// Does something on the connection that must not be done twice. While it has the guard, its statements end when it is
    /// not wanted any more.
    ///
    /// # Errors
    /// As [`Link::query`], and those of `work`.
    pub fn with<T>(
        &self,
        cx: &Cx<'_>,
        work: impl FnOnce(&mut Client, Option<Watching<'_>>) -> Result<T>,
    ) -> Result<T> {
        cx.still_wanted()?;
        self.drop_ended();
        self.connected()?;
        let watching = self.watching(cx);
        let done = self.client.borrow_mut().as_mut().map_or(Err(Error::Replaced), |c| work(c, watching));
        self.drop_ended();
        done
    }

    /// Gives up a connection on which something was ended: an end may still be on its way, and would meet what comes next.
    fn drop_ended(&self) {
        if self.take_ended() {
            *self.client.borrow_mut() = None;
        }
    }

    /// The error as it is said.
    pub fn fault(&self, error: &postgres::Error) -> Error {
        if is_lost(error) {
            *self.client.borrow_mut() = None;
        }
        self.told(error)
    }

    /// The error as it is said, of something that still has the connection.
    pub fn told(&self, error: &postgres::Error) -> Error {
        fault_of(&self.address, self.patience, error)
    }

    /// Makes sure that it is the database that was opened.
    ///
    /// # Errors
    /// [`Error::Replaced`], and as any read.
    pub fn refuse_another(&self) -> Result<()> {
        self.connected()?;
        if self.ask_identity()? == *self.identity.borrow() { Ok(()) } else { Err(Error::Replaced) }
    }

    fn ask(&self, sql: &str, values: Values<'_>) -> std::result::Result<Vec<Row>, postgres::Error> {
        match self.client.borrow_mut().as_mut() {
            Some(client) => client.query_typed(sql, values),
            None => Ok(Vec::new()),
        }
    }

    /// Connects where there is no connection; true where that was done.
    fn connected(&self) -> Result<bool> {
        if self.client.borrow().as_ref().is_some_and(|client| !client.is_closed()) {
            return Ok(false);
        }
        let client = connect(&self.address, self.patience).map_err(|error| self.told(&error))?;
        *self.client.borrow_mut() = Some(client);
        if self.ask_identity()? != *self.identity.borrow() {
            *self.client.borrow_mut() = None;
            return Err(Error::Replaced);
        }
        Ok(true)
    }

    fn ask_identity(&self) -> Result<String> {
        let rows = self.ask(IDENTITY, &[]).or_else(|_| self.ask(LESS, &[]));
        let rows = rows.map_err(|error| self.fault(&error))?;
        Ok(rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or_default())
    }
}

/// A statement that took too long, or that was taken back.
pub fn is_ended(error: &postgres::Error) -> bool {
    error.code() == Some(&SqlState::QUERY_CANCELED)
}

/// The server ended it, or the network did.
pub fn is_lost(error: &postgres::Error) -> bool {
    let ended = ["57P01", "57P02", "57P05", "25P03", "08006", "08003"];
    let is_end = |code: &str| ended.contains(&code);
    error.is_closed()
        || error
            .as_db_error()
            .map_or(error.to_string().contains("communicating"), |e| is_end(e.code().code()))
}

fn connect(address: &ServerAddress, patience: Duration) -> std::result::Result<Client, postgres::Error> {
    let connected = match attempt(address, address.encryption) {
        // libpq tries again without, where it is only preferred.
        Err(error) if address.encryption == Encryption::Prefer && error.as_db_error().is_none() => {
            attempt(address, Encryption::Disable).map_err(|_| error)
        }
        connected => connected,
    };
    let mut client = connected?;
    // None at all would be for ever.
    let (lock, statement) = (patience.as_millis().max(1), statement_time(patience).as_millis());
    client.batch_execute(&format!(
        "set default_transaction_read_only = on; set lock_timeout = {lock}; \
         set idle_in_transaction_session_timeout = {statement}; set datestyle = 'ISO, YMD'; set extra_float_digits = 3; \
         set bytea_output = 'hex'; set client_min_messages = error"
    ))?;
    // What the address says of it counts.
    if !address.options.as_ref().is_some_and(|options| options.contains("statement_timeout")) {
        client.batch_execute(&format!("set statement_timeout = {statement}"))?;
    }
    // A server that does not know it does not do it either.
    let _ = client.batch_execute("set jit = off");
    Ok(client)
}

fn attempt(address: &ServerAddress, encryption: Encryption) -> std::result::Result<Client, postgres::Error> {
    let mut config = Config::new();
    for (host, port) in &address.hosts {
        if is_folder(host) {
            config.host_path(host)
        } else {
            config.host(host)
        };
        config.port(*port);
    }
    config.user(&address.user).dbname(&address.database).application_name(&address.application);
    if let Some(password) = &address.password {
        config.password(password);
    }
    if let Some(options) = &address.options {
        config.options(options);
    }
    config.connect_timeout(address.connect_timeout.map_or(CONNECT, Duration::from_secs));
    config.tcp_user_timeout(SILENCE).keepalives_idle(SILENCE / 2).keepalives_interval(SILENCE / 8);
    config.keepalives_retries(4);
    config.ssl_mode(match encryption {
        Encryption::Disable => SslMode::Disable,
        Encryption::Prefer => SslMode::Prefer,
        _ => SslMode::Require,
    });
    config.connect(tls::connector(address, encryption))
}
