//! Reads the failures of all records from their events and phases: that costs no reading of logs.

use std::sync::Arc;

use super::{all_failures::AllFailures, failed_steps, signature};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{query::Order, run::Run},
    services::{
        events::{self, LazyEvents},
        lab::Lab,
    },
    store::{IdPlace, Version, kept_file},
};

/// Records read at once.
const PIECE: usize = 2_000;
/// Records at the end that may still go on.
const LAST_RUNS: i64 = 64;
/// Phases at the end that may still go on.
const LAST_PHASES: i64 = 1_000;

/// The failures of all records; what is known of the records before the last ones stays, but for those that are gone.
pub fn all(lab: &Lab, cx: &mut Cx<'_>) -> Result<Arc<AllFailures>> {
    let version = lab.version(cx);
    if let Some(known) = known(lab, version) {
        return Ok(known);
    }
    let place = lab.source().kept_place(cx).filter(|_| version.is_some());
    let kept = place.as_ref().and_then(|place| kept_file::read(place, KIND));
    let kept = kept.and_then(|bytes| AllFailures::of_bytes(&bytes, version));
    let is_kept = kept.is_some();
    let all = match kept {
        Some(kept) => kept,
        None => read(lab, version, cx)?,
    };
    // The same state before and behind: nothing was changed meanwhile.
    if let Some(place) = place.filter(|place| !is_kept && lab.source().kept_place(cx).as_ref() == Some(place))
    {
        kept_file::write(&place, KIND, &all.to_bytes());
    }
    let all = Arc::new(all);
    lab.memo.failures.keep(&all);
    Ok(all)
}

/// The kind of their cache file.
const KIND: &str = "failures";

fn read(lab: &Lab, version: Option<Version>, cx: &mut Cx<'_>) -> Result<AllFailures> {
    let before = lab.memo.failures.get();
    let mut all = before.map(|before| before.beginning()).unwrap_or_default();
    read_runs(&mut all, lab, cx)?;
    read_phases(&mut all, lab, cx)?;
    let catalogue = lab.database().catalogue();
    if catalogue.is_whole() {
        all.retain(|run| catalogue.facts(run, |_| ()).is_some());
    }
    all.sort();
    all.version = version;
    Ok(all)
}

/// The failures of all records, if nothing has to be read for them.
pub fn known(lab: &Lab, version: Option<Version>) -> Option<Arc<AllFailures>> {
    lab.memo.failures.get().filter(|known| version.is_some() && known.version == version)
}

fn read_runs(all: &mut AllFailures, lab: &Lab, cx: &mut Cx<'_>) -> Result<()> {
    let mut from = match all.runs_from {
        Some(from) => IdPlace::Behind(from.saturating_sub(1)),
        None => IdPlace::Skip(0),
    };
    loop {
        let ids = lab.source().run_ids(from, Order::Ascending, PIECE, cx)?;
        let Some(last) = ids.last().copied() else { return Ok(()) };
        for run in lab.source().runs(&ids, cx)? {
            read_events(all, &run);
        }
        all.runs_from = Some(last.saturating_sub(LAST_RUNS).max(all.runs_from.unwrap_or(i64::MIN)));
        from = IdPlace::Behind(last);
        cx.check(Progress::default())?;
    }
}

fn read_events(all: &mut AllFailures, run: &Run) {
    if run.events.is_null() {
        return;
    }
    for event in LazyEvents::of(run).all().iter().filter(|event| event.kind == events::ERROR) {
        if let Some(detail) = &event.detail {
            all.add((run.id, 0), signature::of_event(detail), &event.time);
        }
    }
}

fn read_phases(all: &mut AllFailures, lab: &Lab, cx: &mut Cx<'_>) -> Result<()> {
    let mut from = all.phases_from.unwrap_or(i64::MIN);
    loop {
        let mut found = Vec::new();
        let read = lab.source().failed_phases(from, &mut |phase| found.push(phase), cx)?;
        for phase in found {
            if let Some(text) = failed_steps::phase_text(&phase) {
                all.add((phase.run_id, phase.id), signature::of_message(&text), &phase.start);
            }
        }
        if let Some(last) = read.last {
            let from = last.saturating_sub(LAST_PHASES);
            all.phases_from = Some(from.max(all.phases_from.unwrap_or(i64::MIN)));
        }
        let Some(next) = read.next else { return Ok(()) };
        from = next;
        cx.check(Progress::default())?;
    }
}
