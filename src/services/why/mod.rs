//! Why a record failed: its failures with place, inputs, text, traceback and log, each with where it comes from.

pub mod alike;
pub(super) mod all_failures;
pub(super) mod arguments;
pub(super) mod attempts;
pub(super) mod entries;
pub mod failed_records;
pub(super) mod failed_steps;
pub mod first;
pub(super) mod fresh;
mod from_log;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod last_good;
pub(super) mod overlap;
pub(super) mod pairing;
pub mod report;
pub(super) mod run_log;
mod same;
pub(super) mod signature;
mod told;
pub mod types;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::civil::DateTime;

use super::{
    calls,
    events::{self, LazyEvents, RunEvent},
    lab::Lab,
    run_row,
    run_state::RunState,
    slow_steps,
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        format,
        outcome::Outcome,
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        run::{Run, Step},
        value::Dict,
    },
};
use failed_steps::{FailedPhase, error_events, event_text};
use pairing::Mark;
use types::{Depth, Failure, FailureKind, Origin, Told, Why};

/// So many failed steps of a record are told on screen.
const SHOWN: usize = 500;

/// Why a record failed.
///
/// # Errors
/// As any read.
pub fn of_record(lab: &Lab, id: i64, depth: Depth, cx: &mut Cx<'_>) -> Result<Partial<Why>> {
    let (whole, as_of) = (depth != Depth::Beginning, lab.now());
    let run = lab.run(id, cx)?;
    let events = LazyEvents::of(&run);
    let row = run_row::with_outcome(lab, &events, cx)?;
    let mut lacks = Lacks::default();
    let summaries = lab.phase_summaries(id, cx)?.into(&mut lacks);
    let most = if whole { usize::MAX } else { SHOWN };
    let gathered = gathered(lab, &events, &summaries, most, cx)?;
    let moments: Vec<DateTime> = gathered.moments();
    let log = run_log::read(lab, &run, &moments, depth == Depth::WholeLog, cx)?;
    let Gathered { phases, mut failures, all, .. } = gathered;
    let instead = instead(events.all());
    let mut told = Why {
        row,
        as_of,
        instead,
        failures: Vec::new(),
        knows_slow: false,
        more: 0,
        calls_before: Vec::new(),
        log_in_part: false,
    };
    if let Some(log) = &log {
        told.log_in_part = log.in_part;
        from_log::add(log, &phases, &mut failures, all);
        let rest = from_log::rest(log, &summaries, &failures);
        failures.extend(rest.into_iter().filter(|_| all));
    }
    if failures.is_empty() && told.row.outcome == Outcome::Error {
        failures.push(end_with_error(&events, &summaries));
    }
    if told.row.state() == Some(RunState::Died)
        && let Some(mut last) = unfinished(lab, &summaries, cx)?
    {
        if let Some(log) = &log {
            from_log::unfinished(log, &mut last);
        }
        failures.push(last);
    }
    in_order(&mut failures);
    if let Some(log) = &log {
        from_log::places(log, &mut failures, cx)?;
    }
    let first = failures.iter().find_map(|failure| failure.start.at());
    if let Some(first) = first {
        told.calls_before = calls::before(lab, first, cx)?;
    }
    let total: u64 = summaries.iter().map(|s| s.failed_steps() + u64::from(s.failed_without_step())).sum();
    told.more =
        if all { 0 } else { usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(failures.len()) };
    told.failures = failures;
    last_good::add(lab, &run, &summaries, &mut told.failures, log.as_ref(), cx)?.into(&mut lacks);
    add_same(lab, whole, &mut told.failures, cx)?;
    told.knows_slow = add_slow(lab, whole, &summaries, &mut told.failures, cx)?.into(&mut lacks);
    Ok(Partial::lacking(told, lacks))
}

/// Adds how often the failures of all records read alike: read for it where the `whole` is wanted, else only where known.
fn add_same(lab: &Lab, whole: bool, failures: &mut [Failure], cx: &mut Cx<'_>) -> Result<()> {
    let known = if whole { Some(same::all(lab, cx)?) } else { same::known(lab, lab.version(cx)) };
    if let Some(known) = known {
        for failure in failures {
            let signature = failure.signature.as_ref();
            failure.same = signature.and_then(|told| known.same(&told.value, told.origin));
        }
    }
    Ok(())
}

/// Slow steps that are told of a failure.
const SLOW: usize = 3;

