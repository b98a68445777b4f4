//! Finding a data folder and opening its file, with every way this can fail told apart before a screen is drawn.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    Limits, Store,
    columns::KnownColumns,
    file_identity::{Identity, place},
    index::Keep,
    lock_wait::{Current, end_when_cancelled, wait_for_locks},
    sql_error,
};
use crate::{
    checkpoint::{Cancel, Cx},
    error::{Error, Result},
};

/// How a file is to be opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for a lock of the lab's.
    pub patience: Duration,
    /// How much is read or deleted at a time.
    pub limits: Limits,
    /// Where the index and the catalogue are kept for the next start.
    pub cache: Cache,
}

impl Default for Options {
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), limits: Limits::default(), cache: Cache::User }
    }
}

impl Options {
    /// As by default, but nothing is read from the user's cache folder or left there.
    pub fn without_cache() -> Self {
        Self { cache: Cache::Nowhere, ..Self::default() }
    }

    /// Tiny limits and no cache, for tests.
    pub fn tiny() -> Self {
        Self { limits: Limits::tiny(), ..Self::without_cache() }
    }
}

/// The folder of the cache files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// The user's own: `$XDG_CACHE_HOME`, else `~/.cache`.
    User,
    /// This one, with a folder of our name in it.
    Within(PathBuf),
    /// Nothing is kept.
    Nowhere,
}

/// The database that a path means: an `ivoryos_data` folder, a folder that has one, or a `.db` file. Without a
/// path: here, then each parent folder.
pub fn find(path: Option<&Path>) -> Result<PathBuf> {
    let Some(path) = path else {
        let here = std::env::current_dir().map_err(Error::io(Path::new(".")))?;
        let reason = "no ivoryos_data/ or ivoryos.db here or in a parent folder";
        let advice = "name the data folder: ivorylens PATH, or set IVORYLENS_DATA";
        return here.ancestors().find_map(in_folder).ok_or_else(|| Error::open(&here, reason, advice));
    };
    let refuse = |reason: &str, advice: &str| Error::open(path, reason, advice);
    let about = std::fs::metadata(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => refuse("there is no such file or folder", "check the path"),
        std::io::ErrorKind::PermissionDenied => {
            refuse("no permission to look there", "ask the lab PC's administrator for read access")
        }
        std::io::ErrorKind::NotADirectory => {
            refuse("a part of this path is a file, not a folder", "check the path")
        }
        _ => Error::Io { path: path.to_path_buf(), source: e },
    })?;
    if !about.is_dir() {
        return Ok(path.to_path_buf());
    }
    match in_folder(path) {
        Some(found) => Ok(found),
        None if std::fs::read_dir(path).is_err() => Err(refuse(
            "no permission to look into this folder",
            "ask the lab PC's administrator for read access",
        )),
        None => Err(refuse("no ivoryos.db in this folder", "name an ivoryos_data folder or a .db file")),
    }
}

fn in_folder(folder: &Path) -> Option<PathBuf> {
    [folder.join("ivoryos_data").join("ivoryos.db"), folder.join("ivoryos.db")]
        .into_iter()
        .find(|p| p.is_file())
}

