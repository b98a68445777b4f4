//! Data folders as the services see them: opened at a moment of the tests, and made with one long record.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::civil::{DateTime, date};
use rusqlite::Connection;
use tempfile::TempDir;

use ivorylens::{
    checkpoint::Cx,
    demo::{self, Plan},
    services::lab::{Clock, Lab},
    store::Options,
};

use super::memory;

/// Some hours after the newest record of the reference sets.
pub const NOON: DateTime = date(2026, 11, 24).at(12, 0, 0, 0);

/// No lock is waited for.
pub fn impatient() -> Options {
    Options { patience: Duration::ZERO, ..Options::without_cache() }
}

/// A clock that stands still.
pub fn stopped(now: DateTime) -> Clock {
    Arc::new(move || now)
}

/// The data folder as it is read at this time of the lab PC's clock.
pub fn lab(data: &Path, clock: Clock) -> Lab {
    lab_with(data, Options::without_cache(), clock)
}

/// In memory where that is wanted.
pub fn lab_with(data: &Path, options: Options, clock: Clock) -> Lab {
    memory::lab_where_wanted(&data.join("ivoryos.db"), options, clock).unwrap()
}

/// The folder's database as a server has it that waits for nobody.
pub fn server(data: &Path) -> Connection {
    let connection = Connection::open(data.join("ivoryos.db")).unwrap();
    connection.execute_batch("PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON").unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
}

/// A made data folder with one record that is much longer than the others.
pub struct Made {
    folder: TempDir,
    pub long: i64,
}

impl Made {
    /// So many records, and the long one's iterations and the steps of each.
    pub fn with_long(records: u32, long: (u32, u32)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::sized(records, 1..=3, 3, 7, NOON).with(|size| {
            size.deep = Some(long);
            size.logs = records;
        });
        demo::make(&plan, folder.path()).unwrap();
        let long = longest(folder.path());
        Self { folder, long }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("ivoryos.db")
    }

    pub fn lab(&self) -> Lab {
        lab(self.data(), stopped(NOON))
    }
}

/// The record with the most phases.
pub fn longest(data: &Path) -> i64 {
    let sql = "SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1";
    Connection::open(data.join("ivoryos.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// All work that is done while nobody asks; true for news.
pub fn rest(lab: &Lab) -> bool {
    let mut news = false;
    while lab.has_work() {
        let idle = lab.idle(&mut Cx::quiet()).unwrap();
        news |= idle.news;
        if idle.pause.is_none() {
            break;
        }
    }
    news
}
