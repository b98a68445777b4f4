//! What the log adds to the failures: arguments, texts, tracebacks, places; and errors that only the log has.

use std::collections::{HashMap, HashSet};

use jiff::civil::DateTime;

use super::{
    arguments::{self, LoggedCall},
    entries::{self, ERROR_ENTRY, Entry},
    failed_steps::FailedPhase,
    pairing::{self, Mark},
    run_log::RunLog,
    types::{Failure, FailureKind, LogPlace, Origin, Told},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        phase_summary::PhaseSummary,
        run::Step,
        timestamp::{Timestamp, seconds_between, whole_second},
    },
};

/// Entries behind a step that are shown with it.
const BEHIND: usize = 2;
/// Seconds behind its end in which the log tells of a failed phase.
const SOON: f64 = 2.0;
/// Lines of the log that are given with a failure.
const LINES: usize = 200;

/// What an error says: behind the colon of `Error during script execution: `, or all of an error of inputs.
fn message(entry: &Entry) -> Option<String> {
    if entry.is_about_inputs() {
        return entry.message("");
    }
    if !entry.text.starts_with(ERROR_ENTRY) {
        return None;
    }
    // An empty message may have lost the blank behind the colon.
    let (head, _) = entry.text.split_once(':')?;
    let said = entry.message(&format!("{head}:"))?;
    Some(said.strip_prefix(' ').unwrap_or(&said).to_owned())
}

/// Adds to failed steps and phases what the log says of them.
pub fn add(log: &RunLog, phases: &[FailedPhase], failures: &mut [Failure], all: bool) {
    let errors = own_errors(log, failures);
    of_phases(log, failures);
    let mut failed: Vec<&Step> = phases.iter().flat_map(FailedPhase::failed).collect();
    failed.sort_by(|a, b| (&a.start, a.id).cmp(&(&b.start, b.id)));
    let calls: Vec<_> = errors.iter().map(|place| arguments::before(&log.entries, *place)).collect();
    let marks: Vec<Mark<'_>> = errors
        .iter()
        .zip(&calls)
        .map(|(place, call)| Mark {
            time: log.entries.get(*place).map(|entry| entry.time),
            method: call.as_ref().map(|call| call.name),
        })
        .collect();
    let steps: Vec<Mark<'_>> = failed.iter().map(|step| Mark::of_step(step)).collect();
    let found = pairing::pair(&steps, &marks, all && !log.in_part);
    let started = arguments::of_steps(&failed, &log.entries);
    let places: HashMap<i64, usize> =
        failures.iter().enumerate().filter_map(|(n, failure)| Some((failure.step?, n))).collect();
    for ((step, error), started) in failed.iter().zip(found).zip(started) {
        let Some(failure) = places.get(&step.id).and_then(|n| failures.get_mut(*n)) else { continue };
        let place = error.and_then(|n| errors.get(n)).copied();
        let before = error.and_then(|n| calls.get(n).copied().flatten());
        let call = before.filter(|call| pairing::is_method(call.name, &step.method_name)).or(started);
        if let Some(call) = call {
            told_by(log, call, failure);
        }
        let entry = place.and_then(|place| log.entries.get(place));
        if let Some(entry) = entry {
            of_error(log, entry, failure);
        }
        let from = call.map(|call| call.offset());
        failure.log = stretch(log, &step.start, &step.end, from, entry);
    }
}

/// Adds to the step at which a record died its arguments, and what the log says from then on.
pub fn unfinished(log: &RunLog, failure: &mut Failure) {
    let step = Step {
        method_name: failure.method.clone().unwrap_or_default(),
        start: failure.start.clone(),
        ..Step::default()
    };
    let call = arguments::of_steps(&[&step], &log.entries).pop().flatten();
    if let Some(call) = call {
        told_by(log, call, failure);
    }
    failure.log = stretch(log, &failure.start, &failure.end, call.map(|call| call.offset()), None);
}

