//! A session on a server: one statement after the other. Who waits for one can leave: the server is asked to end it, and
//! where it does not even answer that, the connection is given up.

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Error, Row,
    error::SqlState,
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::checkpoint::{Cancel, LockNews};

/// Values of a statement with their types.
pub type Values<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// Who waits longer than this is told so: reading whose all rows are takes less at a hundred thousand records.
const TOLD: Duration = Duration::from_secs(1);
/// How soon a flag is seen.
const APART: Duration = Duration::from_millis(50);
/// A server that was asked to end a statement is waited for so long.
const ENDING: Duration = Duration::from_secs(1);
/// How long a server is told that the session is over.
const GOODBYE: Duration = Duration::from_millis(100);

/// A connection, and whatever moves its bytes.
pub struct Session {
    // Before the wire: that says goodbye when it is gone.
    client: Client,
    wire: Wire,
    encrypts: MakeRustlsConnect,
    /// A statement that takes longer has met a server that says nothing.
    limit: Duration,
    news: LockNews,
    has_ended: Cell<bool>,
}

/// What moves the bytes while somebody waits.
struct Wire {
    runtime: Runtime,
    driver: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        // It ends when it has told the server; one that does not listen is left.
        let _ = self.runtime.block_on(async { timeout(GOODBYE, &mut self.driver).await });
    }
}

/// Waits for `work`, and calls `between` some times a second: what that gives is the end of the waiting.
pub fn wait_for<T>(
    runtime: &Runtime,
    work: impl Future<Output = T>,
    news: &LockNews,
    mut between: impl FnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    let mut work = pin!(work);
    let end = loop {
        if let Ok(done) = runtime.block_on(async { timeout(APART, work.as_mut()).await }) {
            break done;
        }
        if begun.elapsed() > TOLD {
            news.waits();
        }
        if let Some(end) = between() {
            break end;
        }
    };
    news.goes_on();
    end
}

impl Session {
    /// Of a client whose connection `driver` moves on this runtime.
    pub fn new(
        client: Client,
        (runtime, driver): (Runtime, JoinHandle<()>),
        encrypts: MakeRustlsConnect,
        limit: Duration,
        news: LockNews,
    ) -> Self {
        Self { client, wire: Wire { runtime, driver }, encrypts, limit, news, has_ended: Cell::new(false) }
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether the server was asked to end a statement since this was asked before: that may meet the next one.
    pub fn take_ended(&self) -> bool {
        self.has_ended.take()
    }

    /// The rows of a statement, which `cancel` ends.
    ///
    /// # Errors
    /// As the server says; the connection is closed where it was given up.
    pub fn query(&self, sql: &str, values: Values<'_>, cancel: &Cancel) -> Result<Vec<Row>, Error> {
        self.wait(Some(cancel), self.client.query_typed(sql, values))
    }

    /// The number of rows that a statement changed.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub fn execute(&self, sql: &str, values: Values<'_>, cancel: &Cancel) -> Result<u64, Error> {
        self.wait(Some(cancel), self.client.execute_typed(sql, values))
    }

    /// Statements without values; `None` for what is not to be ended.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub fn batch(&self, sql: &str, cancel: Option<&Cancel>) -> Result<(), Error> {
        self.wait(cancel, self.client.batch_execute(sql))
    }

    fn wait<T>(
        &self,
        cancel: Option<&Cancel>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let mut asked = None::<Instant>;
        let done = wait_for(&self.wire.runtime, work, &self.news, || {
            if asked.is_none() && cancel.is_some_and(Cancel::is_cancelled) {
                asked = Some(Instant::now());
                self.has_ended.set(true);
                let (token, encrypts) = (self.client.cancel_token(), self.encrypts.clone());
                // Where that fails the connection is given up soon.
                self.wire.runtime.spawn(async move { token.cancel_query(encrypts).await });
            }
            let is_mute = asked.is_some_and(|asked| asked.elapsed() > ENDING) || begun.elapsed() > self.limit;
            if is_mute {
                // The statement then ends as on a closed connection.
                self.wire.driver.abort();
            }
            None
        });
        if let (Some(_), Err(error)) = (asked, &done)
            && error.code() == Some(&SqlState::QUERY_CANCELED)
        {
            // It met the statement that it was meant for.
            self.has_ended.set(false);
        }
        done
    }
}
