//! Finding a data folder and opening its file, with every way this can fail told apart before a screen is drawn.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rusqlite::OpenFlags;

use super::{
    Options, Store,
    columns::{KnownColumns, NAME_THE_DATABASE, NEXT_GEN, NOT_YET},
    file_identity::Identity,
    index::Keep,
    lock_wait::{Current, wait_for_locks},
    probe::Probe,
    read_connection::{ReadConnection, connect, only_read, refuse_wal_alone},
    side_files, sql_error,
};
use crate::{
    checkpoint::{Cancel, Cx},
    error::{Error, Result},
    platform::files::{identity, identity_at, read_exact_at},
    regular_file,
};

/// The database that a path means: an `ivoryos_data` folder, a folder that has one, or a `.db` file. Without a
/// path: here, then each parent folder.
pub fn find(path: Option<&Path>) -> Result<PathBuf> {
    let Some(path) = path else {
        let here = std::env::current_dir().map_err(Error::io(Path::new(".")))?;
        let reason = "no ivoryos_data/ or ivoryos.db here or in a parent folder";
        let advice = "name the data folder: ivorylens PATH, or set IVORYLENS_DATA";
        // A folder above that nobody may look into has nothing to do with us.
        let near = here.ancestors().find_map(|folder| in_folder(folder).ok().flatten());
        return near.ok_or_else(|| Error::open(&here, reason, advice));
    };
    let refuse = |reason: &str, advice: &str| Error::open(path, reason, advice);
    let about = std::fs::metadata(path).map_err(|e| address(path).unwrap_or_else(|| cant_look(path, e)))?;
    if !about.is_dir() {
        return Ok(path.to_path_buf());
    }
    match in_folder(path)? {
        Some(found) => Ok(found),
        None => {
            std::fs::read_dir(path).map_err(|e| cant_look(path, e))?;
            if path.join("ivoryos_edge.db").exists() {
                return Err(refuse(NEXT_GEN, NOT_YET));
            }
            Err(refuse("no ivoryos.db in this folder", "name an ivoryos_data folder or a .db file"))
        }
    }
}

/// What is said of an address in the place of a path; the password that may stand in it is not repeated.
fn address(path: &Path) -> Option<Error> {
    let (scheme, rest) = path.to_str()?.split_once("://").or_else(|| path.to_str()?.split_once(":/"))?;
    let rest = rest.trim_start_matches('/');
    let kind = scheme.split('+').next().unwrap_or_default().to_lowercase();
    if kind == "sqlite" || kind == "file" {
        let reason = "this is an address, not a path";
        return Some(Error::open(
            path,
            reason,
            "give the path of the database alone, without what stands in front",
        ));
    }
    let what = match kind.as_str() {
        "postgresql" | "postgres" => "this is the address of a PostgreSQL database",
        "mysql" | "mariadb" => "this is the address of a MySQL database",
        "http" | "https" => "this is the address of a web page",
        _ => return None,
    };
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let shown = format!("{scheme}://{place}");
    let advice = match kind.as_str() {
        "http" | "https" => "name the data folder of that server on the lab PC",
        "postgresql" | "postgres" => "give it behind --db",
        _ => NOT_YET,
    };
    Some(Error::open(Path::new(&shown), what, advice))
}