fn told_by(log: &RunLog, call: LoggedCall<'_>, failure: &mut Failure) {
    failure.called = Some(call.name.to_owned());
    if let Some(arguments) = call.arguments() {
        failure.inputs = Some(Told::new(arguments, log.file.origin));
    }
}

/// Gives failed phases the entry that has their message: `Row failed. Row 2: ...`.
fn of_phases(log: &RunLog, failures: &mut [Failure]) {
    let mut taken = HashSet::new();
    for failure in failures.iter_mut().filter(|failure| failure.kind == FailureKind::Phase) {
        let (Some(start), Some(message)) = (failure.start.at(), first_line(failure)) else { continue };
        let near = log.entries.iter().filter(|entry| entry.time >= whole_second(start));
        let entry = near
            .take_while(|entry| failure.end.at().is_none_or(|end| seconds_between(end, entry.time) <= SOON))
            .find(|entry| !taken.contains(&entry.offset) && ends_with(entry, &message));
        if let Some(entry) = entry.filter(|_| !message.is_empty()) {
            taken.insert(entry.offset);
            let time = Timestamp::At(entry.time);
            failure.log = stretch(log, &time, &time, Some(entry.offset), Some(entry));
        }
    }
}

/// The errors of the log that may be a step's: not those that a failed phase or a condition has.
fn own_errors(log: &RunLog, failures: &[Failure]) -> Vec<usize> {
    let mut of_phases = messages_of_phases(failures);
    let mut errors = Vec::new();
    for (place, entry) in log.entries.iter().enumerate().filter(|(_, entry)| entry.is_error()) {
        match of_phases.iter().position(|message| ends_with(entry, message)) {
            Some(n) => drop(of_phases.swap_remove(n)),
            None if entry.is_about_inputs() => {}
            None if message(entry).is_some_and(|text| text.starts_with("Error evaluating ")) => {}
            None => errors.push(place),
        }
    }
    errors
}

fn messages_of_phases(failures: &[Failure]) -> Vec<String> {
    let phases = failures.iter().filter(|failure| failure.kind == FailureKind::Phase);
    phases.filter_map(first_line).filter(|message| !message.is_empty()).collect()
}

fn first_line(failure: &Failure) -> Option<String> {
    failure.text.as_ref()?.value.lines().next().map(str::to_owned)
}

fn ends_with(entry: &Entry, message: &str) -> bool {
    entry.text.ends_with(message) || entry.message("").is_some_and(|text| text.ends_with(message))
}

fn of_error(log: &RunLog, entry: &Entry, failure: &mut Failure) {
    failure.traceback = entry.traceback();
    failure.exception = failure.traceback.as_deref().and_then(entries::exception);
    if failure.text.is_none() {
        failure.text = message(entry).map(|text| Told::new(text, log.file.origin));
    }
}

/// Errors of the log that belong to none of the failures.
pub fn rest(log: &RunLog, summaries: &[PhaseSummary], failures: &[Failure]) -> Vec<Failure> {
    let mut of_phases = messages_of_phases(failures);
    let taken: HashSet<u64> = failures.iter().filter_map(|failure| failure.log.as_ref()?.error_at).collect();
    let mut rest = Vec::new();
    for entry in log.entries.iter().filter(|entry| entry.is_error() && !taken.contains(&entry.offset)) {
        if let Some(n) = of_phases.iter().position(|message| ends_with(entry, message)) {
            of_phases.swap_remove(n);
            continue;
        }
        // An error of a failed step that could not be told from another one is none of the run.
        let unclear = failures.iter().any(|failure| {
            failure.kind == FailureKind::Step
                && failure.log.as_ref().is_none_or(|log| log.error_at.is_none())
                && failure.end.at().is_some_and(|end| whole_second(end) == entry.time)
        });
        if !unclear {
            rest.push(of_run(log, entry, summaries));
        }
    }
    rest
}

