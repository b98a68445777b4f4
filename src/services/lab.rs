//! An opened lab: its database, its data folder, its clock, and where what is kept of it is. What keeps exports away from it is
//! in `lab_guard.rs`, its phases and steps in `lab_phases.rs`.

use std::{
    cell::Cell,
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::civil::DateTime;

use super::{follow_throttle::Effort, memo::Memo, own_files::UserFolders, watch::known::Watched};

pub use super::{
    clock::{Clock, local_time, wall_clock},
    memo::PhaseSummaries,
    network_share::share_warning,
};
use crate::{
    checkpoint::{Cx, LockNews},
    error::{Error, Missing, Result},
    model::{partial::Lacks, query::Order, record_key::RecordKey, run::Run},
    platform::files::real_path,
    store::{
        Database, IdPlace, Options, Source, Version,
        background::Idle,
        own::{OwnPlace, OwnPlaces},
        sqlite::{Store, private_copy},
    },
    temporary::TemporaryFolder,
};

/// An opened data folder.
pub struct Lab {
    database: Database,
    /// The path of the lab's database, also where a private copy of it is read.
    file: PathBuf,
    /// The folder that holds `logs/` and `results/`.
    folder: PathBuf,
    /// Server and name of its database, where that is no file.
    server: Option<String>,
    clock: Clock,
    copy: Option<(DateTime, TemporaryFolder)>,
    /// Where what is kept of it for its user is; `None` where nothing is.
    own_places: Option<OwnPlaces>,
    /// How long somebody's lock is waited for, and after which time that is told.
    patience: Duration,
    told_wait: Duration,
    lock_news: LockNews,
    pub(super) memo: Memo,
    /// What answers lacked that were given: they are asked for again when it is known.
    owed: Cell<Lacks>,
    /// The file when a change was last looked for.
    seen: Cell<Option<Version>>,
    /// The record whose log was last compared with its size before, and that size.
    pub(super) seen_log: Cell<(i64, Option<u64>)>,
    /// What watches the lab for the screens, between two looks.
    pub(super) watched: Cell<Option<Watched>>,
    /// How often another file was opened.
    opened: u32,
    /// What the answers since the last reported change took; `None` where following never rests.
    pub(super) effort: Cell<Option<Effort>>,
}

/// How many records are read in one go.
const RECORDS: usize = 1_000;

impl Lab {
    /// Opens the database at `path` (see [`crate::store::find`]); with `copy`, a private copy of it.
    ///
    /// # Errors
    /// One for everything that keeps a file from being opened.
    pub fn open(path: &Path, options: Options, copy: bool, clock: Clock) -> Result<Self> {
        Self::open_for(path, options, copy, clock, &Cx::quiet())
    }

    /// The same for work that may be taken back meanwhile.
    ///
    /// # Errors
    /// As [`Lab::open`]; also [`Error::Cancelled`].
    pub fn open_for(path: &Path, options: Options, copy: bool, clock: Clock, cx: &Cx<'_>) -> Result<Self> {
        let (limits, lock_news, patience) = (options.limits, options.lock_news.clone(), options.patience);
        let (store, copy) = if copy {
            let (store, guard) = private_copy(path, options, cx)?;
            (store, Some((clock(), guard)))
        } else {
            (Store::open_for(path, options, cx)?, None)
        };
        let database = Database::new(Box::new(store), limits);
        let lab = Self::of(database, path, folder_of(path), clock, copy, cx);
        Ok(Self { lock_news, patience, told_wait: limits.told_wait, ..lab })
    }

    /// A data folder whose database is asked through this one, whatever it is.
    pub fn with(database: Database, folder: PathBuf, clock: Clock) -> Self {
        Self::of(database, &folder.join("ivoryos.db"), folder, clock, None, &Cx::quiet())
    }

    /// A database on a server: its address, its short name, and the data folder where that is known.
    #[cfg(feature = "postgres")]
    pub(super) fn on_server(
        database: Database,
        address: PathBuf,
        name: String,
        folder: Option<PathBuf>,
        clock: Clock,
        cx: &Cx<'_>,
    ) -> Self {
        // No path leads to an address: nothing is found there.
        let folder = folder.unwrap_or_else(|| address.clone());
        let lab = Self::of(database, &address, folder, clock, None, cx);
        Self { server: Some(name), ..lab }
    }

    /// The same that tells these of its waits.
    #[cfg(feature = "postgres")]
    pub(super) fn telling(self, lock_news: LockNews) -> Self {
        Self { lock_news, ..self }
    }

    fn of(
        database: Database,
        file: &Path,
        folder: PathBuf,
        clock: Clock,
        copy: Option<(DateTime, TemporaryFolder)>,
        cx: &Cx<'_>,
    ) -> Self {
        let seen = Cell::new(database.source().version(cx).ok());
        Self {
            database,
            file: file.to_path_buf(),
            folder,
            server: None,
            clock,
            copy,
            own_places: None,
            patience: Options::default().patience,
            told_wait: Options::default().limits.told_wait,
            lock_news: LockNews::default(),
            memo: Memo::default(),
            owed: Cell::default(),
            seen,
            seen_log: Cell::default(),
            watched: Cell::default(),
            opened: 0,
            effort: Cell::new(Some(Effort::default())),
        }
    }

    /// Keeps what is its user's in these folders.
    #[must_use]
    pub fn keeping_in(self, folders: &UserFolders) -> Self {
        let own = folders.own_place(&self.file).map(|own| OwnPlace { patience: self.patience, ..own });
        let shared = |own: &OwnPlace| {
            let file = self.shared_folder()?.join("ivorylens.db");
            Some(OwnPlace { file, is_shared: true, ..own.clone() })
        };
        let own_places = own.map(|own| OwnPlaces { shared: shared(&own), own });
        Self { own_places, ..self }
    }

    /// The file in which what is kept of it for its user alone is.
    pub fn own_place(&self) -> Option<&OwnPlace> {
        self.own_places.as_ref().map(|places| &places.own)
    }

    /// The same, and where it is if it is shared.
    pub fn own_places(&self) -> Option<&OwnPlaces> {
        self.own_places.as_ref()
    }

    /// Where what is kept of a lab is shared: in its data folder. Other databases that lie there have other records.
    fn shared_folder(&self) -> Option<PathBuf> {
        let is_lab = self.has_data_folder() && self.file_name().is_some_and(|name| name == "ivoryos.db");
        is_lab.then(|| self.folder.join(".ivorylens"))
    }

    /// Is the database in a data folder? One that lies alone makes no folder the lab's.
    pub(super) fn has_data_folder(&self) -> bool {
        real_path(&self.folder).is_ok_and(|folder| folder.ends_with("ivoryos_data"))
            || self.logs().is_dir()
            || self.results().is_dir()
    }

    /// Another database with the files and the clock of this one, read only, which goes with its folder.
    pub(super) fn beside(&self, database: Database, folder: TemporaryFolder) -> Self {
        let (file, copy) = (folder.path().join("ivoryos.db"), Some((self.now(), folder)));
        Self::of(database, &file, self.folder.clone(), Arc::clone(&self.clock), copy, &Cx::quiet())
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn source(&self) -> &dyn Source {
        self.database.source()
    }

    /// Opens the file that was put in the place of this one, with empty caches.
    ///
    /// # Errors
    /// As [`Lab::open`]; nothing has changed then. [`Error::Refused`] for a private copy.
    pub fn reopen(&mut self, cx: &Cx<'_>) -> Result<()> {
        if self.copy.is_some() {
            return Err(Error::Refused(
                "the private copy was changed by somebody; leave and open it again".into(),
            ));
        }
        self.database = self.database.reopened(cx)?;
        self.memo = self.memo.emptied();
        self.effort = Cell::new(self.effort.get().map(|_| Effort::default()));
        self.owed = Cell::default();
        self.seen = Cell::default();
        self.seen_log = Cell::default();
        self.opened = self.opened.wrapping_add(1);
        Ok(())
    }

    /// Reports every change at once, however long the answers take.
    #[must_use]
    pub fn without_rest(self) -> Self {
        self.effort.set(None);
        self
    }

    /// Another number for each file that was opened.
    pub(super) fn opened(&self) -> u32 {
        self.opened
    }

    /// Makes sure that its database is there, and still the one that was opened.
    ///
    /// # Errors
    /// [`Error::Replaced`] where it is another one, [`Error::Open`] where there is none.
    pub fn refuse_another(&self, cx: &Cx<'_>) -> Result<()> {
        self.source().refuse_another(cx)
    }

    pub fn now(&self) -> DateTime {
        (self.clock)()
    }

    /// When the private copy was made that this is; `None` for the lab's own file.
    pub fn copied_at(&self) -> Option<DateTime> {
        self.copy.as_ref().map(|(at, _)| *at)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Server and name of its database, where that is no file.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Makes sure that there may be logs and results.
    ///
    /// # Errors
    /// [`Missing::Folder`] where the records are on a server and no data folder was named.
    pub fn has_folder(&self) -> Result<()> {
        let has_none = self.server.is_some() && self.folder == self.file;
        if has_none { Err(Error::Missing(Missing::Folder)) } else { Ok(()) }
    }

    pub(super) fn told_wait(&self) -> Duration {
        self.told_wait
    }

    /// Where it is told that an answer waits for the lab's lock.
    pub fn lock_news(&self) -> &LockNews {
        &self.lock_news
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }

    pub fn results(&self) -> PathBuf {
        self.folder.join("results")
    }

    /// A warning for a database on a network share, where SQLite's locks can fail.
    pub fn warning(&self) -> Option<String> {
        share_warning(&self.file).filter(|_| self.copy.is_none())
    }

    /// The lab's database, also where a private copy of it is read.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The name of the database's file.
    pub fn file_name(&self) -> Option<&std::ffi::OsStr> {
        self.file.file_name()
    }

    /// # Errors
    /// [`Error::Missing`] where there is no such record.
    pub fn run(&self, id: i64, cx: &Cx<'_>) -> Result<Run> {
        let found = self.source().runs(&[id], cx)?.pop();
        found.ok_or_else(|| Error::Missing(Missing::Record { run: id, folder: self.folder.clone() }))
    }

    /// # Errors
    /// [`Error::Missing`] where there is no such record, for all that are not there.
    pub fn runs(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        let mut found = HashMap::with_capacity(ids.len());
        for some in ids.chunks(RECORDS) {
            let mut some = some.to_vec();
            some.sort_unstable();
            some.dedup();
            found.extend(self.source().runs(&some, cx)?.into_iter().map(|run| (run.id, run)));
            cx.still_wanted()?;
        }
        let mut missing: Vec<i64> = Vec::new();
        for id in ids.iter().filter(|id| !found.contains_key(id)) {
            if !missing.contains(id) {
                missing.push(*id);
            }
        }
        let folder = self.folder.clone();
        match missing.as_slice() {
            [] => Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect()),
            [run] => Err(Error::Missing(Missing::Record { run: *run, folder })),
            _ => Err(Error::Missing(Missing::Records { runs: missing, folder })),
        }
    }

    /// The record with the highest id: the only one that a server may be working on.
    pub(super) fn newest_run(&self, cx: &Cx<'_>) -> Result<Option<Run>> {
        let newest = self.source().run_ids(IdPlace::Skip(0), Order::Descending, 1, cx)?;
        Ok(self.source().runs(&newest, cx)?.pop())
    }

    /// The record with the lowest id, by which a lab is known whose folder was moved; an empty key where there is none.
    pub(super) fn first_record(&self, cx: &Cx<'_>) -> Result<RecordKey> {
        let first = self.source().run_ids(IdPlace::Skip(0), Order::Ascending, 1, cx)?;
        let first = self.source().runs(&first, cx)?.pop();
        Ok(first.as_ref().map(RecordKey::of).unwrap_or_default())
    }

    /// The seconds of the longest ended step of a method, as far as it is looked for.
    pub(super) fn longest_step(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>> {
        let version = self.version(cx);
        if let Some(known) = version.and_then(|version| self.memo.longest_step(version, method)) {
            return Ok(known);
        }
        let longest = self.source().longest_step(method, cx)?;
        if let Some(version) = version {
            self.memo.keep_longest_step(version, method, longest);
        }
        Ok(longest)
    }

    /// Does what whole answers wait for.
    ///
    /// # Errors
    /// As any read.
    pub fn prepare(&self, cx: &mut Cx<'_>) -> Result<()> {
        self.source().prepare(cx)
    }

    /// Is there background work to do, or something to be told that answers lacked?
    pub fn has_work(&self) -> bool {
        self.database.has_work() || !self.owed.get().nothing()
    }

    /// Nobody asks for a while: others may replace the database meanwhile, on every system.
    pub fn rest(&mut self) {
        self.database.rest();
    }

    /// Does a piece of background work; `None` when there is none until the next request. News are also what answers
    /// lacked that were given before.
    pub fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        let idle = self.database.idle(cx)?;
        let owed = self.owed.get();
        let still = owed.both(idle.lacks);
        let paid = still != owed;
        self.owed.set(still);
        if idle.rows_changed {
            self.memo.forget_phases();
        } else if !idle.lacks.rows {
            self.memo.forget_lacking_phases();
        }
        Some(Idle { news: idle.news || paid, ..idle })
    }

    /// Notes what an answer lacks that is given.
    pub(super) fn owe(&self, lacks: Lacks) {
        self.owed.set(self.owed.get().and(lacks));
    }

    /// The state of the file; `None` while it can't be told.
    pub(super) fn version(&self, cx: &Cx<'_>) -> Option<Version> {
        self.source().version(cx).ok()
    }

    /// Whether another process committed since this was last asked; false while one holds the lock for its commit.
    pub(super) fn changed(&self, cx: &Cx<'_>) -> Result<bool> {
        match self.source().version(cx) {
            Ok(now) => Ok(self.seen.replace(Some(now)) != Some(now)),
            Err(Error::Busy { .. }) => Ok(false),
            Err(e) => Err(e),
        }
    }
}

/// The data folder that a database lies in.
pub fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