/// The database of a folder. What is there and can't be looked at is not taken for missing, nor is a pipe for a database.
fn in_folder(folder: &Path) -> Result<Option<PathBuf>> {
    let mut unseen = None;
    for path in [folder.join("ivoryos_data").join("ivoryos.db"), folder.join("ivoryos.db")] {
        match std::fs::metadata(&path) {
            Ok(about) if about.is_dir() => {}
            Ok(_) => return Ok(Some(path)),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(e) => unseen = unseen.or(Some(cant_look(&path, e))),
        }
    }
    unseen.map_or(Ok(None), Err)
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
    /// As [`Store::open`]; also [`Error::Cancelled`].
    pub fn open_for(path: &Path, options: Options, cx: &Cx<'_>) -> Result<Self> {
        let file = look_at_header(path)?;
        let lock_news = options.lock_news.clone();
        let opened = Self::connect(path, Some(file), options, OpenFlags::SQLITE_OPEN_READ_ONLY, cx);
        lock_news.goes_on();
        let store = opened?;
        store.index.borrow_mut().keep = Keep::of(path, &store.options.cache);
        Ok(store)
    }

    /// Opens a private copy, where rolling back a cut-short commit may write.
    pub(super) fn open_copy(path: &Path, of: &Path, options: Options, cx: &Cx<'_>) -> Result<Self> {
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut store =
            Self::connect(path, None, options, access, cx).map_err(|error| error.about(path, of))?;
        store.copy_of = Some(of.to_path_buf());
        Ok(store)
    }

    fn connect(
        path: &Path,
        file: Option<File>,
        options: Options,
        access: OpenFlags,
        cx: &Cx<'_>,
    ) -> Result<Self> {
        let patience = options.patience;
        let opening = options.opening.unwrap_or(patience);
        let cancel = cx.cancel().clone();
        let current = Current::new(cancel, opening, options.limits.told_wait, options.lock_news.clone());
        let probe = Probe::of(&current);
        // A wait for a lock that was ended reads as one in vain.
        let error = |e| cx.still_wanted().err().unwrap_or_else(|| sql_error(path, patience, &probe, e));
        let place = match &file {
            Some(file) => identity(file).ok(),
            None => identity_at(path).ok(),
        };
        let connection = connect(path, access, &current).map_err(error)?;
        let columns = KnownColumns::look(&connection)
            .map_err(error)?
            .map_err(|(reason, advice)| Error::open(path, reason, advice))?;
        let identity = Identity::of(place, &connection).map_err(error)?;
        only_read(&connection).map_err(error)?;
        let mut store = Self {
            connection: ReadConnection::new(connection, file),
            path: path.to_path_buf(),
            copy_of: None,
            columns,
            options,
            seen: Cell::new(-1),
            is_damaged: Cell::new(false),
            index: RefCell::default(),
            current,
            identity,
            probe,
        };
        store.touch_tables()?;
        store.seen.set(store.data_version()?);
        store.current = store.current.with_patience(patience);
        let set = store.connection.settable().map(|connection| wait_for_locks(connection, &store.current));
        set.unwrap_or(Ok(())).map_err(|e| store.error(e))?;
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
            self.lent()?.query_row(&sql, [], |_| Ok(())).map_err(|e| self.error(e))?;
        }
        Ok(())
    }
}

/// What is said of a file that holds something else.
pub(super) const NOT_SQLITE: &str = "this is not a SQLite file";

/// What the first 100 bytes tell without SQLite; gives the opened file.
fn look_at_header(path: &Path) -> Result<File> {
    let refuse = |reason: &str, advice: &str| Err(Error::open(path, reason, advice));
    let not_sqlite = || refuse(NOT_SQLITE, NAME_THE_DATABASE);
    let about = std::fs::metadata(path).map_err(|e| cant_look(path, e))?;
    if !about.is_file() {
        return refuse("this is not a file", "name an ivoryos_data folder or a .db file");
    }
    if about.len() == 0 {
        return refuse("this file is empty", "start IvoryOS once so that it makes its tables");
    }
    let mut head = [0_u8; 100];
    let file =
        match regular_file::open(path).and_then(|file| read_exact_at(&file, &mut head, 0).map(|()| file)) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return not_sqlite(),
            read => read.map_err(|e| cant_look(path, e))?,
        };
    if !head.starts_with(b"SQLite format 3\0") {
        return not_sqlite();
    }
    side_files::refuse_odd(path).map_err(|(path, source)| Error::Io { path, source })?;
    refuse_wal_alone(&file, path)?;
    Ok(file)
}

/// Why a path can't be looked at.
fn cant_look(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound => Error::open(path, "there is no such file or folder", "check the path"),
        io::ErrorKind::PermissionDenied => {
            Error::open(path, "no permission to read it", "ask the lab PC's administrator for read access")
        }
        _ => Error::Io { path: path.to_path_buf(), source },
    }
}