fn of_run(log: &RunLog, entry: &Entry, summaries: &[PhaseSummary]) -> Failure {
    let time = Timestamp::At(entry.time);
    let mut failure = Failure { start: time.clone(), end: time.clone(), ..Failure::unknown() };
    if let Some(summary) = open_phase(summaries, entry.time) {
        failure.phase_id = Some(summary.id());
        failure.phase = Some(summary.name.to_string());
        failure.iteration = summary.repeat_index;
    }
    of_error(log, entry, &mut failure);
    failure.log = stretch(log, &time, &time, Some(entry.offset), Some(entry));
    failure
}

/// The phase that was open in a second: the last one that had begun.
fn open_phase(summaries: &[PhaseSummary], time: DateTime) -> Option<&PhaseSummary> {
    let begun = |summary: &&PhaseSummary| summary.start.at().is_some_and(|start| whole_second(start) <= time);
    let open = |summary: &&PhaseSummary| summary.end.at().is_none_or(|end| whole_second(end) >= time);
    let mut begun: Vec<&PhaseSummary> = summaries.iter().filter(begun).collect();
    let last = begun.last().copied();
    begun.retain(|summary| open(summary));
    begun.last().copied().or(last)
}

/// The entries from a step's start (or the entry of its call) to its end (or the entry of its error) and the next two.
fn stretch(
    log: &RunLog,
    start: &Timestamp,
    end: &Timestamp,
    from: Option<u64>,
    error: Option<&Entry>,
) -> Option<LogPlace> {
    let start = whole_second(start.at()?);
    let end = end.at().map_or(start, whole_second);
    let first = match from {
        Some(offset) => place_of(&log.entries, offset)?,
        None => log.entries.iter().position(|entry| entry.time >= start && entry.time <= end)?,
    };
    let rest = log.entries.get(first..)?;
    let last = match error {
        Some(error) => place_of(rest, error.offset)?,
        None => rest.iter().take_while(|entry| entry.time <= end).count().saturating_sub(1),
    };
    let last = rest.get(last + BEHIND).or(rest.last())?;
    let offset = rest.first()?.offset;
    Some(LogPlace {
        origin: log.file.origin,
        file: log.file.name(),
        offset,
        length: last.end() - offset,
        error_at: error.map(|error| error.offset),
        lines: None,
        text: Vec::new(),
    })
}

/// The entry that begins at a byte of the file.
fn place_of(entries: &[Entry], offset: u64) -> Option<usize> {
    entries.binary_search_by_key(&offset, |entry| entry.offset).ok()
}

/// Gives failures the numbers of their lines, and the lines.
pub fn places(log: &RunLog, failures: &mut [Failure], cx: &mut Cx<'_>) -> Result<()> {
    let mut ends: Vec<u64> = failures
        .iter()
        .filter_map(|failure| failure.log.as_ref())
        .flat_map(|place| [place.offset, (place.offset + place.length).saturating_sub(1)])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let numbers = log.file.line_numbers(&ends, cx)?;
    let number = |at: u64| numbers.as_ref()?.get(ends.binary_search(&at).ok()?).copied();
    for place in failures.iter_mut().filter_map(|failure| failure.log.as_mut()) {
        let last = (place.offset + place.length).saturating_sub(1);
        place.lines = number(place.offset).zip(number(last));
        place.text = lines(log, place)?;
    }
    Ok(())
}

/// The lines of a place; in a log of all records those of this one alone.
fn lines(log: &RunLog, place: &LogPlace) -> Result<Vec<String>> {
    if place.origin == Origin::Log {
        return log.file.lines(place.offset, place.length, LINES);
    }
    let within = |entry: &&Entry| entry.offset >= place.offset && entry.end() <= place.offset + place.length;
    let mut lines = Vec::new();
    for entry in log.entries.iter().filter(within) {
        lines.extend(log.file.lines(entry.offset, entry.length, LINES.saturating_sub(lines.len()))?);
    }
    Ok(lines)
}
