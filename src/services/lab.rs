//! An opened data folder: its database, its files on disk, and the clock that tells what "now" is.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Instant, SystemTime},
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use tempfile::TempDir;

use super::{follow_throttle::Effort, memo::Memo};

pub use super::memo::PhaseSummaries;
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Missing, Result},
    model::{
        phase_summary::{PhaseRef, PhaseSummary},
        query::ListQuery,
        run::{Phase, Run},
    },
    store::{Beginning, Due, Located, Options, Store, Work, private_copy},
};

/// Tells the lab PC's local time; tests pass a fixed one.
pub type Clock = Arc<dyn Fn() -> DateTime + Send + Sync>;

/// The clock on the wall.
pub fn wall_clock() -> Clock {
    Arc::new(|| Timestamp::now().to_zoned_datetime(zone()).datetime())
}

/// The lab PC's time zone. `/etc/localtime` is read where it exists: to find the zone's name, a thousand zone files
/// would have to be compared with it, and the first screen would wait.
fn zone() -> TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    let own = || TimeZone::tzif("Local", &std::fs::read("/etc/localtime").ok()?).ok();
    let named = std::env::var_os("TZ").is_some();
    ZONE.get_or_init(|| own().filter(|_| !named).unwrap_or_else(TimeZone::system)).clone()
}

/// An opened data folder.
pub struct Lab {
    pub store: Store,
    /// The path of the lab's database, also where a private copy of it is read.
    file: PathBuf,
    /// The folder that holds `logs/` and `results/`.
    folder: PathBuf,
    clock: Clock,
    copy: Option<(DateTime, TempDir)>,
    pub(super) memo: Memo,
    /// A page was given without its counts: it is asked for again when the names are read.
    pub(super) owes_counts: Cell<bool>,
    /// Answers are given before the index is complete, with what it has: a screen asks, which can ask again.
    at_once: Cell<bool>,
    /// An answer was given in which rows may be missing: it is asked for again when the index is complete.
    owes: Cell<bool>,
    /// When the building of the index began.
    pub(super) building: Cell<Option<Instant>>,
    /// The record whose log was last compared with its size before, and that size.
    pub(super) seen_log: Cell<(i64, Option<u64>)>,
    /// What the answers since the last reported change took; `None` where following never rests.
    pub(super) effort: Cell<Option<Effort>>,
}

