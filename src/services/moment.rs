//! One moment of a record as its tabs know it: a step or phase, an iteration, a point of a chart, a place in the log.

use jiff::{ToSpan, civil::DateTime};

use super::{
    chart::OutputName,
    lab::Lab,
    map::{self, CellPlace, MapPart},
    next_failure::Spot,
    point_step,
    why::{
        arguments::{self, LoggedCall},
        run_log::{self, RunLog},
        types::Origin,
    },
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        run::{Run, Step},
        timestamp::whole_second,
    },
};

/// A moment of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Moment {
    /// A step or a phase.
    Spot(Spot),
    /// By its `repeat_index`.
    Iteration(i64),
    /// Of a chart.
    Point { output: OutputName, iteration: i64, sample: u32 },
    /// The line of the record's log that has this byte.
    LogByte(u64),
    /// Of the map.
    Cell(CellPlace),
}

/// What a moment is wanted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentKind {
    Spot,
    Iteration,
    LogByte,
    Cell,
}

impl Moment {
    pub fn is(&self, kind: MomentKind) -> bool {
        match self {
            Moment::Spot(_) => kind == MomentKind::Spot,
            Moment::Iteration(_) => kind == MomentKind::Iteration,
            Moment::LogByte(_) => kind == MomentKind::LogByte,
            Moment::Cell(_) => kind == MomentKind::Cell,
            Moment::Point { .. } => false,
        }
    }
}

/// Phases of one second that are looked at for a step.
const PHASES: usize = 256;
/// Phases in front of a time that are looked at for the last step.
const LAST: usize = 8;

/// The same moment in other terms; `None` where there is none: no log, no step at that time.
///
/// # Errors
/// As any read.
pub fn told_as(
    lab: &Lab,
    run: i64,
    from: &Moment,
    kind: MomentKind,
    cx: &mut Cx<'_>,
) -> Result<Partial<Option<Moment>>> {
    if from.is(kind) {
        return Ok(Partial::whole(Some(from.clone())));
    }
    if let (Moment::Point { iteration, .. }, MomentKind::Iteration) = (from, kind) {
        return Ok(Partial::whole(Some(Moment::Iteration(*iteration))));
    }
    let run = lab.run(run, cx)?;
    let mut lacks = Lacks::default();
    let summaries = lab.phase_summaries(run.id, cx)?.into(&mut lacks);
    let spot = match from {
        Moment::Spot(spot) => Some(*spot),
        Moment::Iteration(n) => phase_of(&summaries, *n),
        Moment::Point { output, iteration, sample } => {
            let made = point_step::step_of_point(lab, run.id, output, (*iteration, *sample), cx)?;
            made.into(&mut lacks).or_else(|| phase_of(&summaries, *iteration))
        }
        Moment::LogByte(at) => step_at(lab, &run, &summaries, *at, cx)?,
        Moment::Cell(place) => map::cell_detail(lab, run.id, place, cx)?.into(&mut lacks).spot,
    };
    let Some(spot) = spot else { return Ok(Partial::lacking(None, lacks)) };
    let found = match kind {
        MomentKind::Spot => Some(Moment::Spot(spot)),
        MomentKind::Iteration => {
            let phase = summaries.iter().find(|summary| summary.id() == spot.phase() && summary.is_main());
            phase.and_then(|phase| phase.repeat_index).map(Moment::Iteration)
        }
        MomentKind::Cell => cell(lab, &summaries, spot, cx)?.map(Moment::Cell),
        MomentKind::LogByte => log_byte(lab, &run, &summaries, spot, cx)?.map(Moment::LogByte),
    };
    Ok(Partial::lacking(found, lacks))
}

/// The cell of a step; of a phase that of its first step.
fn cell(lab: &Lab, summaries: &[PhaseSummary], spot: Spot, cx: &Cx<'_>) -> Result<Option<CellPlace>> {
    let Some(summary) = summaries.iter().find(|summary| summary.id() == spot.phase()) else {
        return Ok(None);
    };
    let part = match (summary.is_main(), summary.repeat_index) {
        (true, Some(n)) => MapPart::Iteration(n),
        (true, None) => return Ok(None),
        (false, _) if &*summary.name == "prep" => MapPart::Prep,
        (false, _) => MapPart::Cleanup,
    };
    let rows = lab.steps(&summary.phase_ref, cx)?;
    let step = match spot {
        Spot::Step { step, .. } => rows.into_iter().find(|row| row.id == step),
        Spot::Phase(_) => rows.into_iter().min_by(|a, b| (&a.start, a.id).cmp(&(&b.start, b.id))),
    };
    let place = |step: Step| CellPlace { part, step_index: step.step_index, method: step.method_name.into() };
    Ok(step.map(place))
}

fn phase_of(summaries: &[PhaseSummary], iteration: i64) -> Option<Spot> {
    let named = |summary: &&PhaseSummary| summary.is_main() && summary.repeat_index == Some(iteration);
    summaries.iter().find(named).map(|summary| Spot::Phase(summary.id()))
}

/// A step with its phase.
type Placed = (i64, Step);

