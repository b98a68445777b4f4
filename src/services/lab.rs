//! An opened data folder: its database, its files on disk, and the clock that answers are made by.

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Instant, SystemTime},
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use tempfile::TempDir;

use super::pulse::Pulse;
use crate::{
    error::{Error, Result},
    model::run::{Phase, Run},
    store::{Located, Options, PhaseSpan, Store, Work, private_copy},
};

/// Tells the lab PC's local time; tests pass a fixed one.
pub type Clock = Arc<dyn Fn() -> DateTime + Send + Sync>;

/// The clock on the wall.
pub fn wall_clock() -> Clock {
    Arc::new(|| jiff::ZonedDateTime::now().datetime())
}

/// An opened data folder.
pub struct Lab {
    pub store: Store,
    /// The folder that holds `logs/` and `results/`.
    folder: PathBuf,
    clock: Clock,
    copy: Option<(DateTime, TempDir)>,
    /// Where the records that were looked at last have their phases and steps.
    known: RefCell<Vec<Known>>,
    /// A screen asks: an answer at once that may have to be mended beats one that waits for the index.
    at_once: Cell<bool>,
    /// Such an answer was given.
    owes: Cell<bool>,
    /// Since when the index is built.
    pub(super) building: Cell<Option<Instant>>,
    /// The record whose log was looked at last for news, and its size then.
    pub(super) seen_log: Cell<(i64, Option<u64>)>,
}

struct Known {
    version: i64,
    run: i64,
    located: Arc<Located>,
}

/// Records whose places are remembered: the one on screen, its neighbours, one under an export.
const REMEMBERED: usize = 4;

impl Lab {
    /// Opens the database at `path` (see [`crate::store::find`]); with `copy`, a private copy of it.
    pub fn open(path: &Path, options: Options, copy: bool, clock: Clock) -> Result<Self> {
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let (store, copy) = if copy {
            let (store, guard) = private_copy(path, options)?;
            (store, Some((clock(), guard)))
        } else {
            (Store::open(path, options)?, None)
        };
        Ok(Self {
            store,
            folder,
            clock,
            copy,
            known: RefCell::default(),
            at_once: Cell::default(),
            owes: Cell::default(),
            building: Cell::default(),
            seen_log: Cell::default(),
        })
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

    pub fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }

    pub fn results(&self) -> PathBuf {
        self.folder.join("results")
    }

    /// What a user should know about the place of the file: on a network share locks can fail.
    pub fn warning(&self) -> Option<String> {
        let kind = network_file_system(self.store.path())?;
        Some(format!(
            "{} lies on a network file system ({kind}), where SQLite's locks may not work: open it on the lab PC",
            self.store.path().display()
        ))
    }

    /// # Errors
    /// [`Error::Missing`] where there is no such record.
    pub fn run(&self, id: i64) -> Result<Run> {
        self.store.run(id)?.ok_or_else(|| {
            Error::Missing(format!(
                "no record {id} in {}; it may have been deleted, ivorylens list shows those there are",
                self.folder.display()
            ))
        })
    }

    /// Where a record's phases and steps stand, remembered until the file changes.
    pub fn locate(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Arc<Located>> {
        let version = self.store.data_version().unwrap_or(-1);
        let good = |l: &Located| !l.provisional || (self.at_once.get() && !self.store.is_whole());
        let fits = |k: &Known| k.run == run && k.version == version && version >= 0 && good(&k.located);
        if let Some(known) = self.known.borrow().iter().find(|k| fits(k)) {
            return Ok(Arc::clone(&known.located));
        }
        let located = Arc::new(self.locate_all(&[run], pulse)?);
        let mut known = self.known.borrow_mut();
        known.retain(|k| k.run != run && k.version == version);
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push(Known { version, run, located: Arc::clone(&located) });
        Ok(located)
    }

    /// Where the phases and steps of several records stand.
    pub fn locate_all(&self, runs: &[i64], pulse: &mut dyn Pulse) -> Result<Located> {
        if !self.at_once.get() {
            return self.store.locate(runs, pulse);
        }
        let located = self.store.locate_soon(runs, pulse)?;
        self.owes.set(self.owes.get() | located.provisional);
        Ok(located)
    }

    /// Answers without waiting for the index. Work inside may be interrupted by other answers, each with its own way.
    pub(super) fn at_once<T>(&self, at_once: bool, answer: impl FnOnce() -> T) -> T {
        let before = self.at_once.replace(at_once);
        let answered = answer();
        self.at_once.set(before);
        answered
    }

    /// A few milliseconds of work on the index: what remains, and whether an earlier answer is to be asked for anew.
    ///
    /// # Errors
    /// As any read.
    pub fn index_piece(&self) -> Result<(Work, bool)> {
        let work = self.store.index_piece()?;
        let paid = work != Work::Build && self.owes.take();
        let news = self.store.index_news();
        if news {
            self.known.borrow_mut().clear();
        }
        Ok((work, paid || news))
    }

    /// The phases of a record without their cells, by start (none first), then id.
    pub fn heads(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Vec<(Phase, PhaseSpan)>> {
        let located = self.locate(run, pulse)?;
        let mut heads = self.store.phase_heads(&located, run)?;
        heads.sort_by(|(a, _), (b, _)| a.start.cmp(&b.start).then(a.id.cmp(&b.id)));
        Ok(heads)
    }

    /// The phases of main by iteration, then id.
    pub fn main_heads(&self, run: i64, pulse: &mut dyn Pulse) -> Result<Vec<(Phase, PhaseSpan)>> {
        let mut heads = self.heads(run, pulse)?;
        heads.retain(|(p, _)| p.name == "main");
        heads.sort_by_key(|(p, _)| (p.repeat_index, p.id));
        Ok(heads)
    }
}

/// A file's time on the lab PC's clock.
pub fn local_time(time: SystemTime) -> Option<DateTime> {
    Some(Timestamp::try_from(time).ok()?.to_zoned_datetime(TimeZone::system()).datetime())
}

/// The kind of network file system that a path lies on, by the system's table of mounts (Linux).
fn network_file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let kind = mounts
        .lines()
        .filter_map(|line| {
            let mut parts = line.split(' ');
            Some((parts.nth(1)?, parts.next()?))
        })
        .filter(|(place, _)| path.starts_with(place.replace("\\040", " ")))
        .max_by_key(|(place, _)| place.len())?
        .1;
    let network = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "ceph", "glusterfs"];
    network.contains(&kind).then(|| kind.to_owned())
}