/// How many phases are read in one go: a few milliseconds with long outputs.
const TOGETHER: usize = 256;

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
        Ok(Self::of(store, path.to_path_buf(), folder, clock, copy))
    }

    fn of(
        store: Store,
        file: PathBuf,
        folder: PathBuf,
        clock: Clock,
        copy: Option<(DateTime, TempDir)>,
    ) -> Self {
        Self {
            store,
            file,
            folder,
            clock,
            copy,
            memo: Memo::default(),
            owes_counts: Cell::default(),
            at_once: Cell::default(),
            owes: Cell::default(),
            building: Cell::default(),
            seen_log: Cell::default(),
            effort: Cell::new(Some(Effort::default())),
        }
    }

    /// Opens the file that was put in the place of this one, with empty caches.
    ///
    /// # Errors
    /// As [`Lab::open`]; nothing has changed then. [`Error::Refused`] for a private copy.
    pub fn reopen(&mut self) -> Result<()> {
        if self.copy.is_some() {
            return Err(Error::Refused(
                "the private copy was changed by somebody; leave and open it again".into(),
            ));
        }
        let store = self.store.reopened()?;
        let (file, folder) = (std::mem::take(&mut self.file), std::mem::take(&mut self.folder));
        let memo = self.memo.emptied();
        let effort = self.effort.get().map(|_| Effort::default());
        *self = Self {
            memo,
            effort: Cell::new(effort),
            ..Self::of(store, file, folder, Arc::clone(&self.clock), None)
        };
        Ok(())
    }

    /// Reports every change at once, however long the answers take.
    #[must_use]
    pub fn without_rest(self) -> Self {
        self.effort.set(None);
        self
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

    /// Exports keep away from the lab's database and the files that SQLite keeps beside it: a journal of ours would
    /// be played back into it.
    ///
    /// # Errors
    /// [`Error::File`] for a path that is, or would be, one of them.
    pub fn refuse_database(&self, path: &Path) -> Result<()> {
        let real = |path: &Path| {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let place = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
            path.canonicalize().ok().or_else(place)
        };
        let (Some(written), Some(file)) = (real(path), real(&self.file)) else { return Ok(()) };
        let taken = ["", "-journal", "-wal", "-shm"].iter().any(|ending| {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            written.as_os_str() == name
        });
        if !taken {
            return Ok(());
        }
        let reason = "belongs to the lab's database, which is never written to; name another file".to_owned();
        Err(Error::File { path: path.to_path_buf(), reason })
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }

    pub fn results(&self) -> PathBuf {
        self.folder.join("results")
    }

    /// A warning for a database on a network share, where SQLite's locks can fail.
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
        self.store
            .run(id)?
            .ok_or_else(|| Error::Missing(Missing::Record { run: id, folder: self.folder.clone() }))
    }

    /// Is there background work to do?
    pub fn has_work(&self) -> bool {
        self.store.names_due() != Due::Never || self.store.index_wants()
    }

    /// The ids of a list in its order, read once for each version of the file.
    pub fn listed(&self, query: &ListQuery) -> Result<Arc<Vec<i64>>> {
        let version = self.store.data_version().unwrap_or(-1);
        if let Some(ids) = self.memo.list(version, query).filter(|_| version >= 0) {
            return Ok(ids);
        }
        let ids = Arc::new(self.store.listed(query)?);
        self.memo.keep_list(version, query, &ids);
        Ok(ids)
    }

    /// The ids of the phases and steps of several records.
    pub fn locate_all(&self, runs: &[i64], checkpoint: &mut dyn Checkpoint) -> Result<Located> {
        if !self.at_once.get() {
            return self.store.locate(runs, checkpoint);
        }
        let located = self.store.locate_soon(runs, checkpoint)?;
        self.owes.set(self.owes.get() | located.provisional);
        Ok(located)
    }

    /// Sets whether answers wait for the index, for the time of one answer. Other requests may be answered inside it
    /// (at its checkpoints), each with its own setting.
    pub(super) fn at_once<T>(&self, at_once: bool, answer: impl FnOnce() -> T) -> T {
        let before = self.at_once.replace(at_once);
        let answered = answer();
        self.at_once.set(before);
        answered
    }

    /// Reads names for a few milliseconds; true when screens are to ask again.
    ///
    /// # Errors
    /// As any read.
    pub fn names_piece(&self) -> Result<bool> {
        let news = self.store.names_piece()?;
        Ok(news || (self.store.names_settled() && self.owes_counts.take()))
    }

    /// Works on the index for a few milliseconds: what remains, and whether screens are to ask again.
    ///
    /// # Errors
    /// As any read.
    pub fn index_piece(&self) -> Result<(Work, bool)> {
        let work = self.store.index_piece()?;
        let paid = work != Work::Build && self.owes.take();
        let news = self.store.index_news();
        if news {
            self.memo.forget_phases();
        }
        Ok((work, paid || news))
    }

    /// The phase summaries of a record, cached until the file changes.
    pub fn phase_summaries(&self, run: i64, checkpoint: &mut dyn Checkpoint) -> Result<PhaseSummaries> {
        if let Some(summaries) = self.known_phases(run) {
            return Ok(summaries);
        }
        let version = self.store.data_version().unwrap_or(-1);
        let mut read = self.store.phase_summaries(run, self.at_once.get(), checkpoint)?;
        self.owes.set(self.owes.get() | read.provisional);
        read.summaries.sort_by(|a, b| a.start.cmp(&b.start).then(a.id().cmp(&b.id())));
        let summaries = Arc::new(read.summaries);
        self.memo.keep_phases(version, run, &summaries, read.provisional);
        Ok(summaries)
    }

    /// The cached phase summaries of a record, if nothing has to be read for them.
    pub(super) fn known_phases(&self, run: i64) -> Option<PhaseSummaries> {
        let version = self.store.data_version().unwrap_or(-1);
        let (summaries, provisional) = self.memo.phases(version, run).filter(|_| version >= 0)?;
        (!provisional || (self.at_once.get() && !self.store.is_whole())).then_some(summaries)
    }

    /// What can be shown of a long record before all its phase summaries are read; `None` where they are cached or few.
    pub fn beginning(
        &self,
        run: i64,
        sums: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<Beginning>> {
        if self.known_phases(run).is_some() {
            return Ok(None);
        }
        self.store.beginning(run, sums, checkpoint)
    }

    /// About so many phases spread evenly over a long record, and every how many-th they are; `None` where
    /// [`Lab::phase_summaries`] takes no time.
    pub(super) fn spread(&self, run: i64, phases: usize) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        if self.known_phases(run).is_some() { Ok(None) } else { self.store.spread(run, phases) }
    }

    /// The phase refs of some phases of a record, by id.
    pub fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Vec<PhaseRef>> {
        if !self.store.has_phases() {
            let summaries = self.phase_summaries(run, checkpoint)?;
            return Ok(summaries
                .iter()
                .map(|h| &h.phase_ref)
                .filter(|s| phases.contains(&s.id))
                .cloned()
                .collect());
        }
        let (phase_refs, provisional) = self.store.phase_refs(run, phases, self.at_once.get(), checkpoint)?;
        self.owes.set(self.owes.get() | provisional);
        Ok(phase_refs)
    }

    /// The phase that a step of a record belongs to.
    pub fn phase_of_step(
        &self,
        run: i64,
        step: i64,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<PhaseRef>> {
        if !self.store.has_phases() {
            let summaries = self.phase_summaries(run, checkpoint)?;
            return Ok(summaries.iter().map(|h| &h.phase_ref).find(|s| s.ranges.hold(step)).cloned());
        }
        let Some(step) = self.store.step(step)? else { return Ok(None) };
        Ok(self.phase_refs(run, &[step.phase_id], checkpoint)?.pop())
    }

    /// Reads phases, `TOGETHER` at a time, and calls `see` for each that is still there, with its position in
    /// `phase_refs`.
    pub fn each_phase(
        &self,
        phase_refs: &[&PhaseRef],
        checkpoint: &mut dyn Checkpoint,
        mut see: impl FnMut(usize, Phase) -> Result<()>,
    ) -> Result<()> {
        let total = Some(phase_refs.len() as u64);
        let mut done = 0;
        for some in phase_refs.chunks(TOGETHER) {
            for (n, phase) in self.store.phase_rows(some)?.into_iter().enumerate() {
                phase.map_or(Ok(()), |phase| see(done + n, phase))?;
            }
            done += some.len();
            if done < phase_refs.len() {
                checkpoint.check(Progress { done: done as u64, total })?;
            }
        }
        Ok(())
    }

    /// The phases of main by iteration, then id.
    pub fn main_phases(summaries: &[PhaseSummary]) -> Vec<&PhaseSummary> {
        let mut main: Vec<_> = summaries.iter().filter(|h| h.is_main()).collect();
        main.sort_by_key(|h| (h.repeat_index, h.id()));
        main
    }
}

/// A file's time on the lab PC's clock.
pub fn local_time(time: SystemTime) -> Option<DateTime> {
    Some(Timestamp::try_from(time).ok()?.to_zoned_datetime(zone()).datetime())
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
