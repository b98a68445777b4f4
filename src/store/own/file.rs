//! Opening ivorylens.db: made where it is not there, read only where a newer program wrote it, set aside where it is damaged.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    damaged::{is_damage, notice_of, notice_of_empty, set_aside},
    own_words::{OwnUse, failed, is_busy, newer, no_file, reason, unwritable, was_damaged},
    places::{OwnPlace, OwnPlaces, identity},
};
use crate::{
    error::{Error, Result},
    model::record_key::RecordKey,
    platform::{
        files::{FileIdentity, for_user_alone, make_private_folders},
        shared_folder::make_shared_file,
    },
};

/// The version of the tables: 1 had no marks.
const VERSION: i64 = 2;
/// The first one with marks.
pub(super) const WITH_MARKS: i64 = 2;

const TABLES: &str = "
    CREATE TABLE lab(path BLOB NOT NULL, first_run INTEGER, first_start TEXT, first_name TEXT);
    CREATE TABLE batches(batch INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE TABLE trash(n INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, run INTEGER NOT NULL,
        name TEXT NOT NULL, start TEXT NOT NULL, deleted_at TEXT NOT NULL, deleted_by TEXT NOT NULL,
        phases INTEGER NOT NULL, steps INTEGER NOT NULL, bytes INTEGER NOT NULL, state INTEGER NOT NULL,
        saved_tables TEXT NOT NULL, new_ids TEXT);
    CREATE TABLE trash_rows(n INTEGER NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL,
        UNIQUE(n, seq));
    CREATE TABLE trash_files(n INTEGER NOT NULL, path BLOB NOT NULL, kept TEXT NOT NULL, bytes INTEGER NOT NULL,
        UNIQUE(n, kept));";

/// What came with marks. Of records that somebody opened only those behind the place up to which all are read are kept.
const MARK_TABLES: &str = "
    CREATE TABLE marks(run INTEGER NOT NULL, start TEXT NOT NULL, name TEXT NOT NULL, star INTEGER NOT NULL, verdict TEXT,
        tags TEXT NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY(run, start, name)) WITHOUT ROWID;
    CREATE TABLE read_up_to(run INTEGER NOT NULL, start TEXT NOT NULL);
    CREATE TABLE opened(run INTEGER NOT NULL, start TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY(run, start, name)) WITHOUT ROWID;";

/// How long a look at the marks waits, at most: they are shown beside what is there without them.
const MARKS_PATIENCE: Duration = Duration::from_secs(5);

/// How often a file is opened that others take away and make again.
const TRIES: usize = 5;

/// Whoever has just made the file has not written anything yet.
const NEW: Duration = Duration::from_secs(10);

/// The opened file.
#[derive(Debug)]
pub struct OwnFile {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// What for it was opened.
    pub(super) about: OwnUse,
    /// What the user is to be told about it.
    notice: Option<String>,
    version: i64,
    is_shared: bool,
    /// Which file it is, and both places where it was chosen between them: it may be another one when it is written.
    identity: Option<FileIdentity>,
    chosen: Option<OwnPlaces>,
    pub(super) patience: Duration,
}

impl OwnFile {
    /// Opens the file in which this user writes now: the shared one, or their own.
    ///
    /// # Errors
    /// As [`OwnFile::open`]; [`Error::OwnMoved`] where that changes meanwhile.
    pub fn open_now(places: &OwnPlaces, first: &RecordKey, about: OwnUse) -> Result<Self> {
        let place = places.to_write();
        if !place.is_shared {
            Self::make_folder(place, about)?;
        }
        let opened = Self::open(place, first, about)?;
        Ok(Self { chosen: Some(places.clone()), ..opened })
    }

    /// Opens it to write in it.
    ///
    /// # Errors
    /// [`Error::Advised`] where it can't be written, and where a newer program wrote it; [`Error::OwnBusy`].
    pub fn open(place: &OwnPlace, first: &RecordKey, about: OwnUse) -> Result<Self> {
        let opened = Self::made(place, first, about)?;
        if opened.version > VERSION {
            return Err(newer(&opened.path, about));
        }
        Ok(opened)
    }

    /// Makes the folder that it is in, for its user alone.
    ///
    /// # Errors
    /// [`Error::Advised`] where it can't be made.
    pub fn make_folder(place: &OwnPlace, about: OwnUse) -> Result<()> {
        let folder = place.folder();
        make_private_folders(folder).map_err(|error| no_file(folder, &error, about))
    }

    /// Makes the shared file, where its folder is and it is not, and opens it.
    ///
    /// # Errors
    /// As [`OwnFile::open`].
    pub fn make_shared(place: &OwnPlace, first: &RecordKey, about: OwnUse) -> Result<Self> {
        make_shared_file(&place.file).map_err(|error| no_file(&place.file, &error, about))?;
        Self::open(place, first, about)
    }

    fn made(place: &OwnPlace, first: &RecordKey, about: OwnUse) -> Result<Self> {
        let path = &place.file;
        refuse_dangling(path, about)?;
        let was_empty = is_emptied(path);
        let mut aside = None;
        for attempt in 0..TRIES {
            let was = identity(path);
            let is_there =
                if place.is_shared { again_shared(place, aside.is_some()) } else { make_own(path) };
            is_there.map_err(|error| no_file(path, &error, about))?;
            if place.is_shared && path.symlink_metadata().is_err() {
                return Err(Error::OwnMoved { path: path.clone() });
            }
            if path.is_dir() {
                return Err(no_file(path, &ErrorKind::IsADirectory.into(), about));
            }
            match connect(place, true).and_then(|connection| tables(connection, place, first)) {
                Ok((connection, version)) => {
                    let emptied = || was_empty.then(|| notice_of_empty(path));
                    let notice = aside.as_deref().map(|aside| notice_of(path, aside)).or_else(emptied);
                    let identity = identity(path);
                    if was.is_some() && aside.is_none() && was != identity {
                        return Err(Error::OwnMoved { path: path.clone() });
                    }
                    let opened = Self::of(connection, place, about, notice, version);
                    return Ok(Self { identity, ..opened });
                }
                Err(error) if is_damage(&error) && aside.is_none() => {
                    aside = Some(set_aside(path).map_err(|error| no_file(path, &error, about))?);
                }
                Err(_) if place.is_shared && path.symlink_metadata().is_err() => {
                    return Err(Error::OwnMoved { path: path.clone() });
                }
                // It was taken away while it was opened, and another one is there already.
                Err(error) if place.is_shared && attempt + 1 < TRIES && is_of_a_gone_file(&error) => {}
                Err(error) => return Err(failed(path, &error, about, place.patience)),
            }
        }
        Err(unwritable(path, "it is damaged", about))
    }

    fn of(
        connection: Connection,
        place: &OwnPlace,
        about: OwnUse,
        notice: Option<String>,
        version: i64,
    ) -> Self {
        let (path, is_shared, patience) = (place.file.clone(), place.is_shared, place.patience);
        let (identity, chosen) = (None, None);
        Self { connection, path, about, notice, version, is_shared, identity, chosen, patience }
    }

    /// Opens it to look at it; `None` where there is none, or nothing in it yet.
    ///
    /// # Errors
    /// [`Error::File`] where it can't be read.
    pub fn look(place: &OwnPlace, about: OwnUse) -> Result<Option<Self>> {
        let path = &place.file;
        if dangles(path) {
            return Err(Error::File { path: path.clone(), reason: dangling_words(path, about) });
        }
        if !path.try_exists().map_err(Error::io(path))? {
            return Ok(None);
        }
        if path.is_dir() {
            return Err(Error::io(path)(ErrorKind::IsADirectory.into()));
        }
        if is_emptied(path) {
            let what = about.what();
            let reason =
                format!("{what} can't be read: it is empty, which it never is by itself; {BEGINS_NEW}");
            return Err(Error::File { path: path.clone(), reason });
        }
        let patience = match about {
            OwnUse::Trash | OwnUse::Moving => place.patience,
            OwnUse::Marks => place.patience.min(MARKS_PATIENCE),
        };
        let place = &OwnPlace { patience, ..place.clone() };
        let read = || -> rusqlite::Result<(Connection, i64)> {
            // A journal that a kill left is rolled back by whoever may write.
            let connection = connect(place, true).or_else(|error| match is_busy(&error) {
                true => Err(error),
                false => connect(place, false),
            })?;
            let version = version(&connection)?;
            Ok((connection, version))
        };
        let (connection, version) = match read() {
            Ok(read) => read,
            Err(error) => return Err(cant_read(path, &error, about, patience)),
        };
        let notice = (version > VERSION)
            .then(|| format!("{}: a newer ivorylens wrote it; it is only read", path.display()));
        Ok((version > 0).then(|| Self::of(connection, place, about, notice, version)))
    }

    /// What the user is to be told about the file, once.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// It is the one in the lab's folder.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Is what is written now still to be written here?
    pub(super) fn is_in_place(&self) -> bool {
        let Some(places) = &self.chosen else { return true };
        places.to_write().file == self.path && identity(&self.path) == self.identity
    }

    /// Waits no longer than this for another process that writes.
    pub fn wait_at_most(&self, patience: Duration) {
        // It can't fail on an open connection.
        let _ = self.connection.busy_timeout(patience);
    }

    /// The version of its tables.
    pub fn version(&self) -> i64 {
        self.version
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives room back to the disk that entries left.
    pub fn shrink(&self) {
        // What can't be given back now is used again, or given back the next time.
        let _ = self.connection.execute_batch("PRAGMA incremental_vacuum");
    }

    pub(super) fn read_error(&self, error: &rusqlite::Error) -> Error {
        cant_read(&self.path, error, self.about, self.patience)
    }

    /// What is said of it; a file that turns out to be damaged where it is written is set aside, so that the next write
    /// begins a new one.
    pub(super) fn write_error(&self, error: &rusqlite::Error) -> Error {
        // Of a file that was taken away its journal can't be made; while others share and end that, one is seen to fail
        // that is still there. Whoever writes begins anew, some times.
        let is_another = || self.identity.is_some() && identity(&self.path) != self.identity;
        if self.is_shared && (is_of_a_gone_file(error) || is_another()) {
            return Error::OwnMoved { path: self.path.clone() };
        }
        if is_damage(error)
            && is_damaged(&self.path)
            && let Ok(aside) = set_aside(&self.path)
        {
            return was_damaged(&self.path, &aside, self.about);
        }
        failed(&self.path, error, self.about, self.patience)
    }
}

/// The file or its journal could not be opened, read or written: as where the folder has just gone (SQLite tells a moved file as one
/// that is only read).
fn is_of_a_gone_file(error: &rusqlite::Error) -> bool {
    let gone = [ErrorCode::CannotOpen, ErrorCode::SystemIoFailure, ErrorCode::ReadOnly];
    error.sqlite_error_code().is_some_and(|code| gone.contains(&code))
}

/// Makes the file of a user's own where there is none.
fn make_own(path: &Path) -> std::io::Result<()> {
    // Opening and closing a file that is there would give up the locks on it of this whole process (POSIX).
    match for_user_alone(File::options().write(true).create_new(true)).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A shared file is made where a damaged one was set aside: else nobody shares any more.
fn again_shared(place: &OwnPlace, is_wanted: bool) -> std::io::Result<()> {
    if is_wanted { make_shared_file(&place.file) } else { Ok(()) }
}

/// What a damaged file comes to.
const BEGINS_NEW: &str =
    "the next delete or mark that meets that sets it aside under another name and begins a new one";

pub(super) fn cant_read(path: &Path, error: &rusqlite::Error, about: OwnUse, patience: Duration) -> Error {
    if is_busy(error) {
        return Error::OwnBusy { path: path.to_path_buf(), seconds: patience.as_secs() };
    }
    let mut reason = format!("{} can't be read: {}", about.what(), reason(error));
    if is_damage(error) {
        reason = format!("{reason}; {BEGINS_NEW}");
    }
    Error::File { path: path.to_path_buf(), reason }
}

/// Is it a link to something that is not there?
fn dangles(path: &Path) -> bool {
    path.is_symlink() && path.metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn dangling_words(path: &Path, about: OwnUse) -> String {
    let to = fs::read_link(path).unwrap_or_default();
    format!("{} is a link to {}, which is not there; mend or remove the link", about.what(), to.display())
}

fn refuse_dangling(path: &Path, about: OwnUse) -> Result<()> {
    if dangles(path) { Err(unwritable(path, &dangling_words(path, about), about)) } else { Ok(()) }
}

/// Somebody cut it off, or a disk did: what this program makes is empty for a moment only.
fn is_emptied(path: &Path) -> bool {
    let Ok(about) = path.metadata() else { return false };
    let age = about.modified().ok().and_then(|at| at.elapsed().ok());
    about.is_file() && about.len() == 0 && age.is_some_and(|age| age > NEW)
}

/// Whether the file of this name, which may be another one by now, is damaged.
fn is_damaged(path: &Path) -> bool {
    let check = || -> rusqlite::Result<String> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
    };
    check().map_or_else(|error| is_damage(&error), |found| found != "ok")
}

fn connect(place: &OwnPlace, writes: bool) -> rusqlite::Result<Connection> {
    let path = &place.file;
    let access = if writes { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(place.patience)?;
    // A journal that is cut short is synced as it is, so that none comes back after a power cut. Pages that spill out of
    // the cache would lock out those who read, long before the commit.
    connection.execute_batch(
        "PRAGMA synchronous=FULL; PRAGMA cache_spill=OFF; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=OFF",
    )?;
    if writes {
        // A journal that stays would be one that others can't write.
        let journal = if place.is_shared { "DELETE" } else { "TRUNCATE" };
        connection.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(()))?;
    }
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables that are missing; gives their version, which may be that of a newer program.
fn tables(
    mut connection: Connection,
    place: &OwnPlace,
    first: &RecordKey,
) -> rusqlite::Result<(Connection, i64)> {
    let found = version(&connection)?;
    if found < VERSION {
        if found == 0 {
            connection.execute_batch("PRAGMA auto_vacuum=INCREMENTAL")?;
        }
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have made them meanwhile.
        let found = version(&tx)?;
        if found == 0 {
            tx.execute_batch(TABLES)?;
            let values = (&place.lab, first.run, &first.start, &first.name);
            tx.execute("INSERT INTO lab VALUES (?, ?, ?, ?)", values)?;
        }
        if found < WITH_MARKS {
            tx.execute_batch(MARK_TABLES)?;
        }
        if found < VERSION {
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        tx.commit()?;
    }
    // A damaged page shows in a look at the tables, most often.
    connection.query_row("SELECT count(*) FROM trash", [], |row| row.get::<_, i64>(0))?;
    let version = version(&connection)?;
    Ok((connection, version))
}
