//! What happens in a lab: each look tells what has happened since the one before. Only records without an end and new ones
//! are looked at, by their ids, so that a look costs the same whatever the lab has.

mod failed;
mod followed;
mod happening;
pub(super) mod known;
#[cfg(test)]
mod tests;

use std::time::Instant;

use super::{
    data_file,
    follow_throttle::Effort,
    lab::Lab,
    paths,
    run_state::{self, RunState},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{query::Order, run::Run},
    store::IdPlace,
};
use followed::LookMoment;
pub use happening::{Happening, WhatHappened};
pub use known::Watcher;
use known::{Followed, KnownRecord, SeenFiles};

/// So many records, from the newest, are compared by their ids and starts: among them new ones come under ids that are used
/// again. Those without an end among them are watched.
const NEWEST: usize = 32;
/// New records that are told of one look: more were copied into the file.
const MOST_NEW: usize = 1_000;

impl Watcher {
    /// One that also watches this record.
    pub fn with(also: Option<i64>) -> Self {
        Self { also, ..Self::default() }
    }

    /// The file is another one by now: nothing is told of records of it that were not in the one before.
    pub fn replaced(&mut self) {
        self.looked = None;
        self.newest.clear();
        self.seen = SeenFiles::default();
    }

    /// The records that run or wait, as they were at the last look: each with what it does.
    pub fn going_on(&self) -> impl Iterator<Item = (&Run, RunState)> {
        let all = self.followed.iter().map(|followed| (&followed.run, followed.state));
        all.filter(|(_, state)| *state != RunState::Died)
    }

    /// Is this record there and without an end?
    pub fn follows(&self, id: i64) -> bool {
        self.followed.iter().any(|followed| followed.run.id == id)
    }

    /// May a look tell something? Costs some microseconds. While the looks take long it is no, as for what is followed on
    /// screen.
    ///
    /// # Errors
    /// [`Error::Replaced`], and what keeps the file from being found.
    pub fn is_due(&self, lab: &Lab, cx: &Cx<'_>) -> Result<bool> {
        lab.source().refuse_another(cx)?;
        let Some(_) = self.looked else { return Ok(true) };
        if self.effort.rests(Instant::now()) {
            return Ok(false);
        }
        let version = match lab.source().version(cx) {
            Ok(version) => Some(version),
            // Somebody commits: it is seen the next time.
            Err(Error::Busy { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let until = self.followed.iter().filter_map(|followed| followed.until).min();
        let log_grew = |(id, size): &(i64, Option<u64>)| {
            let run = self.followed.iter().find(|followed| followed.run.id == *id);
            run.is_some_and(|followed| log_size(lab, &followed.run) != *size)
        };
        Ok(version != self.seen.version
            || self.followed.iter().any(Followed::is_held)
            || until.is_some_and(|until| lab.now() > until)
            || self.seen.logs.iter().any(log_grew))
    }

    /// What has happened since the last look, in the order of the records' ids; the first look tells nothing. After an error
    /// nothing has changed: the next look tells it.
    ///
    /// # Errors
    /// As any read; [`Error::Replaced`] where the file is another one: to be opened anew, then [`Watcher::replaced`].
    pub fn look(&mut self, lab: &Lab, cx: &mut Cx<'_>) -> Result<Vec<Happening>> {
        let began = Instant::now();
        lab.source().refuse_another(cx)?;
        let version = lab.version(cx);
        let now = lab.now();
        let ids = self.newest_ids(lab, cx)?;
        let look = LookMoment {
            newest: ids.first().copied().unwrap_or_default(),
            now,
            first_look: self.looked.map_or(now, |(first, _)| first),
            last_look: self.looked.map_or(now, |(_, last)| last),
        };
        let runs = self.runs(lab, &ids, cx)?;
        let (mut followed, mut happenings, mut logs) = (Vec::new(), Vec::new(), Vec::new());
        for run in &runs {
            // Before the log is read: what is written meanwhile is seen the next time.
            let size = log_size(lab, run);
            let (still, told) = self.look_at(lab, run, look, cx)?;
            if let Some(still) = still {
                logs.extend((!still.rests(look.newest)).then_some((run.id, size)));
                followed.push(still);
            }
            happenings.extend(told);
            cx.check(Progress::default())?;
        }
        let known = runs.into_iter().filter(|run| ids.iter().take(NEWEST).any(|id| *id == run.id));
        self.newest = known.map(|run| KnownRecord { id: run.id, start: run.start }).collect();
        self.seen = SeenFiles { version, logs };
        self.followed = followed;
        self.looked = Some((look.first_look, now));
        self.effort = Effort::default().with(began, Instant::now());
        Ok(happenings)
    }

    /// The ids of the newest records, from the highest down, with all that came since the last look.
    fn newest_ids(&self, lab: &Lab, cx: &Cx<'_>) -> Result<Vec<i64>> {
        let ids = |count| lab.source().run_ids(IdPlace::Skip(0), Order::Descending, count, cx);
        let newest = ids(NEWEST)?;
        match (self.newest.last(), newest.last()) {
            (Some(known), Some(lowest)) if *lowest > known.id => {
                let mut more = ids(MOST_NEW)?;
                more.retain(|id| *id > known.id);
                Ok(more)
            }
            _ => Ok(newest),
        }
    }

    /// The records to look at, by id.
    fn runs(&self, lab: &Lab, newest: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        let mut ids = newest.to_vec();
        ids.extend(self.followed.iter().map(|followed| followed.run.id).chain(self.also));
        ids.sort_unstable();
        ids.dedup();
        lab.source().runs(&ids, cx)
    }

    fn look_at(
        &self,
        lab: &Lab,
        run: &Run,
        look: LookMoment,
        cx: &mut Cx<'_>,
    ) -> Result<(Option<Followed>, Vec<Happening>)> {
        let before = self.followed.iter().find(|followed| followed.is(run));
        if before.is_some() || self.is_new(run) {
            return followed::look_at(lab, before, run, look, cx);
        }
        let there =
            run_state::is_open(run).then(|| Followed::begin(lab, run.clone(), look, cx)).transpose()?;
        Ok((there, Vec::new()))
    }

    /// Has it begun since the last look?
    fn is_new(&self, run: &Run) -> bool {
        let Some((_, last_look)) = self.looked else { return false };
        let is_known = self.newest.iter().any(|known| known.id == run.id && known.start == run.start);
        // Of fewer records all were known. Where the newest ones were deleted, ids come again that are lower.
        let lowest = self.newest.first().filter(|_| self.newest.len() >= NEWEST);
        let is_behind = lowest.is_none_or(|lowest| run.id > lowest.id);
        !is_known && (is_behind || run.start.at().is_some_and(|start| start >= last_look))
    }
}

/// How a record ended, or that it died, as it is told; `None` for one that runs or waits.
///
/// # Errors
/// As any read.
pub fn ending(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Option<Happening>> {
    let newest = lab.source().run_ids(IdPlace::Skip(0), Order::Descending, 1, cx)?;
    let now = lab.now();
    let newest = newest.first().copied().unwrap_or(run.id);
    followed::ending(lab, run, LookMoment { newest, now, first_look: now, last_look: now }, cx)
}

/// The size of a record's log, or of the folder's log of all records where it has none.
fn log_size(lab: &Lab, run: &Run) -> Option<u64> {
    let own = paths::about_log(lab, run);
    let of_all = || data_file::about(lab, lab.folder(), &lab.folder().join("default.log"));
    own.or_else(of_all).map(|about| about.len())
}
