//! How far a record without an end has come: its iteration, of how many, and when it will be through.

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, ToSpan, civil::DateTime};

use super::{
    events::LazyEvents,
    lab::Lab,
    why::{entries::Count, run_log},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        activity::LONGEST_STEP,
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        run::{Phase, Run},
        timestamp::seconds_between,
    },
};

/// How far a record without an end has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunProgress {
    pub start: Option<DateTime>,
    /// The phase that began last: `prep`, `main`, `cleanup`.
    pub phase: Option<String>,
    /// The iteration that began last, as stored.
    pub iteration: Option<i64>,
    /// How many it is to have, where the log tells.
    pub of: Option<u64>,
    /// Seconds that an iteration takes: the median of those that ended, with the time that they waited.
    pub usual: Option<f64>,
    /// When the last iteration will have ended if each takes that long: a moment, so that a screen that stands still
    /// stays true. `None` for a record that waits, as nobody knows how long.
    pub through: Option<DateTime>,
}

impl RunProgress {
    /// Seconds since the record's start; below 0 when the clock went back.
    pub fn elapsed(&self, now: DateTime) -> Option<f64> {
        Some(seconds_between(self.start?, now))
    }
}

/// Iterations of a long record that are looked at for the time that one takes: spread over all of it.
const SAMPLE: usize = 128;
/// Phases at the end of a long record among which the open iteration is.
const TAIL: i64 = 16;

/// How far a record without an end has come, in some milliseconds whatever its length and that of its log.
///
/// # Errors
/// As any read.
pub fn of_record(
    lab: &Lab,
    events: &LazyEvents<'_>,
    waits: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<RunProgress>> {
    let run = events.run;
    let mut lacks = Lacks::default();
    let phases = phase_times(lab, run.id, cx)?.into(&mut lacks);
    let counted = match current(&phases) {
        Some(current) => counted(lab, run, &phases, current, cx)?,
        None => None,
    };
    let went_on = |kind: &str| matches!(kind, "resumed" | "retried");
    let resumed = events.all().iter().rfind(|event| went_on(&event.kind)).and_then(|event| event.time.at());
    let progress =
        told(run.start.at(), &phases, counted, if waits { Turn::Waits } else { Turn::Goes(resumed) });
    Ok(Partial::lacking(progress, lacks))
}

/// Whether the record waits, or when it last went on after a wait.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Waits,
    Goes(Option<DateTime>),
}

/// When a phase was.
#[derive(Debug, Clone, PartialEq)]
struct PhaseTime {
    id: i64,
    name: String,
    repeat_index: Option<i64>,
    failed: bool,
    start: Option<DateTime>,
    end: Option<DateTime>,
}

impl PhaseTime {
    fn of_summary(summary: &PhaseSummary) -> Self {
        Self {
            id: summary.id(),
            name: summary.name.to_string(),
            repeat_index: summary.repeat_index,
            failed: summary.has_failed(),
            start: summary.start.at(),
            end: summary.end.at(),
        }
    }

    fn of_phase(phase: &Phase) -> Self {
        Self {
            id: phase.id,
            name: phase.name.clone(),
            repeat_index: phase.repeat_index,
            failed: phase.status.as_deref() == Some("failed"),
            start: phase.start.at(),
            end: phase.end.at(),
        }
    }

    fn is_main(&self) -> bool {
        self.name == "main"
    }

    fn took(&self) -> Option<f64> {
        Some(seconds_between(self.start?, self.end?)).filter(|took| (0.0..=LONGEST_STEP).contains(took))
    }
}

