//! Making a connection: on a thread of its own, so that whoever waits can give up on a server that says nothing.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use postgres::{Client, Config, config::SslMode};

use super::{
    address::{Encryption, ServerAddress},
    faults::{fault_of, silent, statement_time},
    password_file::is_folder,
    tls,
};
use crate::{checkpoint::Cx, error::Error};

/// A server that does not answer at all is waited for so long.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection on which nothing comes through any more is given up after about so long.
const SILENCE: Duration = Duration::from_secs(20);
/// How soon a flag is seen.
const APART: Duration = Duration::from_millis(50);

/// Why there is no connection.
pub enum NotConnected {
    /// By the server, or by the way to it.
    Said(postgres::Error),
    Else(Error),
}

impl NotConnected {
    pub fn told(self, address: &ServerAddress, patience: Duration) -> Error {
        match self {
            Self::Said(error) => fault_of(address, patience, &error),
            Self::Else(error) => error,
        }
    }
}

/// Connects. The crate's own limit ends with the server's kernel having taken the connection.
///
/// # Errors
/// What keeps it from being made.
pub fn connect(address: &ServerAddress, patience: Duration, cx: &Cx<'_>) -> Result<Client, NotConnected> {
    let limit = limit_of(address).saturating_mul(u32::try_from(address.hosts.len()).unwrap_or(1));
    let begun = Instant::now();
    let (give, given) = mpsc::channel();
    let target = address.clone();
    let connects = move || {
        // Nobody may wait for it any more.
        let _ = give.send(set_up(&target, patience));
    };
    let thread = thread::Builder::new().name("connecting".into()).spawn(connects);
    thread.map_err(|error| NotConnected::Else(Error::io("thread".as_ref())(error)))?;
    loop {
        match given.recv_timeout(APART) {
            Ok(connected) => return connected.map_err(NotConnected::Said),
            Err(RecvTimeoutError::Timeout) => cx.still_wanted().map_err(NotConnected::Else)?,
            Err(RecvTimeoutError::Disconnected) => return Err(NotConnected::Else(silent(address, limit))),
        }
        if begun.elapsed() > limit {
            return Err(NotConnected::Else(silent(address, limit)));
        }
    }
}

/// How long a host is waited for; 0 is for ever, as libpq has it.
fn limit_of(address: &ServerAddress) -> Duration {
    match address.connect_timeout {
        None => CONNECT,
        Some(0) => Duration::from_secs(u64::from(u32::MAX)),
        Some(seconds) => Duration::from_secs(seconds),
    }
}

fn set_up(address: &ServerAddress, patience: Duration) -> Result<Client, postgres::Error> {
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

fn attempt(address: &ServerAddress, encryption: Encryption) -> Result<Client, postgres::Error> {
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
    config.connect_timeout(limit_of(address));
    config.tcp_user_timeout(SILENCE).keepalives_idle(SILENCE / 2).keepalives_interval(SILENCE / 8);
    config.keepalives_retries(4);
    config.ssl_mode(match encryption {
        Encryption::Disable => SslMode::Disable,
        Encryption::Prefer => SslMode::Prefer,
        _ => SslMode::Require,
    });
    config.connect(tls::connector(address, encryption))
}