/// The steps of a record that began in a second, in the order in which they began: logs have whole seconds.
fn steps_of_second(
    lab: &Lab,
    summaries: &[PhaseSummary],
    second: DateTime,
    cx: &mut Cx<'_>,
) -> Result<Vec<Placed>> {
    let next = second.saturating_add(1.second());
    let around = |summary: &&PhaseSummary| {
        summary.start.at().is_some_and(|start| start < next)
            && summary.end.at().is_none_or(|end| end >= second)
    };
    let mut found = Vec::new();
    for summary in summaries.iter().filter(around).take(PHASES) {
        let steps = lab.steps(&summary.phase_ref, cx)?.into_iter();
        let began = |step: &Step| step.start.at().map(whole_second) == Some(second);
        found.extend(steps.filter(began).map(|step| (summary.id(), step)));
        cx.check(Progress::default())?;
    }
    found.sort_by(|(_, a), (_, b)| (&a.start, a.id).cmp(&(&b.start, b.id)));
    Ok(found)
}

/// Where the log tells of a step or phase: at its call, else at the first entry from its second on.
fn log_byte(
    lab: &Lab,
    run: &Run,
    summaries: &[PhaseSummary],
    spot: Spot,
    cx: &mut Cx<'_>,
) -> Result<Option<u64>> {
    let Some(summary) = summaries.iter().find(|summary| summary.id() == spot.phase()) else {
        return Ok(None);
    };
    // A phase stands where its first step does.
    let rows = lab.steps(&summary.phase_ref, cx)?;
    let step = match spot {
        Spot::Phase(_) => rows.iter().min_by(|a, b| (&a.start, a.id).cmp(&(&b.start, b.id))),
        Spot::Step { step, .. } => rows.iter().find(|row| row.id == step),
    };
    let start = step.map_or(summary.start.at(), |step| step.start.at());
    let Some(start) = start else { return Ok(None) };
    let step = step.map(|step| step.id);
    let steps = steps_of_second(lab, summaries, whole_second(start), cx)?;
    let Some(log) = own(run_log::between(lab, run, (start, start), cx)?) else { return Ok(None) };
    let rows: Vec<&Step> = steps.iter().map(|(_, row)| row).collect();
    let place = rows.iter().position(|row| Some(row.id) == step);
    let calls = arguments::of_steps(&rows, &log.entries);
    let call = place.and_then(|place| calls.get(place).copied().flatten()).map(|call| call.offset());
    match call.or_else(|| log.entries.first().map(|entry| entry.offset)) {
        Some(byte) => Ok(Some(byte)),
        None => run_log::first_from(lab, run, start, cx),
    }
}

/// A record's own log: no tab shows that of all records.
fn own(log: Option<RunLog>) -> Option<RunLog> {
    log.filter(|log| log.file.origin == Origin::Log)
}

/// The step that a line of the log tells of: that of the last call in front of it, else the last one that had begun.
fn step_at(
    lab: &Lab,
    run: &Run,
    summaries: &[PhaseSummary],
    at: u64,
    cx: &mut Cx<'_>,
) -> Result<Option<Spot>> {
    let Some(log) = own(run_log::around(lab, run, at, cx)?) else { return Ok(None) };
    let behind = log.entries.partition_point(|entry| entry.offset <= at);
    let before = log.entries.get(..behind).unwrap_or_default();
    let Some(time) = before.last().or(log.entries.first()).map(|entry| entry.time) else { return Ok(None) };
    if let Some(call) = before.iter().rev().find_map(LoggedCall::of) {
        let steps = steps_of_second(lab, summaries, call.time(), cx)?;
        let rows: Vec<&Step> = steps.iter().map(|(_, row)| row).collect();
        let calls = arguments::of_steps(&rows, &log.entries);
        let is_it =
            |found: &Option<LoggedCall<'_>>| found.is_some_and(|found| found.offset() == call.offset());
        if let Some((phase, step)) = calls.iter().position(is_it).and_then(|n| steps.get(n)) {
            return Ok(Some(Spot::Step { phase: *phase, step: step.id }));
        }
    }
    last_begun(lab, summaries, time.saturating_add(1.second()), cx)
}

/// The last step that began before a time, else the phase.
fn last_begun(
    lab: &Lab,
    summaries: &[PhaseSummary],
    time: DateTime,
    cx: &mut Cx<'_>,
) -> Result<Option<Spot>> {
    let mut last: Option<(DateTime, Spot)> = None;
    let begun = |summary: &&PhaseSummary| summary.start.at().is_some_and(|start| start < time);
    for summary in summaries.iter().rev().filter(begun).take(LAST) {
        for step in lab.steps(&summary.phase_ref, cx)? {
            if let Some(start) = step.start.at().filter(|start| *start < time)
                && last.is_none_or(|(at, _)| at < start)
            {
                last = Some((start, Spot::Step { phase: summary.id(), step: step.id }));
            }
        }
    }
    let phase = || summaries.iter().rfind(begun).map(|summary| Spot::Phase(summary.id()));
    Ok(last.map(|(_, spot)| spot).or_else(phase))
}