/// The phases of a record by id; of a long one whose phases are not at hand a sample, and those at its end.
fn phase_times(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseTime>>> {
    let Some((sample, _)) = lab.spread(run, SAMPLE, cx)? else {
        return Ok(lab.phase_summaries(run, cx)?.map(|summaries| {
            let mut times: Vec<_> = summaries.iter().map(PhaseTime::of_summary).collect();
            times.sort_by_key(|time| time.id);
            times
        }));
    };
    let last = sample.last().map_or(0, |phase| phase.id);
    let tail: Vec<i64> = (last.saturating_sub(TAIL - 1)..=last).collect();
    let tail = lab.phase_refs(run, &tail, false, cx)?;
    let mut refs = sample;
    refs.extend(tail.value);
    refs.sort_by_key(|phase| phase.id);
    refs.dedup_by_key(|phase| phase.id);
    let mut times = Vec::with_capacity(refs.len());
    lab.each_phase(&refs.iter().collect::<Vec<_>>(), cx, |_, phase| {
        times.push(PhaseTime::of_phase(&phase));
        Ok(())
    })?;
    Ok(Partial::lacking(times, tail.lacks))
}

/// The iteration that began last: by its id, as clocks go back.
fn current(phases: &[PhaseTime]) -> Option<&PhaseTime> {
    phases.iter().rfind(|phase| phase.is_main())
}

/// Which one of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    n: u64,
    of: u64,
}

/// What the log says as the current iteration begins: between the end of the phase before and its own start.
fn counted(
    lab: &Lab,
    run: &Run,
    phases: &[PhaseTime],
    current: &PhaseTime,
    cx: &mut Cx<'_>,
) -> Result<Option<Counted>> {
    let Some(start) = current.start else { return Ok(None) };
    let before = phases.iter().rfind(|phase| phase.id < current.id).and_then(|phase| phase.end);
    let from = before.map_or(start, |before| before.min(start)).saturating_sub(1.second());
    let Some(log) = run_log::between(lab, run, (from, start.saturating_add(1.second())), cx)? else {
        return Ok(None);
    };
    let counts = || {
        let counts = log.entries.iter().rev().filter_map(|entry| Count::of_text(&entry.text));
        counts.map(|count| Counted { n: count.n, of: count.of })
    };
    let own = |count: &Counted| i64::try_from(count.n).ok() == current.repeat_index;
    // Quick iterations begin in one second.
    Ok(counts().find(own).or_else(|| counts().next()))
}

fn told(start: Option<DateTime>, phases: &[PhaseTime], counted: Option<Counted>, turn: Turn) -> RunProgress {
    let (current, last) = (current(phases), phases.last());
    let iteration = current.and_then(|phase| phase.repeat_index);
    let counted = counted.filter(|counted| {
        let fits = |n: u64| n <= counted.of;
        fits(counted.n) && iteration.is_none_or(|n| u64::try_from(n).is_ok_and(fits))
    });
    let usual = usual(phases);
    let is_at_it = last.is_some_and(PhaseTime::is_main);
    let through = match (current, counted, usual, turn) {
        (Some(current), Some(counted), Some(usual), Turn::Goes(resumed)) if is_at_it => {
            through(current, counted, usual, resumed)
        }
        _ => None,
    };
    RunProgress {
        start,
        phase: last.map(|phase| phase.name.clone()),
        iteration,
        of: counted.map(|counted| counted.of),
        usual,
        through,
    }
}

/// The median of the iterations that ended; those that failed ended early, and count where there are no others.
fn usual(phases: &[PhaseTime]) -> Option<f64> {
    let ended = |failed: bool| {
        let of = phases.iter().filter(|phase| phase.is_main() && phase.failed == failed);
        of.filter_map(PhaseTime::took).collect::<Vec<f64>>()
    };
    let mut took = ended(false);
    if took.is_empty() {
        took = ended(true);
    }
    took.sort_by(f64::total_cmp);
    let middle = took.len() / 2;
    let upper = took.get(middle).copied()?;
    match took.get(middle.wrapping_sub(1)).filter(|_| took.len() % 2 == 0) {
        Some(lower) => Some(f64::midpoint(*lower, upper)),
        None => Some(upper),
    }
}

fn through(current: &PhaseTime, counted: Counted, usual: f64, resumed: Option<DateTime>) -> Option<DateTime> {
    let behind =
        |at: DateTime, seconds: f64| at.checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?).ok();
    let end = match current.end {
        Some(end) => end,
        // It does not end before it went on.
        None => behind(current.start?, usual)?.max(resumed.unwrap_or(DateTime::MIN)),
    };
    behind(end, usual * (counted.of - counted.n) as f64)
}