/// Adds what was slow before it failed: looked for where the `whole` is wanted, else only where known; is it known now?
fn add_slow(
    lab: &Lab,
    whole: bool,
    summaries: &[PhaseSummary],
    failures: &mut [Failure],
    cx: &mut Cx<'_>,
) -> Result<Partial<bool>> {
    let (Some(summary), false) = (summaries.first(), failures.is_empty()) else {
        return Ok(Partial::whole(true));
    };
    let run = summary.phase_ref.run;
    let slow =
        if whole { Some(slow_steps::of_record(lab, run, cx)?) } else { slow_steps::known(lab, run, cx) };
    let Some(slow) = slow else { return Ok(Partial::whole(false)) };
    let places: HashMap<i64, usize> = summaries.iter().map(PhaseSummary::id).zip(0..).collect();
    let key = |phase: i64, step: i64| (places.get(&phase).copied().unwrap_or_default(), step);
    for failure in failures {
        let Some(phase) = failure.phase_id else { continue };
        let here = key(phase, failure.step.unwrap_or(i64::MAX));
        let all = &slow.value.all;
        let until = all.partition_point(|slow| key(slow.phase, slow.step) <= here);
        failure.slow_before = all.get(until.saturating_sub(SLOW)..until).unwrap_or_default().to_vec();
    }
    Ok(slow.map(|_| true))
}

/// The arguments of steps of one phase, as the record's log has them.
///
/// # Errors
/// As any read.
pub fn arguments_of(
    lab: &Lab,
    run: &Run,
    steps: &[Step],
    cx: &mut Cx<'_>,
) -> Result<Vec<Option<Told<Dict>>>> {
    let starts = || steps.iter().filter_map(|step| step.start.at());
    let (Some(first), Some(last)) = (starts().min(), starts().max()) else {
        return Ok(vec![None; steps.len()]);
    };
    let Some(log) = run_log::between(lab, run, (first, last), cx)? else {
        return Ok(vec![None; steps.len()]);
    };
    let steps: Vec<&Step> = steps.iter().collect();
    let calls = arguments::of_steps(&steps, &log.entries);
    let told = |arguments| Told::new(arguments, log.file.origin);
    Ok(calls.into_iter().map(|call| call?.arguments().map(told)).collect())
}

/// The failed steps of a record behind which they were tried again, as its events tell; `None` where it has no events.
///
/// # Errors
/// As any read.
pub fn tried_again(
    lab: &Lab,
    events: &LazyEvents<'_>,
    summaries: &[PhaseSummary],
    cx: &mut Cx<'_>,
) -> Result<Option<HashSet<i64>>> {
    if events.run.events.is_null() {
        return Ok(None);
    }
    if !events.all().iter().any(|event| event.kind == events::RETRIED) {
        return Ok(Some(HashSet::new()));
    }
    let (phases, all) = failed_steps::gather(lab, summaries, usize::MAX, cx)?;
    Ok(Some(retried(&event_texts(&in_time(&phases), events.all(), all))))
}

