//! All that knows PostgreSQL: connecting to the server that IvoryOS writes to, and the same questions as of a file.
//!
//! The session reads only; each question is one statement or a few, over in milliseconds, and no transaction stays open.

pub mod address;
mod beginning;
mod cells;
mod columns;
mod commits;
mod connect;
mod delete;
mod faults;
mod foreign_keys;
mod link;
mod list;
mod owner_walk;
mod owners;
mod password_file;
mod phases;
mod restore;
mod saved_cells;
mod saved_names;
mod saved_tables;
mod scans;
mod session;
mod settings;
mod source;
mod tls;
mod transaction;
mod uri;

use tokio_postgres::Row;

use crate::{checkpoint::Cx, error::Result, store::Options};
use address::ServerAddress;
use cells::ReadCell;
use columns::ServerColumns;
use commits::Commits;
pub use link::AskServerPassword;
use link::Link;
use owners::Owners;
use session::Values;

/// A database of IvoryOS's on a server.
pub struct PgStore {
    link: Link,
    columns: ServerColumns,
    options: Options,
    owners: Owners,
    commits: Commits,
}

impl PgStore {
    /// Connects, and looks whether the database is IvoryOS's.
    ///
    /// # Errors
    /// [`crate::error::Error::Open`] for everything that keeps it from being opened.
    pub fn open(
        address: ServerAddress,
        options: Options,
        ask: AskServerPassword<'_>,
        cx: &Cx<'_>,
    ) -> Result<Self> {
        let link = Link::open(address, &options, ask, cx)?;
        let columns = ServerColumns::look(&link, cx)?;
        Ok(Self { link, columns, options, owners: Owners::default(), commits: Commits::default() })
    }

    /// What a statement gives, row by row as `read` reads it.
    fn rows<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        cx: &Cx<'_>,
        read: impl FnMut(&Row) -> ReadCell<T>,
    ) -> Result<Vec<T>> {
        let rows = self.link.query(sql, values, cx)?;
        rows.iter().map(read).collect::<ReadCell<_>>().map_err(|error| self.link.fault(&error))
    }

    /// The same where nothing is made of the rows.
    fn each(
        &self,
        sql: &str,
        values: Values<'_>,
        cx: &Cx<'_>,
        see: impl FnMut(&Row) -> ReadCell<()>,
    ) -> Result<()> {
        let rows = self.link.query(sql, values, cx)?;
        rows.iter().try_for_each(see).map_err(|error| self.link.fault(&error))
    }
}
