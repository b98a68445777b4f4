//! Which steps and phases of a watched record have failed since it was looked at last.

use std::time::{Duration, Instant};

use jiff::civil::DateTime;

use super::known::ToldFailures;
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{partial::Partial, phase_summary::PhaseSummary},
    services::{
        events::LazyEvents,
        lab::Lab,
        why::{fresh, types::Failure},
    },
};

/// A step ends with its failure some milliseconds before the event or log line that has its text: so long that is waited for.
const TEXT_COMES: Duration = Duration::from_secs(1);
/// Ids in front of its last phase among which new phases of a long record are looked for.
const MOST: i64 = 1_000;

/// When failures are new.
#[derive(Debug, Clone, Copy)]
pub(super) struct SinceWhen {
    /// When the lab was looked at first: older ones that come to light are not new.
    pub first_look: DateTime,
    /// The record is at work: texts that are not there yet may come.
    pub running: bool,
}

impl ToldFailures {
    /// What a record has when it is looked at first, which is not told.
    pub fn begin(lab: &Lab, events: &LazyEvents<'_>, cx: &mut Cx<'_>) -> Result<Self> {
        let last = tail(lab, events.run.id, None, cx)?;
        let mut told = Self { lacked: last.lacks.rows, ..Self::default() };
        let last = last.value.last().cloned();
        told.last_phase = last.as_ref().map(PhaseSummary::id).or(Some(i64::MIN));
        if let Some(last) = last.filter(has_failure) {
            told.counted = vec![count(&last)];
            told.told = fresh::of_phases(lab, events, &[last], cx)?.iter().map(key).collect();
        }
        Ok(told)
    }

    /// A text is still waited for.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The failures that are new.
    pub fn look(
        &mut self,
        lab: &Lab,
        events: &LazyEvents<'_>,
        since: SinceWhen,
        cx: &mut Cx<'_>,
    ) -> Result<Vec<Failure>> {
        let from = self.last_phase.unwrap_or(i64::MIN);
        let tail = tail(lab, events.run.id, Some(from), cx)?;
        let failed: Vec<PhaseSummary> =
            tail.value.iter().filter(|phase| has_failure(phase)).cloned().collect();
        let counts: Vec<_> = failed.iter().map(count).collect();
        let lacked = std::mem::replace(&mut self.lacked, tail.lacks.rows);
        let last = tail.value.last().map_or(from, PhaseSummary::id).max(from);
        let mut new = Vec::new();
        if counts != self.counted || self.held.is_some() {
            let changed =
                |phase: &&PhaseSummary| self.held.is_some() || !self.counted.contains(&count(phase));
            let changed: Vec<PhaseSummary> = failed.iter().filter(changed).cloned().collect();
            new = fresh::of_phases(lab, events, &changed, cx)?;
            new.retain(|failure| !self.told.contains(&key(failure)));
        }
        if lacked {
            let old = |failure: &Failure| failure.end.at().is_some_and(|end| end < since.first_look);
            self.told.extend(new.extract_if(.., |failure| old(failure)).map(|failure| key(&failure)));
        }
        let silent = |failure: &Failure| failure.text.is_none();
        let waits = since.running && new.iter().any(silent);
        self.held = waits.then(|| self.held.unwrap_or_else(Instant::now));
        self.held = self.held.filter(|since| since.elapsed() < TEXT_COMES);
        // What is held is looked for again in its phase.
        let mut last = last;
        if self.held.is_some() {
            let held = new.extract_if(.., |failure| silent(failure));
            last = held.filter_map(|failure| failure.phase_id).fold(last, i64::min);
        }
        self.counted = counts;
        self.told.extend(new.iter().map(key));
        self.told.retain(|(phase, _)| phase.is_none_or(|phase| phase >= last));
        self.counted.retain(|(phase, ..)| *phase >= last);
        self.last_phase = Some(last);
        Ok(new)
    }
}

fn has_failure(phase: &PhaseSummary) -> bool {
    phase.failed_steps() > 0 || phase.has_failed()
}

fn count(phase: &PhaseSummary) -> (i64, u64, bool) {
    (phase.id(), phase.failed_steps(), phase.has_failed())
}

fn key(failure: &Failure) -> (Option<i64>, Option<i64>) {
    (failure.phase_id, failure.step)
}

/// The phases of a record from one on, by id, or the last one; of a long record no more than that is read.
fn tail(lab: &Lab, run: i64, from: Option<i64>, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSummary>>> {
    let Some(beginning) = lab.beginning(run, false, cx)? else {
        return Ok(lab.phase_summaries(run, cx)?.map(|summaries| {
            let last = summaries.iter().map(PhaseSummary::id).max();
            let from = from.or(last).unwrap_or(i64::MIN);
            let mut tail: Vec<_> = summaries.iter().filter(|phase| phase.id() >= from).cloned().collect();
            tail.sort_by_key(PhaseSummary::id);
            tail
        }));
    };
    let last = beginning.notable.last().or(beginning.first.last()).map_or(0, PhaseSummary::id);
    let from = from.unwrap_or(last).max(last.saturating_sub(MOST));
    let ids: Vec<i64> = (from..=last).collect();
    lab.phase_refs(run, &ids, true, cx)?.try_map(|refs| {
        let phases = lab.source().phases(&refs.iter().collect::<Vec<_>>(), cx)?;
        let there = refs.into_iter().zip(phases).filter_map(|(of, phase)| Some(phase?.summary(of)));
        Ok(there.collect())
    })
}