/// How many failed steps of a record were tried again.
///
/// # Errors
/// As any read.
pub fn tried_again_count(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Partial<usize>> {
    let summaries = lab.phase_summaries(run.id, cx)?;
    if summaries.value.iter().all(|summary| summary.failed_steps() == 0) {
        return Ok(summaries.map(|_| 0));
    }
    let found = gathered(lab, &LazyEvents::of(run), &summaries.value, usize::MAX, cx)?;
    let again = |failure: &&Failure| failure.attempt.is_some_and(|attempt| attempt.n < attempt.of);
    Ok(summaries.map(|_| found.failures.iter().filter(again).count()))
}

/// The failed steps of phases in the order in which they began.
fn in_time(phases: &[FailedPhase]) -> Vec<&Step> {
    let mut steps: Vec<&Step> = phases.iter().flat_map(FailedPhase::failed).collect();
    steps.sort_by(|a, b| (&a.start, a.id).cmp(&(&b.start, b.id)));
    steps
}

fn retried(texts: &HashMap<i64, EventText>) -> HashSet<i64> {
    texts.iter().filter(|(_, told)| told.retried).map(|(step, _)| *step).collect()
}

/// In the order in which they happened.
fn in_order(failures: &mut [Failure]) {
    failures.sort_by(|a, b| {
        (a.start.at().is_none(), &a.start, a.step).cmp(&(b.start.at().is_none(), &b.start, b.step))
    });
}

/// What the database tells of failures.
struct Gathered {
    phases: Vec<FailedPhase>,
    failures: Vec<Failure>,
    /// None is missing.
    all: bool,
}

impl Gathered {
    /// When steps failed: where the log is looked at.
    fn moments(&self) -> Vec<DateTime> {
        let ends = |failure: &Failure| [failure.start.at(), failure.end.at()];
        self.failures.iter().flat_map(ends).flatten().collect()
    }
}

fn gathered(
    lab: &Lab,
    events: &LazyEvents<'_>,
    summaries: &Arc<Vec<PhaseSummary>>,
    most: usize,
    cx: &mut Cx<'_>,
) -> Result<Gathered> {
    let (phases, all) = failed_steps::gather(lab, summaries, most, cx)?;
    Ok(texts_of(events, phases, all))
}

/// The failures of phases with the texts of their events; `all` says that these are all of the record.
fn texts_of(events: &LazyEvents<'_>, phases: Vec<FailedPhase>, all: bool) -> Gathered {
    let texts = event_texts(&in_time(&phases), events.all(), all);
    let retried = (!events.run.events.is_null()).then(|| retried(&texts));
    let mut failures: Vec<Failure> = phases.iter().flat_map(|p| p.failures(retried.as_ref())).collect();
    for failure in &mut failures {
        if let Some(told) = failure.step.and_then(|step| texts.get(&step)) {
            let text = told.text.clone().map(|text| Told::new(text, Origin::Event));
            failure.text = text.or(failure.text.take());
            failure.signature = told.signature.clone().map(|text| Told::new(text, Origin::Event));
        }
    }
    Gathered { phases, failures, all }
}

/// What the error event of a failed step says.
struct EventText {
    text: Option<String>,
    signature: Option<String>,
    /// The step was tried again behind it.
    retried: bool,
}

/// The error events of failed steps, by step.
fn event_texts(steps: &[&Step], events: &[RunEvent], all: bool) -> HashMap<i64, EventText> {
    let errors = error_events(events);
    let step_marks: Vec<Mark<'_>> = steps.iter().map(|step| Mark::of_step(step)).collect();
    let event_marks: Vec<Mark<'_>> = errors.iter().map(|(event, _)| Mark::of_event(event)).collect();
    let found = pairing::pair(&step_marks, &event_marks, all);
    let told = |(step, error): (&&Step, Option<usize>)| {
        let (event, retried) = errors.get(error?)?;
        let text = event_text(event, &step.method_name);
        let signature = event.detail.as_deref().map(signature::of_event);
        Some((step.id, EventText { text, signature, retried: *retried }))
    };
    steps.iter().zip(found).filter_map(told).collect()
}

/// What a record has where nothing failed: how people or the optimizer ended it.
pub(super) fn instead(events: &[RunEvent]) -> Option<String> {
    let said = |event: &RunEvent| {
        let time = event.time.at().map(format::time_of_day).unwrap_or_default();
        let detail = event.detail.as_deref().filter(|detail| !detail.is_empty());
        format!("{} at {time}{}", event.label, detail.map(|detail| format!(": {detail}")).unwrap_or_default())
    };
    let ended = |event: &&RunEvent| {
        matches!(event.kind.as_str(), "stop_now" | "stop_after_iteration" | "early_stop" | "rows_not_run")
    };
    events.iter().rfind(ended).map(said)
}

/// The end of a record with an error that nothing explains but its last error event, if there is one.
fn end_with_error(told: &LazyEvents<'_>, summaries: &[PhaseSummary]) -> Failure {
    let end = &told.run.end;
    let last = told.all().iter().rfind(|event| event.kind == events::ERROR);
    let detail = last.and_then(|event| event.detail.as_deref());
    let failure = Failure {
        start: end.clone(),
        end: end.clone(),
        text: detail.map(|detail| Told::new(detail.to_owned(), Origin::Event)),
        signature: detail.map(|detail| Told::new(signature::of_event(detail), Origin::Event)),
        ..Failure::unknown()
    };
    match summaries.last() {
        Some(summary) => in_phase(failure, summary),
        None => failure,
    }
}

fn in_phase(failure: Failure, summary: &PhaseSummary) -> Failure {
    Failure {
        phase_id: Some(summary.id()),
        phase: Some(summary.name.to_string()),
        iteration: summary.repeat_index,
        ..failure
    }
}

/// Phases at the end of a record that are looked at for its last step.
const LAST: usize = 20;

/// The step at which a record died: the one without an end, else the last one that ended.
fn unfinished(lab: &Lab, summaries: &[PhaseSummary], cx: &mut Cx<'_>) -> Result<Option<Failure>> {
    let mut last: Option<Failure> = None;
    for summary in summaries.iter().rev().take(LAST) {
        let Some(phase) = failed_steps::with_steps(lab, summary, cx)? else { continue };
        let open = phase.steps.iter().rev().find(|step| step.end.is_none());
        if let Some(step) = open {
            return Ok(Some(phase.unfinished(step)));
        }
        let ended = phase.steps.iter().max_by(|a, b| (&a.end, a.id).cmp(&(&b.end, b.id)));
        if let Some(step) = ended.filter(|_| last.is_none()) {
            last = Some(phase.unfinished(step));
        }
    }
    let nowhere = || Failure { kind: FailureKind::Unfinished, ..Failure::unknown() };
    let in_last = |summary: &PhaseSummary| in_phase(nowhere(), summary);
    Ok(last.or_else(|| Some(summaries.last().map_or_else(nowhere, in_last))))
}
