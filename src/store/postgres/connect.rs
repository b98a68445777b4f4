//! Making a connection, so that whoever waits can leave: a server that says nothing is given up.

use std::time::{Duration, Instant};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_postgres::{Client, Config, Error, config::SslMode};

use super::{
    address::{Encryption, ServerAddress},
    faults::{fault_of, silent, statement_time},
    session::{Session, wait_for},
    tls,
};
use crate::{
    checkpoint::{Cx, LockNews},
    error,
};

/// A server that does not answer at all is waited for so long.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection on which nothing comes through any more is given up after about so long.
const SILENCE: Duration = Duration::from_secs(20);

/// Why there is no connection.
pub enum NotConnected {
    /// By the server, or by the way to it.
    Said(Error),
    Else(error::Error),
}

impl NotConnected {
    pub fn told(self, address: &ServerAddress, patience: Duration) -> error::Error {
        match self {
            Self::Said(error) => fault_of(address, patience, &error),
            Self::Else(error) => error,
        }
    }
}

/// Connects. The crate's own limit ends with the server's system having taken the connection.
///
/// # Errors
/// What keeps it from being made.
pub fn connect(
    address: &ServerAddress,
    patience: Duration,
    news: &LockNews,
    cx: &Cx<'_>,
) -> Result<Session, NotConnected> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| NotConnected::Else(error::Error::io("a connection".as_ref())(error)))?;
    match set_up_on(&runtime, address, patience, news, cx) {
        Ok((client, driver)) => {
            // The server's own limit comes first, where the address sets none.
            let limit = address.statement_timeout().unwrap_or_else(|| statement_time(patience)) + SILENCE;
            let encrypts = tls::connector(address, address.encryption);
            Ok(Session::new(client, (runtime, driver), encrypts, limit, news.clone()))
        }
        Err(error) => {
            // The search for a host's address may hang.
            runtime.shutdown_background();
            Err(error)
        }
    }
}

fn set_up_on(
    runtime: &Runtime,
    address: &ServerAddress,
    patience: Duration,
    news: &LockNews,
    cx: &Cx<'_>,
) -> Result<(Client, JoinHandle<()>), NotConnected> {
    let limit = limit_of(address).saturating_mul(u32::try_from(address.hosts.len()).unwrap_or(1));
    let begun = Instant::now();
    let set_up = async { set_up(address, patience).await.map_err(NotConnected::Said) };
    wait_for(runtime, set_up, news, || match cx.still_wanted() {
        Err(cancelled) => Some(Err(NotConnected::Else(cancelled))),
        Ok(()) => (begun.elapsed() > limit).then(|| Err(NotConnected::Else(silent(address, limit)))),
    })
}

/// How long a host is waited for; 0 is for ever, as libpq has it.
fn limit_of(address: &ServerAddress) -> Duration {
    match address.connect_timeout {
        None => CONNECT,
        Some(0) => Duration::from_secs(u64::from(u32::MAX)),
        Some(seconds) => Duration::from_secs(seconds),
    }
}

async fn set_up(address: &ServerAddress, patience: Duration) -> Result<(Client, JoinHandle<()>), Error> {
    let connected = match attempt(address, address.encryption).await {
        // libpq tries again without, where it is only preferred.
        Err(error) if address.encryption == Encryption::Prefer && error.as_db_error().is_none() => {
            attempt(address, Encryption::Disable).await.map_err(|_| error)
        }
        connected => connected,
    };
    let (client, driver) = connected?;
    // None at all would be for ever.
    let (lock, statement) = (patience.as_millis().max(1), statement_time(patience).as_millis());
    let settings = format!(
        "set default_transaction_read_only = on; set lock_timeout = {lock}; \
         set idle_in_transaction_session_timeout = {statement}; set datestyle = 'ISO, YMD'; set extra_float_digits = 3; \
         set bytea_output = 'hex'; set client_min_messages = error"
    );
    client.batch_execute(&settings).await?;
    // What the address says of it counts.
    if address.statement_timeout().is_none() {
        client.batch_execute(&format!("set statement_timeout = {statement}")).await?;
    }
    // A server that does not know it does not do it either.
    let _ = client.batch_execute("set jit = off").await;
    Ok((client, driver))
}

async fn attempt(address: &ServerAddress, encryption: Encryption) -> Result<(Client, JoinHandle<()>), Error> {
    let mut config = Config::new();
    for (host, port) in &address.hosts {
        // One that begins with `/` is a folder of sockets, where there are such.
        config.host(host);
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
    let (client, connection) = config.connect(tls::connector(address, encryption)).await?;
    // What it ends with is said to the statement that meets it.
    let driver = tokio::spawn(async move { drop(connection.await) });
    Ok((client, driver))
}
