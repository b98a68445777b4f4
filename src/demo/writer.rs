//! Writes IvoryOS 1.7.2's tables quickly: plain inserts, large transactions, the journal off only while making.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::error::{Error, Result};

const TABLES: [&str; 6] = [
    "CREATE TABLE single_steps (\n\tid INTEGER NOT NULL, \n\tmethod_name VARCHAR(128) NOT NULL, \n\tkwargs TEXT NOT NULL, \n\tstart_time DATETIME, \n\tend_time DATETIME, \n\trun_error VARCHAR(128), \n\toutput TEXT, \n\tPRIMARY KEY (id)\n)",
    "CREATE TABLE script (\n\tname VARCHAR(50) NOT NULL, \n\tdeck VARCHAR(50), \n\tstatus VARCHAR(50), \n\tscript_dict TEXT, \n\ttime_created VARCHAR(50), \n\tlast_modified VARCHAR(50), \n\tid_order TEXT, \n\tediting_type VARCHAR(50), \n\tauthor VARCHAR(50) NOT NULL, \n\tdescription VARCHAR(255), \n\tregistered BOOLEAN, \n\treturn_values TEXT, \n\tuuid VARCHAR(36), \n\tPRIMARY KEY (name), \n\tUNIQUE (name), \n\tUNIQUE (uuid)\n)",
    "CREATE TABLE user (\n\tusername VARCHAR(50) NOT NULL, \n\t\"hashPassword\" VARCHAR(255), \n\tsettings TEXT, \n\tPRIMARY KEY (username), \n\tUNIQUE (username)\n)",
    "CREATE TABLE workflow_runs (\n\tid INTEGER NOT NULL, \n\tname VARCHAR(128) NOT NULL, \n\tplatform VARCHAR(128) NOT NULL, \n\tstart_time DATETIME, \n\tend_time DATETIME, \n\tdata_path VARCHAR(256), \n\trepeat_mode VARCHAR(64), \n\tstatus VARCHAR(32), \n\tevents TEXT, \n\tsubmitted_by VARCHAR(50), \n\tPRIMARY KEY (id)\n)",
    "CREATE TABLE workflow_phases (\n\tid INTEGER NOT NULL, \n\trun_id INTEGER NOT NULL, \n\tname VARCHAR(64) NOT NULL, \n\trepeat_index INTEGER, \n\tparameters TEXT, \n\toutputs TEXT, \n\tstatus VARCHAR(32), \n\terror TEXT, \n\tstart_time DATETIME, \n\tend_time DATETIME, \n\tPRIMARY KEY (id), \n\tFOREIGN KEY(run_id) REFERENCES workflow_runs (id) ON DELETE CASCADE\n)",
    "CREATE TABLE workflow_steps (\n\tid INTEGER NOT NULL, \n\tphase_id INTEGER, \n\tstep_index INTEGER, \n\tmethod_name VARCHAR(128) NOT NULL, \n\tstart_time DATETIME, \n\tend_time DATETIME, \n\trun_error BOOLEAN, \n\toutput TEXT, \n\tPRIMARY KEY (id), \n\tFOREIGN KEY(phase_id) REFERENCES workflow_phases (id) ON DELETE CASCADE\n)",
];

/// Rows between two commits.
const ROWS_A_COMMIT: u64 = 50_000;

/// A row of `workflow_runs` to write; times are text.
#[derive(Default)]
pub struct RunInsert<'a> {
    pub name: &'a str,
    pub platform: &'a str,
    pub start: &'a str,
    pub end: Option<&'a str>,
    pub data_path: Option<&'a str>,
    pub mode: &'a str,
    pub status: Option<&'a str>,
    pub events: Option<&'a str>,
    pub user: Option<&'a str>,
}

/// A row of `workflow_phases` to write.
#[derive(Default)]
pub struct PhaseInsert<'a> {
    pub name: &'a str,
    pub index: i64,
    pub parameters: Option<&'a str>,
    pub outputs: Option<&'a str>,
    pub status: Option<&'a str>,
    pub error: Option<&'a str>,
    pub start: &'a str,
    pub end: Option<&'a str>,
}

/// A row of `workflow_steps` to write.
pub struct StepRow<'a> {
    pub index: i64,
    pub method: &'a str,
    pub start: &'a str,
    pub end: Option<&'a str>,
    pub failed: bool,
    pub output: &'a str,
}

/// A database being made. Ids count up from 1 in the order in which rows come.
pub struct Writer {
    db: Connection,
    path: PathBuf,
    pub runs: i64,
    pub phases: i64,
    pub steps: i64,
    uncommitted: u64,
}

impl Writer {
    /// Makes the file and its tables; fails where there is one already.
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Err(Error::File { path: path.into(), reason: "is there already".into() });
        }
        let sql = |source: rusqlite::Error| Error::Sql { path: path.into(), source: source.into() };
        let db = Connection::open(path).map_err(sql)?;
        db.execute_batch(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-65536; BEGIN",
        )
        .map_err(sql)?;
        for table in TABLES {
            db.execute_batch(table).map_err(sql)?;
        }
        Ok(Self { db, path: path.into(), runs: 0, phases: 0, steps: 0, uncommitted: 0 })
    }

    /// Adds a run and gives its id. Its phases may come before or after it.
    pub fn run(&mut self, row: &RunInsert<'_>) -> Result<i64> {
        self.runs += 1;
        let id = self.runs;
        self.insert(
            "INSERT INTO workflow_runs VALUES (?,?,?,?,?,?,?,?,?,?)",
            params![
                id,
                row.name,
                row.platform,
                row.start,
                row.end,
                row.data_path,
                row.mode,
                row.status,
                row.events,
                row.user
            ],
        )?;
        Ok(id)
    }

    /// Adds a phase of the run `run_id`; the steps that follow are this phase's.
    pub fn phase(&mut self, run_id: i64, row: &PhaseInsert<'_>) -> Result<i64> {
        self.phases += 1;
        let id = self.phases;
        self.insert(
            "INSERT INTO workflow_phases VALUES (?,?,?,?,?,?,?,?,?,?)",
            params![
                id,
                run_id,
                row.name,
                row.index,
                row.parameters,
                row.outputs,
                row.status,
                row.error,
                row.start,
                row.end
            ],
        )?;
        Ok(id)
    }

    /// Adds a step of the phase `phase_id`.
    pub fn step(&mut self, phase_id: i64, row: &StepRow<'_>) -> Result<()> {
        self.steps += 1;
        let id = self.steps;
        self.insert(
            "INSERT INTO workflow_steps VALUES (?,?,?,?,?,?,?,?)",
            params![
                id,
                phase_id,
                row.index,
                row.method,
                row.start,
                row.end,
                i64::from(row.failed),
                row.output
            ],
        )
    }

    /// Adds a row to any table; `sql` is kept prepared.
    pub fn insert(&mut self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        let done = self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        done.map_err(|source| self.error(source))?;
        self.uncommitted += 1;
        if self.uncommitted >= ROWS_A_COMMIT {
            self.uncommitted = 0;
            self.db.execute_batch("COMMIT; BEGIN").map_err(|source| self.error(source))?;
        }
        Ok(())
    }

    /// Commits, and leaves an ordinary rollback-journal database.
    pub fn finish(self) -> Result<()> {
        self.db.execute_batch("COMMIT; PRAGMA journal_mode=DELETE").map_err(|source| self.error(source))?;
        let path = self.path;
        self.db.close().map_err(|(_, source)| Error::Sql { path, source: source.into() })
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        Error::Sql { path: self.path.clone(), source: source.into() }
    }
}