impl Store {
    /// Opens a file read-only.
    ///
    /// # Errors
    /// One line each for: not a file, no permission, empty, not SQLite, not IvoryOS's, locked, damaged, hot journal,
    /// a WAL file whose side files are missing.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        Self::open_for(path, options, &Cx::quiet())
    }

    /// The same for work that may be taken back meanwhile.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn open_for(path: &Path, options: Options, cx: &Cx<'_>) -> Result<Self> {
        look_at_header(path)?;
        let store = Self::connect(path, options, OpenFlags::SQLITE_OPEN_READ_ONLY, cx)?;
        store.index.borrow_mut().keep = Keep::of(path, &store.options.cache);
        Ok(store)
    }

    /// Opens a private copy, where rolling back a cut-short commit may write.
    pub(super) fn open_copy(path: &Path, options: Options, cx: &Cx<'_>) -> Result<Self> {
        Self::connect(path, options, OpenFlags::SQLITE_OPEN_READ_WRITE, cx)
    }

    fn connect(path: &Path, options: Options, access: OpenFlags, cx: &Cx<'_>) -> Result<Self> {
        let patience = options.patience;
        // A wait for a lock that was ended reads as one in vain.
        let error = |e| cx.still_wanted().err().unwrap_or_else(|| sql_error(path, patience, e));
        let place = place(path);
        let mut connection =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(error)?;
        let current = Current::default();
        current.set(cx.cancel().clone());
        wait_for_locks(&mut connection, patience, &current).map_err(error)?;
        end_when_cancelled(&mut connection, &current).map_err(error)?;
        // The bundled SQLite has foreign keys on by default, Python's has them off.
        connection.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF;").map_err(error)?;
        let columns = KnownColumns::look(&connection)
            .map_err(error)?
            .map_err(|reason| Error::open(path, reason, NAME_THE_DATABASE))?;
        let identity = Identity::of(place, &connection).map_err(error)?;
        connection.execute_batch("PRAGMA query_only=ON").map_err(error)?;
        connection.set_prepared_statement_cache_capacity(64);
        let store = Self {
            connection,
            path: path.to_path_buf(),
            columns,
            options,
            seen: Cell::new(-1),
            index: RefCell::default(),
            current,
            identity,
        };
        store.touch_tables()?;
        store.seen.set(store.data_version()?);
        store.current.set(Cancel::default());
        Ok(store)
    }

    /// Reads one row at each end of each table: damage that would show on the first screen shows now.
    fn touch_tables(&self) -> Result<()> {
        let tables =
            if self.columns.has_phases { &["runs", "phases", "steps"][..] } else { &["runs", "steps"] };
        for table in tables {
            let sql = format!(
                "SELECT (SELECT min(id) FROM workflow_{table}), (SELECT max(id) FROM workflow_{table})"
            );
            self.connection.query_row(&sql, [], |_| Ok(())).map_err(|e| self.error(e))?;
        }
        Ok(())
    }
}

/// What is said of a file that holds something else, and of any that is not IvoryOS's.
pub(super) const NOT_SQLITE: &str = "this is not a SQLite file";
pub(super) const NAME_THE_DATABASE: &str = "name IvoryOS's ivoryos.db or its folder";

/// What the first 100 bytes tell without SQLite.
fn look_at_header(path: &Path) -> Result<()> {
    let refuse = |reason: &str, advice: &str| Err(Error::open(path, reason, advice));
    let not_sqlite = || refuse(NOT_SQLITE, NAME_THE_DATABASE);
    match std::fs::metadata(path) {
        Ok(about) if !about.is_file() => {
            return refuse("this is not a file", "name an ivoryos_data folder or a .db file");
        }
        Ok(about) if about.len() == 0 => {
            return refuse("this file is empty", "start IvoryOS once so that it makes its tables");
        }
        _ => {}
    }
    let mut head = [0_u8; 100];
    let read = File::open(path).and_then(|mut f| f.read_exact(&mut head));
    if let Err(e) = read {
        return match e.kind() {
            std::io::ErrorKind::PermissionDenied => {
                refuse("no permission to read this file", "ask the lab PC's administrator for read access")
            }
            std::io::ErrorKind::NotFound => refuse("there is no such file", "check the path"),
            std::io::ErrorKind::UnexpectedEof => not_sqlite(),
            _ => Err(Error::Io { path: path.to_path_buf(), source: e }),
        };
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return not_sqlite();
    }
    // Bytes 18 and 19 are 2 for a WAL file (sqlite.org/fileformat2.html).
    let is_wal = head.get(18..20) == Some(&[2, 2]);
    if is_wal && !(beside(path, "-wal").exists() && beside(path, "-shm").exists()) {
        return refuse(
            "it is in WAL mode and its -wal and -shm files are not there; reading it in place would create them \
             under your name",
            "start IvoryOS, or give --copy to look at a private copy",
        );
    }
    Ok(())
}

/// The file with this ending behind its whole name: `ivoryos.db-journal`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
