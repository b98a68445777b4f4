//! What a server or the way to it says, in plain words with what to do.

use std::{error::Error as _, path::PathBuf, time::Duration};

use super::address::ServerAddress;
use crate::error::Error;

/// A statement that takes so long takes too long.
const STATEMENT: Duration = Duration::from_secs(30);

/// How long a statement may take, beside a patience with locks.
pub fn statement_time(patience: Duration) -> Duration {
    STATEMENT.max(patience)
}

/// The error for what the server says, or for what happened on the way.
pub fn fault_of(address: &ServerAddress, patience: Duration, error: &tokio_postgres::Error) -> Error {
    let path = PathBuf::from(address.shown());
    let open =
        |reason: String, advice: &str| Error::Open { path: path.clone(), reason, advice: advice.to_owned() };
    let user = &address.user;
    let Some(said) = error.as_db_error() else { return unsaid(error, open) };
    let message = said.message();
    match said.code().code() {
        // What took too long, or waited for a lock.
        "57014" => {
            let limit = address.statement_timeout().unwrap_or_else(|| statement_time(patience));
            Error::Busy { path, seconds: limit.as_secs() }
        }
        "55P03" | "40P01" | "40001" => Error::Busy { path, seconds: patience.as_secs() },
        "28P01" => open(
            format!("the server refuses user {user}: the password is wrong"),
            "correct it in ~/.pgpass or PGPASSFILE, or leave it away to be asked",
        ),
        "28000" => open(
            format!("the server lets user {user} in from nowhere or not from here ({message})"),
            "ask the administrator for a line in the server's pg_hba.conf",
        ),
        "3D000" => {
            open(format!("the server has no database {}", address.database), "psql -l shows those there are")
        }
        "53300" => open(
            "all connections of the server are taken".to_owned(),
            "close other programs, or ask the administrator to raise max_connections",
        ),
        "57P01" | "57P02" | "57P03" => {
            open(format!("the server is stopping or starting ({message})"), "try again in a moment")
        }
        "42501" => open(
            format!("user {user} may not do that ({message})"),
            "ask the administrator for the right to it",
        ),
        "25006" => open(
            "the server takes no changes: it is a standby, or read only".to_owned(),
            "name the main server; nothing was changed",
        ),
        _ => open(format!("the server says: {message}"), "look into the server's log"),
    }
}

/// The error for a server that takes a connection, or not even that, and says nothing.
pub fn silent(address: &ServerAddress, limit: Duration) -> Error {
    Error::Open {
        path: PathBuf::from(address.shown()),
        reason: format!("the server does not answer within {} s", limit.as_secs()),
        advice: "check host and port, and whether the server runs".to_owned(),
    }
}

fn unsaid(error: &tokio_postgres::Error, open: impl Fn(String, &str) -> Error) -> Error {
    if wants_password(error) {
        return open(
            "the server wants a password".to_owned(),
            "put it into ~/.pgpass (mode 0600), name a file with PGPASSFILE, or start in a terminal to be asked",
        );
    }
    let mut why = error.source();
    while let Some(deeper) = why.and_then(|why| why.source()) {
        why = Some(deeper);
    }
    let why = why.map_or_else(|| error.to_string(), ToString::to_string);
    if error.is_closed() || why.contains("closed") {
        return open("the connection to the server was lost".to_owned(), "see whether it runs");
    }
    if error.to_string().contains("TLS") {
        return open(format!("no encrypted connection came about ({why})"), "check sslmode and sslrootcert");
    }
    open(format!("the server can't be reached ({why})"), "check host and port, and whether the server runs")
}

/// The server wants a password, and none is known.
pub fn wants_password(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|source| source.to_string().contains("password missing"))
}
